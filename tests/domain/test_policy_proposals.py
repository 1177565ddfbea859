"""New versions of the policy: what is refused, and what a comparison counts."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.policies import OfficeHours, Policy
from volunteer.domain.policy_proposals import (
    Comparison,
    LadderWrong,
    PolicyOutOfBounds,
    PolicySamePerson,
    PolicyTooEarly,
    PolicyUnchanged,
    check_policy,
    compare,
    differences,
    require_two_people,
)
from volunteer.domain.proposals import PersonUnknown
from volunteer.domain.refusals import Refusal
from volunteer.domain.settlements import Unsettled

NOON = datetime(2026, 9, 15, 4, 0, tzinfo=UTC)
VALID = Policy(id=1, from_on=date(2000, 1, 1))
WISH = replace(VALID, id=0, from_on=date(2026, 10, 1), rounding_minutes=30)


@dataclass(frozen=True)
class Row:
    checked_in_at: datetime
    checked_out_at: datetime | None
    member_id: int = 1
    state: str = "closed"
    id: int = 1


def served(minutes: int, member_id: int = 1) -> Unsettled:
    return Unsettled(Row(NOON, NOON + timedelta(minutes=minutes), member_id), 1, None)


def test_a_version_that_changes_something_and_begins_after_the_settled_days_is_taken() -> None:
    check_policy(WISH, VALID, date(2026, 9, 30))

    assert differences(VALID, WISH) == ["rounding_minutes"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"rounding_minutes": 1}, PolicyUnchanged),
        ({"rounding_minutes": 0}, PolicyOutOfBounds),
        ({"grace_minutes": -1}, PolicyOutOfBounds),
        ({"cap_minutes": 1441}, PolicyOutOfBounds),
        ({"most_pairs": 0}, PolicyOutOfBounds),
        ({"at_once_minutes": 721}, LadderWrong),
        ({"parent_minutes": 1441}, LadderWrong),
        ({"from_on": date(2026, 9, 30)}, PolicyTooEarly),
    ],
)
def test_a_version_that_makes_no_sense_is_refused(change: dict[str, int], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        check_policy(replace(WISH, **change), VALID, date(2026, 9, 30))


@pytest.mark.parametrize(
    ("proposer", "approver", "refusal"),
    [(None, 1, PersonUnknown), (1, None, PersonUnknown), (1, 1, PolicySamePerson)],
)
def test_two_known_people_stand_behind_a_version(
    proposer: int | None, approver: int | None, refusal: type[Refusal]
) -> None:
    require_two_people(1, 2)

    with pytest.raises(refusal):
        require_two_people(proposer, approver)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 1500)), max_size=30), st.integers(1, 60))
def test_a_comparison_adds_up(spans: list[tuple[int, int]], rounding: int) -> None:
    records, found = [served(minutes, member) for member, minutes in spans], Comparison()

    compare(records, VALID, replace(VALID, rounding_minutes=rounding), found, most=1000)

    lost = found.minutes_before - found.minutes_after
    assert lost == sum(one.before - one.after for one in found.largest) >= 0
    assert (found.records, found.changed) == (len(spans), len(found.largest))
    assert found.members == {one.row.member_id for one in found.largest}
    sizes = [abs(one.after - one.before) for one in found.largest]
    assert sizes == sorted(sizes, reverse=True)
    assert rounding > 1 or found.changed == 0


def test_a_comparison_counts_the_days_that_need_a_persons_look_by_member() -> None:
    found, stricter = Comparison(), replace(VALID, at_once_minutes=180)

    compare([served(100), served(100), served(170, 2)], VALID, stricter, found)

    assert (found.days_before, found.days_after, found.changed) == (0, 1, 0)


def test_a_comparison_sees_what_office_hours_do() -> None:
    found, record = Comparison(), replace(served(60), is_in_office_hours=True)

    compare([record], VALID, replace(VALID, office_hours=OfficeHours.EXCLUDE), found)

    assert (found.minutes_before, found.minutes_after) == (60, 0)
