"""The hours look-up and the month table of one member: ten thousand records against ten million."""

import random
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from tests.postgresql import Cluster, find_binaries
from volunteer.db import db
from volunteer.factory import create_app
from volunteer.queries.hours import list_hours, summarise_hours
from volunteer.services.members import found_brigade
from volunteer.services.migrations import migrate

EACH = 200
SIZES = {"ten_thousand": 10_000, "ten_million": 10_000_000}
RUNS = 200

FILL = """
INSERT INTO members (volunteer_no, name, search_keys, team_id, status, status_at, created_at)
SELECT 'H' || n, '张三', ' zhangsan zs', :team, 'active', now(), now() FROM generate_series(1, :members) AS n;
INSERT INTO stations (code, name, kind, address) VALUES ('H', '测速站', 'u_station', '');
INSERT INTO service_records (member_id, station_id, opening_scan_id, checked_in_at, checked_out_at, limit_at,
  served_on, minutes, state, proof, is_settled)
SELECT m.id, s.id, gen_random_uuid(), day, day + interval '2 hours', day + interval '12 hours', day::date, 120,
  'closed', 'card', true
FROM stations s, members m, generate_series(0, :each - 1) AS n,
  LATERAL (SELECT timestamptz '2024-01-01 01:00+00' + n * interval '5 days' AS day) AS d WHERE s.code = 'H';
INSERT INTO member_totals (member_id, month_on, measure, minutes, records)
SELECT member_id, date_trunc('month', served_on)::date, 'metered', sum(minutes), count(*)
FROM service_records GROUP BY 1, 2;
INSERT INTO ledger_entries (number, member_id, seq, kind, minutes, measure, proof, record_id, served_on,
  checked_in_at, checked_out_at, station_id, team_id, policy_id, reason, recorded_at, previous_hash, hash)
SELECT row_number() OVER (ORDER BY id), member_id, row_number() OVER (PARTITION BY member_id ORDER BY id),
  'credit', minutes, 'metered', 'card', id, served_on, checked_in_at, checked_out_at, station_id, :team,
  (SELECT min(id) FROM policies), '', checked_out_at, '', ''
FROM service_records WHERE served_on >= date '2026-01-01';
"""


def measure(cluster: Cluster) -> dict[str, Any]:
    """Milliseconds (median) of both look-ups at each size, and how much the larger costs more."""
    found: dict[str, Any] = {}
    for name, records in SIZES.items():
        found[name] = _measure_size(cluster, f"hours_{name}", records)
    for what in ("hours_ms", "months_ms"):
        found[f"{what[:-3]}_ratio"] = round(found["ten_million"][what] / found["ten_thousand"][what], 2)
    return found


def _measure_size(cluster: Cluster, database: str, records: int) -> dict[str, float]:
    binaries = find_binaries()
    assert binaries is not None
    host = ["-h", cluster.socket, "-U", "postgres"]
    subprocess.run([binaries / "createdb", *host, database], check=True)
    app = create_app(SQLALCHEMY_DATABASE_URI=cluster.url(database), SECRET_KEY="benchmark")
    try:
        with app.app_context():
            migrate()
            _fill(records // EACH, found_brigade().id)
            ids = list(db.session.execute(text("SELECT id FROM members")).scalars())
            result = {
                "hours_ms": _median(list_hours, ids),
                "months_ms": _median(lambda member: summarise_hours(member, 2026), ids),
            }
            db.session.remove()
            db.engine.dispose()
            return result
    finally:
        subprocess.run([binaries / "dropdb", *host, database], check=True)


def _fill(members: int, team: int) -> None:
    with db.engine.begin() as connection:
        # The scans behind these records are not measured and not made. Settled are all of them; of the
        # entries only those of the year that the page shows are there: it reads no others.
        connection.execute(text("ALTER TABLE service_records DISABLE TRIGGER ALL"))
        for statement in FILL.strip().rstrip(";").split(";\n"):
            values = {"members": members, "team": team, "each": EACH}
            connection.execute(
                text(statement), {name: values[name] for name in values if f":{name}" in statement}
            )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in ("service_records", "member_totals", "ledger_entries", "members"):
            connection.execute(text(f"VACUUM ANALYZE {table}"))


def _median(look_up: Callable[[int], object], ids: list[int]) -> float:
    chosen = random.Random(15).choices(ids, k=RUNS)
    times = []
    for member in chosen:
        began = time.perf_counter()
        look_up(member)
        times.append(1000 * (time.perf_counter() - began))
        db.session.rollback()
    return round(statistics.median(times), 2)
