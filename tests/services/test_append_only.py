"""What happened cannot be changed: the database refuses it, and it shows where somebody switched that off."""

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Cast
from tests.web.sides import row
from volunteer.auditing import Acting, act_as
from volunteer.db import db
from volunteer.domain.installation_refusals import TriggersMissing
from volunteer.jobs import main
from volunteer.models.audit import AuditEvent
from volunteer.models.columns import Base
from volunteer.models.ledger import LedgerEntry, LedgerSeal, StoredPolicy
from volunteer.models.records import ServiceRecord
from volunteer.models.scans import ScanUndo, StoredScan
from volunteer.queries.append_only import TABLES, list_missing_triggers
from volunteer.services.append_only import require_append_only, restore_triggers


@pytest.fixture
def filled(cast: Cast, now: datetime) -> None:
    """One row in each table that nobody may change."""
    links = {
        "members": cast.alice.id,
        "stations": cast.sender.station_id,
        "terminals": cast.sender.terminal_id,
    }
    links |= {"teams": cast.detachment.id, "policies": db.session.query(StoredPolicy.id).scalar() or 0}
    scan = row(
        StoredScan, links, id=uuid4(), direction="both", medium="qr", status="accepted", outcome="checked_in"
    )
    links["scans"] = scan.id
    row(ScanUndo, links, scan_id=scan.id)
    record = row(ServiceRecord, links, opening_scan_id=scan.id, state="closed", minutes=60)
    links["service_records"] = record.id
    row(LedgerEntry, links, number=1, kind="credit", minutes=60, measure="metered", proof="card")
    row(LedgerSeal, links, number=1)
    row(AuditEvent, links, number=1, changes=[])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "act", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]
)
def test_no_statement_changes_or_removes_a_row(app: Flask, filled: None, table: str, act: str) -> None:
    if act.startswith("TRUNCATE") and db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    column = next(iter(Base.metadata.tables[table].columns)).name
    count = f"SELECT count(*) FROM {table}"

    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(act.format(table=table, column=column)))
    db.session.rollback()

    assert db.session.execute(text(count)).scalar_one() == 1


def test_a_sound_database_has_every_trigger(app: Flask) -> None:
    assert list_missing_triggers() == []
    require_append_only()


def _break(sqlite: list[str], postgresql: list[str]) -> None:
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for statement in sqlite if connection.dialect.name == "sqlite" else postgresql:
            connection.exec_driver_sql(statement)


BROKEN: list[tuple[list[str], list[str]]] = [
    (["DROP TRIGGER scans_no_update"], ["DROP TRIGGER scans_no_update ON scans"]),
    (
        [
            "DROP TRIGGER scans_no_update",
            "CREATE TRIGGER scans_no_update BEFORE UPDATE ON scans WHEN 0 "
            "BEGIN SELECT RAISE(ABORT, 'scans is append-only'); END",
        ],
        ["ALTER TABLE scans DISABLE TRIGGER scans_no_update"],
    ),
    (
        [
            "DROP TRIGGER scans_no_update",
            "CREATE TRIGGER scans_no_update BEFORE UPDATE ON scans BEGIN SELECT 1; END",
        ],
        [
            "DROP TRIGGER scans_no_update ON scans",
            "CREATE TRIGGER scans_no_update BEFORE UPDATE ON scans FOR EACH ROW WHEN (false) "
            "EXECUTE FUNCTION refuse_change()",
        ],
    ),
]


@pytest.fixture
def restored(app: Flask, now: datetime) -> Iterator[None]:
    yield
    db.session.rollback()
    restore_triggers(now)


@pytest.mark.parametrize("broken", BROKEN, ids=["dropped", "switched off", "hollowed out"])
def test_a_trigger_that_is_gone_or_off_is_reported(app: Flask, restored: None, broken: Any) -> None:
    _break(*broken)

    assert [one.name for one in list_missing_triggers()] == ["scans_no_update"]
    with pytest.raises(TriggersMissing, match="scans_no_update"):
        require_append_only()


def test_a_hollow_function_is_reported_for_every_table(app: Flask, restored: None) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite's triggers call no function")
    _break(
        [],
        [
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        ],
    )

    assert len(list_missing_triggers()) == 3 * len(TABLES)


def test_restoring_puts_them_back_and_the_audit_tells_of_it(app: Flask, cast: Cast, now: datetime) -> None:
    _break(*BROKEN[0])
    act_as(db.session(), Acting("cli.restore-triggers", "cli:root", lambda: now, b"key"))

    assert restore_triggers(now) == ["scans_no_update"]
    assert restore_triggers(now) == []

    assert list_missing_triggers() == []
    (event,) = db.session.query(AuditEvent)
    assert "scans_no_update" in str(event.changes)


def test_the_scheduler_does_not_start_on_a_database_that_can_be_changed(
    app: Flask, restored: None, caplog: pytest.LogCaptureFixture
) -> None:
    _break(*BROKEN[0])

    with pytest.raises(SystemExit), caplog.at_level(logging.CRITICAL):
        main(app)

    assert "scans_no_update" in caplog.text


def test_the_command_says_which_one_is_missing(app: Flask, restored: None) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["check-triggers"]).exit_code == 0

    _break(*BROKEN[0])

    ran = runner.invoke(args=["check-triggers"])
    assert (ran.exit_code, "scans_no_update" in ran.output) == (1, True)


def test_the_server_does_not_start_on_a_database_that_can_be_changed(app: Flask, restored: None) -> None:
    _break(*BROKEN[0])

    ran = app.test_cli_runner().invoke(args=["serve"])

    assert (ran.exit_code, "scans_no_update" in ran.output) == (1, True)
