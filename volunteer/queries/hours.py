"""Hours: what counts for a member, by year, month and activity.

Settled hours come from the sums that settling maintains; to them comes what the records say
that are not settled yet. So ten years cost what ten days cost. Rows merged into one person are
read together; minutes that two of them claim at once count once.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, bindparam, case, func, select

from volunteer.db import db
from volunteer.domain.ledger import Measure
from volunteer.domain.totals import Sum, add_up, change_of, settled_sum
from volunteer.models.activities import Activity
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry, MemberTotal
from volunteer.queries.merges import of_person
from volunteer.queries.records import list_member_records
from volunteer.queries.unsettled import COUNTED, RECORDS, WAITS, credited_of, list_twice

_t, _e, _r = table_of(MemberTotal).c, table_of(LedgerEntry).c, RECORDS.c
# How many records credits come from, less those that were taken back.
NET_RECORDS = func.sum(case((_e.minutes > 0, 1), else_=-1))
NO_ACTIVITY = 0


@dataclass(frozen=True)
class ActivitySum:
    """What was given to one activity; without an id, to none."""

    activity_id: int | None
    name: str | None
    category: str | None
    sum: Sum


@dataclass(frozen=True)
class HoursOverview:
    """A member's hours: in all, by year, by month of the chosen year, by activity in it."""

    total: Sum
    by_year: dict[int, Sum]
    by_month: dict[int, Sum]
    by_activity: list[ActivitySum]


@dataclass(frozen=True)
class _Change:
    """What a record that is not settled, or time that it claims twice, changes about settled sums."""

    on: date
    activity_id: int | None
    sum: Sum
    name: str | None = None
    category: str | None = None


def list_hours(member_id: int) -> dict[str, Any]:
    """A member's records, oldest first, and what counts of them, as other programs read it."""
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
    counted = sum_hours(member_id)
    return {
        "records": records,
        "total_minutes": counted.minutes,
        "metered_minutes": counted.metered,
        "declared_minutes": counted.declared,
        "settled_minutes": counted.settled,
    }


def _measure_of(record: Any) -> Measure:
    return Measure.METERED if record.correction_id is None else Measure.DECLARED


def summarise_hours(member_id: int, year: int) -> HoursOverview:
    """The sums of a member's hours; years newest first, all twelve months, activities by hours.

    ``by_year`` always holds ``year``. Only credited minutes count: what waits for a person counts 0.
    """
    by_year, by_month = {year: Sum()}, dict.fromkeys(range(1, 13), Sum())
    activities = _sum_activities(member_id, year)
    changes = _list_changes(member_id)
    months = [(row.month_on, _sum_of(row)) for row in _read_months(member_id)]
    for on, part in (*months, *((change.on, change.sum) for change in changes)):
        by_year[on.year] = by_year.get(on.year, Sum()) + part
        if on.year == year:
            by_month[on.month] += part
    for change in changes:
        if change.on.year == year:
            before = activities.get(change.activity_id)
            activities[change.activity_id] = ActivitySum(
                change.activity_id,
                before.name if before else change.name,
                before.category if before else change.category,
                (before.sum if before else Sum()) + change.sum,
            )
    by_activity = sorted(activities.values(), key=lambda one: (-one.sum.minutes, one.activity_id or 0))
    return HoursOverview(
        add_up(by_year.values()),
        {one: by_year[one] for one in sorted(by_year, reverse=True) if one == year or by_year[one].records},
        by_month,
        [one for one in by_activity if one.sum.records],
    )


