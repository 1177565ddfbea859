"""Terminals: their keys and the one-time codes that admit them."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from volunteer.domain.cards import ALPHABET

ENROL_WITHIN = timedelta(minutes=10)
CONTACT_EVERY = timedelta(seconds=30)
CODE_CHARS = 8


def make_key(terminal_id: int) -> str:
    """A new key: the terminal's id and 256 random bits."""
    return f"{terminal_id}.{secrets.token_urlsafe(32)}"


def terminal_id_of(key: str) -> int | None:
    """The terminal a key claims to belong to, or None where it is no key at all."""
    number = key.partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else None


def hash_secret(secret: str) -> str:
    """The digest under which a key or code is stored. Both are random, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_right(secret: str, digest: str | None) -> bool:
    """Whether ``secret`` has this digest, in constant time."""
    return digest is not None and hmac.compare_digest(hash_secret(secret), digest)


def make_code() -> str:
    """A one-time code of 40 random bits, in two groups that are easy to type."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))
    return f"{letters[:4]}-{letters[4:]}"


def clean_code(text: str) -> str:
    """A code as typed by a person, in the spelling it was given out in."""
    letters = "".join(char for char in text.upper() if char.isalnum())
    letters = letters.replace("O", "0").replace("I", "1").replace("L", "1")
    return f"{letters[:4]}-{letters[4:]}"
