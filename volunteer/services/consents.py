"""Consents: given and withdrawn; each decision is a new row and none is ever changed.

What was kept for a consent alone is erased in the transaction that takes the consent back.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from volunteer.db import db, transaction
from volunteer.domain.consents import LONGEST_PAPER_NOTE, TEXTS, DecidedInFuture, Purpose
from volunteer.domain.erasures import ERASED_WITH, ErasurePart
from volunteer.domain.identities import ID_WITHDRAWN
from volunteer.domain.member_changes import EventKind
from volunteer.domain.members import require_length
from volunteer.domain.messages import RECORDING_WITHDRAWN
from volunteer.models.consents import Consent
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.messages import Message
from volunteer.queries.consents import find_consent
from volunteer.queries.members import lock_members
from volunteer.queries.merges import get_group_ids, list_group_ids, require_kept
from volunteer.queries.messages import list_responsible
from volunteer.writes.erasures import erase_parts
from volunteer.writes.member_changes import note_correction


@dataclass(frozen=True)
class Entered:
    """When the decision was made; where an admin entered it from paper: who, of which teams, with a note."""

    decided_on: date
    admin_id: int | None = None
    note: str = ""
    scope: Collection[int] = ()


def decide_consent(member_id: int, purpose: Purpose, now: datetime, today: date, *, is_given: bool) -> None:
    """The member says yes to the present text of this purpose, or takes the yes back."""
    _record(member_id, purpose, is_given, Entered(today), now, today)


def record_paper_consent(
    member_id: int,
    purpose: Purpose,
    decided_on: date,
    admin_id: int,
    note: str,
    now: datetime,
    today: date,
    *,
    is_given: bool,
    scope: Collection[int],
) -> None:
    """An admin of the teams ``scope`` enters what the member signed on paper on ``decided_on``.

    Refuses a day to come, a row that was merged away, and to erase what another team holds.
    """
    entered = Entered(decided_on, admin_id, require_paper(decided_on, note, today), scope)
    _record(member_id, purpose, is_given, entered, now, today)


def require_paper(decided_on: date, note: str, today: date) -> str:
    """The note as it is kept; refuses a day to come and a note that is too long."""
    if decided_on > today:
        raise DecidedInFuture()
    return require_length(note.strip(), LONGEST_PAPER_NOTE)


def _record(
    member_id: int, purpose: Purpose, is_given: bool, entered: Entered, now: datetime, today: date
) -> None:
    with transaction():
        lock_members(list_group_ids(member_id))
        if entered.admin_id is not None:
            require_kept(member_id)
        if is_given:
            _keep(member_id, purpose, is_given, entered, now)
            return
        erased = ERASED_WITH.get(purpose, ())
        # Before the look at what was decided last: something may have been entered since.
        ids = _erase(member_id, erased, entered, now, today) if erased else list_group_ids(member_id)
        # A person takes it back as a whole: who signs in with a merged row is heard on the kept one too.
        kept_id = ids[0]
        if kept_id != member_id:
            _keep(member_id, purpose, is_given, entered, now)
        consent = _keep(kept_id, purpose, is_given, entered, now)
        if consent and purpose is Purpose.RECORDING:
            _tell_responsible(consent, now, today)


def _keep(
    member_id: int, purpose: Purpose, is_given: bool, entered: Entered, now: datetime
) -> Consent | None:
    """Add the decision; None where it is what was decided last."""
    version, last = TEXTS[purpose].version, find_consent(member_id, purpose)
    # Pressed twice it is one decision; a no before any yes is one too.
    if last and last.is_given == is_given and (last.version == version or not is_given):
        return None
    consent = Consent(
        member_id=member_id,
        purpose=purpose,
        version=version,
        is_given=is_given,
        decided_on=entered.decided_on,
        recorded_at=now,
        admin_id=entered.admin_id,
        note=entered.note,
    )
    db.session.add(consent)
    return consent


def _erase(
    member_id: int, parts: Sequence[ErasurePart], entered: Entered, now: datetime, today: date
) -> list[int]:
    """Erase it in every row of the person, and give those; an admin only where all are of the own teams."""
    is_paper = entered.admin_id is not None
    ids = get_group_ids(entered.scope, member_id) if is_paper else list_group_ids(member_id)
    if is_paper and ErasurePart.NATIONAL_ID in parts:
        numbered = select(Member.id).where(Member.id.in_(ids), Member.national_id_hash.is_not(None))
        for one in db.session.execute(numbered).scalars().all():
            _note_removed(one, entered, now, today)
    erase_parts(ids, parts)
    return ids


def _note_removed(member_id: int, entered: Entered, now: datetime, today: date) -> None:
    """That an ID number went by an admin's hand stands in the history, and the member is told."""
    event = MemberEvent(
        member_id=member_id,
        kind=EventKind.ID_REMOVED,
        effective_on=today,
        before={},
        after={},
        reason=entered.note,
        admin_id=entered.admin_id,
        at=now,
    )
    note_correction(event, ID_WITHDRAWN, {})


def _tell_responsible(consent: Consent, now: datetime, today: date) -> None:
    """Whoever keeps the member's team is to end cards and membership: that is not done by itself."""
    db.session.flush()
    member = db.session.get_one(Member, consent.member_id)
    params = {"name": member.name, "number": member.volunteer_no}
    db.session.add_all(
        Message(
            key=f"recording-withdrawn:{consent.id}:admin:{admin_id}",
            admin_id=admin_id,
            sentence={"msgid": RECORDING_WITHDRAWN, "params": params},
            path=f"/admin/members/{member.volunteer_no}/consents",
            sent_at=now,
        )
        for admin_id in list_responsible([member.team_id], today)[member.team_id]
    )
