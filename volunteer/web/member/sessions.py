"""Members open their account with the code of the card letter, sign in and out."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.members import MINIMUM_PASSWORD
from volunteer.domain.refusals import Refusal
from volunteer.services.members import activate_member, sign_in_member
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.member import member
from volunteer.web.sessions import current_member
from volunteer.web.sessions import sign_in as begin_session
from volunteer.web.sessions import sign_out as end_session


@member.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page | AnyResponse:
    """Ask for volunteer number and password."""
    if current_member():
        return redirect(url_for("member.home"))
    problem = None
    if request.method == "POST":
        try:
            begin_session(sign_in_member(typed("volunteer_no"), request.form.get("password", "")))
            return redirect(url_for("member.home"))
        except Refusal as refusal:
            problem = refusal
    return show_form("member/sign_in.html", problem, volunteer_no=typed("volunteer_no"))


@member.route("/activate", methods=["GET", "POST"])
def activate() -> Page | AnyResponse:
    """Choose the first (or a new) password with the one-time code of the card letter."""
    problem: Refusal | str | None = None
    if request.method == "POST":
        password = request.form.get("password", "")
        try:
            if password == request.form.get("again", ""):
                begin_session(activate_member(typed("volunteer_no"), typed("code"), password))
                flash(_("密码已设好，您已登录。"))
                return redirect(url_for("member.home"))
            problem = _("两次输入的密码不一样，请重新输入。")
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "member/activate.html",
        problem,
        volunteer_no=typed("volunteer_no"),
        code=typed("code"),
        minimum=MINIMUM_PASSWORD,
    )


@member.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session."""
    end_session()
    return redirect(url_for("member.sign_in"))
