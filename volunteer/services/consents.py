"""Consents: given and withdrawn; each decision is a new row and none is ever changed.

What was kept for a consent alone is erased in the transaction that takes the consent back.
"""

from dataclasses import dataclass
from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.consents import LONGEST_PAPER_NOTE, TEXTS, DecidedInFuture, Purpose
from volunteer.domain.erasures import ERASED_WITH
from volunteer.domain.members import require_length
from volunteer.domain.messages import RECORDING_WITHDRAWN
from volunteer.erasing import erase_parts
from volunteer.models.consents import Consent
from volunteer.models.members import Member
from volunteer.models.messages import Message
from volunteer.queries.consents import find_consent
from volunteer.queries.members import lock_members
from volunteer.queries.merges import list_group_ids
from volunteer.queries.messages import list_responsible


@dataclass(frozen=True)
class Entered:
    """When the decision was made; and who entered it from paper, with a note, where that was an admin."""

    decided_on: date
    admin_id: int | None = None
    note: str = ""


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
) -> None:
    """An admin enters what the member signed on paper on ``decided_on``; refuses a day to come."""
    note = require_paper(decided_on, note, today)
    _record(member_id, purpose, is_given, Entered(decided_on, admin_id, note), now, today)


def require_paper(decided_on: date, note: str, today: date) -> str:
    """The note as it is kept; refuses a day to come and a note that is too long."""
    if decided_on > today:
        raise DecidedInFuture()
    return require_length(note.strip(), LONGEST_PAPER_NOTE)


def _record(
    member_id: int, purpose: Purpose, is_given: bool, entered: Entered, now: datetime, today: date
) -> None:
    version = TEXTS[purpose].version
    with transaction():
        ids = list_group_ids(member_id)
        lock_members(ids)
        last = find_consent(member_id, purpose)
        if not is_given:
            # Before the look at what was decided last: something may have been entered since.
            erase_parts(ids, ERASED_WITH.get(purpose, ()))
        # Pressed twice it is one decision; a no before any yes is one too.
        if last and last.is_given == is_given and (last.version == version or not is_given):
            return
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
        if purpose is Purpose.RECORDING and not is_given:
            _tell_responsible(consent, now, today)


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
