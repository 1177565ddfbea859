"""Everything that is stored about a member, to take along (PIPL article 45).

Found by the tables' own links, so that what is stored later is in it without being named
here: every row of the member, and rows that belong to one of those. Secrets and digests
are left out: they say nothing to people and would open doors.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Select, Table, or_, select

from volunteer.db import db
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.columns import Base, table_of
from volunteer.models.member_changes import Distinction, Merge
from volunteer.models.members import Member
from volunteer.models.training_records import EvidenceFile
from volunteer.queries.evidence import about_only

Rows = list[dict[str, Any]]
# ``changes`` of the audit repeat rows that are here as they are, and name columns that are sealed.
_SECRET = re.compile(
    r"_hash$|_sealed$|_mark$|^(stored_name|public_key|credential_id|search_keys|answer|changes)$"
)
# The serial of a card prints its token; that of a certificate stands on the paper.
_SECRET_COLUMNS = {("cards", "serial")}
_SECRET_TABLES = {"recovery_codes"}
# Rows without the member's own id that belong to one of the member's rows.
_BELONGING = {
    "appointments": "admin_id",
    "audit_sample_entries": "entry_number",
    "card_events": "card_id",
    "record_changes": "record_id",
    "scan_undos": "scan_id",
}
# Rows that name the member otherwise than by ``member_id``.
_BESIDE = {
    table_of(Merge).name: ("duplicate_id", "kept_id"),
    table_of(Distinction).name: ("first_id", "second_id"),
}
# What an id of these tables is called.
_NAMED = {
    "stations": "name",
    "activities": "name",
    "teams": "name",
    "units": "name",
    "admins": "name",
}


def list_own_rows(member_ids: Iterable[int]) -> dict[str, Rows]:
    """The rows about these members (one person, merged rows included) by table; empty tables are left out."""
    ids = list(member_ids)
    found = {}
    for table in Base.metadata.sorted_tables:
        chosen = _choose(table, ids)
        if chosen is not None and (rows := _read(table, chosen)):
            found[table.name] = rows
    _add_names(found)
    return found


def _choose(table: Table, ids: list[int]) -> Select[Any] | None:
    columns = [column for column in table.columns if not _is_secret(column)]
    if table.name == Member.__tablename__:
        return select(*columns).where(table.c.id.in_(ids)).order_by(table.c.id)
    if table.name == AccessEntry.__tablename__:
        subjects = table_of(AccessedMember).c
        about = select(subjects.entry_id).where(subjects.member_id.in_(ids))
        return select(*columns).where(table.c.id.in_(about)).order_by(table.c.id)
    if table.name == EvidenceFile.__tablename__:
        # A file that is about others too may name them: that there is one is said by the entry.
        files = about_only(ids).with_only_columns(table.c.id)
        return select(*columns).where(table.c.id.in_(files)).order_by(table.c.id)
    if table.name in _BESIDE:
        names_member = or_(*(table.c[name].in_(ids) for name in _BESIDE[table.name]))
        return select(*columns).where(names_member).order_by(table.c.id)
    if table.name in _SECRET_TABLES or table.name == AccessedMember.__tablename__:
        return None
    if table.name in _BELONGING:
        column = table.c[_BELONGING[table.name]]
        (key,) = column.foreign_keys
        owned = select(key.column).where(key.column.table.c.member_id.in_(ids))
        return select(*columns).where(column.in_(owned)).order_by(*table.primary_key.columns)
    # With or without a key to members: the audit has none.
    if "member_id" in table.c:
        return select(*columns).where(table.c.member_id.in_(ids)).order_by(*table.primary_key.columns)
    return None


def _is_secret(column: Column[Any]) -> bool:
    is_named = (column.table.name, column.name) in _SECRET_COLUMNS or _SECRET.search(column.name)
    return isinstance(column.type, LargeBinary) or bool(is_named)


def _read(table: Table, chosen: Select[Any]) -> Rows:
    return [
        {name: _plain(value) for name, value in row.items()} for row in db.session.execute(chosen).mappings()
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _add_names(found: Mapping[str, Rows]) -> None:
    """Beside each id of a station, team and so on, what it is called."""
    tables = Base.metadata.tables
    wanted: dict[str, set[Any]] = {name: set() for name in _NAMED}
    places: list[tuple[dict[str, Any], str, str]] = []
    for table, rows in found.items():
        for column in tables[table].columns:
            owners = [key.column.table.name for key in column.foreign_keys]
            if owners and owners[0] in _NAMED and column.name.endswith("_id"):
                places += [(row, column.name, owners[0]) for row in rows]
    for row, column_name, owner in places:
        wanted[owner].add(row[column_name])
    names = {
        owner: dict(
            db.session.execute(
                select(tables[owner].c.id, tables[owner].c[_NAMED[owner]]).where(tables[owner].c.id.in_(ids))
            ).all()
        )
        for owner, ids in wanted.items()
        if ids
    }
    for row, column_name, owner in places:
        row[column_name.removesuffix("_id")] = names[owner].get(row[column_name])
