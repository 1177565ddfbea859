"""The tree of teams: as it is, as it was on a day, and its hours of a month; one team's page."""

from datetime import date, timedelta

from flask import current_app, g, render_template, request

from volunteer.domain.days import EARLIEST, read_day
from volunteer.domain.months import month_of, read_month, span_of
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.trees import Day, day_of, require_no_later
from volunteer.models.teams import Team
from volunteer.queries.teams import (
    get_team_in,
    list_party_changes,
    list_predecessors,
    list_roots,
    list_team_spans,
    list_teams,
)
from volunteer.queries.trees import count_trees, sum_trees
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form


@admin.get("/teams")
@needs(Capability.READ_TEAMS)
def teams() -> Page:
    """The tree with its members, today or on a past day."""
    on, problem = asked_day()
    trees = count_trees(root_ids(), on_day(on))
    return show_form("admin/teams/list.html", problem, trees=trees, on=on, today=today(), linked=g.scope)


@admin.get("/teams/hours")
@needs(Capability.READ_TEAMS)
def team_hours() -> Page:
    """The tree with the hours of a month; each record counts for the member's team of its day."""
    month, problem = month_of(today()), None
    try:
        month = min(read_month(request.args.get("month", month)), month)
    except Refusal as refusal:
        problem = refusal
    first_on, last_on = span_of(month)
    trees = sum_trees(root_ids(), first_on, min(last_on, today()))
    return show_form(
        "admin/teams/hours.html",
        problem,
        trees=trees,
        month=month,
        first_on=first_on,
        latest=month_of(today()),
        linked=g.scope,
    )


@admin.get("/teams/<code>")
@needs(Capability.READ_TEAMS)
def team(code: str) -> str:
    """One team: what it is, what hangs below it, and what it was."""
    found = get_team_in(g.scope, code)
    spans = list_team_spans(found.id)
    parents = {span.parent_id for span in spans} | {found.parent_id, found.successor_id}
    named = list_teams([one for one in parents if one], with_dissolved=True)
    return render_template(
        "admin/teams/page.html",
        team=found,
        tree=count_trees([found.id], on_day(today()))[0],
        spans=spans,
        named={one.id: one for one in named},
        predecessors=list_predecessors(found.id),
        party_changes=list_party_changes(found.id),
        is_own=is_own(found),
        linked=g.scope,
        one_day=timedelta(days=1),
    )


def root_ids() -> list[int]:
    """The teams at the top of what this admin sees."""
    return [one.id for one in list_roots(g.scope)]


def is_own(found: Team) -> bool:
    """Whether it is the admin's own team, which only those above change."""
    return found.id in root_ids()


def asked_day() -> tuple[date, Refusal | None]:
    """The day in the address, else today; and what is wrong with it."""
    text = request.args.get("on", "").strip()
    try:
        on = read_day(text, EARLIEST) if text else today()
        return require_no_later(on, today()), None
    except Refusal as refusal:
        return today(), refusal


def on_day(on: date) -> Day:
    """The day as it passes where the stations stand."""
    return day_of(on, current_app.config["TIMEZONE"])
