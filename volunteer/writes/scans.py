"""Scans that could not be taken, kept for a person to look at."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from volunteer.db import db
from volunteer.domain.scans import Unreadable
from volunteer.models.columns import table_of
from volunteer.models.scans import QuarantinedScan
from volunteer.queries.scans import list_known_fingerprints

QUARANTINE = table_of(QuarantinedScan)


def quarantine(terminal_id: int, entries: Sequence[Unreadable], now: datetime) -> None:
    """Keep what could not be taken. The age differs at each sending and does not count as a difference."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        content = entry.content
        if isinstance(content, dict):
            content = {key: value for key, value in content.items() if key != "age_ms"}
        text = json.dumps([terminal_id, entry.detail, content], sort_keys=True)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        rows[fingerprint] = {
            "terminal_id": terminal_id,
            "fingerprint": fingerprint,
            "reason": entry.reason,
            "detail": entry.detail[:500],
            "content": json.dumps(content),
            "received_at": now,
        }
    missing = set(rows) - list_known_fingerprints(rows) if rows else set()
    if missing:
        db.session.execute(insert(QUARANTINE), [rows[one] for one in sorted(missing)])
