"""Duty days: proposed by the rule, decided by a person, announced, and marked on the records.

Nothing here depends on being run on the day itself: a day that is confirmed late
is announced no more, but the records of that day are marked all the same.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, delete, extract, false, insert, not_, or_, select, true, update

from volunteer.db import db, transaction
from volunteer.domain.calendar import Calendar
from volunteer.domain.calendar_entries import CalendarEntry, check_entries
from volunteer.domain.duty_day_refusals import DutyDayDecided, DutyDayOutsideMonth
from volunteer.domain.duty_days import DutyDayPolicy, Proposal
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.months import month_of, months_between, shift_month
from volunteer.domain.refusals import DateMalformed
from volunteer.models.duty_days import CalendarDay, DutyDay, Setting
from volunteer.models.records import ServiceRecord
from volunteer.queries.duty_days import (
    DECIDED,
    MAX_SHIFT_SETTING,
    POLICY_SETTING,
    YEARS_SETTING,
    find_calendar,
    find_duty_day_rule,
    find_last_month,
    list_confirmed_days,
    list_decided_spans,
    list_duty_days_locking,
    list_entered_years,
    open_month,
    propose_month,
)

MONTHS_AHEAD = 6
# After a longer outage the months in between are still stored, but not without end.
MAX_MONTHS_MISSED = 24
RECENT = timedelta(days=2)
_record = ServiceRecord.__table__.c


def propose_duty_days(
    now: datetime, zone: tzinfo, months_ahead: int = MONTHS_AHEAD, claim: Claim = UNCLAIMED
) -> int:
    """Store or refresh the proposals of this month and the coming ones; how many changed.

    A month that a person has decided is left alone. Months that passed while
    nothing ran are stored too, so that they can be confirmed late.
    """
    with transaction():
        if not claim.take():
            return 0
        count = _refresh(now, zone, months_ahead)
        claim.note(count)
    return count


def confirm_duty_day(month: str, admin_id: int, on: date | None, now: datetime, zone: tzinfo) -> DutyDay:
    """Confirm the day of ``month``: the proposed one, or ``on``; also moves a confirmed day that is to come.

    An undecided month may be confirmed at any time, however late. Safe to repeat.
    ``on`` lies in the month and within the maximum shift, or is one of the
    alternatives that were offered. Refuses where nothing is proposed and no day is given.
    """
    with transaction():
        row = _lock_month(month)
        chosen = on or (row.duty_on if row.status == "confirmed" else row.proposed_on)
        if chosen is None:
            raise DateMalformed()
        if row.status == "confirmed" and row.duty_on == chosen:
            return row
        _require_undone(row, now, zone)
        _require_within(month, chosen)
        row.status, row.duty_on = "confirmed", chosen
        row.announced_at = None
        _sign(row, admin_id, now)
    return row


def cancel_duty_day(month: str, admin_id: int, now: datetime, zone: tzinfo) -> DutyDay:
    """Let ``month`` have no duty day. Safe to repeat; refuses once a confirmed day has passed."""
    with transaction():
        row = _lock_month(month)
        if row.status == "cancelled":
            return row
        _require_undone(row, now, zone)
        row.status, row.duty_on, row.announced_at = "cancelled", None, None
        _sign(row, admin_id, now)
    return row


def set_duty_day_policy(policy: DutyDayPolicy, max_shift_days: int, now: datetime, zone: tzinfo) -> None:
    """Choose how the 15th moves and how far at most; undecided months from this one on follow at once."""
    if not 0 <= max_shift_days <= 31:
        raise ValueError("max_shift_days must be 0 to 31")
    with transaction():
        db.session.merge(Setting(name=POLICY_SETTING, value=str(policy)))
        db.session.merge(Setting(name=MAX_SHIFT_SETTING, value=str(max_shift_days)))
        db.session.flush()
        _refresh(now, zone, MONTHS_AHEAD)


def enter_calendar_days(
    entries: Iterable[CalendarEntry], now: datetime, zone: tzinfo, year: int | None = None
) -> list[int]:
    """Take the holidays and make-up workdays of whole years; the years, each then completely known.

    Every year that occurs is replaced as a whole: a day of it that is not listed is
    what its day of the week says. With ``year`` all entries must lie in it, and none
    at all is a year without holidays. Undecided months follow at once.
    """
    ordered = check_entries(entries, year)
    years = sorted({entry.on.year for entry in ordered} | ({year} if year else set()))
    rows = [{"day_on": entry.on, "kind": str(entry.kind), "name": entry.name} for entry in ordered]
    with transaction():
        db.session.execute(delete(CalendarDay).where(extract("year", CalendarDay.day_on).in_(years)))
        if rows:
            db.session.execute(insert(CalendarDay), rows)
        known = sorted({*list_entered_years(), *years})
        db.session.merge(Setting(name=YEARS_SETTING, value=",".join(map(str, known))))
        db.session.flush()
        _refresh(now, zone, MONTHS_AHEAD)
    return years


def announce_duty_day(now: datetime, zone: tzinfo, claim: Claim = UNCLAIMED) -> int:
    """On a confirmed duty day, note once that it was announced; 1 for the run that did it, else 0."""
    today = now.astimezone(zone).date()
    statement = (
        update(DutyDay)
        .where(DutyDay.status == "confirmed", DutyDay.duty_on == today, DutyDay.announced_at.is_(None))
        .values(announced_at=now)
    )
    with transaction():
        if not claim.take():
            return 0
        count = db.session.connection().execute(statement).rowcount
        claim.note(count)
    return count


def mark_duty_days(now: datetime, zone: tzinfo, claim: Claim = UNCLAIMED) -> int:
    """Make ``duty_on`` of every record say which confirmed duty day it belongs to; how many changed.

    Correct for any month, however late a record or a decision comes; safe to repeat.
    A record that somebody else is changing at this moment is left to the next run.
    """
    with transaction():
        if not claim.take():
            return 0
        right = _record.served_on.in_(list_confirmed_days())
        count = _set_duty_on(_record.served_on, right & _record.duty_on.is_(None))
        # Only a decision makes a mark wrong, so that most runs need not look at every record.
        spans = None if claim.is_first else list_decided_spans(now - RECENT)
        count += _set_duty_on(None, _record.duty_on.is_not(None) & not_(right) & _served_in(spans))
        claim.note(count)
    return count


def _refresh(now: datetime, zone: tzinfo, months_ahead: int) -> int:
    this_month = month_of(now.astimezone(zone).date())
    last = find_last_month()
    first = min(this_month, shift_month(last, 1)) if last else this_month
    first = max(first, shift_month(this_month, -MAX_MONTHS_MISSED))
    months = months_between(first, shift_month(this_month, months_ahead))
    rule, calendar = find_duty_day_rule(), find_calendar()
    rows = list_duty_days_locking(months)
    return sum(_store(propose_month(month, rule, calendar), rows.get(month)) for month in months)


def _store(proposal: Proposal, row: DutyDay | None) -> bool:
    """Write a proposal where it says something new; whether it did."""
    values = _columns(proposal)
    if row is None:
        db.session.add(DutyDay(month=proposal.month, **values))
        return True
    if row.status in DECIDED or all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True


def _columns(proposal: Proposal) -> dict[str, object]:
    reason = {"msgid": proposal.reason.msgid, "params": dict(proposal.reason.params)}
    return {"status": str(proposal.status), "proposed_on": proposal.proposed_on, "reason": reason}


def _lock_month(month: str) -> DutyDay:
    """The stored month, locked; stored now where no run has come to it."""
    row = list_duty_days_locking([month]).get(month)
    if row is None:
        row = DutyDay(month=month, **_columns(propose_month(month, find_duty_day_rule(), find_calendar())))
        db.session.add(row)
    return row


def _require_undone(row: DutyDay, now: datetime, zone: tzinfo) -> None:
    """Refuse to change what was decided once its day has passed."""
    if row.status not in DECIDED:
        return
    day = row.duty_on or row.proposed_on or open_month(row.month, Calendar()).base_on
    if day < now.astimezone(zone).date():
        raise DutyDayDecided()


def _require_within(month: str, on: date) -> None:
    limit = find_duty_day_rule().max_shift_days
    undecided = open_month(month, find_calendar())
    is_near = abs(on - undecided.base_on) <= timedelta(days=limit)
    is_offered = on in [other.on for other in undecided.alternatives]
    if month_of(on) != month or not (is_near or is_offered):
        raise DutyDayOutsideMonth(days=limit)


def _sign(row: DutyDay, admin_id: int, now: datetime) -> None:
    row.decided_by_id, row.decided_at = admin_id, now


def _set_duty_on(value: ColumnElement[date] | None, where: ColumnElement[bool]) -> int:
    # Passing over locked rows: this statement never waits, so it can be part of no deadlock.
    chosen = select(_record.id).where(where).with_for_update(skip_locked=True, key_share=True)
    statement = update(ServiceRecord).where(ServiceRecord.id.in_(chosen)).values(duty_on=value)
    return db.session.connection().execute(statement).rowcount


def _served_in(spans: Sequence[tuple[date, date]] | None) -> ColumnElement[bool]:
    """Served within one of the spans; at any time where None is given."""
    if spans is None:
        return true()
    return or_(false(), *(_record.served_on.between(first, last) for first, last in spans))
