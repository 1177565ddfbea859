"""Passwords: argon2id, the only way they are kept or checked."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash("a password that belongs to nobody")


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
