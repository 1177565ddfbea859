"""Erasures: asked for by the member, answered by an admin, done at once."""

from collections.abc import Collection, Iterable
from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain.erasures import (
    LONGEST_REASON,
    ErasureDecided,
    ErasurePart,
    ErasureState,
    ErasureWaiting,
    NothingToErase,
    ReplyMissing,
)
from volunteer.domain.members import require_length
from volunteer.domain.messages import ERASURE_ASKED
from volunteer.domain.refusals import NotFound
from volunteer.models.erasures import ErasureRequest
from volunteer.models.messages import Message
from volunteer.queries.erasures import find_waiting_erasure
from volunteer.queries.members import lock_members
from volunteer.queries.merges import get_group_ids, list_group_ids, require_kept
from volunteer.writes.erasures import erase_parts


def ask_erasure(
    member_id: int,
    parts: Iterable[ErasurePart],
    reason: str,
    now: datetime,
    asked_for_by: str | None = None,
) -> None:
    """Keep the member's request until an admin answers it; one at a time.

    ``asked_for_by`` is the name of the admin whom the member asked in person; the member is then told.
    An admin asks on the kept row only: what is asked for reaches every row of the person.
    """
    chosen = [part for part in ErasurePart if part in set(parts)]
    if not chosen:
        raise NothingToErase()
    reason = require_length(reason.strip(), LONGEST_REASON)
    with transaction():
        lock_members([member_id])
        if asked_for_by is not None:
            require_kept(member_id)
        if find_waiting_erasure(member_id):
            raise ErasureWaiting()
        request = ErasureRequest(
            member_id=member_id, parts=[str(part) for part in chosen], reason=reason, asked_at=now
        )
        db.session.add(request)
        if asked_for_by is not None:
            db.session.flush()
            db.session.add(
                Message(
                    key=f"erasure-asked:{request.id}",
                    member_id=member_id,
                    sentence={"msgid": ERASURE_ASKED, "params": {"admin": asked_for_by}},
                    path="/me/data",
                    sent_at=now,
                )
            )


def take_back_erasure(member_id: int, now: datetime) -> None:
    """The member no longer wants it; refuses where nothing waits."""
    with transaction():
        lock_members([member_id])
        request = find_waiting_erasure(member_id)
        if request is None:
            raise NotFound()
        request.state, request.decided_at = ErasureState.TAKEN_BACK, now


def decide_erasure(
    erasure_id: int, admin_id: int, reply: str, now: datetime, *, is_granted: bool, scope: Collection[int]
) -> None:
    """Erase what was asked for, or refuse with the reason; once.

    Rows merged with the member's count too: it is granted only where all lie within the admin's ``scope``.
    """
    reply = require_length(reply.strip(), LONGEST_REASON)
    if not is_granted and not reply:
        raise ReplyMissing()
    with transaction():
        member_id = db.session.get_one(ErasureRequest, erasure_id).member_id
        lock_members(list_group_ids(member_id))
        request = db.session.get_one(ErasureRequest, erasure_id, populate_existing=True)
        if request.state != ErasureState.WAITING:
            raise ErasureDecided()
        if is_granted:
            erase_parts(get_group_ids(scope, member_id), [ErasurePart(part) for part in request.parts])
        request.state = ErasureState.DONE if is_granted else ErasureState.REFUSED
        request.decided_at, request.decided_by_id, request.reply = now, admin_id, reply
