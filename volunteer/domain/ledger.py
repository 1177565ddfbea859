"""The ledger: settled minutes as chained entries, and seals over all of them.

An entry never changes. What turns out wrong is taken back by an entry that reverses it.
Each entry carries the hash of the member's entry before; once a day the heads that moved
are sealed together with the seal before, and the seal is signed (Ed25519, RFC 8032).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# What the first entry of a member, the first event and the first seal carry as the hash before.
NO_HASH = "0" * 64


class EntryKind(StrEnum):
    """What an entry does: credits minutes, or takes back those of one earlier entry."""

    CREDIT = "credit"
    REVERSAL = "reversal"


class Measure(StrEnum):
    """Whether a station measured the time, or a person entered it afterwards. Never added up unseen."""

    METERED = "metered"
    DECLARED = "declared"


class Proof(StrEnum):
    """What stands behind a record, the strongest first."""

    CARD = "card"
    ROTATING_CODE = "rotating_code"
    LEADER = "leader"
    PAPER = "paper"
    DECLARED = "declared"


@dataclass(frozen=True)
class Entry:
    """What is to be appended: everything but its place in the chain."""

    member_id: int
    kind: EntryKind
    minutes: int
    measure: Measure
    proof: Proof
    record_id: int
    served_on: date
    checked_in_at: datetime
    checked_out_at: datetime
    station_id: int
    activity_id: int | None
    team_id: int
    unit_id: int | None
    policy_id: int
    correction_id: int | None = None
    entered_by_id: int | None = None
    approved_by_id: int | None = None
    reverses: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Head:
    """Where a member's chain ends."""

    seq: int = 0
    hash: str = NO_HASH


@dataclass(frozen=True)
class Chained(Entry):
    """An entry in its place. ``number`` counts all entries, ``seq`` the member's; from 1, no gaps."""

    number: int = 0
    seq: int = 0
    recorded_at: datetime | None = None
    previous_hash: str = NO_HASH
    hash: str = ""


def chain(
    entries: Iterable[Entry], heads: Mapping[int, Head], last_number: int, now: datetime
) -> list[Chained]:
    """Put entries in their places after the ``heads`` of their members; numbers follow ``last_number``."""
    ends = dict(heads)
    chained = []
    for number, entry in enumerate(entries, last_number + 1):
        end = ends.get(entry.member_id, Head())
        one = Chained(**vars(entry), number=number, seq=end.seq + 1, recorded_at=now, previous_hash=end.hash)
        one = replace(one, hash=hash_of(content_of(one)))
        ends[entry.member_id] = Head(one.seq, one.hash)
        chained.append(one)
    return chained


def reverse(entry: Any, reason: str) -> Entry:
    """The entry that takes back an appended credit (a row or a ``Chained``)."""
    values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    values |= {"kind": EntryKind.REVERSAL, "minutes": -entry.minutes, "reverses": entry.number}
    return Entry(**values | {"reason": reason})


def content_of(entry: Any) -> dict[str, Any]:
    """What the hash of an appended entry covers: everything in it but the hash itself."""
    names = [name for name in Chained.__dataclass_fields__ if name != "hash"]
    return {name: _plain(getattr(entry, name)) for name in names}


def hash_of(content: Mapping[str, Any]) -> str:
    """SHA-256 over JSON with sorted keys, no spaces and ASCII only; hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def canonical(content: Mapping[str, Any]) -> str:
    """One content, one text."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True)
class Seal:
    """What one seal says: where ledger and audit ended, and the heads that moved since the seal before."""

    number: int
    sealed_at: str
    last_entry: int
    heads_hash: str
    last_event: int
    event_hash: str
    previous_hash: str
    public_key: str

    @property
    def hash(self) -> str:
        """What is signed, and what the next seal carries."""
        return hash_of(asdict(self))


def hash_heads(moved: Iterable[tuple[int, int, str]]) -> str:
    """One hash over (member, seq, hash) of every head that moved, by member."""
    lines = "".join(f"{member}:{seq}:{digest}\n" for member, seq, digest in sorted(moved))
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class SealKey:
    """The installation's own key for seals, derived from its secret."""

    private: Ed25519PrivateKey

    @property
    def public_key(self) -> str:
        """32 bytes as hexadecimal, for people to keep elsewhere."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, seal: Seal) -> str:
        """The signature over the seal's hash, hexadecimal."""
        return self.private.sign(bytes.fromhex(seal.hash)).hex()


def derive_seal_key(secret: str) -> SealKey:
    """The same secret gives the same key (HKDF-SHA256, RFC 5869)."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"volunteer ledger seal").derive(secret.encode())
    return SealKey(Ed25519PrivateKey.from_private_bytes(derived))
