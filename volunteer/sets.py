"""Many rows in one statement with one parameter, on both databases.

A list of five hundred placeholders costs more to take apart than to run. Here a
list travels as one array (PostgreSQL) or one JSON text (SQLite).
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Column, Dialect, Executable, Select, Table, Text, bindparam, insert, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from volunteer.db import Step, db

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]


class Values(TypeDecorator[Any]):
    """A list of values of one type, as one parameter."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(self.item))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return list(value)
        convert = self.item.dialect_impl(dialect).bind_processor(dialect)
        return json.dumps([convert(one) if convert else one for one in value])


class Selected(FunctionElement[Any]):
    """Whether a column's value is what a select gives; takes its index where there is one."""

    type = NullType()
    inherit_cache = True


class Among(FunctionElement[Any]):
    """Whether a column's value is in the list; takes its index where there is one."""

    # Not Boolean: SQLite would compare the result with 1 and lose the index.
    type = NullType()
    inherit_cache = True


def among(column: Column[Any], name: str) -> Among:
    """The condition that ``column`` is in the list given as parameter ``name``."""
    return Among(column, bindparam(name, type_=Values(column.type)))


@compiles(Among, "postgresql")
def _as_array(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(Among)
def _as_json(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"


def selected(column: Column[Any], chosen: Select[Any]) -> Selected:
    """The condition that ``column`` is among what ``chosen`` gives; takes its index where there is one."""
    return Selected(column, chosen.scalar_subquery())


@compiles(Selected, "postgresql")
def _as_selected_array(element: Selected, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} = ANY (ARRAY{values})"


@compiles(Selected)
def _as_selection(element: Selected, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} IN {values}"


def inserting(table: Table, rows: Sequence[Mapping[str, Any]], *returning: str) -> Step:
    """Insert rows that all have the same keys; gives the ``returning`` columns of each, in no order."""
    if _is_postgresql():
        return _insert_set(table, tuple(rows[0]), returning), {"rows": _as_text(rows)}
    statement = insert(table)
    return (
        statement.returning(*(table.c[name] for name in returning)) if returning else statement,
        list(rows),
    )


def updating(table: Table, rows: Sequence[Mapping[str, Any]]) -> Step:
    """Update rows by their ``id``; all have the same keys."""
    names = [name for name in rows[0] if name != "id"]
    if _is_postgresql():
        return _update_set(table, tuple(names)), {"rows": _as_text(rows)}
    statement = (
        update(table)
        .where(table.c.id == bindparam("the_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    return statement, [{"the_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


@cache
def _insert_set(table: Table, names: tuple[str, ...], returning: tuple[str, ...]) -> Executable:
    back = f" RETURNING {', '.join(returning)}" if returning else ""
    columns = ", ".join(names)
    statement = f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {_rows(table, names)}{back}"
    typed = text(statement).bindparams(bindparam("rows", type_=Text()))
    return typed.columns(*(table.c[name] for name in returning)) if returning else typed


@cache
def _update_set(table: Table, names: tuple[str, ...]) -> Executable:
    changes = ", ".join(f"{name} = r.{name}" for name in names)
    rows = _rows(table, ("id", *names))
    statement = f"UPDATE {table.name} SET {changes} FROM {rows} WHERE {table.name}.id = r.id"
    return text(statement).bindparams(bindparam("rows", type_=Text()))


def _rows(table: Table, names: Sequence[str]) -> str:
    # Names come from our own tables, never from outside.
    types = ", ".join(f"{name} {table.c[name].type.compile(_POSTGRESQL)}" for name in names)
    return f"json_to_recordset(CAST(:rows AS json)) AS r({types})"


def _as_text(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
