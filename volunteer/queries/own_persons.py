"""Which volunteer an admin is; links that wait, who had a hand in them, and who may confirm them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from volunteer.db import db
from volunteer.domain.own_persons import Claim, Confirmer, list_hands, obstacle_of
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin, Member
from volunteer.models.stations import Station
from volunteer.models.teams import Team
from volunteer.queries.admins import list_deciding_admins
from volunteer.queries.hands import list_hands_in, read_accounts
from volunteer.queries.nominations import find_admin_person
from volunteer.queries.reviews import find_reach
from volunteer.queries.settlements import list_persons


def find_own_person(admin: Admin) -> Member | None:
    """The member that this admin is, or None where that is not known, or not confirmed yet."""
    return db.session.get(Member, admin.member_id) if admin.member_id is not None else None


def find_confirmed_by(admin: Admin) -> Admin | None:
    """Who confirmed which volunteer this admin is; None where it was no admin."""
    return db.session.get(Admin, admin.person_confirmed_by_id) if admin.person_confirmed_by_id else None


def find_admin_of(member_ids: Iterable[int]) -> Admin | None:
    """The admin who is one of these rows of a person, or None."""
    statement = select(Admin).where(Admin.member_id.in_(list(member_ids))).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


@dataclass(frozen=True)
class Waiting:
    """A link that waits: the account, the volunteer it is to be, and what the rules must know of both."""

    admin: Admin
    member: Member
    claim: Claim


def list_waiting(team_ids: list[int], today: date) -> list[Waiting]:
    """The links that wait among the active admins of these teams and those appointed there, oldest first."""
    here = (
        select(Appointment.admin_id)
        .outerjoin(Station, Station.id == Appointment.station_id)
        .where(or_(Appointment.team_id.in_(team_ids), Station.team_id.in_(team_ids)))
    )
    return _list_waiting(or_(Admin.team_id.in_(team_ids), Admin.id.in_(here)), today)


def find_waiting(admin_id: int, today: date) -> Waiting | None:
    """The link of this active account that waits, or None."""
    return next(iter(_list_waiting(Admin.id == admin_id, today)), None)


def _list_waiting(condition: Any, today: date) -> list[Waiting]:
    statement = (
        select(Admin, Member)
        .join(Member, Member.id == Admin.waiting_member_id)
        .where(condition, Admin.is_active)
        .order_by(Admin.waiting_at, Admin.id)
    )
    rows = db.session.execute(statement).all()
    if not rows:
        return []
    persons = list_persons(row.Member.id for row in rows)
    entered, teams = list_hands_in(persons), _list_teams([row.Admin for row in rows], today)
    behind = {hand.admin_id for hands in entered.values() for hand in hands}
    accounts = read_accounts({row.Admin.id for row in rows} | behind)
    return [
        Waiting(
            row.Admin,
            row.Member,
            Claim(
                row.Admin.id,
                persons[row.Member.id],
                teams[row.Admin.id],
                list_hands(accounts[row.Admin.id].hands, accounts),
                list_hands(entered.get(persons[row.Member.id], ()), accounts),
            ),
        )
        for row in rows
    ]


def _list_teams(admins: list[Admin], today: date) -> dict[int, frozenset[int | None]]:
    """The teams that each account works for or will; its own where it has no appointment."""
    statement = (
        select(Appointment.admin_id, Appointment.team_id, Station.team_id.label("station_team_id"))
        .outerjoin(Station, Station.id == Appointment.station_id)
        .where(
            Appointment.admin_id.in_([one.id for one in admins]),
            or_(Appointment.until_on.is_(None), Appointment.until_on > today),
        )
    )
    found: dict[int, set[int | None]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.admin_id, set()).add(row.team_id or row.station_team_id)
    return {one.id: frozenset(found.get(one.id, {one.team_id})) for one in admins}


@dataclass(frozen=True)
class Behind:
    """The admins from whose hands a waiting link's account and volunteer came, by name."""

    account: list[Admin]
    member: list[Admin]


def list_behind(waiting: Waiting) -> Behind:
    """Who had a hand in the account and in the volunteer of a link that waits."""
    wanted = waiting.claim.account_hands | waiting.claim.member_hands
    statement = select(Admin).where(Admin.id.in_(wanted)).order_by(Admin.name, Admin.id)
    found = list(db.session.execute(statement).scalars())
    return Behind(
        [one for one in found if one.id in waiting.claim.account_hands],
        [one for one in found if one.id in waiting.claim.member_hands],
    )


def find_confirmer(admin_id: int, today: date) -> Confirmer:
    """What this admin is when it comes to confirming links."""
    reach = find_reach(admin_id, today)
    return Confirmer(admin_id, find_admin_person(admin_id), frozenset(reach.team_ids), reach.is_brigade)


def count_confirmable(admin_id: int, team_ids: list[int], today: date) -> int:
    """How many links wait that this admin may confirm."""
    waiting = list_waiting(team_ids, today)
    if not waiting:
        return 0
    by = find_confirmer(admin_id, today)
    return sum(obstacle_of(by, one.claim) is None for one in waiting)


def list_confirmers(waiting: Waiting, today: date) -> list[Admin]:
    """Who may confirm the link, by name: of the admins nearest to what the account works for."""
    parents = {row.id: row.parent_id for row in db.session.execute(select(Team.id, Team.parent_id))}
    ways = {one: _way_up(one, parents) for one in waiting.claim.team_ids}
    deciding = list_deciding_admins(today)
    persons = list_persons(admin.member_id for admin, _ in deciding if admin.member_id is not None)
    found: dict[int, list[Admin]] = {}
    for admin, team_ids in deciding:
        # How far up this admin stands above each team; what is missing lies elsewhere.
        steps = {
            one: min(way.index(at) for at in team_ids if at in way)
            for one, way in ways.items()
            if team_ids & set(way)
        }
        person = persons[admin.member_id] if admin.member_id is not None else None
        reached = frozenset(one for one in steps if one is not None)
        by = Confirmer(admin.id, person, reached, is_brigade=None in steps)
        if obstacle_of(by, waiting.claim) is None:
            found.setdefault(max(steps.values()), []).append(admin)
    return found[min(found)] if found else []


def _way_up(team_id: int | None, parents: Mapping[int, int | None]) -> list[int]:
    """The team and those above it, up to the brigade; for a station of no team the brigade alone."""
    if team_id is None:
        return [one for one, above in parents.items() if above is None]
    above = parents[team_id]
    return [team_id, *(_way_up(above, parents) if above is not None else ())]
