"""Scans and what is needed to answer them. The statements of the hot path stand here, built once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, func, or_, select

from volunteer.db import db, send
from volunteer.domain.activities import (
    RISK_POLICY_SETTING,
    ActivityState,
    Plan,
    RiskPolicy,
    RiskRule,
    plan_of,
    read_risk_rule,
)
from volunteer.domain.clocking import GRACE
from volunteer.domain.participations import ParticipationState
from volunteer.models.activities import Activity, Participation
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.duty_days import Setting
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.scans import QuarantinedScan, ScanUndo, StoredScan
from volunteer.queries.records import Reach, Touched, gather_touched, touched_by
from volunteer.sets import among, selected

SCANS, UNDOS = table_of(StoredScan), table_of(ScanUndo)
CARDS, MEMBERS, ACTIVITIES = table_of(Card), table_of(Member), table_of(Activity)
PARTICIPATIONS, MERGES = table_of(Participation), table_of(Merge)

_RISK_RULE = select(Setting.value).where(Setting.name == RISK_POLICY_SETTING).scalar_subquery()
# For the time before a merge a card may still be the duplicate's; the answers stand under the kept row.
_KEPT_ID = (
    select(MERGES.c.kept_id)
    .where(MERGES.c.duplicate_id == CARDS.c.member_id, MERGES.c.undone_at.is_(None))
    .correlate(CARDS)
    .scalar_subquery()
)
# No join: for that, PostgreSQL reads what everybody answered to everything.
_SIGNED_UP_AT = (
    select(PARTICIPATIONS.c.state_at)
    .where(
        PARTICIPATIONS.c.activity_id == ACTIVITIES.c.id,
        PARTICIPATIONS.c.member_id == func.coalesce(_KEPT_ID, CARDS.c.member_id),
        PARTICIPATIONS.c.state == str(ParticipationState.SIGNED_UP),
    )
    .correlate(CARDS, ACTIVITIES)
    .scalar_subquery()
)
# The plans of the station ride along, and who signed up for them: a statement of their own would cost
# as much as this one.
_CARDS = (
    select(
        CARDS.c["id", "identity_hash", "state", "ended_at", "issued_at", "member_id", "valid_until"],
        MEMBERS.c["name", "volunteer_no", "status", "status_at"],
        ACTIVITIES.c.id.label("plan_id"),
        ACTIVITIES.c["starts_at", "ends_at", "is_countable", "is_training", "risk_level", "insurance_no"],
        _RISK_RULE.label("risk_rule"),
        _SIGNED_UP_AT.label("signed_up_at"),
    )
    .join_from(CARDS, MEMBERS, CARDS.c.member_id == MEMBERS.c.id)
    .outerjoin(
        ACTIVITIES,
        and_(
            ACTIVITIES.c.station_id == bindparam("station"),
            ACTIVITIES.c.ends_at >= bindparam("earliest", type_=ACTIVITIES.c.ends_at.type),
            ACTIVITIES.c.starts_at <= bindparam("latest", type_=ACTIVITIES.c.ends_at.type),
            ACTIVITIES.c.state == str(ActivityState.PUBLISHED),
        ),
    )
    .where(among(CARDS.c.identity_hash, "hashes"))
    # One order for everybody, so that two batches cannot lock each other out.
    .order_by(MEMBERS.c.id)
    .with_for_update(of=MEMBERS, key_share=True)
)

# The same members, for the statements that travel in the same go.
_HOLDERS = select(CARDS.c.member_id).where(among(CARDS.c.identity_hash, "hashes"))


def _scans_of(is_chosen: Any) -> Select[Any]:
    counts = and_(is_chosen, SCANS.c.at >= bindparam("since", type_=SCANS.c.at.type))
    return (
        select(
            SCANS.c["id", "member_id", "at", "station_id", "direction", "activity_id", "plan_starts_at"],
            SCANS.c["plan_ends_at", "plan_is_countable", "plan_is_blocked"],
            SCANS.c["identity_hash", "claimed_at", "outcome", "answer"],
            UNDOS.c.scan_id.label("undone"),
        )
        .outerjoin_from(SCANS, UNDOS, UNDOS.c.scan_id == SCANS.c.id)
        .where(or_(among(SCANS.c.id, "ids"), counts))
    )


_SCANS_OF_HOLDERS = _scans_of(selected(SCANS.c.member_id, _HOLDERS))
_SCANS_OF_MEMBERS = _scans_of(among(SCANS.c.member_id, "members"))
_HOLDERS_TOUCHED = touched_by(lambda column: selected(column, _HOLDERS))


@dataclass
class Held:
    """The cards of some identities, oldest first, and the activities at the station they were held at.

    ``signed_up`` says by member and activity since when.
    """

    station_id: int
    cards: dict[str, list[Any]] = field(default_factory=dict)
    activities: dict[int, Any] = field(default_factory=dict)
    signed_up: dict[int, dict[int, datetime]] = field(default_factory=lambda: defaultdict(dict))
    rule: RiskRule = field(default_factory=RiskRule)
    _plans: dict[RiskPolicy, list[Plan]] = field(default_factory=dict)

    def plans_at(self, at: datetime) -> Sequence[Plan]:
        """The plans there for a card held then, under the policy of then."""
        policy = self.rule.at(at)
        if policy not in self._plans:
            rows = self.activities.values()
            self._plans[policy] = [plan_of(row.plan_id, row, self.station_id, policy) for row in rows]
        return self._plans[policy]


@dataclass(frozen=True)
class Basis:
    """All that is known before scans are counted: cards and plans, scans already stored, records."""

    held: Held
    scans: Sequence[Any]
    touched: Mapping[int, Touched]


def read_basis(
    hashes: Iterable[str],
    ids: Iterable[UUID],
    station_id: int,
    window: tuple[datetime, datetime],
    reach: Reach,
) -> Basis:
    """What the cards of these identities may concern when held at this station within ``window``.

    That is the scans with these ``ids``, and the holders' scans and records within
    ``reach``. The holders stay locked until the transaction ends.
    """
    holders = {"hashes": list(hashes)}
    plans = {"station": station_id, "earliest": window[0] - GRACE, "latest": window[1] + GRACE}
    records, sums = _HOLDERS_TOUCHED
    found = send(
        (_CARDS, {**holders, **plans}),
        (_SCANS_OF_HOLDERS, {**holders, "ids": list(ids), "since": reach.since}),
        (records, {**holders, "since": reach.since}),
        (sums, {**holders, **reach.values()}),
    )
    return Basis(_hold(found[0], station_id), found[1], gather_touched(found[2], found[3], reach))


def _hold(rows: Sequence[Any], station_id: int) -> Held:
    held = Held(station_id)
    seen: set[int] = set()
    for row in rows:
        if row.id not in seen:
            seen.add(row.id)
            held.cards.setdefault(row.identity_hash, []).append(row)
        if row.plan_id is not None:
            held.activities[row.plan_id] = row
        if row.signed_up_at is not None:
            held.signed_up[row.member_id][row.plan_id] = row.signed_up_at
    if held.activities:
        held.rule = read_risk_rule(rows[0].risk_rule)
    for cards in held.cards.values():
        cards.sort(key=lambda row: (row.issued_at, row.id))
    return held


def list_scans(members: Iterable[int], since: datetime) -> Sequence[Any]:
    """All scans that count for these members from ``since`` on."""
    (rows,) = send((_SCANS_OF_MEMBERS, {"ids": [], "members": list(members), "since": since}))
    return rows


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
