"""Service records: the open ones, a member's, and their sums."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Executable,
    Row,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from volunteer.db import db, send
from volunteer.domain.ledger import Measure
from volunteer.domain.records import RecordState
from volunteer.models.activities import Activity
from volunteer.models.columns import Instant, table_of
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.queries.members import lock_members
from volunteer.queries.merges import of_person
from volunteer.queries.unsettled import HELD_MEMBER, HOLDINGS, IS_HELD
from volunteer.sets import among

RECORDS = table_of(ServiceRecord)
_records, _merges = RECORDS.c, table_of(Merge).c


@dataclass(frozen=True)
class Reach:
    """How far back records are looked at one by one; older ones of the year only count in sums."""

    since: datetime
    year_start: datetime
    today: date

    def values(self) -> dict[str, Any]:
        """As the parameters of a statement."""
        return {"since": self.since, "year_start": self.year_start, "today": self.today}


def touched_by(chosen: Callable[[Any], Any]) -> tuple[Executable, Executable]:
    """Two statements about the members that ``chosen`` picks by a column.

    Their records from ``since`` on, with an older one that is still open, each with whether it
    ``is_held``; and the sums of the minutes of all older ones, of today and of the year, and of all that
    rows merged into them have, less what is held of these: a member may come more than once, once
    ``is_merged``, and the sums add up.
    """
    since = bindparam("since", type_=Instant())
    # The members stand in both parts, so that each finds its own index.
    records = select(RECORDS, IS_HELD.label("is_held")).where(
        or_(
            and_(chosen(_records.member_id), _records.checked_in_at >= since),
            and_(chosen(_records.member_id), _records.state == str(RecordState.OPEN)),
        )
    )
    todays = case((_records.served_on == bindparam("today", type_=Date()), _records.minutes), else_=0)
    sums = (
        select(
            _records.member_id,
            func.sum(todays).label("older_today"),
            func.sum(_records.minutes).label("older_year"),
            literal_column("0").label("is_merged"),
        )
        .where(
            chosen(_records.member_id),
            _records.checked_in_at >= bindparam("year_start", type_=Instant()),
            _records.checked_in_at < since,
        )
        .group_by(_records.member_id)
    )
    merged = (
        select(
            _merges.kept_id,
            func.sum(todays).label("older_today"),
            func.sum(_records.minutes).label("older_year"),
            literal_column("1"),
        )
        .join_from(table_of(Merge), RECORDS, _records.member_id == _merges.duplicate_id)
        .where(
            chosen(_merges.kept_id),
            _merges.undone_at.is_(None),
            _records.checked_in_at >= bindparam("year_start", type_=Instant()),
        )
        .group_by(_merges.kept_id)
    )
    # An item lies on the desk under the person's kept row; two of them may hold the same record.
    held = HOLDINGS.where(chosen(HELD_MEMBER)).distinct().subquery()
    less = (
        select(held.c.member_id, -func.sum(todays), -func.sum(_records.minutes), literal_column("0"))
        .join_from(held, RECORDS, _records.id == held.c.record_id)
        .where(
            _records.checked_in_at >= bindparam("year_start", type_=Instant()),
            or_(_records.checked_in_at < since, _records.member_id != held.c.member_id),
        )
        .group_by(held.c.member_id)
    )
    return records, union_all(sums, merged, less)


_MEMBERS_TOUCHED = touched_by(lambda column: among(column, "members"))
_SINCE = bindparam("since", type_=Instant())
_COUNTED = (
    _records.state == str(RecordState.CLOSED),
    # What ended before the year cannot cover anything of it.
    _records.checked_out_at > bindparam("year_start", type_=Instant()),
)
# What else the persons with merged rows served: under those rows, and before ``since`` under their own.
_OTHERS = union_all(
    select(RECORDS, _merges.kept_id.label("person_id"))
    .join_from(table_of(Merge), RECORDS, _records.member_id == _merges.duplicate_id)
    .where(among(_merges.kept_id, "members"), _merges.undone_at.is_(None), *_COUNTED, ~IS_HELD),
    select(RECORDS, _records.member_id).where(
        among(_records.member_id, "members"), _records.checked_in_at < _SINCE, *_COUNTED, ~IS_HELD
    ),
)
_DUE = select(table_of(ServiceRecord)).where(
    _records.state == RecordState.OPEN, _records.limit_at < bindparam("now", type_=Instant())
)


@dataclass
class Touched:
    """A member's records from some instant on, by opening scan, and the minutes before it.

    ``others`` is empty without merged rows; with them it holds every other record of the
    person that counts this year, so that time in two places can be counted once.
    """

    older_today: int = 0
    older_year: int = 0
    rows: dict[UUID, Any] = field(default_factory=dict)
    others: list[Any] = field(default_factory=list)
    # Records that no scan opened.
    declared: list[Any] = field(default_factory=list)


def list_touched_records(members: Iterable[int], reach: Reach) -> Mapping[int, Touched]:
    """What scans of these members within ``reach`` may concern, with the sums of everything older."""
    records, sums = _MEMBERS_TOUCHED
    chosen = {"members": list(members)}
    rows, older = send((records, {**chosen, "since": reach.since}), (sums, {**chosen, **reach.values()}))
    return gather_touched(rows, older, reach)


def gather_touched(records: Iterable[Any], sums: Iterable[Any], reach: Reach) -> Mapping[int, Touched]:
    """The rows of the two statements by member; a member without any has empty ones.

    Only for members with merged rows that served this year it reads once more.
    """
    found: dict[int, Touched] = defaultdict(Touched)
    merged: list[int] = []
    for row in sums:
        one = found[row.member_id]
        one.older_today += int(row.older_today)
        one.older_year += int(row.older_year)
        if row.is_merged:
            merged.append(row.member_id)
    for row in records:
        if row.opening_scan_id is None:
            found[row.member_id].declared.append(row)
        else:
            found[row.member_id].rows[row.opening_scan_id] = row
    if merged:
        values = {"members": merged, "since": reach.since, "year_start": reach.year_start}
        (others,) = send((_OTHERS, values))
        for row in others:
            found[row.person_id].others.append(row)
    return found


def find_record_ids(opening_scan_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The ids of the records that these scans opened."""
    statement = select(_records.opening_scan_id, _records.id)
    found = db.session.execute(statement.where(_records.opening_scan_id.in_(list(opening_scan_ids))))
    return {row.opening_scan_id: row.id for row in found}


