"""National ID numbers: 18 characters with a check character (GB 11643-1999).

The same form serves the residence permits of people from Hong Kong, Macao and Taiwan
(81, 82, 83) and, since December 2023, the permanent residence card of foreigners (9).
Foreigners' older cards, valid until they expire, have 15 characters: the country in three
letters, four digits of the place, the birth date as yymmdd and two more digits. The first
six digits of the long form are never judged: codes of abolished counties stay valid for life.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from volunteer.domain.cells import tidy_code
from volunteer.domain.refusals import N_, Refusal

_FORM = re.compile(r"[0-9]{17}[0-9X]")
_OLD_PERMIT = re.compile(r"[A-Z]{3}[0-9]{12}")
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"
NONCE_BYTES = 12
_SEALED_FOR = b"members.national_id"
_NO_REGION, _IMPOSSIBLE_REGION = "00", "000000"
_FIRST_INVENTED = date(1960, 1, 1)
_SEQUENCES = 1000


class IdDocument(StrEnum):
    """The document that carries the number; the number itself tells which."""

    RESIDENT_ID = "resident_id"
    HMT_PERMIT = "hmt_permit"
    FOREIGNER_PERMIT = "foreigner_permit"


class NationalIdRefused(Refusal):
    """Not a national ID number; ``msgid`` says what is wrong with it."""

    code = "national_id_refused"

    def __init__(self, msgid: str, **params: str | int) -> None:
        self.msgid = msgid
        super().__init__(**params)


def check_national_id(text: str, today: date, *, allows_invented: bool = True) -> str:
    """The number in its one written form (half-width, capital X); refuses with ``NationalIdRefused``.

    What passes is well formed; whether such a person exists cannot be known from it. Without
    ``allows_invented`` a number that nobody can have is refused too.
    """
    number = tidy_code(text)
    if _OLD_PERMIT.fullmatch(number):
        if not _old_birthdays(number, today):
            raise NationalIdRefused(N_("外国人永久居留证号码中的出生日期（第 8 到 13 位）不存在。"))
        return number
    if len(number) == 15 and number.isdecimal():
        raise NationalIdRefused(N_("这是 15 位的旧身份证号，已停用，请填写 18 位公民身份号码。"))
    if len(number) != 18:
        raise NationalIdRefused(N_("公民身份号码应为 18 位，这里是 %(length)s 位。"), length=len(number))
    if not _FORM.fullmatch(number):
        raise NationalIdRefused(N_("公民身份号码只能是 17 位数字加一位数字或 X。"))
    born_on = _birthday(number)
    if born_on is None or born_on > today:
        raise NationalIdRefused(N_("公民身份号码中的出生日期（第 7 到 14 位）不存在。"))
    if number[17] != check_character(number[:17]):
        raise NationalIdRefused(N_("公民身份号码的校验位不对，可能有一位写错了。"))
    if number.startswith(_NO_REGION) and not allows_invented:
        raise NationalIdRefused(N_("没有以 00 开头的公民身份号码，这是演示用的虚构号码。"))
    return number


def document_of(number: str) -> IdDocument:
    """The kind of document that a checked number stands on."""
    if number[0] == "9" or _OLD_PERMIT.fullmatch(number):
        return IdDocument.FOREIGNER_PERMIT
    return IdDocument.HMT_PERMIT if number[:2] in ("81", "82", "83") else IdDocument.RESIDENT_ID


def birthday_of(number: str) -> date | None:
    """The birth date in a checked number; None for an old permit, whose year lacks its century."""
    return None if _OLD_PERMIT.fullmatch(number) else _birthday(number)


def may_be_born_on(number: str, day: date) -> bool:
    """Whether the number allows this birth date."""
    if _OLD_PERMIT.fullmatch(number):
        return number[7:13] == f"{day:%y%m%d}"
    return _birthday(number) == day


def is_female(number: str) -> bool | None:
    """What the 17th digit tells: even is female; None for an old permit, which tells nothing."""
    return None if _OLD_PERMIT.fullmatch(number) else int(number[16]) % 2 == 0


def check_character(body: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2, as GB 11643 prescribes)."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True))
    return _CHECKS[total % 11]


@dataclass(frozen=True)
class IdKeys:
    """The two secrets behind kept numbers, 32 bytes each: one seals, one finds."""

    seal: bytes
    find: bytes


def derive_id_keys(secret: str) -> IdKeys:
    """Both keys from the installation's secret; with a new secret kept numbers cannot be opened."""
    make = [hmac.digest(secret.encode(), f"national id {use}".encode(), "sha256") for use in ("seal", "find")]
    return IdKeys(*make)


def seal_national_id(number: str, keys: IdKeys, nonce: bytes) -> bytes:
    """The number as it is kept (AES-256-GCM). ``nonce`` is 12 random bytes, never used twice."""
    return nonce + AESGCM(keys.seal).encrypt(nonce, number.encode(), _SEALED_FOR)


def open_national_id(sealed: bytes, keys: IdKeys) -> str:
    """The number that was sealed; raises ``cryptography.exceptions.InvalidTag`` where it was altered."""
    return AESGCM(keys.seal).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _SEALED_FOR).decode()


def read_national_id(sealed: bytes | None, keys: IdKeys) -> str | None:
    """The kept number; None where there is none, or none that these keys open."""
    try:
        return open_national_id(sealed, keys) if sealed else None
    except InvalidTag:
        return None


def hash_national_id(number: str, keys: IdKeys) -> str:
    """The keyed digest (hex) by which an equal number is found without opening any."""
    return hmac.new(keys.find, number.encode(), "sha256").hexdigest()


def mask_national_id(number: str) -> str:
    """For the screen: at most the first three and last four characters; all hidden if too short for that."""
    if len(number) < 15:
        return "*" * len(number)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def invent_impossible(serial: int) -> str:
    """A well-formed number that nobody can have, a different one for each ``serial`` from 0.

    Its region is 000000: no province, permit or country begins with 00, so no real
    person's number can come out. Everything else, the check character too, is right.
    """
    day, sequence = divmod(serial, _SEQUENCES)
    born_on = _FIRST_INVENTED + timedelta(days=day)
    body = f"{_IMPOSSIBLE_REGION}{born_on:%Y%m%d}{sequence:03}"
    return body + check_character(body)


def _old_birthdays(number: str, today: date) -> list[date]:
    """The days that an old permit's yymmdd can mean."""
    found = []
    for century in ("19", "20"):
        try:
            found.append(date(int(century + number[7:9]), int(number[9:11]), int(number[11:13])))
        except ValueError:
            continue
    return [day for day in found if day <= today]


def _birthday(number: str) -> date | None:
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born_on if born_on.year >= 1900 else None
