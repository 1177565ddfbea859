"""Sessions: begun, seen, ended; the password that they hang on; and what is swept away."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, update

from volunteer.db import db, transaction
from volunteer.domain.attempts import LONGEST_WINDOW
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.passwords import hash_password, is_password, require_password
from volunteer.domain.second_factors import SET_UP_WITHIN
from volunteer.domain.sign_in_refusals import PasswordUnchanged, PasswordWrong
from volunteer.domain.sign_ins import IDLE, KEEP_ENDED, LONGEST, SEEN_EVERY, make_token, mark_password
from volunteer.domain.terminals import hash_secret
from volunteer.models.attempts import Attempt
from volunteer.models.members import Admin
from volunteer.models.sign_ins import SecondFactor, SignIn
from volunteer.queries.sign_ins import Person, get_sign_in_of, owned_by, sign_in_name_of


def begin_sign_in(person: Person, device: str, now: datetime) -> str:
    """Begin a session and return its token, of which only a digest is kept."""
    token, is_admin, person_id = make_token(), isinstance(person, Admin), person.id
    mark = mark_password(person.password_hash)
    with transaction():
        db.session.add(
            SignIn(
                admin_id=person_id if is_admin else None,
                member_id=None if is_admin else person_id,
                token_hash=hash_secret(token),
                password_mark=mark,
                device=device,
                begun_at=now,
                last_seen_at=now,
            )
        )
    return token


def note_seen(sign_in: SignIn, now: datetime) -> bool:
    """Keep when a session was last used, at most every five minutes; whether that was now."""
    if now - sign_in.last_seen_at < SEEN_EVERY:
        return False
    sign_in_id = sign_in.id
    with transaction():
        db.session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=now))
    return True


def end_by_token(token: str, now: datetime) -> None:
    """End the session with this token: its owner signs out."""
    _end(now, SignIn.token_hash == hash_secret(token))


def end_sign_in(person: Person, sign_in_id: int, now: datetime) -> None:
    """End one of the person's sessions; somebody else's is not found."""
    get_sign_in_of(person, sign_in_id)
    _end(now, SignIn.id == sign_in_id)


def end_other_sign_ins(person: Person, kept_id: int, now: datetime) -> int:
    """End all of the person's sessions but this one; how many that were."""
    return _end(now, owned_by(SignIn, person), SignIn.id != kept_id)


def _end(now: datetime, *conditions: Any) -> int:
    with transaction():
        statement = update(SignIn).where(SignIn.ended_at.is_(None), *conditions).values(ended_at=now)
        ended: Any = db.session.execute(statement)
    return int(ended.rowcount)


def require_own_password(person: Person, password: str) -> None:
    """Refuse unless this is the person's present password: what follows changes how to get in."""
    if not is_password(password, person.password_hash or ""):
        raise PasswordWrong()


def change_password(person: Person, current: str, new: str, kept_id: int, now: datetime) -> None:
    """Set a new password; every session but this one ends with it."""
    require_password(new, sign_in_name_of(person).partition(":")[2], person.name)
    require_own_password(person, current)
    # Whoever gave a start password knows it.
    if new == current:
        raise PasswordUnchanged()
    model: type[Any] = type(person)
    digest, person_id = hash_password(new), person.id
    before = person.password_hash
    with transaction():
        kept: Person = db.session.get_one(model, person_id, populate_existing=True, with_for_update=True)
        if kept.password_hash != before:
            raise PasswordWrong()
        kept.password_hash = digest
        others = (owned_by(SignIn, kept), SignIn.id != kept_id, SignIn.ended_at.is_(None))
        db.session.execute(update(SignIn).where(*others).values(ended_at=now))
        this = update(SignIn).where(SignIn.id == kept_id)
        db.session.execute(this.values(password_mark=mark_password(digest)))


def sweep(now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Delete what is of no more use: long ended sessions, old counts, set-ups nobody finished."""
    unused = or_(SignIn.last_seen_at < now - IDLE - KEEP_ENDED, SignIn.begun_at < now - LONGEST - KEEP_ENDED)
    with transaction():
        if not claim.take():
            return 0
        results: list[Any] = [
            db.session.execute(statement)
            for statement in (
                delete(SignIn).where(or_(SignIn.ended_at < now - KEEP_ENDED, unused)),
                delete(Attempt).where(Attempt.begun_at < now - LONGEST_WINDOW),
                delete(SecondFactor).where(
                    SecondFactor.confirmed_at.is_(None), SecondFactor.begun_at < now - SET_UP_WITHIN
                ),
            )
        ]
        swept: int = sum(result.rowcount for result in results)
        claim.note(swept)
    return swept
