"""What must not count before a person has looked, and who may decide it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from volunteer.domain.detectors import impossible_months, office_minutes
from volunteer.domain.policies import Policy
from volunteer.domain.review_decisions import Reach, may_decide
from volunteer.domain.reviews import (
    DayRecord,
    Finding,
    ReviewKind,
    ReviewState,
    Step,
    holding_items,
    is_over,
    rows_of,
    step_for,
)

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 9, 12)
MORNING = datetime(2026, 9, 12, 0, 0, tzinfo=UTC)
POLICY = Policy(1, date(2000, 1, 1))
HOUR = timedelta(hours=1)


def record(number: int, start: float, hours: float, *, person: int = 1, **more: Any) -> DayRecord:
    begins = MORNING + start * HOUR
    values: dict[str, Any] = {"member_id": person, "team_id": 7} | more
    return DayRecord(number, values.pop("member_id"), person, values.pop("team_id"), begins,
                     begins + hours * HOUR, int(hours * 60), **values)  # fmt: skip


def found(*records: DayRecord) -> list[tuple[str, str, int]]:
    return [(one.kind, one.level, len(one.record_ids)) for one in holding_items(DAY, records, POLICY)]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (8, []),
        (8 + 1 / 60, [("long_day", "parent", 2)]),
        (12, [("long_day", "parent", 2)]),
        (12 + 1 / 60, [("long_day", "brigade", 2)]),
        (16, [("long_day", "brigade", 2)]),
        (16 + 1 / 60, [("impossible_total", "brigade", 2)]),
    ],
)
def test_the_ladder_of_a_day(hours: float, expected: list[tuple[str, str, int]]) -> None:
    assert found(record(1, 0, 4), record(2, 4, hours - 4)) == expected


def test_two_people_are_never_added_up() -> None:
    assert found(record(1, 0, 6), record(2, 0, 6, person=2)) == []


@pytest.mark.parametrize(
    ("start", "pairs"), [(2, 0), (2 - 0.5 / 60, 0), (2 - 1 / 60, 1), (-0.5, 1), (0.5, 1), (-1, 0)]
)
def test_two_places_at_once_share_at_least_a_minute(start: float, pairs: int) -> None:
    records = record(1, 0, 2), record(2, start, 1, member_id=9)

    assert found(*records) == [("two_places", "parent", 2)] * pairs


def test_every_pair_of_three_places_is_an_item_of_its_own_whatever_the_order() -> None:
    records = [record(number, 0, 1) for number in (1, 2, 3)]
    keys = {one.key for one in holding_items(DAY, records, POLICY)}

    assert keys == {f"two_places:1:{DAY}:{pair}" for pair in ("1-2", "1-3", "2-3")}
    assert keys == {one.key for one in holding_items(DAY, records[::-1], POLICY)}


def test_what_reaches_in_from_the_day_before_counts_for_its_own_day_only() -> None:
    before = record(1, -10, 11, served_on=DAY - timedelta(days=1))

    assert found(before, record(2, 0, 2)) == [("two_places", "parent", 2)]
    assert found(before) == []


def test_what_credits_nothing_is_nobodys_second_place() -> None:
    nothing = DayRecord(1, 1, 1, 7, MORNING, MORNING + 9 * HOUR, 0)

    assert found(nothing, record(2, 0, 2)) == []


def test_it_lies_on_the_desk_of_the_kept_rows_team() -> None:
    records = record(1, 0, 5, member_id=9, team_id=8), record(2, 5, 5)

    assert [one.team_id for one in holding_items(DAY, records, POLICY)] == [7]


@dataclass
class Item:
    state: str
    kind: str = ReviewKind.LONG_DAY
    minutes: int = 600

    @property
    def params(self) -> dict[str, int]:
        return {"minutes": self.minutes}

    @property
    def rows(self) -> dict[str, list[int]]:
        return {"records": [3]}


@pytest.mark.parametrize(
    ("item", "step"),
    [
        (None, Step.ADD),
        (Item("open"), Step.LEAVE),
        (Item("open", minutes=500), Step.REFRESH),
        (Item("accepted"), Step.LEAVE),
        (Item("accepted", minutes=500), Step.REFRESH),
        (Item("rejected", minutes=500), Step.REFRESH),
        (Item("gone"), Step.REFRESH),
        (Item("muted", minutes=500), Step.LEAVE),
    ],
)
def test_a_decision_holds_for_the_facts_it_was_made_about(item: Item | None, step: Step) -> None:
    finding = Finding(ReviewKind.LONG_DAY, "k", 1, 7, POLICY_LEVEL, {"minutes": 600}, (3,))

    assert rows_of(finding) == {"records": [3]}
    assert step_for(finding, item) is step


POLICY_LEVEL = holding_items(DAY, [record(1, 0, 9)], POLICY)[0].level


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("kind", [ReviewKind.LONG_DAY, ReviewKind.LATE_SCAN])
def test_what_has_no_cause_any_more_goes_unless_it_was_decided(state: ReviewState, kind: ReviewKind) -> None:
    goes = {(ReviewState.OPEN, kind), (ReviewState.REJECTED, ReviewKind.LONG_DAY)}

    assert is_over(Item(state, kind)) is ((state, kind) in goes)


@pytest.mark.parametrize(
    ("level", "reach", "may"),
    [
        ("none", {3}, True),
        ("none", {4}, False),
        ("parent", {3}, False),
        ("parent", {2, 3}, True),
        ("brigade", {1, 2, 3}, False),
    ],
)
def test_who_may_decide_about_team_three_below_two(level: str, reach: set[int], may: bool) -> None:
    assert may_decide(level, 3, 2, Reach(reach, is_brigade=False)) is may


def test_the_brigade_decides_everything_also_about_its_own_members() -> None:
    brigade = Reach({1, 2, 3}, is_brigade=True)

    assert all(may_decide(level, 3, 2, brigade) for level in ("none", "parent", "brigade"))
    assert all(may_decide(level, 1, None, brigade) for level in ("none", "parent", "brigade"))
    assert not may_decide("parent", 3, None, Reach({3}, is_brigade=False))


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [(7, 9, 0), (8, 10, 60), (9, 12, 180), (12, 14, 0), (11, 15, 120), (9, 18, 420), (17.5, 20, 30)],
)
def test_minutes_in_office_hours(start: float, end: float, minutes: int) -> None:
    midnight = datetime(2026, 9, 16, tzinfo=ZONE)

    assert office_minutes(midnight.date(), midnight + start * HOUR, midnight + end * HOUR, ZONE) == minutes


@dataclass
class Served:
    record_id: int
    served_on: date
    minutes: int
    person_id: int = 1
    team_id: int = 7


def test_a_month_holds_what_came_after_it_was_full() -> None:
    first = date(2026, 9, 1)
    records = [Served(day, first + timedelta(days=day), 11 * 60) for day in range(29)]

    assert impossible_months(first, records[:27]) == []
    (finding,) = impossible_months(first, records)
    assert (finding.record_ids, finding.day_on, finding.params["minutes"]) == ((27, 28), first, 29 * 660)
