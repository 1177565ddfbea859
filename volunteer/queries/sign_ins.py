"""Sessions and second factors: whose they are, and which are in use."""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, func, select

from volunteer.db import db
from volunteer.domain.refusals import NotFound
from volunteer.domain.sign_ins import IDLE, LONGEST
from volunteer.models.members import Admin, Member
from volunteer.models.sign_ins import Passkey, RecoveryCode, SecondFactor, SignIn

Person = Admin | Member
Owned = TypeVar("Owned", SignIn, SecondFactor, RecoveryCode, Passkey)


def owned_by(model: type[Owned], person: Person) -> ColumnElement[bool]:
    """The condition that a row belongs to this person."""
    column = model.admin_id if isinstance(person, Admin) else model.member_id
    return column == person.id


def account_of(person: Person) -> str:
    """What an account is called where secrets are sealed for it; it never changes."""
    return f"admin:{person.id}" if isinstance(person, Admin) else f"member:{person.id}"


def sign_in_name_of(person: Person) -> str:
    """What an account is called where attempts are counted: by what its owner types."""
    return f"admin:{person.username}" if isinstance(person, Admin) else f"member:{person.volunteer_no}"


def find_admin_sign_in(token_hash: str) -> Row[SignIn, Admin] | None:
    """The session with this token and its admin, or None."""
    statement = select(SignIn, Admin).join(Admin, Admin.id == SignIn.admin_id)
    return db.session.execute(statement.where(SignIn.token_hash == token_hash)).one_or_none()


def find_member_sign_in(token_hash: str) -> Row[SignIn, Member] | None:
    """The session with this token and its member, or None."""
    statement = select(SignIn, Member).join(Member, Member.id == SignIn.member_id)
    return db.session.execute(statement.where(SignIn.token_hash == token_hash)).one_or_none()


def list_sign_ins(person: Person, password_mark: str, now: datetime) -> list[SignIn]:
    """The person's sessions that can still be used, the one used last first."""
    statement = (
        select(SignIn)
        .where(
            owned_by(SignIn, person),
            SignIn.ended_at.is_(None),
            SignIn.password_mark == password_mark,
            SignIn.last_seen_at > now - IDLE,
            SignIn.begun_at > now - LONGEST,
        )
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
    )
    return list(db.session.execute(statement).scalars())


def get_sign_in_of(person: Person, sign_in_id: int) -> SignIn:
    """The person's own session; refuses one of somebody else as one that does not exist."""
    statement = select(SignIn).where(SignIn.id == sign_in_id, owned_by(SignIn, person))
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def find_second_factor(person: Person) -> SecondFactor | None:
    """The person's TOTP secret, confirmed or not yet, locked for the transaction; or None."""
    statement = select(SecondFactor).where(owned_by(SecondFactor, person))
    return db.session.execute(statement.with_for_update()).scalar_one_or_none()


def list_passkeys(person: Person) -> list[Passkey]:
    """The person's passkeys, oldest first."""
    statement = select(Passkey).where(owned_by(Passkey, person)).order_by(Passkey.id)
    return list(db.session.execute(statement).scalars())


def get_passkey_of(person: Person, passkey_id: int) -> Passkey:
    """The person's own passkey; refuses one of somebody else as one that does not exist."""
    statement = select(Passkey).where(Passkey.id == passkey_id, owned_by(Passkey, person))
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def find_passkey(credential_id: str) -> Passkey | None:
    """The passkey of this credential, locked for the transaction, or None."""
    statement = select(Passkey).where(Passkey.credential_id == credential_id)
    return db.session.execute(statement.with_for_update()).scalar_one_or_none()


def count_recovery_codes(person: Person) -> int:
    """How many unused recovery codes the person has."""
    statement = select(func.count(RecoveryCode.id)).where(owned_by(RecoveryCode, person))
    return db.session.execute(statement).scalar_one()


def find_person(kind: str, person_id: int) -> Person | None:
    """The admin or member with this id, or None."""
    model: type[Any] = Admin if kind == "admin" else Member
    found: Person | None = db.session.get(model, person_id)
    return found


def has_second_step(person: Person) -> bool:
    """Whether a password alone does not sign this person in."""
    confirmed = select(SecondFactor.id).where(
        owned_by(SecondFactor, person), SecondFactor.confirmed_at.is_not(None)
    )
    passkey = select(Passkey.id).where(owned_by(Passkey, person))
    return db.session.execute(select(confirmed.exists() | passkey.exists())).scalar_one()
