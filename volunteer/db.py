"""The database: one session, safe SQLite, and the only place that commits.

SQLite before 3.51.3 can lose committed rows when checkpoints race in WAL mode;
there the rollback journal is used instead. ``synchronous=FULL`` everywhere: what
was answered survives a power cut.
"""

import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Dialect, Engine, Executable, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from volunteer.auditing import begin_capture, drop_capture, write_event
from volunteer.domain.refusals import Collision
from volunteer.models.columns import Base

try:
    import pysqlite3.dbapi2 as sqlite_driver
except ImportError:  # no wheel for this platform: the interpreter's own library
    sqlite_driver = sqlite3

SAFE_WAL = (3, 51, 3)
BACKPORTS = {(3, 44): 6, (3, 50): 7}

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def has_safe_wal(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the fix for the WAL-reset loss (3.51.3, or a backport)."""
    return version >= SAFE_WAL or version[2] >= BACKPORTS.get((version[0], version[1]), 1_000)


def engine_options(url: str) -> dict[str, Any]:
    """What the engine needs for this database."""
    if make_url(url).get_backend_name() == "sqlite":
        return {
            "module": sqlite_driver,
            "hide_parameters": True,
            "connect_args": {"timeout": 30, "check_same_thread": False},
        }
    # A scan's statements are looked up by key: planning them anew each time cost more than running them.
    options = "-c timezone=utc -c lock_timeout=30s -c plan_cache_mode=force_generic_plan"
    return {
        "pool_size": 8,
        "max_overflow": 8,
        # Parameters are personal data and stay out of errors and logs.
        "hide_parameters": True,
        "connect_args": {"options": options, "connect_timeout": 5},
    }


def init_db(app: Flask) -> None:
    """Bind the session to ``app`` and teach SQLite its manners."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


def _prepare_sqlite(engine: Engine) -> None:
    is_safe = has_safe_wal(sqlite_driver.sqlite_version_info)
    if not is_safe:
        warnings.warn(
            f"SQLite {sqlite_driver.sqlite_version} may lose rows in WAL mode; using journal_mode=TRUNCATE",
            stacklevel=2,
        )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA journal_mode={'WAL' if is_safe else 'TRUNCATE'}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def transaction() -> Iterator[None]:
    """All or nothing: commit at the end, roll back on any error.

    What was read before is forgotten and must be read again inside. On SQLite the
    read is also ended first: a transaction that began as a reader cannot become a
    safe writer. PostgreSQL takes a new snapshot for each statement and goes on.
    Where a person acts, the audit's event of it is written last, in the same transaction.
    """
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()
        db.session.connection(execution_options={"writes": True})
    else:
        db.session.expire_all()
    session = db.session()
    begin_capture(session)
    try:
        yield
        write_event(session)
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        current_app.logger.info("two at once: %s", error.orig)
        raise Collision() from error
    except BaseException:
        db.session.rollback()
        raise
    finally:
        drop_capture(session)


# A statement and its values (a list of them for many rows).
Step = tuple[Executable, Any]


def send(*steps: Step, is_last: bool = False) -> list[Sequence[Any]]:
    """Run statements in order, each seeing what the ones before it did; the rows of each.

    PostgreSQL gets all of them in one go and answers once. With ``is_last`` the
    COMMIT of the transaction travels along, so that nothing may follow. Every
    value stands in the step itself: defaults that Python fills in are not asked for.
    """
    if not steps:
        return []
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        return _send_at_once(connection, steps, is_last)
    results = [connection.execute(statement, values) for statement, values in steps]
    return [result.all() if result.returns_rows else () for result in results]


def _send_at_once(connection: Connection, steps: Sequence[Step], is_last: bool) -> list[Sequence[Any]]:
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            cursors = []
            for statement, values in steps:
                text, constants = _compile(statement, connection.dialect)
                cursor = driver.cursor(row_factory=namedtuple_row)
                cursors.append(cursor.execute(text, {**constants, **values}, prepare=True, binary=True))
            if is_last:
                # Not the driver's own commit: inside a pipeline it waits for the answer before all is sent.
                driver.cursor().execute("COMMIT")
        return [cursor.fetchall() if cursor.rownumber is not None else () for cursor in cursors]
    except psycopg.Error as error:
        if driver.closed:
            connection.invalidate(error)
        # The same error that any other statement would raise, without the values: they are personal data.
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


@cache
def _compile(statement: Any, dialect: Dialect) -> tuple[str, Mapping[str, Any]]:
    """The statement as the driver takes it, and the values in it that never change."""
    compiled = statement.compile(dialect=dialect)
    return str(compiled), {
        name: bind.value for name, bind in compiled.binds.items() if bind.value is not None
    }
