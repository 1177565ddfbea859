"""What an imported list is compared with: members, owners of ID numbers, units."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select

from volunteer.db import db
from volunteer.domain.contact_rows import join_emergencies
from volunteer.domain.contacts import ContactKind, open_contact
from volunteer.domain.file_contents import CONTACTS, FileContent
from volunteer.domain.known_units import KnownUnit, KnownUnits
from volunteer.domain.member_changes import EventKind, TransferState
from volunteer.models.columns import table_of
from volunteer.models.member_changes import MemberEvent, Merge, Transfer
from volunteer.models.members import Member
from volunteer.models.people import MemberContact, MemberFreeTime, MemberServiceKind, MemberSkill, Person
from volunteer.models.scans import StoredScan
from volunteer.models.teams import Team, Unit

Value = TypeVar("Value", int, str)

# Databases allow only so many parameters in one statement.
_AT_ONCE = 2000
_PEOPLE = table_of(Person)
_LISTS = (*CONTACTS.values(), "skills", "service_kinds", "free_times", "others")
_COMPARED = select(
    Member.id,
    Member.volunteer_no,
    Member.name,
    Member.team_id,
    Member.unit_id,
    Member.status,
    Member.national_id_hash,
    Member.national_id_sealed,
    Unit.name.label("unit_name"),
    select(Merge.id)
    .where(Merge.duplicate_id == Member.id, Merge.undone_at.is_(None))
    .exists()
    .label("is_merged"),
    select(Transfer.id)
    .where(Transfer.member_id == Member.id, Transfer.state == TransferState.PROPOSED)
    .exists()
    .label("is_moving"),
).outerjoin(Unit, Unit.id == Member.unit_id)


def list_members_by_number(volunteer_nos: Collection[str]) -> list[Any]:
    """Those of these numbers that are taken, each with what a list is compared with."""
    return [
        row
        for some in _parts(volunteer_nos)
        for row in db.session.execute(_COMPARED.where(Member.volunteer_no.in_(some)))
    ]


def list_members_by_name(scope: Collection[int], names: Collection[str]) -> list[Any]:
    """The members of these teams with one of these names, by number, as ``list_members_by_number``."""
    within = _COMPARED.where(Member.team_id.in_(list(scope))).order_by(Member.volunteer_no)
    return [row for some in _parts(names) for row in db.session.execute(within.where(Member.name.in_(some)))]


def list_files(member_ids: Collection[int], key: bytes) -> dict[int, FileContent]:
    """What the files of these members hold, the contacts opened; who has none is left out."""
    parts: dict[int, dict[str, Any]] = defaultdict(lambda: {name: [] for name in _LISTS})
    for some in _parts(member_ids):
        for person in db.session.execute(select(_PEOPLE).where(_PEOPLE.c.member_id.in_(some))):
            parts[person.member_id] |= {
                "sex": person.sex or "",
                "born_on": person.born_on.isoformat() if person.born_on else "",
                "residence": person.residence,
            }
        for contact in list_sealed_contacts(some):
            kind, value = ContactKind(contact.kind), open_contact(contact.value_sealed, key)
            if value and kind is ContactKind.EMERGENCY:
                value = join_emergencies([(contact.note, value)])
            parts[contact.member_id][CONTACTS[kind] if value else "others"].append(value)
        for name, table in (("skills", MemberSkill), ("service_kinds", MemberServiceKind)):
            words = select(table.member_id, table.name).where(table.member_id.in_(some)).order_by(table.name)
            for word in db.session.execute(words):
                parts[word.member_id][name].append(word.name)
        times = select(MemberFreeTime.member_id, MemberFreeTime.weekday, MemberFreeTime.part)
        for time in db.session.execute(times.where(MemberFreeTime.member_id.in_(some))):
            parts[time.member_id]["free_times"].append(f"{time.weekday}-{time.part}")
    return {member_id: _content(values) for member_id, values in parts.items()}


def list_sealed_contacts(member_ids: Collection[int]) -> list[Any]:
    """The contacts of these members, sealed, oldest first; of every kind."""
    columns = (
        MemberContact.id,
        MemberContact.member_id,
        MemberContact.kind,
        MemberContact.value_sealed,
        MemberContact.note,
    )
    return [
        row
        for some in _parts(member_ids)
        for row in db.session.execute(
            select(*columns).where(MemberContact.member_id.in_(some)).order_by(MemberContact.id)
        )
    ]


def list_newest_moves(member_ids: Collection[int]) -> dict[int, int]:
    """The newest transfer of each of these members that was not taken back, by its id."""
    statement = (
        select(MemberEvent.member_id, func.max(MemberEvent.id))
        .where(MemberEvent.kind == EventKind.TRANSFERRED, MemberEvent.undone_at.is_(None))
        .group_by(MemberEvent.member_id)
    )
    return {
        row[0]: row[1]
        for some in _parts(member_ids)
        for row in db.session.execute(statement.where(MemberEvent.member_id.in_(some)))
    }


def list_members_by_id(member_ids: Collection[int]) -> dict[int, Any]:
    """Those of these members that are still there, locked to the end of the transaction."""
    columns = (Member.id, Member.team_id, Member.unit_id, Member.password_hash)
    return {
        row.id: row
        for some in _parts(member_ids)
        for row in db.session.execute(
            select(*columns).where(Member.id.in_(some)).order_by(Member.id).with_for_update()
        )
    }


def list_members_again(member_ids: Collection[int]) -> list[Member]:
    """These members as they stand now, locked to the end of the transaction."""
    return [
        member
        for some in _parts(member_ids)
        for member in db.session.execute(
            select(Member)
            .where(Member.id.in_(some))
            .order_by(Member.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        ).scalars()
    ]


def list_scanned_since(member_ids: Collection[int], since: datetime) -> set[int]:
    """Those of these members with a scan received since."""
    statement = select(StoredScan.member_id).where(StoredScan.received_at >= since).distinct()
    return {
        member_id
        for some in _parts(member_ids)
        for member_id in db.session.execute(statement.where(StoredScan.member_id.in_(some))).scalars()
        if member_id is not None
    }


def list_dissolved_names(team_ids: Collection[int]) -> dict[int, str]:
    """The names of those of these teams that were dissolved, by id."""
    statement = select(Team.id, Team.name).where(Team.dissolved_on.is_not(None))
    return {
        row.id: row.name
        for some in _parts(team_ids)
        for row in db.session.execute(statement.where(Team.id.in_(some)))
    }


def list_id_owners(hashes: Collection[str]) -> dict[str, str]:
    """Digest of an ID number to the volunteer number it is registered for."""
    statement = select(Member.national_id_hash, Member.volunteer_no)
    return {
        row.national_id_hash: row.volunteer_no
        for some in _parts(hashes)
        for row in db.session.execute(statement.where(Member.national_id_hash.in_(some)))
    }


def list_known_units() -> KnownUnits:
    """Every unit there is or was, to be found by name."""
    rows = db.session.execute(select(Unit.id, Unit.name, Unit.dissolved_on, Unit.successor_id))
    return KnownUnits(
        KnownUnit(row.id, row.name, row.dissolved_on is not None, row.successor_id) for row in rows
    )


def list_unit_ids(names: Collection[str]) -> dict[str, int]:
    """The ids of those of these units that are still there, by name."""
    statement = select(Unit.name, Unit.id).where(Unit.dissolved_on.is_(None))
    return {
        row.name: row.id
        for some in _parts(names)
        for row in db.session.execute(statement.where(Unit.name.in_(some)))
    }


def _content(values: Mapping[str, Any]) -> FileContent:
    lists = {name: tuple(values[name]) for name in _LISTS}
    return FileContent(**{**values, **lists, "others": len(values["others"])})


def _parts(values: Collection[Value]) -> Iterator[list[Value]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
