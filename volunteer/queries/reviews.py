"""The review desk as people see it: what waits within an admin's scope, and the rows behind one item."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.member_changes import EventKind
from volunteer.domain.review_decisions import Reach, ReviewUnknown
from volunteer.domain.reviews import ReviewState
from volunteer.domain.roles import Capability, Role, may
from volunteer.domain.teams import TeamLevel
from volunteer.models.activities import Activity
from volunteer.models.admins import Appointment
from volunteer.models.audit import AuditEvent
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.member_changes import MemberEvent, Merge
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.models.scans import QuarantinedScan, StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.models.teams import Team
from volunteer.queries.admins import list_below
from volunteer.sets import among

_DECIDER = aliased(Admin)
_WITH_NAMES = (
    select(
        ReviewItem,
        Member.name,
        Member.volunteer_no,
        Team.name.label("team_name"),
        Team.parent_id,
        Station.name.label("station_name"),
        Station.code.label("station_code"),
        Terminal.name.label("terminal_name"),
        _DECIDER.name.label("decider_name"),
    )
    .join(Team, Team.id == ReviewItem.team_id)
    .outerjoin(Member, Member.id == ReviewItem.member_id)
    .outerjoin(Station, Station.id == ReviewItem.station_id)
    .outerjoin(Terminal, Terminal.id == ReviewItem.terminal_id)
    .outerjoin(_DECIDER, _DECIDER.id == ReviewItem.decided_by_id)
)


def _in(scope: Iterable[int], state: str, kind: str | None = None) -> list[ColumnElement[bool]]:
    chosen = [ReviewItem.team_id.in_(list(scope)), ReviewItem.state == state]
    return [*chosen, ReviewItem.kind == kind] if kind else chosen


def count_reviews(scope: Iterable[int], state: str = ReviewState.OPEN) -> dict[str, int]:
    """How many items of these teams are in this state, by kind; a kind without any is left out."""
    statement = (
        select(ReviewItem.kind, func.count(ReviewItem.id)).where(*_in(scope, state)).group_by(ReviewItem.kind)
    )
    return {kind: count for kind, count in db.session.execute(statement)}


def count_open_reviews(scope: Iterable[int]) -> int:
    """How many things of these teams wait for a person's eyes."""
    statement = select(func.count(ReviewItem.id)).where(*_in(scope, ReviewState.OPEN))
    return db.session.execute(statement).scalar_one()