def sum_hours(
    member_id: int,
    first_on: date | None = None,
    last_on: date | None = None,
    activity_id: int | None = None,
) -> Sum:
    """What counts for a member from ``first_on`` to ``last_on``, both included; None is without bound.

    With ``activity_id`` only what was given to that activity, or with 0 to none.
    """
    first_on, last_on = first_on or date.min, last_on or date.max
    if activity_id is None and _are_months(first_on, last_on):
        settled = _read_months(member_id, _t.month_on.between(first_on, last_on))
    else:
        chosen = [_served_between(first_on, last_on)]
        if activity_id is not None:
            chosen.append(_e.activity_id == activity_id if activity_id else _e.activity_id.is_(None))
        statement = select(
            _e.measure, func.sum(_e.minutes).label("minutes"), NET_RECORDS.label("records")
        ).where(of_person(_e.member_id), *chosen)
        settled = list(db.session.execute(statement.group_by(_e.measure), {"member": member_id}))
    return add_up(_sum_of(row) for row in settled) + add_up(
        change.sum
        for change in _list_changes(member_id)
        if first_on <= change.on <= last_on
        and (activity_id is None or (change.activity_id or NO_ACTIVITY) == activity_id)
    )


def _served_between(first_on: date, last_on: date) -> ColumnElement[bool]:
    """Written out: a plan made without the days takes the index by day, and reads everybody's entries."""
    first, last = (bindparam(None, day, Date(), literal_execute=True) for day in (first_on, last_on))
    written_out: ColumnElement[bool] = _e.served_on.between(first, last)
    return written_out


def _are_months(first_on: date, last_on: date) -> bool:
    return first_on.day == 1 and (last_on == date.max or (last_on + timedelta(days=1)).day == 1)


def _sum_of(row: Any) -> Sum:
    return settled_sum(row.measure, int(row.minutes), int(row.records))


def _read_months(member_id: int, *chosen: ColumnElement[bool]) -> list[Any]:
    statement = (
        select(
            _t.month_on,
            _t.measure,
            func.sum(_t.minutes).label("minutes"),
            func.sum(_t.records).label("records"),
        )
        .where(of_person(_t.member_id), *chosen)
        .group_by(_t.month_on, _t.measure)
    )
    return list(db.session.execute(statement, {"member": member_id}))


def _sum_activities(member_id: int, year: int) -> dict[int | None, ActivitySum]:
    statement = (
        select(
            _e.activity_id,
            Activity.name,
            Activity.category,
            _e.measure,
            func.sum(_e.minutes).label("minutes"),
            NET_RECORDS.label("records"),
        )
        .outerjoin(Activity, Activity.id == _e.activity_id)
        .where(of_person(_e.member_id), _served_between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(_e.activity_id, Activity.name, Activity.category, _e.measure)
    )
    sums: Mapping[Any, list[Any]] = defaultdict(list)
    for row in db.session.execute(statement, {"member": member_id}):
        sums[row.activity_id].append(row)
    return {
        one: ActivitySum(one, rows[0].name, rows[0].category, add_up(_sum_of(row) for row in rows))
        for one, rows in sums.items()
    }


def _list_changes(member_id: int) -> list[_Change]:
    """What the person's unsettled records change about the settled sums."""
    statement = (
        select(
            _r.served_on,
            _r.activity_id,
            _r.correction_id,
            COUNTED.label("minutes"),
            credited_of(_r.id).label("credited"),
            Activity.name,
            Activity.category,
        )
        .outerjoin(Activity, Activity.id == _r.activity_id)
        .where(of_person(_r.member_id), WAITS)
    )
    found = [
        _Change(
            row.served_on,
            row.activity_id,
            change_of(row.minutes, int(row.credited), is_declared=row.correction_id is not None),
            row.name,
            row.category,
        )
        for row in db.session.execute(statement, {"member": member_id})
    ]
    if not found:
        return found
    return found + [
        _Change(one.record.served_on, one.record.activity_id, twice_sum(one))
        for one in list_twice(of_person(_r.member_id), {"member": member_id})
    ]


def twice_sum(one: Any) -> Sum:
    """What is left out of the sums because it is claimed in two places: it counts with the other record."""
    declared = one.minutes if _measure_of(one.record) is Measure.DECLARED else 0
    return Sum(-one.minutes, 0, -declared, -one.minutes)
