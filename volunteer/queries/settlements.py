"""What waits to be settled, and the days that are."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.calendar import Calendar
from volunteer.domain.ledger import EntryKind
from volunteer.domain.records import RecordState
from volunteer.domain.reviews import HOLDING, ReviewState
from volunteer.domain.settlements import Unsettled, is_in_office_hours, is_waiting_for
from volunteer.models.columns import table_of
from volunteer.models.corrections import Correction
from volunteer.models.ledger import LedgerEntry, LedgerHead, SettledDay
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.queries.memberships import holds_on, spans_from, team_then, unit_then
from volunteer.sets import among

ONE_DAY = timedelta(days=1)
RECORDS = table_of(ServiceRecord)
_r, _e, _s = RECORDS.c, table_of(LedgerEntry).c, table_of(StoredScan).c
# Written so that both databases see the partial index of unsettled records.
_WAITS = (~_r.is_settled, _r.state != str(RecordState.OPEN))


def list_waiting_days(before: date) -> list[date]:
    """The days before ``before`` with records that the ledger does not say yet, oldest first."""
    statement = select(_r.served_on).where(*_WAITS, _r.served_on < before).distinct()
    return sorted(db.session.execute(statement).scalars())


def find_settled_day(day: date) -> SettledDay | None:
    """The closing of that day, or None while it is open."""
    return db.session.get(SettledDay, day, populate_existing=True)


def list_settled_days(first_on: date, last_on: date) -> dict[date, SettledDay]:
    """The closed days of a period."""
    statement = select(SettledDay).where(SettledDay.day_on.between(first_on, last_on))
    return {row.day_on: row for row in db.session.execute(statement).scalars()}


def list_terminals_in_use() -> list[Any]:
    """Every terminal that has ever been in touch and is not revoked, with its station."""
    statement = (
        select(Terminal, Station)
        .join(Station, Station.id == Terminal.station_id)
        .where(Terminal.revoked_at.is_(None), Terminal.last_contact_at.is_not(None))
        .order_by(Station.code, Terminal.id)
    )
    return list(db.session.execute(statement))


def list_awaited(starts_at: datetime, ends_at: datetime) -> list[Any]:
    """The terminals, with their stations, in which scans of that day may still lie."""
    return [row for row in list_terminals_in_use() if is_waiting_for(row.Terminal, starts_at, ends_at)]


def list_unsettled(
    day: date, limit: int, zone: tzinfo, calendar: Calendar, duty_days: frozenset[date]
) -> list[Unsettled]:
    """Records of that day that the ledger does not say yet; locked to the end of the transaction."""
    statement = select(_r.id).where(*_WAITS, _r.served_on == day).order_by(_r.id).limit(limit)
    ids = list(db.session.execute(statement.with_for_update()).scalars())
    return list_records_to_settle(ids, zone, calendar, duty_days, day)


def list_records_to_settle(
    ids: Iterable[int], zone: tzinfo, calendar: Calendar, duty_days: frozenset[date], day: date
) -> list[Unsettled]:
    """These records of one day, each with the member's team then, the plan then, and its corrections.

    Those of the evening before may be among them.
    """
    spans = spans_from(day - ONE_DAY)
    made, voided = aliased(Correction), aliased(Correction)
    statement = (
        select(
            RECORDS,
            team_then(spans).label("team_id"),
            unit_then(spans).label("unit_id"),
            _s.plan_starts_at,
            _s.plan_ends_at,
            _s.plan_is_countable,
            made,
            voided,
        )
        .join_from(RECORDS, Member, Member.id == _r.member_id)
        .outerjoin(spans, holds_on(spans, _r.served_on))
        .outerjoin(table_of(StoredScan), _s.id == _r.opening_scan_id)
        .outerjoin(made, made.id == _r.correction_id)
        .outerjoin(voided, voided.id == _r.voided_by_id)
        .where(among(_r.id, "ids"))
        .order_by(_r.checked_in_at, _r.id)
    )
    return [
        Unsettled(
            row=row,
            team_id=row.team_id,
            unit_id=row.unit_id,
            window=(row.plan_starts_at, row.plan_ends_at) if row.plan_starts_at else None,
            is_countable=row.plan_is_countable is not False,
            is_in_office_hours=is_in_office_hours(row, zone, calendar, duty_days),
            corrected_by=row[-2],
            voided_by=row[-1],
        )
        for row in db.session.execute(statement, {"ids": list(ids)})
    ]


def list_live_credits(record_ids: Iterable[int]) -> dict[int, list[Any]]:
    """The credits of these records that no entry has taken back, by record, oldest first."""
    taken_back = select(_e.reverses).where(_e.reverses.is_not(None), among(_e.record_id, "ids"))
    statement = (
        select(table_of(LedgerEntry))
        .where(among(_e.record_id, "ids"), _e.kind == str(EntryKind.CREDIT), _e.number.not_in(taken_back))
        .order_by(_e.number)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(statement, {"ids": list(record_ids)}):
        found[row.record_id].append(row)
    return found


def list_persons(member_ids: Iterable[int]) -> dict[int, int]:
    """The kept row of the person behind each of these members, and behind every row merged with them."""
    ids = set(member_ids)
    statement = select(Merge.duplicate_id, Merge.kept_id).where(Merge.undone_at.is_(None))
    pairs = list(db.session.execute(statement))
    person = {row.duplicate_id: row.kept_id for row in pairs}
    kept = {person.get(one, one) for one in ids}
    return {one: person.get(one, one) for one in ids | kept | {d for d, k in person.items() if k in kept}}


def list_closed_ids(day: date, starts_at: datetime, member_ids: Iterable[int]) -> list[int]:
    """All closed records of these members on the day that starts then, and those of the evening before
    that reach into it.
    """
    reaches_in = and_(_r.served_on == day - ONE_DAY, _r.checked_out_at > starts_at)
    statement = select(_r.id).where(
        among(_r.member_id, "members"),
        _r.state == str(RecordState.CLOSED),
        or_(_r.served_on == day, reaches_in),
    )
    return list(db.session.execute(statement, {"members": list(member_ids)}).scalars())


def list_held(record_ids: Iterable[int]) -> frozenset[int]:
    """Those of the records that credit nothing before a person has decided, or because one decided so."""
    statement = (
        select(ReviewedRecord.record_id)
        .join(ReviewItem, ReviewItem.id == ReviewedRecord.item_id)
        .where(
            among(table_of(ReviewedRecord).c.record_id, "ids"),
            ReviewItem.kind.in_([str(kind) for kind in HOLDING]),
            ReviewItem.state.in_([str(ReviewState.OPEN), str(ReviewState.REJECTED)]),
        )
    )
    return frozenset(db.session.execute(statement, {"ids": list(record_ids)}).scalars())


def list_holding_items(day: date, member_ids: Iterable[int]) -> list[ReviewItem]:
    """What lies on the review desk about that day of these members and may hold their records."""
    statement = select(ReviewItem).where(
        among(table_of(ReviewItem).c.member_id, "members"),
        ReviewItem.day_on == day,
        ReviewItem.kind.in_([str(kind) for kind in HOLDING]),
        # What a whole month adds up to is looked at by the job alone.
        ReviewItem.key.not_like("month_total:%"),
    )
    return list(db.session.execute(statement, {"members": list(member_ids)}).scalars())


def list_heads(member_ids: Iterable[int]) -> dict[int, LedgerHead]:
    """Where the chains of these members end."""
    statement = select(LedgerHead).where(among(table_of(LedgerHead).c.member_id, "members"))
    rows = db.session.execute(statement, {"members": list(member_ids)}).scalars()
    return {row.member_id: row for row in rows}


def find_last_number() -> int:
    """The number of the newest entry; 0 where there is none."""
    return int(db.session.execute(select(func.coalesce(func.max(_e.number), 0))).scalar_one())


def sum_days(first_on: date, last_on: date, team_ids: Iterable[int]) -> dict[date, Any]:
    """By day: records, those that wait to be settled, and credited minutes as the records say them."""
    waits = case((_r.is_settled, 0), else_=1)
    statement = (
        select(
            _r.served_on,
            func.count(_r.id).label("records"),
            func.sum(waits).label("waiting"),
            func.sum(_r.minutes).label("minutes"),
        )
        .join_from(RECORDS, Member, Member.id == _r.member_id)
        .where(
            _r.served_on.between(first_on, last_on),
            _r.state != str(RecordState.SUPERSEDED),
            Member.team_id.in_(list(team_ids)),
        )
        .group_by(_r.served_on)
    )
    return {row.served_on: row for row in db.session.execute(statement)}
