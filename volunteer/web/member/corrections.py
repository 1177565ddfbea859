"""The member's own wishes: asked for, followed, taken back."""

from datetime import tzinfo

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.corrections import working_days_left
from volunteer.domain.refusals import Refusal
from volunteer.queries.corrections import find_original, get_own_correction_row, list_own_corrections
from volunteer.queries.duty_days import find_calendar
from volunteer.queries.evidence import get_own_evidence
from volunteer.queries.wishes import get_own_record_row, list_all_stations, list_attended
from volunteer.services.access_log import note_access
from volunteer.services.corrections import ask_correction, withdraw_own
from volunteer.services.evidence import keep_evidence
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.evidence import evidence_folder, send_evidence, uploaded_evidence
from volunteer.web.forms import Page, id_in, show_form, typed
from volunteer.web.member import member
from volunteer.web.wishes import list_kinds, read_check_out, read_kind, read_wish, show_values


@member.get("/corrections")
def corrections() -> str:
    """Everything this person asked for, and what became of it."""
    rows, calendar = list_own_corrections(g.member.id), find_calendar()
    left = {row.Correction.id: working_days_left(today(), row.Correction.due_on, calendar) for row in rows}
    return render_template("member/corrections/list.html", rows=rows, left=left)


@member.route("/corrections/new", methods=["GET", "POST"])
def ask_for_correction() -> Page | AnyResponse:
    """Ask for a correction of a record (``?record=``), or for one that no station measured."""
    wanted = request.args.get("record", "")
    row = get_own_record_row(g.member.id, id_in(wanted)) if wanted else None
    record, stations, problem = (row.ServiceRecord if row else None), list_all_stations(), None
    if request.method == "POST":
        try:
            file = uploaded_evidence()
            wish = read_wish(read_kind(record), record, stations)
            made = ask_correction(g.member.id, record.id if record else None, wish, now(), _zone())
            if file is not None:
                keep_evidence(evidence_folder(), file[0], file[1], [made], None, now(), member_id=g.member.id)
            flash(_("已提交。管理员受理、审核后，您会收到消息。"))
            return redirect(url_for("member.correction", correction_id=made.id))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "member/corrections/form.html",
        problem,
        row=row,
        kinds=list_kinds(record),
        stations=stations,
        activities=list_attended(g.member.id, now()),
        typed=request.form or show_values(record, today()),
    )


@member.route("/records/<int:record_id>/check-out", methods=["GET", "POST"])
def check_out(record_id: int) -> Page | AnyResponse:
    """Say when one left who forgot to check out: one field."""
    row, problem = get_own_record_row(g.member.id, record_id), None
    if request.method == "POST":
        try:
            wish = read_check_out(row.ServiceRecord, typed("left"), _("忘记签退"))
            made = ask_correction(g.member.id, record_id, wish, now(), _zone())
            flash(_("谢谢，已提交。管理员确认后计入时长。"))
            return redirect(url_for("member.correction", correction_id=made.id))
        except Refusal as refusal:
            problem = refusal
    return show_form("member/corrections/check_out.html", problem, row=row, typed=request.form)


@member.get("/corrections/<int:correction_id>")
def correction(correction_id: int) -> Page:
    """One own wish beside the original."""
    return _show(correction_id)


@member.post("/corrections/<int:correction_id>/withdraw")
def withdraw_correction(correction_id: int) -> Page | AnyResponse:
    """Take the own wish back."""
    try:
        withdraw_own(g.member.id, correction_id, now())
    except Refusal as refusal:
        return _show(correction_id, refusal)
    flash(_("已撤回。"))
    return redirect(url_for("member.corrections"))


@member.get("/corrections/<int:correction_id>/evidence")
def correction_evidence(correction_id: int) -> Response:
    """The evidence that belongs to this person's wish alone, as a download."""
    one = get_own_correction_row(g.member.id, correction_id).Correction
    kept = get_own_evidence(g.member.id, one.evidence_id or 0)
    response = send_evidence(kept)
    note_access(g.member, AccessKind.VIEWED_FILE, [g.member.id], f"evidence {kept.id}", now())
    return response


def _show(correction_id: int, problem: Refusal | None = None) -> Page:
    row = get_own_correction_row(g.member.id, correction_id)
    return show_form(
        "member/corrections/page.html",
        problem,
        row=row,
        one=row.Correction,
        record=find_original(row.Correction),
        left=working_days_left(today(), row.Correction.due_on, find_calendar()),
        stations={station.id: station.name for station in list_all_stations()},
    )


def _zone() -> tzinfo:
    zone: tzinfo = current_app.config["TIMEZONE"]
    return zone