def list_due_records(now: datetime) -> list[Row[Any]]:
    """The open records past their limit; their members stay locked to the end of the transaction."""
    members = {row.member_id for row in db.session.execute(_DUE, {"now": now})}
    if not members:
        return []
    lock_members(members)
    # Read again: a check-out may have come in while the lock was waited for.
    return [row for row in db.session.execute(_DUE, {"now": now}) if row.member_id in members]


def list_member_records(member_id: int) -> list[Row[Any]]:
    """A member's records with station and activity, newest first, without superseded ones.

    Those of rows merged with the member belong to the same person and stand among them.
    """
    chosen = of_person(_records.member_id), ServiceRecord.state != RecordState.SUPERSEDED
    statement = WITH_STATION.where(*chosen).order_by(ServiceRecord.checked_in_at.desc())
    return list(db.session.execute(statement, {"member": member_id}))


def _of_teams(team_ids: Iterable[int], station_ids: Iterable[int]) -> ColumnElement[bool]:
    """Records of members of these teams, and those served at stations led by the admin."""
    mine, led = Member.team_id.in_(list(team_ids)), list(station_ids)
    return or_(mine, ServiceRecord.station_id.in_(led)) if led else mine


def list_on_duty(team_ids: Iterable[int], station_ids: Iterable[int] = ()) -> list[Row[Any]]:
    """Who is on duty now within these teams or at these stations, longest first, with member and station."""
    statement = (
        select(ServiceRecord, Member, Station)
        .join(Member, Member.id == ServiceRecord.member_id)
        .join(Station, Station.id == ServiceRecord.station_id)
        .where(ServiceRecord.state == RecordState.OPEN, _of_teams(team_ids, station_ids))
        .order_by(ServiceRecord.checked_in_at)
    )
    return list(db.session.execute(statement))


