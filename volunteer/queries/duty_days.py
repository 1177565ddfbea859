"""Duty days as people see them, and what they are worked out from: policy and calendar."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.calendar import Calendar, DayKind
from volunteer.domain.duty_days import MAX_SHIFT_DAYS, Alternative, DutyDayPolicy, Proposal, propose
from volunteer.domain.months import months_between, span_of, split_month
from volunteer.domain.refusals import N_, Sentence
from volunteer.models.duty_days import CalendarDay, DutyDay, Setting

POLICY_SETTING = "duty_day_policy"
MAX_SHIFT_SETTING = "duty_day_max_shift"
# The years that were entered completely, as "2027,2028".
YEARS_SETTING = "calendar_years"
DECIDED = ("confirmed", "cancelled")
TODAY_IS_DUTY_DAY = N_("今天是机关工作人员志愿服务日。")


class DutyDayRule(NamedTuple):
    """How this brigade moves the 15th, and how far at most."""

    policy: DutyDayPolicy = DutyDayPolicy.KEEP
    max_shift_days: int = MAX_SHIFT_DAYS


@dataclass(frozen=True)
class DutyDayView:
    """One month. ``status`` is a proposal's status until a person decides, then confirmed or cancelled.

    ``alternatives`` and ``day_is`` follow the calendar as it is known now; ``reason`` is what
    the decision was based on. ``duty_on`` is set exactly when the day is confirmed.
    """

    month: str
    base_on: date
    proposed_on: date | None
    duty_on: date | None
    status: str
    day_is: Sentence
    reason: Sentence
    alternatives: tuple[Alternative, ...]
    decided_at: datetime | None = None
    announced_at: datetime | None = None

    @property
    def is_decided(self) -> bool:
        """Whether a person has confirmed or cancelled the month's day."""
        return self.status in DECIDED


def find_duty_day_rule() -> DutyDayRule:
    """The rule in force; the 15th stays the 15th where nobody has chosen otherwise."""
    names = (POLICY_SETTING, MAX_SHIFT_SETTING)
    found = {
        setting.name: setting.value
        for setting in db.session.execute(select(Setting).where(Setting.name.in_(names))).scalars()
    }
    return DutyDayRule(
        DutyDayPolicy(found.get(POLICY_SETTING, DutyDayPolicy.KEEP)),
        int(found.get(MAX_SHIFT_SETTING, MAX_SHIFT_DAYS)),
    )


def find_calendar() -> Calendar:
    """The published calendar with what was entered by hand laid over it."""
    days = list(db.session.execute(select(CalendarDay)).scalars())
    return Calendar(
        entered={day.day_on: DayKind(day.kind) for day in days},
        names={day.day_on: day.name for day in days if day.name},
        entered_years=frozenset(list_entered_years()),
    )


def list_entered_years() -> list[int]:
    """The years whose calendar was entered completely by hand, oldest first."""
    setting = db.session.get(Setting, YEARS_SETTING, populate_existing=True)
    return sorted(int(year) for year in setting.value.split(",") if year) if setting else []


def list_proposals(first_month: str, last_month: str, rule: DutyDayRule | None = None) -> list[Proposal]:
    """What the rule says for each month, decided or not; the rule in force where none is given."""
    chosen, calendar = rule or find_duty_day_rule(), find_calendar()
    return [propose_month(month, chosen, calendar) for month in months_between(first_month, last_month)]


def propose_month(month: str, rule: DutyDayRule, calendar: Calendar) -> Proposal:
    """What the rule says for one month, written ``2026-02``."""
    return propose(*split_month(month), rule.policy, calendar, rule.max_shift_days)


def list_duty_days(first_month: str, last_month: str) -> list[DutyDayView]:
    """Every month from first to last, both included; one that was never stored shows today's proposal."""
    rows = {
        row.month: row
        for row in db.session.execute(
            select(DutyDay).where(DutyDay.month.between(first_month, last_month))
        ).scalars()
    }
    rule, calendar = find_duty_day_rule(), find_calendar()
    return [
        _show(rows[month], calendar)
        if month in rows
        else _show_proposal(propose_month(month, rule, calendar))
        for month in months_between(first_month, last_month)
    ]


def find_next_duty_day(today: date) -> date | None:
    """The first confirmed duty day from ``today`` on."""
    statement = (
        select(DutyDay.duty_on)
        .where(DutyDay.status == "confirmed", DutyDay.duty_on >= today)
        .order_by(DutyDay.duty_on)
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def list_confirmed_days() -> list[date]:
    """Every confirmed duty day ever, in order."""
    statement = select(DutyDay.duty_on).where(DutyDay.status == "confirmed").order_by(DutyDay.duty_on)
    return [day for day in db.session.execute(statement).scalars() if day is not None]


def list_decided_spans(since: datetime) -> list[tuple[date, date]]:
    """First and last day of every month that somebody decided at or after ``since``."""
    statement = select(DutyDay.month).where(DutyDay.decided_at >= since).order_by(DutyDay.month)
    return [span_of(month) for month in db.session.execute(statement).scalars()]


def find_todays_notice(today: date) -> Sentence | None:
    """What pages and terminals say on a confirmed duty day; ``today`` is the local date."""
    statement = select(DutyDay.id).where(DutyDay.status == "confirmed", DutyDay.duty_on == today)
    return Sentence(TODAY_IS_DUTY_DAY) if db.session.execute(statement).first() else None


def list_duty_days_locking(months: Iterable[str]) -> dict[str, DutyDay]:
    """The stored months, locked to the end of the transaction, by month."""
    statement = (
        select(DutyDay)
        .where(DutyDay.month.in_(list(months)))
        .order_by(DutyDay.month)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.month: row for row in db.session.execute(statement).scalars()}


def find_last_month() -> str | None:
    """The latest month that is stored."""
    statement = select(DutyDay.month).order_by(DutyDay.month.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def open_month(month: str, calendar: Calendar) -> Proposal:
    """The month without any policy: all that can be chosen instead of the 15th is among its alternatives."""
    return propose_month(month, DutyDayRule(DutyDayPolicy.NONE), calendar)


def _show_proposal(proposal: Proposal) -> DutyDayView:
    return DutyDayView(
        proposal.month,
        proposal.base_on,
        proposal.proposed_on,
        None,
        proposal.status,
        proposal.day_is,
        proposal.reason,
        proposal.alternatives,
    )


def _show(row: DutyDay, calendar: Calendar) -> DutyDayView:
    undecided = open_month(row.month, calendar)
    chosen = row.duty_on or row.proposed_on
    return DutyDayView(
        month=row.month,
        base_on=undecided.base_on,
        proposed_on=row.proposed_on,
        duty_on=row.duty_on if row.status == "confirmed" else None,
        status=row.status,
        day_is=undecided.day_is,
        reason=read_reason(row.reason),
        alternatives=tuple(other for other in undecided.alternatives if other.on != chosen),
        decided_at=row.decided_at,
        announced_at=row.announced_at,
    )


def read_reason(stored: Any) -> Sentence:
    """The sentence that was kept as JSON."""
    return Sentence(stored["msgid"], stored["params"])
