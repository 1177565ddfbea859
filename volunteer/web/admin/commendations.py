"""Commendations of members: listed, entered, taken back."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.commendations import CommendationFields
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.commendations import get_commendation_row, search_commendations
from volunteer.services.commendations import add_commendations, void_commendation
from volunteer.web.admin import admin
from volunteer.web.admin.activity_forms import read_day
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.evidence import attach, uploaded_evidence
from volunteer.web.admin.guards import needs
from volunteer.web.admin.training import PAGE_SIZE, openable, typed_members
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, show_form, typed


@admin.get("/training/commendations")
@needs(Capability.READ_TRAINING)
def commendations() -> str:
    """A page of commendations that fit the search."""
    text, page = request.args.get("q", "").strip(), asked_number("page", 1)
    count, rows = search_commendations(g.scope, text, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "admin/training/commendations.html",
        rows=rows,
        count=count,
        text=text,
        page=page,
        pages=-(-count // PAGE_SIZE),
        openable=openable(row.Commendation.evidence_id for row in rows),
    )


@admin.route("/training/commendations/new", methods=["GET", "POST"])
@needs(Capability.EDIT_TRAINING)
def new_commendation() -> Page | AnyResponse:
    """Enter one commendation for one member or many."""
    problem = None
    if request.method == "POST":
        try:
            fields = CommendationFields(typed("name"), read_day("granted_on"), typed("granting_unit"))
            file = uploaded_evidence()
            made = add_commendations(typed_members(), fields, g.admin.id, today(), now())
            attach(file, made)
            flash(_("已登记 %(count)s 条表彰奖励；已经有的没有重复登记。", count=len(made)))
            return redirect(url_for("admin.commendations"))
        except Refusal as refusal:
            problem = refusal
    values = request.form or {"volunteer_nos": request.args.get("member", "")}
    return show_form("admin/training/new_commendation.html", problem, typed=values)


@admin.route("/training/commendations/<int:commendation_id>/void", methods=["GET", "POST"])
@needs(Capability.EDIT_TRAINING)
def commendation_void(commendation_id: int) -> Page | AnyResponse:
    """Ask, then take a commendation back."""
    row = get_commendation_row(g.scope, commendation_id)
    question = Question(
        title=_("作废这条表彰奖励？"),
        consequence=_(
            "%(name)s（%(number)s）的“%(honour)s”。作废后本人不再看到；作废的人和时间会留底。",
            name=row.member_name,
            number=row.volunteer_no,
            honour=row.Commendation.name,
        ),
        button=_("作废"),
        back=url_for("admin.member_training", volunteer_no=row.volunteer_no),
    )
    return confirm(
        question, lambda: void_commendation(commendation_id, g.admin.id, now()), _("表彰奖励已作废。")
    )
