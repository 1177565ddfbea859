"""Stations and the terminals standing in them."""

from collections.abc import Iterable

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.domain.stations import StationKind
from volunteer.models.stations import Station
from volunteer.queries.stations import get_station_in, list_stations
from volunteer.queries.teams import get_team, list_teams
from volunteer.queries.terminals import count_missing_scans, list_terminals
from volunteer.services.stations import add_station
from volunteer.web.admin import admin
from volunteer.web.admin.dashboards import SILENT_AFTER
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.forms import Page, chosen, show_form, typed


@admin.get("/stations")
@needs(Capability.READ_STATIONS)
def stations() -> str:
    """The stations of this admin, each with its terminals and how they are."""
    found = list_stations(g.scope, g.station_ids, is_brigade=g.is_brigade)
    by_station: dict[int, list[object]] = {}
    for terminal in list_terminals(station.id for station in found):
        by_station.setdefault(terminal.station_id, []).append(terminal)
    return render_template(
        "admin/stations/list.html",
        stations=found,
        terminals=by_station,
        keepers=_keepers(found),
        silent_before=now() - SILENT_AFTER,
    )


@admin.route("/stations/new", methods=["GET", "POST"])
@needs(Capability.ADD_STATIONS)
def new_station() -> Page | AnyResponse:
    """Set up a station for a team of this admin."""
    problem = None
    if request.method == "POST":
        kind = chosen("kind", StationKind)
        try:
            station = add_station(
                typed("code"), typed("name"), kind, typed("address"), _team_id(typed("team"))
            )
            flash(_("服务站 %(name)s 已设立。下一步：添加终端。", name=station.name))
            return redirect(url_for("admin.station", code=station.code))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/stations/new.html",
        problem,
        teams=list_teams(g.scope),
        kinds=list(StationKind),
        typed=request.form,
    )


@admin.get("/stations/<code>")
@needs(Capability.READ_STATIONS)
def station(code: str) -> str:
    """One station: its terminals with last contact, queue, version, clock and gaps."""
    found = get_station_in(g.scope, code, g.station_ids, is_brigade=g.is_brigade)
    terminals = list_terminals([found.id])
    return render_template(
        "admin/stations/page.html",
        station=found,
        terminals=terminals,
        missing=count_missing_scans(terminal.id for terminal in terminals),
        keepers=_keepers([found]),
        silent_before=now() - SILENT_AFTER,
        now=now(),
    )


def _keepers(found: Iterable[Station]) -> dict[int, str]:
    """The names of the teams that look after these stations, also of those that this admin does not see."""
    ids = {station.team_id for station in found if station.team_id is not None}
    return {team.id: team.name for team in list_teams(list(ids), with_dissolved=True)}


def _team_id(code: str) -> int | None:
    """The chosen team's id; none at all only for the brigade, which looks after what nobody else does."""
    if not code and g.is_brigade:
        return None
    team = get_team(code)
    if team.id not in g.scope:
        raise TeamUnknown(code=code)
    return int(team.id)
