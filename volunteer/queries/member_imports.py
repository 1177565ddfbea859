"""What an imported list is compared with: members, owners of ID numbers, units."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import select

from volunteer.db import db
from volunteer.models.members import Member
from volunteer.models.teams import Unit

# Databases allow only so many parameters in one statement.
_AT_ONCE = 2000


def list_members_by_number(volunteer_nos: Collection[str]) -> dict[str, Any]:
    """Those of these numbers that are taken: id, name, team, unit and digest of the ID number of each."""
    statement = select(
        Member.id,
        Member.volunteer_no,
        Member.name,
        Member.team_id,
        Member.unit_id,
        Member.national_id_hash,
        Unit.name.label("unit_name"),
    ).outerjoin(Unit, Unit.id == Member.unit_id)
    return {
        row.volunteer_no: row
        for some in _parts(volunteer_nos)
        for row in db.session.execute(statement.where(Member.volunteer_no.in_(some)))
    }


def list_id_owners(hashes: Collection[str]) -> dict[str, str]:
    """Digest of an ID number to the volunteer number it is registered for."""
    statement = select(Member.national_id_hash, Member.volunteer_no)
    return {
        row.national_id_hash: row.volunteer_no
        for some in _parts(hashes)
        for row in db.session.execute(statement.where(Member.national_id_hash.in_(some)))
    }


def list_unit_ids(names: Collection[str]) -> dict[str, int]:
    """The ids of those of these units that there are, by name."""
    return {
        row.name: row.id
        for some in _parts(names)
        for row in db.session.execute(select(Unit.name, Unit.id).where(Unit.name.in_(some)))
    }


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
