"""Scans and what is needed to answer them. The statements of the hot path stand here, built once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from volunteer.db import db
from volunteer.domain.activities import Plan
from volunteer.domain.clocking import GRACE, Scan
from volunteer.domain.stations import Direction
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.models.scans import QuarantinedScan, ScanUndo, StoredScan
from volunteer.models.stations import Activity

_scans = StoredScan.__table__.c
_cards = Card.__table__.c
_members = Member.__table__.c

_FIRST_ANSWERS = select(
    _scans.id,
    _scans.identity_hash,
    _scans.status,
    _scans.outcome,
    _scans.answer,
    _scans.station_id,
    _scans.received_at,
    _members.name,
    _members.volunteer_no,
).outerjoin_from(StoredScan, Member, _scans.member_id == _members.id)
_FIRST_ANSWERS_BY_ID = _FIRST_ANSWERS.where(_scans.id.in_(bindparam("ids", expanding=True)))

_CARDS = (
    select(
        _cards.id,
        _cards.identity_hash,
        _cards.state,
        _cards.ended_at,
        _cards.issued_at,
        _cards.member_id,
        _members.name,
        _members.volunteer_no,
        _members.status,
        _members.status_at,
    )
    .join_from(Card, Member, _cards.member_id == _members.id)
    .where(_cards.identity_hash.in_(bindparam("hashes", expanding=True)))
    # One order for everybody, so that two batches cannot lock each other out.
    .order_by(_members.id)
    .with_for_update(of=Member, key_share=True)
)

_COUNTED = (
    select(
        _scans.id,
        _scans.member_id,
        _scans.at,
        _scans.station_id,
        _scans.direction,
        _scans.activity_id,
        _scans.plan_starts_at,
        _scans.plan_ends_at,
    )
    .outerjoin_from(StoredScan, ScanUndo, ScanUndo.scan_id == _scans.id)
    .where(
        _scans.member_id.in_(bindparam("members", expanding=True)),
        _scans.at >= bindparam("since", type_=_scans.at.type),
        ScanUndo.scan_id.is_(None),
    )
)

_PLANS = select(Activity.id, Activity.station_id, Activity.starts_at, Activity.ends_at).where(
    Activity.station_id == bindparam("station"),
    Activity.ends_at >= bindparam("earliest", type_=_scans.at.type),
    Activity.starts_at <= bindparam("latest", type_=_scans.at.type),
)


def list_first_answers(ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """The first answers already given to these scan ids."""
    return {row.id: row for row in db.session.execute(_FIRST_ANSWERS_BY_ID, {"ids": list(ids)})}


def list_cards_locking_members(hashes: Iterable[str]) -> dict[str, list[Row[Any]]]:
    """The cards of these identities, newest last; their members stay locked to the end of the transaction."""
    found: dict[str, list[Row[Any]]] = {}
    for row in db.session.execute(_CARDS, {"hashes": list(hashes)}):
        found.setdefault(row.identity_hash, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.issued_at, row.id))
    return found


def list_counted_scans(members: Iterable[int], since: datetime) -> dict[int, list[Scan]]:
    """The accepted, not undone scans of these members from ``since`` on, by member, unordered."""
    found: dict[int, list[Scan]] = {}
    for row in db.session.execute(_COUNTED, {"members": list(members), "since": since}):
        plan = None
        if row.activity_id is not None:
            plan = Plan(row.activity_id, row.station_id, row.plan_starts_at, row.plan_ends_at)
        scan = Scan(row.id, row.at, row.station_id, Direction(row.direction), plan)
        found.setdefault(row.member_id, []).append(scan)
    return found


def list_plans(station_id: int, earliest: datetime, latest: datetime) -> list[Plan]:
    """The plans at a station that a check-in between the two instants may belong to."""
    window = {"station": station_id, "earliest": earliest - GRACE, "latest": latest + GRACE}
    return [Plan(*row) for row in db.session.execute(_PLANS, window)]


def find_undoable_scan(scan_id: UUID, station_id: int, answered_since: datetime) -> Row[Any] | None:
    """An accepted, not yet undone scan of this station answered since then, its member locked; or None."""
    statement = (
        select(_scans.id, _scans.member_id, _scans.at, _members.name, _members.volunteer_no)
        .join_from(StoredScan, Member, _scans.member_id == _members.id)
        .outerjoin(ScanUndo, ScanUndo.scan_id == _scans.id)
        .where(
            _scans.id == scan_id,
            _scans.station_id == station_id,
            _scans.received_at >= answered_since,
            ScanUndo.scan_id.is_(None),
        )
        .with_for_update(of=Member, key_share=True)
    )
    return db.session.execute(statement).one_or_none()


def list_known_fingerprints(fingerprints: Iterable[str]) -> set[str]:
    """Those of the fingerprints that stand in quarantine already."""
    known = select(QuarantinedScan.fingerprint).where(QuarantinedScan.fingerprint.in_(list(fingerprints)))
    return set(db.session.execute(known).scalars())
