"""Bars of hours over time, measured here so that a page only writes them down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from volunteer.domain.totals import Per, Period, Sum, period_of

# In units of the drawing: a column for each bar, room above for the figure and below for the label.
COLUMN, HEIGHT, GAP = 56, 200, 10
WIDTH = 12 * COLUMN
# So many bars have room for a figure each; of more every fifth is labelled.
WITH_FIGURES = 14
STEPS_HOURS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True)
class Bar:
    """The bar of the time that begins on ``first_on``; ``y`` counts down from the top of the chart.

    Its top is the declared part, ``declared_height`` high.
    """

    first_on: date
    last_on: date
    sum: Sum
    x: float
    y: float
    width: float
    height: float
    declared_height: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Bars and the line that is drawn at a round number of hours."""

    bars: list[Bar]
    width: int
    height: int
    line_hours: int
    line_y: float
    has_figures: bool


def draw_months(year: int, by_month: Mapping[int, Sum]) -> Chart:
    """Bars of a year's months."""
    return draw_bars(
        (period_of(Per.MONTH, date(year, month, 1)), str(month), each)
        for month, each in sorted(by_month.items())
    )


def draw_bars(parts: Iterable[tuple[Period, str, Sum]]) -> Chart:
    """Bars in proportion to hours, each with its label; the tallest stays a little below the top."""
    parts = list(parts)
    most = max((each.minutes for _, _, each in parts), default=0)
    line = next((hours for hours in reversed(STEPS_HOURS) if hours * 60 <= most), 1)
    top = max(most, line * 60)
    column = WIDTH / max(12, len(parts))
    gap = GAP * column / COLUMN
    bars = []
    for place, (period, label, each) in enumerate(parts):
        # Any credited time is seen, however little it is.
        height = max(3.0, round(HEIGHT * each.minutes / top, 1)) if each.minutes else 0.0
        declared = round(height * each.declared / each.minutes, 1) if each.minutes else 0.0
        x, width = round(place * column + gap, 1), round(column - 2 * gap, 1)
        is_labelled = len(parts) <= WITH_FIGURES or place == 0 or (place + 1) % 5 == 0
        bars.append(
            Bar(
                period.first_on,
                period.last_on,
                each,
                x,
                round(HEIGHT - height, 1),
                width,
                height,
                declared,
                label if is_labelled else "",
            )
        )
    line_y = round(HEIGHT - HEIGHT * line * 60 / top, 1)
    return Chart(bars, WIDTH, HEIGHT, line, line_y, len(parts) <= WITH_FIGURES)
