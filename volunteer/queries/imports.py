"""Imports within an admin's scope, their rows, and what stands in the way of taking one back."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Column, LargeBinary, Row, Table, func, or_, select, tuple_

from volunteer.db import db
from volunteer.domain.imports import NotNow, RowState, StagedRow, open_row, unseal
from volunteer.domain.national_ids import IdKeys
from volunteer.domain.refusals import NotFound
from volunteer.models.admins import Appointment
from volunteer.models.columns import Base, table_of
from volunteer.models.imports import Import, ImportRow
from volunteer.models.members import Admin
from volunteer.models.teams import Team, Unit

IMPORT_ROWS = table_of(ImportRow)
_AT_ONCE = 500
_PIECE = 1 << 20


def get_import(scope: Iterable[int], import_id: int) -> Import:
    """The import of an admin of these teams, all of whose teams are among them; refuses any other."""
    found, within = db.session.get(Import, import_id), set(scope)
    if found is None or found.team_id not in within or not within.issuperset(found.scope):
        raise NotFound()
    return found


def find_samples(import_id: int, keys: IdKeys) -> list[dict[str, Any]]:
    """Name, number of rows and first rows of each sheet; refuses where they are forgotten."""
    sealed = db.session.execute(select(Import.sealed_samples).where(Import.id == import_id)).scalar_one()
    if sealed is None:
        raise NotFound()
    found: list[dict[str, Any]] = json.loads(unseal(sealed, keys))
    return found


def iterate_sealed_file(import_id: int) -> Iterator[bytes]:
    """The uploaded file as it is kept, a piece at a time; refuses where it is forgotten."""
    if db.engine.dialect.name == "sqlite":
        yield from _iterate_blob(import_id)
        return
    place = 1
    while True:
        piece = func.substr(Import.sealed_file, place, _PIECE, type_=LargeBinary)
        found = db.session.execute(select(piece).where(Import.id == import_id)).scalar_one()
        if found is None:
            raise NotNow()
        if not found:
            return
        yield found
        place += _PIECE


def _iterate_blob(import_id: int) -> Iterator[bytes]:
    """As ``iterate_sealed_file``: SQLite would fetch all of a value to give a part of it."""
    kept = select(Import.sealed_file.is_not(None)).where(Import.id == import_id)
    if not db.session.execute(kept).scalar_one():
        raise NotNow()
    driver: Any = db.session.connection().connection.driver_connection
    # The newer SQLite and the one that comes with Python call it differently.
    open_blob = driver.open_blob if hasattr(driver, "open_blob") else driver.blobopen
    with closing(open_blob(Import.__tablename__, "sealed_file", import_id, readonly=True)) as blob:
        while piece := blob.read(_PIECE):
            yield piece


def list_unit_names() -> list[str]:
    """The names of all units that are still there."""
    statement = select(Unit.name).where(Unit.dissolved_on.is_(None)).order_by(Unit.name)
    return list(db.session.execute(statement).scalars())


def lock_import(import_id: int) -> Import:
    """The import, read again and locked until the transaction ends."""
    statement = select(Import).where(Import.id == import_id).with_for_update()
    found = db.session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def list_imports(scope: Iterable[int], *, offset: int = 0, limit: int = 50) -> tuple[int, list[Row[Any]]]:
    """How many imports these teams' admins have made, and a page of them with who made them, newest first."""
    within = Import.team_id.in_(list(scope))
    columns = (
        Import.id,
        Import.kind,
        Import.state,
        Import.filename,
        Import.total,
        Import.counts,
        Import.created_at,
        Import.written_at,
        Admin.name.label("admin_name"),
        Team.name.label("team_name"),
    )
    statement = (
        select(*columns)
        .join(Admin, Admin.id == Import.admin_id)
        .join(Team, Team.id == Import.team_id)
        .where(within)
        .order_by(Import.id.desc())
        .offset(offset)
        .limit(limit)
    )
    count = db.session.execute(select(func.count(Import.id)).where(within)).scalar_one()
    return count, list(db.session.execute(statement))


def count_rows(import_id: int) -> dict[str, int]:
    """How many rows of the import stand in each state."""
    statement = (
        select(ImportRow.state, func.count(ImportRow.id))
        .where(ImportRow.import_id == import_id)
        .group_by(ImportRow.state)
    )
    return {state: count for state, count in db.session.execute(statement)}


def list_rows(
    import_id: int,
    keys: IdKeys,
    states: Collection[RowState] | None = None,
    *,
    offset: int = 0,
    limit: int | None = None,
    is_backwards: bool = False,
) -> list[StagedRow]:
    """Rows of an import in the order they need each other, opened; with ``is_backwards`` the last first."""
    order = [IMPORT_ROWS.c.rank, IMPORT_ROWS.c.row]
    statement = select(IMPORT_ROWS).where(IMPORT_ROWS.c.import_id == import_id)
    if states is not None:
        statement = statement.where(IMPORT_ROWS.c.state.in_([str(state) for state in states]))
    statement = statement.order_by(*(column.desc() if is_backwards else column for column in order))
    return _open(db.session.execute(statement.offset(offset).limit(limit)), keys)


def list_page(
    import_id: int, keys: IdKeys, states: Collection[RowState], offset: int, limit: int
) -> list[StagedRow]:
    """A page of rows in the order of the file."""
    statement = (
        select(IMPORT_ROWS)
        .where(IMPORT_ROWS.c.import_id == import_id, IMPORT_ROWS.c.state.in_([str(one) for one in states]))
        .order_by(IMPORT_ROWS.c.row)
    )
    return _open(db.session.execute(statement.offset(offset).limit(limit)), keys)


