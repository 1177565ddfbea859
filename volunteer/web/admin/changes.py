"""A member's way: transfer, rest, return, retirement; each kept, and the newest can be taken back."""

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.days import EARLIEST, read_day
from volunteer.domain.member_changes import STATUS_AFTER, EventKind, ends_cards, steps_from
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.queries.member_changes import (
    find_declined_transfer,
    find_waiting_transfer,
    get_event_in,
    list_choosable_teams,
    list_choosable_units,
    list_events,
    list_past_teams,
)
from volunteer.queries.members import get_member_row
from volunteer.queries.merges import find_merge, list_merges, list_overlaps
from volunteer.services.member_changes import Actor, Move, change_status, transfer_member, undo_change
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed, typed_id
from volunteer.web.words import EVENT_KINDS

UNDOABLE = {EventKind.TRANSFERRED, *STATUS_AFTER}


@admin.get("/members/<volunteer_no>/changes")
@needs(Capability.READ_MEMBERS)
def member_changes(volunteer_no: str) -> str:
    """What happened to one member, newest first, and what can be done."""
    row = get_member_row(g.scope, volunteer_no)
    member: Member = row.Member
    events = list_events(member.id)
    standing = [one.MemberEvent for one in events if one.MemberEvent.undone_at is None]
    is_undoable = bool(standing) and standing[0].kind in UNDOABLE
    merge = find_merge(member.id)
    return render_template(
        "admin/changes/list.html",
        row=row,
        member=member,
        events=[(one, describe(one.MemberEvent)) for one in events],
        undoable_id=standing[0].id if is_undoable and merge is None else None,
        past_teams=list_past_teams(member.id),
        transfer=find_waiting_transfer(member.id),
        declined=find_declined_transfer(member.id),
        merge=merge,
        merges=list_merges(member.id),
        overlaps=list_overlaps(member.id),
        steps=[] if merge else steps_from(member.status),
        may_move=merge is None and member.status != MemberStatus.LEFT,
    )


@admin.route("/members/<volunteer_no>/transfer", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def transfer(volunteer_no: str) -> Page | AnyResponse:
    """Move the member to another team or unit, or propose it to a team of somebody else."""
    row, problem = get_member_row(g.scope, volunteer_no), None
    if request.method == "POST":
        try:
            from_on = read_day(typed("from_on"), EARLIEST)
            move = Move(typed("team"), typed_id("unit"), from_on, typed("reason"))
            waits = transfer_member(volunteer_no, move, acting())
            flash(_("已提出调动，等对方队伍接收后生效。在那之前一切照旧。") if waits else _("调动已办好。"))
            return redirect(url_for("admin.member_changes", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
            row = get_member_row(g.scope, volunteer_no)
    return show_form(
        "admin/changes/transfer.html",
        problem,
        row=row,
        member=row.Member,
        teams=list_choosable_teams(),
        units=list_choosable_units(),
        scope=set(g.scope),
        typed=request.form,
        today=today(),
    )


@admin.route("/members/<volunteer_no>/<any(rested, returned, retired, left):kind>", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def change_member_status(volunteer_no: str, kind: str) -> Page | AnyResponse:
    """Let the member rest, come back, retire or leave, from a date and for a reason."""
    row, problem, step = get_member_row(g.scope, volunteer_no), None, EventKind(kind)
    if request.method == "POST":
        try:
            ended = change_status(
                volunteer_no, step, read_day(typed("on"), EARLIEST), typed("reason"), acting()
            )
            flash(_say_done(step, ended))
            return redirect(url_for("admin.member_changes", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
            row = get_member_row(g.scope, volunteer_no)
    return show_form(
        "admin/changes/status.html",
        problem,
        row=row,
        member=row.Member,
        step=step,
        ends_cards=ends_cards(step),
        typed=request.form,
        today=today(),
    )


@admin.route("/changes/<int:event_id>/undo", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def undo_member_change(event_id: int) -> Page | AnyResponse:
    """Take back the newest change of a member."""
    event, member = get_event_in(g.scope, event_id)
    question = Question(
        _("撤销这次变动"),
        _(
            "%(name)s（%(number)s）：%(what)s。撤销后恢复到变动之前；当时停用的卡也恢复，除非已绑给别人。",
            name=member.name,
            number=member.volunteer_no,
            what=describe(event),
        ),
        _("撤销变动"),
        url_for("admin.member_changes", volunteer_no=member.volunteer_no),
    )
    actor = acting()
    return confirm(question, lambda: undo_change(event_id, actor), _("已撤销，恢复到变动之前。"))


def acting() -> Actor:
    """The admin of this request as somebody who acts now."""
    return Actor(g.admin.id, frozenset(g.scope), now(), current_app.config["TIMEZONE"])


def describe(event: MemberEvent) -> str:
    """A change in words."""
    before: dict[str, Any] = event.before if isinstance(event.before, dict) else {}
    after: dict[str, Any] = event.after if isinstance(event.after, dict) else {}
    if event.kind == EventKind.TRANSFERRED:
        return str(_("从 %(old)s 调到 %(new)s", old=_place(before), new=_place(after)))
    if event.kind == EventKind.MERGED:
        return str(_("重复档案 %(name)s（%(number)s）并入", name=after["name"], number=after["volunteer_no"]))
    if event.kind == EventKind.MERGED_AWAY:
        return str(_("并入 %(name)s（%(number)s）", name=after["name"], number=after["volunteer_no"]))
    if event.kind == EventKind.JOINED:
        return str(_("申请加入获准，编入 %(team)s", team=after["team"]))
    return str(_(EVENT_KINDS[EventKind(event.kind)]))


def _place(values: dict[str, Any]) -> str:
    return " · ".join(name for name in (values["team"], values["unit"]) if name)


def _say_done(step: EventKind, ended: int) -> str:
    if step is EventKind.RETURNED:
        return str(_("已恢复在册。原来的卡不会自动恢复，请重新发卡。"))
    return str(_("已办好，同时停用了 %(count)s 张卡。此前的刷卡照常有效。", count=ended))
