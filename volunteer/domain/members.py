"""Members: who may be recorded, and the numbers they go by."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from volunteer.domain.cells import tidy_dots
from volunteer.domain.characters import require_name_characters
from volunteer.domain.national_ids import NationalIdRefused, check_national_id
from volunteer.domain.refusals import (
    N_,
    NameMissing,
    Refusal,
    TextTooLong,
    VolunteerNoMalformed,
)

VOLUNTEER_NO = re.compile(r"[0-9A-Z][0-9A-Z-]{2,31}")
_NUMBER = re.compile(r"(.*?)([0-9]{1,12})")
_NEW_DIGITS, _ID_LENGTH = 4, 18
LONGEST_NAME, LONGEST_ADDRESS = 120, 200


class MemberStatus(StrEnum):
    """In service, resting, or gone. Only active members are recorded."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


class Standing(StrEnum):
    """What pages show of a member: the status, and of those who left whether they retired."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"
    RETIRED = "retired"


class VolunteerNoIsIdNumber(Refusal):
    code = "volunteer_no_is_id_number"
    msgid = N_("这是身份证号码，不能用作志愿者编号：编号会印在卡上，谁都看得到。")


def clean_volunteer_no(text: str) -> str:
    """The volunteer number in half-width upper case without spaces (MZ/T 061-2015: never the ID number)."""
    number = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not VOLUNTEER_NO.fullmatch(number):
        raise VolunteerNoMalformed()
    if _is_id_number(number):
        raise VolunteerNoIsIdNumber()
    return number


def _is_id_number(number: str) -> bool:
    try:
        return len(number) == _ID_LENGTH and check_national_id(number, date.max) == number
    except NationalIdRefused:
        return False


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
        # An ID number that was once taken for a volunteer number is no pattern for others.
        if (match := _NUMBER.fullmatch(number)) and not _is_id_number(number):
            patterns[NumberPattern(match[1], len(match[2]))] += 1
    if patterns:
        return patterns.most_common(1)[0][0]
    code = "".join(char for char in team_code.upper() if char.isascii() and (char.isalnum() or char == "-"))
    return NumberPattern(f"{code[:20] or 'V'}-", _NEW_DIGITS)


def clean_name(text: str) -> str:
    """The name as it is kept; refuses characters that nobody sees, and symbols.

    With such characters a name would look like another one.
    """
    name = require_name_characters(tidy_spelling(text))
    if not name:
        raise NameMissing()
    return require_length(name, LONGEST_NAME)


def tidy_spelling(text: str) -> str:
    """The name without surplus spaces and with one kind of middle dot; other characters are never changed."""
    return tidy_dots(" ".join(text.split()))


def require_length(text: str, longest: int) -> str:
    """Refuse what no column could hold."""
    if len(text) > longest:
        raise TextTooLong(maximum=longest)
    return text
