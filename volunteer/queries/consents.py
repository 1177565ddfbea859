"""Consents: what members agreed to, and what they took back."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.consents import Purpose
from volunteer.domain.members import MemberStatus
from volunteer.models.columns import table_of
from volunteer.models.consents import Consent
from volunteer.models.members import Admin, Member
from volunteer.models.teams import Team
from volunteer.sets import among

CONSENTS = table_of(Consent)
_LATEST = (
    select(func.max(CONSENTS.c.id))
    .where(CONSENTS.c.purpose == bindparam("purpose"), among(CONSENTS.c.member_id, "members"))
    .group_by(CONSENTS.c.member_id)
)
_CONSENTING = select(CONSENTS.c.member_id).where(CONSENTS.c.id.in_(_LATEST), CONSENTS.c.is_given)


def list_consents(member_id: int) -> list[Row[Any]]:
    """Every decision of the member in its order, with the name of the admin who entered it."""
    statement = (
        select(Consent, Admin.name.label("admin_name"))
        .outerjoin(Admin, Admin.id == Consent.admin_id)
        .where(Consent.member_id == member_id)
        .order_by(Consent.id)
    )
    return list(db.session.execute(statement))


def find_consent(member_id: int, purpose: Purpose) -> Consent | None:
    """The member's last decision about this purpose, or None before the first."""
    statement = (
        select(Consent)
        .where(Consent.member_id == member_id, Consent.purpose == purpose)
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def has_consent(member_ids: Iterable[int], purpose: Purpose) -> set[int]:
    """Those of these members who consent to this purpose now. Nobody else's data may be used for it."""
    values = {"members": list(member_ids), "purpose": purpose}
    return set(db.session.execute(_CONSENTING, values).scalars())


def count_withdrawn(scope: Iterable[int]) -> int:
    """How many members of these teams, not yet gone, took back the consent to be recorded."""
    chosen = _withdrawn(scope).with_only_columns(func.count(Consent.id))
    return db.session.execute(chosen).scalar_one()


def list_withdrawn(scope: Iterable[int], *, offset: int = 0, limit: int = 50) -> list[Row[Any]]:
    """A page of those members, with team and withdrawal; who has waited longest first."""
    return list(db.session.execute(_withdrawn(scope).order_by(Consent.id).offset(offset).limit(limit)))


def _withdrawn(scope: Iterable[int]) -> Select[Consent, Member, str]:
    later = aliased(Consent)
    is_changed = (
        select(later.id)
        .where(later.member_id == Consent.member_id, later.purpose == Consent.purpose, later.id > Consent.id)
        .exists()
    )
    return (
        select(Consent, Member, Team.name.label("team_name"))
        .join(Member, Member.id == Consent.member_id)
        .join(Team, Team.id == Member.team_id)
        .where(
            Member.team_id.in_(list(scope)),
            Member.status != MemberStatus.LEFT,
            Consent.purpose == Purpose.RECORDING,
            ~Consent.is_given,
            ~is_changed,
        )
    )
