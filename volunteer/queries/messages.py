"""The inbox of members and admins, and who is told what."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from volunteer.db import db
from volunteer.domain.records import RecordState
from volunteer.domain.refusals import NotFound
from volunteer.domain.roles import Role
from volunteer.models.admins import Appointment
from volunteer.models.columns import table_of
from volunteer.models.members import Admin, Member
from volunteer.models.messages import Message
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.models.teams import Team
from volunteer.queries.merges import list_group_ids
from volunteer.sets import among


def _mine(person: Admin | Member) -> ColumnElement[bool]:
    if isinstance(person, Admin):
        return Message.admin_id == person.id
    return Message.member_id.in_(list_group_ids(person.id))


def list_messages(person: Admin | Member, *, offset: int = 0, limit: int = 50) -> tuple[int, list[Message]]:
    """How many messages somebody has, and a page of them, the newest first."""
    mine = _mine(person)
    count = db.session.execute(select(func.count(Message.id)).where(mine)).scalar_one()
    page = select(Message).where(mine).order_by(Message.id.desc()).offset(offset).limit(limit)
    return count, list(db.session.execute(page).scalars())


def count_unread(person: Admin | Member) -> int:
    """How many of somebody's messages were not read yet."""
    statement = select(func.count(Message.id)).where(_mine(person), Message.read_at.is_(None))
    return db.session.execute(statement).scalar_one()


def get_message(person: Admin | Member, message_id: int) -> Message:
    """One of somebody's own messages; refuses another's."""
    found = db.session.execute(
        select(Message).where(Message.id == message_id, _mine(person))
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def list_unread(person: Admin | Member) -> list[Message]:
    """Somebody's messages that were not read yet."""
    return list(db.session.execute(select(Message).where(_mine(person), Message.read_at.is_(None))).scalars())


def list_known_keys(keys: Collection[str]) -> set[str]:
    """Those of the keys that a message has already."""
    column = table_of(Message).c.key
    statement = select(column).where(among(column, "keys"))
    return set(db.session.connection().execute(statement, {"keys": list(keys)}).scalars())


def list_forgotten_records(first_on: date, now: datetime) -> list[Row[Any]]:
    """The records served from that day on whose check-out was forgotten, with member and station."""
    statement = (
        select(
            ServiceRecord,
            Member.name,
            Member.volunteer_no,
            Member.team_id,
            Station.name.label("station_name"),
        )
        .join(Member, Member.id == ServiceRecord.member_id)
        .join(Station, Station.id == ServiceRecord.station_id)
        .where(
            ServiceRecord.served_on >= first_on,
            ServiceRecord.state == RecordState.FORGOTTEN,
            ServiceRecord.limit_at < now,
        )
        .order_by(ServiceRecord.id)
    )
    return list(db.session.execute(statement))


def list_responsible(team_ids: Iterable[int], today: date) -> dict[int, list[int]]:
    """The ids of the admins to be told about members of each team.

    The team's own admins, else those of the nearest team above that has any; deputies only where
    there is nobody else.
    """
    parents = {row.id: row.parent_id for row in db.session.execute(select(Team.id, Team.parent_id))}
    statement = (
        select(Appointment.team_id, Appointment.admin_id, Appointment.is_deputy)
        .join(Admin, Admin.id == Appointment.admin_id)
        .where(
            Appointment.role == Role.TEAM_ADMIN,
            Admin.is_active,
            or_(Appointment.from_on.is_(None), Appointment.from_on <= today),
            or_(Appointment.until_on.is_(None), Appointment.until_on > today),
        )
        .order_by(Appointment.id)
    )
    by_team: dict[int, dict[bool, list[int]]] = {}
    for row in db.session.execute(statement):
        by_team.setdefault(row.team_id, {False: [], True: []})[row.is_deputy].append(row.admin_id)
    found = {}
    for team_id in set(team_ids):
        at: int | None = team_id
        while at is not None and at not in by_team:
            at = parents.get(at)
        admins = by_team.get(at, {}) if at is not None else {}
        found[team_id] = list(dict.fromkeys(admins.get(False) or admins.get(True) or []))
    return found
