"""Which volunteer an admin is."""

from collections.abc import Iterable

from sqlalchemy import select

from volunteer.db import db
from volunteer.models.members import Admin, Member


def find_own_person(admin: Admin) -> Member | None:
    """The member that this admin is, or None where nobody has said so."""
    return db.session.get(Member, admin.member_id) if admin.member_id is not None else None


def find_admin_of(member_ids: Iterable[int]) -> Admin | None:
    """The admin who is one of these rows of a person, or None."""
    statement = select(Admin).where(Admin.member_id.in_(list(member_ids))).limit(1)
    return db.session.execute(statement).scalar_one_or_none()
