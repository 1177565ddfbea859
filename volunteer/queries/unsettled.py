"""Records that the ledger does not say yet: what they count for until it does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.sql.selectable import ScalarSelect

from volunteer.db import db
from volunteer.domain.ledger import Measure
from volunteer.domain.merges import Overlap, find_overlaps
from volunteer.domain.records import RecordState
from volunteer.domain.reviews import HOLDING, ReviewState
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.queries.merges import PERSONS
from volunteer.queries.settlements import list_persons
from volunteer.sets import among

ONE_DAY = timedelta(days=1)
RECORDS = table_of(ServiceRecord)
_r, _e = RECORDS.c, table_of(LedgerEntry).c
# Written so that both databases see the partial index of unsettled records.
WAITS = ~_r.is_settled
_i, _reviewed = table_of(ReviewItem).c, table_of(ReviewedRecord).c
# What is held by whatever lies on the desk. Without lists: scans ask this too, and a list costs them more.
HOLDINGS = (
    select(_reviewed.record_id, _i.member_id)
    .join_from(table_of(ReviewedRecord), table_of(ReviewItem), _i.id == _reviewed.item_id)
    .where(
        or_(*(_i.kind == str(kind) for kind in sorted(HOLDING))),
        or_(_i.state == str(ReviewState.OPEN), _i.state == str(ReviewState.REJECTED)),
    )
)
# Whose person the items are about.
HELD_MEMBER = _i.member_id
IS_HELD = HOLDINGS.where(_reviewed.record_id == _r.id).exists()
# What a record counts for now: nothing before somebody has decided, where somebody must.
COUNTED = case((IS_HELD, 0), else_=_r.minutes)
MEASURE = case((_r.correction_id.is_(None), str(Measure.METERED)), else_=str(Measure.DECLARED))


def credited_of(column: Any) -> ScalarSelect[Any]:
    """What the ledger has of the record with this id: its credits less what was taken back."""
    found: ScalarSelect[Any] = (
        select(func.coalesce(func.sum(_e.minutes), 0)).where(_e.record_id == column).scalar_subquery()
    )
    return found


def list_twice(chosen: ColumnElement[Any], values: Mapping[str, Any]) -> list[Overlap]:
    """Where a person's time counts in two places at once, one of them ``chosen`` and not settled yet.

    Only merged rows and declared records can do that; settling puts it on the review desk. One
    statement where there is none of them.
    """
    merged = select(PERSONS.c.member_id)
    declared = select(_r.member_id).where(_r.correction_id.is_not(None), _r.state == str(RecordState.CLOSED))
    touched = select(_r.member_id, func.min(_r.served_on), func.max(_r.served_on)).where(
        WAITS,
        chosen,
        _r.state == str(RecordState.CLOSED),
        or_(_r.member_id.in_(merged), _r.member_id.in_(declared)),
    )
    found = db.session.execute(touched.group_by(_r.member_id), values).all()
    if not found:
        return []
    persons = list_persons(row.member_id for row in found)
    around = select(RECORDS).where(
        among(_r.member_id, "members"),
        _r.state == str(RecordState.CLOSED),
        _r.served_on.between(min(row[1] for row in found) - ONE_DAY, max(row[2] for row in found) + ONE_DAY),
        ~IS_HELD,
    )
    rows = db.session.execute(around, {"members": list(persons)}).all()
    ordered = sorted(rows, key=lambda row: persons[row.member_id])
    twice = (
        one
        for _, records in groupby(ordered, key=lambda row: persons[row.member_id])
        for one in find_overlaps(records)
    )
    return [one for one in twice if not (one.record.is_settled and one.other.is_settled)]


@dataclass(frozen=True)
class Standing:
    """What a record counts for now, and whether it waits for a decision."""

    minutes: int
    is_held: bool = False


def list_standings(records: Iterable[Any]) -> dict[int, Standing]:
    """What each of these records counts for: as the ledger says it, or as it says itself until then."""
    rows = list(records)
    if not rows:
        return {}
    statement = select(_r.id, credited_of(_r.id).label("credited"), IS_HELD.label("is_held")).where(
        among(_r.id, "ids")
    )
    found = {row.id: row for row in db.session.execute(statement, {"ids": [one.id for one in rows]})}
    days = [one.served_on for one in rows]
    near = and_(
        among(_r.member_id, "members"),
        _r.served_on.between(min(days) - ONE_DAY, max(days) + ONE_DAY),
    )
    twice = {one.record.id: one.minutes for one in list_twice(near, {"members": [r.member_id for r in rows]})}
    return {
        one.id: Standing(_minutes_of(one, found[one.id]) - twice.get(one.id, 0), bool(found[one.id].is_held))
        for one in rows
    }


def _minutes_of(record: Any, found: Any) -> int:
    if record.is_settled:
        return int(found.credited)
    return 0 if found.is_held else int(record.minutes)
