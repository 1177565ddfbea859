"""Due dates, how far back a wish may reach, and pairs that stand out."""

from datetime import UTC, date, datetime

import pytest

from volunteer.domain.acquaintances import Pair
from volunteer.domain.calendar import Calendar
from volunteer.domain.corrections import due_day, oldest_day, working_days_left


@pytest.mark.parametrize(
    ("asked_on", "due_on"),
    [
        (date(2026, 2, 13), date(2026, 3, 5)),
        (date(2026, 9, 28), date(2026, 10, 16)),
        (date(2026, 9, 15), date(2026, 9, 29)),
        (date(2026, 12, 25), None),
    ],
)
def test_ten_working_days_on_the_real_calendar(asked_on: date, due_on: date | None) -> None:
    assert due_day(asked_on, Calendar()) == due_on


@pytest.mark.parametrize(
    ("today", "due_on", "left"),
    [
        (date(2026, 9, 15), date(2026, 9, 29), 10),
        (date(2026, 9, 29), date(2026, 9, 29), 0),
        (date(2026, 9, 30), date(2026, 9, 29), -1),
        # The week of the National Day holiday has no working days.
        (date(2026, 9, 30), date(2026, 10, 8), 1),
        (date(2026, 9, 15), None, None),
        (date(2026, 12, 31), date(2027, 1, 8), None),
    ],
)
def test_how_many_working_days_are_left(today: date, due_on: date | None, left: int | None) -> None:
    assert working_days_left(today, due_on, Calendar()) == left


def test_a_wish_reaches_back_whole_years() -> None:
    assert oldest_day(date(2026, 9, 15), 3) == date(2023, 9, 15)
    assert oldest_day(date(2028, 2, 29), 3) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("count", "total", "stands_out"), [(4, 4, False), (5, 5, True), (8, 10, True), (7, 10, False)]
)
def test_a_pair_stands_out_only_where_it_nearly_always_agrees(
    count: int, total: int, stands_out: bool
) -> None:
    pair = Pair("鲍勃", "朵拉", count, total, datetime(2026, 9, 15, tzinfo=UTC))

    assert pair.stands_out is stands_out
