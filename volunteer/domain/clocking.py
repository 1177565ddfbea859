"""Clocking: the scans of one member, in order, become spans of service.

The only place that decides in or out. Everything here is a pure function of
the *set* of scans: order of arrival, repetition and batching do not matter.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from volunteer.domain.activities import Plan
from volunteer.domain.stations import Direction

DOUBLE_TAP = timedelta(seconds=60)
GRACE = timedelta(minutes=30)
CAP = timedelta(hours=12)
# No window is longer than a day and a check-in may come a grace early, so no span's
# limit lies further off than this.
LONGEST_WINDOW = timedelta(hours=24)
HORIZON = LONGEST_WINDOW + 2 * GRACE
UNDO_WITHIN = timedelta(seconds=60)


class SpanState(StrEnum):
    """How a span stands. Only a closed one carries minutes."""

    OPEN = "open"
    CLOSED = "closed"
    FORGOTTEN = "forgotten"
    LEFT = "left"


class Effect(StrEnum):
    """What one scan did."""

    CHECKED_IN = "checked_in"
    CHECKED_OUT = "checked_out"
    DOUBLE_TAP = "double_tap"
    ALREADY_CHECKED_IN = "already_checked_in"
    NOT_CHECKED_IN = "not_checked_in"
    ACTIVITY_BLOCKED = "activity_blocked"


@dataclass(frozen=True, slots=True)
class Scan:
    """One card held once: when, where, and the plan that ran there and then."""

    id: UUID
    at: datetime
    station_id: int
    direction: Direction = Direction.BOTH
    plan: Plan | None = None

    @property
    def limit_at(self) -> datetime:
        """When a span opened by this scan counts as forgotten."""
        return min(self.plan.ends_at + GRACE, self.at + HORIZON) if self.plan else self.at + CAP

    @property
    def planned_end(self) -> datetime:
        """Where a forgotten span opened by this scan is closed."""
        return self.plan.ends_at if self.plan else self.at + CAP


@dataclass(slots=True)
class Span:
    """Service from an opening scan to a closing one, or to whatever ended it."""

    opening: Scan
    closing: Scan | None = None
    state: SpanState = SpanState.OPEN

    @property
    def ended_at(self) -> datetime | None:
        """Closed: the check-out. Forgotten: the planned end, or start plus cap."""
        if self.closing:
            return self.closing.at
        if self.state is SpanState.FORGOTTEN:
            return max(self.opening.planned_end, self.opening.at)
        return None

    @property
    def minutes(self) -> int:
        """Credited minutes, rounded down; 0 unless closed.

        Where a plan exists only the overlap with its window ± grace counts, and nothing
        where the plan is none of volunteer service (Order 67 article 19).
        """
        if self.closing is None:
            return 0
        start, end = self.opening.at, self.closing.at
        if plan := self.opening.plan:
            if not plan.is_countable:
                return 0
            start, end = max(start, plan.starts_at - GRACE), min(end, plan.ends_at + GRACE)
        return max(0, int((end - start) // timedelta(minutes=1)))


@dataclass(frozen=True)
class Folding:
    """The spans in order, and for each scan what it did and to which span."""

    spans: Sequence[Span]
    effects: Mapping[UUID, tuple[Effect, Span | None]]


def fold(scans: Iterable[Scan], now: datetime) -> Folding:
    """Turn scans of one member into spans, as they stand at ``now``.

    The scans may come in any order and more than once; (instant, id) orders them.
    At most the last span is open.
    """
    clock = _Clock()
    for scan in in_order(scans):
        clock.take(scan)
    clock.forget(now)
    return Folding(clock.spans, clock.effects)


def in_order(scans: Iterable[Scan]) -> list[Scan]:
    """Each scan once, by (instant, id)."""
    return sorted({scan.id: scan for scan in scans}.values(), key=lambda scan: (scan.at, scan.id))


class _Clock:
    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.effects: dict[UUID, tuple[Effect, Span | None]] = {}
        self.open: Span | None = None
        self.taken: dict[int, Scan] = {}

    def take(self, scan: Scan) -> None:
        last = self.taken.get(scan.station_id)
        if last and scan.at - last.at < DOUBLE_TAP:
            self.effects[scan.id] = (Effect.DOUBLE_TAP, self.effects[last.id][1])
            return
        self.forget(scan.at)
        here = self.open is not None and self.open.opening.station_id == scan.station_id
        if here and scan.direction is not Direction.IN:
            self._close(scan)
        elif scan.direction is Direction.OUT:
            self.effects[scan.id] = (Effect.NOT_CHECKED_IN, None)
        elif here:
            self.effects[scan.id] = (Effect.ALREADY_CHECKED_IN, self.open)
        elif scan.plan and scan.plan.is_blocked:
            # Whoever is on duty may still check out, here or elsewhere; only nothing begins.
            self.effects[scan.id] = (Effect.ACTIVITY_BLOCKED, None)
        else:
            self._open(scan)

    def forget(self, now: datetime) -> None:
        if self.open and now > self.open.opening.limit_at:
            self.open.state = SpanState.FORGOTTEN
            self.open = None

    def _open(self, scan: Scan) -> None:
        if self.open:
            self.open.state = SpanState.LEFT
        self.open = Span(scan)
        self.spans.append(self.open)
        self._took(scan, Effect.CHECKED_IN, self.open)

    def _close(self, scan: Scan) -> None:
        assert self.open is not None  # noqa: S101 - the caller has just looked
        self.open.closing, self.open.state = scan, SpanState.CLOSED
        self._took(scan, Effect.CHECKED_OUT, self.open)
        self.open = None

    def _took(self, scan: Scan, effect: Effect, span: Span) -> None:
        self.taken[scan.station_id] = scan
        self.effects[scan.id] = (effect, span)


def restart_index(scans: Sequence[Scan], before: datetime, known_from: datetime | None) -> int | None:
    """Where folding may begin afresh and still give what folding everything gives.

    ``scans`` are in order and hold every scan since ``known_from`` (None: all there
    are). The answer is the last index at or before the first scan not earlier than
    ``before`` whose predecessors can neither be open any more nor make it a double
    tap; None means: look further back.
    """
    best = None
    reach: datetime | None = None
    for index, scan in enumerate(scans):
        is_clear = reach is None or scan.at > reach
        if is_clear and (known_from is None or scan.at - known_from >= HORIZON):
            best = index
        if scan.at >= before:
            break
        ends = max(scan.limit_at, scan.at + DOUBLE_TAP)
        reach = ends if reach is None else max(reach, ends)
    return best
