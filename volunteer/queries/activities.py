"""Activities: an admin's by month, a member's to come, each with how many have signed up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.activities import (
    RISK_POLICY_SETTING,
    ActivityState,
    ActivityUnknown,
    RiskPolicy,
    RiskRule,
    read_risk_rule,
)
from volunteer.domain.participations import COMING, ParticipationState
from volunteer.models.activities import Activity, Participation
from volunteer.models.duty_days import Setting
from volunteer.models.members import Member
from volunteer.models.stations import Station
from volunteer.models.teams import Team
from volunteer.queries.attendances import person_of

# Beside the member's own answer, which the statements join.
_Asked = aliased(Participation)


def _count(state: ParticipationState) -> Any:
    return (
        select(func.count(Participation.id))
        .where(Participation.activity_id == Activity.id, Participation.state == state)
        .correlate(Activity)
        .scalar_subquery()
    )


_TAKEN = _count(ParticipationState.SIGNED_UP).label("taken")
_WAITING = _count(ParticipationState.WAITING).label("waiting")
_WITH_COUNTS: Select[Any] = (
    select(Activity, Station.name.label("station_name"), Team.name.label("team_name"), _TAKEN, _WAITING)
    .outerjoin(Station, Station.id == Activity.station_id)
    .outerjoin(Team, Team.id == Activity.team_id)
)


def find_risk_policy() -> RiskPolicy:
    """What becomes of risky activities without insurance now; a warning where nobody has chosen."""
    return find_risk_rule().policy


def find_risk_rule() -> RiskRule:
    """The same with since when."""
    setting = db.session.get(Setting, RISK_POLICY_SETTING, populate_existing=True)
    return read_risk_rule(setting.value if setting else None)


def list_activities(
    scope: Iterable[int],
    starts_from: datetime,
    starts_before: datetime,
    station_ids: Iterable[int] = (),
    *,
    is_brigade: bool,
) -> list[Row[Any]]:
    """The activities that these teams' admin may read and that begin within the time, the earliest first."""
    statement = _WITH_COUNTS.where(
        _readable_by(scope, station_ids, is_brigade=is_brigade),
        Activity.starts_at >= starts_from,
        Activity.starts_at < starts_before,
    )
    return list(db.session.execute(statement.order_by(Activity.starts_at, Activity.id)))


def get_activity_row(scope: Iterable[int], activity_id: int, *, is_brigade: bool) -> Row[Any]:
    """An activity of these teams with station, team and counts; refuses where there is none."""
    return _get_row(activity_id, _organised_by(scope, is_brigade=is_brigade))


def get_readable_activity_row(
    scope: Iterable[int], activity_id: int, station_ids: Iterable[int] = (), *, is_brigade: bool
) -> Row[Any]:
    """An activity that these teams' admin may read, perhaps not change; refuses where there is none."""
    return _get_row(activity_id, _readable_by(scope, station_ids, is_brigade=is_brigade))


def _get_row(activity_id: int, is_within: ColumnElement[bool]) -> Row[Any]:
    statement = _WITH_COUNTS.where(Activity.id == activity_id, is_within).execution_options(
        populate_existing=True
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise ActivityUnknown()
    return row


def lock_activity(activity_id: int) -> Activity:
    """The activity as it is now, locked until the transaction ends; refuses where there is none."""
    # Not the strongest lock: scans that refer to the activity must not wait for it.
    activity = db.session.get(
        Activity, activity_id, populate_existing=True, with_for_update={"key_share": True}
    )
    if activity is None:
        raise ActivityUnknown()
    return activity


def list_open_activities(member: Member, now: datetime) -> list[Row[Any]]:
    """The published activities to come that are open to this member, with what the member said to each."""
    statement = _for_member(member).where(
        _is_open_to(member), Activity.state == ActivityState.PUBLISHED, Activity.ends_at > now
    )
    return list(db.session.execute(statement.order_by(Activity.starts_at, Activity.id)))


def list_own_activities(member: Member, now: datetime) -> list[Row[Any]]:
    """The activities to come that this member signed up for, also those called off since."""
    statement = _for_member(member).where(
        Participation.state.in_(COMING), Activity.ends_at > now, Activity.state != ActivityState.DRAFT
    )
    return list(db.session.execute(statement.order_by(Activity.starts_at, Activity.id)))


def get_open_activity(member: Member, activity_id: int) -> Row[Any]:
    """One activity as this member may see it: open to the member, or once answered; else refuses."""
    is_published = Activity.state == ActivityState.PUBLISHED
    is_asked = exists().where(_Asked.activity_id == Activity.id, _Asked.substitute_id == person_of(member.id))
    is_own = Participation.id.is_not(None) | is_asked
    statement = (
        _for_member(member)
        .where(
            Activity.id == activity_id,
            Activity.state != ActivityState.DRAFT,
            or_(is_published & _is_open_to(member), is_own),
        )
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise ActivityUnknown()
    return row


def is_open_to(activity: Activity, member: Member) -> bool:
    """Whether the activity is one of the member's team, of a team above it, or of the brigade."""
    statement = select(Activity.id).where(Activity.id == activity.id, _is_open_to(member))
    return db.session.execute(statement).first() is not None


def _organised_by(scope: Iterable[int], *, is_brigade: bool) -> ColumnElement[bool]:
    mine = Activity.team_id.in_(list(scope))
    return or_(mine, Activity.team_id.is_(None)) if is_brigade else mine


def _readable_by(
    scope: Iterable[int], station_ids: Iterable[int], *, is_brigade: bool
) -> ColumnElement[bool]:
    """The teams' own; besides drafts also those at the stations led, and those published above the teams."""
    team_ids, is_draft = list(scope), Activity.state == ActivityState.DRAFT
    at_station = ~is_draft & Activity.station_id.in_(list(station_ids))
    chosen = [_organised_by(team_ids, is_brigade=is_brigade), at_station]
    if team_ids:
        chosen.append((Activity.state == ActivityState.PUBLISHED) & _is_at_or_above(team_ids))
    return or_(*chosen)


def _for_member(member: Member) -> Select[Any]:
    return _WITH_COUNTS.add_columns(Participation).outerjoin(
        Participation,
        # What merged rows answered stands under the kept one.
        (Participation.activity_id == Activity.id) & (Participation.member_id == person_of(member.id)),
    )


def _is_open_to(member: Member) -> ColumnElement[bool]:
    """The activity's team is the member's own or one above it; the brigade's are for everybody."""
    return _is_at_or_above([member.team_id])


def _is_at_or_above(team_ids: list[int]) -> ColumnElement[bool]:
    line = select(Team.id, Team.parent_id).where(Team.id.in_(team_ids)).cte("line", recursive=True)
    line = line.union(select(Team.id, Team.parent_id).join(line, Team.id == line.c.parent_id))
    return or_(Activity.team_id.is_(None), Activity.team_id.in_(select(line.c.id)))
