"""Records and scans on a line of hours, measured here so that the page only writes them down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

HOUR = timedelta(hours=1)
# In units of the drawing. Longer than two days is no picture any more.
LEFT, WIDTH, TOP, LANE = 26, 330, 24, 34
LONGEST = timedelta(hours=48)
MOST_LANES = 12
MOST_TICKS = 8


@dataclass(frozen=True)
class Bar:
    """One record: its number in the list below, from where to where, and its lane's middle."""

    number: int
    x: float
    width: float
    y: int
    is_counted: bool


@dataclass(frozen=True)
class Timeline:
    """Bars, the scans as marks, ticks with their hour, and the stretch that two bars share, if any."""

    bars: list[Bar]
    marks: list[float]
    ticks: list[tuple[float, str]]
    shared: list[tuple[float, float]]
    marks_y: int
    width: int
    height: int


def draw_timeline(records: Sequence[Any], scans: Sequence[datetime], zone: tzinfo) -> Timeline | None:
    """The picture of records with an end, and of scans; None where it would show nothing or be too long."""
    spans = [(one.checked_in_at, one.checked_out_at or one.checked_in_at) for one in records]
    instants = [instant for span in spans for instant in span] + list(scans)
    if not instants or len(records) > MOST_LANES or max(instants) - min(instants) > LONGEST:
        return None
    first = min(instants).astimezone(zone).replace(minute=0, second=0, microsecond=0)
    hours = max(1, -(-(max(instants) - first) // HOUR))
    step = -(-hours // MOST_TICKS)
    hours = -(-hours // step) * step

    def place(instant: datetime) -> float:
        share: float = (instant - first) / (hours * HOUR)
        return round(LEFT + WIDTH * share, 1)

    bars = [
        Bar(
            number,
            place(start),
            max(3.0, round(place(end) - place(start), 1)),
            TOP + LANE * (number - 1) + LANE // 2,
            one.minutes > 0,
        )
        for number, (one, (start, end)) in enumerate(zip(records, spans, strict=True), 1)
    ]
    ticks = [
        (place(first + hour * HOUR), f"{(first + hour * HOUR).astimezone(zone):%H}")
        for hour in range(0, hours + 1, step)
    ]
    marks_y = TOP + LANE * len(records) + 12
    return Timeline(
        bars,
        [place(at) for at in scans],
        ticks,
        [(place(start), round(place(end) - place(start), 1)) for start, end in _shared(spans)],
        marks_y,
        LEFT + WIDTH + 14,
        marks_y + 14,
    )


def _shared(spans: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Where two of the spans claim the same time."""
    found = []
    for index, (start, end) in enumerate(spans):
        for other_start, other_end in spans[index + 1 :]:
            both = max(start, other_start), min(end, other_end)
            if both[0] < both[1]:
                found.append(both)
    return found