def list_reviews(
    scope: Iterable[int], state: str, kind: str | None = None, *, offset: int = 0, limit: int = 50
) -> list[Row[Any]]:
    """Items of these teams in this state, the newest day first, with whom and what they are about."""
    page = (
        _WITH_NAMES.where(*_in(scope, state, kind))
        .order_by(ReviewItem.day_on.desc(), ReviewItem.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return list(db.session.execute(page))


def get_review_in(scope: Iterable[int], item_id: int) -> Any:
    """The item of one of these teams with its names; refuses as for one that does not exist."""
    statement = _WITH_NAMES.where(ReviewItem.id == item_id, ReviewItem.team_id.in_(list(scope)))
    found: Any = db.session.execute(statement).one_or_none()
    if found is None:
        raise ReviewUnknown()
    return found


def lock_reviews(scope: Iterable[int], ids: Iterable[int]) -> list[Row[ReviewItem, int | None]]:
    """These items with the team above each, nobody else changing them or their records till the end.

    Refuses where one is not there, or not in the scope. The records first, as settling does.
    """
    wanted = set(ids)
    records, reviewed = table_of(ServiceRecord).c, table_of(ReviewedRecord).c
    behind = select(reviewed.record_id).where(among(reviewed.item_id, "ids"))
    locked = select(records.id).where(records.id.in_(behind)).order_by(records.id).with_for_update()
    db.session.execute(locked, {"ids": list(wanted)}).all()
    statement = (
        select(ReviewItem, Team.parent_id)
        .join(Team, Team.id == ReviewItem.team_id)
        .where(among(table_of(ReviewItem).c.id, "ids"), ReviewItem.team_id.in_(list(scope)))
        .order_by(ReviewItem.id)
        .with_for_update(of=ReviewItem)
        .execution_options(populate_existing=True)
    )
    found = list(db.session.execute(statement, {"ids": list(wanted)}))
    if len(found) != len(wanted):
        raise ReviewUnknown()
    return found


def list_members_behind(item_ids: Iterable[int]) -> dict[int, set[int]]:
    """Whose records these items are about: the items by member."""
    records, reviewed = table_of(ServiceRecord).c, table_of(ReviewedRecord).c
    statement = (
        select(records.member_id, reviewed.item_id)
        .join_from(table_of(ReviewedRecord), table_of(ServiceRecord), records.id == reviewed.record_id)
        .where(among(reviewed.item_id, "ids"))
        .distinct()
    )
    found: dict[int, set[int]] = {}
    for row in db.session.execute(statement, {"ids": list(item_ids)}):
        found.setdefault(row.member_id, set()).add(row.item_id)
    return found


def list_merged_by(admin_id: int, items: Iterable[ReviewItem]) -> set[int]:
    """Those of the items behind which stands a merge that this admin made."""
    behind: dict[int, list[int]] = {item.id: _merges_of(item) for item in items}
    ids = [one for merges in behind.values() for one in merges]
    if not ids:
        return set()
    event = and_(MemberEvent.member_id == Merge.duplicate_id, MemberEvent.at == Merge.merged_at)
    statement = (
        select(Merge.id)
        .join(MemberEvent, event)
        .where(Merge.id.in_(ids), MemberEvent.kind == EventKind.MERGED_AWAY, MemberEvent.admin_id == admin_id)
    )
    mine = set(db.session.execute(statement).scalars())
    return {item_id for item_id, merges in behind.items() if mine & set(merges)}


def _merges_of(item: ReviewItem) -> list[int]:
    rows: Any = item.rows
    return list(rows.get("merges", []))


def find_reach(admin_id: int, today: date) -> Reach:
    """The teams for which this admin may decide today: those of appointments with that right, and below.

    Somebody who reads the brigade as its auditor and leads a team decides for the team alone.
    """
    statement = (
        select(Appointment.role, Team.id, Team.level)
        .join(Team, Team.id == Appointment.team_id)
        .join(Admin, Admin.id == Appointment.admin_id)
        .where(
            Appointment.admin_id == admin_id,
            Admin.is_active,
            or_(Appointment.from_on.is_(None), Appointment.from_on <= today),
            or_(Appointment.until_on.is_(None), Appointment.until_on > today),
        )
    )
    rows = [row for row in db.session.execute(statement) if may([Role(row.role)], Capability.DECIDE_REVIEWS)]
    is_brigade = any(row.level == TeamLevel.BRIGADE for row in rows)
    return Reach(frozenset(list_below(row.id for row in rows)), is_brigade)


def list_reviewed_records(scope: Iterable[int], item_id: int) -> list[Row[Any]]:
    """The records that an item is about, in order, with member, station and activity.

    ``is_near`` where the member belongs to these teams: of others only the masked name is shown.
    """
    statement = (
        select(
            ServiceRecord,
            Member.name,
            Member.volunteer_no,
            Station.name.label("station_name"),
            Station.code.label("station_code"),
            Activity.name.label("activity_name"),
            Activity.category.label("category"),
            Member.team_id.in_(list(scope)).label("is_near"),
        )
        .join(ReviewedRecord, ReviewedRecord.record_id == ServiceRecord.id)
        .join(Member, Member.id == ServiceRecord.member_id)
        .join(Station, Station.id == ServiceRecord.station_id)
        .outerjoin(Activity, Activity.id == ServiceRecord.activity_id)
        .where(ReviewedRecord.item_id == item_id)
        .order_by(ServiceRecord.checked_in_at, ServiceRecord.id)
    )
    return list(db.session.execute(statement))


def list_reviewed_scans(
    scope: Iterable[int], scan_ids: Iterable[str], record_ids: Iterable[int]
) -> list[Row[Any]]:
    """These scans, and those that opened or closed these records, in order, with terminal and station.

    ``is_near`` as above.
    """
    records = table_of(ServiceRecord).c
    found = db.session.execute(
        select(records.opening_scan_id, records.closing_scan_id).where(among(records.id, "ids")),
        {"ids": list(record_ids)},
    )
    ids = {UUID(one) for one in scan_ids} | {one for row in found for one in row if one is not None}
    statement = (
        select(
            StoredScan,
            Member.name,
            Member.volunteer_no,
            Station.name.label("station_name"),
            Terminal.name.label("terminal_name"),
            Member.team_id.in_(list(scope)).label("is_near"),
        )
        .join(Station, Station.id == StoredScan.station_id)
        .join(Terminal, Terminal.id == StoredScan.terminal_id)
        .outerjoin(Member, Member.id == StoredScan.member_id)
        .where(among(table_of(StoredScan).c.id, "ids"))
        .order_by(StoredScan.at, StoredScan.id)
    )
    return list(db.session.execute(statement, {"ids": list(ids)}))


def list_reviewed_quarantine(ids: Iterable[int]) -> list[QuarantinedScan]:
    """These scans of the quarantine, oldest first."""
    statement = select(QuarantinedScan).where(QuarantinedScan.id.in_(list(ids))).order_by(QuarantinedScan.id)
    return list(db.session.execute(statement).scalars())


def list_reviewed_cards(scope: Iterable[int], ids: Iterable[int]) -> list[Row[Any]]:
    """These cards with their holders, oldest first; names only of members within the scope."""
    is_near = Member.team_id.in_(list(scope)).label("is_near")
    statement = (
        select(Card, Member.name, Member.volunteer_no, Team.name.label("team_name"), is_near)
        .join(Member, Member.id == Card.member_id)
        .join(Team, Team.id == Member.team_id)
        .where(Card.id.in_(list(ids)))
        .order_by(Card.issued_at, Card.id)
    )
    return list(db.session.execute(statement))


def list_review_events(item_id: int, found_at: datetime) -> list[tuple[AuditEvent, str]]:
    """What people did with the item, newest first, each with the state it came into."""
    statement = (
        select(AuditEvent)
        .where(AuditEvent.act.in_(ACTS), AuditEvent.at >= found_at)
        .order_by(AuditEvent.number.desc())
    )
    events = db.session.execute(statement).scalars()
    return [(one, state) for one in events if (state := _state_after(one, str(item_id)))]


# As the audit calls what happens on the pages of the review desk.
ACTS = ("admin.decide_reviews", "admin.undo_reviews", "admin.mute_review")


def _state_after(event: AuditEvent, item_id: str) -> str | None:
    changes: Any = event.changes
    for one in changes:
        if one.get("table") == "review_items" and one.get("id") == item_id:
            return str((one.get("after") or {}).get("state", "")) or None
    return None
