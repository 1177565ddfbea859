"""Scans over HTTP against the same transaction in the raw database, on one PostgreSQL, in one run."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select

from benchmarks import load
from tests.postgresql import Cluster, find_binaries
from volunteer.db import db
from volunteer.domain.stations import StationKind, TerminalKind
from volunteer.factory import create_app
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.queries.cards import list_printable_cards
from volunteer.services.cards import issue_cards, tokens_of
from volunteer.services.members import found_brigade
from volunteer.services.migrations import migrate
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal

MEMBERS = 4000
CONNECTIONS = 8
PORT = 8931
SECRET = "benchmark"

# What one scan does, step by step, without any server of ours: the same reads, lock, inserts and commit.
RAW = r"""
\set member random(1, {members})
BEGIN;
SELECT t.id, s.code FROM terminals t JOIN stations s ON s.id = t.station_id WHERE t.id = 1;
SELECT c.id, m.name FROM cards c JOIN members m ON m.id = c.member_id WHERE c.member_id = :member FOR NO KEY UPDATE OF m;
SELECT id FROM scans WHERE id = (SELECT gen_random_uuid());
SELECT id, starts_at FROM activities WHERE station_id = 1 AND ends_at >= now();
SELECT id, at FROM scans WHERE member_id = :member AND at >= now() - interval '3 days';
SELECT count(*) AS open FROM service_records WHERE member_id = :member AND state = 'open' \gset
\if :open
UPDATE service_records SET state = 'closed', checked_out_at = now(), minutes = 60 WHERE member_id = :member AND state = 'open';
\else
INSERT INTO service_records (member_id, station_id, opening_scan_id, checked_in_at, limit_at, served_on, minutes, state)
SELECT :member, 1, gen_random_uuid(), now(), now() + interval '12 hours', current_date, 0, 'open' WHERE false;
\endif
SELECT sum(minutes) FROM service_records WHERE member_id = :member AND checked_in_at >= date_trunc('year', now());
INSERT INTO scans (id, terminal_id, station_id, direction, medium, identity_hash, member_id, at, is_time_suspect,
  claimed_at, received_at, status, outcome, answer)
VALUES (gen_random_uuid(), 1, 1, 'both', 'qr', 'x', :member, now(), false, now(), now(), 'accepted', 'checked_in', '{{}}');
COMMIT;
"""


# What is there already: each member served on thirty days, the last of them twenty days ago.
PAST = """
CREATE TEMPORARY TABLE past AS
SELECT m.id AS member, m.volunteer_no, gen_random_uuid() AS came, gen_random_uuid() AS went,
  now() - n * interval '1 day' AS at FROM members m, generate_series(20, 49) AS n;
INSERT INTO scans (id, terminal_id, station_id, direction, medium, identity_hash, member_id, at, is_time_suspect,
  claimed_at, received_at, status, outcome, answer)
SELECT came, 1, 1, 'both', 'qr', volunteer_no, member, at, false, at, at, 'accepted', 'checked_in',
  '{"record": null, "totals": null}' FROM past
UNION ALL
SELECT went, 1, 1, 'both', 'qr', volunteer_no, member, at + interval '3 hours', false, at, at, 'accepted', 'checked_out',
  '{"record": null, "totals": null}' FROM past;
INSERT INTO service_records (member_id, station_id, opening_scan_id, closing_scan_id, checked_in_at, checked_out_at,
  limit_at, served_on, minutes, state)