def list_chosen_records(
    member_id: int,
    first_on: date | None,
    last_on: date | None,
    activity_id: int | None = None,
    *,
    has_activity: bool | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[Row[Any]]:
    """A person's records served from ``first_on`` to ``last_on``, both included; rows as above, newest first.

    ``has_activity`` false leaves those that belong to no activity.
    """
    statement = WITH_STATION.where(*_chosen(first_on, last_on, activity_id, has_activity))
    statement = statement.order_by(ServiceRecord.checked_in_at.desc()).offset(offset).limit(limit)
    return list(db.session.execute(statement, {"member": member_id}))


def count_chosen_records(
    member_id: int,
    first_on: date | None,
    last_on: date | None,
    activity_id: int | None = None,
    *,
    has_activity: bool | None = None,
) -> int:
    """How many records ``list_chosen_records`` has without a limit."""
    chosen = _chosen(first_on, last_on, activity_id, has_activity)
    statement = select(func.count(ServiceRecord.id)).where(*chosen)
    return db.session.execute(statement, {"member": member_id}).scalar_one()


def _chosen(
    first_on: date | None, last_on: date | None, activity_id: int | None, has_activity: bool | None
) -> list[ColumnElement[Any]]:
    chosen = [of_person(_records.member_id), ServiceRecord.state != RecordState.SUPERSEDED]
    if first_on:
        chosen.append(ServiceRecord.served_on >= first_on)
    if last_on:
        chosen.append(ServiceRecord.served_on <= last_on)
    if activity_id is not None:
        chosen.append(ServiceRecord.activity_id == activity_id)
    if has_activity is False:
        chosen.append(ServiceRecord.activity_id.is_(None))
    return chosen


def find_open_record(member_id: int) -> Row[Any] | None:
    """The record of a person who is on duty, the latest where merged rows are at once; None without one."""
    statement = WITH_STATION.where(
        of_person(_records.member_id), ServiceRecord.state == RecordState.OPEN
    ).order_by(ServiceRecord.checked_in_at.desc())
    rows: list[Any] = list(db.session.execute(statement.limit(1), {"member": member_id}))
    return rows[0] if rows else None


def count_unconfirmed(member_id: int, since: datetime) -> int:
    """A person's records since then that nobody checked out of, and nobody has corrected."""
    statement = select(func.count(ServiceRecord.id)).where(
        of_person(_records.member_id),
        ServiceRecord.checked_in_at >= since,
        ServiceRecord.state.in_([RecordState.FORGOTTEN, RecordState.LEFT]),
    )
    return db.session.execute(statement, {"member": member_id}).scalar_one()


def list_team_records(
    scope: Iterable[int],
    day: date | None,
    states: Iterable[str],
    station_ids: Iterable[int] = (),
    *,
    measure: Measure | None = None,
    is_settled: bool | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, list[Row[Any]]]:
    """How many records there are of these teams' members or at these stations, and a page, newest first."""
    chosen: list[ColumnElement[bool]] = [
        ServiceRecord.state.in_(list(states)),
        _of_teams(scope, station_ids),
    ]
    if day:
        chosen.append(ServiceRecord.served_on == day)
    if measure:
        is_metered = ServiceRecord.correction_id.is_(None)
        chosen.append(is_metered if measure is Measure.METERED else ~is_metered)
    if is_settled is not None:
        chosen.append(_records.is_settled if is_settled else ~_records.is_settled)
    count = (
        select(func.count(ServiceRecord.id)).join(Member, Member.id == ServiceRecord.member_id).where(*chosen)
    )
    page = (
        WITH_STATION.add_columns(Member.name, Member.volunteer_no)
        .join(Member, Member.id == ServiceRecord.member_id)
        .where(*chosen)
        .order_by(ServiceRecord.checked_in_at.desc(), ServiceRecord.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return db.session.execute(count).scalar_one(), list(db.session.execute(page))


def count_states(
    scope: Iterable[int], day: date | None = None, station_ids: Iterable[int] = ()
) -> dict[str, int]:
    """How many records of these teams' members or at these stations are in each state, on a day or ever."""
    statement = (
        select(ServiceRecord.state, func.count(ServiceRecord.id))
        .join(Member, Member.id == ServiceRecord.member_id)
        .where(_of_teams(scope, station_ids), ServiceRecord.state != RecordState.SUPERSEDED)
        .group_by(ServiceRecord.state)
    )
    if day:
        statement = statement.where(ServiceRecord.served_on == day)
    return {state: count for state, count in db.session.execute(statement)}


WITH_STATION = (
    select(
        ServiceRecord,
        Station.code.label("station_code"),
        Station.name.label("station_name"),
        Activity.name.label("activity_name"),
        Activity.category.label("category"),
        Activity.is_training,
        Activity.is_countable,
        Activity.uncountable_reason,
    )
    .join(Station, Station.id == ServiceRecord.station_id)
    .outerjoin(Activity, Activity.id == ServiceRecord.activity_id)
)
