"""People: what a member's own file holds."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, or_, select

from volunteer.db import db
from volunteer.domain.people import DayPart, FreeTime
from volunteer.domain.refusals import NotFound
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.people import MemberContact, MemberFreeTime, MemberServiceKind, MemberSkill, Person
from volunteer.queries.merges import list_merges


@dataclass(frozen=True)
class PersonFile:
    """A member's file; what is not stored is empty."""

    person: Person | None = None
    contacts: list[MemberContact] = field(default_factory=list)
    # The volunteer numbers of the rows merged into this one, by id: some contacts stand there.
    merged: dict[int, str] = field(default_factory=dict)
    skills: list[str] = field(default_factory=list)
    service_kinds: list[str] = field(default_factory=list)
    free_times: set[FreeTime] = field(default_factory=set)


def get_person_file(member_id: int) -> PersonFile:
    """The file of the member; scope is the caller's, who had to look the member up in it."""
    times = select(MemberFreeTime.weekday, MemberFreeTime.part).where(MemberFreeTime.member_id == member_id)
    return PersonFile(
        db.session.get(Person, member_id),
        list_contacts(member_id),
        {row.Member.id: row.Member.volunteer_no for row in list_merges(member_id)},
        _names(MemberSkill, member_id),
        _names(MemberServiceKind, member_id),
        {(weekday, DayPart(part)) for weekday, part in db.session.execute(times)},
    )


def form_values(member_id: int) -> dict[str, object]:
    """What the forms of a file change, as it stands now; contacts are added and removed one by one."""
    member, file = db.session.get_one(Member, member_id), get_person_file(member_id)
    return {
        "name": member.name,
        "national_id": member.national_id_hash,
        "sex": file.person.sex if file.person else None,
        "born_on": file.person.born_on if file.person else None,
        "residence": file.person.residence if file.person else "",
        "skills": file.skills,
        "service_kinds": file.service_kinds,
        "free_times": sorted(file.free_times),
    }


def list_contacts(member_id: int) -> list[MemberContact]:
    """The contacts of the member, oldest first; after them those of the rows merged into this one.

    Nothing was moved: when a merge is taken back, each row has its own again.
    """
    is_merged = MemberContact.member_id.in_(_merged_into(member_id))
    statement = (
        select(MemberContact)
        .where(or_(MemberContact.member_id == member_id, is_merged))
        .order_by(MemberContact.member_id != member_id, MemberContact.id)
    )
    return list(db.session.execute(statement).scalars())


def get_contact(member_id: int, contact_id: int) -> MemberContact:
    """That contact of that member or of a row merged into it; refuses where there is none."""
    contact = db.session.get(MemberContact, contact_id)
    if contact is None:
        raise NotFound()
    if contact.member_id != member_id:
        merged = db.session.execute(_merged_into(member_id)).scalars()
        if contact.member_id not in set(merged):
            raise NotFound()
    return contact


def _merged_into(member_id: int) -> Select[Any]:
    # Not the other way round: who keeps the duplicate's row need not see the other one's file.
    return select(Merge.duplicate_id).where(Merge.kept_id == member_id, Merge.undone_at.is_(None))


def _names(table: Any, member_id: int) -> list[str]:
    statement = select(table.name).where(table.member_id == member_id).order_by(table.name)
    return list(db.session.execute(statement).scalars())
