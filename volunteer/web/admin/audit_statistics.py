"""What each admin did in a period: how much, at what hours, for whom, and who approved it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app, request

from volunteer.domain.audit_statistics import Habits, describe
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.models.members import Admin
from volunteer.queries.audit import EventFilter, list_times
from volunteer.queries.audit_statistics import list_admins_called, list_corrections_by, list_handled
from volunteer.web.admin import admin
from volunteer.web.admin.audit import PAGE_SIZE, asked_period, instants_of, reach
from volunteer.web.admin.guards import needs
from volunteer.web.audit_words import PROOFS, STATES
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, id_in, show_form

# In units of the drawing: a column for each hour of the day.
COLUMN, HEIGHT = 20, 60
_DEFAULT_DAYS = 90


@dataclass(frozen=True)
class Bar:
    """The bar of one hour; ``y`` counts down from the top of the drawing."""

    hour: int
    acts: int
    x: int
    y: float
    height: float


def draw_hours(by_hour: Sequence[int]) -> list[Bar]:
    """24 bars in proportion to the busiest hour; an hour with any act is seen."""
    most = max(by_hour) or 1
    heights = [max(3.0, round(HEIGHT * acts / most, 1)) if acts else 0.0 for acts in by_hour]
    return [
        Bar(hour, acts, hour * COLUMN, round(HEIGHT - height, 1), height)
        for hour, (acts, height) in enumerate(zip(by_hour, heights, strict=True))
    ]


@admin.get("/audit/admins")
@needs(Capability.READ_AUDIT)
def audit_admins() -> Page:
    """The admins by how much they did, each with the hours of the day and with whom."""
    problem, period = _period()
    zone = current_app.config["TIMEZONE"]
    times = list_times(reach(), EventFilter(since=period[0], before=period[1]))
    habits = describe(times, list_handled(reach(), period), period, zone)
    ids = set(habits) | {one for each in habits.values() for one in each.approvers}
    admins = list_admins_called(ids)
    return show_form(
        "admin/audit/admins.html",
        problem,
        rows=_by_weight(habits, admins),
        admins=admins,
        first_on=period[0].astimezone(zone).date(),
        last_on=(period[1] - timedelta(days=1)).astimezone(zone).date(),
        column=COLUMN,
        height=HEIGHT,
    )


def _period() -> tuple[Refusal | None, tuple[datetime, datetime]]:
    """The days asked for, or the last ninety; with what is wrong about those asked for."""
    days = (today() - timedelta(days=_DEFAULT_DAYS), today())
    try:
        return None, asked_period(days)
    except Refusal as refusal:
        return refusal, instants_of(*days)


def _by_weight(habits: dict[int, Habits], admins: dict[int, Admin]) -> list[tuple[Admin, Habits, list[Bar]]]:
    known = [(admins[one], each, draw_hours(each.by_hour)) for one, each in habits.items() if one in admins]
    return sorted(known, key=lambda row: (-row[1].entered - row[1].approved, -row[1].acts, row[0].username))


@admin.get("/audit/corrections")
@needs(Capability.READ_AUDIT)
def audit_corrections() -> Page:
    """The changes of hours behind a figure: entered by one admin, approved by one, or both."""
    problem, period = _period()
    people = {name: id_in(text) for name in ("enterer", "approver") if (text := request.args.get(name, ""))}
    page = asked_number("page", 1)
    count, rows = list_corrections_by(
        reach(),
        period,
        enterer_id=people.get("enterer"),
        approver_id=people.get("approver"),
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return show_form(
        "admin/audit/corrections.html",
        problem,
        rows=rows,
        count=count,
        admins=list_admins_called(people.values()),
        people=people,
        asked={name: request.args[name] for name in ("from", "to") if request.args.get(name)},
        states=STATES,
        proofs=PROOFS,
        has_page="admin.correction" in current_app.view_functions,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )
