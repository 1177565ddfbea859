"""Nominations for stars: listed by how they stand, judged, published, withdrawn, revoked."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.nominations import LONGEST_DOCUMENT, NominationState, Outcome, state_of
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.nominations import count_nominations, get_nomination_row, list_nominations
from volunteer.services.nominations import withdraw
from volunteer.services.star_judgements import approve, publish, reject, revoke, take_back
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.admin.stars import PAGE_SIZE, acting, tell
from volunteer.web.forms import Page, asked_number, id_in, show_form, typed


@admin.get("/nominations")
@needs(Capability.READ_STARS)
def nominations() -> Page:
    """Nominations of these teams' members that stand alike."""
    return _show_list(_asked_state(request.args.get("state", "")))


@admin.post("/nominations")
@needs(Capability.JUDGE_STARS)
def judge_nominations() -> Page | AnyResponse:
    """Judge, take back or publish those who were chosen from the list."""
    state, ids = _asked_state(typed("state")), [id_in(one) for one in request.form.getlist("nomination")]
    try:
        _act(ids)
    except Refusal as refusal:
        return _show_list(state, refusal)
    return redirect(url_for("admin.nominations", state=state))


def _act(ids: list[int]) -> None:
    what = typed("what")
    outcome: Outcome
    if what == "publish":
        outcome = publish(ids, acting())
        tell(outcome, _("已公布 %(count)s 人。同意上荣誉榜的人会出现在荣誉榜上。", count=len(outcome.done)))
    elif what == "take_back":
        outcome = take_back(ids, acting())
        tell(outcome, _("已撤回对 %(count)s 人的认定，请重新处理。", count=len(outcome.done)))
    elif what == "approve":
        outcome = approve(ids, typed("document"), acting())
        tell(
            outcome,
            _("已认定 %(count)s 人。公布之前可以在“已认定，待公布”里撤回。", count=len(outcome.done)),
        )
    else:
        raise NotFound()


@admin.get("/nominations/<int:nomination_id>")
@needs(Capability.READ_STARS)
def nomination(nomination_id: int) -> Page:
    """One nomination: who proposed whom, why, and what was decided."""
    return _show(nomination_id)


@admin.post("/nominations/<int:nomination_id>")
@needs(Capability.JUDGE_STARS)
def judge_nomination(nomination_id: int) -> Page | AnyResponse:
    """Judge this nomination, for or against, or take the judgement back."""
    get_nomination_row(g.scope, nomination_id)
    try:
        if typed("what") == "reject":
            reject(nomination_id, typed("reply"), acting())
            flash(_("已回复提名人：不予认定。"))
        else:
            _act([nomination_id])
    except Refusal as refusal:
        return _show(nomination_id, refusal)
    return redirect(url_for("admin.nomination", nomination_id=nomination_id))


@admin.route("/nominations/<int:nomination_id>/withdraw", methods=["GET", "POST"])
@needs(Capability.NOMINATE_STARS)
def withdraw_nomination(nomination_id: int) -> Page | AnyResponse:
    """Ask, then withdraw a nomination that is not judged yet."""
    row = get_nomination_row(g.scope, nomination_id)
    question = Question(
        _("撤回这份提名？"),
        _(
            "%(name)s的 %(stars)s 星提名。撤回后可以重新提名。",
            name=row.Member.name,
            stars=row.StarRule.stars,
        ),
        _("撤回提名"),
        url_for("admin.nomination", nomination_id=nomination_id),
    )
    return confirm(question, lambda: withdraw(nomination_id, acting()), _("提名已撤回。"))


@admin.route("/nominations/<int:nomination_id>/revoke", methods=["GET", "POST"])
@needs(Capability.JUDGE_STARS)
def revoke_star(nomination_id: int) -> Page | AnyResponse:
    """Take a published star away, with a reason that the member reads."""
    if not g.is_brigade:
        raise NotFound()
    problem = None
    if request.method == "POST":
        try:
            revoke(nomination_id, typed("reason"), acting())
            flash(_("星级已撤销，经过保留可查。"))
            return redirect(url_for("admin.nomination", nomination_id=nomination_id))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/stars/revoke.html",
        problem,
        row=get_nomination_row(g.scope, nomination_id),
        typed=request.form,
    )


def _asked_state(text: str) -> NominationState:
    return NominationState(text) if text in set(NominationState) else NominationState.WAITING


def _show(nomination_id: int, problem: Refusal | None = None) -> Page:
    row = get_nomination_row(g.scope, nomination_id)
    return show_form(
        "admin/stars/nomination.html",
        problem,
        row=row,
        state=state_of(row.StarNomination),
        longest=LONGEST_DOCUMENT,
        is_brigade=g.is_brigade,
        typed=request.form,
    )


def _show_list(state: NominationState, problem: Refusal | None = None) -> Page:
    text, page = request.args.get("q", "").strip(), asked_number("page", 1)
    count, rows = list_nominations(g.scope, state, text, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return show_form(
        "admin/stars/nominations.html",
        problem,
        rows=rows,
        count=count,
        state=state,
        counts=count_nominations(g.scope),
        text=text,
        page=page,
        pages=-(-count // PAGE_SIZE),
        chosen=request.form.getlist("nomination"),
        longest=LONGEST_DOCUMENT,
        is_brigade=g.is_brigade,
        typed=request.form,
    )
