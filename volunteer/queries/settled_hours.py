"""Settled hours of one person: the sums of the ledger and the entries behind them; merged rows count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.ledger import EntryKind, Measure
from volunteer.models.activities import Activity
from volunteer.models.ledger import LedgerEntry, MemberTotal
from volunteer.models.members import Member
from volunteer.models.stations import Station


@dataclass(frozen=True)
class Settled:
    """A person's settled minutes by measure, and since when the person is registered."""

    metered: int
    declared: int
    since: datetime


def get_settled(group: Sequence[int]) -> Settled:
    """The sums of these rows of one person, and when the first of them was registered."""
    sums = (
        select(MemberTotal.measure, func.sum(MemberTotal.minutes))
        .where(MemberTotal.member_id.in_(group))
        .group_by(MemberTotal.measure)
    )
    minutes = {measure: int(total) for measure, total in db.session.execute(sums)}
    since = select(func.min(Member.created_at)).where(Member.id.in_(group))
    return Settled(
        minutes.get(Measure.METERED, 0),
        minutes.get(Measure.DECLARED, 0),
        db.session.execute(since).scalar_one(),
    )


def list_entries(
    group: Sequence[int], *, is_metered_only: bool, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many entries count for these rows of one person, and a page with stations, newest first.

    What was taken back and what took it back are left out: together they are nothing.
    """
    reversal = aliased(LedgerEntry)
    chosen = [
        LedgerEntry.member_id.in_(group),
        LedgerEntry.kind == EntryKind.CREDIT,
        ~select(reversal.number).where(reversal.reverses == LedgerEntry.number).exists(),
    ]
    if is_metered_only:
        chosen.append(LedgerEntry.measure == Measure.METERED)
    count = db.session.execute(select(func.count(LedgerEntry.number)).where(*chosen)).scalar_one()
    page = (
        select(LedgerEntry, Station.name.label("station_name"), Activity.name.label("activity_name"))
        .join(Station, Station.id == LedgerEntry.station_id)
        .outerjoin(Activity, Activity.id == LedgerEntry.activity_id)
        .where(*chosen)
        .order_by(LedgerEntry.served_on.desc(), LedgerEntry.number.desc())
        .offset(offset)
        .limit(limit)
    )
    return count, list(db.session.execute(page))
