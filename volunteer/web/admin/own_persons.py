"""Which volunteer an admin is: proved by the admin, confirmed face to face by a second person, taken back."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.attempts import AttemptKind
from volunteer.domain.own_persons import NotMet, obstacle_of
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.admins import get_admin_in
from volunteer.queries.own_persons import (
    find_confirmer,
    find_own_person,
    find_waiting,
    list_behind,
    list_confirmers,
    list_waiting,
)
from volunteer.services.admins import unlink_person
from volunteer.services.attempts import forgive_attempt, note_attempt
from volunteer.services.own_persons import (
    confirm_person,
    propose_own_person,
    refuse_person,
    withdraw_own_person,
)
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.sessions import current_sign_in


@admin.route("/account/person", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def own_person() -> Page | AnyResponse:
    """Which volunteer this admin is, proved with that account's password or the card letter's code."""
    problem = None
    if request.method == "POST":
        try:
            # Counted for this session alone: a stolen one may not guess.
            key = str(current_sign_in().id)
            note_attempt(AttemptKind.CONFIRMATION, key, now())
            proof = request.form.get("proof", "")
            propose_own_person(g.admin.id, typed("volunteer_no"), proof, now(), today())
            forgive_attempt(AttemptKind.CONFIRMATION, key)
            flash(_("已提出。请找另一位管理员当面确认，确认以后才能录入和审核别人的时长。"))
            return redirect(url_for("admin.own_person"))
        except Refusal as refusal:
            problem = refusal
    waiting = find_waiting(g.admin.id, today())
    return show_form(
        "admin/admins/own_person.html",
        problem,
        own=find_own_person(g.admin),
        waiting=waiting,
        confirmers=list_confirmers(waiting, today()) if waiting else [],
        typed=request.form,
    )


@admin.post("/account/person/withdraw")
@needs(Capability.OWN_ACCOUNT)
def withdraw_person() -> AnyResponse:
    """Take back the own link that waits; it can be asked for again."""
    withdraw_own_person(g.admin.id)
    flash(_("已撤回。"))
    return redirect(url_for("admin.own_person"))


@admin.get("/admins/waiting")
@needs(Capability.APPROVE_HOURS)
def waiting_persons() -> str:
    """The links that wait in the admin's teams, and why the admin cannot confirm some of them."""
    by = find_confirmer(g.admin.id, today())
    rows = [(one, obstacle_of(by, one.claim)) for one in list_waiting(g.scope, today())]
    return render_template("admin/admins/waiting.html", rows=rows)


@admin.route("/admins/<int:admin_id>/person", methods=["GET", "POST"])
@needs(Capability.APPROVE_HOURS)
def decide_person(admin_id: int) -> Page | AnyResponse:
    """Confirm face to face which volunteer another admin is, or refuse it with a reason."""
    person, problem = get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade), None
    if request.method == "POST":
        try:
            flash(_decide(admin_id))
            return redirect(url_for("admin.admin_account", admin_id=admin_id))
        except Refusal as refusal:
            problem = refusal
    waiting = find_waiting(admin_id, today())
    return show_form(
        "admin/admins/decide_person.html",
        problem,
        person=person,
        waiting=waiting,
        obstacle=obstacle_of(find_confirmer(g.admin.id, today()), waiting.claim) if waiting else None,
        behind=list_behind(waiting) if waiting else None,
        typed=request.form,
    )


def _decide(admin_id: int) -> str:
    """Do what was chosen, and say it."""
    if typed("refuse"):
        refuse_person(g.admin.id, admin_id, typed("reason"), now(), today())
        return str(_("没有确认，原因已经告诉本人。"))
    if not typed("met"):
        raise NotMet()
    confirm_person(g.admin.id, admin_id, now(), today())
    return str(_("已确认。"))


@admin.route("/admins/<int:admin_id>/unlink", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def unlink_admin(admin_id: int) -> Page | AnyResponse:
    """Take back which volunteer another admin is, with the reason."""
    person, problem = get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade), None
    if request.method == "POST":
        try:
            unlink_person(g.admin.id, admin_id, typed("reason"), today())
            flash(_("已解除关联。"))
            return redirect(url_for("admin.admin_account", admin_id=admin_id))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/admins/unlink.html", problem, person=person, own=find_own_person(person), typed=request.form
    )
