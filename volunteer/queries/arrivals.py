"""Arrivals as the detectors look at them: scans, terminals, quarantine, cards."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.arrivals import SEQ_TOLERANCE, WALK
from volunteer.domain.detectors import MERGE_KEY
from volunteer.domain.records import RecordState
from volunteer.domain.reviews import ReviewKind, ReviewState
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.models.reviews import ReviewItem
from volunteer.models.scans import QuarantinedScan, ScanUndo, StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.sets import among

SCANS = table_of(StoredScan)
_r, _s, _i, _u = table_of(ServiceRecord).c, SCANS.c, table_of(ReviewItem).c, table_of(ScanUndo).c
_merges = table_of(Merge).c
# What a scan that counts has opened or closed.
_SERVED = [str(one) for one in RecordState if one not in (RecordState.SUPERSEDED, RecordState.VOID)]


def find_first_arrival() -> datetime | None:
    """When the first scan of all arrived, or None."""
    first: datetime | None = db.session.execute(select(func.min(_s.received_at))).scalar_one()
    return first


def list_scanned(since: datetime) -> Sequence[Any]:
    """Member and instant of every scan that counts and arrived since then."""
    statement = select(_s.member_id, _s.at).where(_s.received_at >= since, _s.member_id.is_not(None))
    return db.session.execute(statement.distinct()).all()


def list_clock_items() -> list[ReviewItem]:
    """What was found about clocks of terminals and is neither muted nor gone."""
    states = ReviewState.OPEN, ReviewState.ACCEPTED, ReviewState.REJECTED
    statement = select(ReviewItem).where(
        _i.state.in_([str(one) for one in states]),
        _i.kind == str(ReviewKind.SUSPECT_CLOCK),
        _i.key.like("clock:%"),
    )
    return list(db.session.execute(statement).scalars())


def list_open_clashes() -> list[ReviewItem]:
    """Identities of two people that nobody has decided about; the key ends with the identity's digest."""
    statement = select(ReviewItem).where(
        _i.state == str(ReviewState.OPEN),
        _i.kind == str(ReviewKind.IDENTITY_CLASH),
        ~_i.key.like("identity_clash:card:%"),
        ~_i.key.like(f"{MERGE_KEY}%"),
    )
    return list(db.session.execute(statement).scalars())


def _arrived(starts_at: datetime, ends_at: datetime) -> ColumnElement[bool]:
    return and_(_s.received_at >= starts_at, _s.received_at < ends_at)


def list_suspect_scans(starts_at: datetime, ends_at: datetime) -> list[Any]:
    """Scans that arrived then and count, though their time is only reckoned; with the station's team."""
    statement = (
        select(_s.id, _s.terminal_id, _s.station_id, Station.team_id)
        .join_from(SCANS, Station, Station.id == _s.station_id)
        .outerjoin(ScanUndo, _u.scan_id == _s.id)
        .where(
            _arrived(starts_at, ends_at), _s.is_time_suspect, _s.member_id.is_not(None), _u.scan_id.is_(None)
        )
    )
    return list(db.session.execute(statement))


def list_record_ids_by_scan(scan_ids: Iterable[UUID]) -> dict[Any, int]:
    """The records that these scans opened (scan, 0) or closed (scan, 1)."""
    found: dict[Any, int] = {}
    ids = {"ids": list(scan_ids)}
    for place, column in enumerate((_r.opening_scan_id, _r.closing_scan_id)):
        statement = select(column.label("scan_id"), _r.id).where(among(column, "ids"), _r.state.in_(_SERVED))
        found |= {(row.scan_id, place): row.id for row in db.session.execute(statement, ids)}
    return found


def list_late_changes(starts_at: datetime, ends_at: datetime) -> list[Any]:
    """What scans that arrived then changed in records that had been shown; ``undone`` where taken back."""
    person = aliased(Member)
    change = table_of(RecordChange).c
    statement = (
        select(
            change.scan_id,
            change.record_id,
            change.before,
            change.after,
            _s.at,
            _s.received_at,
            _s.station_id,
            _s.terminal_id,
            person.id.label("person_id"),
            person.team_id,
            _u.scan_id.label("undone"),
        )
        .join_from(SCANS, table_of(RecordChange), change.scan_id == _s.id)
        .outerjoin(ScanUndo, _u.scan_id == _s.id)
        .outerjoin(Merge, and_(_merges.duplicate_id == _s.member_id, _merges.undone_at.is_(None)))
        .join(person, person.id == func.coalesce(_merges.kept_id, _s.member_id))
        .where(_arrived(starts_at, ends_at))
        .order_by(change.id)
    )
    return list(db.session.execute(statement))


