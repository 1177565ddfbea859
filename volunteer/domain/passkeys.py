"""Passkeys (WebAuthn, W3C level 2): what a browser is asked, and whether its answer proves the person."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from volunteer.domain.sign_in_refusals import PasskeyRefused

ANSWER_WITHIN = timedelta(minutes=5)
MOST_PASSKEYS = 10
# What the library raises, and what odd values inside an answer make it raise.
_UNREADABLE = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError, RecursionError)


@dataclass(frozen=True)
class RelyingParty:
    """The server as an authenticator sees it: its host name, and the origin of its pages."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True)
class NewPasskey:
    """A credential that was just made."""

    credential_id: str
    public_key: bytes
    sign_count: int


def make_challenge() -> bytes:
    """256 random bits to be signed once."""
    return secrets.token_bytes(32)


def creation_options(
    party: RelyingParty, handle: bytes, name: str, existing: Iterable[str], challenge: bytes
) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is asked: a key that names its owner and asks who is there."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=handle,
        user_name=name,
        challenge=challenge,
        timeout=ANSWER_WITHIN // timedelta(milliseconds=1),
        exclude_credentials=_descriptors(existing),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return _as_json(options)


def request_options(party: RelyingParty, allowed: Iterable[str], challenge: bytes) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is asked; any passkey of this server where none is named."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=ANSWER_WITHIN // timedelta(milliseconds=1),
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def read_creation(answer: str, challenge: bytes, party: RelyingParty) -> NewPasskey:
    """The new credential in a browser's answer; refuses what does not belong to this challenge and origin."""
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _UNREADABLE as error:
        raise PasskeyRefused() from error
    return NewPasskey(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def credential_id_in(answer: str) -> str:
    """Which credential an answer claims to come from; empty where it is none at all."""
    try:
        claimed = json.loads(answer)["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""
    return claimed if isinstance(claimed, str) else ""


def read_answer(
    answer: str,
    challenge: bytes,
    party: RelyingParty,
    *,
    public_key: bytes,
    sign_count: int,
    handle: bytes | None,
) -> int:
    """The new count of an answer signed with this key. ``handle`` counts where no password came first."""
    try:
        proved = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
        named = json.loads(answer)["response"].get("userHandle")
        if handle is not None and base64url_to_bytes(named or "") != handle:
            raise PasskeyRefused()
    except _UNREADABLE as error:
        raise PasskeyRefused() from error
    return proved.new_sign_count


def _descriptors(credential_ids: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in credential_ids]


def _as_json(options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(options_to_json(options))
    return made
