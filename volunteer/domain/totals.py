"""Totals: minutes that count, metered and declared apart, settled and not settled yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from volunteer.domain.ledger import Measure
from volunteer.domain.months import month_of, shift_month, span_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Sum:
    """Minutes that count and how many records they come from.

    ``declared`` is the part that people entered, ``waiting`` the part that is not settled yet.
    """

    minutes: int = 0
    records: int = 0
    declared: int = 0
    waiting: int = 0

    @property
    def metered(self) -> int:
        """The part that stations measured."""
        return self.minutes - self.declared

    @property
    def settled(self) -> int:
        """The part that stands in the ledger."""
        return self.minutes - self.waiting

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.minutes + other.minutes,
            self.records + other.records,
            self.declared + other.declared,
            self.waiting + other.waiting,
        )


def settled_sum(measure: str, minutes: int, records: int) -> Sum:
    """What the ledger says, of one measure."""
    return Sum(minutes, records, minutes if measure == Measure.DECLARED else 0)


def change_of(minutes: int, credited: int, *, is_declared: bool) -> Sum:
    """What a record changes about settled sums while the ledger does not say yet what it says.

    It counts ``minutes`` now, all of them not settled; ``credited`` is what the ledger still has of it.
    """
    change = minutes - credited
    return Sum(change, (minutes > 0) - (credited > 0), change if is_declared else 0, minutes)


def add_up(sums: Iterable[Sum]) -> Sum:
    """All of them together."""
    return sum(sums, Sum())


class By(StrEnum):
    """Whose hours a line of totals is about."""

    TEAM = "team"
    UNIT = "unit"
    MEMBER = "member"


class Per(StrEnum):
    """How long the time is that totals are made of."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, order=True)
class Period:
    """A day, a month or a year: its first and its last day."""

    first_on: date
    last_on: date

    @property
    def per(self) -> Per:
        """Which of the three it is."""
        if self.first_on == self.last_on:
            return Per.DAY
        return Per.MONTH if self.first_on.month == self.last_on.month else Per.YEAR


def period_of(per: Per, day: date) -> Period:
    """The day, month or year that ``day`` lies in."""
    if per is Per.DAY:
        return Period(day, day)
    if per is Per.MONTH:
        return Period(*span_of(month_of(day)))
    return Period(date(day.year, 1, 1), date(day.year, 12, 31))


def siblings_of(period: Period, earliest_on: date, today: date) -> list[Period]:
    """The periods beside it in a chart: the days of its month, the months of its year, or all years.

    Nothing after today, and no year before the first with hours.
    """
    if period.per is Per.DAY:
        whole = period_of(Per.MONTH, period.first_on)
        days = (whole.last_on - whole.first_on).days + 1
        found = [period_of(Per.DAY, whole.first_on + number * ONE_DAY) for number in range(days)]
    elif period.per is Per.MONTH:
        first = f"{period.first_on.year:04}-01"
        found = [Period(*span_of(shift_month(first, number))) for number in range(12)]
    else:
        first_year = min(earliest_on.year, period.first_on.year)
        found = [period_of(Per.YEAR, date(year, 1, 1)) for year in range(first_year, today.year + 1)]
    return [one for one in found if one.first_on <= today or one == period]
