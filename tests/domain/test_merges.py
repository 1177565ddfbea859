"""One person's records under several rows: no minute twice, whatever overlaps."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.merges import find_overlaps, switch_at

DAY = datetime(2026, 9, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    opening_scan_id: int
    checked_in_at: datetime
    checked_out_at: datetime
    minutes: int


def record(number: int, start: int, end: int) -> Record:
    first, last = (DAY + timedelta(minutes=minute) for minute in (start, end))
    return Record(number, first, last, end - start)


@pytest.mark.parametrize(
    ("spans", "left_out"),
    [
        ([(0, 60), (60, 120)], []),
        ([(0, 60), (30, 90)], [30]),
        ([(0, 120), (30, 60), (90, 150)], [30, 30]),
        ([(0, 60), (0, 60)], [60]),
    ],
)
def test_overlapping_time_is_left_out_once(spans: list[tuple[int, int]], left_out: list[int]) -> None:
    records = [record(number, *span) for number, span in enumerate(spans)]

    assert [one.minutes for one in find_overlaps(reversed(records))] == left_out


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120)), max_size=12))
def test_the_sum_is_the_time_covered_by_any_record(spans: list[tuple[int, int]]) -> None:
    records = [record(number, start, start + length) for number, (start, length) in enumerate(spans)]

    counted = sum(one.minutes for one in records) - sum(one.minutes for one in find_overlaps(records))

    assert counted == len({minute for start, length in spans for minute in range(start, start + length)})


def test_a_card_changes_hands_right_after_the_last_scan_and_never_before_it_was_issued() -> None:
    assert switch_at(DAY, None) > DAY
    assert switch_at(DAY, DAY - timedelta(days=1)) > DAY
    assert switch_at(DAY, DAY + timedelta(hours=1)) - (DAY + timedelta(hours=1)) < timedelta(seconds=1)
