"""Days of cards: the last day of a temporary one as it is typed, kept and shown."""

from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import gettext as _

from volunteer.domain import days
from volunteer.domain.jobs import ONE_DAY, start_of
from volunteer.web.dates import show_day


def read_day(text: str) -> date | None:
    """The day in a field, None where it is empty; refuses what is no date."""
    return days.read_day(text, days.EARLIEST) if text else None


def start_of_day(day: date | None) -> datetime | None:
    """The instant at which a local day begins."""
    return start_of(day, current_app.config["TIMEZONE"]) if day else None


def end_of_day(day: date | None) -> datetime | None:
    """The instant at which a local day is over; the last one there is has no end."""
    if day is None or day == date.max:
        return None
    return start_of(day + ONE_DAY, current_app.config["TIMEZONE"])


def last_day(valid_until: datetime) -> date:
    """The last local day on which a temporary card counts."""
    return (valid_until - timedelta(microseconds=1)).astimezone(current_app.config["TIMEZONE"]).date()


def show_last_day(valid_until: datetime | None) -> str:
    """Until when a temporary card counts, for its face and for lists; empty for a lasting one."""
    return str(_("有效至 %(day)s", day=show_day(last_day(valid_until)))) if valid_until else ""
