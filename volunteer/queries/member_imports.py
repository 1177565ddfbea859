"""What an imported list is compared with: members, owners of ID numbers, units."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.member_imports import KnownUnit, KnownUnits
from volunteer.models.members import Member
from volunteer.models.scans import StoredScan
from volunteer.models.teams import Unit

Value = TypeVar("Value", int, str)

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


def _parts(values: Collection[Value]) -> Iterator[list[Value]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
