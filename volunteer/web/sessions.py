"""Who is signed in: one signed cookie, ended by signing out or by a new password."""

import hashlib

from flask import g, session

from volunteer.db import db
from volunteer.models.members import Admin, Member

KINDS: dict[str, type[Admin] | type[Member]] = {"admin": Admin, "member": Member}


def sign_in(person: Admin | Member) -> None:
    """Begin a session; what stood in the cookie before, but for the language, is dropped."""
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language
    session["kind"] = "admin" if isinstance(person, Admin) else "member"
    session["id"] = person.id
    session["mark"] = _mark(person)
    session.permanent = True


def sign_out() -> None:
    """End the session, keeping the language."""
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language


def current_admin() -> Admin | None:
    """The admin signed in, if still active."""
    person = _current("admin")
    return person if isinstance(person, Admin) and person.is_active else None


def current_member() -> Member | None:
    """The member signed in."""
    person = _current("member")
    return person if isinstance(person, Member) else None


def _current(kind: str) -> Admin | Member | None:
    if session.get("kind") != kind:
        return None
    if "person" not in g:
        person: Admin | Member | None = db.session.get(KINDS[kind], session.get("id", 0))  # type: ignore[assignment]
        g.person = person if person is not None and session.get("mark") == _mark(person) else None
    found: Admin | Member | None = g.person
    return found


def _mark(person: Admin | Member) -> str:
    """Changes with the password, so that a new one ends older sessions."""
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()[:16]
