"""People: a member's own file is kept; nothing here is needed to be recorded."""

import secrets
from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain import contacts
from volunteer.domain.contacts import ContactKind, TooManyContacts, clean_contact, ending_of, seal_contact
from volunteer.domain.members import require_length
from volunteer.domain.people import Wishes, clean_residence
from volunteer.domain.versions import require_version
from volunteer.models.people import MemberContact, Person
from volunteer.queries.members import lock_members
from volunteer.queries.people import form_values, get_contact, list_contacts
from volunteer.writes.people import replace_wishes


def change_own_file(
    member_id: int, residence: str, wishes: Wishes, now: datetime, version: str | None = None
) -> None:
    """Keep where the member lives, and what the member can do and wants to do; the rest of the file stays.

    Refuses where somebody else saved since the form with this ``version`` was opened.
    """
    residence = clean_residence(residence)
    with transaction():
        lock_members([member_id])
        require_version(version, form_values(member_id))
        person = db.session.get(Person, member_id) or Person(member_id=member_id)
        person.residence, person.updated_at = residence, now
        db.session.add(person)
        replace_wishes(member_id, wishes)


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
