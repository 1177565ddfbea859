"""The review desk: everything that needs a person's eyes, decided in bulk, undone, muted."""

import json
from typing import Any

from flask import abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.proposals import PersonUnknown
from volunteer.domain.refusals import Refusal
from volunteer.domain.review_decisions import (
    MergedByOneself,
    Reach,
    ReviewDesk,
    ReviewOfOneself,
    may_decide,
    needs_person,
)
from volunteer.domain.reviews import HOLDING, ReviewKind, ReviewState
from volunteer.domain.roles import Capability
from volunteer.queries.reviews import (
    count_reviews,
    find_reach,
    get_review_in,
    list_members_behind,
    list_merged_by,
    list_review_events,
    list_reviewed_cards,
    list_reviewed_quarantine,
    list_reviewed_records,
    list_reviewed_scans,
    list_reviews,
)
from volunteer.queries.settlements import list_persons
from volunteer.services.reviews import decide_reviews as decide
from volunteer.services.reviews import mute_review as mute
from volunteer.services.reviews import undo_reviews as undo
from volunteer.web.admin import admin
from volunteer.web.admin.guards import allows, needs
from volunteer.web.admin.review_words import describe, say_level
from volunteer.web.admin.timelines import draw_timeline
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, chosen, id_in, local_path, show_form, typed
from volunteer.web.languages import translate

PAGE_SIZE = 50
# What was just done, so that it can be undone from the page that follows.
DONE = "reviews_done"


@admin.get("/reviews")
@needs(Capability.READ_REVIEWS)
def reviews() -> Page:
    """What waits within these teams, counted by kind; or what was decided, muted, or went away."""
    return _show_list(None, session.pop(DONE, None))


@admin.get("/reviews/<int:review_id>")
@needs(Capability.READ_REVIEWS)
def review(review_id: int) -> Page:
    """One item with the rows behind it, as a picture and as lists."""
    return _show(review_id)


@admin.post("/reviews/decide")
@needs(Capability.DECIDE_REVIEWS)
def decide_reviews() -> Page | AnyResponse:
    """Accept or reject all that are ticked, or none."""
    decision, ids = chosen("decision", ReviewState), _ticked()
    if decision not in (ReviewState.ACCEPTED, ReviewState.REJECTED):
        abort(400)
    # From the page of one item, where its records can be corrected.
    is_single = bool(request.form.get("single") and ids)
    try:
        count = decide(ids, decision, _desk())
    except Refusal as refusal:
        return _show(ids[0], refusal) if is_single else _show_list(refusal)
    if is_single and decision == ReviewState.REJECTED:
        flash(_("已定为不采纳。记录有错的，请在下面去更正；也可以撤销。"))
        return redirect(url_for("admin.review", review_id=ids[0]))
    session[DONE] = {"ids": ids, "state": str(decision)}
    flash(_done(decision, count))
    return redirect(_back())


@admin.post("/reviews/undo")
@needs(Capability.DECIDE_REVIEWS)
def undo_reviews() -> Page | AnyResponse:
    """Let what was decided be open again."""
    try:
        count = undo(_ticked(), _desk())
    except Refusal as refusal:
        return _show_list(refusal)
    flash(_("已撤销，%(count)s 件事项重新等待审核。", count=count))
    return redirect(_back())


@admin.post("/reviews/<int:review_id>/mute")
@needs(Capability.DECIDE_REVIEWS)
def mute_review(review_id: int) -> Page | AnyResponse:
    """No reminder of this any more, for a reason."""
    try:
        mute(review_id, typed("reason"), _desk())
    except Refusal as refusal:
        return _show(review_id, refusal)
    flash(_("已静音，以后不再提醒。在“已静音”里可以找到并恢复。"))
    return redirect(url_for("admin.reviews"))


def _desk() -> ReviewDesk:
    return ReviewDesk(g.admin.id, frozenset(g.scope), now(), current_app.config["TIMEZONE"])


def _ticked() -> list[int]:
    return [id_in(one) for one in request.form.getlist("item")]


def _back() -> str:
    home = url_for("admin.reviews")
    return local_path(request.form.get("back"), home) or home


