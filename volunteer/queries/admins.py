"""Admins: what each is today, who is appointed where, and which teams have nobody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from volunteer.db import db
from volunteer.domain.admins import Post
from volunteer.domain.refusals import NotFound
from volunteer.domain.roles import Capability, Role, may
from volunteer.domain.teams import ORDER, TeamLevel
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.models.stations import Station
from volunteer.models.teams import Team
from volunteer.queries.stations import is_looked_after


@dataclass(frozen=True)
class Standing:
    """What an admin is on a day, by the appointments in force: roles, the highest team, where they reach.

    ``is_deputy``: every one of them is held as a deputy.
    """

    roles: frozenset[Role]
    team: Team | None
    team_ids: list[int]
    station_ids: list[int]
    is_brigade: bool
    is_deputy: bool


def find_standing(admin_id: int, today: date) -> Standing | None:
    """What an active admin is today; None where no appointment is in force."""
    return _standing([row for row in _list_in_force(admin_id, today)])


def find_appointing_standing(admin_id: int, today: date) -> Standing | None:
    """What this admin can appoint by: the appointments that allow it and are not a deputy's."""
    rows = [
        row
        for row in _list_in_force(admin_id, today)
        if not row.Appointment.is_deputy
        and may([Role(row.Appointment.role)], Capability.APPOINT_ADMINS)
        and row.Team is not None
    ]
    return _standing(rows)


def _list_in_force(admin_id: int, today: date) -> list[Row[Any]]:
    statement = (
        select(Appointment, Team)
        .join(Admin, Admin.id == Appointment.admin_id)
        .outerjoin(Team, Team.id == Appointment.team_id)
        .where(Appointment.admin_id == admin_id, Admin.is_active, _in_force(today))
        .order_by(Appointment.id)
    )
    return list(db.session.execute(statement))


def _in_force(today: date) -> ColumnElement[bool]:
    return and_(or_(Appointment.from_on.is_(None), Appointment.from_on <= today), _not_over(today))


def _not_over(today: date) -> ColumnElement[bool]:
    return or_(Appointment.until_on.is_(None), Appointment.until_on > today)


def _standing(rows: list[Row[Any]]) -> Standing | None:
    if not rows:
        return None
    teams = [row.Team for row in rows if row.Team is not None]
    return Standing(
        roles=frozenset(Role(row.Appointment.role) for row in rows),
        team=min(teams, key=lambda team: ORDER.index(TeamLevel(team.level)), default=None),
        team_ids=list_below(team.id for team in teams),
        station_ids=[row.Appointment.station_id for row in rows if row.Appointment.station_id],
        is_brigade=any(team.level == TeamLevel.BRIGADE for team in teams),
        is_deputy=all(row.Appointment.is_deputy for row in rows),
    )


def list_below(team_ids: Iterable[int]) -> list[int]:
    """These teams and every team below them, each once."""
    roots = list(team_ids)
    if not roots:
        return []
    tree = select(Team.id).where(Team.id.in_(roots)).cte(recursive=True)
    tree = tree.union(select(Team.id).join(tree, Team.parent_id == tree.c.id))
    return list(db.session.execute(select(tree.c.id)).scalars())


def has_admins() -> bool:
    """Whether anybody was ever made an admin."""
    return db.session.execute(select(Admin.id).limit(1)).first() is not None


def _lies_in(team_ids: list[int], is_brigade: bool) -> ColumnElement[bool]:
    stations = select(Station.id).where(is_looked_after(team_ids, is_brigade=is_brigade))
    return or_(Appointment.team_id.in_(team_ids), Appointment.station_id.in_(stations))


def list_appointments(team_ids: list[int], today: date, *, is_brigade: bool) -> list[Row[Any]]:
    """Present and coming appointments of active admins at these teams and their stations, by team.

    Rows of Appointment, Admin, Team (of a station leader: the station's team) and Station.
    """
    statement = (
        _with_places()
        .where(_lies_in(team_ids, is_brigade), Admin.is_active, _not_over(today))
        .order_by(Team.code, Appointment.is_deputy, Admin.name, Appointment.id)
    )
    return list(db.session.execute(statement))


def list_appointments_of(admin_id: int, team_ids: list[int], *, is_brigade: bool) -> list[Row[Any]]:
    """All appointments of one admin at these teams and their stations, the newest first; rows as above."""
    statement = (
        _with_places()
        .where(Appointment.admin_id == admin_id, _lies_in(team_ids, is_brigade))
        .order_by(Appointment.id.desc())
    )
    return list(db.session.execute(statement))


