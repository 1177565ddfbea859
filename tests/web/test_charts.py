"""Bars in proportion to hours."""

from datetime import date

import pytest

from volunteer.domain.totals import Per, Sum, period_of
from volunteer.web.charts import HEIGHT, draw_bars, draw_months


def months(**minutes: int) -> dict[int, Sum]:
    """A year with these minutes (m1 is January) and nothing else."""
    return {month: Sum(minutes.get(f"m{month}", 0), 1) for month in range(1, 13)}


def test_bars_are_in_proportion_and_stand_on_the_ground() -> None:
    bars = draw_months(2026, months(m3=600, m4=300)).bars

    assert (bars[2].height, bars[3].height, bars[0].height) == (HEIGHT, HEIGHT / 2, 0)
    assert all(bar.y + bar.height == HEIGHT for bar in bars)


def test_a_few_minutes_are_still_seen() -> None:
    assert draw_months(2026, months(m1=60_000, m2=1)).bars[1].height >= 3


@pytest.mark.parametrize(("minutes", "hours"), [(0, 1), (59, 1), (60, 1), (600, 10), (1199, 10), (1200, 20)])
def test_the_line_stands_at_a_round_number_of_hours_inside_the_chart(minutes: int, hours: int) -> None:
    chart = draw_months(2026, months(m1=minutes))

    assert chart.line_hours == hours
    assert 0 <= chart.line_y <= HEIGHT


def test_the_part_that_people_entered_is_the_top_of_its_bar() -> None:
    (first, *_) = draw_months(2026, {month: Sum(600, 2, 150) for month in range(1, 13)}).bars

    assert (first.height, first.declared_height) == (HEIGHT, HEIGHT / 4)


def test_of_many_bars_every_fifth_has_a_label() -> None:
    days = [period_of(Per.DAY, date(2026, 9, day)) for day in range(1, 31)]

    chart = draw_bars((one, str(one.first_on.day), Sum(60, 1)) for one in days)

    assert [bar.label for bar in chart.bars if bar.label] == ["1", "5", "10", "15", "20", "25", "30"]
    assert not chart.has_figures
