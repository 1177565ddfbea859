"""Training records from elsewhere: out of a sheet, and from who checked in at a training."""

from flask import current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.training_records import FileMissing, NobodyNamed
from volunteer.domain.training_rows import RowProblem, read_training_rows
from volunteer.models.training_records import TrainingRecord
from volunteer.queries.activities import get_activity_row
from volunteer.queries.training_records import list_attendance
from volunteer.reading.workbooks import read_rows
from volunteer.services.training_records import confirm_attendance, import_training
from volunteer.web.admin import admin
from volunteer.web.admin.evidence import attach, uploaded_evidence
from volunteer.web.admin.guards import needs
from volunteer.web.admin.training import read_training_fields
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form


@admin.route("/training/import", methods=["GET", "POST"])
@needs(Capability.EDIT_TRAINING)
def training_import() -> Page | AnyResponse:
    """Read training records from a sheet: all rows or none."""
    problem: Refusal | None = None
    wrong: list[RowProblem] = []
    if request.method == "POST":
        try:
            made, wrong = _import()
            if not wrong:
                flash(_("已导入 %(count)s 条培训记录；已经有的没有重复登记。", count=len(made)))
                return redirect(url_for("admin.training"))
        except Refusal as refusal:
            problem = refusal
    page, status = show_form("admin/training/import.html", problem, wrong=wrong)
    return page, 422 if wrong else status


@admin.route("/training/activities/<int:activity_id>", methods=["GET", "POST"])
@needs(Capability.EDIT_TRAINING)
def training_attendance(activity_id: int) -> Page | AnyResponse:
    """Confirm as trained who checked in with the card at a training activity."""
    activity = get_activity_row(g.scope, activity_id, is_brigade=g.is_brigade).Activity
    people, problem = list_attendance(g.scope, activity_id), None
    starts_at = activity.starts_at.astimezone(current_app.config["TIMEZONE"])
    if request.method == "POST":
        try:
            fields, file = read_training_fields(), uploaded_evidence()
            chosen = request.form.getlist("member", int)
            if not chosen:
                raise NobodyNamed()
            made = confirm_attendance(g.scope, activity_id, chosen, fields, g.admin.id, today(), now())
            attach(file, made)
            flash(_("已登记 %(count)s 条培训记录；已经有的没有重复登记。", count=len(made)))
            return redirect(url_for("admin.training"))
        except Refusal as refusal:
            problem, people = refusal, list_attendance(g.scope, activity_id)
    minutes = (activity.ends_at - activity.starts_at).total_seconds() // 60
    proposed = {
        "name": activity.name,
        "content": activity.content,
        "organiser": activity.organising_unit,
        "hours": f"{minutes // 6 / 10:.1f}",
        "held_on": starts_at.date().isoformat(),
    }
    return show_form(
        "admin/training/attendance.html",
        problem,
        activity=activity,
        people=people,
        chosen=request.form.getlist("member", int) if request.form else [one.id for one in people],
        typed=request.form or proposed,
    )


def _import() -> tuple[list[TrainingRecord], list[RowProblem]]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise FileMissing()
    data = file.stream.read()
    file.close()
    workbook = read_rows(data, file.filename)
    rows, wrong = read_training_rows(list(workbook.sheets[0].filled_rows()), today())
    if wrong:
        return [], wrong
    return import_training(g.scope, rows, g.admin.id, now())
