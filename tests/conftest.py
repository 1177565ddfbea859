"""The cast and the two databases.

alice is a member, bob is the admin of her detachment, charlie the admin of another
one. Tests of anything that touches a table run on SQLite and on PostgreSQL.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from tests.postgresql import Cluster, start_cluster
from volunteer.db import db
from volunteer.domain.passwords import hash_password
from volunteer.domain.stations import Direction, StationKind, TerminalKind
from volunteer.domain.teams import TeamLevel
from volunteer.factory import create_app
from volunteer.models.columns import Base, table_of
from volunteer.models.ledger import StoredPolicy
from volunteer.models.members import Admin, Member
from volunteer.models.stars import StarRule
from volunteer.models.teams import Team
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.migrations import migrate
from volunteer.services.scans import Installation, Sender
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal

os.environ.setdefault("VOLUNTEER_SECRET_KEY", "a secret for tests only")
PASSWORD = "correct horse"
# Made once: a password's digest is slow on purpose.
PASSWORD_HASH = hash_password(PASSWORD)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster | None]:
    """A private PostgreSQL on a socket of its own, or None where none is installed."""
    yield from start_cluster()


@pytest.fixture(scope="session")
def _apps(cluster: Cluster | None) -> Iterator[dict[str, Flask]]:
    apps: dict[str, Flask] = {}
    yield apps
    for app in apps.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An address of each kind of database, the same for the whole run."""
    if request.param == "postgresql":
        cluster: Cluster | None = request.getfixturevalue("cluster")
        if cluster is None:
            pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
        return cluster.url("tests")
    return f"sqlite:///{tmp_path_factory.getbasetemp() / 'tests.db'}"


@pytest.fixture
def app(
    database_url: str, _apps: dict[str, Flask], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application on an empty database of each kind."""
    if database_url not in _apps:
        made = create_app(
            SQLALCHEMY_DATABASE_URI=database_url,
            TESTING=True,
            WTF_CSRF_ENABLED=False,
            PRINTS_FOLDER=tmp_path_factory.mktemp("prints"),
            SIGNING_FOLDER=tmp_path_factory.mktemp("signing"),
        )
        with made.app_context():
            migrate()
            _shipped[database_url] = _read_shipped()
        _apps[database_url] = made
    app = _apps[database_url]
    with app.app_context():
        _empty()
        _ship(_shipped[database_url])
        yield app
        db.session.remove()


# What the migrations themselves put in.
SHIPPED = [table_of(StoredPolicy), table_of(StarRule)]
_shipped: dict[str, list[list[dict[str, Any]]]] = {}


def _read_shipped() -> list[list[dict[str, Any]]]:
    """The shipped rows without their ids, so that they get the same again."""
    with db.engine.connect() as connection:
        return [
            [
                {k: v for k, v in row.items() if k != "id"}
                for row in connection.execute(table.select()).mappings()
            ]
            for table in SHIPPED
        ]


def _ship(shipped: list[list[dict[str, Any]]]) -> None:
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for table, rows in zip(SHIPPED, shipped, strict=True):
            connection.execute(table.insert(), rows)


# Only what a test has used: truncating all tables makes new files for each of them, and takes longer than
# most tests.
EMPTY_USED = """
DO $$
DECLARE name text; is_used boolean;
BEGIN
  FOREACH name IN ARRAY ARRAY[{names}] LOOP
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM ' || name || ')' INTO is_used;
    IF is_used THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
  PERFORM setval(format('%%I', sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL;
END $$
"""


def _empty() -> None:
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            names = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
            # The cluster's owner may set aside the triggers that refuse this; the software may not.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(EMPTY_USED.format(names=names))
            return
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        for trigger in kept:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
        # What refers to others first: each row that goes asks who refers to it.
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        for trigger in kept:
            connection.exec_driver_sql(trigger.sql)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a sign-in."""
    return app.test_client()


@pytest.fixture
def now() -> datetime:
    """A working Tuesday morning, 10:00 in Shenzhen."""
    return datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@dataclass
class Cast:
    """Who is there, and a station with a terminal to hold cards to."""

    alice: Member
    bob: Admin
    charlie: Admin
    brigade: Team
    detachment: Team
    other: Team
    token: str
    key: str
    sender: Sender


@pytest.fixture
def cast(app: Flask, now: datetime) -> Cast:
    """alice, bob and charlie, and station LC with one terminal."""
    brigade = Team(code="DD", name="大队", level=TeamLevel.BRIGADE)
    db.session.add(brigade)
    db.session.flush()
    teams = [
        Team(code=code, name=name, level=TeamLevel.DETACHMENT, parent_id=brigade.id)
        for code, name in (("FD01", "第一分队"), ("FD02", "第二分队"))
    ]
    db.session.add_all(teams)
    db.session.commit()
    alice = add_member("A001", "张三", "FD01", now)
    bob, charlie = (
        Admin(username=username, name=name, team_id=team.id, password_hash=PASSWORD_HASH, created_at=now)
        for username, name, team in (("bob", "鲍勃", teams[0]), ("charlie", "查理", teams[1]))
    )
    db.session.add_all([bob, charlie])
    db.session.commit()
    station = add_station("LC", "龙城广场U站", StationKind.U_STATION, "", teams[0].id)
    terminal, key = enrol_terminal(prepare_terminal("LC", now), TerminalKind.KIOSK, None, now)
    _, token = issue_card("A001", installation(app).keys, now)
    sender = Sender(terminal.id, station.id, Direction.BOTH)
    return Cast(alice, bob, charlie, brigade, teams[0], teams[1], token, key, sender)


def installation(app: Flask) -> Installation:
    """The keys and zone of the application."""
    found: Installation = app.extensions["installation"]
    return found


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Admin | Member], FlaskClient]:
    """Sign somebody in without the cost of a password hash."""
    from volunteer.web.sessions import sign_in as begin

    def as_person(person: Admin | Member) -> FlaskClient:
        # The test's own context outlives a request: what it knew of somebody else must not.
        for name in ("person", "sign_in", "admin", "member"):
            g.pop(name, None)
        with client.session_transaction() as cookie:
            cookie.clear()
        with client.application.test_request_context():
            from flask import session

            begin(person)
            values = dict(session)
        with client.session_transaction() as cookie:
            cookie.update(values)
        return client

    return as_person


def scan(token: str, age: timedelta = timedelta(0), **more: Any) -> dict[str, Any]:
    """A scan as a terminal sends it, held ``age`` ago."""
    return {
        "id": str(uuid4()),
        "token": token,
        "medium": "qr",
        "at": datetime(2026, 9, 15, 10, 0, tzinfo=UTC).isoformat(),
        "age_ms": age // timedelta(milliseconds=1),
        **more,
    }


ROOT = Path(__file__).parent.parent
