"""Passkeys between browser and rules: who we are, and challenges, each answered once within five minutes."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

from flask import current_app, request, session
from flask_babel import gettext as _

from volunteer.domain.attempts import AttemptKind
from volunteer.domain.passkeys import (
    ANSWER_WITHIN,
    NewPasskey,
    RelyingParty,
    creation_options,
    make_challenge,
    read_creation,
    request_options,
)
from volunteer.domain.second_factors import FactorKeys, derive_factor_keys, user_handle
from volunteer.domain.sign_in_refusals import PasskeyRefused, TooManyAttempts
from volunteer.queries.sign_ins import Person, account_of, list_passkeys, sign_in_name_of
from volunteer.services.attempts import forgive_attempt, note_attempt
from volunteer.services.second_factors import use_passkey
from volunteer.web.clock import now
from volunteer.web.devices import current_address


def factor_keys() -> FactorKeys:
    """The keys behind second factors of this installation."""
    return derive_factor_keys(current_app.config["SECRET_KEY"])


def current_party() -> RelyingParty:
    """This server by the host name in the address bar, which is what passkeys are made for."""
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    return RelyingParty(host, f"{request.scheme}://{request.host}", _("志愿钟"))


def ask_creation(person: Person) -> dict[str, Any]:
    """What the browser is asked to make a passkey for this person."""
    keys = factor_keys()
    existing = [passkey.credential_id for passkey in list_passkeys(person)]
    name = sign_in_name_of(person).partition(":")[2]
    return creation_options(
        current_party(), user_handle(account_of(person), keys), name, existing, _begin_challenge("make")
    )


def ask_answer(purpose: str, allowed: Iterable[str] = ()) -> dict[str, Any]:
    """What the browser is asked to sign, with one of these passkeys or any of this server's."""
    return request_options(current_party(), allowed, _begin_challenge(purpose))


def made_passkey() -> NewPasskey:
    """The passkey that the browser has just made."""
    return read_creation(request.form.get("credential", ""), _spend_challenge("make"), current_party())


def answered_by(purpose: str, *, is_alone: bool) -> Person:
    """Whose passkey has signed; refuses what is no right answer. Counted for each address."""
    note_attempt(AttemptKind.PASSKEY_ADDRESS, current_address(), now())
    challenge = _spend_challenge(purpose)
    answer = request.form.get("credential", "")
    person = use_passkey(answer, challenge, current_party(), factor_keys(), now(), is_alone=is_alone)
    forgive_attempt(AttemptKind.PASSKEY_ADDRESS, current_address())
    return person


def _begin_challenge(purpose: str) -> bytes:
    challenge = make_challenge()
    # One of each purpose: the newest page is the one that can be answered.
    session["challenges"] = session.get("challenges", {}) | {
        purpose: [urlsafe_b64encode(challenge).decode(), int(now().timestamp())]
    }
    return challenge


def _spend_challenge(purpose: str) -> bytes:
    waiting = dict(session.get("challenges", {}))
    text, begun = waiting.pop(purpose, ("", 0))
    session["challenges"] = waiting
    if not text or now().timestamp() - begun >= ANSWER_WITHIN.total_seconds():
        raise PasskeyRefused()
    try:
        # A cookie can be sent again; what it was spent on is remembered here.
        note_attempt(AttemptKind.PASSKEY_CHALLENGE, text, now())
    except TooManyAttempts as error:
        raise PasskeyRefused() from error
    return urlsafe_b64decode(text)
