"""Certificates (Order 67 articles 14 to 17): serial, code, period, and the content that is frozen.

A serial is readable: year, ten random digits in two groups, one check digit. The code is
the secret that only the paper holds; of it the database keeps the digest alone.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from volunteer.domain.cards import ALPHABET
from volunteer.domain.cells import tidy_text
from volunteer.domain.ledger import hash_of
from volunteer.domain.members import require_length
from volunteer.domain.refusals import N_, NotFound, Refusal

# Four groups of four letters of five bits each: 80 random bits.
CODE_GROUPS, GROUP = 4, 4
SERIAL_DIGITS, FIRST_GROUP = 10, 5
LONGEST_NAME, LONGEST_REASON, LONGEST_ADDRESS = 120, 200, 200
_ADDRESS = re.compile(r"https?://[^\s?#]+")
# Nothing was recorded before.
FIRST_DAY = date(2000, 1, 1)


class CertificateUnknown(NotFound):
    code = "certificate_unknown"
    msgid = N_("没有找到这份证明，或不在您的管理范围内。")


class CertificateUnverified(Refusal):
    code = "certificate_unverified"
    msgid = N_("没有找到这份证明：编号或验证码不正确。请对照纸面再输入一次；仍然不符的，请向出具单位核实。")


class PeriodWrong(Refusal):
    code = "certificate_period_wrong"
    msgid = N_("请填写起止日期：开始不晚于结束，结束不晚于今天。")


class NothingSettled(Refusal):
    code = "nothing_settled"
    msgid = N_("这段时间没有已结算的服务时长，不能出具证明。")


class NobodyEntitled(Refusal):
    code = "nobody_entitled"
    msgid = N_("这个队伍在这段时间没有人有已结算的服务时长，不能出具证明。")


class OwnCertificate(Refusal):
    code = "own_certificate"
    msgid = N_("不能给自己出具、重新出具或作废证明，请由另一位管理员办理，或在“我的证明”中自助打印。")


class SignatoryMissing(Refusal):
    code = "signatory_missing"
    msgid = N_("请填写出具单位、经办人和负责人。")


class AddressMalformed(Refusal):
    code = "verify_address_malformed"
    msgid = N_("验证网址应以 http:// 或 https:// 开头，最多 %(maximum)s 个字，不含空格、问号和井号。")


class RevocationUnfounded(Refusal):
    code = "revocation_unfounded"
    msgid = N_("请写明作废的原因。")


class AlreadyRevoked(Refusal):
    code = "already_revoked"
    msgid = N_("这份证明已经作废。")


class AlreadyReplaced(Refusal):
    code = "already_replaced"
    msgid = N_("这份证明已经重新出具过，请打开新的那份。")


class SigningKeyUnreadable(Refusal):
    code = "signing_key_unreadable"
    msgid = N_("打不开签名用的证书文件：文件不是 PKCS#12，口令不对，或里面没有私钥。")


@dataclass(frozen=True)
class Letterhead:
    """Who issues: the unit, the one that keeps the record, and the people whose names stand below."""

    issuer: str
    recording_unit: str
    handler: str = ""
    responsible_person: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Served:
    """Service of one kind at one place: what a line of the paper says."""

    name: str
    category: str
    place: str
    organiser: str
    person_in_charge: str
    first_on: date
    last_on: date
    times: int
    metered_minutes: int
    declared_minutes: int


@dataclass(frozen=True)
class Counted:
    """What the ledger holds of one person and period: credits less what was taken back."""

    metered_minutes: int
    declared_minutes: int
    times: int
    last_entry: int

    @property
    def minutes(self) -> int:
        """Both together; shown only where each stands beside it."""
        return self.metered_minutes + self.declared_minutes


def require_period(first_on: date | None, last_on: date | None, today: date) -> tuple[date, date]:
    """Both days; refuses a period that is open, backwards, or not over."""
    if first_on is None or last_on is None or not FIRST_DAY <= first_on <= last_on <= today:
        raise PeriodWrong()
    return first_on, last_on


def clean_letterhead(letterhead: Letterhead) -> Letterhead:
    """Without spaces around and within limits; what is left empty is refused by ``require_signatories``."""
    values = {
        name: require_length(tidy_text(text), LONGEST_NAME) for name, text in asdict(letterhead).items()
    }
    return Letterhead(**values)


def require_signatories(letterhead: Letterhead) -> Letterhead:
    """Refuse a paper that does not say who issues it and who answers for it (2015 guidance)."""
    if not (letterhead.issuer and letterhead.handler and letterhead.responsible_person):
        raise SignatoryMissing()
    return letterhead


def clean_address(text: str) -> str:
    """Where certificates are verified, without a slash at the end; empty where it is not set."""
    address = tidy_text(text).rstrip("/")
    if address and not (_ADDRESS.fullmatch(address) and len(address) <= LONGEST_ADDRESS):
        raise AddressMalformed(maximum=LONGEST_ADDRESS)
    return address


def join_alike(lines: Iterable[Served]) -> list[Served]:
    """Lines that say the same but for days and sums become one, by day: ten years stay readable."""
    joined: dict[tuple[str, ...], Served] = {}
    for line in lines:
        key = (line.name, line.category, line.place, line.organiser, line.person_in_charge)
        other = joined.get(key)
        joined[key] = line if other is None else _join(other, line)
    return sorted(joined.values(), key=lambda line: (line.first_on, line.last_on, line.name, line.place))


def _join(one: Served, other: Served) -> Served:
    sums = ("times", "metered_minutes", "declared_minutes")
    return Served(
        **asdict(one)
        | {name: getattr(one, name) + getattr(other, name) for name in sums}
        | {"first_on": min(one.first_on, other.first_on), "last_on": max(one.last_on, other.last_on)}
    )


def freeze(values: Mapping[str, Any], lines: Iterable[Served]) -> dict[str, Any]:
    """The content as it is kept and printed: plain values only, days in ISO 8601."""
    content = {**values, "activities": [asdict(line) for line in lines]}
    frozen: dict[str, Any] = _plain(content)
    return frozen


def is_untouched(content: Any, content_hash: str) -> bool:
    """Whether the kept content still is what was frozen."""
    return bool(hash_of(content) == content_hash)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def make_serial(year: int) -> str:
    """A new serial such as ``2026-48317-72506-3``; the unique index has the last word."""
    digits = "".join(str(secrets.randbelow(10)) for _ in range(SERIAL_DIGITS))
    return _grouped(f"{year:04}{digits}")


def clean_serial(text: str) -> str | None:
    """The serial as it is kept, however it was typed; None where the check digit says it is none."""
    digits = "".join(
        one for one in unicodedata.normalize("NFKC", text[:60]) if one.isdigit() and one.isascii()
    )
    if len(digits) != 4 + SERIAL_DIGITS + 1:
        return None
    serial = _grouped(digits[:-1])
    return serial if serial.endswith(digits[-1]) else None


def _grouped(digits: str) -> str:
    year, body = digits[:4], digits[4:]
    return f"{year}-{body[:FIRST_GROUP]}-{body[FIRST_GROUP:]}-{check_digit(digits)}"


def check_digit(digits: str) -> int:
    """ISO 7064 MOD 11,10: finds every single wrong digit and nearly every two that changed places."""
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10


def make_verification_code() -> str:
    """A new code of 80 random bits in groups that can be typed: letters and digits that look different."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(CODE_GROUPS))
    return "-".join(groups)


def clean_verification_code(text: str) -> str:
    """The code in the spelling it was printed in: O is read as 0, I and L as 1."""
    letters = "".join(one for one in unicodedata.normalize("NFKC", text[:60]).upper() if one.isalnum())
    letters = letters.replace("O", "0").replace("I", "1").replace("L", "1")
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))
