"""The audit: events of an admin's own teams, the whole chain, and what each admin did."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.models.activities import Activity
from volunteer.models.audit import AuditEvent, AuditSample, AuditSampleEntry
from volunteer.models.columns import Base
from volunteer.models.members import Admin, Member
from volunteer.models.stations import Station
from volunteer.models.teams import Team, Unit

_AT_ONCE = 1000


@dataclass(frozen=True)
class Reach:
    """Which events an admin may see: those of these teams; a brigade's also those of no team."""

    scope: tuple[int, ...]
    is_brigade: bool

    def covers(self) -> ColumnElement[bool]:
        """The condition on an event."""
        return true() if self.is_brigade else AuditEvent.team_id.in_(self.scope)


@dataclass(frozen=True)
class EventFilter:
    """Which events are looked for; what is None does not matter."""

    username: str | None = None
    act: str | None = None
    volunteer_no: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    admin_id: int | None = None
    numbers: tuple[int, ...] | None = None


def list_events(
    reach: Reach, chosen: EventFilter, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many events there are, and a page of them with admin and member, newest first."""
    conditions = _conditions(reach, chosen)
    count = db.session.execute(select(func.count(AuditEvent.number)).where(*conditions)).scalar_one()
    page = _with_people(reach).where(*conditions).order_by(AuditEvent.number.desc())
    return count, list(db.session.execute(page.offset(offset).limit(limit)))


def iterate_events(reach: Reach, chosen: EventFilter) -> Iterator[Row[Any]]:
    """All these events with admin and member in the order they happened in, a few at a time in memory."""
    statement, last = _with_people(reach).where(*_conditions(reach, chosen)), 0
    while True:
        page = statement.where(AuditEvent.number > last).order_by(AuditEvent.number).limit(_AT_ONCE)
        rows = db.session.execute(page).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].AuditEvent.number


def iterate_chain() -> Iterator[Row[Any]]:
    """Every event of the chain in order, whomever it is about: only all of them show whether it is whole."""
    columns, last = AuditEvent.__table__.c, 0
    while True:
        page = select(*columns).where(columns.number > last).order_by(columns.number).limit(_AT_ONCE)
        rows = db.session.execute(page).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].number


def list_acts(reach: Reach) -> list[str]:
    """The acts that these events are of."""
    statement = select(AuditEvent.act).where(reach.covers()).distinct().order_by(AuditEvent.act)
    return list(db.session.execute(statement).scalars())


def list_times(reach: Reach, chosen: EventFilter) -> list[Row[Any]]:
    """Who acted when: number, admin and instant of each event that an admin's account made."""
    statement = (
        select(AuditEvent.number, AuditEvent.admin_id, AuditEvent.at)
        .where(*_conditions(reach, chosen), AuditEvent.admin_id.is_not(None))
        .order_by(AuditEvent.number.desc())
    )
    return list(db.session.execute(statement))


def count_wrong_entries(scope: Iterable[int]) -> int:
    """How many drawn entries of these teams were found wrong."""
    statement = (
        select(func.count())
        .select_from(AuditSampleEntry)
        .join(AuditSample, AuditSample.id == AuditSampleEntry.sample_id)
        .where(AuditSampleEntry.result == "wrong", AuditSample.team_id.in_(list(scope)))
    )
    return db.session.execute(statement).scalar_one()


def _conditions(reach: Reach, chosen: EventFilter) -> list[ColumnElement[bool]]:
    conditions = [reach.covers()]
    if chosen.username:
        conditions.append(AuditEvent.admin_id.in_(select(Admin.id).where(Admin.username == chosen.username)))
    if chosen.admin_id is not None:
        conditions.append(AuditEvent.admin_id == chosen.admin_id)
    if chosen.act:
        conditions.append(AuditEvent.act == chosen.act)
    if chosen.volunteer_no:
        # Who lies outside the scope is not found by looking for the number either.
        found = select(Member.id).where(Member.volunteer_no == chosen.volunteer_no, _is_seen(reach, Member))
        conditions.append(AuditEvent.member_id.in_(found))
    if chosen.since:
        conditions.append(AuditEvent.at >= chosen.since)
    if chosen.before:
        conditions.append(AuditEvent.at < chosen.before)
    if chosen.numbers is not None:
        conditions.append(AuditEvent.number.in_(chosen.numbers))
    return conditions


def _is_seen(reach: Reach, member: Any) -> ColumnElement[bool]:
    return true() if reach.is_brigade else member.team_id.in_(reach.scope)


def _with_people(reach: Reach) -> Any:
    about = aliased(Member)
    return (
        select(
            AuditEvent,
            Admin.name.label("admin_name"),
            Admin.username,
            about.name.label("member_name"),
            about.volunteer_no,
            Team.name.label("team_name"),
        )
        .outerjoin(Admin, Admin.id == AuditEvent.admin_id)
        .outerjoin(about, (about.id == AuditEvent.member_id) & _is_seen(reach, about))
        .outerjoin(Team, Team.id == AuditEvent.team_id)
    )


# What each kind of thing that a change points to is called.
_CALLED: Mapping[str, tuple[type[Base], Any]] = {
    "teams": (Team, Team.name),
    "units": (Unit, Unit.name),
    "stations": (Station, Station.name),
    "activities": (Activity, Activity.name),
    "admins": (Admin, Admin.name),
    "members": (Member, Member.volunteer_no),
}


def list_names(reach: Reach, wanted: Mapping[str, set[int]]) -> dict[tuple[str, int], str]:
    """What the things with these ids are called, by table and id: one question for each table.

    Members outside the reach have no name here.
    """
    names: dict[tuple[str, int], str] = {}
    for table, ids in wanted.items():
        if table not in _CALLED or not ids:
            continue
        model, name = _CALLED[table]
        key: Any = model.__table__.c.id
        statement = select(key, name).where(key.in_(ids))
        if table == "members":
            statement = statement.where(_is_seen(reach, Member))
        names |= {(table, number): str(called) for number, called in db.session.execute(statement)}
    return names
