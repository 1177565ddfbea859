"""People who asked to join: what waits, and who of the members they may be already."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, and_, func, select

from volunteer.db import db
from volunteer.domain.refusals import NotFound
from volunteer.domain.registration_refusals import RegistrationUnknown
from volunteer.domain.registrations import RegistrationState
from volunteer.models.members import Member
from volunteer.models.people import MemberContact
from volunteer.models.registrations import Registration
from volunteer.models.teams import Team, Unit
from volunteer.queries.members import STANDING


def list_registrations(
    scope: Iterable[int], state: str, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many requests to join these teams are in this state, and a page of them; the oldest waits first."""
    chosen = and_(Registration.team_id.in_(list(scope)), Registration.state == state)
    count = db.session.execute(select(func.count(Registration.id)).where(chosen)).scalar_one()
    newest_first = state != RegistrationState.WAITING
    page = (
        select(
            Registration,
            Team.name.label("team_name"),
            Unit.name.label("unit_name"),
            Member.volunteer_no,
        )
        .join(Team, Team.id == Registration.team_id)
        .outerjoin(Unit, Unit.id == Registration.unit_id)
        .outerjoin(Member, Member.id == Registration.member_id)
        .where(chosen)
        .order_by(Registration.id.desc() if newest_first else Registration.id)
        .offset(offset)
        .limit(limit)
    )
    return count, list(db.session.execute(page))


def count_waiting_registrations(scope: Iterable[int]) -> int:
    """How many requests to join these teams wait for an answer."""
    statement = select(func.count(Registration.id)).where(
        Registration.state == RegistrationState.WAITING, Registration.team_id.in_(list(scope))
    )
    return db.session.execute(statement).scalar_one()


def get_registration_in(scope: Iterable[int], registration_id: int) -> Registration:
    """The request to join one of these teams; refuses where there is none."""
    statement = select(Registration).where(
        Registration.id == registration_id, Registration.team_id.in_(list(scope))
    )
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def get_registration(code_hash: str) -> Row[Registration, str, str]:
    """The request with this code, with team and volunteer number; refuses a code that nobody was given."""
    statement = (
        select(Registration, Team.name.label("team_name"), Member.volunteer_no)
        .join(Team, Team.id == Registration.team_id)
        .outerjoin(Member, Member.id == Registration.member_id)
        .where(Registration.code_hash == code_hash)
    )
    found = db.session.execute(statement).one_or_none()
    if found is None:
        raise RegistrationUnknown()
    return found


def is_waiting(name: str, phone_hash: str) -> bool:
    """Whether the same person's request waits already."""
    statement = select(Registration.id).where(
        Registration.phone_hash == phone_hash,
        Registration.name == name,
        Registration.state == RegistrationState.WAITING,
    )
    return db.session.execute(statement.limit(1)).first() is not None


def list_lookalikes(
    scope: Iterable[int], registrations: Iterable[Registration]
) -> Mapping[int, list[Row[Any]]]:
    """Members within these teams who may be the applicants already: the same name, by registration.

    ``ending`` is set where the telephone ends alike too.
    """
    waiting = list(registrations)
    if not waiting:
        return {}
    names, endings = {one.name for one in waiting}, {one.phone_ending for one in waiting}
    statement = (
        select(Member.name, Member.volunteer_no, Member.status, STANDING, MemberContact.ending)
        .outerjoin(
            MemberContact, and_(MemberContact.member_id == Member.id, MemberContact.ending.in_(endings))
        )
        .where(Member.team_id.in_(list(scope)), Member.name.in_(names))
        .order_by(Member.volunteer_no)
    )
    rows = db.session.execute(statement).all()
    found: dict[int, list[Row[Any]]] = {}
    for one in waiting:
        seen: dict[str, Any] = {}
        for row in rows:
            if row.name == one.name and (row.volunteer_no not in seen or row.ending == one.phone_ending):
                seen[row.volunteer_no] = row
        found[one.id] = list(seen.values())
    return found
