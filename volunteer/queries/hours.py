"""Hours: a member's records with their sums, as other programs read them.

Rows merged into one person are read together; minutes that two of them claim at once count once.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import extract, func, select

from volunteer.db import db
from volunteer.domain.records import RecordState
from volunteer.models.activities import Activity
from volunteer.models.records import ServiceRecord
from volunteer.queries.merges import list_overlaps, of_person
from volunteer.queries.records import RECORDS, list_member_records


def list_hours(member_id: int) -> dict[str, Any]:
    """A member's records, oldest first, and the sum of credited minutes."""
    rows = list(reversed(list_member_records(member_id)))
    records = [
        {
            "checked_in_at": row.ServiceRecord.checked_in_at.isoformat(),
            "checked_out_at": row.ServiceRecord.checked_out_at.isoformat()
            if row.ServiceRecord.checked_out_at
            else None,
            "minutes": row.ServiceRecord.minutes,
            "state": row.ServiceRecord.state,
            "station": row.station_code,
        }
        for row in rows
    ]
    return {"records": records, "total_minutes": sum_minutes(member_id, rows)}


def sum_minutes(member_id: int, rows: Iterable[Any]) -> int:
    """The credited minutes of these records of one person; time claimed in two places counts once."""
    records: dict[int, int] = {row.ServiceRecord.id: row.ServiceRecord.minutes for row in rows}
    twice = sum(one.minutes for one in list_overlaps(member_id) if one.record.id in records)
    return sum(records.values()) - twice


@dataclass(frozen=True)
class Sum:
    """Credited minutes and how many records they come from."""

    minutes: int = 0
    records: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.minutes + other.minutes, self.records + other.records)


@dataclass(frozen=True)
class ActivitySum:
    """What was given to one activity; without an id, to none."""

    activity_id: int | None
    name: str | None
    category: str | None
    sum: Sum


@dataclass(frozen=True)
class HoursOverview:
    """A member's metered hours: in all, by year, by month of the chosen year, by activity in it."""

    total: Sum
    by_year: dict[int, Sum]
    by_month: dict[int, Sum]
    by_activity: list[ActivitySum]


def summarise_hours(member_id: int, year: int) -> HoursOverview:
    """The sums of a member's records; years newest first, all twelve months, activities by hours.

    ``by_year`` always holds ``year``. Only credited minutes count: what waits for a person counts 0.
    """
    total, by_year, by_month = Sum(), {year: Sum()}, dict.fromkeys(range(1, 13), Sum())
    by_activity: dict[int | None, ActivitySum] = {}
    rows = db.session.execute(_MONTH_SUMS, {"member": member_id}).all()
    twice: Counter[tuple[int, int, int | None]] = Counter()
    if len({member for row in rows for member in (row.first_member, row.last_member)}) > 1:
        for one in list_overlaps(member_id):
            served_on = one.record.served_on
            twice[served_on.year, served_on.month, one.record.activity_id] += one.minutes
    for row in rows:
        part = Sum(int(row.minutes) - twice[row.year, row.month, row.activity_id], row.records)
        total += part
        by_year[row.year] = by_year.get(row.year, Sum()) + part
        if row.year == year:
            by_month[row.month] += part
            before = by_activity.get(row.activity_id)
            whole = before.sum + part if before else part
            by_activity[row.activity_id] = ActivitySum(row.activity_id, row.name, row.category, whole)
    return HoursOverview(
        total,
        dict(sorted(by_year.items(), reverse=True)),
        by_month,
        sorted(by_activity.values(), key=lambda one: (-one.sum.minutes, one.activity_id or 0)),
    )


_YEAR = extract("year", ServiceRecord.served_on).label("year")
_MONTH = extract("month", ServiceRecord.served_on).label("month")
_MONTH_SUMS = (
    select(
        _YEAR,
        _MONTH,
        ServiceRecord.activity_id,
        Activity.name,
        Activity.category,
        func.sum(ServiceRecord.minutes).label("minutes"),
        func.count(ServiceRecord.id).label("records"),
        func.min(ServiceRecord.member_id).label("first_member"),
        func.max(ServiceRecord.member_id).label("last_member"),
    )
    .outerjoin(Activity, Activity.id == ServiceRecord.activity_id)
    .where(of_person(RECORDS.c.member_id), ServiceRecord.state != RecordState.SUPERSEDED)
    .group_by(_YEAR, _MONTH, ServiceRecord.activity_id, Activity.name, Activity.category)
)