def _with_places() -> Any:
    return (
        select(Appointment, Admin, Team, Station)
        .join(Admin, Admin.id == Appointment.admin_id)
        .outerjoin(Station, Station.id == Appointment.station_id)
        .outerjoin(Team, Team.id == func.coalesce(Appointment.team_id, Station.team_id))
    )


def list_teams_without_admin(team_ids: list[int], today: date) -> list[Team]:
    """Those of these teams that have no admin of their own today, by code; a deputy alone is not enough."""
    return list(
        db.session.execute(select(Team).where(_has_none(team_ids, today)).order_by(Team.code)).scalars()
    )


def count_teams_without_admin(team_ids: list[int], today: date) -> int:
    """How many of these teams have no admin of their own today."""
    return db.session.execute(select(func.count(Team.id)).where(_has_none(team_ids, today))).scalar_one()


def _has_none(team_ids: list[int], today: date) -> ColumnElement[bool]:
    filled = (
        select(Appointment.team_id)
        .join(Admin, Admin.id == Appointment.admin_id)
        .where(
            Appointment.role == Role.TEAM_ADMIN,
            ~Appointment.is_deputy,
            Admin.is_active,
            _in_force(today),
        )
    )
    return and_(Team.id.in_(team_ids), Team.dissolved_on.is_(None), Team.id.not_in(filled))


def list_inactive_admins(team_ids: list[int]) -> list[Admin]:
    """The closed accounts of these teams, by name."""
    statement = (
        select(Admin).where(~Admin.is_active, Admin.team_id.in_(team_ids)).order_by(Admin.name, Admin.id)
    )
    return list(db.session.execute(statement).scalars())


def list_admins(team_ids: list[int], *, is_brigade: bool) -> list[Admin]:
    """The active admins of these teams, and those who are or were appointed there, by name."""
    here = select(Appointment.admin_id).where(_lies_in(team_ids, is_brigade))
    statement = select(Admin).where(Admin.is_active, or_(Admin.team_id.in_(team_ids), Admin.id.in_(here)))
    return list(db.session.execute(statement.order_by(Admin.name, Admin.id)).scalars())


def list_deciding_admins(today: date) -> list[tuple[Admin, set[int]]]:
    """Everybody who may approve hours today, by name, with the teams they are appointed to."""
    roles = [role for role in Role if may([role], Capability.APPROVE_HOURS)]
    statement = (
        select(Admin, Appointment.team_id)
        .join(Appointment, Appointment.admin_id == Admin.id)
        .where(Appointment.role.in_(roles), Admin.is_active, _in_force(today))
        .order_by(Admin.name, Admin.id)
    )
    found: dict[Admin, set[int]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.Admin, set()).add(row.team_id)
    return list(found.items())


def get_admin_in(team_ids: list[int], admin_id: int, *, is_brigade: bool) -> Admin:
    """An admin of these teams, or appointed there once; refuses as for one that does not exist."""
    here = select(Appointment.admin_id).where(_lies_in(team_ids, is_brigade))
    statement = select(Admin).where(
        Admin.id == admin_id, or_(Admin.team_id.in_(team_ids), Admin.id.in_(here))
    )
    admin = db.session.execute(statement).scalar_one_or_none()
    if admin is None:
        raise NotFound()
    return admin


def get_appointment_in(team_ids: list[int], appointment_id: int, *, is_brigade: bool) -> Row[Any]:
    """An appointment at these teams or their stations, as a row as above; refuses where there is none."""
    statement = _with_places().where(Appointment.id == appointment_id, _lies_in(team_ids, is_brigade))
    row: Row[Any] | None = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    return row


def lock_admin(admin_id: int) -> Admin:
    """The admin, whom nobody else appoints until the transaction ends; refuses where there is none.

    Others may still write rows that name the admin: waiting for that too would be a deadlock.
    """
    admin = db.session.get(Admin, admin_id, with_for_update={"key_share": True}, populate_existing=True)
    if admin is None:
        raise NotFound()
    return admin


def list_posts(admin_id: int) -> list[Post]:
    """Everything an admin was, is and will be appointed as."""
    statement = select(Appointment).where(Appointment.admin_id == admin_id).order_by(Appointment.id)
    return [post_of(one) for one in db.session.execute(statement).scalars()]


def list_lasting_appointments(admin_id: int, today: date) -> list[Appointment]:
    """An admin's present and coming appointments."""
    statement = select(Appointment).where(Appointment.admin_id == admin_id, _not_over(today))
    return list(db.session.execute(statement.order_by(Appointment.id)).scalars())


def post_of(appointment: Appointment) -> Post:
    """The appointment as the rules see it."""
    return Post(
        Role(appointment.role),
        appointment.team_id,
        appointment.station_id,
        appointment.from_on,
        appointment.until_on,
        appointment.is_deputy,
    )
