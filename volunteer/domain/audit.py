"""The audit: what an event says of a change, what it never says, and how events are chained.

An event is kept for ever and cannot be taken back, so it holds no secret and no more of
a person than explains the act: secrets stand as "changed"; of a name the surname and a
keyed check of four digits (two that differ were two different names); numbers of
telephones and papers only with their last four digits.
"""

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from volunteer.domain.ledger import NO_HASH, hash_of
from volunteer.domain.names import mask_name

KEPT_SECRET, CHANGED = "***", "changed"
LONGEST_REASON, LONGEST_ACTOR, LONGEST_ACT, LONGEST_TEXT = 300, 120, 60, 300
# Of more rows than this in one table only the number is kept.
MOST_ROWS = 50

# Rows that say nothing about an act of a person: the clock's own, the chains', signing in, queues.
NOISE = frozenset(
    {
        "scans", "scan_undos", "quarantined_scans", "ledger_entries", "ledger_heads", "ledger_seals",
        "member_totals", "team_totals", "audit_events", "access_log", "access_log_members", "sign_ins",
        "attempts", "job_runs", "import_rows", "messages", "notice_readings",
        "record_changes", "reviewed_records",
    }
)  # fmt: skip
# Columns that tick, or that follow from others.
NOISE_COLUMNS = frozenset(
    {
        "search_keys", "is_settled", "read_at", "last_seen_at", "last_used_at", "last_step", "sign_count",
        "last_contact_at", "pending", "clock_offset_ms", "worked_at", "id_hash", "done",
    }
)  # fmt: skip
_SECRET_COLUMNS = frozenset(
    {
        "serial", "credential_id", "public_key", "password_mark", "sealed_file", "sealed_samples", "cells",
        "born_on", "residence", "sex", "content", "document", "sections", "stored_name",
    }
)  # fmt: skip
# Where ``content`` and ``serial`` are no secret.
_PLAIN = {("certificates", "serial"), ("activities", "content"), ("training_records", "content")}
# Names of files that people brought: they often say whom a file is about.
_FILES = {("evidence_files", "name"), ("imports", "filename")}
_SECRET_ROWS = {("settings", "setup_code")}
_SECRET_ENDINGS = ("_hash", "_sealed")
# Columns that name a person.
_PERSONS = {("members", "name"), ("registrations", "name"), ("admins", "name")}
_OFFICIALS = frozenset({"person_in_charge", "handler", "responsible_person"})
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{5}(\d{4})(?!\d)")
_PAPER = re.compile(r"(?<!\d)\d{14}(\d{3}[\dXx])(?![\dA-Za-z])|(?<!\d)\d{11}(\d{4})(?!\d)")

Columns = Mapping[str, Any]


