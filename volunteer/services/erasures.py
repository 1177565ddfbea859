"""Erasures: asked for by the member, answered by an admin, done at once."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update

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
from volunteer.domain.refusals import NotFound
from volunteer.models.erasures import ErasureRequest
from volunteer.models.members import Member
from volunteer.models.people import MemberContact, MemberFreeTime, MemberServiceKind, MemberSkill, Person
from volunteer.models.registrations import Registration
from volunteer.queries.erasures import find_waiting_erasure
from volunteer.queries.members import lock_members
from volunteer.queries.merges import list_group_ids

_TABLES: dict[ErasurePart, list[Any]] = {
    ErasurePart.CONTACTS: [MemberContact],
    ErasurePart.SKILLS: [MemberSkill, MemberServiceKind, MemberFreeTime],
    ErasurePart.PARTICULARS: [Person],
    ErasurePart.NATIONAL_ID: [],
}


def ask_erasure(member_id: int, parts: Iterable[ErasurePart], reason: str, now: datetime) -> None:
    """Keep the member's request until an admin answers it; one at a time."""
    chosen = [part for part in ErasurePart if part in set(parts)]
    if not chosen:
        raise NothingToErase()
    reason = require_length(reason.strip(), LONGEST_REASON)
    with transaction():
        lock_members([member_id])
        if find_waiting_erasure(member_id):
            raise ErasureWaiting()
        db.session.add(
            ErasureRequest(
                member_id=member_id, parts=[str(part) for part in chosen], reason=reason, asked_at=now
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


def decide_erasure(erasure_id: int, admin_id: int, reply: str, now: datetime, *, is_granted: bool) -> None:
    """Erase what was asked for, or refuse with the reason; once. Rows merged with the member's count too."""
    reply = require_length(reply.strip(), LONGEST_REASON)
    if not is_granted and not reply:
        raise ReplyMissing()
    with transaction():
        member_id = db.session.get_one(ErasureRequest, erasure_id).member_id
        ids = list_group_ids(member_id)
        lock_members(ids)
        request = db.session.get_one(ErasureRequest, erasure_id, populate_existing=True)
        if request.state != ErasureState.WAITING:
            raise ErasureDecided()
        if is_granted:
            _erase(ids, [ErasurePart(part) for part in request.parts])
        request.state = ErasureState.DONE if is_granted else ErasureState.REFUSED
        request.decided_at, request.decided_by_id, request.reply = now, admin_id, reply


def _erase(member_ids: list[int], parts: list[ErasurePart]) -> None:
    for table in (table for part in parts for table in _TABLES[part]):
        db.session.execute(delete(table).where(table.member_id.in_(member_ids)))
    if ErasurePart.CONTACTS in parts:
        # The telephone went with the decision; what could still recognise it goes now.
        of_member = update(Registration).where(Registration.member_id.in_(member_ids))
        db.session.execute(of_member.values(phone_ending="", phone_hash=secrets.token_hex(32)))
    if ErasurePart.NATIONAL_ID in parts:
        for member_id in member_ids:
            member = db.session.get_one(Member, member_id)
            member.national_id_sealed = member.national_id_hash = None
