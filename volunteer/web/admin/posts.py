"""Appointments as they are typed into a form."""

from datetime import date, timedelta
from typing import TypeVar

from flask import g, request

from volunteer.domain import days
from volunteer.domain.admin_refusals import PlaceMissing
from volunteer.domain.admins import Post, list_givable_roles
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Role
from volunteer.queries.admins import find_appointing_standing, get_admin_in
from volunteer.queries.stations import get_station_in, list_stations
from volunteer.queries.teams import get_team, list_teams
from volunteer.services.admins import NewAccount, new_account
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed, typed_id


def show_post_form(template: str, problem: Refusal | None, **more: object) -> Page:
    """The form of an appointment: the roles, teams and stations that this admin may give."""
    standing = find_appointing_standing(g.admin.id, today())
    return show_form(
        template,
        problem,
        roles=list_givable_roles(standing.roles, is_brigade=standing.is_brigade) if standing else (),
        teams=list_teams(standing.team_ids) if standing else [],
        stations=list_stations(standing.team_ids, is_brigade=standing.is_brigade) if standing else [],
        typed=request.form if request.method == "POST" else request.args,
        today=today(),
        **more,
    )


def read_post() -> Post:
    """What was chosen: a station for its leader, for every other role a team."""
    role = chosen("role", Role)
    team_id = station_id = None
    if role is Role.STATION_LEADER:
        if not typed("station"):
            raise PlaceMissing()
        station_id = get_station_in(g.scope, typed("station"), is_brigade=g.is_brigade).id
    else:
        if not typed("team"):
            raise PlaceMissing()
        team_id = get_team(typed("team")).id
    last_on = read_day("last_on", None)
    until_on = last_on + timedelta(days=1) if last_on and last_on < date.max else None
    return Post(role, team_id, station_id, read_day("from_on", today()), until_on, bool(typed("is_deputy")))


def read_successor() -> int | NewAccount:
    """An admin of these teams, or somebody new."""
    if not typed("successor"):
        return new_account(typed("username"), typed("name"))
    wanted = typed_id("successor")
    if not wanted:
        raise PlaceMissing()
    return int(get_admin_in(g.scope, wanted, is_brigade=g.is_brigade).id)


Day = TypeVar("Day", date, date | None)


def read_day(field: str, default: Day) -> Day:
    """The day typed into a field; the default where it was left empty."""
    return days.read_day(typed(field)) if typed(field) else default
