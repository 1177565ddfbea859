"""Admins sign in and out."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.services.members import sign_in_admin
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.forms import Page, local_path, show_form, typed
from volunteer.web.sessions import current_admin
from volunteer.web.sessions import sign_out as end_session
from volunteer.web.sign_ins import ask_passkey, ask_second_step, check_password, go_on


@admin.route("/sign-in", methods=["GET", "POST"])
@needs(Capability.SIGN_IN)
def sign_in() -> Page | AnyResponse:
    """Ask for user name and password; then go where the admin wanted to go."""
    came_for = local_path(request.values.get("next"), "/admin") or url_for("admin.home")
    if current_admin():
        return redirect(came_for)
    problem = None
    if request.method == "POST":
        username, password = typed("username"), request.form.get("password", "")
        try:
            person = check_password(f"admin:{username}", lambda: sign_in_admin(username, password))
            return go_on(person, came_for)
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/sign_in.html", problem, username=typed("username"), came_for=came_for)


@admin.route("/sign-in/second-step", methods=["GET", "POST"])
@needs(Capability.SIGN_IN)
def second_step() -> Page | AnyResponse:
    """After the password: six digits, a recovery code, or a passkey."""
    return ask_second_step("admin")


@admin.route("/sign-in/passkey", methods=["GET", "POST"])
@needs(Capability.SIGN_IN)
def passkey_sign_in() -> Page | AnyResponse:
    """Sign in with a passkey alone."""
    return ask_passkey("admin")


@admin.post("/sign-out")
@needs(Capability.OWN_ACCOUNT)
def sign_out() -> AnyResponse:
    """End the session."""
    end_session()
    return redirect(url_for("admin.sign_in"))
