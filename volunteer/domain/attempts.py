"""Attempts: how often something may be tried, and from where, before the next try has to wait.

Who fails is slowed, never who is attacked: what is counted against one account is
counted together with the address or the known device that tried it.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class AttemptKind(StrEnum):
    """What was tried, and what the count is kept for."""

    SIGN_IN_ADDRESS = "sign_in_address"
    SIGN_IN_FROM = "sign_in_from"
    SIGN_IN_DEVICE = "sign_in_device"
    SIGN_IN_ACCOUNT = "sign_in_account"
    SIGN_IN_SLOWED = "sign_in_slowed"
    SIGN_IN_CROWDED = "sign_in_crowded"
    SECOND_STEP_FROM = "second_step_from"
    SECOND_STEP_DEVICE = "second_step_device"
    SECOND_STEP_ACCOUNT = "second_step_account"
    RECOVERY_FROM = "recovery_from"
    PASSKEY_ADDRESS = "passkey_address"
    PASSKEY_CHALLENGE = "passkey_challenge"
    CONFIRMATION = "confirmation"
    ACTIVATION_ADDRESS = "activation_address"
    ACTIVATION_FROM = "activation_from"
    SET_UP_ADDRESS = "set_up_address"
    ENROLMENT_ADDRESS = "enrolment_address"
    REGISTRATION_ADDRESS = "registration_address"
    VERIFICATION_ADDRESS = "verification_address"
    OWN_CERTIFICATES = "own_certificates"


@dataclass(frozen=True)
class Allowance:
    """So many attempts within a window that begins with the first of them."""

    most: int
    within: timedelta


_SOON, _QUARTER, _HOUR = timedelta(minutes=10), timedelta(minutes=15), timedelta(hours=1)
ALLOWANCES = {
    # A whole office may stand behind one address: past the first of these each account there gets the
    # last of them instead, so that who knows the password gets in while a machine goes on guessing.
    AttemptKind.SIGN_IN_ADDRESS: Allowance(100, _SOON),
    AttemptKind.SIGN_IN_FROM: Allowance(10, _QUARTER),
    AttemptKind.SIGN_IN_DEVICE: Allowance(10, _QUARTER),
    # Past this many failures from anywhere, each strange address gets the slower one; none gets nothing.
    AttemptKind.SIGN_IN_ACCOUNT: Allowance(100, _HOUR),
    AttemptKind.SIGN_IN_SLOWED: Allowance(3, _HOUR),
    AttemptKind.SIGN_IN_CROWDED: Allowance(3, _HOUR),
    AttemptKind.SECOND_STEP_FROM: Allowance(5, _QUARTER),
    AttemptKind.SECOND_STEP_DEVICE: Allowance(5, _QUARTER),
    # Six digits are few: only known devices, recovery codes and passkeys go on past this.
    AttemptKind.SECOND_STEP_ACCOUNT: Allowance(30, _HOUR),
    AttemptKind.RECOVERY_FROM: Allowance(5, _QUARTER),
    AttemptKind.PASSKEY_ADDRESS: Allowance(60, _SOON),
    # Once: a challenge that was answered is spent. Outlives the challenge itself.
    AttemptKind.PASSKEY_CHALLENGE: Allowance(1, _SOON),
    AttemptKind.CONFIRMATION: Allowance(10, _QUARTER),
    AttemptKind.ACTIVATION_ADDRESS: Allowance(100, _SOON),
    AttemptKind.ACTIVATION_FROM: Allowance(10, _QUARTER),
    AttemptKind.SET_UP_ADDRESS: Allowance(10, _QUARTER),
    AttemptKind.ENROLMENT_ADDRESS: Allowance(30, _SOON),
    # A whole office may ask to join on one day; a machine that asks or guesses codes is slowed.
    AttemptKind.REGISTRATION_ADDRESS: Allowance(60, _HOUR),
    # Only failures count; 80 bits are not guessed, but a machine need not be let try.
    AttemptKind.VERIFICATION_ADDRESS: Allowance(30, _QUARTER),
    # Whoever prints the same again gets the same paper; this stops printing every period there is.
    AttemptKind.OWN_CERTIFICATES: Allowance(20, _HOUR),
}
# At a crowded address accounts, and names that are none, are counted in so many groups: no flood of
# invented names can then ask for more digests or guesses in an hour than three for each group.
CROWD_GROUPS = 2048
LONGEST_WINDOW = max(allowance.within for allowance in ALLOWANCES.values())


@dataclass(frozen=True)
class Origin:
    """Where somebody tries from: the address, and the device where it is known to belong to the account."""

    address: str
    device: str | None = None


def fold_address(text: str) -> str:
    """The address that counts: of IPv6 the network of 64 bits, which one person can have all of."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def hash_key(kind: AttemptKind, key: str) -> str:
    """The digest under which attempts are counted, whatever the length of what was typed."""
    return hashlib.sha256(f"{kind}:{key}".encode()).hexdigest()


def crowd_key(account: str, address: str) -> str:
    """The group of accounts at this address that an account is counted in."""
    digest = hashlib.sha256(account.encode()).digest()
    return f"{int.from_bytes(digest[:8]) % CROWD_GROUPS} {address}"


def seconds_left(kind: AttemptKind, begun_at: datetime, now: datetime) -> int:
    """How long until the window of this kind that began then is over."""
    return max(1, int((begun_at + ALLOWANCES[kind].within - now).total_seconds()))