def iterate_rows(import_id: int, keys: IdKeys, states: Collection[RowState]) -> Iterator[StagedRow]:
    """All rows in these states in the order of the file, a few at a time in memory."""
    last = 0
    while True:
        statement = (
            select(IMPORT_ROWS)
            .where(
                IMPORT_ROWS.c.import_id == import_id,
                IMPORT_ROWS.c.state.in_([str(one) for one in states]),
                IMPORT_ROWS.c.row > last,
            )
            .order_by(IMPORT_ROWS.c.row)
            .limit(_AT_ONCE)
        )
        some = _open(db.session.execute(statement), keys)
        yield from some
        if len(some) < _AT_ONCE:
            return
        last = some[-1].row


def get_row(import_id: int, number: int, keys: IdKeys) -> StagedRow:
    """One row by its number in the file; refuses where there is none."""
    statement = select(IMPORT_ROWS).where(IMPORT_ROWS.c.import_id == import_id, IMPORT_ROWS.c.row == number)
    found = _open(db.session.execute(statement), keys)
    if not found:
        raise NotFound()
    return found[0]


def list_numbered(import_id: int, keys: IdKeys, numbers: Collection[int]) -> list[StagedRow]:
    """The rows with these numbers in the file."""
    rows = IMPORT_ROWS.c
    statement = select(IMPORT_ROWS).where(rows.import_id == import_id, rows.row.in_(numbers))
    return _open(db.session.execute(statement.order_by(rows.row)), keys)


def list_named(import_id: int, some_keys: Collection[str]) -> set[str]:
    """Those of these keys that any row of the import names, whatever becomes of it."""
    statement = select(ImportRow.key).where(ImportRow.import_id == import_id, ImportRow.key.in_(some_keys))
    return set(db.session.execute(statement).scalars())


def iterate_repeated(import_id: int, keys: IdKeys, column: Column[Any]) -> Iterator[StagedRow]:
    """The good rows whose key or ID number's hash, in ``column``, stands in the list more than once.

    Those with the same one follow each other, in the order of the file; a few at a time in memory.
    """
    rows = IMPORT_ROWS.c
    good = (
        rows.import_id == import_id,
        rows.state.in_([str(RowState.READY), str(RowState.PROPOSED)]),
        column != "",
    )
    repeated = select(column).where(*good).group_by(column).having(func.count() > 1)
    statement = select(IMPORT_ROWS).where(*good, column.in_(repeated)).order_by(column, rows.row)
    last: Any = None
    while True:
        following = () if last is None else (tuple_(column, rows.row) > tuple_(*last),)
        some = list(db.session.execute(statement.where(*following).limit(_AT_ONCE)))
        yield from _open(some, keys)
        if len(some) < _AT_ONCE:
            return
        last = getattr(some[-1], column.name), some[-1].row


def list_related(
    import_id: int, keys: IdKeys, some_keys: Collection[str], id_hashes: Collection[str]
) -> list[StagedRow]:
    """The rows with one of these keys or ID numbers."""
    rows = IMPORT_ROWS.c
    statement = (
        select(IMPORT_ROWS)
        .where(rows.import_id == import_id, or_(rows.key.in_(some_keys), rows.id_hash.in_(id_hashes)))
        .order_by(rows.row)
    )
    return _open(db.session.execute(statement), keys)


def list_known_admins(*, ids: Collection[int] = (), usernames: Collection[str] = ()) -> list[Row[Any]]:
    """Admins by id or user name, with the number of their appointments and whether they chose a password."""
    appointments = (
        select(func.count(Appointment.id)).where(Appointment.admin_id == Admin.id).scalar_subquery()
    )
    own = or_(Admin.start_hash.is_(None), Admin.start_hash != Admin.password_hash)
    statement = select(
        Admin.id,
        Admin.username,
        Admin.name,
        Admin.team_id,
        own.label("has_own_password"),
        appointments.label("appointments"),
    )
    return list(
        db.session.execute(statement.where(or_(Admin.id.in_(list(ids)), Admin.username.in_(list(usernames)))))
    )


def list_every_team() -> list[Team]:
    """Every team there is or was."""
    return list(db.session.execute(select(Team).order_by(Team.id)).scalars())


def find_references(table_name: str, ids: Sequence[int]) -> dict[int, set[str]]:
    """For each of these rows the other tables that refer to it, whichever tables there are."""
    found: dict[int, set[str]] = {}
    for table, column in _referring(table_name):
        for start in range(0, len(ids), _AT_ONCE):
            statement = select(column).where(column.in_(ids[start : start + _AT_ONCE])).distinct()
            for one in db.session.execute(statement).scalars():
                found.setdefault(one, set()).add(table.name)
    return found


def _referring(table_name: str) -> Iterator[tuple[Table, Any]]:
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name == table_name:
                yield table, key.parent


def _open(found: Iterable[Any], keys: IdKeys) -> list[StagedRow]:
    rows = []
    for one in found:
        row = StagedRow(
            one.row,
            state=RowState(one.state),
            key=one.key,
            id_hash=one.id_hash,
            rank=one.rank,
            target_id=one.target_id,
            before=one.before,
        )
        rows.append(open_row(row, one.sealed, keys))
    return rows