SELECT member, 1, came, went, at, at + interval '3 hours', at + interval '12 hours', at::date, 180, 'closed' FROM past;
VACUUM ANALYZE;
"""


def measure(cluster: Cluster) -> dict[str, Any]:
    """Single scans and batches per second over HTTP, the raw database, and their ratios."""
    url = cluster.url("bench")
    binaries = find_binaries()
    assert binaries is not None
    subprocess.run([binaries / "createdb", "-h", cluster.socket, "-U", "postgres", "bench"], check=True)
    tokens, key = _prepare(url)
    psql = [binaries / "psql", "-q", "-h", cluster.socket, "-U", "postgres", "bench"]
    subprocess.run(psql, input=PAST, text=True, check=True)
    with _server(url):
        # Everybody serves three hours a day.
        _run_singles(tokens[:1000], key, [145, 142])  # warm up
        singles = _run_singles(tokens, key, [121, 118])
        batches = _run_batches(tokens, key, [97, 94, 73, 70, 49, 46])
        # A terminal that was cut off for days: its scans lie between records that are already counted.
        late = _run_batches(tokens, key, [77, 66])
    raw = _raw(binaries, cluster)
    return {
        "single_scans_per_second": round(singles.per_second),
        "single_p50_ms": round(singles.p50_ms, 1),
        "single_p99_ms": round(singles.p99_ms, 1),
        "batch_scans_per_second": round(batches.per_second * 500),
        "late_batch_scans_per_second": round(late.per_second * 500),
        "raw_transactions_per_second": round(raw),
        "single_to_raw": round(singles.per_second / raw, 3),
        "batch_to_raw": round(batches.per_second * 500 / raw, 2),
        "late_batch_to_raw": round(late.per_second * 500 / raw, 2),
        "failures": singles.failures + batches.failures + late.failures,
    }


def _prepare(url: str) -> tuple[list[str], str]:
    app = create_app(SQLALCHEMY_DATABASE_URI=url, SECRET_KEY=SECRET)
    from volunteer.domain.cards import derive_keys

    keys = derive_keys(SECRET)
    now = datetime.now(UTC)
    with app.app_context():
        migrate()
        brigade = found_brigade()
        rows = [
            {
                "volunteer_no": f"B{number:05}",
                "name": "张三",
                "search_keys": "",
                "team_id": brigade.id,
                "status": "active",
                "status_at": now,
                "created_at": now,
            }
            for number in range(MEMBERS)
        ]
        db.session.execute(insert(Member.__table__), rows)
        db.session.commit()
        members = list(db.session.execute(select(Member).order_by(Member.id)).scalars())
        issue_cards(members, keys, now - timedelta(days=1))
        tokens = list(tokens_of(list_printable_cards([member.id for member in members]), keys).values())
        add_station("BENCH", "测速站", StationKind.U_STATION, "", None)
        _, key = enrol_terminal(prepare_terminal("BENCH", now), TerminalKind.SCANNER, None, now)
        assert db.session.get(Card, 1) is not None
        db.session.remove()
        db.engine.dispose()
    return tokens, key


@contextmanager
def _server(url: str) -> Iterator[None]:
    environ = os.environ | {"VOLUNTEER_DATABASE_URL": url, "VOLUNTEER_SECRET_KEY": SECRET}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "volunteer/gunicorn.py",
        "-b",
        f"127.0.0.1:{PORT}",
        "app:app",
    ]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        _wait_until_healthy(process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_healthy(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _scan(token: str, hours_ago: int) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "token": token,
        "medium": "qr",
        "at": "2026-11-15T08:03:09.871+08:00",
        "age_ms": hours_ago * 3_600_000,
        "seq": 1,
    }


def _body(scans: list[dict[str, Any]]) -> bytes:
    return json.dumps({"scans": scans}).encode()


def _run_singles(tokens: list[str], key: str, rounds: list[int]) -> load.Result:
    """Everybody checks in, and later out, so many hours ago: each scan really changes a record."""
    return _run(key, [[_scan(token, hours_ago)] for hours_ago in rounds for token in tokens])


def _run_batches(tokens: list[str], key: str, rounds: list[int]) -> load.Result:
    """The same in requests of 500 scans."""
    parts = [tokens[first : first + 500] for first in range(0, len(tokens), 500)]
    return _run(key, [[_scan(token, hours_ago) for token in part] for hours_ago in rounds for part in parts])


def _run(key: str, requests: list[list[dict[str, Any]]]) -> load.Result:
    prepared = [load.prepare("/api/v1/scans", key, _body(scans)) for scans in requests]
    return load.run(PORT, [prepared[place::CONNECTIONS] for place in range(CONNECTIONS)])


def _raw(binaries: Path, cluster: Cluster) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(RAW.format(members=MEMBERS))
        script.flush()
        command = [binaries / "pgbench", "-n", "-h", cluster.socket, "-U", "postgres", "-f", script.name]
        command += ["-c", str(CONNECTIONS), "-j", "2", "-T", "8", "-M", "prepared", "bench"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"tps = ([0-9.]+)", output)
    assert found, output
    return float(found[1])
