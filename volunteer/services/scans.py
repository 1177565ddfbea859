"""Taking scans: every one is stored, counted once, and answered after the commit."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert

from volunteer.db import db, transaction
from volunteer.domain.activities import Plan, plan_for
from volunteer.domain.cards import (
    CardKeys,
    Identity,
    card_at,
    hash_identity,
    read_identity,
    why_refused,
)
from volunteer.domain.clocking import GRACE, UNDO_WITHIN, Scan, fold, in_order, restart_index
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.names import mask_name
from volunteer.domain.records import (
    CHANGEABLE,
    Derived,
    RecordState,
    derive,
    forget,
    reconcile,
    snapshot,
    trace_changes,
)
from volunteer.domain.refusals import UndoTooLate
from volunteer.domain.scans import Answer, Moment, Reading, ScanStatus, Unreadable, reckon, status_of
from volunteer.domain.stations import Direction
from volunteer.models.columns import table_of
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.models.scans import QuarantinedScan, ScanUndo, StoredScan
from volunteer.queries.records import list_due_records, list_touched_records
from volunteer.queries.scans import (
    find_undoable_scan,
    list_held_cards,
    list_known_fingerprints,
    list_scans,
)
from volunteer.sets import insert_rows, update_rows

LOOK_BACK = timedelta(days=3)
# Terminals keep the time of a scan as they first wrote it down.
SAME_SCAN_WITHIN = timedelta(minutes=1)
ID_REUSED = "id_reused"

SCANS, RECORDS = table_of(StoredScan), table_of(ServiceRecord)
CHANGES, QUARANTINE = table_of(RecordChange), table_of(QuarantinedScan)


@dataclass(frozen=True, slots=True)
class Sender:
    """The terminal that proved itself, where it stands, and how far its clock is off."""

    terminal_id: int
    station_id: int
    direction: Direction
    offset: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Installation:
    """What holds for every scan here: the keys behind the cards, and the zone of local dates."""

    keys: CardKeys
    zone: tzinfo


def take_scans(
    sender: Sender, entries: Sequence[Reading | Unreadable], here: Installation, now: datetime
) -> list[Answer]:
    """Store every entry, derive the records, and answer each in the order given.

    Safe to repeat: an id already known gets its first answer again. Nothing is
    dropped: what cannot be taken is refused or quarantined, and stored as such.
    Either all answers are committed or none is given.
    """
    entries = _set_apart_reused(entries)
    readings = [entry for entry in entries if isinstance(entry, Reading)]
    with transaction():
        by_id = _take_readings(sender, readings, here, now) if readings else {}
        _quarantine(sender, [entry for entry in entries if isinstance(entry, Unreadable)], now)
    answers = []
    for entry in entries:
        if isinstance(entry, Unreadable):
            answers.append(Answer(entry.id, ScanStatus.QUARANTINED, _reason(entry)))
            continue
        answers.append(by_id[entry.id])
        if by_id[entry.id].status is not ScanStatus.QUARANTINED:
            by_id[entry.id] = replace(by_id[entry.id], status=ScanStatus.DUPLICATE)
    return answers


def _set_apart_reused(entries: Sequence[Reading | Unreadable]) -> list[Reading | Unreadable]:
    """Within one request too an id names one scan: another card under it is kept for a person."""
    first: dict[UUID, Reading] = {}
    told: list[Reading | Unreadable] = []
    for entry in entries:
        is_other = isinstance(entry, Reading) and first.setdefault(entry.id, entry).token != entry.token
        told.append(_keep_reused(entry) if isinstance(entry, Reading) and is_other else entry)
    return told


def _keep_reused(reading: Reading) -> Unreadable:
    # Nothing in it changes from one sending to the next, so that it is kept once. The token stays out:
    # it is as good as the card.
    content = {
        "id": str(reading.id),
        "seq": reading.seq,
        "medium": str(reading.medium),
        "at": reading.claimed_at.isoformat(),
        "token_sha256": hashlib.sha256(reading.token.encode()).hexdigest(),
    }
    return Unreadable(str(reading.id), ID_REUSED, content)


def _reason(entry: Unreadable) -> str:
    return ID_REUSED if entry.detail == ID_REUSED else "malformed"


def undo_scan(sender: Sender, scan_id: UUID, here: Installation, now: datetime) -> Answer:
    """Let an accepted scan of the same station not have happened; within 60 s of its answer.

    Safe to repeat: what is undone already is answered as undone again.
    """
    with transaction():
        row = find_undoable_scan(scan_id, sender.station_id, now - UNDO_WITHIN)
        if row is None:
            raise UndoTooLate()
        before = {row.member_id: row.at}
        stored = list_scans([], before, row.at - LOOK_BACK)
        # The restart is looked for while the scan still counts: what it changed lies after that restart.
        _, totals = _refold({row.member_id: []}, before, stored, scan_id, here.zone, now)
        if row.undone is None:
            undo = {"scan_id": scan_id, "terminal_id": sender.terminal_id, "undone_at": now}
            db.session.execute(insert(table_of(ScanUndo)), undo)
    return Answer(
        id=str(scan_id),
        status=ScanStatus.ACCEPTED,
        outcome="undone",
        member=_shown(row),
        totals=totals[row.member_id],
    )


def close_forgotten(now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Close the open records whose limit has passed, crediting nothing; how many there were."""
    with transaction():
        if not claim.take():
            return 0
        rows = list_due_records(now)
        _change([(row.id, forget(row)) for row in rows])
        claim.note(len(rows))
    return len(rows)


