"""Service records: what a span looks like as a row, and what changed against the rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Any
from uuid import UUID

from volunteer.domain.clocking import GRACE, Span, SpanState


class RecordState(StrEnum):
    """A span's states.

    ``superseded``: a late scan showed that it never was. ``void``: people decided against it.
    """

    OPEN = SpanState.OPEN
    CLOSED = SpanState.CLOSED
    FORGOTTEN = SpanState.FORGOTTEN
    LEFT = SpanState.LEFT
    SUPERSEDED = "superseded"
    VOID = "void"


# Spans that never were, or that people decided against.
GONE = (RecordState.SUPERSEDED, RecordState.VOID)


@dataclass(frozen=True, slots=True)
class Derived:
    """The columns of a record that follow from scans alone."""

    opening_scan_id: UUID
    closing_scan_id: UUID | None
    station_id: int
    activity_id: int | None
    checked_in_at: datetime
    checked_out_at: datetime | None
    limit_at: datetime
    served_on: date
    minutes: int
    state: str


def derive(span: Span, zone: tzinfo) -> Derived:
    """The row of ``span``; it counts for the local date of its check-in."""
    opening = span.opening
    return Derived(
        opening_scan_id=opening.id,
        closing_scan_id=span.closing.id if span.closing else None,
        station_id=opening.station_id,
        activity_id=opening.plan.activity_id if opening.plan else None,
        checked_in_at=opening.at,
        checked_out_at=span.ended_at,
        limit_at=opening.limit_at,
        served_on=opening.at.astimezone(zone).date(),
        minutes=span.minutes,
        state=span.state,
    )


@dataclass(frozen=True)
class Reconciliation:
    """What to write so that the rows equal the spans; changes pair a row's id and its new values."""

    new: list[Derived]
    changed: list[tuple[int, Derived]]
    superseded: list[tuple[int, Derived]]


def reconcile(spans: Iterable[Derived], rows: Mapping[UUID, Any]) -> Reconciliation:
    """Compare derived records with the stored ``rows`` (by opening scan).

    Rows without a span are superseded, never deleted: others may point to them. A void one
    stays as it is: people have decided about it.
    """
    new: list[Derived] = []
    changed: list[tuple[int, Derived]] = []
    kept: set[UUID] = set()
    for span in spans:
        kept.add(span.opening_scan_id)
        row = rows.get(span.opening_scan_id)
        if row is None:
            new.append(span)
        elif row.state != RecordState.VOID and any(
            getattr(row, name) != getattr(span, name) for name in CHANGEABLE
        ):
            changed.append((row.id, span))
    superseded = [
        (row.id, replace(forget(row), checked_out_at=None, state=RecordState.SUPERSEDED))
        for opening, row in rows.items()
        if opening not in kept and row.state not in GONE
    ]
    return Reconciliation(new, changed, superseded)


def forget(row: Any) -> Derived:
    """The stored open ``row`` once its limit has passed: closed at the planned end, or at the cap."""
    planned_end = row.limit_at - GRACE if row.activity_id is not None else row.limit_at
    return Derived(
        opening_scan_id=row.opening_scan_id,
        closing_scan_id=None,
        station_id=row.station_id,
        activity_id=row.activity_id,
        checked_in_at=row.checked_in_at,
        checked_out_at=max(planned_end, row.checked_in_at),
        limit_at=row.limit_at,
        served_on=row.served_on,
        minutes=0,
        state=RecordState.FORGOTTEN,
    )


# What can change in a record; its opening scan, and with it the rest, never does.
CHANGEABLE = ("closing_scan_id", "checked_out_at", "minutes", "state")


def trace_changes(
    rows: Iterable[Any], found: Reconciliation, cause: UUID, now: datetime
) -> list[dict[str, Any]]:
    """What was, what is, and which scan did it: for the stored records that were more than merely open."""
    by_id = {row.id: row for row in rows}
    return [
        {
            "record_id": record_id,
            "scan_id": cause,
            "before": snapshot(by_id[record_id]),
            "after": snapshot(values),
            "changed_at": now,
        }
        for record_id, values in (*found.changed, *found.superseded)
        if by_id[record_id].state != RecordState.OPEN or values.state == RecordState.SUPERSEDED
    ]


def snapshot(values: Any) -> dict[str, Any]:
    """The part of a record that a person was shown, as JSON: of a derived record or of a stored row."""
    out: datetime | None = values.checked_out_at
    return {
        "checked_in_at": values.checked_in_at.isoformat(),
        "checked_out_at": out.isoformat() if out else None,
        "minutes": values.minutes,
        "state": str(values.state),
    }
