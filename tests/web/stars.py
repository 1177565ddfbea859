"""People with settled hours, and admins who are known persons, for tests of stars."""

from datetime import UTC, date, datetime

from tests.conftest import PASSWORD_HASH, Cast
from volunteer.db import db
from volunteer.domain.ledger import Measure
from volunteer.models.ledger import MemberTotal
from volunteer.models.members import Admin, Member
from volunteer.models.stars import StarNomination, StarRule
from volunteer.queries.stars import find_rule
from volunteer.services.members import add_member

LONG_AGO = datetime(2020, 1, 1, 4, 0, tzinfo=UTC)
JUNE = date(2026, 6, 1)


def rule_of(stars: int, scheme: str = "龙岗区") -> StarRule:
    """One of the rules that the software ships."""
    rule = find_rule(scheme, 2023, stars)
    assert rule
    return rule


def credit(member: Member, hours: int, measure: Measure = Measure.METERED, month: date = JUNE) -> None:
    """Settled hours in the sums."""
    values = {"month_on": month, "measure": measure, "minutes": hours * 60, "records": 1}
    db.session.add(MemberTotal(member_id=member.id, **values))
    db.session.commit()


def old_hand(
    number: str, name: str, hours: int, team: str = "FD01", since: datetime = LONG_AGO, **more: Measure
) -> Member:
    """A member registered since ``since`` with settled hours."""
    member = add_member(number, name, team, since)
    credit(member, hours, **more)
    return member


def as_person(admin: Admin, number: str, team: str = "FD01") -> Admin:
    """The admin is this volunteer."""
    admin.member_id = add_member(number, admin.name, team, LONG_AGO).id
    db.session.commit()
    return admin


def brigade_judge(cast: Cast, username: str, number: str) -> Admin:
    """An admin of the brigade who is a known person."""
    admin = Admin(
        username=username,
        name=username.title(),
        team_id=cast.brigade.id,
        password_hash=PASSWORD_HASH,
        created_at=LONG_AGO,
    )
    db.session.add(admin)
    db.session.commit()
    return as_person(admin, number)


def nominations() -> list[StarNomination]:
    """Every nomination, the oldest first, as the database has it."""
    db.session.rollback()
    return list(db.session.query(StarNomination).order_by(StarNomination.id).populate_existing())
