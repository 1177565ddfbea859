"""Asking to join, without an account."""

from flask import current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.attempts import AttemptKind
from volunteer.domain.consents import TEXTS
from volunteer.domain.refusals import Refusal, TeamUnknown
from volunteer.domain.registrations import NEEDED, OFFERED, clean_registration_code
from volunteer.domain.terminals import hash_secret
from volunteer.queries.member_changes import list_choosable_teams, list_choosable_units
from volunteer.queries.registrations import get_registration
from volunteer.services.attempts import note_attempt
from volunteer.services.registrations import Application
from volunteer.services.registrations import register as keep_registration
from volunteer.web.clock import now
from volunteer.web.devices import current_address
from volunteer.web.forms import Page, show_form, typed, typed_id
from volunteer.web.people import contact_key
from volunteer.web.public import public

# In the signed cookie of the applicant's own browser; the database has only its digest.
CODE = "registration_code"


@public.route("/register", methods=["GET", "POST"])
def register() -> Page | AnyResponse:
    """The form; once sent, the next page shows the code by which the answer is asked for."""
    problem: Refusal | str | None = None
    if request.method == "POST":
        agreed = frozenset(one for one in OFFERED if one in request.form.getlist("agreed"))
        wish = Application(typed("name"), typed("phone"), typed("team"), typed_id("unit"), agreed)
        try:
            note_attempt(AttemptKind.REGISTRATION_ADDRESS, current_address(), now())
            session[CODE] = keep_registration(wish, contact_key(), now())
            return redirect(url_for("public.registered"))
        except TeamUnknown:
            problem = _("请选择一个队伍。")
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "public/register.html",
        problem,
        teams=list_choosable_teams(),
        units=list_choosable_units(),
        consents=[(purpose, TEXTS[purpose].msgid, purpose == NEEDED) for purpose in OFFERED],
        has_notice="public.privacy" in current_app.view_functions,
        typed=request.form,
    )


@public.route("/register/sent", methods=["GET", "POST"])
def registered() -> str | AnyResponse:
    """The code of the request just sent, until the applicant has noted it down or closes the browser."""
    if request.method == "POST":
        session.pop(CODE, None)
    if CODE not in session:
        return redirect(url_for("public.registration_state"))
    return render_template("public/registered.html", code=session[CODE])


@public.route("/register/state", methods=["GET", "POST"])
def registration_state() -> Page:
    """What came of a request to join, for whoever has its code."""
    problem, found = None, None
    if request.method == "POST":
        try:
            note_attempt(AttemptKind.REGISTRATION_ADDRESS, current_address(), now())
            found = get_registration(hash_secret(clean_registration_code(typed("code"))))
        except Refusal as refusal:
            problem = refusal
    return show_form("public/registration_state.html", problem, found=found)
