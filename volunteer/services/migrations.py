"""Bringing the tables to the newest version."""

from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from volunteer.config import ROOT
from volunteer.db import db


def migrate() -> None:
    """Run every migration that this database has not seen; safe to repeat."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    db.session.rollback()
    with db.engine.connect().execution_options(writes=True) as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Rebuilding a table with foreign keys on would delete what points to it.
            _pragma(connection, "foreign_keys=OFF")
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, "head")
        if is_sqlite:
            broken = _pragma(connection, "foreign_key_check")
            _pragma(connection, "foreign_keys=ON")
            if broken:
                raise RuntimeError(f"a migration left rows pointing nowhere: {broken[:5]}")


def _pragma(connection: Connection, text: str) -> list[Any]:
    """A pragma outside of any transaction: inside one SQLite ignores it."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(f"PRAGMA {text}")
        return list(cursor.fetchall())
    finally:
        cursor.close()