@dataclass(slots=True)
class _Fresh:
    """A reading on its way to becoming a stored scan."""

    reading: Reading
    identity: Identity
    identity_hash: str
    moment: Moment
    outcome: str = ""
    card: Row[Any] | None = None
    scan: Scan | None = None


def _take_readings(
    sender: Sender, readings: Sequence[Reading], here: Installation, now: datetime
) -> dict[UUID, Answer]:
    fresh: dict[UUID, _Fresh] = {}
    for reading in readings:
        identity = read_identity(reading.token)
        moment = reckon(now, reading.claimed_at, reading.age, sender.offset)
        one = _Fresh(reading, identity, hash_identity(identity, here.keys), moment)
        fresh.setdefault(reading.id, one)
    instants = [one.moment.at for one in fresh.values()]
    hashes = {one.identity_hash for one in fresh.values()}
    held = list_held_cards(hashes, sender.station_id, min(instants), max(instants))
    for one in fresh.values():
        one.card = card_at(held.cards.get(one.identity_hash, ()), one.moment.at)
        one.outcome = why_refused(one.identity, one.card, one.moment.at, here.keys)
    members = {one.card.member_id for one in fresh.values() if one.card is not None}
    stored = list_scans(fresh, members, min(instants) - LOOK_BACK)
    answers = _answer_known(sender, fresh, held.cards, stored, now)
    accepted = [one for one in fresh.values() if not one.outcome]
    _give_scans(sender, accepted, held.plans.values())
    records, totals = _count(accepted, stored, here.zone, now) if accepted else ({}, {})
    for one in fresh.values():
        answers[one.reading.id] = _answer(one, records, totals)
    if fresh:
        rows = [_row(sender, one, answers[one.reading.id], now) for one in fresh.values()]
        insert_rows(SCANS, rows)
    return answers


def _answer_known(
    sender: Sender,
    fresh: dict[UUID, _Fresh],
    cards: Mapping[str, Sequence[Row[Any]]],
    stored: Sequence[Row[Any]],
    now: datetime,
) -> dict[UUID, Answer]:
    """Take the ids answered before out of ``fresh``, and give their first answer."""
    answers = {}
    reused = []
    for row in [row for row in stored if row.id in fresh]:
        scan_id, again = row.id, fresh.pop(row.id)
        is_other_time = abs(row.claimed_at - again.reading.claimed_at) > SAME_SCAN_WITHIN
        if row.identity_hash != again.identity_hash or is_other_time:
            # Another scan under a used id: a broken terminal. Keep it for a person.
            answers[scan_id] = Answer(str(scan_id), ScanStatus.QUARANTINED, ID_REUSED)
            reused.append(_keep_reused(again.reading))
            continue
        said = json.loads(row.answer)
        holder = [card for card in cards.get(row.identity_hash, ()) if card.member_id == row.member_id]
        answers[scan_id] = Answer(
            id=str(scan_id),
            status=ScanStatus.DUPLICATE,
            outcome=row.outcome,
            member=_shown(holder[0]) if holder else None,
            record=said["record"],
            totals=said["totals"],
        )
    _quarantine(sender, reused, now)
    return answers


