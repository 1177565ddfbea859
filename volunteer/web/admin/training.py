"""Training that members went through: listed, entered, confirmed from who checked in, taken back."""

from collections.abc import Iterable

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.training_records import (
    NobodyNamed,
    NumbersUnknown,
    TrainingFields,
    clean_learning_hours,
    split_numbers,
)
from volunteer.queries.activities import get_activity_row
from volunteer.queries.commendations import list_commendations
from volunteer.queries.evidence import list_openable
from volunteer.queries.members import get_member_in
from volunteer.queries.training_records import (
    get_training_row,
    list_attendance,
    list_members_by_no,
    list_training_activities,
    list_training_records,
    search_training_records,
)
from volunteer.services.training_records import (
    add_training_records,
    confirm_attendance,
    void_training_record,
)
from volunteer.web.admin import admin
from volunteer.web.admin.activity_forms import read_day
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.evidence import attach, uploaded_evidence
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, show_form, typed

PAGE_SIZE = 50


@admin.get("/training")
@needs(Capability.READ_TRAINING)
def training() -> str:
    """A page of training records that fit the search, and the trainings that wait for confirmation."""
    text, page = request.args.get("q", "").strip(), asked_number("page", 1)
    count, rows = search_training_records(g.scope, text, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "admin/training/list.html",
        rows=rows,
        count=count,
        text=text,
        page=page,
        pages=-(-count // PAGE_SIZE),
        openable=openable(row.TrainingRecord.evidence_id for row in rows),
        waiting=list_training_activities(g.scope, now(), is_brigade=g.is_brigade),
    )


@admin.get("/members/<volunteer_no>/training")
@needs(Capability.READ_TRAINING)
def member_training(volunteer_no: str) -> str:
    """One member's training records and commendations."""
    member = get_member_in(g.scope, volunteer_no)
    rows, honours = list_training_records(member.id), list_commendations(member.id)
    files = [row.TrainingRecord.evidence_id for row in rows] + [
        one.Commendation.evidence_id for one in honours
    ]
    return render_template(
        "admin/training/member.html", member=member, rows=rows, honours=honours, openable=openable(files)
    )


@admin.route("/training/new", methods=["GET", "POST"])
@needs(Capability.EDIT_TRAINING)
def new_training() -> Page | AnyResponse:
    """Enter one training for one member or many."""
    problem = None
    if request.method == "POST":
        try:
            fields, file = read_training_fields(), uploaded_evidence()
            made = add_training_records(typed_members(), fields, g.admin.id, today(), now())
            attach(file, made)
            flash(_("已登记 %(count)s 条培训记录；已经有的没有重复登记。", count=len(made)))
            return redirect(url_for("admin.training"))
        except Refusal as refusal:
            problem = refusal
    values = request.form or {"volunteer_nos": request.args.get("member", "")}
    return show_form("admin/training/form.html", problem, typed=values)


@admin.route("/training/<int:record_id>/void", methods=["GET", "POST"])
@needs(Capability.EDIT_TRAINING)
def void_training(record_id: int) -> Page | AnyResponse:
    """Ask, then take a training record back."""
    row = get_training_row(g.scope, record_id)
    question = Question(
        title=_("作废这条培训记录？"),
        consequence=_(
            "%(name)s（%(number)s）的“%(training)s”。作废后本人不再看到；作废的人和时间会留底。",
            name=row.member_name,
            number=row.volunteer_no,
            training=row.TrainingRecord.name,
        ),
        button=_("作废"),
        back=url_for("admin.member_training", volunteer_no=row.volunteer_no),
    )
    return confirm(
        question, lambda: void_training_record(record_id, g.admin.id, now()), _("培训记录已作废。")
    )


@admin.route("/training/activities/<int:activity_id>", methods=["GET", "POST"])
@needs(Capability.EDIT_TRAINING)
def training_attendance(activity_id: int) -> Page | AnyResponse:
    """Confirm as trained who checked in with the card at a training activity."""
    activity = get_activity_row(g.scope, activity_id, is_brigade=g.is_brigade).Activity
    people, problem = list_attendance(g.scope, activity_id, now()), None
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
            problem, people = refusal, list_attendance(g.scope, activity_id, now())
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
        chosen=request.form.getlist("member", int)
        if request.form
        else [one.id for one in people if one.is_finished],
        typed=request.form or proposed,
    )


def openable(evidence_ids: Iterable[int | None]) -> set[int]:
    """Those of the files that this admin may open."""
    return list_openable(g.scope, [one for one in evidence_ids if one])


def typed_members() -> list[int]:
    """The ids of the members whose numbers were typed; refuses a number that is not the admin's to name."""
    numbers = split_numbers(typed("volunteer_nos"))
    if not numbers:
        raise NobodyNamed()
    known = list_members_by_no(g.scope, numbers)
    if missing := [number for number in numbers if number not in known]:
        raise NumbersUnknown(numbers="、".join(missing[:10]))
    return [known[number].id for number in numbers]


def read_training_fields() -> TrainingFields:
    """The training as typed; refuses hours and dates that are none."""
    return TrainingFields(
        typed("name"),
        typed("content"),
        clean_learning_hours(typed("hours")),
        typed("organiser"),
        read_day("held_on"),
    )
