"""Clocking as tables, and the property that carries everything: order never matters."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.domain.activities import Plan
from volunteer.domain.clocking import Scan, Span, fold, in_order, restart_index
from volunteer.domain.stations import Direction

START = datetime(2026, 9, 15, 0, 0, tzinfo=UTC)
LONG_AFTER = START + timedelta(days=400)
HOURS = timedelta(hours=1)


def scan(
    number: int, minutes: float, station: int = 1, direction: str = "both", plan: Plan | None = None
) -> Scan:
    return Scan(UUID(int=number), START + timedelta(minutes=minutes), station, Direction(direction), plan)


def story(*scans: Scan, now: datetime = LONG_AFTER) -> list[tuple[str, int, int | None]]:
    """The spans as (state, minutes, station)."""
    return [(span.state, span.minutes, span.opening.station_id) for span in fold(scans, now).spans]


def effects(*scans: Scan) -> list[str]:
    folding = fold(scans, LONG_AFTER)
    return [folding.effects[one.id][0] for one in in_order(scans)]


@pytest.mark.parametrize(
    ("scans", "spans"),
    [
        ([], []),
        ([scan(1, 0), scan(2, 90)], [("closed", 90, 1)]),
        ([scan(1, 0), scan(2, 0.5), scan(3, 90)], [("closed", 90, 1)]),
        ([scan(1, 0), scan(2, 1)], [("closed", 1, 1)]),
        ([scan(1, 0), scan(2, 90.99)], [("closed", 90, 1)]),
        (
            [scan(1, 0), scan(2, 90), scan(3, 90.5), scan(4, 200), scan(5, 230)],
            [("closed", 90, 1), ("closed", 30, 1)],
        ),
        ([scan(1, 0), scan(2, 60, station=2)], [("left", 0, 1), ("forgotten", 0, 2)]),
        ([scan(1, 0), scan(2, 60, station=2), scan(3, 90, station=2)], [("left", 0, 1), ("closed", 30, 2)]),
        ([scan(1, 0), scan(2, 12 * 60)], [("closed", 720, 1)]),
        ([scan(1, 0), scan(2, 12 * 60 + 0.1)], [("forgotten", 0, 1), ("forgotten", 0, 1)]),
        # 22:00 to 02:00 over midnight, and over the end of a year
        ([scan(1, 14 * 60), scan(2, 18 * 60)], [("closed", 240, 1)]),
    ],
)
def test_scans_become_spans(scans: list[Scan], spans: list[tuple[str, int, int]]) -> None:
    assert story(*scans) == spans


@pytest.mark.parametrize(
    ("scans", "expected"),
    [
        ([scan(1, 0), scan(2, 0.9), scan(3, 5)], ["checked_in", "double_tap", "checked_out"]),
        ([scan(1, 0), scan(2, 9, direction="in")], ["checked_in", "already_checked_in"]),
        ([scan(1, 0, direction="out")], ["not_checked_in"]),
        ([scan(1, 0, direction="in"), scan(2, 9, direction="out")], ["checked_in", "checked_out"]),
        ([scan(1, 0), scan(2, 9, station=2, direction="out")], ["checked_in", "not_checked_in"]),
        # the double tap belongs to the station: leaving for another one at once is no repetition
        ([scan(1, 0), scan(2, 0.2, station=2), scan(3, 0.5)], ["checked_in", "checked_in", "double_tap"]),
    ],
)
def test_each_scan_has_its_effect(scans: list[Scan], expected: list[str]) -> None:
    assert effects(*scans) == expected


def test_credit_is_the_overlap_with_the_planned_window_and_its_grace() -> None:
    plan = Plan(1, 1, START + HOURS, START + 3 * HOURS)
    early, late = scan(1, 30, plan=plan), scan(2, 3 * 60 + 30)
    assert story(early, late) == [("closed", 180, 1)]


def test_after_planned_end_and_grace_a_check_out_is_forgotten() -> None:
    plan = Plan(1, 1, START, START + 2 * HOURS)
    spans = fold([scan(1, 0, plan=plan), scan(2, 151)], START + 3 * HOURS).spans
    assert [span.state for span in spans] == ["forgotten", "open"]
    assert spans[0].ended_at == plan.ends_at


def test_an_open_span_waits_until_its_limit_has_passed() -> None:
    assert story(scan(1, 0), now=START + 12 * HOURS) == [("open", 0, 1)]
    assert story(scan(1, 0), now=START + 12 * HOURS + timedelta(seconds=1)) == [("forgotten", 0, 1)]


# Instants crowd around the edges of the rules: the double tap, the limits, midnight.
OFFSETS = st.one_of(
    st.integers(0, 4 * 86_400),
    st.sampled_from([0, 1, 59, 60, 61, 43_199, 43_200, 43_201, 86_340, 86_400, 86_460]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Scan]:
    """Up to 14 scans of one member over days, at up to three stations, some under a plan."""
    plans = {
        station: Plan(station, station, START + timedelta(hours=draw(st.integers(0, 48))), LONG_AFTER)
        for station in (1, 2)
    }
    plans = {
        station: Plan(
            station, station, plan.starts_at, plan.starts_at + timedelta(hours=draw(st.integers(1, 24)))
        )
        for station, plan in plans.items()
    }
    scans = []
    for number in range(draw(st.integers(0, 14))):
        station = draw(st.integers(1, 3))
        at = START + timedelta(seconds=draw(OFFSETS))
        plan = plans.get(station)
        fits = plan and plan.starts_at - timedelta(minutes=30) <= at <= plan.ends_at
        direction = draw(st.sampled_from([Direction.BOTH] * 4 + [Direction.IN, Direction.OUT]))
        scans.append(Scan(UUID(int=number), at, station, direction, plan if fits else None))
    return scans


def rows(spans: list[Span]) -> list[tuple[object, ...]]:
    return [
        (span.opening.id, span.closing and span.closing.id, span.state, span.minutes, span.ended_at)
        for span in spans
    ]


@settings(max_examples=2000, deadline=None)
@given(histories(), st.randoms(use_true_random=False), st.data())
def test_any_order_and_repetition_gives_the_same_spans(
    scans: list[Scan], random: object, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(scans)) + data.draw(
        st.lists(st.sampled_from(scans), max_size=5) if scans else st.just([])
    )
    assert rows(list(fold(shuffled, LONG_AFTER).spans)) == rows(list(fold(scans, LONG_AFTER).spans))


@settings(max_examples=2000, deadline=None)
@given(histories(), st.integers(0, 14))
def test_folding_from_a_restart_gives_the_end_of_folding_everything(scans: list[Scan], place: int) -> None:
    ordered = in_order(scans)
    before = ordered[min(place, len(ordered) - 1)].at if ordered else START
    start = restart_index(ordered, before, None)
    if start is None:
        assert not ordered
        return
    whole = fold(ordered, LONG_AFTER)
    tail = fold(ordered[start:], LONG_AFTER)
    expected = [span for span in whole.spans if span.opening.at >= ordered[start].at]
    assert rows(list(tail.spans)) == rows(expected)
    for one in ordered[start:]:
        assert tail.effects[one.id][0] == whole.effects[one.id][0]


@settings(max_examples=500, deadline=None)
@given(histories())
def test_spans_never_overlap_and_only_the_last_is_open(scans: list[Scan]) -> None:
    spans = fold(scans, START).spans
    assert all(span.state != "open" for span in spans[:-1])
    for earlier, later in pairwise(spans):
        assert earlier.closing is None or earlier.closing.at <= later.opening.at
