"""What the detectors look at: days that changed, what arrived, and the items found before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.calendar import Calendar
from volunteer.domain.detectors import MERGE_KEY, Stay
from volunteer.domain.jobs import start_of
from volunteer.domain.policies import Policy, policy_on
from volunteer.domain.records import RecordState
from volunteer.domain.reviews import MOST_MONTH_MINUTES, DayRecord, ReviewKind, ReviewState
from volunteer.domain.settlements import Unsettled, credit_of
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.duty_days import Setting
from volunteer.models.ledger import SettledDay
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.models.scans import QuarantinedScan, ScanUndo, StoredScan
from volunteer.queries.policies import list_policies
from volunteer.queries.settlements import list_closed_ids, list_records_to_settle
from volunteer.sets import among

RECORDS, SCANS, ITEMS = table_of(ServiceRecord), table_of(StoredScan), table_of(ReviewItem)
_r, _s, _i, _u = RECORDS.c, SCANS.c, ITEMS.c, table_of(ScanUndo).c
_merges = table_of(Merge).c
SHOWN_STATES = [str(state) for state in (RecordState.CLOSED, RecordState.FORGOTTEN, RecordState.LEFT)]


@dataclass(frozen=True)
class Working:
    """What office hours depend on."""

    zone: tzinfo
    calendar: Calendar
    duty_days: frozenset[date]


def find_setting(name: str) -> str | None:
    """What is kept under this name, or None."""
    return db.session.execute(select(Setting.value).where(Setting.name == name)).scalar_one_or_none()


def find_last_ids() -> dict[str, int]:
    """The newest ids of the tables that are looked through by id."""
    newest = {"record": _r.id, "quarantined": table_of(QuarantinedScan).c.id, "card": table_of(Card).c.id}
    return {
        name: db.session.execute(select(func.max(column))).scalar_one() or 0
        for name, column in newest.items()
    }


def list_changed_without_scan(record_id: int, since: datetime, recent_on: date) -> Sequence[Any]:
    """Member and day of records that changed though nobody scanned.

    Forgotten ones since ``recent_on``, those that people declared after ``record_id``, those
    of people merged or told apart since then, and void ones that an open item is still about.
    """
    forgotten = select(_r.member_id, _r.served_on).where(
        _r.served_on >= recent_on, _r.state == str(RecordState.FORGOTTEN)
    )
    declared = select(_r.member_id, _r.served_on).where(_r.id > record_id, _r.correction_id.is_not(None))
    # Together or apart, what the kept row's day holds changes with each day of the duplicate's.
    regrouped = or_(_merges.merged_at >= since, _merges.undone_at >= since), _r.state.in_(SHOWN_STATES)
    of_duplicates, of_kept = (
        select(row.label("member_id"), _r.served_on)
        .join_from(table_of(Merge), RECORDS, _r.member_id == _merges.duplicate_id)
        .where(*regrouped)
        for row in (_merges.duplicate_id, _merges.kept_id)
    )
    reviewed = table_of(ReviewedRecord).c
    taken_out = (
        select(_r.member_id, _r.served_on)
        .join_from(ITEMS, table_of(ReviewedRecord), reviewed.item_id == _i.id)
        .join(RECORDS, _r.id == reviewed.record_id)
        .where(
            _i.state.in_([str(ReviewState.OPEN), str(ReviewState.REJECTED)]),
            _i.member_id.is_not(None),
            _r.state.in_([str(RecordState.VOID), str(RecordState.SUPERSEDED)]),
        )
    )
    return [
        row
        for statement in (forgotten, declared, of_duplicates, of_kept, taken_out)
        for row in db.session.execute(statement.distinct())
    ]


def list_members_on(day: date) -> list[int]:
    """Everybody with a record of that day."""
    statement = select(_r.member_id).where(_r.served_on == day).distinct()
    return sorted(db.session.execute(statement).scalars())


def find_policy_on(day: date) -> Policy:
    """The policy that a closed day was settled with, else the one that holds."""
    policies = list_policies()
    closing = db.session.get(SettledDay, day)
    if closing is not None:
        return next(one for one in policies if one.id == closing.policy_id)
    return policy_on(policies, day)


def list_day(
    day: date, persons: Mapping[int, int], policy: Policy, working: Working
) -> tuple[list[DayRecord], list[Stay]]:
    """The records of these members on that day: the closed ones as settling sees them, and all of them.

    Among the closed ones are those of the evening before that reach into the day.
    """
    statement = select(_r.id).where(
        among(_r.member_id, "members"), _r.served_on == day, _r.state.in_(SHOWN_STATES)
    )
    ids = set(db.session.execute(statement, {"members": list(persons)}).scalars())
    closed = set(list_closed_ids(day, start_of(day, working.zone), persons))
    rows = list_records_to_settle(ids | closed, working.zone, working.calendar, working.duty_days, day)
    records = [_day_record(one, persons, policy, day) for one in rows if one.row.id in closed]
    return records, [_stay(one, persons) for one in rows if one.row.id in ids]


def _day_record(one: Unsettled, persons: Mapping[int, int], policy: Policy, day: date) -> DayRecord:
    row = one.row
    return DayRecord(
        record_id=row.id,
        member_id=row.member_id,
        person_id=persons[row.member_id],
        team_id=one.team_id,
        checked_in_at=row.checked_in_at,
        checked_out_at=row.checked_out_at,
        minutes=credit_of(one, policy),
        served_on=None if row.served_on == day else row.served_on,
    )


def _stay(one: Unsettled, persons: Mapping[int, int]) -> Stay:
    row = one.row
    return Stay(
        record_id=row.id,
        member_id=row.member_id,
        person_id=persons[row.member_id],
        team_id=one.team_id,
        station_id=row.station_id,
        activity_id=row.activity_id,
        state=row.state,
        checked_in_at=row.checked_in_at,
        checked_out_at=row.checked_out_at,
        minutes=row.minutes,
        is_declared=row.correction_id is not None,
    )


def list_served_on(day: date) -> list[Any]:
    """Every closed record of that day with minutes: its id and instants, the person and the person's team."""
    person = aliased(Member)
    statement = (
        _with_merge(
            select(
                _r.id.label("record_id"),
                _r.checked_in_at,
                _r.checked_out_at,
                person.id.label("person_id"),
                person.team_id,
            )
        )
        .join(person, person.id == func.coalesce(_merges.kept_id, _r.member_id))
        .where(_r.served_on == day, _r.state == str(RecordState.CLOSED), _r.minutes > 0)
        .order_by(_r.id)
    )
    return list(db.session.execute(statement))


