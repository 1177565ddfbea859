"""Which of a member's records a list shows, as its address says: of a year, a month, a day, an activity."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, request
from sqlalchemy import Row

from volunteer.domain.totals import Sum
from volunteer.queries.hours import sum_hours
from volunteer.queries.records import count_chosen_records, list_chosen_records
from volunteer.queries.unsettled import Standing, list_standings
from volunteer.web.forms import asked_number

NO_ACTIVITY = "none"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Choice:
    """Which records a list shows; dates inclusive, None is without bound."""

    first_on: date | None
    last_on: date | None
    activity: str | None

    @property
    def arguments(self) -> dict[str, Any]:
        """As the address says it, for the pages before and after."""
        return {name: request.args.get(name) for name in ("day", "year", "month", "activity")}


@dataclass(frozen=True)
class Chosen:
    """A page of the records that were asked for, what all of them add up to, and what each counts for."""

    rows: list[Row[Any]]
    count: int
    page: int
    pages: int
    sum: Sum
    standings: dict[int, Standing]


def read_chosen(member_id: int, choice: Choice) -> Chosen:
    """The member's records that were asked for, newest first."""
    is_none = choice.activity == NO_ACTIVITY
    activity_id = None if is_none or choice.activity is None else int(choice.activity)
    has_activity = False if is_none else None
    page = asked_number("page", 1)
    count = count_chosen_records(
        member_id, choice.first_on, choice.last_on, activity_id, has_activity=has_activity
    )
    rows = list_chosen_records(
        member_id,
        choice.first_on,
        choice.last_on,
        activity_id,
        has_activity=has_activity,
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return Chosen(
        rows,
        count,
        page,
        -(-count // PAGE_SIZE),
        sum_hours(member_id, choice.first_on, choice.last_on, 0 if is_none else activity_id),
        list_standings(row.ServiceRecord for row in rows),
    )


def read_choice() -> Choice:
    """What the address asks for; 400 where it is no date, month, year or activity."""
    activity = request.args.get("activity")
    is_id = activity is not None and activity.isascii() and activity.isdecimal() and len(activity) <= 18
    if activity is not None and activity != NO_ACTIVITY and not is_id:
        abort(400)
    if day := request.args.get("day"):
        try:
            on = date.fromisoformat(day)
        except ValueError:
            abort(400)
        return Choice(on, on, activity)
    year = read_year()
    if year is None:
        return Choice(None, None, activity)
    month = request.args.get("month", type=int)
    if month is None:
        return Choice(date(year, 1, 1), date(year, 12, 31), activity)
    if not 1 <= month <= 12:
        abort(400)
    return Choice(date(year, month, 1), date(year, month, monthrange(year, month)[1]), activity)


def read_year() -> int | None:
    """The year in the address, or None; 400 where it is none that a record could have."""
    text = request.args.get("year")
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or not 1900 <= int(text) <= 9998:
        abort(400)
    return int(text)
