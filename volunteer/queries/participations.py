"""Who takes part in an activity, and what else they signed up for at the same time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.activities import ActivityState
from volunteer.domain.members import MemberStatus
from volunteer.domain.participations import COMING, ParticipationState, rank
from volunteer.domain.refusals import NotFound
from volunteer.models.activities import Activity, Participation
from volunteer.models.members import Member
from volunteer.models.teams import Team
from volunteer.queries.attendances import came_to, person_of
from volunteer.queries.members import STANDING

_Substitute = aliased(Member)


def find_participation(activity_id: int, member_id: int) -> Participation | None:
    """What the member said to the activity, or None."""
    statement = select(Participation).where(
        Participation.activity_id == activity_id, Participation.member_id == member_id
    )
    return db.session.execute(statement).scalar_one_or_none()


def find_participation_by_id(activity_id: int, participation_id: int) -> Participation | None:
    """The participation in this activity with this id, or None."""
    statement = select(Participation).where(
        Participation.activity_id == activity_id, Participation.id == participation_id
    )
    return db.session.execute(statement).scalar_one_or_none()


def get_participation_in(team_ids: Iterable[int], activity_id: int, participation_id: int) -> Participation:
    """The participation of a member of these teams; refuses as for one that does not exist."""
    statement = (
        select(Participation)
        .join(Member, Member.id == Participation.member_id)
        .where(
            Participation.activity_id == activity_id,
            Participation.id == participation_id,
            Member.team_id.in_(list(team_ids)),
        )
    )
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def list_answers(member_id: int) -> list[Participation]:
    """Everything that this row answered, as it is now."""
    statement = select(Participation).where(Participation.member_id == member_id).order_by(Participation.id)
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def list_requests_to(member_id: int) -> list[Participation]:
    """The places that this row was asked to take over and has not."""
    statement = select(Participation).where(
        Participation.substitute_id == member_id, Participation.state == ParticipationState.SIGNED_UP
    )
    return list(db.session.execute(statement.order_by(Participation.id)).scalars())


def list_participants(activity_id: int, team_ids: Iterable[int] | None = None) -> list[Row[Any]]:
    """Everybody who answered: who comes first, then the waiting list in its order, then the others.

    With ``team_ids`` only the members of these teams.
    """
    was_there = person_of(Participation.member_id).in_(select(came_to(activity_id).c.person_id))
    statement = (
        select(
            Participation,
            Member.name,
            Member.volunteer_no,
            Member.status,
            STANDING,
            Team.name.label("team_name"),
            _Substitute.name.label("substitute_name"),
            _Substitute.volunteer_no.label("substitute_no"),
            was_there.label("was_there"),
        )
        .join(Member, Member.id == Participation.member_id)
        .join(Team, Team.id == Member.team_id)
        .outerjoin(_Substitute, _Substitute.id == Participation.substitute_id)
        .where(Participation.activity_id == activity_id)
    )
    if team_ids is not None:
        statement = statement.where(Member.team_id.in_(list(team_ids)))
    rows: list[Row[Any]] = list(db.session.execute(statement))
    return sorted(rows, key=lambda row: rank(row.Participation))


def count_taken(activity_id: int) -> int:
    """How many of the places are taken."""
    statement = select(func.count(Participation.id)).where(
        Participation.activity_id == activity_id, Participation.state == ParticipationState.SIGNED_UP
    )
    return db.session.execute(statement).scalar_one()


def list_waiting(activity_id: int) -> list[Participation]:
    """The waiting list, who has waited longest first; without those who rest or have left."""
    statement = (
        select(Participation)
        .join(Member, Member.id == Participation.member_id)
        .where(
            Participation.activity_id == activity_id,
            Participation.state == ParticipationState.WAITING,
            Member.status == MemberStatus.ACTIVE,
        )
        .order_by(Participation.state_at, Participation.id)
    )
    return list(db.session.execute(statement).scalars())


def list_coming_ids(activity_id: int) -> list[int]:
    """The members who signed up for the activity or wait for a place."""
    statement = select(Participation.member_id).where(
        Participation.activity_id == activity_id, Participation.state.in_(COMING)
    )
    return list(db.session.execute(statement.order_by(Participation.id)).scalars())


def list_overlaps(activity: Activity, member_ids: Iterable[int]) -> dict[int, str]:
    """By member the name of another activity at the same time that the member also signed up for."""
    statement = (
        select(Participation.member_id, Activity.name)
        .join(Activity, Activity.id == Participation.activity_id)
        .where(
            Participation.member_id.in_(list(member_ids)),
            Participation.state.in_(COMING),
            Activity.id != activity.id,
            Activity.state == ActivityState.PUBLISHED,
            Activity.starts_at < activity.ends_at,
            Activity.ends_at > activity.starts_at,
        )
        .order_by(Activity.starts_at.desc())
    )
    return {member_id: name for member_id, name in db.session.execute(statement)}


def list_substitute_requests(member_id: int, now: datetime) -> list[Row[Any]]:
    """Who asks this person to take over a place in an activity to come."""
    statement = (
        select(Participation, Activity, Member.name, Member.volunteer_no)
        .join(Activity, Activity.id == Participation.activity_id)
        .join(Member, Member.id == Participation.member_id)
        .where(
            Participation.substitute_id == person_of(member_id),
            Participation.state == ParticipationState.SIGNED_UP,
            Activity.state == ActivityState.PUBLISHED,
            Activity.ends_at > now,
        )
        .order_by(Activity.starts_at, Participation.id)
    )
    return list(db.session.execute(statement))
