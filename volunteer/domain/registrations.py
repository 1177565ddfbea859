"""People who ask to join: what they tell, and the answer they are given."""

import hmac
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from volunteer.domain.consents import TEXTS, Purpose
from volunteer.domain.refusals import TextTooLong
from volunteer.domain.registration_refusals import ConsentMissing, ReplyMissing
from volunteer.domain.terminals import clean_code, make_code

LONGEST_REPLY = 200
# How long an applicant who was not taken in can look the answer up; the privacy notice promises it.
FORGOTTEN_AFTER = timedelta(days=90)
# Whoever asks to join is asked for these, each by itself; everything else is asked later, one by one.
OFFERED = (Purpose.RECORDING, Purpose.CONTACT)
NEEDED = Purpose.RECORDING


class RegistrationState(StrEnum):
    """Waiting for the team's admin, or decided."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


def keep_consents(agreed: Collection[Purpose]) -> str:
    """The purposes that were agreed to, with the version of each text, as they are kept with a request."""
    return " ".join(f"{purpose}:{TEXTS[purpose].version}" for purpose in OFFERED if purpose in agreed)


def consented_to(kept: str) -> list[tuple[Purpose, int]]:
    """The purposes and versions that were agreed to, as they are kept with a request."""
    pairs = (one.partition(":") for one in kept.split())
    return [(Purpose(purpose), int(version)) for purpose, _, version in pairs]


def make_registration_code() -> str:
    """A fresh code by which an applicant sees what came of the request."""
    return f"{make_code()}-{make_code()}"


def clean_registration_code(text: str) -> str:
    """The code as typed by a person, in the spelling it was given out in."""
    letters = "".join(char for char in text if char.isalnum())
    return f"{clean_code(letters[:8])}-{clean_code(letters[8:])}"


def hash_phone(number: str, key: bytes) -> str:
    """The keyed digest (hex) by which the same telephone number is found without opening any."""
    return hmac.new(key, b"registration " + number.encode(), "sha256").hexdigest()


def require_consent(agreed: Collection[Purpose]) -> None:
    """Nothing about a person is kept before that person has agreed to it (PIPL 13, 14)."""
    if NEEDED not in agreed:
        raise ConsentMissing()


def clean_reply(text: str, *, is_needed: bool) -> str:
    """The answer to the applicant; who is turned away is told why."""
    reply = " ".join(text.split())
    if is_needed and not reply:
        raise ReplyMissing()
    if len(reply) > LONGEST_REPLY:
        raise TextTooLong(maximum=LONGEST_REPLY)
    return reply
