"""A member's way: transfer, rest, return, retirement; each kept, and the newest can be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.days import EARLIEST, read_day
from volunteer.domain.imports import MOVED_BY_LIST
from volunteer.domain.member_changes import STATUS_AFTER, WAY_KINDS, EventKind, ends_cards, steps_from
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.teams import MemberTeam
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

UNDOABLE = {EventKind.TRANSFERRED, EventKind.RENAMED, *STATUS_AFTER}


@admin.get("/members/<volunteer_no>/changes")
@needs(Capability.READ_MEMBERS)
def member_changes(volunteer_no: str) -> str:
    """What happened to one member, newest first, and what can be done."""
    row = get_member_row(g.scope, volunteer_no)
    member: Member = row.Member
    events = list_events(member.id)
    merge, past_teams = find_merge(member.id), list_past_teams(member.id)
    here = _Place((member.team_id, member.unit_id), _name_of(row.team_name, row.unit_name))
    return render_template(
        "admin/changes/list.html",
        row=row,
        member=member,
        history=_history(events, past_teams, here),
        undoable_ids=_undoable_ids([one.MemberEvent for one in events], here, is_merged=merge is not None),
        past_teams=past_teams,
        moved_by_list=MOVED_BY_LIST,
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
    said = {"name": member.name, "number": member.volunteer_no, "what": describe(event)}
    question = Question(
        _("撤销这次变动"),
        _("%(name)s（%(number)s）：%(what)s。撤销后恢复原来的姓名，本人会收到消息。", **said)
        if event.kind == EventKind.RENAMED
        else _(
            "%(name)s（%(number)s）：%(what)s。撤销后恢复到变动之前；当时停用的卡也恢复，除非已绑给别人。",
            **said,
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
        return str(_("从 %(old)s 调到 %(new)s", old=_place(before).name, new=_place(after).name))
    if event.kind == EventKind.MERGED:
        return str(_("重复档案 %(name)s（%(number)s）并入", name=after["name"], number=after["volunteer_no"]))
    if event.kind == EventKind.MERGED_AWAY:
        return str(_("并入 %(name)s（%(number)s）", name=after["name"], number=after["volunteer_no"]))
    if event.kind == EventKind.JOINED:
        return str(_("申请加入获准，编入 %(team)s", team=after["team"]))
    if event.kind == EventKind.RENAMED:
        return str(_("姓名由 %(old)s 更正为 %(new)s", old=before["name"], new=after["name"]))
    return str(_(EVENT_KINDS[EventKind(event.kind)]))


@dataclass(frozen=True)
class Line:
    """One line of the history: from which day, what happened, and its event, if one tells of it."""

    on: date
    words: str
    row: Any | None = None


@dataclass(frozen=True)
class _Place:
    """Where a member is or was: the ids of team and unit, and their names."""

    ids: tuple[int, int | None]
    name: str


def _history(events: Sequence[Any], past_teams: Sequence[Any], here: _Place) -> list[Line]:
    """What happened, newest first: the events, and moves that no event tells of.

    Those came with an imported list, or with the whole team or unit.
    """
    told = {one.MemberEvent.before.get("span_id") for one in events if one.MemberEvent.undone_at is None}
    later = _moves_of_the_same_day([one.MemberEvent for one in events], past_teams, here)
    lines = []
    for one in events:
        event = one.MemberEvent
        if event.id in later:
            lines.append(_untold(event.effective_on, *later[event.id]))
        lines.append(Line(event.effective_on, describe(event), one))
    new = here.name
    for one in past_teams:
        span, old = one.MemberTeam, _name_of(one.team_name, one.unit_name)
        if span.id not in told:
            lines.append(_untold(span.until_on, old, new))
        new = old
    return sorted(lines, key=lambda line: line.on, reverse=True)


def _moves_of_the_same_day(
    events: Sequence[MemberEvent], past_teams: Sequence[Any], here: _Place
) -> dict[int, tuple[str, str]]:
    """Moves on from where a transfer had led, made on its own day: from where to where, by the transfer.

    No span tells of them: the member was in that team for no whole day.
    """
    found, newer = dict[int, tuple[str, str]](), None
    for event in events:
        if event.kind != EventKind.TRANSFERRED or event.undone_at is not None:
            continue
        if newer is not None and newer.effective_on == event.effective_on:
            next_place = _place(newer.before)
        else:
            later = [one for one in past_teams if one.MemberTeam.until_on > event.effective_on]
            next_place = _past_place(later[-1]) if later else here
        if _place(event.after).ids != next_place.ids:
            found[event.id] = _place(event.after).name, next_place.name
        newer = event
    return found


def _untold(on: date, old: str, new: str) -> Line:
    return Line(on, _("从 %(old)s 转到 %(new)s（随导入的名单，或随队伍、单位的调整）", old=old, new=new))


def _undoable_ids(events: Sequence[MemberEvent], here: _Place, *, is_merged: bool) -> set[int]:
    """The changes that can be taken back: of the member's way the newest one, and the newest name."""
    standing = [one for one in events if one.undone_at is None]
    way = [one for one in standing if one.kind in WAY_KINDS][:1]
    # Who has been moved on since is not where the transfer led.
    way = [one for one in way if one.kind != EventKind.TRANSFERRED or _place(one.after).ids == here.ids]
    names = [one for one in standing if one.kind == EventKind.RENAMED][:1]
    return {one.id for one in names + ([] if is_merged else way) if one.kind in UNDOABLE}


def _place(values: Any) -> _Place:
    return _Place((values["team_id"], values["unit_id"]), _name_of(values["team"], values["unit"]))


def _past_place(row: Any) -> _Place:
    span: MemberTeam = row.MemberTeam
    return _Place((span.team_id, span.unit_id), _name_of(row.team_name, row.unit_name))


def _name_of(team: str, unit: str | None) -> str:
    return " · ".join(name for name in (team, unit) if name)


def _say_done(step: EventKind, ended: int) -> str:
    if step is EventKind.RETURNED:
        return str(_("已恢复在册。原来的卡不会自动恢复，请重新发卡。"))
    return str(_("已办好，同时停用了 %(count)s 张卡。此前的刷卡照常有效。", count=ended))
