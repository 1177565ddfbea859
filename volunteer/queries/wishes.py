"""What wishes are judged by: the persons, their records and wishes around the time, activities, rules."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select

from volunteer.db import db
from volunteer.domain.activities import ActivityState
from volunteer.domain.clocking import GRACE
from volunteer.domain.correction_refusals import RecordUnknown
from volunteer.domain.participations import ParticipationState
from volunteer.domain.proposals import ProposalState
from volunteer.domain.records import RecordState
from volunteer.domain.wishes import LONGEST_SERVICE, Facts, Wish
from volunteer.models.activities import Activity, Participation
from volunteer.models.corrections import Correction
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.queries.activities import find_risk_rule
from volunteer.queries.corrections import WAITING, find_oldest_years
from volunteer.queries.duty_days import find_calendar, list_confirmed_days
from volunteer.queries.merges import list_group_ids
from volunteer.queries.policies import list_policies
from volunteer.queries.settlements import list_persons


def read_facts(wishes: Iterable[tuple[int, Wish]]) -> Facts:
    """Everything that judging these wishes of these members takes, in a fixed number of statements."""
    chosen = list(wishes)
    persons = list_persons(member_id for member_id, _ in chosen)
    facts = Facts(
        persons=persons,
        policies=list_policies(),
        calendar=find_calendar(),
        duty_days=frozenset(list_confirmed_days()),
        oldest_years=find_oldest_years(),
    )
    timed = [wish for _, wish in chosen if wish.checked_in_at and wish.checked_out_at]
    starts = [wish.checked_in_at for wish in timed if wish.checked_in_at]
    ends = [wish.checked_out_at for wish in timed if wish.checked_out_at]
    if timed:
        start, end = min(starts), max(ends)
        facts.activities = _list_activities(timed, start, end)
        facts.risk_rule = find_risk_rule()
        for row in _list_sign_ups(persons, facts.activities):
            facts.signed_up[persons[row.member_id]][row.activity_id] = row.state_at
        facts.records = defaultdict(list)
        for row in _list_records(persons, start, end):
            facts.records[persons[row.member_id]].append(row)
        facts.waiting = defaultdict(list)
        for row in _list_waiting(persons, start, end):
            facts.waiting[persons[row.member_id]].append(row)
    return facts


def _list_activities(wishes: Iterable[Wish], start: datetime, end: datetime) -> dict[int, Activity]:
    """Those that are named, and those that ran at the stations around the time."""
    chosen = list(wishes)
    at_stations = and_(
        Activity.station_id.in_({wish.station_id for wish in chosen}),
        Activity.state == ActivityState.PUBLISHED,
        Activity.starts_at <= end + GRACE,
        Activity.ends_at >= start - GRACE,
    )
    named = Activity.id.in_([wish.activity_id for wish in chosen if wish.activity_id is not None])
    found = db.session.execute(select(Activity).where(or_(at_stations, named))).scalars()
    return {activity.id: activity for activity in found}


def _list_sign_ups(member_ids: Iterable[int], activity_ids: Iterable[int]) -> list[Row[Any]]:
    """Who of these members is signed up for which of these activities, and since when."""
    statement = select(Participation.member_id, Participation.activity_id, Participation.state_at).where(
        Participation.member_id.in_(list(member_ids)),
        Participation.activity_id.in_(list(activity_ids)),
        Participation.state == ParticipationState.SIGNED_UP,
    )
    return list(db.session.execute(statement))


def _list_records(member_ids: Iterable[int], start: datetime, end: datetime) -> list[Row[Any]]:
    """The records of these members that time may overlap with; what is credited 0 claims no time."""
    statement = (
        select(
            ServiceRecord.id,
            ServiceRecord.member_id,
            ServiceRecord.checked_in_at,
            ServiceRecord.checked_out_at,
            ServiceRecord.limit_at,
            Station.name.label("station_name"),
        )
        .join(Station, Station.id == ServiceRecord.station_id)
        .where(
            ServiceRecord.member_id.in_(list(member_ids)),
            ServiceRecord.state.in_([RecordState.OPEN, RecordState.CLOSED]),
            ServiceRecord.checked_in_at < end,
            ServiceRecord.checked_in_at > start - 2 * LONGEST_SERVICE,
        )
    )
    return list(db.session.execute(statement))


def _list_waiting(member_ids: Iterable[int], start: datetime, end: datetime) -> list[Row[Any]]:
    statement = select(
        Correction.id, Correction.member_id, Correction.checked_in_at, Correction.checked_out_at
    ).where(
        Correction.member_id.in_(list(member_ids)),
        Correction.state.in_(WAITING),
        Correction.checked_in_at < end,
        Correction.checked_out_at > start,
    )
    return list(db.session.execute(statement))


def get_record_row(team_ids: Iterable[int], station_ids: Iterable[int], record_id: int) -> Row[Any]:
    """A record of these teams' members, or at a station led by the admin; refuses any other."""
    where = or_(Member.team_id.in_(list(team_ids)), ServiceRecord.station_id.in_(list(station_ids)))
    return _get_record(record_id, where)


