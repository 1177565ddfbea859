"""People: a member's own file is kept; nothing here is needed to be recorded."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert

from volunteer.db import db, transaction
from volunteer.domain import contacts
from volunteer.domain.contacts import ContactKind, TooManyContacts, clean_contact, ending_of, seal_contact
from volunteer.domain.members import require_length
from volunteer.domain.people import FreeTime, clean_residence
from volunteer.models.people import MemberContact, MemberFreeTime, MemberServiceKind, MemberSkill, Person
from volunteer.queries.members import lock_members
from volunteer.queries.people import get_contact, list_contacts


@dataclass(frozen=True)
class Wishes:
    """What the member can do, wants to do, and when."""

    skills: Sequence[str] = ()
    service_kinds: Sequence[str] = ()
    free_times: Iterable[FreeTime] = ()


def change_residence(member_id: int, residence: str, now: datetime) -> None:
    """Keep where the member lives; what the rest of the file says stays."""
    residence = clean_residence(residence)
    with transaction():
        lock_members([member_id])
        person = db.session.get(Person, member_id) or Person(member_id=member_id)
        person.residence, person.updated_at = residence, now
        db.session.add(person)


def change_wishes(member_id: int, wishes: Wishes) -> None:
    """Replace skills, service kinds and free times by these."""
    tables: list[tuple[Any, list[dict[str, object]]]] = [
        (MemberSkill, [{"name": name} for name in dict.fromkeys(wishes.skills)]),
        (MemberServiceKind, [{"name": name} for name in dict.fromkeys(wishes.service_kinds)]),
        (MemberFreeTime, [{"weekday": day, "part": part} for day, part in sorted(set(wishes.free_times))]),
    ]
    with transaction():
        lock_members([member_id])
        for table, rows in tables:
            db.session.execute(delete(table).where(table.member_id == member_id))
            if rows:
                db.session.execute(insert(table), [{"member_id": member_id, **row} for row in rows])


def add_contact(member_id: int, kind: ContactKind, text: str, note: str, key: bytes, now: datetime) -> None:
    """Keep one more way to reach the member, sealed; the same one twice is kept once."""
    value = clean_contact(kind, text)
    note = require_length(note.strip(), contacts.LONGEST_CONTACT_NOTE)
    with transaction():
        lock_members([member_id])
        # What stands in a merged row may leave with it again.
        kept = [one for one in list_contacts(member_id) if one.member_id == member_id]
        if any(one.kind == kind and contacts.open_contact(one.value_sealed, key) == value for one in kept):
            return
        if len(kept) >= contacts.MOST_CONTACTS:
            raise TooManyContacts(maximum=contacts.MOST_CONTACTS)
        db.session.add(
            MemberContact(
                member_id=member_id,
                kind=kind,
                value_sealed=seal_contact(value, key, secrets.token_bytes(contacts.NONCE_BYTES)),
                ending=ending_of(kind, value),
                note=note,
                created_at=now,
            )
        )


def remove_contact(member_id: int, contact_id: int) -> None:
    """Erase a contact of the member; it leaves no trace."""
    with transaction():
        lock_members([member_id])
        db.session.delete(get_contact(member_id, contact_id))
