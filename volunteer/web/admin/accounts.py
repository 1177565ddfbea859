"""An admin's own account: password, second factors, sessions; and help for others with theirs."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.admins import get_admin_in
from volunteer.queries.members import get_member_in
from volunteer.services.admins import rename_account
from volunteer.services.second_factors import remove_all_factors
from volunteer.web import accounts
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed


@admin.get("/account")
@needs(Capability.OWN_ACCOUNT)
def account() -> str:
    """How to get in, and where this person is in right now."""
    return accounts.show_account(g.admin)


@admin.route("/account/password", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def change_password() -> Page | AnyResponse:
    """A new password; all other sessions end."""
    return accounts.change_password(g.admin)


@admin.post("/account/sessions/<int:sign_in_id>/end")
@needs(Capability.OWN_ACCOUNT)
def end_sign_in(sign_in_id: int) -> AnyResponse:
    """End one of the own sessions."""
    return accounts.end_sign_in(g.admin, sign_in_id)


@admin.post("/account/sessions/end-others")
@needs(Capability.OWN_ACCOUNT)
def end_other_sign_ins() -> AnyResponse:
    """End all sessions but this one."""
    return accounts.end_other_sign_ins(g.admin)


@admin.route("/account/totp/begin", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def begin_totp() -> Page | AnyResponse:
    """Begin to set an authenticator app up."""
    return accounts.begin_totp(g.admin)


@admin.route("/account/totp", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def confirm_totp() -> Page | str | AnyResponse:
    """The secret as QR symbol and text, switched on by a first code."""
    return accounts.confirm_totp(g.admin)


@admin.route("/account/totp/remove", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def remove_totp() -> Page | AnyResponse:
    """Switch TOTP off."""
    return accounts.remove_totp(g.admin)


@admin.route("/account/recovery-codes", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def renew_codes() -> Page | str | AnyResponse:
    """Ten new recovery codes, shown once."""
    return accounts.renew_codes(g.admin)


@admin.route("/account/passkeys/begin", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def begin_passkey() -> Page | AnyResponse:
    """Ask for the password before the browser makes a passkey."""
    return accounts.begin_passkey(g.admin)


@admin.route("/account/passkeys/new", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def add_passkey() -> Page | str | AnyResponse:
    """Let this browser make a passkey."""
    return accounts.add_passkey(g.admin)


@admin.route("/account/passkeys/<int:passkey_id>/remove", methods=["GET", "POST"])
@needs(Capability.OWN_ACCOUNT)
def remove_passkey(passkey_id: int) -> Page | AnyResponse:
    """Forget a passkey."""
    return accounts.remove_passkey(g.admin, passkey_id)


@admin.route("/admins/<int:admin_id>/rename", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def rename_admin(admin_id: int) -> Page | AnyResponse:
    """Correct the name of an account."""
    person, problem = get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade), None
    if request.method == "POST":
        try:
            rename_account(g.admin.id, admin_id, typed("name"), today())
            flash(_("姓名已更正。"))
            return redirect(url_for("admin.admin_account", admin_id=admin_id))
        except Refusal as refusal:
            problem = refusal
    name = typed("name") if request.method == "POST" else person.name
    return show_form("admin/admins/rename.html", problem, person=person, name=name)


@admin.route("/members/<volunteer_no>/second-step/remove", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def remove_second_step(volunteer_no: str) -> Page | AnyResponse:
    """Help a member who lost telephone and recovery codes: only the password is left."""
    person = get_member_in(g.scope, volunteer_no)
    question = Question(
        title=_("移除 %(name)s 的登录第二步", name=person.name),
        consequence=_("动态码、通行密钥和恢复码都会移除，之后只用密码登录。请先当面确认是本人。"),
        button=_("移除"),
        back=url_for("admin.member", volunteer_no=volunteer_no),
    )
    return confirm(question, lambda: remove_all_factors(person), _("登录第二步已移除。"))
