"""The member's own account: password, second factors, sessions."""

from flask import g
from werkzeug.wrappers import Response as AnyResponse

from volunteer.web import accounts
from volunteer.web.forms import Page
from volunteer.web.member import member


@member.get("/account")
def account() -> str:
    """How to get in, and where this person is in right now."""
    return accounts.show_account(g.member)


@member.route("/account/password", methods=["GET", "POST"])
def change_password() -> Page | AnyResponse:
    """A new password; all other sessions end."""
    return accounts.change_password(g.member)


@member.post("/account/sessions/<int:sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> AnyResponse:
    """End one of the own sessions."""
    return accounts.end_sign_in(g.member, sign_in_id)


@member.post("/account/sessions/end-others")
def end_other_sign_ins() -> AnyResponse:
    """End all sessions but this one."""
    return accounts.end_other_sign_ins(g.member)


@member.route("/account/totp/begin", methods=["GET", "POST"])
def begin_totp() -> Page | AnyResponse:
    """Begin to set an authenticator app up."""
    return accounts.begin_totp(g.member)


@member.route("/account/totp", methods=["GET", "POST"])
def confirm_totp() -> Page | str | AnyResponse:
    """The secret as QR symbol and text, switched on by a first code."""
    return accounts.confirm_totp(g.member)


@member.route("/account/totp/remove", methods=["GET", "POST"])
def remove_totp() -> Page | AnyResponse:
    """Switch TOTP off."""
    return accounts.remove_totp(g.member)


@member.route("/account/recovery-codes", methods=["GET", "POST"])
def renew_codes() -> Page | str | AnyResponse:
    """Ten new recovery codes, shown once."""
    return accounts.renew_codes(g.member)


@member.route("/account/passkeys/begin", methods=["GET", "POST"])
def begin_passkey() -> Page | AnyResponse:
    """Ask for the password before the browser makes a passkey."""
    return accounts.begin_passkey(g.member)


@member.route("/account/passkeys/new", methods=["GET", "POST"])
def add_passkey() -> Page | str | AnyResponse:
    """Let this browser make a passkey."""
    return accounts.add_passkey(g.member)


@member.route("/account/passkeys/<int:passkey_id>/remove", methods=["GET", "POST"])
def remove_passkey(passkey_id: int) -> Page | AnyResponse:
    """Forget a passkey."""
    return accounts.remove_passkey(g.member, passkey_id)
