"""Members: who may be recorded."""

import re
import unicodedata
from enum import StrEnum

from volunteer.domain.refusals import (
    NameMissing,
    PasswordTooShort,
    TextTooLong,
    VolunteerNoMalformed,
)

VOLUNTEER_NO = re.compile(r"[0-9A-Z][0-9A-Z-]{2,31}")
MINIMUM_PASSWORD = 8
LONGEST_NAME, LONGEST_ADDRESS = 120, 200


class MemberStatus(StrEnum):
    """In service, resting, or gone. Only active members are recorded."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


def clean_volunteer_no(text: str) -> str:
    """The volunteer number in half-width upper case without spaces (MZ/T 061-2015: never the ID number)."""
    number = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not VOLUNTEER_NO.fullmatch(number):
        raise VolunteerNoMalformed()
    return number


def clean_name(text: str) -> str:
    """The name without surrounding spaces; characters themselves are never changed."""
    name = " ".join(text.split())
    if not name:
        raise NameMissing()
    return require_length(name, LONGEST_NAME)


def require_length(text: str, longest: int) -> str:
    """Refuse what no column could hold."""
    if len(text) > longest:
        raise TextTooLong(maximum=longest)
    return text


def require_password(password: str) -> str:
    """Refuse a password that is too short to be one."""
    if len(password) < MINIMUM_PASSWORD:
        raise PasswordTooShort(minimum=MINIMUM_PASSWORD)
    return password
