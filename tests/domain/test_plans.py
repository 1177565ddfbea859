"""Which activity a check-in belongs to."""

from datetime import UTC, datetime, timedelta

import pytest

from volunteer.domain.activities import Plan, plan_for

BEGINS = datetime(2026, 9, 15, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRACE = timedelta(minutes=30)
STATION = 1


def plan(activity_id: int, first: float, last: float, *, is_blocked: bool = False) -> Plan:
    return Plan(activity_id, STATION, BEGINS + first * HOUR, BEGINS + last * HOUR, is_blocked=is_blocked)


def chosen(at: float, plans: list[Plan], *signed_up: int) -> int | None:
    found = plan_for(plans, STATION, BEGINS + at * HOUR, GRACE, dict.fromkeys(signed_up, BEGINS - HOUR))
    return found.activity_id if found else None


MORNING, AFTERNOON, WATCH, TRAINING = plan(1, 0, 4), plan(2, 4, 8), plan(3, 0, 12), plan(4, 1, 3)


@pytest.mark.parametrize(
    ("at", "plans", "signed_up", "expected"),
    [
        (1.5, [WATCH, TRAINING], [], 3),
        (1.5, [WATCH, TRAINING], [4], 4),
        (3.9, [MORNING, AFTERNOON], [1], 2),
        (3.0, [MORNING, AFTERNOON], [1], 1),
        (3.9, [MORNING, AFTERNOON, WATCH], [1], 2),
        (1.5, [WATCH, MORNING, TRAINING], [1, 4], 1),
        (3.9, [plan(1, 0, 4, is_blocked=True), AFTERNOON], [1], 2),
        (1.5, [plan(1, 0, 4, is_blocked=True), TRAINING], [], 4),
        (9.0, [MORNING, AFTERNOON], [1], None),
    ],
)
def test_ones_own_activity_wins_over_all_but_the_one_that_follows_it(
    at: float, plans: list[Plan], signed_up: list[int], expected: int | None
) -> None:
    assert chosen(at, plans, *signed_up) == expected
    assert chosen(at, plans[::-1], *signed_up) == expected


def test_a_sign_up_after_the_card_was_held_decides_nothing() -> None:
    late = {TRAINING.activity_id: BEGINS + 2 * HOUR}

    found = plan_for([WATCH, TRAINING], STATION, BEGINS + 1.5 * HOUR, GRACE, late)

    assert found == WATCH
