"""Who is signed in: the token in the signed cookie leads to a session that can be seen and ended."""

from typing import Any

from flask import after_this_request, request, session

from volunteer.domain.sign_ins import is_over, mark_password, name_device
from volunteer.domain.terminals import hash_secret
from volunteer.models.members import Admin, Member
from volunteer.models.sign_ins import SignIn
from volunteer.queries.sign_ins import find_admin_sign_in, find_member_sign_in, sign_in_name_of
from volunteer.services.sign_ins import begin_sign_in, end_by_token, note_seen
from volunteer.web.clock import now
from volunteer.web.devices import remember_device

FOUND = "volunteer.sign_in"
FIND: dict[str, Any] = {"admin": find_admin_sign_in, "member": find_member_sign_in}


def sign_in(person: Admin | Member) -> None:
    """Begin a session; what stood in the cookie before, but for the language, is dropped."""
    kind, name = ("admin" if isinstance(person, Admin) else "member"), sign_in_name_of(person)
    token = begin_sign_in(person, name_device(request.user_agent.string), now())
    forget_session()
    session["kind"] = kind
    session["token"] = token
    session.permanent = True
    after_this_request(lambda response: remember_device(name, response))


def sign_out() -> None:
    """End the session, here and on the server, keeping the language."""
    if token := session.get("token"):
        end_by_token(token, now())
    forget_session()


def forget_session() -> None:
    """Drop what stands in the cookie, but for the language."""
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


def current_sign_in() -> SignIn:
    """The session of this request; only for views behind a guard."""
    found: SignIn = request.environ[FOUND][0]
    return found


def _current(kind: str) -> Admin | Member | None:
    if session.get("kind") != kind:
        return None
    # Kept with the request: what ``g`` hangs on may outlive it, as in tests.
    if FOUND not in request.environ:
        request.environ[FOUND] = _find(kind, str(session.get("token", "")))
    found: Admin | Member | None = request.environ[FOUND][1]
    return found


def _find(kind: str, token: str) -> tuple[SignIn | None, Admin | Member | None]:
    row, at = FIND[kind](hash_secret(token)), now()
    if row is None:
        return None, None
    kept, person = row
    if is_over(kept.begun_at, kept.last_seen_at, kept.ended_at, at):
        return None, None
    # Whoever set a new password ended what was begun with the old one.
    if kept.password_mark != mark_password(person.password_hash):
        return None, None
    note_seen(kept, at)
    return kept, person
