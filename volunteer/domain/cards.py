"""Cards: the token printed on them, and which readable identities say nothing.

A token is ``VC1-`` + 16 random characters (80 bits) + 8 check characters (40
bits), all from an alphabet that a QR code packs densely, that a keyboard scanner
types without Shift, and that a clerk does not misread (no I, L, O, U).
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from volunteer.domain.card_refusals import CardEndWrong
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import N_

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "VC1-"
BODY_CHARS, CHECK_CHARS = 16, 8
TOKEN = re.compile(rf"{PREFIX}([{ALPHABET}]{{{BODY_CHARS}}})([{ALPHABET}]{{{CHECK_CHARS}}})")
UID = re.compile(r"(?:[0-9A-F]{2})+")
# ISO 14443-A single, double and triple size; FeliCa IDm.
UID_BYTES = (4, 7, 10, 8)


class CardKind(StrEnum):
    """A QR card of ours, or somebody's NFC card bound by its UID."""

    QR = "qr"
    NFC = "nfc"


class CardState(StrEnum):
    """Active, or ended in one of three ways."""

    ACTIVE = "active"
    LOST = "lost"
    REVOKED = "revoked"
    EXPIRED = "expired"


class CardEventKind(StrEnum):
    """What can happen to a card; each leaves a line in its history."""

    ISSUED = "issued"
    BOUND = "bound"
    ENROLLED = "enrolled"
    LOST = "lost"
    FOUND = "found"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"


class EnrolmentResult(StrEnum):
    """How a request to bind the next card at a terminal ended."""

    BOUND = "bound"
    SKIPPED = "skipped"
    STOPPED = "stopped"


class Assurance(StrEnum):
    """How hard the identity is to copy: a signed token, or a bare UID."""

    STANDARD = "standard"
    LOW = "low"


@dataclass(frozen=True)
class CardKeys:
    """The three secrets behind cards; all derive from the installation's secret key."""

    body: bytes
    check: bytes
    identity: bytes


@dataclass(frozen=True)
class Identity:
    """What a reader read, in one canonical spelling."""

    kind: CardKind
    text: str


def derive_keys(secret: str) -> CardKeys:
    """Card keys from the installation's secret; a new secret makes every card unknown."""
    make = [hmac.digest(secret.encode(), f"volunteer card {use}".encode(), "sha256") for use in _USES]
    return CardKeys(*make)


_USES = ("body", "check", "identity")


def make_token(serial: str, keys: CardKeys) -> str:
    """The token of the card with this random ``serial``: always the same, guessed by nobody."""
    body = _letters(hmac.digest(keys.body, serial.encode(), "sha256"), BODY_CHARS)
    return PREFIX + body + _check(body, keys)


def has_right_check(token: str, keys: CardKeys) -> bool:
    """Whether the token's check characters are ours, without asking the database."""
    match = TOKEN.fullmatch(token)
    return match is not None and hmac.compare_digest(_check(match[1], keys), match[2])


def _check(body: str, keys: CardKeys) -> str:
    return _letters(hmac.digest(keys.check, (PREFIX + body).encode(), "sha256"), CHECK_CHARS)


def _letters(digest: bytes, count: int) -> str:
    number = int.from_bytes(digest, "big")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(count))


def read_identity(text: str) -> Identity:
    """The identity in what a terminal sent: a token of ours, or else a UID.

    Spaces, separators, case and full-width characters do not matter.
    """
    folded = unicodedata.normalize("NFKC", text).upper().strip()
    if folded.startswith(PREFIX):
        return Identity(CardKind.QR, folded)
    if folded.startswith("PUPI-"):
        return Identity(CardKind.NFC, folded)
    return Identity(CardKind.NFC, re.sub(r"[\s:-]", "", folded))


def hash_identity(identity: Identity, keys: CardKeys) -> str:
    """The keyed digest under which the identity is stored and found (hex)."""
    return hmac.new(keys.identity, f"{identity.kind}:{identity.text}".encode(), hashlib.sha256).hexdigest()


UNUSABLE_UIDS = {
    "uid_malformed": N_("读到的卡号不完整，请把卡贴稳再试一次。"),
    "uid_random": N_("这张卡（或手机）每次给出不同的随机号，不能用来认人，请换一张卡。"),
    "uid_zero": N_("读到的卡号全是 0（例如二代身份证），对谁都一样，不能用来认人。"),
    "uid_blank": N_("读到的卡号全是 F，是空白卡，不能用来认人。"),
    "uid_shared": N_("这个卡号（01020304）许多手机共用，不能用来认人，请换一张卡。"),
    "uid_not_identity": N_("这类卡（B 类）的号码不代表个人，不能用来认人，请换一张卡。"),
}


