"""Transfers between teams of different admins: proposed by one, accepted by the other."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.member_changes import list_transfers
from volunteer.services.member_changes import accept_transfer, decline_transfer, withdraw_transfer
from volunteer.web.admin import admin
from volunteer.web.admin.changes import acting
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.forms import Page, show_form, typed


@admin.get("/transfers")
@needs(Capability.READ_MEMBERS)
def transfers() -> str:
    """What waits: members that come to these teams, and members that leave them."""
    rows, scope = list_transfers(g.scope), set(g.scope)
    return render_template(
        "admin/changes/transfers.html",
        coming=[row for row in rows if row.Transfer.team_id in scope],
        going=[row for row in rows if row.Transfer.team_id not in scope],
    )


@admin.route("/transfers/<int:transfer_id>/accept", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def accept(transfer_id: int) -> Page | AnyResponse:
    """The receiving team agrees."""
    row = _find(transfer_id)
    question = Question(
        _("接收这位志愿者"),
        _("%(name)s（%(number)s）从%(old)s调到%(new)s。接收后由%(new)s管理，已有的服务时长不变。",
          name=row.name, number=row.volunteer_no, old=row.from_name, new=row.team_name),
        _("接收"),
        url_for("admin.transfers"),
        is_grave=False,
    )  # fmt: skip
    actor = acting()
    return confirm(question, lambda: accept_transfer(transfer_id, actor), _("已接收，调动生效。"))


@admin.route("/transfers/<int:transfer_id>/decline", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def decline(transfer_id: int) -> Page | AnyResponse:
    """The receiving team does not agree, and says why."""
    row, problem = _find(transfer_id), None
    if request.method == "POST":
        try:
            decline_transfer(transfer_id, typed("reply"), acting())
            flash(_("已退回，对方会看到原因。"))
            return redirect(url_for("admin.transfers"))
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/changes/decline.html", problem, row=row, typed=request.form)


@admin.route("/transfers/<int:transfer_id>/withdraw", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def withdraw(transfer_id: int) -> Page | AnyResponse:
    """The giving team takes its proposal back."""
    row = _find(transfer_id)
    question = Question(
        _("撤回调动"),
        _("%(name)s（%(number)s）留在原来的队伍。", name=row.name, number=row.volunteer_no),
        _("撤回"),
        url_for("admin.transfers"),
        is_grave=False,
    )
    actor = acting()
    return confirm(question, lambda: withdraw_transfer(transfer_id, actor), _("已撤回。"))


def _find(transfer_id: int) -> Row[Any]:
    found = [row for row in list_transfers(g.scope) if row.Transfer.id == transfer_id]
    if not found:
        raise NotFound()
    return found[0]
