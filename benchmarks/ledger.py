"""Checking the ledger: a million entries, against merely reading and hashing the same lines once."""

import hashlib
import json
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from volunteer.domain.ledger import (
    NO_HASH,
    Entry,
    EntryKind,
    Head,
    Measure,
    Proof,
    Seal,
    canonical,
    chain,
    content_of,
    derive_seal_key,
    hash_heads,
)
from volunteer.verify_ledger import check, read_lines

ENTRIES, MEMBERS, A_DAY = 1_000_000, 55_000, 2_500
START = datetime(2020, 1, 1, tzinfo=UTC)


def measure() -> dict[str, Any]:
    """Seconds to check the export of a ledger of a million entries, and the ratio to bare hashing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.ndjson"
        _write(path)
        began = time.perf_counter()
        found = check(read_lines(str(path)), "", {}, lambda _: None)
        checked = time.perf_counter() - began
        assert not found.problems, found.problems[:3]
        assert found.entries == ENTRIES
        began = time.perf_counter()
        with path.open("rb") as file:
            for line in file:
                hashlib.sha256(line).hexdigest()
                json.loads(line)
        bare = time.perf_counter() - began
        size = path.stat().st_size
    return {
        "entries": ENTRIES,
        "seconds": round(checked, 1),
        "bare_seconds": round(bare, 1),
        "ratio": round(checked / bare, 2),
        "megabytes": round(size / 1e6),
    }


def _write(path: Path) -> None:
    key = derive_seal_key("benchmark")
    heads: dict[int, Head] = {}
    last_hash, number = NO_HASH, 0
    with path.open("w") as file:
        for day in range(ENTRIES // A_DAY):
            made = chain((_credit(day, place) for place in range(A_DAY)), heads, number, START)
            number += len(made)
            moved = {one.member_id: Head(one.seq, one.hash) for one in made}
            heads |= moved
            for one in made:
                file.write(canonical({"line": "entry", **content_of(one), "hash": one.hash}) + "\n")
            digest = hash_heads((member, head.seq, head.hash) for member, head in moved.items())
            seal = Seal(day + 1, START.isoformat(), number, digest, 0, NO_HASH, last_hash, key.public_key)
            signed = {"line": "seal", **vars(seal), "hash": seal.hash, "signature": key.sign(seal)}
            file.write(canonical(signed) + "\n")
            last_hash = seal.hash


def _credit(day: int, place: int) -> Entry:
    start = START + timedelta(days=day)
    return Entry(
        member_id=(day * A_DAY + place) * 7 % MEMBERS + 1,
        kind=EntryKind.CREDIT,
        minutes=180,
        measure=Measure.METERED,
        proof=Proof.CARD,
        record_id=day * A_DAY + place + 1,
        served_on=date(2020, 1, 1) + timedelta(days=day),
        checked_in_at=start,
        checked_out_at=start + timedelta(hours=3),
        station_id=place % 111 + 1,
        activity_id=None,
        team_id=place % 54 + 1,
        unit_id=None,
        policy_id=1,
    )
