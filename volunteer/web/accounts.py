"""A person's own account, the same for admins and members: password, sessions, second factors, passkeys."""

from collections.abc import Callable
from typing import TypeVar

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.attempts import AttemptKind
from volunteer.domain.members import LONGEST_NAME, require_length
from volunteer.domain.passwords import MINIMUM_PASSWORD
from volunteer.domain.refusals import Refusal
from volunteer.domain.second_factors import RECOVERY_CODES, SET_UP_WITHIN, totp_address
from volunteer.domain.sign_ins import mark_password, name_device
from volunteer.drawing.qr import qr_svg
from volunteer.queries.sign_ins import (
    Person,
    count_recovery_codes,
    find_second_factor,
    get_passkey_of,
    list_passkeys,
    list_sign_ins,
    sign_in_name_of,
)
from volunteer.services import second_factors, sign_ins
from volunteer.services.attempts import forgive_attempt, note_attempt
from volunteer.web.clock import now
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.passkeys import ask_creation, current_party, factor_keys, made_passkey
from volunteer.web.sessions import current_sign_in
from volunteer.web.sign_ins import kind_of

Answer = TypeVar("Answer", str, AnyResponse)


def show_account(person: Person) -> str:
    """Everything about how to get in, and where somebody is in right now."""
    factor = find_second_factor(person)
    return render_template(
        "account/page.html",
        **_frame(person),
        sign_ins=list_sign_ins(person, mark_password(person.password_hash), now()),
        this_id=current_sign_in().id,
        totp_since=factor.confirmed_at if factor else None,
        passkeys=list_passkeys(person),
        codes_left=count_recovery_codes(person),
    )


def change_password(person: Person) -> Page | AnyResponse:
    """Ask for the present and a new password; all other sessions end."""
    problem: Refusal | str | None = None
    if request.method == "POST":
        try:
            new, this_id = request.form.get("password", ""), current_sign_in().id
            if new == request.form.get("again", ""):
                _confirmed(lambda current: sign_ins.change_password(person, current, new, this_id, now()))
                return _back(person, _("密码已修改，其他设备都已退出。"))
            problem = _("两次输入的密码不一样，请重新输入。")
        except Refusal as refusal:
            problem = refusal
    return show_form("account/password.html", problem, **_frame(person), minimum=MINIMUM_PASSWORD)


def end_sign_in(person: Person, sign_in_id: int) -> AnyResponse:
    """End one of the own sessions, as if that browser had signed out."""
    sign_ins.end_sign_in(person, sign_in_id, now())
    return _back(person, _("那台设备已退出登录。"))


def end_other_sign_ins(person: Person) -> AnyResponse:
    """End all sessions but this one."""
    sign_ins.end_other_sign_ins(person, current_sign_in().id, now())
    return _back(person, _("其他设备都已退出登录。"))


def begin_totp(person: Person) -> Page | AnyResponse:
    """Ask for the password, then make a secret for an authenticator app."""

    def act() -> AnyResponse:
        second_factors.begin_totp(person, factor_keys(), now())
        return redirect(url_for(f"{kind_of(person)}.confirm_totp"))

    title = _("启用动态码")
    why = _("启用后，登录时除了密码还要输入手机上每 30 秒变一次的 6 位数字。")
    return _ask_password(person, title, why, _("继续"), act)


def confirm_totp(person: Person) -> Page | str | AnyResponse:
    """Show the secret until a first code proves that the app has it."""
    keys, problem = factor_keys(), None
    if request.method == "POST":
        try:
            codes = second_factors.confirm_totp(person, typed("code").replace(" ", ""), keys, now())
            return _done(person, codes, _("动态码已启用。"))
        except Refusal as refusal:
            problem = refusal
    secret = second_factors.find_unconfirmed_secret(person, keys, now())
    if secret is None:
        return redirect(url_for(f"{kind_of(person)}.begin_totp"))
    symbol = qr_svg(totp_address(secret, _app_name(person)), _("给验证器应用扫描的二维码"))
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return show_form("account/totp.html", problem, **_frame(person), symbol=symbol, secret=groups)


