"""People who ask to join: what they tell, and the number they are given."""

import hmac
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from volunteer.domain.consents import TEXTS, Purpose
from volunteer.domain.members import clean_volunteer_no
from volunteer.domain.refusals import ConsentMissing, ReplyMissing, TextTooLong
from volunteer.domain.terminals import clean_code

LONGEST_REPLY = 200
# Whoever asks to join agrees to these two; everything else is asked later, one by one.
NEEDED = (Purpose.RECORDING, Purpose.CONTACT)
ASKED = " ".join(f"{purpose}:{TEXTS[purpose].version}" for purpose in NEEDED)
_NUMBER = re.compile(r"(.*?)([0-9]{1,12})")
_NEW_DIGITS = 4


class RegistrationState(StrEnum):
    """Waiting for the team's admin, or decided."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


def consented_to(kept: str) -> list[tuple[Purpose, int]]:
    """The purposes and versions that were agreed to, as they are kept with a request."""
    pairs = (one.partition(":") for one in kept.split())
    return [(Purpose(purpose), int(version)) for purpose, _, version in pairs]


def clean_registration_code(text: str) -> str:
    """The code as typed by a person, in the spelling it was given out in."""
    letters = "".join(char for char in text if char.isalnum())
    return f"{clean_code(letters[:8])}-{clean_code(letters[8:])}"


def hash_phone(number: str, key: bytes) -> str:
    """The keyed digest (hex) by which the same telephone number is found without opening any."""
    return hmac.new(key, b"registration " + number.encode(), "sha256").hexdigest()


def require_consent(is_given: bool) -> None:
    """Nothing about a person is kept before that person has agreed (PIPL 13, 14)."""
    if not is_given:
        raise ConsentMissing()


def clean_reply(text: str, *, is_needed: bool) -> str:
    """The answer to the applicant; who is turned away is told why."""
    reply = " ".join(text.split())
    if is_needed and not reply:
        raise ReplyMissing()
    if len(reply) > LONGEST_REPLY:
        raise TextTooLong(maximum=LONGEST_REPLY)
    return reply


@dataclass(frozen=True)
class NumberPattern:
    """How a team's volunteer numbers look: a beginning, then so many digits."""

    start: str
    digits: int

    def number(self, serial: int) -> str:
        """The volunteer number with this serial."""
        return clean_volunteer_no(f"{self.start}{serial:0{self.digits}}")

    def serial_of(self, volunteer_no: str) -> int | None:
        """The serial in a number of this pattern; None of any other."""
        rest = volunteer_no.removeprefix(self.start)
        fits = volunteer_no.startswith(self.start) and len(rest) == self.digits and rest.isdecimal()
        return int(rest) if fits else None


def pattern_of(team_numbers: Iterable[str], team_code: str) -> NumberPattern:
    """The pattern that most of the team's numbers follow; ``FD01-0001`` in a team without any."""
    patterns: Counter[NumberPattern] = Counter()
    for number in team_numbers:
        if match := _NUMBER.fullmatch(number):
            patterns[NumberPattern(match[1], len(match[2]))] += 1
    if patterns:
        return patterns.most_common(1)[0][0]
    code = "".join(char for char in team_code.upper() if char.isascii() and (char.isalnum() or char == "-"))
    return NumberPattern(f"{code[:20] or 'V'}-", _NEW_DIGITS)
