"""Bars of a year's hours, measured here so that the page only writes them down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from volunteer.queries.hours import Sum

# In units of the drawing: a column for each month, room above for the figure and below for the month.
COLUMN, HEIGHT, GAP = 56, 200, 10
STEPS_HOURS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Bar:
    """The bar of the month that begins on ``first_on``; ``y`` counts down from the top of the chart."""

    first_on: date
    sum: Sum
    x: int
    y: float
    width: int
    height: float


@dataclass(frozen=True)
class Chart:
    """Twelve bars and the line that is drawn at a round number of hours."""

    bars: list[Bar]
    width: int
    height: int
    column: int
    line_hours: int
    line_y: float


def draw_months(year: int, by_month: Mapping[int, Sum]) -> Chart:
    """Bars of a year in proportion to hours; the tallest month stays a little below the top."""
    most = max(each.minutes for each in by_month.values())
    line = next((hours for hours in reversed(STEPS_HOURS) if hours * 60 <= most), 1)
    top = max(most, line * 60)
    bars = []
    for month, each in sorted(by_month.items()):
        # A month with any credited time is seen, however little it is.
        height = max(3.0, round(HEIGHT * each.minutes / top, 1)) if each.minutes else 0.0
        x, width = (month - 1) * COLUMN + GAP, COLUMN - 2 * GAP
        bars.append(Bar(date(year, month, 1), each, x, HEIGHT - height, width, height))
    return Chart(bars, 12 * COLUMN, HEIGHT, COLUMN, line, round(HEIGHT - HEIGHT * line * 60 / top, 1))