def get_own_record_row(member_id: int, record_id: int) -> Row[Any]:
    """A record of this person; refuses any other."""
    return _get_record(record_id, ServiceRecord.member_id.in_(list_group_ids(member_id)))


def _get_record(record_id: int, where: ColumnElement[bool]) -> Row[Any]:
    statement: Any = (
        select(
            ServiceRecord,
            Member.name,
            Member.volunteer_no,
            Station.name.label("station_name"),
            Station.code.label("station_code"),
            Activity.name.label("activity_name"),
        )
        .join(Member, Member.id == ServiceRecord.member_id)
        .join(Station, Station.id == ServiceRecord.station_id)
        .outerjoin(Activity, Activity.id == ServiceRecord.activity_id)
        .where(ServiceRecord.id == record_id, where)
        .execution_options(populate_existing=True)
    )
    row: Row[Any] | None = db.session.execute(statement).one_or_none()
    if row is None:
        raise RecordUnknown()
    return row


def find_forgotten(member_id: int, since_on: date) -> Row[Any] | None:
    """The newest record that this person forgot to check out of, and about which nobody has asked yet."""
    is_asked = exists().where(
        Correction.scan_id == ServiceRecord.opening_scan_id, Correction.state != ProposalState.WITHDRAWN
    )
    statement: Any = (
        select(ServiceRecord, Station.name.label("station_name"))
        .join(Station, Station.id == ServiceRecord.station_id)
        .where(
            ServiceRecord.member_id.in_(list_group_ids(member_id)),
            ServiceRecord.state == RecordState.FORGOTTEN,
            ServiceRecord.served_on >= since_on,
            ~is_asked,
        )
        .order_by(ServiceRecord.checked_in_at.desc())
        .limit(1)
    )
    found: Row[Any] | None = db.session.execute(statement).one_or_none()
    return found


def list_all_stations() -> list[Station]:
    """Every station, by code: a member serves wherever there is work."""
    return list(db.session.execute(select(Station).order_by(Station.code)).scalars())


def list_past_activities(now: datetime, days: int, limit: int = 100) -> list[Activity]:
    """The published activities of the last days that count as service, the newest first."""
    statement = select(Activity).where(
        Activity.state == ActivityState.PUBLISHED,
        Activity.is_countable,
        ~Activity.is_training,
        Activity.starts_at <= now,
        Activity.starts_at >= now - timedelta(days=days),
    )
    return list(
        db.session.execute(statement.order_by(Activity.starts_at.desc(), Activity.id).limit(limit)).scalars()
    )


def list_attended(member_id: int, now: datetime, limit: int = 50) -> list[Activity]:
    """The past activities that this person signed up for, the newest first."""
    answered = select(Participation.activity_id).where(Participation.member_id.in_(list_group_ids(member_id)))
    statement = (
        select(Activity)
        .where(
            Activity.id.in_(answered),
            Activity.state == ActivityState.PUBLISHED,
            Activity.is_countable,
            ~Activity.is_training,
            Activity.starts_at <= now,
        )
        .order_by(Activity.starts_at.desc(), Activity.id)
        .limit(limit)
    )
    return list(db.session.execute(statement).scalars())
