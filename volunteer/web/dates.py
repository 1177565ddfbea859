"""Dates and times on pages: always in the configured zone, in the person's language."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import format_date, format_datetime
from flask_babel import gettext as _

from volunteer.web.clock import now
from volunteer.web.languages import current_language

DAY = {"zh": "y年M月d日", "en": "d MMM y"}
LONG_DAY = {"zh": "y年M月d日 EEEE", "en": "EEEE, d MMMM y"}
MONTH = {"zh": "y年M月", "en": "MMMM y"}
MOMENT = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}
CLOCK = "HH:mm"


def today() -> date:
    """The local date of this request."""
    return now().astimezone(current_app.config["TIMEZONE"]).date()


def show_day(day: date) -> str:
    """A date such as 2026年11月15日."""
    return str(format_date(day, DAY[current_language()]))


def show_long_day(day: date) -> str:
    """A date with its day of the week."""
    return str(format_date(day, LONG_DAY[current_language()]))


def show_month(day: date) -> str:
    """The month of a date."""
    return str(format_date(day, MONTH[current_language()]))


def show_moment(instant: datetime) -> str:
    """Date and time of an instant to the minute."""
    return str(format_datetime(instant, MOMENT[current_language()]))


def show_clock(instant: datetime) -> str:
    """The local time of an instant to the minute."""
    return str(format_datetime(instant, CLOCK))


def is_next_day(start: datetime, end: datetime) -> bool:
    """Whether what begins at ``start`` ends on the day after."""
    zone = current_app.config["TIMEZONE"]
    return end.astimezone(zone).date() - start.astimezone(zone).date() == timedelta(days=1)


def show_clocks(start: datetime, end: datetime | None) -> str:
    """From when to when, past midnight as 23:00–次日03:00; without an end only the beginning."""
    if end is None:
        return show_clock(start)
    until = show_clock(end)
    return f"{show_clock(start)}–{_('次日%(time)s', time=until) if is_next_day(start, end) else until}"


def show_span(span: timedelta) -> str:
    """A length of time in words, whole minutes, rounded down; less than nothing is nothing."""
    hours, minutes = divmod(max(0, span // timedelta(minutes=1)), 60)
    if hours >= 48:
        return str(_("%(days)s 天 %(hours)s 小时", days=hours // 24, hours=hours % 24))
    if hours:
        return str(_("%(hours)s 小时 %(minutes)s 分钟", hours=hours, minutes=minutes))
    return str(_("%(minutes)s 分钟", minutes=minutes))


def show_seconds(milliseconds: int) -> str:
    """A clock offset in seconds with its sign and one decimal."""
    return f"{milliseconds / 1000:+.1f}"


def read_instant(text: str | None) -> datetime | None:
    """An instant as it stands in JSON, or None."""
    return datetime.fromisoformat(text) if text else None


FILTERS: dict[str, Callable[..., Any]] = {
    "instant": read_instant,
    "day": show_day,
    "long_day": show_long_day,
    "month": show_month,
    "moment": show_moment,
    "clock": show_clock,
    "clocks": show_clocks,
    "is_next_day": is_next_day,
    "span": show_span,
    "seconds": show_seconds,
}
