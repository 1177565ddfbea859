"""Identities: who a member is by name, ID number, sex and birth date; corrected, and the member is told."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from volunteer.db import db, transaction
from volunteer.domain.identities import (
    ID_REMOVED,
    ID_REPLACED,
    RENAMED,
    NationalIdTaken,
    OwnIdentity,
    without_told,
)
from volunteer.domain.member_changes import EventKind, clean_reason
from volunteer.domain.members import clean_name, tidy_spelling
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import (
    NONCE_BYTES,
    IdKeys,
    check_national_id,
    hash_national_id,
    read_national_id,
    seal_national_id,
)
from volunteer.domain.people import Particulars, Sex, Wishes, settle_particulars
from volunteer.domain.refusals import NotFound
from volunteer.domain.versions import require_version
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.people import Person
from volunteer.queries.members import lock_members
from volunteer.queries.merges import is_own_person, list_group_ids
from volunteer.queries.people import form_values
from volunteer.writes.erasures import forget_imported_number
from volunteer.writes.member_changes import note_correction
from volunteer.writes.people import replace_wishes


@dataclass(frozen=True)
class Correction:
    """What an admin makes of a file; an empty ID number leaves the kept one, the reason may be needed.

    Without ``wishes`` those in the file stay; ``version`` is that of the form, where there was one.
    """

    name: str
    particulars: Particulars
    national_id: str
    reason: str
    admin_id: int
    wishes: Wishes | None = None
    version: str | None = None


def correct_file(
    member_id: int, correction: Correction, keys: IdKeys, now: datetime, today: date, *, allows_invented: bool
) -> None:
    """Keep name, sex, birth date, residence and wishes; a new ID number, checked, where one is given.

    Refuses where somebody else saved since the form was opened. Without a new number the
    stored one stays and must agree. Refuses a number that belongs to another member. Another
    name, or another number instead of the kept one, needs a reason, stands in the member's
    history from then on, and the member is told. No admin does it to the own file.
    """
    given = correction.particulars
    new_number = None
    if correction.national_id.strip():
        new_number = check_national_id(correction.national_id, today, allows_invented=allows_invented)
    with transaction():
        lock_members([member_id])
        _require_other(member_id, correction.admin_id)
        require_version(correction.version, form_values(member_id))
        member = db.session.get_one(Member, member_id)
        by = _Correcting(member_id, correction.admin_id, now, today)
        number = read_national_id(member.national_id_sealed, keys)
        # What already stands is not judged: only another name must be one that may be given.
        if tidy_spelling(correction.name) != tidy_spelling(member.name):
            _rename(member, clean_name(correction.name), clean_reason(correction.reason), by)
        if new_number and new_number != number:
            if number:
                given = without_told(given, number)
            _replace_number(member, new_number, correction.reason, keys, by)
        _store_particulars(member_id, settle_particulars(given, new_number or number, today), now)
        if correction.wishes is not None:
            replace_wishes(member_id, correction.wishes)


def remove_national_id(
    member_id: int, reason: str, admin_id: int, keys: IdKeys, now: datetime, today: date
) -> None:
    """Erase the ID number of somebody else, with sex and birth date as far as it told them.

    The number is not kept anywhere; that there was one, and why it went, stands in the history.
    """
    reason = clean_reason(reason)
    with transaction():
        lock_members([member_id])
        _require_other(member_id, admin_id)
        member = db.session.get_one(Member, member_id)
        if member.national_id_hash is None:
            raise NotFound()
        number = read_national_id(member.national_id_sealed, keys)
        kept = _kept_particulars(member_id)
        if number and kept:
            _store_particulars(member_id, without_told(kept, number), now)
        _forget_imported(member_id, member.national_id_hash)
        member.national_id_sealed = member.national_id_hash = None
        told = _Told(ID_REMOVED, {"reason": reason})
        _note(EventKind.ID_REMOVED, {}, {}, reason, told, _Correcting(member_id, admin_id, now, today))


@dataclass(frozen=True)
class _Correcting:
    """Whose file is corrected by which admin, when, and which day that is here."""

    member_id: int
    admin_id: int
    now: datetime
    today: date


def _require_other(member_id: int, admin_id: int) -> None:
    """Nobody becomes somebody else alone: who has several rows is one person in all of them."""
    if is_own_person(admin_id, [member_id]):
        raise OwnIdentity()


@dataclass(frozen=True)
class _Told:
    """What the member is told."""

    msgid: str
    params: Mapping[str, str]


def _rename(member: Member, name: str, reason: str, by: _Correcting) -> None:
    old = member.name
    member.name, member.search_keys = name, search_text(name)
    told = _Told(RENAMED, {"old": old, "new": name, "reason": reason})
    _note(EventKind.RENAMED, {"name": old}, {"name": name}, reason, told, by)


def _replace_number(member: Member, number: str, reason: str, keys: IdKeys, by: _Correcting) -> None:
    _require_free(member.id, digest := hash_national_id(number, keys))
    if member.national_id_hash is not None and member.national_id_hash != digest:
        # Neither number is kept in clear: the history says only that it was another one.
        told = _Told(ID_REPLACED, {"reason": clean_reason(reason)})
        _note(EventKind.ID_REPLACED, {}, {}, clean_reason(reason), told, by)
        _forget_imported(member.id, member.national_id_hash)
    member.national_id_hash = digest
    member.national_id_sealed = seal_national_id(number, keys, secrets.token_bytes(NONCE_BYTES))


def _forget_imported(member_id: int, digest: str) -> None:
    # A number that came with a merge was imported for the row that went.
    rows = select(Member).where(Member.id.in_(list_group_ids(member_id)))
    forget_imported_number(list(db.session.execute(rows).scalars()), digest)


def _note(
    kind: EventKind,
    before: Mapping[str, str],
    after: Mapping[str, str],
    reason: str,
    told: _Told,
    by: _Correcting,
) -> None:
    """Write the correction into the member's history, and tell the member."""
    event = MemberEvent(
        member_id=by.member_id,
        kind=kind,
        effective_on=by.today,
        before=before,
        after=after,
        reason=reason,
        admin_id=by.admin_id,
        at=by.now,
    )
    note_correction(event, told.msgid, told.params)


def _require_free(member_id: int, digest: str) -> None:
    owner = select(Member.id).where(Member.national_id_hash == digest, Member.id != member_id)
    if db.session.execute(owner).first():
        raise NationalIdTaken()


def _kept_particulars(member_id: int) -> Particulars | None:
    person = db.session.get(Person, member_id)
    if person is None:
        return None
    return Particulars(Sex(person.sex) if person.sex else None, person.born_on, person.residence)


def _store_particulars(member_id: int, settled: Particulars, now: datetime) -> None:
    db.session.merge(
        Person(
            member_id=member_id,
            sex=settled.sex,
            born_on=settled.born_on,
            residence=settled.residence,
            updated_at=now,
        )
    )
