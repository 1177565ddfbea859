"""The records behind a figure of the totals."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, case, exists, func, or_, select

from volunteer.db import db
from volunteer.domain.ledger import Measure
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.queries.hours import NET_RECORDS
from volunteer.queries.records import WITH_STATION
from volunteer.queries.totals import ENTRIES, Chosen, place, unsettled_ids
from volunteer.queries.unsettled import COUNTED, MEASURE, RECORDS, WAITS, credited_of, list_twice
from volunteer.sets import among

_r, _e = RECORDS.c, table_of(LedgerEntry).c


@dataclass(frozen=True)
class Narrowed:
    """Of what was chosen only these members (of one person), this measure, and what is settled or is not."""

    member_ids: tuple[int, ...] | None = None
    measure: Measure | None = None
    is_settled: bool | None = None

    def conditions(self, member_id: Any, measure: Any) -> list[Any]:
        """As conditions on these columns; whether it is settled is told by where it stands."""
        found = [] if self.member_ids is None else [member_id.in_(self.member_ids)]
        return found if self.measure is None else [*found, measure == str(self.measure)]


@dataclass(frozen=True)
class TotalRecords:
    """How many records a figure comes from, what they add up to, and a page of them, newest first."""

    count: int
    minutes: int
    rows: list[Row[Any]]


def list_total_records(chosen: Chosen, narrowed: Narrowed, *, offset: int, limit: int) -> TotalRecords:
    """The records that count, with station, activity and member; the same as the totals add up.

    They are added up where the sums come from, so that a page of a year costs what one of a day costs.
    """
    sums = [
        *(_sum_settled(chosen, narrowed) if narrowed.is_settled is not False else ()),
        *(_sum_waiting(chosen, narrowed) if narrowed.is_settled is not True else ()),
    ]
    rows = db.session.execute(_page(chosen, narrowed).offset(offset).limit(limit))
    return TotalRecords(
        sum(int(one[1] or 0) for one in sums),
        sum(int(one[0] or 0) for one in sums) - _twice(chosen, narrowed),
        list(rows),
    )


def _sum_settled(chosen: Chosen, narrowed: Narrowed) -> list[Any]:
    statement = select(func.sum(_e.minutes), NET_RECORDS).where(
        _e.record_id.not_in(unsettled_ids(chosen)),
        *ENTRIES.within(chosen),
        *narrowed.conditions(_e.member_id, _e.measure),
    )
    return list(db.session.execute(statement))


def _sum_waiting(chosen: Chosen, narrowed: Narrowed) -> list[Any]:
    source, spans, holds = place(chosen.period)
    statement = (
        select(func.sum(COUNTED), func.sum(case((COUNTED > 0, 1), else_=0)))
        .join_from(RECORDS, Member, Member.id == _r.member_id)
        .outerjoin(spans, holds)
        .where(WAITS, *source.within(chosen), *narrowed.conditions(_r.member_id, MEASURE))
    )
    return list(db.session.execute(statement))


def _page(chosen: Chosen, narrowed: Narrowed) -> Select[Any]:
    source, spans, holds = place(chosen.period)
    is_credited = exists(
        select(1).select_from(LedgerEntry).where(_e.record_id == _r.id, *ENTRIES.within(chosen))
    )
    settled = and_(_r.is_settled, is_credited, credited_of(_r.id) > 0)
    waiting = and_(WAITS, COUNTED > 0, *source.within(chosen))
    either = {None: or_(settled, waiting), True: settled, False: waiting}[narrowed.is_settled]
    return (
        WITH_STATION.add_columns(Member.name, Member.volunteer_no, Member.team_id)
        .join(Member, Member.id == _r.member_id)
        .outerjoin(spans, holds)
        .where(
            _r.served_on.between(chosen.period.first_on, chosen.period.last_on),
            either,
            *narrowed.conditions(_r.member_id, MEASURE),
        )
        .order_by(_r.served_on.desc(), ServiceRecord.checked_in_at.desc(), ServiceRecord.id.desc())
    )


def _twice(chosen: Chosen, narrowed: Narrowed) -> int:
    """Minutes of these records that count with another one."""
    in_time = _r.served_on.between(chosen.period.first_on, chosen.period.last_on)
    overlaps = {one.record.id: one.minutes for one in list_twice(in_time, {})}
    if not overlaps:
        return 0
    statement = _page(chosen, narrowed).with_only_columns(_r.id).order_by(None).where(among(_r.id, "ids"))
    return sum(overlaps[one] for one in db.session.execute(statement, {"ids": list(overlaps)}).scalars())
