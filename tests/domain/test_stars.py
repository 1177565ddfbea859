"""Months of registration, and what somebody still lacks for a star."""

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.stars import Missing, full_months, missing_for, registered_by

DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))


@pytest.mark.parametrize(
    ("today", "months", "last_on"),
    [
        (date(2026, 9, 15), 6, date(2026, 3, 15)),
        (date(2026, 2, 28), 6, date(2025, 8, 31)),
        (date(2026, 3, 30), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 10), 24, date(2024, 1, 10)),
        (date(2026, 1, 10), 0, date(2026, 1, 10)),
    ],
)
def test_the_last_day_to_have_registered_on(today: date, months: int, last_on: date) -> None:
    assert registered_by(today, months) == last_on


@given(DAYS, DAYS, st.integers(0, 60))
def test_a_tenure_is_met_exactly_where_the_full_months_say_so(since: date, today: date, months: int) -> None:
    if since <= today:
        assert (since <= registered_by(today, months)) == (full_months(since, today) >= months)


@dataclass(frozen=True)
class Rule:
    minutes: int = 6000
    tenure_months: int = 6
    is_metered_only: bool = False


@pytest.mark.parametrize(
    ("rule", "metered", "declared", "since", "missing"),
    [
        (Rule(), 6000, 0, date(2026, 3, 15), Missing(0, 0)),
        (Rule(), 5000, 1000, date(2026, 3, 15), Missing(0, 0)),
        (Rule(is_metered_only=True), 5000, 1000, date(2026, 3, 15), Missing(1000, 0)),
        (Rule(), 5999, 0, date(2026, 3, 16), Missing(1, 1)),
        (Rule(), 0, 0, date(2026, 9, 15), Missing(6000, 6)),
    ],
)
def test_what_is_missing(rule: Rule, metered: int, declared: int, since: date, missing: Missing) -> None:
    assert missing_for(rule, metered, declared, since, date(2026, 9, 15)) == missing
    assert missing.is_nothing == (missing == Missing(0, 0))
