"""Which days people work: the State Council's holiday notices plus what an admin entered by hand.

The seed is the published notices as `chinese_calendar` carries them. A year
that is neither in the seed nor entered by hand is *unknown*: it is answered
with ``None`` or ``UnknownYear`` and never guessed from the day of the week.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from chinese_calendar.constants import Holiday, holidays, workdays

ONE_DAY = timedelta(days=1)
FRIDAY, SATURDAY = 4, 5
SEED_YEARS = range(min(holidays).year, max(holidays).year + 1)


class DayKind(StrEnum):
    """What a day is for people who work in offices."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP_WORKDAY = "makeup_workday"


WORKING = frozenset({DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY})


class UnknownYear(LookupError):
    """The holidays of ``year`` are not known yet, so a question about its days has no answer."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"the holidays of {year} are not known")


@dataclass(frozen=True)
class Calendar:
    """A working calendar. What an admin entered wins over the published seed.

    ``entered`` holds single days, ``names`` the names of entered holidays, and
    ``entered_years`` the years an admin has entered completely: in those, a day
    that was not entered is what its day of the week says.
    """

    entered: Mapping[date, DayKind] = field(default_factory=dict)
    names: Mapping[date, str] = field(default_factory=dict)
    entered_years: frozenset[int] = frozenset()

    def knows(self, year: int) -> bool:
        """Say whether every day of ``year`` is known."""
        return year in self.entered_years or year in SEED_YEARS

    def kind(self, day: date) -> DayKind | None:
        """What ``day`` is; ``None`` when its year is unknown and the day was not entered."""
        if day in self.entered:
            return self.entered[day]
        if day.year in self.entered_years:
            return _by_weekday(day)
        return _seed_kind(day) if day.year in SEED_YEARS else None

    def is_workday(self, day: date) -> bool | None:
        """Whether people work on ``day`` (make-up workdays count); ``None`` when unknown."""
        kind = self.kind(day)
        return None if kind is None else kind in WORKING

    def name(self, day: date) -> str | None:
        """The Chinese name of the holiday ``day`` belongs to, where it is one and its name is known."""
        if self.kind(day) is not DayKind.HOLIDAY:
            return None
        if day in self.names:
            return self.names[day]
        return None if day.year in self.entered_years else _seed_name(day)

    def next_workday(self, day: date, limit_days: int) -> date | None:
        """The first workday after ``day``, at most ``limit_days`` later; ``None`` when there is none.

        Raises ``UnknownYear`` on meeting an unknown day before a workday.
        """
        return self._first(day, limit_days, lambda days: (days,))

    def previous_workday(self, day: date, limit_days: int) -> date | None:
        """The last workday before ``day``, at most ``limit_days`` earlier; else as ``next_workday``."""
        return self._first(day, limit_days, lambda days: (-days,))

    def nearest_workday(self, day: date, limit_days: int) -> date | None:
        """``day`` itself when it is a workday, else the nearest one on either side within ``limit_days``.

        Of two equally near the later one is taken: it leaves people time to hear of it.
        Raises ``UnknownYear`` when an unknown day is as near as the answer would be.
        """
        if self._works(day):
            return day
        return self._first(day, limit_days, lambda days: (days, -days))

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th workday after ``day``, which itself is not counted.

        This is how "within ten working days after the activity" (Ministry of
        Civil Affairs Order 67, article 11) becomes a due date. Raises
        ``UnknownYear`` when the way there leads through an unknown day.
        """
        if count < 0:
            raise ValueError("count must not be negative")
        while count:
            day += ONE_DAY
            count -= self._works(day)
        return day

    def _works(self, day: date) -> bool:
        works = self.is_workday(day)
        if works is None:
            raise UnknownYear(day.year)
        return works

    def _first(self, day: date, limit_days: int, shifts: Callable[[int], tuple[int, ...]]) -> date | None:
        for distance in range(1, limit_days + 1):
            candidates = [day + shift * ONE_DAY for shift in shifts(distance)]
            working = [candidate for candidate in candidates if self._works(candidate)]
            if working:
                return working[0]
        return None


def _by_weekday(day: date) -> DayKind:
    return DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKDAY


def _seed_kind(day: date) -> DayKind:
    if day in workdays:
        return DayKind.MAKEUP_WORKDAY
    if day in holidays and not _is_joined_weekend(day):
        return DayKind.HOLIDAY
    return _by_weekday(day)


def _is_joined_weekend(day: date) -> bool:
    """Whether ``day`` is the ordinary weekend after a one-day holiday on a Friday.

    The notices grant only the Friday (放假，与周末连休), but the seed lists all
    three days as holiday, for example 13 to 15 September 2019.
    """
    if day.weekday() < SATURDAY:
        return False
    friday = day - (day.weekday() - FRIDAY) * ONE_DAY
    block = [friday + days * ONE_DAY for days in range(-1, 4)]
    listed = [holidays.get(each) == holidays[day] for each in block]
    return listed == [False, True, True, True, False] and Holiday(holidays[day]).days == 1


@cache
def _seed_name(day: date) -> str | None:
    return str(Holiday(holidays[day]).chinese) if day in holidays else None
