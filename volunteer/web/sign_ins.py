"""Signing in, the same for admins and members: password and second step, or a passkey alone."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.second_factors import is_totp
from volunteer.domain.sign_in_refusals import SecondStepFailed
from volunteer.domain.sign_ins import SECOND_STEP_WITHIN, mark_password
from volunteer.models.members import Admin
from volunteer.queries.sign_ins import (
    Person,
    find_person,
    has_second_step,
    list_passkeys,
    sign_in_name_of,
)
from volunteer.services.attempts import (
    forgive_second_step,
    forgive_sign_in,
    note_second_step,
    note_sign_in,
)
from volunteer.services.second_factors import use_code
from volunteer.web.clock import now
from volunteer.web.devices import current_origin
from volunteer.web.forms import Page, local_path, show_form, typed
from volunteer.web.passkeys import answered_by, ask_answer, factor_keys
from volunteer.web.sessions import sign_in

HOME = {"admin": "/admin", "member": "/me"}


def check_password(name: str, check: Callable[[], Person]) -> Person:
    """Whom ``check`` lets in under this name. It is not even asked once the attempts are used up."""
    origin = current_origin(name)
    note_sign_in(name, origin, now())
    person = check()
    forgive_sign_in(name, origin)
    return person


def go_on(person: Person, came_for: str, done: str | None = None) -> AnyResponse:
    """Sign in and go where the person wanted to; or first ask for the second step."""
    kind = kind_of(person)
    if not has_second_step(person):
        sign_in(person)
        if done:
            flash(done)
        return redirect(came_for)
    session["pending"] = {
        "kind": kind,
        "id": person.id,
        "mark": mark_password(person.password_hash),
        "at": int(now().timestamp()),
        "came_for": came_for,
    }
    return redirect(url_for(f"{kind}.second_step"))


def kind_of(person: Person) -> str:
    """``admin`` or ``member``."""
    return "admin" if isinstance(person, Admin) else "member"


def ask_second_step(kind: str) -> Page | AnyResponse:
    """The second page: six digits, a recovery code, or a passkey."""
    pending, person = _find_pending(kind)
    if person is None:
        session.pop("pending", None)
        return redirect(url_for(f"{kind}.sign_in"))
    problem = None
    if request.method == "POST":
        try:
            _take_second_step(person)
            sign_in(person)
            return redirect(local_path(pending["came_for"], HOME[kind]) or HOME[kind])
        except Refusal as refusal:
            problem = refusal
    passkeys = [passkey.credential_id for passkey in list_passkeys(person)]
    options = ask_answer("second", passkeys) if passkeys else None
    return show_form("sign_ins/second_step.html", problem, **_frame(kind), options=options)


def ask_passkey(kind: str) -> Page | AnyResponse:
    """Signing in with a passkey and nothing else."""
    problem: Refusal | str | None = None
    came_for = local_path(request.values.get("next"), HOME[kind]) or HOME[kind]
    if request.method == "POST":
        try:
            person = answered_by("alone", is_alone=True)
            if kind_of(person) == kind and _may_sign_in(person):
                sign_in(person)
                return redirect(came_for)
            problem = _("这个通行密钥属于另一种账号，请换一个登录页面。")
        except Refusal as refusal:
            problem = refusal
    options = ask_answer("alone")
    return show_form("sign_ins/passkey.html", problem, **_frame(kind), options=options, came_for=came_for)


def _take_second_step(person: Person) -> None:
    if "credential" in request.form:
        if _same(answered_by("second", is_alone=False), person):
            return
        raise SecondStepFailed()
    name, code = sign_in_name_of(person), typed("code").replace(" ", "")
    origin = current_origin(name)
    note_second_step(name, origin, is_totp=is_totp(code), now=now())
    use_code(person, code, factor_keys(), now())
    forgive_second_step(name, origin, is_totp=is_totp(code))


def _find_pending(kind: str) -> tuple[dict[str, Any], Person | None]:
    pending = session.get("pending") or {}
    is_late = now().timestamp() - pending.get("at", 0) >= SECOND_STEP_WITHIN.total_seconds()
    if pending.get("kind") != kind or is_late:
        return pending, None
    person = find_person(kind, pending["id"])
    if person is None or not _may_sign_in(person) or mark_password(person.password_hash) != pending["mark"]:
        return pending, None
    return pending, person


def _may_sign_in(person: Person) -> bool:
    return person.is_active if isinstance(person, Admin) else True


def _same(one: Person, other: Person) -> bool:
    return kind_of(one) == kind_of(other) and one.id == other.id


def _frame(kind: str) -> dict[str, str]:
    return {"frame": f"{kind}/layout.html", "kind": kind}
