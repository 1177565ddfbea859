"""Members open their account with the code of the card letter, sign in and out."""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.attempts import AttemptKind
from volunteer.domain.passwords import MINIMUM_PASSWORD
from volunteer.domain.refusals import Refusal
from volunteer.services.attempts import forgive_attempt, note_attempt
from volunteer.services.members import activate_member, sign_in_member
from volunteer.web.clock import now
from volunteer.web.devices import current_address
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.member import member
from volunteer.web.sessions import current_member
from volunteer.web.sessions import sign_out as end_session
from volunteer.web.sign_ins import ask_passkey, ask_second_step, check_password, go_on


@member.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page | AnyResponse:
    """Ask for volunteer number and password."""
    if current_member():
        return redirect(url_for("member.home"))
    problem = None
    if request.method == "POST":
        number, password = typed("volunteer_no"), request.form.get("password", "")
        try:
            person = check_password(f"member:{number.upper()}", lambda: sign_in_member(number, password))
            return go_on(person, url_for("member.home"))
        except Refusal as refusal:
            problem = refusal
    return show_form("member/sign_in.html", problem, volunteer_no=typed("volunteer_no"))


@member.route("/sign-in/second-step", methods=["GET", "POST"])
def second_step() -> Page | AnyResponse:
    """After the password: six digits, a recovery code, or a passkey."""
    return ask_second_step("member")


@member.route("/sign-in/passkey", methods=["GET", "POST"])
def passkey_sign_in() -> Page | AnyResponse:
    """Sign in with a passkey alone."""
    return ask_passkey("member")


@member.route("/activate", methods=["GET", "POST"])
def activate() -> Page | AnyResponse:
    """Choose the first (or a new) password with the one-time code of the card letter."""
    problem: Refusal | str | None = None
    if request.method == "POST":
        try:
            if request.form.get("password", "") == request.form.get("again", ""):
                return _activate()
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


def _activate() -> AnyResponse:
    address = current_address()
    counts = (
        (AttemptKind.ACTIVATION_FROM, f"{typed('volunteer_no').upper()} {address}"),
        (AttemptKind.ACTIVATION_ADDRESS, address),
    )
    for kind, key in counts:
        note_attempt(kind, key, now())
    person = activate_member(typed("volunteer_no"), typed("code"), request.form.get("password", ""))
    for kind, key in counts:
        forgive_attempt(kind, key)
    return go_on(person, url_for("member.home"), _("密码已设好，您已登录。"))


@member.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session."""
    end_session()
    return redirect(url_for("member.sign_in"))
