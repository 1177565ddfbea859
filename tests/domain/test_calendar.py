"""The working calendar: published notices, days entered by hand, and years nobody knows yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.calendar import SEED_YEARS, Calendar, DayKind, UnknownYear

KNOWN_DAYS = st.dates(date(2004, 2, 1), date(2026, 11, 30))


def test_the_seed_knows_2004_to_2026_and_not_2027() -> None:
    calendar = Calendar()

    assert (SEED_YEARS[0], SEED_YEARS[-1]) == (2004, 2026)
    assert calendar.knows(2026)
    assert not calendar.knows(2027)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        (date(2026, 2, 13), DayKind.WORKDAY, None),
        (date(2026, 2, 14), DayKind.MAKEUP_WORKDAY, None),
        (date(2026, 2, 15), DayKind.HOLIDAY, "春节"),
        (date(2026, 2, 23), DayKind.HOLIDAY, "春节"),
        (date(2026, 2, 28), DayKind.MAKEUP_WORKDAY, None),
        (date(2026, 3, 15), DayKind.WEEKEND, None),
        (date(2026, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2015, 2, 15), DayKind.MAKEUP_WORKDAY, None),
        (date(2027, 1, 4), None, None),
    ],
)
def test_a_day_is_what_the_notice_says(day: date, kind: DayKind | None, name: str | None) -> None:
    calendar = Calendar()

    assert calendar.kind(day) is kind
    assert calendar.name(day) == name


def test_the_weekend_after_a_one_day_holiday_on_friday_is_a_weekend() -> None:
    kinds = [Calendar().kind(date(2019, 9, day)) for day in (13, 14, 15)]

    assert kinds == [DayKind.HOLIDAY, DayKind.WEEKEND, DayKind.WEEKEND]


def test_a_bridged_holiday_keeps_its_weekend_days() -> None:
    kinds = {Calendar().kind(date(2024, 9, day)) for day in (15, 16, 17)}

    assert kinds == {DayKind.HOLIDAY}


def test_what_an_admin_entered_wins_over_the_notice() -> None:
    typhoon = date(2026, 9, 15)
    calendar = Calendar(entered={typhoon: DayKind.HOLIDAY}, names={typhoon: "防台风停工"})

    assert calendar.is_workday(typhoon) is False
    assert calendar.name(typhoon) == "防台风停工"
    assert calendar.is_workday(date(2026, 9, 16)) is True


def test_a_year_entered_by_hand_is_known_on_every_day() -> None:
    entered = {date(2027, 2, 6): DayKind.HOLIDAY, date(2027, 2, 20): DayKind.MAKEUP_WORKDAY}
    calendar = Calendar(entered=entered, entered_years=frozenset({2027}))

    assert calendar.kind(date(2027, 2, 6)) is DayKind.HOLIDAY
    assert calendar.kind(date(2027, 2, 20)) is DayKind.MAKEUP_WORKDAY
    assert calendar.kind(date(2027, 3, 13)) is DayKind.WEEKEND
    assert calendar.kind(date(2027, 3, 15)) is DayKind.WORKDAY


def test_a_single_entered_day_does_not_make_its_year_known() -> None:
    calendar = Calendar(entered={date(2027, 1, 1): DayKind.HOLIDAY})

    assert calendar.is_workday(date(2027, 1, 1)) is False
    assert calendar.is_workday(date(2027, 1, 2)) is None
    assert not calendar.knows(2027)


@pytest.mark.parametrize(
    ("activity_on", "due_on"),
    [
        (date(2026, 2, 13), date(2026, 3, 5)),
        (date(2026, 9, 28), date(2026, 10, 16)),
        (date(2026, 9, 15), date(2026, 9, 29)),
    ],
)
def test_ten_working_days_follow_the_real_calendar(activity_on: date, due_on: date) -> None:
    assert Calendar().add_working_days(activity_on, 10) == due_on


def test_working_days_are_not_counted_into_an_unknown_year() -> None:
    with pytest.raises(UnknownYear) as raised:
        Calendar().add_working_days(date(2026, 12, 25), 10)

    assert raised.value.year == 2027


def test_working_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        Calendar().add_working_days(date(2026, 3, 2), -1)


def test_a_neighbouring_workday_is_looked_for_within_the_limit_only() -> None:
    calendar = Calendar()

    assert calendar.next_workday(date(2026, 2, 15), 8) is None
    assert calendar.next_workday(date(2026, 2, 15), 9) == date(2026, 2, 24)
    assert calendar.previous_workday(date(2026, 2, 23), 8) is None
    assert calendar.previous_workday(date(2026, 2, 23), 9) == date(2026, 2, 14)


def test_of_two_equally_near_workdays_the_later_one_is_taken() -> None:
    mid_block = date(2026, 1, 2)  # holiday from 1 to 3 January, workdays 31 December and 4 January (make-up)

    assert Calendar().nearest_workday(mid_block, 7) == date(2026, 1, 4)
    assert Calendar().nearest_workday(date(2026, 1, 1), 7) == date(2025, 12, 31)


def test_the_nearest_workday_is_not_guessed_across_an_unknown_year() -> None:
    holiday = date(2026, 12, 31)
    calendar = Calendar(entered={holiday: DayKind.HOLIDAY})

    with pytest.raises(UnknownYear):
        calendar.nearest_workday(holiday, 7)
    assert calendar.previous_workday(holiday, 7) == date(2026, 12, 30)


@given(KNOWN_DAYS, st.integers(0, 15))
def test_exactly_that_many_workdays_lie_between_a_day_and_its_due_day(day: date, count: int) -> None:
    calendar = Calendar()

    due = calendar.add_working_days(day, count)

    between = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert sum(bool(calendar.is_workday(each)) for each in between) == count
    assert not count or calendar.is_workday(due)


@given(KNOWN_DAYS)
def test_next_and_previous_are_each_others_mirror(day: date) -> None:
    calendar = Calendar()

    later = calendar.next_workday(day, 31)

    assert later is not None
    back = calendar.previous_workday(later, 31)
    assert back == (day if calendar.is_workday(day) else calendar.previous_workday(day, 31))


@given(st.dates(date(2027, 1, 1), date(2100, 12, 31)))
def test_a_day_of_an_unknown_year_has_no_kind(day: date) -> None:
    assert Calendar().kind(day) is None
    assert Calendar().is_workday(day) is None
