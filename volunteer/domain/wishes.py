"""Wishes: what is to stand in the record, judged against everything else that is known of the person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from volunteer.domain.activities import (
    ActivityState,
    ActivityUnknown,
    RiskRule,
    is_service,
    plan_for,
    plan_of,
)
from volunteer.domain.calendar import Calendar
from volunteer.domain.clocking import GRACE
from volunteer.domain.correction_refusals import (
    CorrectionReasonMissing,
    NotCountable,
    NothingChanged,
    NothingCounts,
    OtherRecord,
    OtherWish,
    OutsideActivity,
    RecordChanged,
    RecordNotCorrectable,
    RecordNotForgotten,
    TimesBackwards,
    TimesInFuture,
    TimesTooLong,
    TimesTooOld,
)
from volunteer.domain.corrections import OLDEST_YEARS, WITHOUT_ORIGINAL, CorrectionKind, oldest_day
from volunteer.domain.members import require_length
from volunteer.domain.policies import Policy, Served, credited_minutes, policy_on
from volunteer.domain.records import RecordState, snapshot
from volunteer.domain.settlements import is_in_office_hours

LONGEST_SERVICE = timedelta(hours=24)
LONGEST_REASON = 300
CORRECTABLE = frozenset({RecordState.CLOSED, RecordState.FORGOTTEN, RecordState.LEFT})
UNFINISHED = frozenset({RecordState.FORGOTTEN, RecordState.LEFT})


@dataclass(frozen=True)
class Wish:
    """What is to stand in the record; a void needs no times, and an activity is found where none is named."""

    kind: CorrectionKind
    reason: str
    station_id: int
    checked_in_at: datetime | None = None
    checked_out_at: datetime | None = None
    activity_id: int | None = None


@dataclass(frozen=True)
class Desk:
    """Which admin does something, how far that admin reaches, when and where that is."""

    admin_id: int
    team_ids: frozenset[int]
    station_ids: frozenset[int]
    now: datetime
    zone: tzinfo


@dataclass
class Facts:
    """What is known of the persons and the time that wishes are about; by the kept row of each person.

    ``signed_up`` says since when, by activity.
    """

    persons: Mapping[int, int]
    policies: Sequence[Policy]
    calendar: Calendar
    duty_days: frozenset[date]
    oldest_years: int = OLDEST_YEARS
    risk_rule: RiskRule = field(default_factory=RiskRule)
    activities: Mapping[int, Any] = field(default_factory=dict)
    signed_up: dict[int, dict[int, datetime]] = field(default_factory=lambda: defaultdict(dict))
    records: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Judged:
    """What a wish comes to: the day it counts for, the activity it belongs to, the minutes it is worth."""

    served_on: date
    activity_id: int | None
    minutes: int
    duty_on: date | None = None


def clean_reason(text: str) -> str:
    """The reason; refuses none, and one longer than a column holds."""
    reason = text.strip()
    if not reason:
        raise CorrectionReasonMissing()
    return require_length(reason, LONGEST_REASON)


def require_correctable(record: Any, wish: Wish) -> None:
    """Refuse a record that stands open, is no more, or already says what is wished for."""
    if record.state not in CORRECTABLE:
        raise RecordNotCorrectable()
    if wish.kind is CorrectionKind.CHECK_OUT and record.state not in UNFINISHED:
        raise RecordNotForgotten()
    same = (record.checked_in_at, record.checked_out_at, record.station_id, record.activity_id)
    wished = (wish.checked_in_at, wish.checked_out_at, wish.station_id, wish.activity_id)
    if wish.kind is CorrectionKind.CORRECTION and record.state == RecordState.CLOSED and same == wished:
        raise NothingChanged()


def wish_of(correction: Any) -> Wish:
    """What a stored correction wishes for, as it stands."""
    return Wish(
        CorrectionKind(correction.kind),
        correction.reason,
        correction.station_id or 0,
        correction.checked_in_at,
        correction.checked_out_at,
        correction.activity_id,
    )


def require_unchanged(correction: Any, record: Any) -> None:
    """Refuse where the original no longer is what it was when the wish was made."""
    if record is None:
        if correction.kind not in WITHOUT_ORIGINAL:
            raise RecordChanged()
        return
    seen = correction.original if isinstance(correction.original, dict) else {}
    if any(seen.get(name) != value for name, value in snapshot(record).items()):
        raise RecordChanged()


def judge(
    wish: Wish,
    member_id: int,
    facts: Facts,
    now: datetime,
    zone: tzinfo,
    *,
    but_record_id: int | None = None,
    but_wish_id: int | None = None,
    is_final: bool = False,
) -> Judged:
    """What the wish is worth; refuses a time that nobody can have served or that counts already.

    ``but_record_id`` is the original, which makes room; ``is_final`` looks at records only,
    no longer at what else waits.
    """
    start, end = wish.checked_in_at, wish.checked_out_at
    if start is None or end is None or end <= start:
        raise TimesBackwards()
    if end > now:
        raise TimesInFuture()
    if end - start > LONGEST_SERVICE:
        raise TimesTooLong()
    served_on = start.astimezone(zone).date()
    if served_on < oldest_day(now.astimezone(zone).date(), facts.oldest_years):
        raise TimesTooOld(years=facts.oldest_years)
    person = facts.persons.get(member_id, member_id)
    _require_free(facts.records[person], start, end, zone, but_record_id)
    if not is_final:
        _require_no_wish(facts.waiting[person], start, end, but_wish_id)
    activity = _find_activity(wish, person, facts, start)
    if activity is not None:
        _require_within(activity, start, end, zone)
    minutes = _count(start, end, served_on, facts, zone)
    duty_on = served_on if served_on in facts.duty_days else None
    return Judged(served_on, activity.id if activity is not None else None, minutes, duty_on)


def _count(start: datetime, end: datetime, served_on: date, facts: Facts, zone: tzinfo) -> int:
    span = _Span(start, end, served_on)
    is_office = is_in_office_hours(span, zone, facts.calendar, facts.duty_days)
    served = Served(start, end, is_in_office_hours=is_office)
    minutes = credited_minutes(served, policy_on(facts.policies, served_on))
    if minutes == 0:
        raise NothingCounts()
    return minutes


@dataclass(frozen=True)
class _Span:
    checked_in_at: datetime
    checked_out_at: datetime
    served_on: date


def _require_free(
    records: Sequence[Any], start: datetime, end: datetime, zone: tzinfo, but_id: int | None
) -> None:
    """Nobody is in two places at once; a record still open reaches to its limit."""
    for record in records:
        until = record.checked_out_at or record.limit_at
        if record.id != but_id and record.checked_in_at < end and start < until:
            raise OtherRecord(
                begins=_local(record.checked_in_at, zone),
                ends=_local(until, zone),
                station=record.station_name,
            )


def _require_no_wish(waiting: Sequence[Any], start: datetime, end: datetime, but_id: int | None) -> None:
    for one in waiting:
        if one.id != but_id and one.checked_in_at < end and start < one.checked_out_at:
            raise OtherWish()


def _find_activity(wish: Wish, person: int, facts: Facts, start: datetime) -> Any:
    """The activity that was named, or the one that a card held there and then would have counted for."""
    if wish.activity_id is not None:
        named = facts.activities.get(wish.activity_id)
        if named is None or named.state == ActivityState.DRAFT:
            raise ActivityUnknown()
        return named
    policy = facts.risk_rule.at(start)
    plans = [
        plan_of(one.id, one, wish.station_id, policy)
        for one in facts.activities.values()
        if one.station_id == wish.station_id and one.state == ActivityState.PUBLISHED
    ]
    # Nobody could check in to what was blocked: such time belongs to it only where people say so.
    open_plans = [plan for plan in plans if not plan.is_blocked]
    plan = plan_for(open_plans, wish.station_id, start, GRACE, facts.signed_up[person])
    return facts.activities[plan.activity_id] if plan else None


def _require_within(activity: Any, start: datetime, end: datetime, zone: tzinfo) -> None:
    if not is_service(activity) or activity.state != ActivityState.PUBLISHED:
        raise NotCountable(name=activity.name)
    earliest, latest = activity.starts_at - GRACE, activity.ends_at + GRACE
    if start < earliest or end > latest:
        raise OutsideActivity(
            name=activity.name, earliest=_local(earliest, zone), latest=_local(latest, zone)
        )


def _local(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