def _give_scans(sender: Sender, accepted: Sequence[_Fresh], plans: Iterable[Plan]) -> None:
    """Each accepted reading as the clock sees it, under the plan that ran there and then."""
    known = list(plans)
    for one in accepted:
        plan = plan_for(known, sender.station_id, one.moment.at, GRACE)
        one.scan = Scan(one.reading.id, one.moment.at, sender.station_id, sender.direction, plan)


def _count(
    accepted: Sequence[_Fresh], stored: Sequence[Row[Any]], zone: tzinfo, now: datetime
) -> tuple[dict[UUID, dict[str, Any]], dict[int, dict[str, int]]]:
    """Fold the accepted scans into records; each scan's outcome is set on the way."""
    new: dict[int, list[Scan]] = defaultdict(list)
    before: dict[int, datetime] = {}
    for one in accepted:
        assert one.card is not None  # noqa: S101 - an accepted scan has its card
        assert one.scan is not None  # noqa: S101 - and has just been given its place
        at, member_id = one.moment.at, one.card.member_id
        new[member_id].append(one.scan)
        before[member_id] = min(before.get(member_id, at), at)
    records, totals = _refold(new, before, stored, None, zone, now)
    for one in accepted:
        one.outcome = records[one.reading.id]["effect"]
    return records, totals


def _refold(
    new: Mapping[int, Sequence[Scan]],
    before: Mapping[int, datetime],
    stored: Sequence[Row[Any]],
    undone: UUID | None,
    zone: tzinfo,
    now: datetime,
) -> tuple[dict[UUID, dict[str, Any]], dict[int, dict[str, int]]]:
    """Make the stored records equal to the fold of stored and new scans.

    Gives what each new scan did, and each member's totals. Only what can have
    changed is read: from the last instant before the earliest new scan at which
    the member cannot have been on duty.
    """
    scans = _scans_from_restart(new, before, stored)
    since = {member: min([before[member], *(scan.at for scan in scans[member][:1])]) for member in before}
    local = now.astimezone(zone)
    year_start = local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    touched = list_touched_records(before, min(since.values()), local.date(), year_start)
    to_add: list[dict[str, Any]] = []
    to_change: list[tuple[int, Derived]] = []
    traces: list[dict[str, Any]] = []
    effects = {}
    totals: dict[int, dict[str, int]] = {}
    ids: dict[UUID, int] = {}
    for member, found_scans in scans.items():
        folded = [scan for scan in found_scans if scan.id != undone]
        earlier = [row for row in touched[member].rows.values() if row.checked_in_at < since[member]]
        to_change += [(row.id, forget(row)) for row in earlier if row.state == RecordState.OPEN]
        rows = {
            opening: row
            for opening, row in touched[member].rows.items()
            if row.checked_in_at >= since[member]
        }
        folding = fold(folded, now)
        derived = {id(span): derive(span, zone) for span in folding.spans}
        found = reconcile(derived.values(), rows)
        to_add += [{"member_id": member, **_columns(values)} for values in found.new]
        to_change += [*found.changed, *found.superseded]
        cause = undone or min(new[member], key=lambda scan: scan.at).id
        traces += trace_changes(rows.values(), found, cause, now)
        ids |= {opening: row.id for opening, row in rows.items()}
        for scan in new[member]:
            effect, span = folding.effects[scan.id]
            effects[scan.id] = (effect, derived[id(span)] if span else None)
        both: list[Any] = [*earlier, *derived.values()]
        counted = [one for one in both if one.checked_in_at >= year_start]
        totals[member] = {
            "today_minutes": touched[member].older_today
            + sum(one.minutes for one in counted if one.served_on == local.date()),
            "year_minutes": touched[member].older_year + sum(one.minutes for one in counted),
        }
    # Close and supersede before opening: the unique index allows one open record at a time.
    _change(to_change)
    if to_add:
        ids |= {row.opening_scan_id: row.id for row in insert_rows(RECORDS, to_add, "id", "opening_scan_id")}
    if traces:
        insert_rows(CHANGES, traces)
    done = {
        scan_id: {
            "effect": str(effect),
            "record": {"id": ids[values.opening_scan_id], **snapshot(values)} if values else None,
        }
        for scan_id, (effect, values) in effects.items()
    }
    return done, totals