def list_merges(since: datetime, ids: Iterable[int]) -> list[Any]:
    """The merges that stand, since then and with these ids, with the closed minutes of both rows."""
    kept, duplicate = aliased(Member), aliased(Member)

    def minutes_of(column: Any) -> Any:
        closed = _r.member_id == column, _r.state == str(RecordState.CLOSED)
        return select(func.coalesce(func.sum(_r.minutes), 0)).where(*closed).scalar_subquery()

    statement = (
        select(
            _merges.id,
            _merges.merged_at,
            _merges.kept_id,
            _merges.duplicate_id,
            kept.team_id,
            duplicate.volunteer_no.label("duplicate_no"),
            minutes_of(_merges.kept_id).label("kept_minutes"),
            minutes_of(_merges.duplicate_id).label("moved_minutes"),
        )
        .join_from(table_of(Merge), kept, kept.id == _merges.kept_id)
        .join(duplicate, duplicate.id == _merges.duplicate_id)
        .where(_merges.undone_at.is_(None), or_(_merges.merged_at >= since, _merges.id.in_(list(ids))))
        .order_by(_merges.id)
    )
    return list(db.session.execute(statement))


def list_open_merges() -> list[ReviewItem]:
    """What is open about merges."""
    statement = select(ReviewItem).where(
        _i.state == str(ReviewState.OPEN),
        _i.kind == str(ReviewKind.IDENTITY_CLASH),
        _i.key.like(f"{MERGE_KEY}%"),
    )
    return list(db.session.execute(statement).scalars())


def list_open_items(kind: ReviewKind, day: date) -> list[ReviewItem]:
    """What is open of this kind about that day."""
    statement = select(ReviewItem).where(
        _i.state == str(ReviewState.OPEN), _i.kind == str(kind), _i.day_on == day
    )
    return list(db.session.execute(statement).scalars())


def list_day_items(day: date, member_ids: Iterable[int]) -> list[ReviewItem]:
    """What lies on the desk about that day of these members."""
    statement = select(ReviewItem).where(among(_i.member_id, "members"), _i.day_on == day)
    return list(db.session.execute(statement, {"members": list(member_ids)}).scalars())


def list_items(keys: Iterable[str]) -> list[ReviewItem]:
    """The items with these keys."""
    statement = select(ReviewItem).where(among(_i.key, "keys"))
    return list(db.session.execute(statement, {"keys": list(keys)}).scalars())


def list_reviewed_ids(item_ids: Iterable[int]) -> dict[int, set[int]]:
    """The records that these items are about, by item."""
    reviewed = table_of(ReviewedRecord).c
    statement = select(reviewed.item_id, reviewed.record_id).where(among(reviewed.item_id, "ids"))
    found: dict[int, set[int]] = {}
    for row in db.session.execute(statement, {"ids": list(item_ids)}):
        found.setdefault(row.item_id, set()).add(row.record_id)
    return found


def list_large_months(first_on: date, last_on: date, member_ids: Iterable[int] | None) -> list[Any]:
    """The closed records of everybody whose minutes of these days are more than a person can serve.

    Rows of person, the person's present team, record, day and minutes; of these members' persons only.
    """
    person = func.coalesce(_merges.kept_id, _r.member_id)
    in_time = and_(_r.served_on.between(first_on, last_on), _r.state == str(RecordState.CLOSED))
    large = _with_merge(select(person)).where(in_time)
    values: dict[str, Any] = {}
    if member_ids is not None:
        large, values = large.where(among(_r.member_id, "members")), {"members": list(member_ids)}
    large = large.group_by(person).having(func.sum(_r.minutes) > MOST_MONTH_MINUTES)
    persons = list(db.session.execute(large, values).scalars())
    if not persons:
        return []
    columns = [person.label("person_id"), _r.id.label("record_id"), _r.served_on, _r.minutes]
    statement = (
        _with_merge(select(*columns, Member.team_id))
        .join(Member, Member.id == person)
        .where(in_time, person.in_(persons))
    )
    return list(db.session.execute(statement))


def _with_merge(statement: Select[Any]) -> Any:
    return statement.select_from(RECORDS).outerjoin(
        table_of(Merge), and_(_merges.duplicate_id == _r.member_id, _merges.undone_at.is_(None))
    )
