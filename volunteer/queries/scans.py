"""Scans and what is needed to answer them. The statements of the hot path stand here, built once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, or_, select

from volunteer.db import db
from volunteer.domain.activities import Plan
from volunteer.domain.clocking import GRACE
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.models.scans import QuarantinedScan, ScanUndo, StoredScan
from volunteer.models.stations import Activity
from volunteer.sets import among

# Plain tables, not mapped classes: a statement then costs half as much to run.
SCANS, UNDOS = StoredScan.__table__, ScanUndo.__table__
CARDS, MEMBERS, ACTIVITIES = Card.__table__, Member.__table__, Activity.__table__

_CARDS = (
    select(
        CARDS.c["id", "identity_hash", "state", "ended_at", "issued_at", "member_id"],
        MEMBERS.c["name", "volunteer_no", "status", "status_at"],
    )
    .join_from(CARDS, MEMBERS, CARDS.c.member_id == MEMBERS.c.id)
    .where(among(CARDS.c.identity_hash, "hashes"))
    # One order for everybody, so that two batches cannot lock each other out.
    .order_by(MEMBERS.c.id)
    .with_for_update(of=MEMBERS, key_share=True)
)

_SCANS = (
    select(
        SCANS.c["id", "member_id", "at", "station_id", "direction", "activity_id", "plan_starts_at"],
        SCANS.c["plan_ends_at", "identity_hash", "outcome", "answer"],
        UNDOS.c.scan_id.label("undone"),
    )
    .outerjoin_from(SCANS, UNDOS, UNDOS.c.scan_id == SCANS.c.id)
    .where(
        or_(
            among(SCANS.c.id, "ids"),
            and_(
                among(SCANS.c.member_id, "members"),
                SCANS.c.at >= bindparam("since", type_=SCANS.c.at.type),
            ),
        )
    )
)

_PLANS = select(ACTIVITIES.c["id", "station_id", "starts_at", "ends_at"]).where(
    ACTIVITIES.c.station_id == bindparam("station"),
    ACTIVITIES.c.ends_at >= bindparam("earliest", type_=SCANS.c.at.type),
    ACTIVITIES.c.starts_at <= bindparam("latest", type_=SCANS.c.at.type),
)


def list_cards_locking_members(hashes: Iterable[str]) -> dict[str, list[Row[Any]]]:
    """The cards of these identities, oldest first; their members stay locked until the transaction ends."""
    found: dict[str, list[Row[Any]]] = {}
    for row in db.session.connection().execute(_CARDS, {"hashes": list(hashes)}):
        found.setdefault(row.identity_hash, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.issued_at, row.id))
    return found


def list_scans(ids: Iterable[UUID], members: Iterable[int], since: datetime) -> list[Row[Any]]:
    """The scans with these ids, and all scans that count for these members from ``since`` on."""
    values = {"ids": list(ids), "members": list(members), "since": since}
    return list(db.session.connection().execute(_SCANS, values))


def list_plans(station_id: int, earliest: datetime, latest: datetime) -> list[Plan]:
    """The plans at a station that a check-in between the two instants may belong to."""
    window = {"station": station_id, "earliest": earliest - GRACE, "latest": latest + GRACE}
    return [Plan(*row) for row in db.session.connection().execute(_PLANS, window)]


def find_undoable_scan(scan_id: UUID, station_id: int, answered_since: datetime) -> Row[Any] | None:
    """An accepted, not yet undone scan of this station answered since then, its member locked; or None."""
    statement = (
        select(SCANS.c["id", "member_id", "at"], MEMBERS.c["name", "volunteer_no"])
        .join_from(SCANS, MEMBERS, SCANS.c.member_id == MEMBERS.c.id)
        .outerjoin(UNDOS, UNDOS.c.scan_id == SCANS.c.id)
        .where(
            SCANS.c.id == scan_id,
            SCANS.c.station_id == station_id,
            SCANS.c.received_at >= answered_since,
            UNDOS.c.scan_id.is_(None),
        )
        .with_for_update(of=MEMBERS, key_share=True)
    )
    return db.session.execute(statement).one_or_none()


def list_known_fingerprints(fingerprints: Iterable[str]) -> set[str]:
    """Those of the fingerprints that stand in quarantine already."""
    known = select(QuarantinedScan.fingerprint).where(QuarantinedScan.fingerprint.in_(list(fingerprints)))
    return set(db.session.execute(known).scalars())
