"""Certificates for whole teams: who of a team can have one, and how far a batch is."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import undefer

from volunteer.db import db
from volunteer.domain.certificates import CertificateUnknown
from volunteer.domain.members import MemberStatus
from volunteer.models.certificates import Certificate, CertificateBatch
from volunteer.models.ledger import LedgerEntry
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.teams import Team


def list_entitled(team_ids: Iterable[int], first_on: date, last_on: date) -> list[Row[int, str, str]]:
    """The people of these teams for whom the ledger holds time in the period, by volunteer number.

    With their names and numbers. Rows merged into one person count as the kept one; who left is not
    among them.
    """
    person = func.coalesce(Merge.kept_id, LedgerEntry.member_id)
    served = (
        select(person.label("id"))
        .select_from(LedgerEntry)
        .outerjoin(Merge, and_(Merge.duplicate_id == LedgerEntry.member_id, Merge.undone_at.is_(None)))
        .where(LedgerEntry.served_on.between(first_on, last_on))
        .group_by(person)
        .having(func.sum(LedgerEntry.minutes) > 0)
        .subquery()
    )
    statement = (
        select(Member.id, Member.name, Member.volunteer_no)
        .join(served, served.c.id == Member.id)
        .where(Member.team_id.in_(list(team_ids)), Member.status != MemberStatus.LEFT)
        .order_by(Member.volunteer_no)
    )
    return list(db.session.execute(statement))


_BATCHES = select(CertificateBatch, Team.name.label("team_name")).join(
    Team, Team.id == CertificateBatch.team_id
)


def list_batches(scope: Iterable[int], limit: int = 10) -> list[Row[Any]]:
    """The latest batches of these teams with their names, newest first."""
    statement = _BATCHES.where(CertificateBatch.team_id.in_(list(scope)))
    return list(db.session.execute(statement.order_by(CertificateBatch.id.desc()).limit(limit)))


def get_batch_in(scope: Iterable[int], batch_id: int) -> Row[CertificateBatch, str]:
    """The batch of a team within the scope; refuses where there is none."""
    statement = _BATCHES.where(CertificateBatch.id == batch_id, CertificateBatch.team_id.in_(list(scope)))
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise CertificateUnknown()
    return row


def list_unfinished_batches() -> list[int]:
    """The ids of the batches that are not complete, oldest first."""
    statement = select(CertificateBatch.id).where(CertificateBatch.finished_at.is_(None))
    return list(db.session.execute(statement.order_by(CertificateBatch.id)).scalars())


def find_same_batch(admin_id: int, team_id: int, first_on: date, last_on: date) -> CertificateBatch | None:
    """This admin's batch for the same team and period that is not complete, or None."""
    statement = select(CertificateBatch).where(
        CertificateBatch.admin_id == admin_id,
        CertificateBatch.team_id == team_id,
        CertificateBatch.first_on == first_on,
        CertificateBatch.last_on == last_on,
        CertificateBatch.finished_at.is_(None),
    )
    return db.session.execute(statement.limit(1)).scalar_one_or_none()


def lock_batch(batch_id: int) -> CertificateBatch:
    """The batch, locked until the transaction ends."""
    statement = select(CertificateBatch).where(CertificateBatch.id == batch_id).with_for_update()
    return db.session.execute(statement.execution_options(populate_existing=True)).scalar_one()


def list_members(member_ids: Iterable[int]) -> dict[int, Member]:
    """These members by id."""
    statement = select(Member).where(Member.id.in_(list(member_ids)))
    return {member.id: member for member in db.session.execute(statement).scalars()}


def count_batch_documents(batch_id: int, scope: Iterable[int]) -> int:
    """How many valid certificates of the batch an admin with this scope may take along."""
    statement = select(func.count(Certificate.id)).join(Member, Member.id == Certificate.member_id)
    return db.session.execute(statement.where(*_valid(batch_id, scope))).scalar_one()


def list_batch_documents(
    batch_id: int, scope: Iterable[int], *, offset: int, limit: int
) -> list[Row[Certificate, Member]]:
    """A part of the batch's valid certificates with their documents and members, by volunteer number."""
    statement = (
        select(Certificate, Member)
        .join(Member, Member.id == Certificate.member_id)
        .where(*_valid(batch_id, scope))
        .order_by(Member.volunteer_no, Certificate.id)
        .options(undefer(Certificate.document))
        .offset(offset)
        .limit(limit)
    )
    return list(db.session.execute(statement))


def _valid(batch_id: int, scope: Iterable[int]) -> list[ColumnElement[bool]]:
    return [
        Certificate.batch_id == batch_id,
        Certificate.revoked_at.is_(None),
        Member.team_id.in_(list(scope)),
    ]
