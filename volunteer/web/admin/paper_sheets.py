"""Paper sheets: typed in row by row, and approved by a second person in one press."""

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.activities import ActivityUnknown
from volunteer.domain.correction_refusals import RowsWrong, SheetUnknown, StationMissing
from volunteer.domain.days import EARLIEST, read_day
from volunteer.domain.paper_sheets import MOST_ROWS, SheetRow
from volunteer.domain.proposals import ProposalState
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.models.activities import Activity
from volunteer.queries.corrections import list_sheet_rows
from volunteer.queries.paper_sheets import get_sheet_row, list_expected, list_sheets, list_suggestions
from volunteer.queries.wishes import list_past_activities
from volunteer.services.correction_decisions import RowRefused, approve_corrections
from volunteer.services.paper_sheets import Sheet, enter_sheet
from volunteer.web.admin import admin
from volunteer.web.admin.corrections import OFFERED_DAYS, PAGE_SIZE, desk, stations_to_name
from volunteer.web.admin.evidence import attach, uploaded_evidence
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, id_in, show_form, typed
from volunteer.web.languages import translate

LEAST_ROWS, MORE_ROWS = 10, 10


@admin.get("/paper-sheets")
@needs(Capability.READ_CORRECTIONS)
def paper_sheets() -> str:
    """The sheets entered so far, the newest first, with how many rows still wait."""
    page = asked_number("page", 1)
    count, rows = list_sheets(g.scope, g.station_ids, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "admin/paper_sheets/list.html", rows=rows, count=count, page=page, pages=-(-count // PAGE_SIZE)
    )


@admin.route("/paper-sheets/new", methods=["GET", "POST"])
@needs(Capability.PROPOSE_HOURS)
def new_paper_sheet() -> Page | AnyResponse:
    """First what the sheet is about, then its rows: all are kept, or none with what is wrong beside each."""
    stations = stations_to_name()
    problem: Refusal | None = None
    activities = [
        one
        for one in list_past_activities(now(), OFFERED_DAYS)
        if one.station_id in {station.id for station in stations}
    ]
    try:
        chosen = _read_choice(activities, {station.id for station in stations})
    except Refusal as refusal:
        return _show_choice(stations, activities, refusal)
    if chosen is None:
        return _show_choice(stations, activities, None)
    rows = _prefilled(chosen)
    problems: dict[int, Refusal] = {}
    if request.method == "POST":
        rows = _typed_rows()
        if "more" in request.form:
            return _show_rows(chosen, rows, None, {}, more=MORE_ROWS)
        try:
            file = uploaded_evidence()
            kept, made = enter_sheet(chosen, rows, desk())
            attach(file, [kept, *made])
            flash(_("已提交 %(count)s 行，等待另一位管理员审核。", count=len(made)))
            return redirect(url_for("admin.paper_sheet", sheet_id=kept.id))
        except RowsWrong as wrong:
            problem, problems = wrong, wrong.problems
        except Refusal as refusal:
            problem = refusal
    return _show_rows(chosen, rows, problem, problems)


def _read_choice(activities: list[Activity], station_ids: set[int]) -> Sheet | None:
    """The activity, or station and day, that the address names; None where it names nothing yet."""
    wanted = request.args.get("activity", "")
    if wanted:
        found = [one for one in activities if one.id == id_in(wanted)]
        if not found or found[0].station_id is None:
            raise ActivityUnknown()
        day = found[0].starts_at.astimezone(current_app.config["TIMEZONE"]).date()
        return Sheet(found[0].station_id, day, found[0].id, _reason())
    if not request.args.get("station") and not request.args.get("day"):
        return None
    station_id = id_in(request.args.get("station", ""))
    if station_id not in station_ids:
        raise StationMissing()
    return Sheet(station_id, read_day(request.args.get("day", ""), EARLIEST), None, _reason())


def _reason() -> str:
    return str(_("纸质签到表"))


def _show_choice(stations: list[Any], activities: list[Activity], problem: Refusal | None) -> Page:
    return show_form(
        "admin/paper_sheets/choose.html",
        problem,
        stations=stations,
        activities=activities,
        today=today(),
        chosen=request.args,
    )


def _prefilled(chosen: Sheet) -> list[SheetRow]:
    if chosen.activity_id is None:
        return []
    is_leader = chosen.station_id in g.station_ids
    expected = list_expected(g.scope, chosen.activity_id, is_leader=is_leader)
    return [SheetRow(f"{one.volunteer_no} {one.name}") for one in expected[:MOST_ROWS]]


def _typed_rows() -> list[SheetRow]:
    columns = [request.form.getlist(name)[:MOST_ROWS] for name in ("who", "came", "left")]
    return [SheetRow(*values) for values in zip(*columns, strict=False)]


def _show_rows(
    chosen: Sheet,
    rows: list[SheetRow],
    problem: Refusal | None,
    problems: dict[int, Refusal],
    *,
    more: int = 0,
) -> Page:
    count = min(MOST_ROWS, max(LEAST_ROWS, len(rows) + (more or (2 if not problems else 0))))
    shown = rows + [SheetRow()] * (count - len(rows))
    is_leader = chosen.station_id in g.station_ids
    return show_form(
        "admin/paper_sheets/form.html",
        problem,
        chosen=chosen,
        place=_place(chosen),
        rows=shown,
        problems={number: translate(one.sentence) for number, one in problems.items()},
        suggestions=list_suggestions(g.scope, chosen.station_id, now(), is_leader=is_leader),
        back=url_for("admin.new_paper_sheet"),
    )


def _place(chosen: Sheet) -> str:
    name: str = next(one.name for one in stations_to_name() if one.id == chosen.station_id)
    return name


@admin.get("/paper-sheets/<int:sheet_id>")
@needs(Capability.READ_CORRECTIONS)
def paper_sheet(sheet_id: int) -> Page:
    """One sheet with its rows; who approves may leave rows out."""
    return _show_sheet(sheet_id)


@admin.post("/paper-sheets/<int:sheet_id>/approve")
@needs(Capability.APPROVE_HOURS)
def approve_sheet(sheet_id: int) -> Page | AnyResponse:
    """Approve the ticked rows, all of them or none."""
    rows = _rows_of(sheet_id)
    waiting = {row.Correction.id: row for row in rows if row.Correction.state == ProposalState.PROPOSED}
    ticked = [one for one in map(id_in, request.form.getlist("row")) if one in waiting]
    try:
        approve_corrections(ticked, typed("reply"), desk())
    except RowRefused as refused:
        row = waiting[refused.correction_id]
        words = {"name": row.name, "number": row.volunteer_no, "why": translate(refused.why.sentence)}
        return _show_sheet(sheet_id, _("%(name)s（%(number)s）：%(why)s没有通过任何一行。", **words))
    except Refusal as refusal:
        return _show_sheet(sheet_id, refusal)
    flash(_("已通过 %(count)s 行。", count=len(ticked)))
    return redirect(url_for("admin.paper_sheet", sheet_id=sheet_id))


def _rows_of(sheet_id: int) -> list[Any]:
    rows = list_sheet_rows(g.scope, g.station_ids, sheet_id)
    if not rows:
        raise SheetUnknown()
    return rows


def _show_sheet(sheet_id: int, problem: Refusal | str | None = None) -> Page:
    rows = _rows_of(sheet_id)
    return show_form(
        "admin/paper_sheets/page.html",
        problem,
        sheet=get_sheet_row(sheet_id),
        rows=rows,
        waiting=[row for row in rows if row.Correction.state == ProposalState.PROPOSED],
        decidable={
            row.Correction.id
            for row in rows
            if row.team_id in g.scope and row.Correction.member_id != g.admin.member_id
        },
    )
