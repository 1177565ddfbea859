"""Whom a page of the admins is about, found by what its address names; and whether a look is written down."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from volunteer.db import db
from volunteer.domain.access_log import AccessKind
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.audit import AuditSampleEntry
from volunteer.models.cards import Card
from volunteer.models.certificates import Certificate
from volunteer.models.corrections import Correction
from volunteer.models.erasures import ErasureRequest
from volunteer.models.ledger import LedgerEntry
from volunteer.models.member_changes import MemberEvent, Transfer
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.registrations import Registration
from volunteer.models.reviews import ReviewItem
from volunteer.models.stars import StarNomination
from volunteer.models.training_records import Commendation, TrainingRecord

# By argument of an address: the row it names, and the column that says whose that is.
OWNED: Mapping[str, tuple[Any, Any]] = {
    "card_id": (Card.id, Card.member_id),
    "certificate_id": (Certificate.id, Certificate.member_id),
    "commendation_id": (Commendation.id, Commendation.member_id),
    "correction_id": (Correction.id, Correction.member_id),
    "erasure_id": (ErasureRequest.id, ErasureRequest.member_id),
    "event_id": (MemberEvent.id, MemberEvent.member_id),
    "nomination_id": (StarNomination.id, StarNomination.member_id),
    "number": (LedgerEntry.number, LedgerEntry.member_id),
    "record": (ServiceRecord.id, ServiceRecord.member_id),
    "record_id": (TrainingRecord.id, TrainingRecord.member_id),
    "registration_id": (Registration.id, Registration.member_id),
    "review_id": (ReviewItem.id, ReviewItem.member_id),
    "transfer_id": (Transfer.id, Transfer.member_id),
}


def list_owners(argument: str, value: int) -> list[int]:
    """Whose thing an argument names: one member, or nobody where it belongs to no member."""
    column, owner = OWNED[argument]
    return _ids(select(owner).where(column == value, owner.is_not(None)))


def list_numbered(scope: Iterable[int], volunteer_nos: Iterable[str]) -> list[int]:
    """The members with these numbers within these teams."""
    return _ids(
        select(Member.id).where(Member.volunteer_no.in_(list(volunteer_nos)), Member.team_id.in_(list(scope)))
    )


def list_in_sample(sample_id: int) -> list[int]:
    """Whose ledger entries were drawn into a sample."""
    drawn = select(AuditSampleEntry.entry_number).where(AuditSampleEntry.sample_id == sample_id)
    return _ids(select(LedgerEntry.member_id).where(LedgerEntry.number.in_(drawn)).distinct())


def has_looked(admin_id: int, what: AccessKind, about: Collection[int], detail: str, since: datetime) -> bool:
    """Whether this look of the admin at these members is written down since then."""
    seen = select(AccessEntry.id).where(
        AccessEntry.admin_id == admin_id,
        AccessEntry.at > since,
        AccessEntry.kind == what,
        AccessEntry.detail == detail,
        AccessEntry.count == len(about),
    )
    for member_id in about:
        subjects = select(AccessedMember.entry_id).where(
            AccessedMember.entry_id == AccessEntry.id, AccessedMember.member_id == member_id
        )
        seen = seen.where(subjects.exists())
    return db.session.execute(seen.limit(1)).first() is not None


def _ids(statement: Select[Any]) -> list[int]:
    return list(db.session.execute(statement).scalars())
