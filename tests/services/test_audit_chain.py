"""The chain of the audit: numbered without gaps whoever writes at once, and every forgery in it is found."""

import multiprocessing
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.conftest import Cast
from volunteer.auditing import Acting, act_as
from volunteer.db import db, transaction
from volunteer.domain.audit import content_of, find_break
from volunteer.domain.ledger import NO_HASH, hash_of
from volunteer.models.audit import AuditEvent
from volunteer.models.teams import Unit
from volunteer.queries.audit import iterate_chain
from volunteer.verify_ledger import check

TIMES = 100


def act(mark: str, times: int) -> None:
    """So many acts, each entering one unit."""
    act_as(db.session(), Acting("cli.test", f"cli:{mark}", lambda: datetime.now(UTC), b"key"))
    for one in range(times):
        with transaction():
            db.session.add(Unit(name=f"{mark}{one}"))
    act_as(db.session(), None)


def act_in_process(url: str, mark: str, barrier: Any) -> None:
    """One who acts in a process of its own, at the same time as the other."""
    from volunteer.factory import create_app

    app = create_app(SQLALCHEMY_DATABASE_URI=url)
    with app.app_context():
        barrier.wait(timeout=60)
        act(mark, TIMES)
        db.session.remove()
        db.engine.dispose()


def test_two_who_act_at_once_leave_no_gap_and_one_chain(app: Flask, cast: Cast, database_url: str) -> None:
    db.session.remove()
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(2)
    processes = [
        spawn.Process(target=act_in_process, args=(database_url, mark, barrier)) for mark in ("甲", "乙")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)

    assert [process.exitcode for process in processes] == [0, 0]
    numbers = db.session.execute(select(AuditEvent.number).order_by(AuditEvent.number)).scalars().all()
    actors = db.session.execute(select(AuditEvent.actor)).scalars().all()
    assert list(numbers) == list(range(1, 2 * TIMES + 1))
    assert {actors.count("cli:甲"), actors.count("cli:乙")} == {TIMES}
    assert find_break(iterate_chain()) is None


@pytest.fixture
def chain(cast: Cast) -> list[Any]:
    """Ten events as they came out of the database."""
    act("单位", 10)
    return [SimpleNamespace(**row._mapping) for row in iterate_chain()]


def test_the_first_event_follows_nothing_and_each_carries_the_one_before(chain: list[Any]) -> None:
    assert chain[0].previous_hash == NO_HASH
    assert [one.previous_hash for one in chain[1:]] == [one.hash for one in chain[:-1]]
    assert all(hash_of(content_of(one)) == one.hash for one in chain)
    assert find_break(chain) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actor", "cli:somebody"),
        ("reason", "x"),
        ("changes", []),
        ("member_id", 7),
        ("at", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_changed_event_is_found(chain: list[Any], name: str, value: Any) -> None:
    setattr(chain[4], name, value)

    assert find_break(chain) == 5


def test_a_changed_event_with_its_hash_made_anew_is_found_at_the_next(chain: list[Any]) -> None:
    chain[4].actor = "cli:somebody"
    chain[4].hash = hash_of(content_of(chain[4]))

    assert find_break(chain) == 6


def test_a_removed_added_or_moved_event_is_found(chain: list[Any]) -> None:
    assert find_break(chain[:4] + chain[5:]) == 5
    assert find_break([*chain[:4], chain[5], chain[4], *chain[6:]]) == 5
    assert find_break([*chain[:5], chain[4], *chain[5:]]) == 6
    assert find_break(chain[1:]) == 1


def test_a_byte_changed_in_the_database_itself_is_found_by_both_checks(app: Flask, chain: list[Any]) -> None:
    from volunteer.queries.ledger import read_lines

    assert check(read_lines(), "", {}, lambda _: None).events == 10
    db.session.rollback()
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.execute(text("UPDATE audit_events SET reason = 'x' WHERE number = 5"))
        else:
            (sql,) = connection.exec_driver_sql(
                "SELECT sql FROM sqlite_master WHERE name = 'audit_events_no_update'"
            ).one()
            connection.exec_driver_sql("DROP TRIGGER audit_events_no_update")
            connection.execute(text("UPDATE audit_events SET reason = 'x' WHERE number = 5"))
            connection.exec_driver_sql(sql)

    assert find_break(iterate_chain()) == 5
    problems = check(read_lines(), "", {}, lambda _: None).problems
    assert "audit event 5: its content was changed" in problems
