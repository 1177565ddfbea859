"""Refolding: making stored records equal to the fold of all scans, old and new.

Only what can have changed is looked at: from the last instant before the earliest
new scan at which the member cannot have been on duty.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from typing import Any
from uuid import UUID

from volunteer.domain.activities import Plan, Remark
from volunteer.domain.clocking import Effect, Scan, fold
from volunteer.domain.merges import find_overlaps
from volunteer.domain.records import Derived, RecordState, derive, forget, reconcile, trace_changes
from volunteer.domain.stations import Direction

_DIRECTIONS = {str(direction): direction for direction in Direction}


@dataclass
class Refolding:
    """What to write, and what each new scan did. Changes pair a record's id and its new values."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[tuple[int, Derived]] = field(default_factory=list)
    traces: list[dict[str, Any]] = field(default_factory=list)
    effects: dict[UUID, tuple[Effect, Derived | None]] = field(default_factory=dict)
    # What opened the record that each new scan concerns.
    plans: dict[UUID, Plan | None] = field(default_factory=dict)
    # The ids of the records already stored, by opening scan.
    ids: dict[UUID, int] = field(default_factory=dict)
    totals: dict[int, dict[str, int]] = field(default_factory=dict)
    # The newest day looked at on which the member forgot to check out, and nobody has said when that was.
    forgotten: dict[int, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Occasion:
    """What holds for all members alike: the instant, the zone of local dates, and the scan undone, if any."""

    now: datetime
    zone: tzinfo
    undone: UUID | None = None

    @cached_property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.zone).date()

    @cached_property
    def year_start(self) -> datetime:
        """When the local year began, as UTC."""
        local = self.now.astimezone(self.zone)
        return local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def refold(
    into: Refolding,
    member: int,
    scans: Sequence[Scan],
    new: Sequence[Scan],
    since: datetime,
    touched: Any,
    occasion: Occasion,
) -> None:
    """Compare one member's stored records with the fold of ``scans``, and add the outcome to ``into``.

    ``scans`` are in order, start at a restart and include the ``new`` ones; ``touched`` has
    every record from ``since`` on, the sums of the minutes of those it leaves out, and the
    other records of a person with merged rows: time that two rows claim counts once.
    """
    earlier, rows = [], {}
    for opening, row in touched.rows.items():
        if row.checked_in_at < since:
            earlier.append(row)
        else:
            rows[opening] = row
    into.changed += [(row.id, forget(row)) for row in earlier if row.state == RecordState.OPEN]
    folding = fold(
        [scan for scan in scans if scan.id != occasion.undone] if occasion.undone else scans, occasion.now
    )
    derived = {id(span): derive(span, occasion.zone) for span in folding.spans}
    found = reconcile(derived.values(), rows)
    into.new += [{"member_id": member, **columns_of(values)} for values in found.new]
    into.changed += [*found.changed, *found.superseded]
    if found.changed or found.superseded:
        cause = occasion.undone or min(new, key=lambda scan: scan.at).id
        into.traces += trace_changes(rows.values(), found, cause, occasion.now)
    into.ids |= {opening: row.id for opening, row in rows.items()}
    for scan in new:
        effect, span = folding.effects[scan.id]
        into.effects[scan.id] = (effect, derived[id(span)] if span else None)
        into.plans[scan.id] = span.opening.plan if span else None
    standing = [one for one in derived.values() if not _is_void(rows.get(one.opening_scan_id))]
    everything = (*earlier, *standing, *(row for row in touched.declared if not row.is_held))
    # What waits for a decision counts 0 here as on every page.
    held = {opening for opening, row in touched.rows.items() if row.is_held}
    counting = [one for one in everything if one.opening_scan_id not in held]
    counted = [one for one in counting if one.checked_in_at >= occasion.year_start]
    forgotten = [one.served_on for one in everything if one.state == RecordState.FORGOTTEN]
    if forgotten:
        into.forgotten[member] = max(forgotten)
    today = occasion.today
    today_minutes = touched.older_today + sum(one.minutes for one in counted if one.served_on == today)
    year_minutes = touched.older_year + sum(one.minutes for one in counted)
    if touched.others:
        for twice in find_overlaps([*touched.others, *counting]):
            if twice.record.checked_in_at >= occasion.year_start:
                year_minutes -= twice.minutes
                today_minutes -= twice.minutes if twice.record.served_on == today else 0
    into.totals[member] = {"today_minutes": today_minutes, "year_minutes": year_minutes}


def _is_void(row: Any) -> bool:
    return row is not None and bool(row.state == RecordState.VOID)


def scans_that_count(rows: Iterable[Any], members: Collection[int], since: datetime) -> dict[int, list[Scan]]:
    """The stored scans that count for these members from ``since`` on: accepted, not undone."""
    found: dict[int, list[Scan]] = {member: [] for member in members}
    for row in rows:
        if row.undone is not None or row.member_id not in found or row.at < since:
            continue
        plan = None
        if row.activity_id is not None:
            plan = Plan(
                row.activity_id,
                row.station_id,
                row.plan_starts_at,
                row.plan_ends_at,
                is_countable=row.plan_is_countable is not False,
                is_blocked=row.plan_is_blocked is True,
                is_training=row.plan_is_countable is False and _is_training(row.answer),
            )
        found[row.member_id].append(Scan(row.id, row.at, row.station_id, _DIRECTIONS[row.direction], plan))
    return found


def _is_training(answer: str) -> bool:
    """Whether the card was held at a training, as the stored answer says; older ones only by their remark."""
    told = json.loads(answer)
    return bool(told.get("is_training")) or told.get("remark") == Remark.TRAINING


def columns_of(values: Derived) -> Mapping[str, Any]:
    """A derived record as the columns of a row."""
    return {name: getattr(values, name) for name in values.__slots__}
