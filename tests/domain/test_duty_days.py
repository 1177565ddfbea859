"""The monthly service day: what is proposed, and when a person has to decide."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.calendar import Calendar, DayKind
from volunteer.domain.duty_days import Alternative, DutyDayPolicy, ProposalStatus, propose

KEEP, NEXT, PREVIOUS, NEAREST, NONE = DutyDayPolicy
MOVING = st.sampled_from([NEXT, PREVIOUS, NEAREST])
KNOWN_YEARS = st.integers(2004, 2026)
MONTHS = st.integers(1, 12)


def test_the_15th_over_sixteen_years_is_what_the_notices_say() -> None:
    calendar = Calendar()

    kinds = Counter(
        calendar.kind(date(year, month, 15)) for year in range(2011, 2027) for month in range(1, 13)
    )

    assert kinds == {
        DayKind.WORKDAY: 131,
        DayKind.WEEKEND: 53,
        DayKind.HOLIDAY: 7,
        DayKind.MAKEUP_WORKDAY: 1,
    }


@pytest.mark.parametrize(
    ("year", "month", "policy", "expected"),
    [
        (2026, 2, KEEP, date(2026, 2, 15)),
        (2026, 2, PREVIOUS, date(2026, 2, 14)),
        (2026, 2, NEAREST, date(2026, 2, 14)),
        (2024, 2, NEXT, date(2024, 2, 18)),
        (2024, 2, PREVIOUS, date(2024, 2, 9)),
        (2024, 2, NEAREST, date(2024, 2, 18)),
        (2024, 9, NEXT, date(2024, 9, 18)),
        (2024, 9, PREVIOUS, date(2024, 9, 14)),
        (2024, 9, NEAREST, date(2024, 9, 14)),
        (2018, 2, NEXT, date(2018, 2, 22)),
        (2018, 2, PREVIOUS, date(2018, 2, 14)),
        (2013, 2, NEXT, date(2013, 2, 16)),
        (2015, 2, NEXT, date(2015, 2, 15)),
        (2015, 2, PREVIOUS, date(2015, 2, 15)),
        (2026, 3, NEXT, date(2026, 3, 16)),
        (2026, 3, PREVIOUS, date(2026, 3, 13)),
        (2026, 3, NEAREST, date(2026, 3, 16)),
        (2026, 8, NEAREST, date(2026, 8, 14)),
        (2026, 11, NEXT, date(2026, 11, 16)),
        (2026, 9, NEXT, date(2026, 9, 15)),
    ],
)
def test_the_policy_leads_to_the_right_day(
    year: int, month: int, policy: DutyDayPolicy, expected: date
) -> None:
    proposal = propose(year, month, policy, Calendar())

    assert proposal.status is ProposalStatus.PROPOSED
    assert proposal.proposed_on == expected
    assert proposal.shift_days == expected.day - 15


@pytest.mark.parametrize("month", range(1, 13))
def test_only_four_15ths_of_2026_are_not_workdays(month: int) -> None:
    proposal = propose(2026, month, KEEP, Calendar())

    works = str(proposal.day_is) == "15日是工作日。"
    assert works is (month not in (2, 3, 8, 11))


def test_february_2026_has_no_next_workday_within_a_week_and_offers_the_choices() -> None:
    proposal = propose(2026, 2, NEXT, Calendar())

    assert proposal.month == "2026-02"
    assert proposal.base_on == date(2026, 2, 15)
    assert proposal.status is ProposalStatus.NEEDS_DECISION
    assert proposal.proposed_on is None
    assert str(proposal.reason) == "15日不上班，之后7天之内本月没有工作日，请选定日期。"
    assert proposal.alternatives == (
        Alternative(date(2026, 2, 14), -1, PREVIOUS),
        Alternative(date(2026, 2, 24), 9, NEXT),
        Alternative(date(2026, 2, 15), 0, KEEP),
    )


def test_a_longer_maximum_shift_lets_february_2026_move() -> None:
    proposal = propose(2026, 2, NEXT, Calendar(), max_shift_days=9)

    assert proposal.proposed_on == date(2026, 2, 24)
    assert str(proposal.reason) == "15日不上班，顺延9天。"


@pytest.mark.parametrize(
    ("year", "month", "sentence"),
    [
        (2026, 2, "15日是春节假期。"),
        (2026, 3, "15日是周日。"),
        (2026, 8, "15日是周六。"),
        (2026, 9, "15日是工作日。"),
        (2015, 2, "15日是调休上班日。"),
        (2024, 9, "15日是中秋节假期。"),
        (2027, 2, "2027年的放假安排还没有录入，不知道15日是否上班。"),
    ],
)
def test_keep_says_what_day_the_15th_is(year: int, month: int, sentence: str) -> None:
    proposal = propose(year, month, KEEP, Calendar())

    assert proposal.status is (ProposalStatus.UNKNOWN if year == 2027 else ProposalStatus.PROPOSED)
    assert proposal.proposed_on == date(year, month, 15)
    assert str(proposal.reason) == sentence


def test_a_kept_holiday_still_shows_the_workdays_beside_it() -> None:
    proposal = propose(2026, 2, KEEP, Calendar())

    assert [choice.shift_days for choice in proposal.alternatives] == [-1, 9]


def test_an_earlier_day_is_said_to_be_earlier() -> None:
    proposal = propose(2024, 2, PREVIOUS, Calendar())

    assert str(proposal.reason) == "15日不上班，提前6天。"


def test_without_a_policy_nothing_is_proposed() -> None:
    proposal = propose(2026, 2, NONE, Calendar())

    assert proposal.status is ProposalStatus.NONE
    assert proposal.proposed_on is None


def test_a_year_entered_by_hand_is_used_like_a_published_one() -> None:
    entered = {date(2027, 3, 15): DayKind.HOLIDAY}
    calendar = Calendar(entered, {date(2027, 3, 15): "植树周"}, frozenset({2027}))

    proposal = propose(2027, 3, NEXT, calendar)

    assert proposal.proposed_on == date(2027, 3, 16)
    assert str(proposal.day_is) == "15日是植树周假期。"


def test_a_move_never_leaves_the_month() -> None:
    proposal = propose(2026, 2, NEXT, Calendar(entered={date(2026, 2, 28): DayKind.WEEKEND}), base_day=28)

    assert proposal.status is ProposalStatus.NEEDS_DECISION


@pytest.mark.parametrize("base_day", [0, 29, 31])
def test_a_base_day_that_some_month_lacks_is_a_mistake(base_day: int) -> None:
    with pytest.raises(ValueError, match="base_day"):
        propose(2026, 2, KEEP, Calendar(), base_day=base_day)


@given(KNOWN_YEARS, MONTHS, MOVING, st.integers(0, 15))
def test_a_moved_day_is_a_workday_within_the_maximum_shift(
    year: int, month: int, policy: DutyDayPolicy, max_shift_days: int
) -> None:
    calendar = Calendar()

    proposal = propose(year, month, policy, calendar, max_shift_days)

    if proposal.proposed_on is None:
        assert proposal.status is ProposalStatus.NEEDS_DECISION
        assert len(proposal.alternatives) == 3
    else:
        assert calendar.is_workday(proposal.proposed_on)
        assert abs(proposal.shift_days) <= max_shift_days
        assert f"{proposal.proposed_on:%Y-%m}" == proposal.month


@given(KNOWN_YEARS, MONTHS)
def test_no_workday_is_nearer_than_the_nearest(year: int, month: int) -> None:
    calendar = Calendar()

    proposal = propose(year, month, NEAREST, calendar)

    nearer = range(-abs(proposal.shift_days) + 1, abs(proposal.shift_days))
    assert not any(calendar.is_workday(proposal.base_on + timedelta(days=days)) for days in nearer)


@given(KNOWN_YEARS, MONTHS)
def test_previous_is_next_seen_in_a_mirror(year: int, month: int) -> None:
    base_on = date(year, month, 15)
    calendar = Calendar()
    mirrored = Calendar(
        {
            base_on + n * timedelta(days=1): calendar.kind(base_on - n * timedelta(days=1)) or DayKind.WORKDAY
            for n in range(-14, 14)
        }
    )

    there = propose(year, month, PREVIOUS, calendar)
    back = propose(year, month, NEXT, mirrored)

    assert (there.status, there.shift_days) == (back.status, -back.shift_days)


@given(st.integers(2027, 2100), MONTHS, MOVING)
def test_an_unknown_year_is_never_guessed(year: int, month: int, policy: DutyDayPolicy) -> None:
    proposal = propose(year, month, policy, Calendar())

    assert proposal.status is ProposalStatus.UNKNOWN
    assert proposal.proposed_on is None
    assert proposal.alternatives == ()


def test_a_single_entered_day_does_not_let_the_rest_be_guessed() -> None:
    calendar = Calendar(entered={date(2027, 3, 15): DayKind.HOLIDAY})

    proposal = propose(2027, 3, NEXT, calendar)

    assert proposal.status is ProposalStatus.UNKNOWN
    assert str(proposal.reason) == "2027年的放假安排还没有录入，不能推算服务日。"
