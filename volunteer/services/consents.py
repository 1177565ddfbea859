"""Consents: given and withdrawn; each decision is a new row and none is ever changed."""

from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.consents import LONGEST_PAPER_NOTE, TEXTS, DecidedInFuture, Purpose
from volunteer.domain.members import require_length
from volunteer.models.consents import Consent
from volunteer.queries.consents import find_consent
from volunteer.queries.members import lock_members


def decide_consent(member_id: int, purpose: Purpose, now: datetime, today: date, *, is_given: bool) -> None:
    """The member says yes to the present text of this purpose, or takes the yes back."""
    _record(member_id, purpose, is_given, today, now, None, "")


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
    if decided_on > today:
        raise DecidedInFuture()
    note = require_length(note.strip(), LONGEST_PAPER_NOTE)
    _record(member_id, purpose, is_given, decided_on, now, admin_id, note)


def _record(
    member_id: int,
    purpose: Purpose,
    is_given: bool,
    decided_on: date,
    now: datetime,
    admin_id: int | None,
    note: str,
) -> None:
    version = TEXTS[purpose].version
    with transaction():
        lock_members([member_id])
        last = find_consent(member_id, purpose)
        # Pressed twice it is one decision; a no before any yes is one too.
        if last and last.is_given == is_given and (last.version == version or not is_given):
            return
        db.session.add(
            Consent(
                member_id=member_id,
                purpose=purpose,
                version=version,
                is_given=is_given,
                decided_on=decided_on,
                recorded_at=now,
                admin_id=admin_id,
                note=note,
            )
        )
