"""Times as people write them on paper and type them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from volunteer.domain.correction_refusals import TimesBackwards, TimesMalformed, TimesMissing
from volunteer.domain.paper_sheets import plain_name, read_time, span_on

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8", time(8)),
        ("8:30", time(8, 30)),
        ("08:30", time(8, 30)),
        ("830", time(8, 30)),
        ("0830", time(8, 30)),
        ("8：30", time(8, 30)),
        ("８：３０", time(8, 30)),
        (" 8.30 ", time(8, 30)),
        ("8点半", time(8, 30)),
        ("8点", time(8)),
        ("2030", time(20, 30)),
        ("24:00", time(0)),
    ],
)
def test_a_time_is_read_however_it_is_written(text: str, expected: time) -> None:
    assert read_time(text) == expected


@pytest.mark.parametrize("text", ["25", "1260", "8:5", "12345", "早上", "-8", "8:30:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(TimesMalformed):
        read_time(text)


def test_who_left_at_an_earlier_hour_left_the_next_day() -> None:
    start, end = span_on(date(2026, 9, 15), "22", "1:30", ZONE)

    assert start == datetime(2026, 9, 15, 22, tzinfo=ZONE)
    assert end == datetime(2026, 9, 16, 1, 30, tzinfo=ZONE)


def test_no_time_at_all_is_no_span() -> None:
    with pytest.raises(TimesMissing):
        span_on(date(2026, 9, 15), "8", " ", ZONE)
    with pytest.raises(TimesBackwards):
        span_on(date(2026, 9, 15), "8", "8:00", ZONE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a001", "A001"),
        ("Ａ００１ 张三", "A001"),
        (" 张三 ", "张三"),
        ("John Smith", "John Smith"),
        ("", ""),
    ],
)
def test_a_suggestion_is_cut_to_the_number(text: str, expected: str) -> None:
    assert plain_name(text) == expected
