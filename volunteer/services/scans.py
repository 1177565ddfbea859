"""Taking scans: every one is stored, counted once, and answered after the commit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

import orjson

from volunteer.db import send, transaction
from volunteer.domain.activities import plan_for
from volunteer.domain.cards import (
    ENROLLABLE,
    ENROLLED,
    CardKeys,
    CardKind,
    Enrol,
    Identity,
    Tap,
    card_at,
    enrol_nobody,
    hash_identity,
    read_identity,
    why_refused,
)
from volunteer.domain.clocking import GRACE, UNDO_WITHIN, Effect, Scan
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.records import forget, snapshot
from volunteer.domain.refolding import Occasion, Refolding
from volunteer.domain.scans import (
    ID_REUSED,
    Answer,
    Moment,
    Reading,
    ScanStatus,
    Unreadable,
    first_answer,
    keep_reused,
    reckon,
    remark_on,
    set_apart_reused,
    show_member,
    status_of,
)
from volunteer.domain.station_refusals import UndoTooLate
from volunteer.domain.stations import Direction
from volunteer.models.columns import table_of
from volunteer.models.scans import ScanUndo, StoredScan
from volunteer.queries.records import Reach, find_record_ids, list_due_records, list_touched_records
from volunteer.queries.scans import Basis, Held, find_undoable_scan, list_scans, read_basis
from volunteer.sets import inserting
from volunteer.writes.refolding import LOOK_BACK, change_steps, refold_members, steps_of
from volunteer.writes.scans import quarantine

# Terminals keep the time of a scan as they first wrote it down.
SAME_SCAN_WITHIN = timedelta(minutes=1)

SCANS, UNDOS = table_of(StoredScan), table_of(ScanUndo)


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
    sender: Sender,
    entries: Sequence[Reading | Unreadable],
    here: Installation,
    now: datetime,
    enrol: Enrol = enrol_nobody,
) -> list[Answer]:
    """Store every entry, derive the records, and answer each in the order given.

    Safe to repeat: an id already known gets its first answer again. Nothing is
    dropped: what cannot be taken is refused or quarantined, and stored as such.
    Either all answers are committed or none is given. ``enrol`` is asked about
    NFC cards that belong to nobody, and only then.
    """
    entries = set_apart_reused(entries)
    readings = [entry for entry in entries if isinstance(entry, Reading)]
    with transaction():
        quarantine(sender.terminal_id, [entry for entry in entries if isinstance(entry, Unreadable)], now)
        by_id = _take_readings(sender, readings, here, now, enrol) if readings else {}
    answers = []
    told: set[UUID] = set()
    for entry in entries:
        if isinstance(entry, Unreadable):
            answers.append(Answer(entry.id, ScanStatus.QUARANTINED, entry.reason))
            continue
        answer = by_id[entry.id]
        if entry.id in told and answer.status is not ScanStatus.QUARANTINED:
            answer = replace(answer, status=ScanStatus.DUPLICATE)
        told.add(entry.id)
        answers.append(answer)
    return answers


def undo_scan(sender: Sender, scan_id: UUID, here: Installation, now: datetime) -> Answer:
    """Let an accepted scan of the same station not have happened; within 60 s of its answer.

    Safe to repeat: what is undone already is answered as undone again.
    """
    with transaction():
        row = find_undoable_scan(scan_id, sender.station_id, now - UNDO_WITHIN)
        if row is None:
            raise UndoTooLate()
        occasion = Occasion(now, here.zone, scan_id)
        reach = Reach(row.at - LOOK_BACK, occasion.year_start, occasion.today)
        stored = list_scans([row.member_id], reach.since)
        # The restart is looked for while the scan still counts: what it changed lies after that restart.
        before = {row.member_id: row.at}
        touched = list_touched_records(before, reach)
        refolding = refold_members({row.member_id: []}, before, stored, touched, reach, occasion)
        steps = steps_of(refolding)
        if row.undone is None:
            undo = {"scan_id": scan_id, "terminal_id": sender.terminal_id, "undone_at": now}
            steps.append(inserting(UNDOS, [undo]))
        send(*steps, is_last=True)
    return Answer(
        id=str(scan_id),
        status=ScanStatus.ACCEPTED,
        outcome="undone",
        member=show_member(row),
        totals=refolding.totals[row.member_id],
    )


def close_forgotten(now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Close the open records whose limit has passed, crediting nothing; how many there were."""
    with transaction():
        if not claim.take():
            return 0
        rows = list_due_records(now)
        send(*change_steps([(row.id, forget(row)) for row in rows]))
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
    card: Any = None
    scan: Scan | None = None


