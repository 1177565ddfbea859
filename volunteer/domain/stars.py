"""Stars: who is eligible by hours and tenure; judged by people, never by itself.

What a star asks for is data by place and year.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class JudgingLevel(StrEnum):
    """Who judges a star: the recording organisation (the brigade), the district, or the city."""

    ORGANISATION = "organisation"
    DISTRICT = "district"
    CITY = "city"


def registered_by(today: date, months: int) -> date:
    """The last day on which somebody must have been registered to have ``months`` full months today.

    Who registered on the 31st has a full month at the end of a shorter one.
    """
    year, index = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = calendar.monthrange(year, index + 1)[1]
    is_month_end = today.day == calendar.monthrange(today.year, today.month)[1]
    return date(year, index + 1, last if is_month_end else min(today.day, last))


def full_months(since: date, today: date) -> int:
    """How many full months somebody registered on ``since`` has on ``today``."""
    months = max(0, (today.year - since.year) * 12 + today.month - since.month)
    while months and registered_by(today, months) < since:
        months -= 1
    return months


@dataclass(frozen=True, slots=True)
class Missing:
    """What somebody still lacks for a star; nothing where both are 0."""

    minutes: int
    months: int

    @property
    def is_nothing(self) -> bool:
        """Whether everything the star asks for is met."""
        return not (self.minutes or self.months)


class Rule(Protocol):
    """A stored rule."""

    @property
    def minutes(self) -> int: ...
    @property
    def tenure_months(self) -> int: ...
    @property
    def is_metered_only(self) -> bool: ...


def missing_for(rule: Rule, metered: int, declared: int, since: date, today: date) -> Missing:
    """What these settled minutes and this tenure lack for the star."""
    counted = metered if rule.is_metered_only else metered + declared
    return Missing(max(0, rule.minutes - counted), max(0, rule.tenure_months - full_months(since, today)))