def why_uid_unusable(uid: str) -> str | None:
    """The outcome that refuses ``uid`` as an identity, or None where it may be used.

    ISO/IEC 14443-3: a four-byte UID starting 08 is random at each activation;
    a type B PUPI is no identity, and resident ID cards all show the same one.
    """
    if uid.startswith("PUPI-"):
        return "uid_zero" if not uid.removeprefix("PUPI-").strip("0") else "uid_not_identity"
    if not UID.fullmatch(uid) or len(uid) // 2 not in UID_BYTES:
        return "uid_malformed"
    if not uid.strip("0"):
        return "uid_zero"
    if not uid.strip("F"):
        return "uid_blank"
    if uid == "01020304":
        return "uid_shared"
    if len(uid) == 8 and uid.startswith("08"):
        return "uid_random"
    return None


def state_at(
    state: CardState | str, ended_at: datetime | None, at: datetime, valid_until: datetime | None = None
) -> CardState:
    """The state a card had at ``at``: a scan made before the loss still counts.

    A temporary card expires at ``valid_until`` by itself, whether or not anything has noted it.
    """
    if ended_at is not None and at >= ended_at:
        return CardState(state)
    if valid_until is not None and at >= valid_until:
        return CardState.EXPIRED
    return CardState.ACTIVE


def card_at(cards: Sequence[Any], at: datetime) -> Any:
    """The card that carried the identity at ``at``: of ``cards``, oldest first, the newest then issued.

    Where none was issued yet the oldest one counts; None where there is none at all.
    """
    issued = [card for card in cards if card.issued_at <= at]
    return issued[-1] if issued else cards[0] if cards else None


def why_refused(identity: Identity, card: Any, at: datetime, keys: CardKeys) -> str:
    """The outcome that refuses a scan of ``identity`` at ``at``, or an empty text where it counts.

    ``card`` is the card found for it with its member's status, or None.
    """
    if identity.kind is CardKind.QR and not has_right_check(identity.text, keys):
        return "token_invalid"
    if identity.kind is CardKind.NFC and (reason := why_uid_unusable(identity.text)):
        return reason
    if card is None:
        return "card_unknown"
    state = state_at(card.state, card.ended_at, at, card.valid_until)
    if state != CardState.ACTIVE:
        return f"card_{state}"
    is_gone = card.status != MemberStatus.ACTIVE and at >= card.status_at
    return "member_inactive" if is_gone else ""


# Outcomes after which a card belongs to nobody, so that a terminal in enrol mode may bind it.
ENROLLABLE = frozenset({"card_unknown", "card_revoked", "card_expired"})
ENROLLED = "card_enrolled"
ENROL_CARD_WITHIN = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Tap:
    """An NFC card that belongs to nobody, held to a terminal: which scan, which card, when."""

    scan_id: UUID
    identity: Identity
    identity_hash: str
    at: datetime


# What binds a card held to a terminal (its id, the taps, now) within the transaction of the scans: gives the
# scan that bound one instead of being refused, or None.
Enrol = Callable[[int, Sequence[Tap], datetime], UUID | None]


def enrol_nobody(_terminal_id: int, _taps: Sequence[Tap], _now: datetime) -> UUID | None:
    """No terminal is in enrol mode."""
    return None


def is_over(card: Any, now: datetime) -> bool:
    """Whether a temporary card has expired, whatever its row says."""
    return card.valid_until is not None and card.valid_until <= now


def require_end(valid_until: datetime | None, now: datetime) -> datetime | None:
    """The end of a temporary card, or None for a lasting one; refuses one that has passed or lies far off."""
    if valid_until is not None and not now < valid_until <= now + LONGEST_TEMPORARY:
        raise CardEndWrong(days=LONGEST_TEMPORARY.days)
    return valid_until


LONGEST_TEMPORARY = timedelta(days=31)


def uid_hint(uid: str) -> str:
    """The end of a UID, enough for a clerk to tell two cards apart."""
    return "…" + uid[-4:]


def new_qr_card(member_id: int, keys: CardKeys, now: datetime) -> dict[str, Any]:
    """The row of a fresh QR card."""
    serial = secrets.token_hex(16)
    identity = Identity(CardKind.QR, make_token(serial, keys))
    return {
        "member_id": member_id,
        "kind": CardKind.QR,
        "assurance": Assurance.STANDARD,
        "identity_hash": hash_identity(identity, keys),
        "serial": serial,
        "hint": uid_hint(identity.text),
        "state": CardState.ACTIVE,
        "issued_at": now,
    }


def new_nfc_card(member_id: int, uid: str, identity_hash: str, at: datetime) -> dict[str, Any]:
    """The row of somebody's NFC card, with low assurance: a UID can be copied."""
    return {
        "member_id": member_id,
        "kind": CardKind.NFC,
        "assurance": Assurance.LOW,
        "identity_hash": identity_hash,
        "hint": uid_hint(uid),
        "state": CardState.ACTIVE,
        "issued_at": at,
    }