def _scans_from_restart(
    new: Mapping[int, Sequence[Scan]], before: Mapping[int, datetime], stored: Sequence[Row[Any]]
) -> dict[int, list[Scan]]:
    """Each member's scans, in order, from a restart on; looks further back while there is none."""
    found: dict[int, list[Scan]] = {}
    waiting, back = set(before), LOOK_BACK
    since = min(before.values()) - back
    while True:
        counted = _counted(stored, waiting, since)
        for member in list(waiting):
            scans = in_order([*counted[member], *new[member]])
            start = restart_index(scans, before[member], since) if scans else 0
            if start is not None:
                found[member] = scans[start:]
                waiting.discard(member)
        if not waiting:
            return found
        back *= 4
        since = min(before[member] for member in waiting) - back
        stored = list_scans([], waiting, since)


def _counted(stored: Sequence[Row[Any]], members: set[int], since: datetime) -> dict[int, list[Scan]]:
    """The scans among ``stored`` rows that count: accepted, not undone, from ``since`` on."""
    found: dict[int, list[Scan]] = {member: [] for member in members}
    for row in stored:
        if row.member_id not in found or row.undone is not None or row.at < since:
            continue
        plan = None
        if row.activity_id is not None:
            plan = Plan(row.activity_id, row.station_id, row.plan_starts_at, row.plan_ends_at)
        found[row.member_id].append(Scan(row.id, row.at, row.station_id, Direction(row.direction), plan))
    return found


def _columns(values: Derived) -> dict[str, Any]:
    return {name: getattr(values, name) for name in values.__slots__}


def _change(changes: Sequence[tuple[int, Derived]]) -> None:
    # The open ones last, for the same reason as above.
    for is_open in (False, True):
        rows = [
            {"id": record_id, **{name: getattr(values, name) for name in CHANGEABLE}}
            for record_id, values in changes
            if (values.state == RecordState.OPEN) is is_open
        ]
        if rows:
            update_rows(RECORDS, rows)


def _answer(one: _Fresh, records: Mapping[UUID, Any], totals: Mapping[int, Any]) -> Answer:
    counted = records.get(one.reading.id)
    return Answer(
        id=str(one.reading.id),
        status=status_of(one.outcome),
        outcome=one.outcome,
        # A refused scan names nobody: whoever holds a found card learns nothing.
        member=_shown(one.card) if counted and one.card is not None else None,
        record=counted["record"] if counted else None,
        totals=totals[one.card.member_id] if counted and one.card is not None else None,
    )


def _shown(row: Row[Any]) -> dict[str, str]:
    return {"name": mask_name(row.name), "volunteer_no": row.volunteer_no}


def _row(sender: Sender, one: _Fresh, answer: Answer, now: datetime) -> dict[str, Any]:
    reading, plan = one.reading, one.scan.plan if one.scan else None
    return {
        "id": reading.id,
        "terminal_id": sender.terminal_id,
        "station_id": sender.station_id,
        "direction": str(sender.direction),
        "seq": reading.seq,
        "boot": reading.boot,
        "medium": str(reading.medium),
        "identity_hash": one.identity_hash,
        "card_id": one.card.id if one.card is not None else None,
        "member_id": one.card.member_id if one.scan and one.card is not None else None,
        "at": one.moment.at,
        "is_time_suspect": one.moment.is_suspect,
        "claimed_at": reading.claimed_at,
        "age_ms": reading.age // timedelta(milliseconds=1) if reading.age is not None else None,
        "received_at": now,
        "activity_id": plan.activity_id if plan else None,
        "plan_starts_at": plan.starts_at if plan else None,
        "plan_ends_at": plan.ends_at if plan else None,
        "status": str(answer.status),
        "outcome": answer.outcome,
        "answer": json.dumps({"record": answer.record, "totals": answer.totals}),
    }


def _quarantine(sender: Sender, entries: Sequence[Unreadable], now: datetime) -> None:
    """Keep what could not be taken. The age differs at each sending and does not count as a difference."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        content = entry.content
        if isinstance(content, dict):
            content = {key: value for key, value in content.items() if key != "age_ms"}
        text = json.dumps([sender.terminal_id, entry.detail, content], sort_keys=True)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        rows[fingerprint] = {
            "terminal_id": sender.terminal_id,
            "fingerprint": fingerprint,
            "reason": _reason(entry),
            "detail": entry.detail[:500],
            "content": json.dumps(content),
            "received_at": now,
        }
    missing = set(rows) - list_known_fingerprints(rows) if rows else set()
    if missing:
        db.session.execute(insert(QUARANTINE), [rows[one] for one in sorted(missing)])
