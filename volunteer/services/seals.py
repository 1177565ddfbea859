"""Seals: once a day everything that was settled and done is sealed and signed."""

from dataclasses import asdict
from datetime import UTC, datetime

from volunteer.db import db, transaction
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.ledger import NO_HASH, Seal, SealKey, hash_heads
from volunteer.models.ledger import LedgerSeal
from volunteer.queries.ledger import find_last_event, find_last_seal, list_moved_heads
from volunteer.queries.settlements import find_last_number


def seal_ledger(key: SealKey, now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Seal what came since the last seal; 1, or 0 where nothing did."""
    with transaction():
        if not claim.take():
            return 0
        last = find_last_seal()
        last_entry, (last_event, event_hash) = find_last_number(), find_last_event()
        if last is not None and (last.last_entry, last.last_event) == (last_entry, last_event):
            return 0
        if last is None and not last_entry and not last_event:
            return 0
        seal = Seal(
            number=last.number + 1 if last else 1,
            sealed_at=now.astimezone(UTC).isoformat(),
            last_entry=last_entry,
            heads_hash=hash_heads(list_moved_heads(last.last_entry if last else 0)),
            last_event=last_event,
            event_hash=event_hash,
            previous_hash=last.hash if last else NO_HASH,
            public_key=key.public_key,
        )
        values = asdict(seal) | {"sealed_at": now, "hash": seal.hash, "signature": key.sign(seal)}
        db.session.add(LedgerSeal(**values))
        claim.note(1)
    return 1
