"""Wishes on notice inside the member's unit, with masked names; anybody there may object."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.names import mask_name
from volunteer.domain.refusals import Refusal
from volunteer.queries.correction_notices import get_noticed_row, list_noticed, list_own_objections
from volunteer.services.correction_notices import object_to
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.member import member


@member.get("/unit-notices")
def unit_notices() -> str:
    """What is on notice in the own unit."""
    rows = list_noticed(g.member, today())
    return render_template(
        "member/corrections/notices.html",
        rows=[(row, mask_name(row.name)) for row in rows],
        objected=list_own_objections(g.member.id),
    )


@member.route("/unit-notices/<int:correction_id>/objection", methods=["GET", "POST"])
def object_to_notice(correction_id: int) -> Page | AnyResponse:
    """Say what speaks against a wish; its admins see it and by whom."""
    row, problem = get_noticed_row(g.member, correction_id, today()), None
    if request.method == "POST":
        try:
            object_to(g.member.id, correction_id, typed("text"), now(), current_app.config["TIMEZONE"])
            flash(_("异议已提交，审核的管理员会看到。"))
            return redirect(url_for("member.unit_notices"))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "member/corrections/objection.html", problem, row=row, name=mask_name(row.name), typed=request.form
    )
