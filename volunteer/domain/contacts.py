"""Contacts: how a member can be reached. Kept sealed; shown masked unless somebody asks and it is logged."""

import hmac
import re
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from volunteer.domain.cells import tidy_code, tidy_plain
from volunteer.domain.refusals import N_, Refusal

LONGEST_CONTACT, LONGEST_CONTACT_NOTE = 120, 60
MOST_CONTACTS = 10
ENDING = 4
NONCE_BYTES = 12
_SEALED_FOR = b"member_contacts.value"
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8}(?:-\d{1,6})?)", re.ASCII)
_FOREIGN = re.compile(r"\+\d{7,15}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_WECHAT = re.compile(r"[A-Za-z][-_A-Za-z0-9]{5,19}", re.ASCII)


class ContactKind(StrEnum):
    """What kind of contact it is; the emergency one is another person's telephone."""

    PHONE = "phone"
    EMAIL = "email"
    WECHAT = "wechat"
    EMERGENCY = "emergency"


class PhoneMalformed(Refusal):
    code = "phone_malformed"
    msgid = N_("请填写 11 位手机号，或带区号的固定电话，例如 0755-12345678。")


class EmailMalformed(Refusal):
    code = "email_malformed"
    msgid = N_("电子邮箱的格式不对，例如 name@example.com。")


class WechatMalformed(Refusal):
    code = "wechat_malformed"
    msgid = N_("微信号应为 6 到 20 位字母、数字、下划线或减号，以字母开头；也可以填绑定的手机号。")


class TooManyContacts(Refusal):
    code = "too_many_contacts"
    msgid = N_("最多保存 %(maximum)s 个联系方式，请先删除不用的。")


def clean_contact(kind: ContactKind, text: str) -> str:
    """The contact in the one form it is kept in; refuses what cannot be one of its kind."""
    if kind is ContactKind.EMAIL:
        # An input method writes its own full stop.
        email = tidy_plain(text).replace("。", ".")
        if not _EMAIL.fullmatch(email) or len(email) > LONGEST_CONTACT:
            raise EmailMalformed()
        return email
    if kind is ContactKind.WECHAT:
        name = tidy_plain(text)
        if not (_WECHAT.fullmatch(name) or _MOBILE.fullmatch(name)):
            raise WechatMalformed()
        return name
    return _clean_phone(text)


def mask_contact(kind: ContactKind, value: str) -> str:
    """For the screen: 138****1234, a***@example.com, zh****9."""
    if kind is ContactKind.EMAIL:
        name, _, host = value.partition("@")
        return f"{name[:1]}***@{host}"
    if kind is ContactKind.WECHAT and not _MOBILE.fullmatch(value):
        return f"{value[:2]}****{value[-1:]}"
    return f"{value[:3]}****{value[-ENDING:]}"


def ending_of(kind: ContactKind, value: str) -> str | None:
    """The last four digits of the member's own telephone, by which an admin finds the member; else None.

    Another person's number finds nobody, so no part of it is kept readable.
    """
    return value[-ENDING:] if kind is ContactKind.PHONE else None


def derive_contact_key(secret: str) -> bytes:
    """The key that seals contacts, from the installation's secret."""
    return hmac.digest(secret.encode(), b"contacts seal", "sha256")


def seal_contact(value: str, key: bytes, nonce: bytes) -> bytes:
    """The contact as it is kept (AES-256-GCM). ``nonce`` is 12 random bytes, never used twice."""
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), _SEALED_FOR)


def open_contact(sealed: bytes, key: bytes) -> str | None:
    """The contact that was sealed; None where it was altered or sealed with another secret."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _SEALED_FOR).decode()
    except InvalidTag:
        return None


def _clean_phone(text: str) -> str:
    number = tidy_code(text).replace("(", "").replace(")", "-").removeprefix("+86").removeprefix("0086")
    plain = number.replace("-", "")
    if _MOBILE.fullmatch(plain):
        return plain
    if landline := _LANDLINE.fullmatch(number.strip("-")):
        return f"{landline[1]}-{landline[2]}"
    if _FOREIGN.fullmatch(plain):
        return plain
    raise PhoneMalformed()
