"""Cards, sheets of cards or letters of many members as one PDF; long work shows how far it is."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.refusals import NotFound, Refusal, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.drawing.layouts import CardFace
from volunteer.models.teams import Team
from volunteer.queries.card_prints import (
    list_printed_members,
    list_temporary_cards,
    list_units_of_members,
)
from volunteer.queries.members import count_members_by_team
from volunteer.queries.teams import find_brigade, get_team, list_subtree_ids, list_teams
from volunteer.services.access_log import note_access
from volunteer.services.cards import prepare_faces
from volunteer.services.letters import give_activation_codes
from volunteer.services.prints import (
    PrintKind,
    PrintState,
    get_print,
    list_prints,
    pdf_path,
    plan_print,
    prints_folder,
    start_print,
)
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.card_dates import show_last_day
from volunteer.web.cards import list_boxed, token_of
from volunteer.web.clock import now
from volunteer.web.forms import Page, chosen, show_form, typed
from volunteer.web.guards import LARGEST_ID
from volunteer.web.station.scans import installation


@dataclass(frozen=True)
class Choice:
    """What was asked to be printed, and for whom; ``missing`` are numbers that nobody here has.

    ``temporary`` are cards picked one by one, beside the members' lasting ones; ``ended`` so many
    of those picked count no longer.
    """

    kind: PrintKind
    team: Team
    rows: Sequence[Row[Any]]
    missing: Sequence[str]
    temporary: Sequence[Row[Any]] = ()
    ended: int = 0

    @property
    def count(self) -> int:
        """How many cards or letters it is."""
        return len(self.rows) + len(self.temporary)

    @property
    def people(self) -> list[Any]:
        """Everybody whose card or letter it is, one after the other."""
        return [*self.rows, *(row.Member for row in self.temporary)]

    def without_boxed(self) -> "Choice":
        """The same without those in whose names a box would be printed."""
        boxed = {one.volunteer_no for one in list_boxed(self.people)}
        rows = [row for row in self.rows if row.volunteer_no not in boxed]
        temporary = [row for row in self.temporary if row.Member.volunteer_no not in boxed]
        return replace(self, rows=rows, temporary=temporary)

    @property
    def member_ids(self) -> list[int]:
        """Everybody whose card or letter it is."""
        return [one.id for one in self.people]


@admin.get("/prints")
@needs(Capability.READ_CARDS)
def prints() -> Page:
    """Choose a team and what to print; below, this admin's runs of the last day."""
    return _show_prints()


@admin.post("/prints/check")
@needs(Capability.ISSUE_CARDS)
def check_print() -> Page:
    """How many would be printed and what it means for them; nothing has happened yet."""
    if typed("picked") and not (request.form.getlist("number") or request.form.getlist("temporary")):
        return _show_prints(_("没有选中任何卡。请先在列表里勾选，或在这里选择队伍。"))
    choice = _read_choice()
    if not choice.count:
        return _show_prints(_nothing())
    return show_form(
        "admin/prints/check.html",
        choice=choice,
        count=choice.count,
        without_card=sum(not row.has_card for row in choice.rows),
        with_code=sum(row.has_code for row in choice.rows),
        boxed=list_boxed(choice.people),
        rest=choice.without_boxed().count,
        form=request.form,
    )


@admin.post("/prints")
@needs(Capability.ISSUE_CARDS)
def begin_print() -> Page | AnyResponse:
    """Give cards to those who have none, and begin to print."""
    choice, admin_id = _read_choice(), g.admin.id
    if typed("without_boxed"):
        choice = choice.without_boxed()
    title = choice.team.name
    if not choice.count:
        return _show_prints(_nothing())
    items = _items(choice, admin_id)
    run = plan_print(choice.kind, admin_id, title, len(items), now())
    what = AccessKind.PRINTED_LETTER if choice.kind is PrintKind.LETTERS else AccessKind.PRINTED_CARD
    note_access(g.admin, what, choice.member_ids, title, now())
    start_print(_folder(), run, items, now())
    return redirect(url_for("admin.print_run", run_id=run.id))


def _nothing() -> str:
    if typed("picked"):
        return str(_("选中的卡已失效，或不在您的管理范围内，没有可以打印的。"))
    return str(_("这个队伍没有可以打印的志愿者。"))


def _read_choice() -> Choice:
    kind = chosen("kind", PrintKind)
    numbers = [number.upper() for number in re.split(r"[\s,，、;；]+", typed("numbers")) if number]
    numbers += request.form.getlist("number")
    team, within = _read_team()
    unit_id = request.form.get("unit", None, int)
    if unit_id is not None and unit_id not in {unit.id for unit in list_units_of_members(within)}:
        raise NotFound()
    picked = set(request.form.getlist("temporary", int)) if typed("picked") else set()
    # An id beyond what the database can hold is nobody's.
    card_ids = [card_id for card_id in picked if 0 < card_id <= LARGEST_ID]
    temporary = list_temporary_cards(within, card_ids, now()) if card_ids else []
    # Temporary cards alone are no wish to print everybody else's.
    rows = list_printed_members(within, unit_id, numbers) if numbers or not picked else []
    known = {row.volunteer_no for row in rows}
    if kind is PrintKind.LETTERS:
        rows, temporary, picked = [row for row in rows if not row.has_password], [], set()
    missing = [number for number in dict.fromkeys(numbers) if number not in known]
    return Choice(kind, team, rows, missing, temporary, len(picked) - len(temporary))


def _read_team() -> tuple[Team, list[int]]:
    """The team in the form and the teams it stands for; cards picked from the list may be of any own team."""
    if typed("picked"):
        return g.team, g.scope
    team = get_team(typed("team"))
    if team.id not in g.scope:
        raise TeamUnknown(code=team.code)
    scope = set(g.scope)
    below = [team_id for team_id in list_subtree_ids(team.id) if team_id in scope]
    return team, [team.id] if typed("only") else below


def _show_prints(problem: Refusal | str | None = None) -> Page:
    teams = list_teams(g.scope)
    asked = request.form if request.method == "POST" else request.args
    return show_form(
        "admin/prints/list.html",
        problem,
        teams=teams,
        units=list_units_of_members(g.scope),
        counts=_count_below(teams),
        asked=asked,
        kinds=list(PrintKind),
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


def _items(choice: Choice, by: int) -> list[dict[str, Any]]:
    """What is printed for each member, in the order of the rows; temporary cards after them."""
    rows = choice.rows
    faces: list[dict[str, Any]] = list(prepare_faces(rows, installation().keys, now(), by))
    faces += [asdict(face) for face in _temporary_faces(choice.temporary)]
    if choice.kind is not PrintKind.LETTERS:
        return faces
    codes = give_activation_codes([row.id for row in rows])
    url = url_for("member.activate", _external=True)
    return [
        {"face": face, "activation_code": codes[row.id], "sign_in_url": url}
        for row, face in zip(rows, faces, strict=True)
    ]


def _temporary_faces(rows: Sequence[Row[Any]]) -> list[CardFace]:
    brigade = find_brigade()
    return [
        CardFace(
            row.Member.name,
            row.Member.volunteer_no,
            row.team_name,
            token_of(row.Card),
            brigade.name if brigade else row.team_name,
            show_last_day(row.Card.valid_until),
        )
        for row in rows
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


def _folder() -> Path:
    return prints_folder(current_app.config, current_app.instance_path)
