"""Cards from before there was a history get the lines that are known of them."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from tests.conftest import ROOT
from tests.postgresql import Cluster
from volunteer.db import db
from volunteer.factory import create_app
from volunteer.services.migrations import migrate

TEAM = "INSERT INTO teams (id, code, name, level, party_branch) VALUES (1, 'DD', '大队', 'brigade', '')"
MEMBER = (
    "INSERT INTO members (id, volunteer_no, name, search_keys, team_id, status, status_at, created_at)"
    " VALUES (1, 'A001', '张三', '', 1, 'active', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
)
CARD = (
    "INSERT INTO cards (id, member_id, kind, assurance, identity_hash, hint, state, issued_at, ended_at)"
    " VALUES (:id, 1, :kind, 'low', :id, '', :state, '2026-01-02 00:00:00', :ended_at)"
)
CARDS = [
    {"id": 1, "kind": "qr", "state": "lost", "ended_at": "2026-02-01 00:00:00"},
    {"id": 2, "kind": "nfc", "state": "active", "ended_at": None},
]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_older_cards_begin_their_history_with_what_is_known(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if kind == "postgresql":
        cluster: Cluster | None = request.getfixturevalue("cluster")
        if cluster is None:
            pytest.skip("PostgreSQL is not installed")
        engine = create_engine(cluster.url("tests"), isolation_level="AUTOCOMMIT")
        with engine.connect() as server:
            server.execute(text("CREATE DATABASE card_history"))
        engine.dispose()
        url = cluster.url("card_history")
    with create_app(SQLALCHEMY_DATABASE_URI=url, TESTING=True).app_context():
        config = Config()
        config.set_main_option("script_location", str(ROOT / "migrations"))
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "0009")
            connection.execute(text(TEAM))
            connection.execute(text(MEMBER))
            casts = CARD if kind == "sqlite" else CARD.replace(":ended_at", "CAST(:ended_at AS timestamptz)")
            for card in CARDS:
                digest = {"digest": str(card["id"])}
                connection.execute(text(casts.replace("'low', :id", "'low', :digest")), card | digest)

        migrate()

        found = db.session.execute(text("SELECT card_id, kind, admin_id FROM card_events ORDER BY id")).all()
        assert [tuple(row) for row in found] == [(1, "issued", None), (2, "bound", None), (1, "lost", None)]
        db.session.remove()
        db.engine.dispose()
