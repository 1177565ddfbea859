"""Second factors: set up, used, removed; passkeys too. Whoever has one gets recovery codes with it."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from volunteer.db import db, transaction
from volunteer.domain.passkeys import MOST_PASSKEYS, NewPasskey, RelyingParty, credential_id_in, read_answer
from volunteer.domain.second_factors import (
    NONCE_BYTES,
    SET_UP_WITHIN,
    FactorKeys,
    find_step,
    hash_recovery_code,
    is_totp,
    make_recovery_codes,
    make_secret,
    open_secret,
    seal_secret,
    user_handle,
)
from volunteer.domain.sign_in_refusals import (
    PasskeyRefused,
    PasskeysFull,
    SecondFactorAbsent,
    SecondFactorThere,
    SecondStepFailed,
)
from volunteer.models.members import Admin
from volunteer.models.sign_ins import Passkey, RecoveryCode, SecondFactor
from volunteer.queries.sign_ins import (
    Person,
    account_of,
    count_recovery_codes,
    find_passkey,
    find_person,
    find_second_factor,
    get_passkey_of,
    has_second_step,
    list_passkeys,
    owned_by,
)
from volunteer.writes.second_factors import drop_factors


def begin_totp(person: Person, keys: FactorKeys, now: datetime) -> None:
    """Make a new secret, to be confirmed with its first code within the hour."""
    sealed = seal_secret(make_secret(), account_of(person), keys, secrets.token_bytes(NONCE_BYTES))
    owner = _owner(person)
    with transaction():
        factor = find_second_factor(person)
        if factor is None:
            factor = SecondFactor(**owner, secret_sealed=sealed, last_step=0, begun_at=now)
            db.session.add(factor)
        elif factor.confirmed_at:
            raise SecondFactorThere()
        factor.secret_sealed, factor.begun_at = sealed, now


def find_unconfirmed_secret(person: Person, keys: FactorKeys, now: datetime) -> str | None:
    """The secret that waits for its first code, to be shown again; None where none does."""
    factor = find_second_factor(person)
    if factor is None or factor.confirmed_at or now - factor.begun_at >= SET_UP_WITHIN:
        return None
    return open_secret(factor.secret_sealed, account_of(person), keys)


def confirm_totp(person: Person, code: str, keys: FactorKeys, now: datetime) -> list[str]:
    """Switch TOTP on with a first right code. New recovery codes come with it where there were none."""
    account = account_of(person)
    with transaction():
        factor = find_second_factor(person)
        if factor is None or now - factor.begun_at >= SET_UP_WITHIN:
            raise SecondFactorAbsent()
        if factor.confirmed_at:
            raise SecondFactorThere()
        step = find_step(open_secret(factor.secret_sealed, account, keys), code, factor.last_step, now)
        if step is None:
            raise SecondStepFailed()
        factor.last_step, factor.confirmed_at = step, now
        return _give_codes(person, keys) if count_recovery_codes(person) == 0 else []


def remove_totp(person: Person) -> None:
    """Switch TOTP off; recovery codes go with the last factor."""
    with transaction():
        db.session.execute(delete(SecondFactor).where(owned_by(SecondFactor, person)))
        _drop_codes_of_nothing(person)


def renew_recovery_codes(person: Person, keys: FactorKeys) -> list[str]:
    """Ten new recovery codes; the old ones end."""
    with transaction():
        if not has_second_step(person):
            raise SecondFactorAbsent()
        return _give_codes(person, keys)


def use_code(person: Person, code: str, keys: FactorKeys, now: datetime) -> None:
    """Take the second step with six digits or a recovery code; each opens once."""
    account = account_of(person)
    with transaction():
        if is_totp(code):
            factor = find_second_factor(person)
            if factor is None or factor.confirmed_at is None:
                raise SecondStepFailed()
            step = find_step(open_secret(factor.secret_sealed, account, keys), code, factor.last_step, now)
            if step is None:
                raise SecondStepFailed()
            factor.last_step = step
            return
        digest = hash_recovery_code(code, account, keys)
        statement = delete(RecoveryCode).where(
            owned_by(RecoveryCode, person), RecoveryCode.code_hash == digest
        )
        used: Any = db.session.execute(statement)
        if used.rowcount != 1:
            raise SecondStepFailed()


def add_passkey(
    person: Person, new: NewPasskey, party: RelyingParty, name: str, keys: FactorKeys, now: datetime
) -> list[str]:
    """Keep a new passkey. New recovery codes come with it where there were none."""
    owner = _owner(person)
    with transaction():
        if len(list_passkeys(person)) >= MOST_PASSKEYS:
            raise PasskeysFull(maximum=MOST_PASSKEYS)
        db.session.add(
            Passkey(
                **owner,
                credential_id=new.credential_id,
                rp_id=party.id,
                public_key=new.public_key,
                sign_count=new.sign_count,
                name=name,
                created_at=now,
            )
        )
        return _give_codes(person, keys) if count_recovery_codes(person) == 0 else []


def remove_passkey(person: Person, passkey_id: int) -> None:
    """Forget one of the person's own passkeys; recovery codes go with the last factor."""
    with transaction():
        db.session.delete(get_passkey_of(person, passkey_id))
        db.session.flush()
        _drop_codes_of_nothing(person)


def use_passkey(
    answer: str, challenge: bytes, party: RelyingParty, keys: FactorKeys, now: datetime, *, is_alone: bool
) -> Person:
    """The person whose passkey signed this challenge. ``is_alone``: no password named the person before."""
    with transaction():
        passkey = find_passkey(credential_id_in(answer))
        if passkey is None or passkey.rp_id != party.id:
            raise PasskeyRefused()
        person = find_person(
            "admin" if passkey.admin_id else "member", passkey.admin_id or passkey.member_id or 0
        )
        if person is None:
            raise PasskeyRefused()
        passkey.sign_count = read_answer(
            answer,
            challenge,
            party,
            public_key=passkey.public_key,
            sign_count=passkey.sign_count,
            handle=user_handle(account_of(person), keys) if is_alone else None,
        )
        passkey.last_used_at = now
    return person


def remove_all_factors(person: Person) -> None:
    """For somebody who lost everything: only the password is left."""
    with transaction():
        drop_factors(person)


def _owner(person: Person) -> dict[str, int]:
    return {"admin_id": person.id} if isinstance(person, Admin) else {"member_id": person.id}


def _give_codes(person: Person, keys: FactorKeys) -> list[str]:
    codes, account, owner = make_recovery_codes(), account_of(person), _owner(person)
    db.session.execute(delete(RecoveryCode).where(owned_by(RecoveryCode, person)))
    db.session.add_all(
        RecoveryCode(**owner, code_hash=hash_recovery_code(code, account, keys)) for code in codes
    )
    return codes


def _drop_codes_of_nothing(person: Person) -> None:
    if not has_second_step(person):
        db.session.execute(delete(RecoveryCode).where(owned_by(RecoveryCode, person)))
