"""Cards or letters of a whole team as one PDF; long work shows how far it is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Response, current_app, g, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import NotFound, Refusal, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.drawing.fonts import require_glyphs
from volunteer.drawing.layouts import CardFace
from volunteer.models.teams import Team
from volunteer.queries.members import count_members_by_team, list_active_members
from volunteer.queries.teams import get_team, list_subtree_ids, list_teams
from volunteer.services.cards import prepare_faces
from volunteer.services.letters import give_activation_codes
from volunteer.services.prints import (
    PrintKind,
    PrintState,
    get_print,
    list_prints,
    pdf_path,
    plan_print,
    start_print,
)
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.cards import draw
from volunteer.web.clock import now
from volunteer.web.forms import Page, chosen, show_form, typed
from volunteer.web.station.scans import installation


@admin.get("/prints")
@needs(Capability.READ_CARDS)
def prints() -> Page:
    """Choose a team and what to print; below, this admin's runs of the last day."""
    return _show_prints()


@admin.post("/prints")
@needs(Capability.ISSUE_CARDS)
def begin_print() -> Page | AnyResponse:
    """Give cards to those who have none, and begin to print."""
    kind = chosen("kind", PrintKind)
    team = get_team(typed("team"))
    if team.id not in g.scope:
        raise TeamUnknown(code=team.code)
    title, admin_id = team.name, g.admin.id
    rows = list_active_members(list_subtree_ids(team.id))
    if kind is PrintKind.LETTERS:
        rows = [row for row in rows if not row.has_password]
    if not rows:
        return _show_prints(_("这个队伍没有可以打印的志愿者。"))
    try:
        items = _items(kind, rows)
    except Refusal as refusal:
        return _show_prints(refusal)
    run = plan_print(kind, admin_id, title, len(items), now())
    start_print(_folder(), run, items, now())
    return redirect(url_for("admin.print_run", run_id=run.id))


def _show_prints(problem: Refusal | str | None = None) -> Page:
    teams = list_teams(g.scope)
    return show_form(
        "admin/prints/list.html",
        problem,
        teams=teams,
        counts=_count_below(teams),
        chosen_team=typed("team"),
        chosen_kind=typed("kind"),
        runs=list_prints(_folder(), g.admin.id, now()),
    )


@admin.get("/prints/<run_id>")
@needs(Capability.READ_CARDS)
def print_run(run_id: str) -> str:
    """How far a run is; the page refreshes itself until it is complete."""
    run = get_print(_folder(), run_id, g.admin.id)
    percent = run.done * 100 // run.total if run.total else 0
    return render_template("admin/prints/page.html", run=run, percent=percent)


@admin.get("/prints/<run_id>/print.pdf")
@needs(Capability.ISSUE_CARDS)
def print_pdf(run_id: str) -> Response:
    """The finished PDF."""
    run = get_print(_folder(), run_id, g.admin.id)
    if run.state != PrintState.DONE:
        raise NotFound()
    response = send_file(pdf_path(_folder(), run), download_name=f"{run.kind}.pdf", max_age=0)
    response.headers["Cache-Control"] = "no-store"
    return response


def _items(kind: PrintKind, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """What is printed for each member, in the order of the rows."""
    faces: list[dict[str, Any]] = list(prepare_faces(rows, installation().keys, now()))
    # Now, and not when the process has failed or older codes have ended.
    _require_glyphs(faces)
    if kind is PrintKind.CARDS:
        return faces
    codes = give_activation_codes([row.id for row in rows])
    url = url_for("member.activate", _external=True)
    return [
        {"face": face, "activation_code": codes[row.id], "sign_in_url": url}
        for row, face in zip(rows, faces, strict=True)
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


def _require_glyphs(faces: Sequence[dict[str, Any]]) -> None:
    def check() -> bytes:
        require_glyphs(text for face in faces for text in CardFace(**face).texts())
        return b""

    draw(check)


def _folder() -> Path:
    return Path(current_app.config.get("PRINTS_FOLDER") or Path(current_app.instance_path) / "prints")