def list_repeated_scans(starts_at: datetime, ends_at: datetime) -> list[Any]:
    """Scans that arrived then with a number that their terminal had used, or passed, since its start.

    Another scan has the same number, or a higher number was held clearly earlier.
    """
    columns = [_s.id, _s.terminal_id, _s.station_id, _s.boot, Station.team_id]
    twin = aliased(SCANS)
    repeated = (
        select(*columns)
        .join_from(SCANS, Station, Station.id == _s.station_id)
        .where(_arrived(starts_at, ends_at), _s.seq.is_not(None), _s.boot.is_not(None))
        .where(
            select(twin.c.id)
            .where(
                twin.c.terminal_id == _s.terminal_id,
                twin.c.seq == _s.seq,
                twin.c.boot == _s.boot,
                twin.c.id != _s.id,
            )
            .exists()
        )
    )
    window = {"partition_by": (_s.terminal_id, _s.boot), "order_by": (_s.seq, _s.at)}
    numbered = (
        select(*columns, _s.at, func.lead(_s.at, type_=_s.at.type).over(**window).label("next_at"))  # type: ignore[arg-type]
        .join_from(SCANS, Station, Station.id == _s.station_id)
        .where(_arrived(starts_at, ends_at), _s.seq.is_not(None), _s.boot.is_not(None), ~_s.is_time_suspect)
        .subquery()
    )
    passed = select(numbered).where(numbered.c.next_at < numbered.c.at)
    found = {row.id: row for row in db.session.execute(repeated)}
    for row in db.session.execute(passed):
        if row.at - row.next_at > SEQ_TOLERANCE:
            found.setdefault(row.id, row)
    return list(found.values())


def list_hurried_scans(starts_at: datetime, ends_at: datetime) -> list[Any]:
    """Scans of cards that had been held at another station just before, with that instant."""
    window = {"partition_by": _s.card_id, "order_by": (_s.at, _s.id)}
    held = (
        select(
            _s.id, _s.card_id, _s.member_id, _s.station_id, _s.terminal_id, _s.at,
            func.lag(_s.at, type_=_s.at.type).over(**window).label("at_before"),
            func.lag(_s.station_id).over(**window).label("station_before"),
        )
        .where(_arrived(starts_at, ends_at), _s.member_id.is_not(None), ~_s.is_time_suspect)
        .subquery()
    )  # fmt: skip
    person = aliased(Member)
    statement = (
        select(held, person.id.label("person_id"), person.team_id.label("member_team_id"))
        .outerjoin(Merge, and_(_merges.duplicate_id == held.c.member_id, _merges.undone_at.is_(None)))
        .join(person, person.id == func.coalesce(_merges.kept_id, held.c.member_id))
        .where(held.c.station_before != held.c.station_id)
    )
    return [row for row in db.session.execute(statement) if row.at - row.at_before < WALK]


def list_quarantined(last_id: int, since: datetime) -> list[Any]:
    """Scans put in quarantine since then by the terminals that have one after ``last_id``.

    With the terminal's station and its team. ``since`` begins a day, so that a day is whole.
    """
    quarantine = table_of(QuarantinedScan).c
    fresh = select(quarantine.terminal_id).where(quarantine.id > last_id)
    statement = (
        select(quarantine.id, quarantine.terminal_id, quarantine.received_at, Terminal.station_id)
        .add_columns(Station.team_id)
        .join_from(table_of(QuarantinedScan), Terminal, Terminal.id == quarantine.terminal_id)
        .join(Station, Station.id == Terminal.station_id)
        .where(quarantine.terminal_id.in_(fresh), quarantine.received_at >= since)
        .order_by(quarantine.id)
    )
    return list(db.session.execute(statement))


def list_shared_cards(last_id: int, identities: Iterable[str]) -> list[Any]:
    """Cards given for good with one of these identities, or that of a card after ``last_id``.

    With the person and the person's team.
    """
    cards = table_of(Card).c
    fresh = db.session.execute(select(cards.identity_hash).where(cards.id > last_id)).scalars()
    wanted = {*identities, *fresh}
    if not wanted:
        return []
    person = aliased(Member)
    is_merged = and_(_merges.duplicate_id == cards.member_id, _merges.undone_at.is_(None))
    statement = (
        select(cards.id, cards.identity_hash, cards.issued_at, person.id.label("person_id"), person.team_id)
        .outerjoin_from(table_of(Card), Merge, is_merged)
        .join(person, person.id == func.coalesce(_merges.kept_id, cards.member_id))
        .where(among(cards.identity_hash, "hashes"), cards.valid_until.is_(None))
        .order_by(cards.id)
    )
    return list(db.session.execute(statement, {"hashes": sorted(wanted)}))


def list_terminal_clocks() -> list[Any]:
    """Every terminal that may report, with its clock's offset and the station's team."""
    statement = (
        select(Terminal.id, Terminal.station_id, Terminal.clock_offset_ms, Station.team_id)
        .join(Station, Station.id == Terminal.station_id)
        .where(Terminal.revoked_at.is_(None), Terminal.clock_offset_ms.is_not(None))
    )
    return list(db.session.execute(statement))
