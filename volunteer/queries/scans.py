"""Scans and what is needed to answer them. The statements of the hot path stand here, built once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, bindparam, or_, select

from volunteer.db import db
from volunteer.domain.activities import Plan
from volunteer.domain.clocking import GRACE
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.members import Member
from volunteer.models.scans import QuarantinedScan, ScanUndo, StoredScan
from volunteer.models.stations import Activity
from volunteer.sets import among

SCANS, UNDOS = table_of(StoredScan), table_of(ScanUndo)
CARDS, MEMBERS, ACTIVITIES = table_of(Card), table_of(Member), table_of(Activity)

# The plans of the station ride along: a statement of their own would cost as much as this one.
_CARDS = (
    select(
        CARDS.c["id", "identity_hash", "state", "ended_at", "issued_at", "member_id"],
        MEMBERS.c["name", "volunteer_no", "status", "status_at"],
        ACTIVITIES.c.id.label("plan_id"),
        ACTIVITIES.c["starts_at", "ends_at"],
    )
    .join_from(CARDS, MEMBERS, CARDS.c.member_id == MEMBERS.c.id)
    .outerjoin(
        ACTIVITIES,
        and_(
            ACTIVITIES.c.station_id == bindparam("station"),
            ACTIVITIES.c.ends_at >= bindparam("earliest", type_=ACTIVITIES.c.ends_at.type),
            ACTIVITIES.c.starts_at <= bindparam("latest", type_=ACTIVITIES.c.ends_at.type),
        ),
    )
    .where(among(CARDS.c.identity_hash, "hashes"))
    # One order for everybody, so that two batches cannot lock each other out.
    .order_by(MEMBERS.c.id)
    .with_for_update(of=MEMBERS, key_share=True)
)

_SCANS = (
    select(
        SCANS.c["id", "member_id", "at", "station_id", "direction", "activity_id", "plan_starts_at"],
        SCANS.c["plan_ends_at", "identity_hash", "claimed_at", "outcome", "answer"],
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


@dataclass
class Held:
    """The cards of some identities, oldest first, and the plans of the station they were held at."""

    cards: dict[str, list[Row[Any]]] = field(default_factory=dict)
    plans: dict[int, Plan] = field(default_factory=dict)


def list_held_cards(hashes: Iterable[str], station_id: int, earliest: datetime, latest: datetime) -> Held:
    """The cards of these identities, and the plans that a check-in between the two instants may belong to.

    The members stay locked until the transaction ends.
    """
    held = Held()
    seen: set[int] = set()
    window = {"station": station_id, "earliest": earliest - GRACE, "latest": latest + GRACE}
    for row in db.session.connection().execute(_CARDS, {"hashes": list(hashes), **window}):
        if row.id not in seen:
            seen.add(row.id)
            held.cards.setdefault(row.identity_hash, []).append(row)
        if row.plan_id is not None and row.plan_id not in held.plans:
            held.plans[row.plan_id] = Plan(row.plan_id, station_id, row.starts_at, row.ends_at)
    for rows in held.cards.values():
        rows.sort(key=lambda row: (row.issued_at, row.id))
    return held


def list_scans(ids: Iterable[UUID], members: Iterable[int], since: datetime) -> list[Row[Any]]:
    """The scans with these ids, and all scans that count for these members from ``since`` on."""
    values = {"ids": list(ids), "members": list(members), "since": since}
    return list(db.session.connection().execute(_SCANS, values))


def find_undoable_scan(scan_id: UUID, station_id: int, answered_since: datetime) -> Row[Any] | None:
    """An accepted scan of this station answered since then, or undone already; its member locked. Or None."""
    statement = (
        select(
            SCANS.c["id", "member_id", "at"],
            MEMBERS.c["name", "volunteer_no"],
            UNDOS.c.scan_id.label("undone"),
        )
        .join_from(SCANS, MEMBERS, SCANS.c.member_id == MEMBERS.c.id)
        .outerjoin(UNDOS, UNDOS.c.scan_id == SCANS.c.id)
        .where(
            SCANS.c.id == scan_id,
            SCANS.c.station_id == station_id,
            or_(SCANS.c.received_at >= answered_since, UNDOS.c.scan_id.is_not(None)),
        )
        .with_for_update(of=MEMBERS, key_share=True)
    )
    return db.session.execute(statement).one_or_none()


def list_known_fingerprints(fingerprints: Iterable[str]) -> set[str]:
    """Those of the fingerprints that stand in quarantine already."""
    known = select(QuarantinedScan.fingerprint).where(QuarantinedScan.fingerprint.in_(list(fingerprints)))
    return set(db.session.execute(known).scalars())
