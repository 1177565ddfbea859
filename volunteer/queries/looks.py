"""Whom a page of the admins is about: by what its address names, and by what stands in it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

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


# What in a text could be a volunteer number (``domain.members``); dates and serials too, which are nobody's.
_NUMBER = re.compile(r"(?<![0-9A-Za-z_-])[0-9A-Z][0-9A-Z-]{2,31}(?![0-9A-Za-z_-])")
# Digits alone are more often a year or a count: whose number they are stands near it.
_NEAR = 200
_TAG, _FILLED_IN = re.compile(r"<[^<>]*>"), re.compile(r'\b(?:href|value)="([^"<>]*)"')
_NAMED = select(Member.id, Member.volunteer_no, Member.name)


def list_owners(argument: str, value: int) -> list[int]:
    """Whose thing an argument names: one member, or nobody where it belongs to no member."""
    column, owner = OWNED[argument]
    return _ids(select(owner).where(column == value, owner.is_not(None)))


def list_numbered(scope: Iterable[int], volunteer_nos: list[str]) -> list[int]:
    """The members with these numbers within these teams."""
    if not volunteer_nos:
        return []
    return _ids(
        select(Member.id).where(Member.volunteer_no.in_(volunteer_nos), Member.team_id.in_(list(scope)))
    )


def list_in_sample(sample_id: int) -> list[int]:
    """Whose ledger entries were drawn into a sample."""
    drawn = select(AuditSampleEntry.entry_number).where(AuditSampleEntry.sample_id == sample_id)
    return _ids(select(LedgerEntry.member_id).where(LedgerEntry.number.in_(drawn)).distinct())


def list_shown(text: str) -> list[int]:
    """The members who stand in a text with number and name, wherever they belong to.

    Where the number is of digits only, the name stands near it.
    """
    numbers = sorted(set(_NUMBER.findall(text)))
    if not numbers:
        return []
    found = db.session.execute(_NAMED.where(Member.volunteer_no.in_(numbers))).all()
    digits = {number for _, number, _ in found if number.isdecimal()}
    around = _list_around(text, digits) if digits else {}
    return [
        member_id
        for member_id, number, name in found
        if any(name in part for part in (around[number] if number in digits else [text]))
    ]


def _list_around(text: str, numbers: set[str]) -> Mapping[str, list[str]]:
    """What stands before and after each number, without markup but with what is filled in and linked."""
    plain = " ".join(_TAG.sub(lambda tag: f" {' '.join(_FILLED_IN.findall(tag[0]))} ", text).split())
    around: dict[str, list[str]] = defaultdict(list)
    for one in _NUMBER.finditer(plain):
        if one[0] in numbers:
            around[one[0]].append(plain[max(0, one.start() - _NEAR) : one.end() + _NEAR])
    return around


def has_looked(admin_id: int, what: AccessKind, detail: str, since: datetime) -> bool:
    """Whether a look of the admin at this page is written down since then."""
    seen = select(AccessEntry.id).where(*_is_look(admin_id, what, detail, since)).limit(1)
    return db.session.execute(seen).first() is not None


def list_looked_at(
    admin_id: int, what: AccessKind, about: list[int], detail: str, since: datetime
) -> list[int]:
    """Whom of these members the admin saw on this page since then, as it is written down."""
    seen = (
        select(AccessedMember.member_id)
        .join(AccessEntry, AccessEntry.id == AccessedMember.entry_id)
        .where(*_is_look(admin_id, what, detail, since), AccessedMember.member_id.in_(about))
    )
    return _ids(seen)


def _is_look(
    admin_id: int, what: AccessKind, detail: str, since: datetime
) -> tuple[ColumnElement[bool], ...]:
    return (
        AccessEntry.admin_id == admin_id,
        AccessEntry.at > since,
        AccessEntry.kind == what,
        AccessEntry.detail == detail,
    )


def _ids(statement: Select[Any]) -> list[int]:
    return list(db.session.execute(statement).scalars())
