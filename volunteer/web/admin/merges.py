"""Duplicates: found, compared side by side, merged into one person or told apart."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.merges import find_differences
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.members import get_member_in
from volunteer.queries.merges import find_merge, find_record_overlaps, get_side, list_candidates
from volunteer.services.merges import Judge, merge_members, tell_apart, undo_merge
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed


@admin.get("/duplicates")
@needs(Capability.READ_MEMBERS)
def duplicates() -> str:
    """Pairs of members who may be the same person."""
    return render_template("admin/changes/duplicates.html", pairs=list_candidates(g.scope))


@admin.route("/members/<volunteer_no>/merge", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def merge(volunteer_no: str) -> Page | AnyResponse:
    """Choose another member, compare the two, and merge them or tell them apart."""
    first = get_side(g.scope, volunteer_no)
    other_no = (typed("other") or request.args.get("other", "")).strip().upper()
    problem: Refusal | str | None = None
    if request.method == "POST":
        try:
            return _judge(volunteer_no, other_no)
        except NotFound:
            problem = _("没有编号为 %(number)s 的志愿者，或不在您的管理范围内。", number=other_no)
        except Refusal as refusal:
            problem = refusal
        first = get_side(g.scope, volunteer_no)
    second = None
    if (other_no and other_no != volunteer_no and problem is None) or isinstance(problem, Refusal):
        try:
            second = get_side(g.scope, other_no)
        except NotFound:
            problem = _("没有编号为 %(number)s 的志愿者，或不在您的管理范围内。", number=other_no)
    return show_form(
        "admin/changes/merge.html",
        problem,
        first=first,
        second=second,
        other_no=other_no,
        differences=find_differences(first, second) if second else [],
        overlaps=find_record_overlaps([first.Member.id, second.Member.id]) if second else [],
        typed=request.form,
    )


def _judge(volunteer_no: str, other_no: str) -> AnyResponse:
    if request.form.get("verdict") == "apart":
        tell_apart(volunteer_no, other_no, judging())
        flash(_("已记下：这是两个人，不再提示。"))
        return redirect(url_for("admin.duplicates"))
    kept_no, duplicate_no = volunteer_no, other_no
    if typed("kept") == other_no:
        kept_no, duplicate_no = other_no, volunteer_no
    has_compared = request.form.get("compared") == "yes"
    kept = merge_members(kept_no, duplicate_no, typed("reason"), judging(), has_compared_ids=has_compared)
    flash(_("已合并。两份档案的记录一起显示、一起合计；转过来的卡刷过之前，可以在这里撤销。"))
    return redirect(url_for("admin.member_changes", volunteer_no=kept.volunteer_no))


@admin.route("/members/<volunteer_no>/unmerge", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def unmerge(volunteer_no: str) -> Page | AnyResponse:
    """Take the merge of this duplicate back."""
    member = get_member_in(g.scope, volunteer_no)
    found = find_merge(member.id)
    if found is None:
        raise NotFound()
    question = Question(
        _("撤销合并"),
        _("%(name)s（%(number)s）恢复为独立的档案，状态、卡和时长与合并前一样。"
          "转给 %(kept)s 的卡只要在合并后刷过一次，就不能再撤销：那些时长已经算给了 %(kept)s。",
          name=member.name, number=member.volunteer_no, kept=found.Member.volunteer_no),
        _("撤销合并"),
        url_for("admin.member_changes", volunteer_no=volunteer_no),
    )  # fmt: skip
    judge = judging()
    return confirm(question, lambda: undo_merge(volunteer_no, judge), _("已撤销合并。"))


def judging() -> Judge:
    """The admin of this request as somebody who decides now."""
    return Judge(g.admin.id, frozenset(g.scope), now(), today())
