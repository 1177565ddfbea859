"""Months as text, ``2026-02``: it sorts as time does."""

import re
from datetime import date, timedelta

from volunteer.domain.refusals import MonthMalformed


def month_of(day: date) -> str:
    """The month a day lies in."""
    return f"{day:%Y-%m}"


def read_month(text: str) -> str:
    """The month a person wrote, such as ``2026-02``; refuses anything else."""
    found = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", text.strip(), re.ASCII)
    if found is None:
        raise MonthMalformed()
    return found[0]


def split_month(month: str) -> tuple[int, int]:
    """Year and month as numbers."""
    year, _, number = month.partition("-")
    return int(year), int(number)


def shift_month(month: str, count: int) -> str:
    """The month ``count`` months later; earlier where negative."""
    year, number = split_month(month)
    years, index = divmod(year * 12 + number - 1 + count, 12)
    return f"{years:04}-{index + 1:02}"


def span_of(month: str) -> tuple[date, date]:
    """The first and the last day of the month."""
    return date(*split_month(month), 1), date(*split_month(shift_month(month, 1)), 1) - timedelta(days=1)


def months_between(first: str, last: str) -> list[str]:
    """Every month from first to last, both included; none where last is the earlier one."""
    (year, month), (last_year, last_month) = split_month(first), split_month(last)
    count = (last_year - year) * 12 + last_month - month + 1
    return [shift_month(first, index) for index in range(count)]
