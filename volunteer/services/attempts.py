"""Attempts: counted in the database, so that the limit is one for all processes together.

Each attempt is counted before what it tries is even looked at. A success takes its count back.
"""

from datetime import datetime

from sqlalchemy import case, update
from sqlalchemy.dialects import postgresql, sqlite

from volunteer.db import db, transaction
from volunteer.domain.attempts import ALLOWANCES, AttemptKind, Origin, crowd_key, hash_key, seconds_left
from volunteer.domain.sign_in_refusals import TooManyAttempts
from volunteer.models.attempts import Attempt


def note_attempt(kind: AttemptKind, key: str, now: datetime) -> None:
    """Count an attempt; refuses with ``TooManyAttempts`` once the allowance is used up."""
    number, begun_at = _count(kind, key, now)
    if number > ALLOWANCES[kind].most:
        raise TooManyAttempts(seconds_left(kind, begun_at, now))


def forgive_attempt(kind: AttemptKind, key: str) -> None:
    """Take back one attempt that turned out to be right."""
    statement = update(Attempt).where(
        Attempt.kind == kind, Attempt.key_hash == hash_key(kind, key), Attempt.number > 0
    )
    with transaction():
        db.session.execute(statement.values(number=Attempt.number - 1))


def note_sign_in(account: str, origin: Origin, now: datetime) -> None:
    """Count a password tried for ``account``.

    A device that the account's owner signed in on before has an allowance of its own,
    so nobody else can use it up. Strangers share one for each address, and past it keep a small one
    for the account there: whoever goes on guessing at others does not shut them out.
    """
    if origin.device:
        note_attempt(AttemptKind.SIGN_IN_DEVICE, f"{account} {origin.device}", now)
        return
    # First what stops this one address, so that what it goes on trying is held against nobody else.
    note_attempt(AttemptKind.SIGN_IN_FROM, f"{account} {origin.address}", now)
    if _is_past(AttemptKind.SIGN_IN_ADDRESS, origin.address, now):
        note_attempt(AttemptKind.SIGN_IN_CROWDED, crowd_key(account, origin.address), now)
    if _is_past(AttemptKind.SIGN_IN_ACCOUNT, account, now):
        note_attempt(AttemptKind.SIGN_IN_SLOWED, f"{account} {origin.address}", now)


def forgive_sign_in(account: str, origin: Origin) -> None:
    """Take back what ``note_sign_in`` counted: the password was right."""
    if origin.device:
        forgive_attempt(AttemptKind.SIGN_IN_DEVICE, f"{account} {origin.device}")
        return
    for kind in (AttemptKind.SIGN_IN_FROM, AttemptKind.SIGN_IN_SLOWED):
        forgive_attempt(kind, f"{account} {origin.address}")
    forgive_attempt(AttemptKind.SIGN_IN_CROWDED, crowd_key(account, origin.address))
    forgive_attempt(AttemptKind.SIGN_IN_ADDRESS, origin.address)
    forgive_attempt(AttemptKind.SIGN_IN_ACCOUNT, account)


def note_second_step(account: str, origin: Origin, *, is_totp: bool, now: datetime) -> None:
    """Count a second step tried after the password of ``account``.

    Six digits from strange addresses have one allowance together, for they could be
    guessed by many; a recovery code could not, so it stays the way in.
    """
    if origin.device:
        note_attempt(AttemptKind.SECOND_STEP_DEVICE, f"{account} {origin.device}", now)
    elif is_totp:
        note_attempt(AttemptKind.SECOND_STEP_FROM, f"{account} {origin.address}", now)
        note_attempt(AttemptKind.SECOND_STEP_ACCOUNT, account, now)
    else:
        note_attempt(AttemptKind.RECOVERY_FROM, f"{account} {origin.address}", now)


def forgive_second_step(account: str, origin: Origin, *, is_totp: bool) -> None:
    """Take back what ``note_second_step`` counted: the code was right."""
    if origin.device:
        forgive_attempt(AttemptKind.SECOND_STEP_DEVICE, f"{account} {origin.device}")
    elif is_totp:
        forgive_attempt(AttemptKind.SECOND_STEP_FROM, f"{account} {origin.address}")
        forgive_attempt(AttemptKind.SECOND_STEP_ACCOUNT, account)
    else:
        forgive_attempt(AttemptKind.RECOVERY_FROM, f"{account} {origin.address}")


def _is_past(kind: AttemptKind, key: str, now: datetime) -> bool:
    """Count an attempt; whether the allowance is used up."""
    return _count(kind, key, now)[0] > ALLOWANCES[kind].most


def _count(kind: AttemptKind, key: str, now: datetime) -> tuple[int, datetime]:
    """How many attempts there are with this one, and since when; one statement, whoever else counts now."""
    with transaction():
        is_sqlite = db.session.connection().dialect.name == "sqlite"
        add = sqlite.insert(Attempt) if is_sqlite else postgresql.insert(Attempt)
        is_over = Attempt.begun_at <= now - ALLOWANCES[kind].within
        statement = (
            add.values(kind=str(kind), key_hash=hash_key(kind, key), number=1, begun_at=now)
            .on_conflict_do_update(
                index_elements=["kind", "key_hash"],
                set_={
                    "number": case((is_over, 1), else_=Attempt.number + 1),
                    "begun_at": case((is_over, now), else_=Attempt.begun_at),
                },
            )
            .returning(Attempt.number, Attempt.begun_at)
        )
        number, begun_at = db.session.execute(statement).one()
    return number, begun_at