def remove_totp(person: Person) -> Page | AnyResponse:
    """Ask for the password, then switch TOTP off."""

    def act() -> AnyResponse:
        second_factors.remove_totp(person)
        return _back(person, _("动态码已停用。"))

    title, why = _("停用动态码"), _("停用后，手机上的 6 位数字不再有效。换手机时，停用后再重新启用即可。")
    return _ask_password(person, title, why, _("停用"), act, is_grave=True)


def renew_codes(person: Person) -> Page | str | AnyResponse:
    """Ask for the password, then show ten new recovery codes once."""

    def act() -> str:
        return _show_codes(person, second_factors.renew_recovery_codes(person, factor_keys()))

    why = _("原来的恢复码从此作废，新的 %(count)s 个只显示一次。", count=RECOVERY_CODES)
    return _ask_password(person, _("换一组恢复码"), why, _("换一组"), act)


def begin_passkey(person: Person) -> Page | AnyResponse:
    """Ask for the password before the browser makes anything."""

    def act() -> AnyResponse:
        session["passkey_at"] = int(now().timestamp())
        return redirect(url_for(f"{kind_of(person)}.add_passkey"))

    why = _("以后登录时，用指纹、面容、开机密码或安全钥匙代替密码。")
    return _ask_password(person, _("添加通行密钥"), why, _("继续"), act)


def add_passkey(person: Person) -> Page | str | AnyResponse:
    """Let the browser make a passkey, shortly after the password was confirmed."""
    problem = None
    if now().timestamp() - session.get("passkey_at", 0) >= SET_UP_WITHIN.total_seconds():
        return redirect(url_for(f"{kind_of(person)}.begin_passkey"))
    if request.method == "POST":
        try:
            name = require_length(typed("name"), LONGEST_NAME) or name_device(request.user_agent.string)
            party, keys = current_party(), factor_keys()
            new = made_passkey()
            codes = second_factors.add_passkey(person, new, party, name or _("通行密钥"), keys, now())
            session.pop("passkey_at")
            return _done(person, codes, _("通行密钥已添加。"))
        except Refusal as refusal:
            problem = refusal
    options = ask_creation(person)
    return show_form("account/passkey.html", problem, **_frame(person), options=options, name=typed("name"))


def remove_passkey(person: Person, passkey_id: int) -> Page | AnyResponse:
    """Ask for the password, then forget a passkey."""
    passkey = get_passkey_of(person, passkey_id)

    def act() -> AnyResponse:
        second_factors.remove_passkey(person, passkey_id)
        return _back(person, _("通行密钥已移除。"))

    title = _("移除通行密钥“%(name)s”", name=passkey.name)
    why = _("移除后不能再用它登录。手机或电脑里留着的那一半，可以在系统设置里删除。")
    return _ask_password(person, title, why, _("移除"), act, is_grave=True)


def _ask_password(
    person: Person,
    title: str,
    why: str,
    button: str,
    act: Callable[[], Answer],
    *,
    is_grave: bool = False,
) -> Page | Answer:
    problem = None
    if request.method == "POST":
        try:
            _confirmed(lambda current: sign_ins.require_own_password(person, current))
            return act()
        except Refusal as refusal:
            problem = refusal
    words = {"title": title, "why": why, "button": button, "is_grave": is_grave}
    return show_form("account/confirm.html", problem, **_frame(person), **words)


def _confirmed(check: Callable[[str], None]) -> None:
    """Count the attempt for this session alone: a stolen one may not guess, and shuts out no other."""
    key = str(current_sign_in().id)
    note_attempt(AttemptKind.CONFIRMATION, key, now())
    check(request.form.get("current", ""))
    forgive_attempt(AttemptKind.CONFIRMATION, key)


def _done(person: Person, codes: list[str], words: str) -> str | AnyResponse:
    if not codes:
        return _back(person, words)
    flash(words)
    return _show_codes(person, codes)


def _show_codes(person: Person, codes: list[str]) -> str:
    return render_template("account/codes.html", **_frame(person), codes=codes)


def _back(person: Person, words: str) -> AnyResponse:
    flash(words)
    return redirect(url_for(f"{kind_of(person)}.account"))


def _app_name(person: Person) -> str:
    return sign_in_name_of(person).partition(":")[2]


def _frame(person: Person) -> dict[str, str]:
    kind = kind_of(person)
    return {"frame": f"{kind}/layout.html", "kind": kind}
