"""Passwords: argon2id, the only way they are kept or checked; and which ones nobody may choose."""

import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from volunteer.domain.common_passwords import COMMON, ROWS, WORDS
from volunteer.domain.refusals import N_, Refusal
from volunteer.domain.sign_in_refusals import PasswordTooShort

MINIMUM_PASSWORD = 8
# What is left of a password beside well-known words must be longer than this.
_TOO_LITTLE = 4
# A day in either order, or a mobile telephone's number.
_NUMBERS = re.compile(r"(19|20)\d\d[01]\d[0-3]\d|[0-3]\d[0-3]\d(19|20)\d\d|1[3-9]\d{9}")
_LOOKALIKES = str.maketrans("@0$", "aos")
_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash("a password that belongs to nobody")


class PasswordGuessable(Refusal):
    code = "password_guessable"
    msgid = N_("这个密码太容易被人猜到。请换一个，例如连着写三个不相干的词；不要用姓名、编号或连续的数字。")


def require_password(password: str, *own: str) -> str:
    """Refuse a password that is too short, or that somebody who knows ``own`` things would try early."""
    if len(password) < MINIMUM_PASSWORD:
        raise PasswordTooShort(minimum=MINIMUM_PASSWORD)
    if is_guessable(password, own):
        raise PasswordGuessable()
    return password


def is_guessable(password: str, own: Iterable[str] = ()) -> bool:
    """Whether a password is well known, a pattern, or made of the owner's names and well-known words."""
    text = _fold(password)
    words = [*(word for one in own if len(word := _fold(one)) > 1), *WORDS]
    return (
        _is_pattern(text)
        or text in COMMON
        or any(_is_made_of(words, one) for one in (text, text.translate(_LOOKALIKES)))
    )


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _is_pattern(text: str) -> bool:
    """Few different characters, one short piece repeated, a day, or runs along the keyboard."""
    if len(set(text)) <= 3 or _NUMBERS.fullmatch(text):
        return True
    # Doubled, a repeated text is found within itself at the length of its piece.
    if (text * 2).find(text, 1) < min(len(text), MINIMUM_PASSWORD):
        return True
    pieces = re.findall(r"\d+|[^\W\d_]+", text)
    return len(pieces) <= 3 and all(len(set(one)) <= 2 or any(one in row for row in ROWS) for one in pieces)


def _is_made_of(words: Iterable[str], text: str) -> bool:
    rest = text
    for word in words:
        rest = rest.replace(word, "")
    is_little = len(rest) <= _TOO_LITTLE or not any(one.isalpha() for one in rest) or _is_pattern(rest)
    return rest != text and is_little


def hash_password(password: str) -> str:
    """The argon2id text to keep; salted, so never twice the same."""
    return _HASHER.hash(password)


def is_password(password: str, kept: str) -> bool:
    """Whether ``kept`` was made from ``password``."""
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Whether ``kept`` was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(kept)


def waste_time(password: str) -> None:
    """Take as long as a real check, so that nobody learns which numbers exist."""
    is_password(password, _NOBODYS)
