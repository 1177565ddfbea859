"""How the number typed by a plain card reader becomes the identity printed in hexadecimal.

Readers that act as a keyboard or a serial line write the same card in different
ways. A profile names the way; the result is always upper-case hex, in the order
in which the card sends its bytes. A card token of ours passes untouched.
"""

import re
from collections.abc import Callable

TOKEN = re.compile(r"VC1-[0-9A-HJKMNP-TV-Z]{24}(?![0-9A-Z])")
TRUNCATING = frozenset({"6h8d", "2h4h"})  # these readers throw away all but three bytes of the identity
LONGEST = 256  # characters; longer text is no card and is cut


class Unreadable(ValueError):
    """The text does not fit the reader's profile."""


def find_token(text: str) -> str | None:
    """The card token inside ``text`` (alone, in a sentence, or as the last part of an address), or None."""
    found = TOKEN.search(text.upper())
    return found.group() if found else None


def from_hex(text: str) -> str:
    """Hex digits, with or without separators between the bytes."""
    digits = re.sub(r"[\s:\-]", "", text).upper()
    if not re.fullmatch(r"(?:[0-9A-F]{2}){3,10}", digits):
        raise Unreadable(text)
    return digits


def from_hex_reversed(text: str) -> str:
    """Hex digits, last byte first."""
    return bytes.fromhex(from_hex(text))[::-1].hex().upper()


def from_decimal10(text: str) -> str:
    """Ten decimal digits: the four bytes as one number, first byte highest."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > 0xFFFFFFFF:
        raise Unreadable(text)
    return f"{int(text):08X}"


def from_decimal10_reversed(text: str) -> str:
    """Ten decimal digits: the four bytes as one number, last byte highest."""
    return bytes.fromhex(from_decimal10(text))[::-1].hex().upper()


def from_6h8d(text: str) -> str:
    """Eight decimal digits made of six hex digits: three bytes, the rest is lost."""
    if not re.fullmatch(r"[0-9]{1,8}", text) or int(text) > 0xFFFFFF:
        raise Unreadable(text)
    return f"{int(text):06X}"


def from_2h4h(text: str) -> str:
    """Facility and number with a comma (``123,45678``): one byte and two bytes, the rest is lost."""
    found = re.fullmatch(r"([0-9]{1,3}),([0-9]{1,5})", text)
    if not found or int(found[1]) > 0xFF or int(found[2]) > 0xFFFF:
        raise Unreadable(text)
    return f"{int(found[1]):02X}{int(found[2]):04X}"


PROFILES: dict[str, Callable[[str], str]] = {
    "hex": from_hex,
    "hex_reversed": from_hex_reversed,
    "decimal10": from_decimal10,
    "decimal10_reversed": from_decimal10_reversed,
    "6h8d": from_6h8d,
    "2h4h": from_2h4h,
}


def normalise(text: str, profile: str) -> str:
    """The token or identity in a typed line; "" for an empty line.

    Text that fits neither is passed on as it is, so that the server can refuse
    it in words instead of the terminal swallowing it.
    """
    text = text.strip()[:LONGEST]
    token = find_token(text)
    if token or not text:
        return token or ""
    try:
        return PROFILES[profile](text)
    except Unreadable:
        return text