def _done(decision: ReviewState, count: int) -> str:
    if decision == ReviewState.ACCEPTED:
        return str(_("已采纳 %(count)s 件事项。", count=count))
    return str(_("%(count)s 件事项定为不采纳。", count=count))


def _show_list(problem: Refusal | None, done: dict[str, Any] | None = None) -> Page:
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    kind = kind if kind in set(ReviewKind) else ""
    state = state if state in set(ReviewState) else ReviewState.OPEN
    page = asked_number("page", 1)
    counts = count_reviews(g.scope, state)
    count = counts.get(kind, 0) if kind else sum(counts.values())
    rows = list_reviews(g.scope, state, kind or None, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return show_form(
        "admin/reviews/list.html",
        problem,
        rows=rows,
        obstacles=_obstacles(rows),
        describe=describe,
        kinds=[(one, counts[one]) for one in ReviewKind if counts.get(one)],
        total=sum(counts.values()),
        count=count,
        kind=kind,
        state=state,
        states=list(ReviewState),
        done=done,
        back=request.full_path if request.method == "GET" else _back(),
        is_all=bool(request.args.get("all")),
        ticked=set(_ticked()),
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


def _obstacles(rows: list[Any]) -> dict[int, str]:
    """Why this admin cannot decide an item, by item; empty for those that can be decided."""
    reach = find_reach(g.admin.id, today()) if allows("decide_reviews") else Reach((), is_brigade=False)
    own = g.admin.member_id
    mine = _about_me(own, rows) if own is not None else set()
    merged = list_merged_by(g.admin.id, [row.ReviewItem for row in rows])
    found = {}
    for row in rows:
        item = row.ReviewItem
        if not may_decide(item.level, item.team_id, row.parent_id, reach):
            found[item.id] = str(_("由%(who)s审核", who=say_level(item.level)))
        elif own is None and needs_person(item.kind):
            found[item.id] = translate(PersonUnknown().sentence)
        elif item.id in mine:
            found[item.id] = translate(ReviewOfOneself().sentence)
        elif item.id in merged:
            found[item.id] = translate(MergedByOneself().sentence)
    return found


def _about_me(own: int, rows: list[Any]) -> set[int]:
    """Those of the items that are about this admin as a person, or about a record of that person."""
    behind = list_members_behind(row.ReviewItem.id for row in rows)
    for row in rows:
        if row.ReviewItem.member_id is not None:
            behind.setdefault(row.ReviewItem.member_id, set()).add(row.ReviewItem.id)
    persons = list_persons([own, *behind])
    return {item_id for one, items in behind.items() if persons[one] == persons[own] for item_id in items}


def _show(review_id: int, problem: Refusal | None = None) -> Page:
    row = get_review_in(g.scope, review_id)
    item = row.ReviewItem
    records = list_reviewed_records(g.scope, item.id)
    behind: dict[str, list[Any]] = item.rows
    ids = [one.ServiceRecord.id for one in records]
    scans = list_reviewed_scans(g.scope, behind.get("scans", []), ids)
    zone = current_app.config["TIMEZONE"]
    return show_form(
        "admin/reviews/page.html",
        problem,
        row=row,
        item=item,
        sentence=describe(item),
        level=say_level(item.level),
        obstacle=_obstacles([row]).get(item.id),
        is_holding=item.kind in HOLDING,
        records=records,
        scans=scans,
        quarantine=[
            (one, _without_token(one.content))
            for one in list_reviewed_quarantine(behind.get("quarantined_scans", []))
        ],
        cards=list_reviewed_cards(g.scope, behind.get("cards", [])),
        picture=draw_timeline(
            [one.ServiceRecord for one in records], [one.StoredScan.at for one in scans], zone
        ),
        events=list_review_events(item.id, item.found_at) if allows("read_reviews") else [],
        can_correct=allows("propose_hours") and "admin.new_correction" in current_app.view_functions,
        now=now(),
        typed=request.form,
    )


def _without_token(content: str) -> str:
    """What a terminal sent, without the token: whoever reads it could copy the card."""
    try:
        sent = json.loads(content)
    except ValueError:
        return ""
    if isinstance(sent, dict):
        sent = {name: value for name, value in sent.items() if name != "token"}
    return json.dumps(sent, ensure_ascii=False)[:500]