class SampleResult(StrEnum):
    """What a person found about a drawn entry."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Row:
    """One row that changed; ``before`` is None where it is new, ``after`` where it is gone."""

    table: str
    id: str
    before: Columns | None
    after: Columns | None


@dataclass(frozen=True)
class Many:
    """More rows of one table than are told one by one."""

    table: str
    kind: str
    rows: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """What is to be appended: everything but its place in the chain."""

    at: datetime
    admin_id: int | None
    actor: str
    act: str
    member_id: int | None
    team_id: int | None
    changes: list[dict[str, Any]]
    reason: str


def tell(row: Row, key: bytes) -> dict[str, Any] | None:
    """What an event says of the row; None where nothing that matters changed. ``key`` checks names."""
    before, after = _told(row, row.before, CHANGED, key), _told(row, row.after, CHANGED, key)
    if before is not None and after is not None:
        was, now = row.before or {}, row.after or {}
        differing = [name for name in after if was.get(name) != now.get(name)]
        if not differing:
            return None
        before, after = ({name: side.get(name) for name in differing} for side in (before, after))
        before = {name: KEPT_SECRET if value == CHANGED else value for name, value in before.items()}
    else:
        # Of a row that is new or gone, what it never said needs no words.
        before, after = (
            side and {n: v for n, v in side.items() if v is not None} for side in (before, after)
        )
    return {"table": row.table, "id": row.id, "before": before, "after": after}


def tell_many(many: Many) -> dict[str, Any]:
    """What an event says of many rows at once."""
    columns = [name for name in many.columns if name not in NOISE_COLUMNS]
    return {"table": many.table, "kind": many.kind, "rows": many.rows, "columns": columns}


def _told(row: Row, columns: Columns | None, secret: str, key: bytes) -> dict[str, Any] | None:
    if columns is None:
        return None
    if (row.table, row.id) in _SECRET_ROWS:
        return dict.fromkeys(columns, secret)
    return {
        name: _say(row.table, name, value, secret, key)
        for name, value in columns.items()
        if name not in NOISE_COLUMNS and name != "id"
    }


def _say(table: str, name: str, value: Any, secret: str, key: bytes) -> Any:
    if value is None or value == "":
        return value
    if is_secret(table, name) or isinstance(value, bytes):
        return secret
    if isinstance(value, Mapping):
        return {str(inner): _say_inside(table, str(inner), one, secret, key) for inner, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_say(table, name, one, secret, key) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | int | float):
        return value
    if (table, name) in _PERSONS or name in _OFFICIALS:
        return check_name(str(value), key)
    return hide_numbers(str(value)) if name != "volunteer_no" else str(value)


def _say_inside(table: str, name: str, value: Any, secret: str, key: bytes) -> Any:
    """A value of a kept change; whatever it is of, a name in it may be a person's."""
    if name == "name" and isinstance(value, str) and value:
        return check_name(value, key)
    return _say(table, name, value, secret, key)


def is_secret(table: str, column: str) -> bool:
    """Whether an event only says that the column changed."""
    if (table, column) in _PLAIN:
        return False
    return (table, column) in _FILES or column in _SECRET_COLUMNS or column.endswith(_SECRET_ENDINGS)


def check_name(name: str, key: bytes) -> str:
    """A name as an event keeps it: masked, with a check that differs where the names do."""
    return f"{mask_name(name)}·{hmac.digest(key, name.encode(), 'sha256').hex()[:4]}"


def hide_numbers(text: str) -> str:
    """The text, shortened, with numbers of telephones and papers down to their last four digits."""
    text = _PHONE.sub(r"*\1", text)
    text = _PAPER.sub(lambda match: "*" + (match[1] or match[2]), text)
    return text[:LONGEST_TEXT]


def place(act: Act, last_number: int, last_hash: str) -> dict[str, Any]:
    """The columns of the event that follows the one with this number and hash."""
    content = {**vars(act), "number": last_number + 1, "previous_hash": last_hash}
    return {**content, "hash": hash_of(content_of(content))}


def content_of(event: Any) -> dict[str, Any]:
    """What an event's hash covers: everything in it but the hash itself (of a row, or of its columns)."""
    names = (*Act.__dataclass_fields__, "number", "previous_hash")
    values = event if isinstance(event, Mapping) else {name: getattr(event, name) for name in names}
    at: datetime = values["at"]
    return {name: values[name] for name in names} | {"at": at.isoformat()}


def line_of(event: Any) -> dict[str, Any]:
    """An event as one line of the export that anybody can verify."""
    return {"line": "event", **content_of(event), "hash": event.hash}


def find_break(events: Iterable[Any]) -> int | None:
    """The number at which the chain from the first event on is broken, or None where it is whole.

    Broken is where a number is missing or out of order, where an event does not carry the
    hash of the one before it, or where its own hash is not that of its content.
    """
    last_number, last_hash = 0, NO_HASH
    for event in events:
        is_next = event.number == last_number + 1 and event.previous_hash == last_hash
        if not is_next or hash_of(content_of(event)) != event.hash:
            return last_number + 1
        last_number, last_hash = event.number, event.hash
    return None


def derive_name_key(secret: str) -> bytes:
    """The installation's own key for the checks of names."""
    return hmac.digest(secret.encode(), b"volunteer audit names", "sha256")
