"""Settled hours of one person: the sums of the ledger and the credits behind them; merged rows count."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.ledger import EntryKind, Measure
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry
from volunteer.models.members import Member
from volunteer.queries.ledger import ENTRIES_OF_PERSON, sum_member
from volunteer.queries.merges import of_person


@dataclass(frozen=True)
class Settled:
    """A person's settled minutes by measure, and since when the person is registered."""

    metered: int
    declared: int
    since: datetime


def get_settled(member_id: int) -> Settled:
    """The person's sums, and when the first of the person's rows was registered."""
    minutes = sum_member(member_id)
    since = select(func.min(Member.created_at)).where(of_person(table_of(Member).c.id))
    return Settled(
        minutes.get(Measure.METERED, 0),
        minutes.get(Measure.DECLARED, 0),
        db.session.execute(since, {"member": member_id}).scalar_one(),
    )


def list_credits(
    member_id: int, *, is_metered_only: bool, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many entries count for a person, and a page of them with station and activity, newest first.

    What was taken back and what took it back are left out: together they are nothing.
    """
    reversal = aliased(LedgerEntry)
    statement = ENTRIES_OF_PERSON.where(
        LedgerEntry.kind == EntryKind.CREDIT,
        ~select(reversal.number).where(reversal.reverses == LedgerEntry.number).exists(),
    )
    if is_metered_only:
        statement = statement.where(LedgerEntry.measure == Measure.METERED)
    who = {"member": member_id}
    count = db.session.execute(select(func.count()).select_from(statement.subquery()), who).scalar_one()
    page = statement.order_by(LedgerEntry.served_on.desc(), LedgerEntry.number.desc())
    return count, list(db.session.execute(page.offset(offset).limit(limit), who))
