"""What a transaction changes, noted by the session itself: rows before and after, and statements for many.

Nothing is noted unless the session holds a ``Captured``: a terminal's scans cost nothing more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import LargeBinary, Table, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from volunteer.domain.audit import MOST_ROWS, NOISE, NOISE_COLUMNS, Row

CAPTURED = "captured"
_Key = tuple[str, str]


@dataclass
class Captured:
    """What a transaction has changed so far."""

    rows: dict[_Key, Row] = field(default_factory=dict)
    # How many rows of each table stand in ``rows``, and how many more there were.
    told: Counter[str] = field(default_factory=Counter)
    more: Counter[str] = field(default_factory=Counter)
    # By table, kind of statement and the columns it sets: how many rows it was about.
    statements: Counter[tuple[str, str, tuple[str, ...]]] = field(default_factory=Counter)
    unread: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    unnamed: int = 0

    def note(self, row: Row) -> None:
        """Keep the row with what it was before the transaction and what it is now."""
        if row.before and row.after and set(row.after) - {"id"} <= NOISE_COLUMNS:
            return
        kept = self.rows.get((row.table, row.id))
        if kept is None and self.is_full(row.table):
            self.more[row.table] += 1
            return
        self.told[row.table] += kept is None
        if kept:
            before = None if kept.before is None else {**(row.before or {}), **kept.before}
            after = None if row.after is None else {**(kept.after or {}), **row.after}
            row = Row(row.table, row.id, before, after)
        if row.before is None and row.after is None:
            del self.rows[row.table, row.id]
            self.told[row.table] -= 1
        else:
            self.rows[row.table, row.id] = row

    def note_many(self, table: str, kind: str, rows: int, columns: tuple[str, ...]) -> None:
        """Keep how many rows a statement was about that are not told one by one."""
        if not columns or not set(columns) <= NOISE_COLUMNS:
            self.statements[table, kind, columns] += rows

    def is_full(self, table: str) -> bool:
        """Whether further rows of the table are only counted."""
        return self.told[table] >= MOST_ROWS


@cache
def _columns(mapper: Any) -> dict[str, str]:
    """Attribute by column name."""
    return {attribute.columns[0].name: attribute.key for attribute in mapper.column_attrs}


def _identity(state: Any) -> _Key:
    table: Table = state.mapper.local_table
    ids = state.mapper.primary_key_from_instance(state.obj())
    return table.name, "-".join(str(one) for one in ids)


def _of_interest(state: Any) -> bool:
    return state.mapper.local_table.name not in NOISE


@event.listens_for(Session, "before_flush")
def _read_before(session: Session, _context: Any, _instances: Any) -> None:
    """What was set without having been read is read now: afterwards nobody knows what it was."""
    captured: Captured | None = session.info.get(CAPTURED)
    if captured is None:
        return
    for one in session.dirty:
        state = inspect(one)
        names = [name for name, key in _columns(state.mapper).items() if _is_unread(state, key)]
        if names and _of_interest(state):
            table: Table = state.mapper.local_table
            chosen = [
                column == value for column, value in zip(table.primary_key, state.identity, strict=True)
            ]
            row = (
                session.execute(select(*(table.c[name] for name in names)).where(*chosen)).mappings().first()
            )
            captured.unread.setdefault(_identity(state), {}).update(row or {})


def _is_unread(state: Any, key: str) -> bool:
    history = state.attrs[key].history
    return bool(history.added) and not history.deleted and key in state.committed_state


@event.listens_for(Session, "after_flush")
def _note_flushed(session: Session, _context: Any) -> None:
    captured: Captured | None = session.info.get(CAPTURED)
    if captured is None:
        return
    for one in session.new:
        state = inspect(one)
        if _of_interest(state):
            values = {name: state.dict.get(key) for name, key in _columns(state.mapper).items()}
            captured.note(Row(*_identity(state), None, values))
    for one in session.deleted:
        state = inspect(one)
        if _of_interest(state):
            values = {name: state.dict.get(key) for name, key in _columns(state.mapper).items()}
            captured.note(Row(*_identity(state), values, None))
    for one in session.dirty:
        state = inspect(one)
        if _of_interest(state) and session.is_modified(one):
            _note_changed(captured, state)


def _note_changed(captured: Captured, state: Any) -> None:
    before, after, identity = {}, {}, _identity(state)
    unread = captured.unread.pop(identity, {})
    for name, key in _columns(state.mapper).items():
        history = state.attrs[key].history
        if not history.has_changes():
            continue
        before[name] = history.deleted[0] if history.deleted else unread.get(name)
        after[name] = history.added[0] if history.added else None
    if after:
        captured.note(Row(*identity, before, after))


# --- Statements for many rows at once


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> Any:
    captured: Captured | None = state.session.info.get(CAPTURED)
    if captured is None or not (state.is_insert or state.is_update or state.is_delete):
        return None
    statement: Any = state.statement
    table: Table = statement.table
    if table.name in NOISE:
        return None
    if state.is_insert:
        result = state.invoke_statement()
        _note_inserted(captured, table, statement, state.parameters, result)
        return result
    rows = None if captured.is_full(table.name) else _rows_of(state, table, statement)
    result = state.invoke_statement()
    if rows is None or len(rows) > MOST_ROWS:
        kind = "update" if state.is_update else "delete"
        captured.note_many(table.name, kind, _count(state.parameters, result), _set_by(statement))
        return result
    now = _read_rows(state.session, table, rows, statement) if state.is_update else {}
    for key, row in rows.items():
        captured.note(Row(table.name, key, row, now.get(key) if state.is_update else None))
    return result


def _rows_of(state: ORMExecuteState, table: Table, statement: Any) -> dict[str, dict[str, Any]] | None:
    """What the rows are that the statement is about to change; None where it is run for a list of values."""
    if isinstance(state.parameters, Sequence):
        return None
    found = select(*_told_by(table, statement)).where(*statement._where_criteria).limit(MOST_ROWS + 1)
    rows = state.session.connection().execute(found, state.parameters or {}).mappings()
    return {_key_of(table, row): dict(row) for row in rows}


def _told_by(table: Table, statement: Any) -> list[Any]:
    """The columns worth reading: those that an UPDATE sets; of rows that go, all but files."""
    set_by = _set_by(statement)
    return [
        column
        for column in table.c
        if column.primary_key
        or (not isinstance(column.type, LargeBinary) and (not set_by or column.name in set_by))
    ]


def _read_rows(
    session: Session, table: Table, rows: Mapping[str, Any], statement: Any
) -> dict[str, dict[str, Any]]:
    if not rows:
        return {}
    first, *_others = table.primary_key.columns
    found = select(*_told_by(table, statement)).where(first.in_([row[first.name] for row in rows.values()]))
    read = {_key_of(table, row): dict(row) for row in session.connection().execute(found).mappings()}
    return {key: row for key, row in read.items() if key in rows}


def _key_of(table: Table, row: Any) -> str:
    return "-".join(str(row[column.name]) for column in table.primary_key.columns)


def _note_inserted(captured: Captured, table: Table, statement: Any, parameters: Any, result: Any) -> None:
    rows = parameters if isinstance(parameters, Sequence) else [parameters] if parameters else []
    if not rows and statement.select is None:
        rows = [{name: value for name, value in statement.compile().params.items() if value is not None}]
    if not 0 < len(rows) <= MOST_ROWS:
        captured.note_many(table.name, "insert", _count(parameters, result), _set_by(statement))
        return
    for row in rows:
        # What the database hands out as an id nobody has asked for.
        captured.unnamed += 1
        captured.note(Row(table.name, f"+{captured.unnamed}", None, dict(row)))


def _count(parameters: Any, result: Any) -> int:
    if isinstance(parameters, Sequence) and not isinstance(parameters, str):
        return len(parameters)
    return max(0, getattr(result, "rowcount", 0) or 0)


def _set_by(statement: Any) -> tuple[str, ...]:
    values = getattr(statement, "_values", None) or {}
    return tuple(sorted(str(getattr(column, "name", column)) for column in values))
