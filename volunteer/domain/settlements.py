"""Settling: what the ledger must say so that it equals the records of closed days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from volunteer.domain.calendar import Calendar
from volunteer.domain.ledger import Entry, EntryKind, Measure, Proof, reverse
from volunteer.domain.policies import Policy, Served, credited_minutes
from volunteer.domain.records import RecordState
from volunteer.domain.refusals import N_, Refusal

# A terminal that was in touch within these days before a day is one whose scans of that day may still come.
IN_USE_WITHIN = timedelta(days=14)
MORNING, AFTERNOON = (time(9), time(12)), (time(14), time(18))


class DayNotOver(Refusal):
    """Today may still bring service."""

    code = "day_not_over"
    msgid = N_("这一天还没有过完，不能结算。")


class DayClosed(Refusal):
    """Closing twice changes nothing."""

    code = "day_closed"
    msgid = N_("这一天已经结算。")


class ReasonMissing(Refusal):
    """Whoever does not wait for a station says why."""

    code = "reason_missing"
    msgid = N_("请写明为什么不等服务站上报就结算。")


@dataclass(frozen=True)
class Unsettled:
    """A record with everything that decides what it is worth; ``row`` has the record's own columns.

    ``window`` is the plan as it stood when the card was held. ``corrected_by`` and
    ``voided_by`` are the approved corrections that made it or took it out, if any.
    """

    row: Any
    team_id: int
    unit_id: int | None
    window: tuple[datetime, datetime] | None = None
    is_countable: bool = True
    is_in_office_hours: bool = False
    corrected_by: Any = None
    voided_by: Any = None


def credit_of(one: Unsettled, policy: Policy) -> int:
    """What the record is worth, whether or not somebody must look at it first."""
    if one.row.state != RecordState.CLOSED or one.row.checked_out_at is None:
        return 0
    served = Served(
        one.row.checked_in_at, one.row.checked_out_at, one.window, one.is_countable, one.is_in_office_hours
    )
    return credited_minutes(served, policy)


def settle(
    records: Iterable[Unsettled], live: Mapping[int, Sequence[Any]], policy: Policy, held: frozenset[int]
) -> list[Entry]:
    """The entries that bring the ledger to what the records say; none where it says so already.

    ``live`` has each record's credits that nothing took back yet; ``held`` the records that
    credit nothing before a person has decided. What changed is reversed first.
    """
    entries: list[Entry] = []
    for one in records:
        minutes = 0 if one.row.id in held else credit_of(one, policy)
        wanted = _entry(one, minutes, policy) if minutes else None
        standing = live.get(one.row.id, ())
        if wanted and len(standing) == 1 and _says_the_same(standing[0], wanted):
            continue
        entries += [_reversal(entry, one, is_held=one.row.id in held) for entry in standing]
        if wanted:
            entries.append(wanted)
    return entries


def _entry(one: Unsettled, minutes: int, policy: Policy) -> Entry:
    row, by = one.row, one.corrected_by
    return Entry(
        member_id=row.member_id,
        kind=EntryKind.CREDIT,
        minutes=minutes,
        measure=Measure.DECLARED if row.correction_id is not None else Measure.METERED,
        proof=Proof(row.proof),
        record_id=row.id,
        served_on=row.served_on,
        checked_in_at=row.checked_in_at,
        checked_out_at=row.checked_out_at,
        station_id=row.station_id,
        activity_id=row.activity_id,
        team_id=one.team_id,
        unit_id=one.unit_id,
        policy_id=policy.id,
        correction_id=row.correction_id,
        entered_by_id=by.entered_by_id if by else None,
        approved_by_id=by.decided_by_id if by else None,
    )


# What makes two entries about one record different: who the member's team was may be found out later.
_COMPARED = ("minutes", "checked_in_at", "checked_out_at", "station_id", "activity_id", "served_on")


def _says_the_same(entry: Any, wanted: Entry) -> bool:
    return all(getattr(entry, name) == getattr(wanted, name) for name in _COMPARED)


def _reversal(entry: Any, one: Unsettled, *, is_held: bool) -> Entry:
    if one.voided_by is not None:
        taken_back = reverse(entry, "void")
        return Entry(
            **vars(taken_back)
            | {
                "correction_id": one.voided_by.id,
                "entered_by_id": one.voided_by.entered_by_id,
                "approved_by_id": one.voided_by.decided_by_id,
            }
        )
    if is_held:
        return reverse(entry, "held")
    return reverse(entry, "superseded" if one.row.state == RecordState.SUPERSEDED else "changed")


def is_waiting_for(terminal: Any, day_starts_at: datetime, day_ends_at: datetime) -> bool:
    """Whether scans of that day may still lie in this terminal.

    It was in use around then, and has not been in touch since the day's end with an empty queue.
    """
    if terminal.revoked_at is not None or terminal.last_contact_at is None:
        return False
    if terminal.enrolled_at is None or terminal.enrolled_at >= day_ends_at:
        return False
    if terminal.last_contact_at < day_starts_at - IN_USE_WITHIN:
        return False
    return bool(terminal.last_contact_at < day_ends_at or terminal.pending)


def is_in_office_hours(row: Any, zone: tzinfo, calendar: Calendar, duty_days: frozenset[date]) -> bool:
    """Whether a record lies within the office hours of one workday that was no duty day.

    A day whose kind is unknown is taken for none: a guess must not cost anybody hours.
    """
    if row.checked_out_at is None or row.served_on in duty_days:
        return False
    start, end = row.checked_in_at.astimezone(zone), row.checked_out_at.astimezone(zone)
    if start.date() != end.date() or not calendar.is_workday(start.date()):
        return False
    return any(opens <= start.time() and end.time() <= closes for opens, closes in (MORNING, AFTERNOON))
