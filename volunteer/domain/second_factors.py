"""Second factors: digits that change every half minute (TOTP, RFC 6238), and codes for the day they are lost.

A secret is sealed before it is kept. A code opens once: its half minute is remembered.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from volunteer.domain.terminals import clean_code, make_code

NONCE_BYTES = 12
STEP_SECONDS, DRIFT_STEPS = 30, 1
RECOVERY_CODES = 10
SET_UP_WITHIN = timedelta(hours=1)
ISSUER = "志愿钟"


@dataclass(frozen=True)
class FactorKeys:
    """Three secrets, 32 bytes each: one seals TOTP secrets, one finds codes, one names people to passkeys."""

    seal: bytes
    codes: bytes
    handles: bytes


def derive_factor_keys(secret: str) -> FactorKeys:
    """The keys from the installation's secret; with a new secret every second factor must be set up anew."""
    uses = ("seal", "codes", "handles")
    return FactorKeys(
        *[hmac.digest(secret.encode(), f"second factor {use}".encode(), "sha256") for use in uses]
    )


def make_secret() -> str:
    """A new TOTP secret: 160 random bits as base 32."""
    return pyotp.random_base32()


def seal_secret(secret: str, account: str, keys: FactorKeys, nonce: bytes) -> bytes:
    """The secret as it is kept (AES-256-GCM), of use to this account only. ``nonce`` is never used twice."""
    return nonce + AESGCM(keys.seal).encrypt(nonce, secret.encode(), _sealed_for(account))


def open_secret(sealed: bytes, account: str, keys: FactorKeys) -> str:
    """The secret that was sealed; raises ``cryptography.exceptions.InvalidTag`` where it was altered."""
    return (
        AESGCM(keys.seal).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _sealed_for(account)).decode()
    )


def _sealed_for(account: str) -> bytes:
    return f"second_factors.secret:{account}".encode()


def is_totp(code: str) -> bool:
    """Whether this looks like six digits from a telephone and not like a recovery code."""
    return len(code) == 6 and code.isascii() and code.isdigit()


def find_step(secret: str, code: str, last_step: int, now: datetime) -> int | None:
    """The half minute of ``code``, one to either side allowed; None where it is wrong or was used before."""
    if not is_totp(code):
        return None
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    current = int(now.timestamp()) // STEP_SECONDS
    steps = range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
    # All of them, always: how long it takes says nothing.
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), code)]
    return next((step for step in fitting if step > last_step), None)


def totp_address(secret: str, name: str) -> str:
    """What an authenticator app reads from the QR symbol."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=name, issuer_name=ISSUER)


def make_recovery_codes() -> list[str]:
    """Ten one-time codes of 40 random bits."""
    return [make_code() for _ in range(RECOVERY_CODES)]


def hash_recovery_code(code: str, account: str, keys: FactorKeys) -> str:
    """The keyed digest (hex) of a code as typed: without the key nobody can try them all."""
    return hmac.new(keys.codes, f"{account}:{clean_code(code)}".encode(), "sha256").hexdigest()


def user_handle(account: str, keys: FactorKeys) -> bytes:
    """What an authenticator knows the account by: the same each time, and says nothing about the person."""
    return hmac.digest(keys.handles, account.encode(), "sha256")