def _take_readings(
    sender: Sender, readings: Sequence[Reading], here: Installation, now: datetime, enrol: Enrol
) -> dict[UUID, Answer]:
    fresh: dict[UUID, _Fresh] = {}
    for reading in readings:
        identity = read_identity(reading.token)
        moment = reckon(now, reading.claimed_at, reading.age, sender.offset)
        one = _Fresh(reading, identity, hash_identity(identity, here.keys), moment)
        fresh.setdefault(reading.id, one)
    instants = [one.moment.at for one in fresh.values()]
    occasion = Occasion(now, here.zone)
    reach = Reach(min(instants) - LOOK_BACK, occasion.year_start, occasion.today)
    hashes = {one.identity_hash for one in fresh.values()}
    window = min(instants), max(instants)
    basis = read_basis(hashes, fresh, sender.station_id, window, reach)
    answers = _answer_known(sender, fresh, basis.held.cards, basis.scans, now)
    _judge(fresh.values(), basis, here)
    taps = _list_taps(fresh.values())
    if taps and (bound := enrol(sender.terminal_id, taps, now)):
        # The card has an owner now: what else was held with it in this request counts for that member.
        basis = read_basis(hashes, fresh, sender.station_id, window, reach)
        _judge(fresh.values(), basis, here)
        fresh[bound].outcome = ENROLLED
    accepted = [one for one in fresh.values() if not one.outcome]
    _give_scans(sender, accepted, basis.held)
    refolding = _count(accepted, basis, reach, occasion)
    said = {one.reading.id: _answer(one, refolding) for one in fresh.values()}
    if fresh:
        rows = [_row(sender, one, said[one.reading.id], now) for one in fresh.values()]
        found = send(*steps_of(refolding), inserting(SCANS, rows), is_last=True)
        refolding.ids |= {row.opening_scan_id: row.id for rows in found for row in rows}
    return answers | {scan_id: answer.with_record_id(refolding.ids) for scan_id, answer in said.items()}


def _judge(fresh: Iterable[_Fresh], basis: Basis, here: Installation) -> None:
    """Find the card behind each reading, and why it is refused, if it is."""
    for one in fresh:
        one.card = card_at(basis.held.cards.get(one.identity_hash, ()), one.moment.at)
        one.outcome = why_refused(one.identity, one.card, one.moment.at, here.keys)


def _list_taps(fresh: Iterable[_Fresh]) -> list[Tap]:
    """The NFC cards among them that belong to nobody, where it is certain when they were held."""
    return [
        Tap(one.reading.id, one.identity, one.identity_hash, one.moment.at)
        for one in fresh
        if one.identity.kind is CardKind.NFC and one.outcome in ENROLLABLE and not one.moment.is_suspect
    ]


def _answer_known(
    sender: Sender,
    fresh: dict[UUID, _Fresh],
    cards: Mapping[str, Sequence[Any]],
    stored: Sequence[Any],
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
            reused.append(keep_reused(again.reading))
            continue
        answers[scan_id] = first_answer(row, cards.get(row.identity_hash, ()))
    quarantine(sender.terminal_id, reused, now)
    records = [answer.record for answer in answers.values() if answer.record]
    opened = [UUID(record["opened_by"]) for record in records if "opened_by" in record]
    ids = find_record_ids(opened) if opened else {}
    return {scan_id: answer.with_record_id(ids) for scan_id, answer in answers.items()}


def _give_scans(sender: Sender, accepted: Sequence[_Fresh], held: Held) -> None:
    """Each accepted reading as the clock sees it, under the plan that ran there and then."""
    for one in accepted:
        signed_up = held.signed_up.get(one.card.member_id, {})
        plan = plan_for(held.plans_at(one.moment.at), sender.station_id, one.moment.at, GRACE, signed_up)
        one.scan = Scan(one.reading.id, one.moment.at, sender.station_id, sender.direction, plan)


def _count(accepted: Sequence[_Fresh], basis: Basis, reach: Reach, occasion: Occasion) -> Refolding:
    """Fold the accepted scans into records; each scan's outcome is set on the way."""
    new: dict[int, list[Scan]] = defaultdict(list)
    before: dict[int, datetime] = {}
    for one in accepted:
        assert one.card is not None  # noqa: S101 - an accepted scan has its card
        assert one.scan is not None  # noqa: S101 - and has just been given its place
        at, member_id = one.moment.at, one.card.member_id
        new[member_id].append(one.scan)
        before[member_id] = min(before.get(member_id, at), at)
    refolding = refold_members(new, before, basis.scans, basis.touched, reach, occasion)
    for one in accepted:
        effect, _ = refolding.effects[one.reading.id]
        one.outcome = str(effect)
    return refolding


def _answer(one: _Fresh, refolding: Refolding) -> Answer:
    """The answer as it is stored: its record is named by the opening scan until it has an id."""
    scan_id, status = one.reading.id, status_of(one.outcome)
    if one.outcome == ENROLLED and one.card is not None:
        return Answer(str(scan_id), status, one.outcome, show_member(one.card))
    if scan_id not in refolding.effects or one.card is None:
        # A refused scan names nobody: whoever holds a found card learns nothing.
        return Answer(str(scan_id), status, one.outcome)
    _, values = refolding.effects[scan_id]
    record = {"opened_by": str(values.opening_scan_id), **snapshot(values)} if values else None
    member = one.card.member_id
    forgotten_on = refolding.forgotten.get(member) if one.outcome == Effect.CHECKED_IN else None
    return Answer(
        str(scan_id),
        status,
        one.outcome,
        show_member(one.card),
        record,
        refolding.totals[member],
        forgotten_on.isoformat() if forgotten_on else None,
        remark_on(one.outcome, refolding.plans[scan_id]),
        is_training=one.scan is not None and one.scan.plan is not None and one.scan.plan.is_training,
    )


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
        "plan_is_countable": plan.is_countable if plan else None,
        "plan_is_blocked": plan.is_blocked if plan else None,
        "status": str(answer.status),
        "outcome": answer.outcome,
        "answer": _kept(answer),
    }


def _kept(answer: Answer) -> str:
    """What of an answer must be told again as it was."""
    kept: dict[str, Any] = {"record": answer.record, "totals": answer.totals}
    if answer.forgotten_on:
        kept["forgotten_on"] = answer.forgotten_on
    if answer.remark:
        kept["remark"] = answer.remark
    if answer.is_training:
        kept["is_training"] = True
    return orjson.dumps(kept).decode()
