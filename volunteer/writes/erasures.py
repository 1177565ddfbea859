"""What erasing means, whoever it is done for: by a granted request, or with a consent that is taken back.

Called inside the transaction of the decision. What the law keeps is not named here and stays.
"""

import secrets
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from volunteer.db import db
from volunteer.domain.erasures import ErasurePart
from volunteer.domain.imports import ImportKind, ImportState
from volunteer.models.imports import Import
from volunteer.models.members import Member
from volunteer.models.people import MemberContact, MemberFreeTime, MemberServiceKind, MemberSkill, Person
from volunteer.models.registrations import Registration
from volunteer.queries.imports import IMPORT_ROWS

_TABLES: dict[ErasurePart, list[Any]] = {
    ErasurePart.CONTACTS: [MemberContact],
    ErasurePart.SKILLS: [MemberSkill, MemberServiceKind, MemberFreeTime],
    ErasurePart.PARTICULARS: [Person],
    ErasurePart.NATIONAL_ID: [],
}


def erase_parts(member_ids: Collection[int], parts: Iterable[ErasurePart]) -> None:
    """Erase these parts of one person's file (merged rows included), locked by whoever calls."""
    chosen = list(parts)
    if not chosen:
        return
    for table in (table for part in chosen for table in _TABLES[part]):
        db.session.execute(delete(table).where(table.member_id.in_(member_ids)))
    if ErasurePart.CONTACTS in chosen:
        # The telephone went with the decision; what could still recognise it goes now.
        of_member = update(Registration).where(Registration.member_id.in_(member_ids))
        db.session.execute(of_member.values(phone_ending="", phone_hash=secrets.token_hex(32)))
    if ErasurePart.NATIONAL_ID in chosen:
        members = list(db.session.execute(select(Member).where(Member.id.in_(member_ids))).scalars())
        _forget_imported(members)
        for member in members:
            member.national_id_sealed = member.national_id_hash = None


def _forget_imported(members: Collection[Member]) -> None:
    """The rows in which lists of members brought the ID number, and the beginnings of lists already written.

    Without its row a member stays when that import is taken back. A list whose columns are still
    being matched has no rows yet: it is one sealed file, and goes after seven days.
    """
    rows = IMPORT_ROWS.c
    _forget_rows(
        or_(
            rows.key.in_([one.volunteer_no for one in members]),
            rows.id_hash.in_([one.national_id_hash for one in members if one.national_id_hash]),
        )
    )


def forget_imported_number(members: Collection[Member], digest: str) -> None:
    """The rows in which lists brought this ID number to these rows of one person.

    A row that brings it to its true owner is somebody else's, and stays.
    """
    rows = IMPORT_ROWS.c
    is_theirs = or_(
        rows.key.in_([one.volunteer_no for one in members]), rows.target_id.in_([one.id for one in members])
    )
    _forget_rows(and_(rows.id_hash == digest, is_theirs))


def _forget_rows(theirs: ColumnElement[bool]) -> None:
    rows = IMPORT_ROWS.c
    of_members = select(Import.id).where(Import.kind == ImportKind.MEMBERS)
    found = set(
        db.session.execute(
            select(rows.import_id).where(rows.import_id.in_(of_members), theirs).distinct()
        ).scalars()
    )
    if not found:
        return
    db.session.execute(delete(IMPORT_ROWS).where(rows.import_id.in_(found), theirs))
    written = (ImportState.DONE, ImportState.UNDONE)
    db.session.execute(
        update(Import)
        .where(Import.id.in_(found), Import.state.in_(written))
        .values(sealed_samples=None)
        .execution_options(synchronize_session=False)
    )
