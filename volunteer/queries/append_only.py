"""Whether the database itself still refuses to change what must never change: its triggers, looked at."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text

from volunteer.db import db

TABLES = ("scans", "scan_undos", "ledger_entries", "ledger_seals", "audit_events")
_BODY = " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END "
FUNCTION = f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$"
# How PostgreSQL writes down "before each row" or "before the statement", and for what.
_KINDS = {"update": 1 + 2 + 16, "delete": 1 + 2 + 8, "truncate": 2 + 32}
_PG_TRIGGERS = text(
    "SELECT tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE tgrelid = to_regclass(:table) AND tgenabled IN ('O', 'A') AND tgtype = :kind"
    " AND tgqual IS NULL AND tgattr = '' AND tgnargs = 0 AND proname = 'refuse_change' AND prosrc = :body"
)
_SQLITE_TRIGGERS = text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")


@dataclass(frozen=True)
class Trigger:
    """One trigger that must be there, with the statement that makes it."""

    table: str
    act: str
    statement: str

    @property
    def name(self) -> str:
        """What it is called, on both databases."""
        return f"{self.table}_no_{self.act}"


def list_missing_triggers() -> list[Trigger]:
    """The triggers that are missing, switched off or not what they were made as; none on a sound database."""
    if db.session.connection().dialect.name == "sqlite":
        found = set(db.session.execute(_SQLITE_TRIGGERS).scalars())
        return [one for one in _on_sqlite() if one.statement not in found]
    return [one for one in _on_postgresql() if not _is_there(one)]


def _on_sqlite() -> Iterator[Trigger]:
    for table in TABLES:
        for act in ("update", "delete"):
            yield Trigger(
                table,
                act,
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            )


def _on_postgresql() -> Iterator[Trigger]:
    for table in TABLES:
        for act in _KINDS:
            each = "STATEMENT" if act == "truncate" else "ROW"
            yield Trigger(
                table,
                act,
                f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change()",
            )


def _is_there(trigger: Trigger) -> bool:
    values = {"table": trigger.table, "kind": _KINDS[trigger.act], "body": _BODY}
    return trigger.name in set(db.session.execute(_PG_TRIGGERS, values).scalars())
