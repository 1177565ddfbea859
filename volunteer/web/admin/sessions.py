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
from volunteer.web.sessions import sign_in as begin_session
from volunteer.web.sessions import sign_out as end_session


@admin.route("/sign-in", methods=["GET", "POST"])
@needs(Capability.SIGN_IN)
def sign_in() -> Page | AnyResponse:
    """Ask for user name and password; then go where the admin wanted to go."""
    came_for = local_path(request.values.get("next"), "/admin") or url_for("admin.home")
    if current_admin():
        return redirect(came_for)
    problem = None
    if request.method == "POST":
        try:
            begin_session(sign_in_admin(typed("username"), request.form.get("password", "")))
            return redirect(came_for)
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/sign_in.html", problem, username=typed("username"), came_for=came_for)


@admin.post("/sign-out")
@needs(Capability.OWN_ACCOUNT)
def sign_out() -> AnyResponse:
    """End the session."""
    end_session()
    return redirect(url_for("admin.sign_in"))
