"""Cards of a whole team as one PDF; long work shows how far it is."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import cast

from flask import Response, current_app, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import NotFound, Refusal, TeamUnknown
from volunteer.drawing.fonts import require_glyphs
from volunteer.drawing.layouts import CardFace
from volunteer.models.members import Member
from volunteer.models.teams import Team
from volunteer.queries.cards import list_printable_cards
from volunteer.queries.members import count_members_by_team, list_active_members
from volunteer.queries.teams import find_brigade, get_team, list_subtree_ids, list_teams
from volunteer.services.cards import issue_cards, tokens_of
from volunteer.services.prints import PrintState, get_print, list_prints, pdf_path, start_print
from volunteer.web.admin import admin
from volunteer.web.cards import draw
from volunteer.web.clock import now
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.station.scans import installation

# Databases limit how many values one statement may carry.
PART = 1000


@admin.route("/prints", methods=["GET", "POST"])
def prints() -> Page | AnyResponse:
    """Choose a team and begin; below, this admin's runs of the last day."""
    problem: Refusal | str | None = None
    if request.method == "POST":
        try:
            team = get_team(typed("team"))
            if team.id not in g.scope:
                raise TeamUnknown(code=team.code)
            title, admin_id = team.name, g.admin.id
            faces = _faces(list_subtree_ids(team.id))
            if faces:
                _require_glyphs(faces)
                run = start_print(_folder(), admin_id, title, [asdict(face) for face in faces], now())
                return redirect(url_for("admin.print_run", run_id=run.id))
            problem = _("这个队伍还没有在册的志愿者。")
        except Refusal as refusal:
            problem = refusal
    teams = list_teams(g.scope)
    return show_form(
        "admin/prints/list.html",
        problem,
        teams=teams,
        counts=_count_below(teams),
        runs=list_prints(_folder(), g.admin.id, now()),
        states=PrintState,
    )


@admin.get("/prints/<run_id>")
def print_run(run_id: str) -> str:
    """How far a run is; the page refreshes itself until it is complete."""
    run = get_print(_folder(), run_id, g.admin.id)
    percent = run.done * 100 // run.total if run.total else 0
    return render_template("admin/prints/page.html", run=run, percent=percent)


@admin.get("/prints/<run_id>/cards.pdf")
def print_pdf(run_id: str) -> Response:
    """The finished PDF."""
    run = get_print(_folder(), run_id, g.admin.id)
    if run.state != PrintState.DONE:
        raise NotFound()
    response = send_file(pdf_path(_folder(), run), download_name="cards.pdf", max_age=0)
    response.headers["Cache-Control"] = "no-store"
    return response


def _faces(team_ids: list[int]) -> list[CardFace]:
    """The card of every active member of these teams; who has none yet is given one."""
    keys, brigade = installation().keys, find_brigade()
    brigade_name = brigade.name if brigade else ""
    rows = list_active_members(team_ids)
    tokens: dict[int, str] = {}
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        issue_cards(cast(Sequence[Member], part), keys, now())
        tokens |= tokens_of(list_printable_cards([row.id for row in part]), keys)
    return [
        CardFace(row.name, row.volunteer_no, row.team_name, tokens[row.id], brigade_name) for row in rows
    ]


def _count_below(teams: Sequence[Team]) -> dict[int, int]:
    """How many cards each of these teams would print: its own members and those of all teams below it."""
    own = count_members_by_team(team.id for team in teams)
    parents = {team.id: team.parent_id for team in teams}
    counts = dict.fromkeys(parents, 0)
    for team_id, count in own.items():
        above: int | None = team_id
        while above in counts:
            counts[above] += count
            above = parents[above]
    return counts


def _require_glyphs(faces: Sequence[CardFace]) -> None:
    """Say now which names cannot be printed, and not when the process has failed."""

    def check() -> bytes:
        require_glyphs(text for face in faces for text in face.texts())
        return b""

    draw(check)


def _folder() -> Path:
    return Path(current_app.config.get("PRINTS_FOLDER") or Path(current_app.instance_path) / "prints")
