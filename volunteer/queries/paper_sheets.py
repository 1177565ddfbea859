"""Paper sheets, and whom a row of one may mean."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, func, or_, select

from volunteer.db import db
from volunteer.domain.correction_refusals import SheetUnknown
from volunteer.domain.members import MemberStatus
from volunteer.domain.participations import ParticipationState
from volunteer.domain.proposals import ProposalState
from volunteer.models.activities import Activity, Participation
from volunteer.models.corrections import Correction, PaperSheet
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.queries.corrections import lies_in

LOOK_BACK = timedelta(days=60)
MOST_SUGGESTIONS = 200


def list_sheets(
    team_ids: Iterable[int], station_ids: Iterable[int], *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many sheets have rows within the scope, and a page of them with counts, the newest first."""
    is_waiting = Correction.state == ProposalState.PROPOSED
    within = (
        select(
            Correction.sheet_id,
            func.count(Correction.id).label("rows"),
            func.sum(case((is_waiting, 1), else_=0)).label("waiting"),
        )
        .join(Member, Member.id == Correction.member_id)
        .where(Correction.sheet_id.is_not(None), lies_in(team_ids, station_ids))
        .group_by(Correction.sheet_id)
        .subquery()
    )
    count = db.session.execute(select(func.count()).select_from(within)).scalar_one()
    page = (
        _rows(within.c.rows, within.c.waiting)
        .join(within, within.c.sheet_id == PaperSheet.id)
        .order_by(PaperSheet.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return count, list(db.session.execute(page))


def get_sheet_row(sheet_id: int) -> Row[Any]:
    """A sheet with its names; whoever shows it looks for rows within the scope."""
    row = db.session.execute(_rows().where(PaperSheet.id == sheet_id)).one_or_none()
    if row is None:
        raise SheetUnknown()
    return row


def _rows(*more: Any) -> Any:
    return (
        select(
            PaperSheet,
            Station.name.label("station_name"),
            Activity.name.label("activity_name"),
            Admin.name.label("enterer_name"),
            *more,
        )
        .join(Station, Station.id == PaperSheet.station_id)
        .join(Admin, Admin.id == PaperSheet.entered_by_id)
        .outerjoin(Activity, Activity.id == PaperSheet.activity_id)
    )


def list_named(
    team_ids: Iterable[int], texts: Collection[str], *, is_leader: bool
) -> dict[str, list[Member]]:
    """The members that these numbers or names may mean; a station's leader records people of any team."""
    wanted = list(texts)
    statement = select(Member).where(or_(Member.volunteer_no.in_(wanted), Member.name.in_(wanted)))
    if not is_leader:
        statement = statement.where(Member.team_id.in_(list(team_ids)))
    found: dict[str, list[Member]] = defaultdict(list)
    for member in db.session.execute(statement.order_by(Member.id)).scalars():
        for text in {member.volunteer_no, member.name}:
            found[text].append(member)
    return found


def list_expected(team_ids: Iterable[int], activity_id: int, *, is_leader: bool) -> list[Member]:
    """Who signed up for the activity, by number."""
    statement = (
        select(Member)
        .join(Participation, Participation.member_id == Member.id)
        .where(
            Participation.activity_id == activity_id,
            Participation.state == ParticipationState.SIGNED_UP,
        )
        .order_by(Member.volunteer_no)
    )
    if not is_leader:
        statement = statement.where(Member.team_id.in_(list(team_ids)))
    return list(db.session.execute(statement).scalars())


def list_suggestions(
    team_ids: Iterable[int], station_id: int, now: datetime, *, is_leader: bool
) -> list[Member]:
    """Who served at the station lately, and where that leaves room anybody of the teams, by number."""
    lately = select(ServiceRecord.member_id).where(
        ServiceRecord.station_id == station_id, ServiceRecord.checked_in_at >= now - LOOK_BACK
    )
    here = Member.id.in_(lately)
    mine = Member.team_id.in_(list(team_ids))
    statement = (
        select(Member)
        .where(here if is_leader else mine, Member.status == MemberStatus.ACTIVE)
        .order_by(case((here, 0), else_=1), Member.volunteer_no)
        .limit(MOST_SUGGESTIONS)
    )
    return list(db.session.execute(statement).scalars())
