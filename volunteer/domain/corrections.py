"""Corrections: what a person may wish to have changed in the record, and by whom it is decided."""

from datetime import date, timedelta
from enum import StrEnum

from volunteer.domain.calendar import Calendar, UnknownYear

# Order 67 article 11: recorded, and so corrected, within ten working days.
DUE_WORKING_DAYS = 10
OLDEST_YEARS_SETTING, OLDEST_YEARS = "corrections_oldest_years", 3
# How many days a wish is on notice inside the unit; 0: nobody puts anything on notice.
NOTICE_DAYS_SETTING, NO_NOTICE = "corrections_notice_days", 0
ONE_DAY = timedelta(days=1)


class CorrectionKind(StrEnum):
    """What is wished for.

    Each takes the original out of account (but for those that have none) and puts a
    declared record in its place (but for a void).
    """

    CORRECTION = "correction"
    MAKEUP_RECORD = "makeup_record"
    VOID = "void"
    # When somebody left who forgot to check out.
    CHECK_OUT = "check_out"
    PAPER = "paper"


WITHOUT_ORIGINAL = frozenset({CorrectionKind.MAKEUP_RECORD, CorrectionKind.PAPER})


def oldest_day(today: date, years: int) -> date:
    """The earliest day that a wish may still be about."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # 29 February
        return today.replace(year=today.year - years, day=28)


def due_day(asked_on: date, calendar: Calendar) -> date | None:
    """By when it has to be decided; None while the calendar of that time is unknown."""
    try:
        return calendar.add_working_days(asked_on, DUE_WORKING_DAYS)
    except UnknownYear:
        return None


def working_days_left(today: date, due_on: date | None, calendar: Calendar) -> int | None:
    """How many working days are left, today not counted; less than 0 once late, None where unknown."""
    if due_on is None:
        return None
    if today > due_on:
        return -1
    days = [today + ONE_DAY * number for number in range(1, (due_on - today).days + 1)]
    works = [calendar.is_workday(day) for day in days]
    return None if None in works else sum(map(bool, works))
