"""The monthly service day of organ staff (机关工作人员志愿服务日): the 15th, or a day near it.

No source says how the day moves, so the policy is a setting. The rule here
only *proposes* with its reason and the alternatives; a person confirms.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from volunteer.domain.calendar import Calendar, DayKind, UnknownYear
from volunteer.domain.refusals import N_, Sentence

BASE_DAY = 15
MAX_SHIFT_DAYS = 7
# The longest run of days off so far has nine days; alternatives are looked for well past that.
SEARCH_DAYS = 31


class DutyDayPolicy(StrEnum):
    """Where the service day goes when the base day is not a workday."""

    KEEP = "keep"
    NEXT = "next"
    PREVIOUS = "previous"
    NEAREST = "nearest"
    NONE = "none"


class ProposalStatus(StrEnum):
    """How far the rule could get by itself."""

    PROPOSED = "proposed"
    NEEDS_DECISION = "needs_decision"
    UNKNOWN = "unknown"
    NONE = "none"


class Alternative(NamedTuple):
    """Another day the month's service could be held on, and the policy that leads there."""

    on: date
    shift_days: int
    policy: DutyDayPolicy


@dataclass(frozen=True)
class Proposal:
    """What the policy says for one month; ``month`` is written ``2026-02``.

    ``proposed_on`` is set exactly when ``status`` is *proposed*. ``day_is``
    tells what the base day is, ``reason`` why the status is what it is.
    """

    month: str
    base_on: date
    proposed_on: date | None
    status: ProposalStatus
    day_is: Sentence
    reason: Sentence
    alternatives: tuple[Alternative, ...] = ()

    @property
    def shift_days(self) -> int:
        """Days from the base day to the proposed day: negative is earlier, 0 when nothing is proposed."""
        return (self.proposed_on - self.base_on).days if self.proposed_on else 0


DAY_IS = {
    DayKind.WORKDAY: N_("%(day)s日是工作日。"),
    DayKind.MAKEUP_WORKDAY: N_("%(day)s日是调休上班日。"),
    DayKind.HOLIDAY: N_("%(day)s日是法定节假日。"),
}
WEEKEND_DAY_IS = {5: N_("%(day)s日是周六。"), 6: N_("%(day)s日是周日。")}
# One sentence per holiday and not a parameter, so that the name is translated with it.
HOLIDAY_IS = {
    "元旦": N_("%(day)s日是元旦假期。"),
    "春节": N_("%(day)s日是春节假期。"),
    "清明": N_("%(day)s日是清明节假期。"),
    "劳动节": N_("%(day)s日是劳动节假期。"),
    "端午": N_("%(day)s日是端午节假期。"),
    "中秋": N_("%(day)s日是中秋节假期。"),
    "国庆节": N_("%(day)s日是国庆节假期。"),
}
NAMED_HOLIDAY_IS = N_("%(day)s日是%(holiday)s假期。")
DAY_UNKNOWN = N_("%(year)s年的放假安排还没有录入，不知道%(day)s日是否上班。")
CANNOT_PROPOSE = N_("%(year)s年的放假安排还没有录入，不能推算服务日。")
POLICY_NONE = N_("按现行设置，不自动提出服务日。")
MOVED_LATER = N_("%(day)s日不上班，顺延%(days)s天。")
MOVED_EARLIER = N_("%(day)s日不上班，提前%(days)s天。")
TOO_FAR = {
    DutyDayPolicy.NEXT: N_("%(day)s日不上班，之后%(max)s天之内本月没有工作日，请选定日期。"),
    DutyDayPolicy.PREVIOUS: N_("%(day)s日不上班，之前%(max)s天之内本月没有工作日，请选定日期。"),
    DutyDayPolicy.NEAREST: N_("%(day)s日不上班，前后%(max)s天之内本月没有工作日，请选定日期。"),
}


def propose(
    year: int,
    month: int,
    policy: DutyDayPolicy,
    calendar: Calendar,
    max_shift_days: int = MAX_SHIFT_DAYS,
    base_day: int = BASE_DAY,
) -> Proposal:
    """Propose the service day of one month.

    - *keep* always proposes the base day; where the year is unknown it is *unknown*
      whether that is a workday.
    - *next*, *previous* and *nearest* propose a workday of the same month at most
      ``max_shift_days`` away, *needs decision* when there is none, and *unknown*
      as soon as an unknown day would have to be guessed.
    - *none* proposes nothing.

    ``base_day`` is 1 to 28, so that every month has it.
    """
    if not 1 <= base_day <= 28:
        raise ValueError("base_day must be 1 to 28")
    base_on = date(year, month, base_day)
    day_is = describe(base_on, calendar)
    alternatives = _alternatives(base_on, calendar)

    def answer(status: ProposalStatus, reason: Sentence, on: date | None = None) -> Proposal:
        others = tuple(other for other in alternatives if other.on != on)
        return Proposal(f"{base_on:%Y-%m}", base_on, on, status, day_is, reason, others)

    if policy is DutyDayPolicy.NONE:
        return answer(ProposalStatus.NONE, Sentence(POLICY_NONE))
    if policy is DutyDayPolicy.KEEP:
        is_known = calendar.kind(base_on) is not None
        return answer(ProposalStatus.PROPOSED if is_known else ProposalStatus.UNKNOWN, day_is, base_on)
    try:
        on = _move(base_on, policy, calendar, max_shift_days)
    except UnknownYear as unknown:
        return answer(ProposalStatus.UNKNOWN, Sentence(CANNOT_PROPOSE, {"year": unknown.year}))
    if on is None:
        reason = Sentence(TOO_FAR[policy], {"day": base_day, "max": max_shift_days})
        return answer(ProposalStatus.NEEDS_DECISION, reason)
    return answer(ProposalStatus.PROPOSED, _moved(base_on, on) or day_is, on)


def describe(day: date, calendar: Calendar) -> Sentence:
    """Say in a sentence what ``day`` is: workday, make-up workday, weekend, which holiday, or unknown."""
    kind = calendar.kind(day)
    if kind is None:
        return Sentence(DAY_UNKNOWN, {"year": day.year, "day": day.day})
    name = calendar.name(day)
    if name is not None and name not in HOLIDAY_IS:
        return Sentence(NAMED_HOLIDAY_IS, {"day": day.day, "holiday": name})
    if name is not None:
        return Sentence(HOLIDAY_IS[name], {"day": day.day})
    if kind is DayKind.WEEKEND:
        # An admin may enter any weekday as a day off; only Saturday and Sunday have their own words.
        return Sentence(WEEKEND_DAY_IS.get(day.weekday(), DAY_IS[DayKind.HOLIDAY]), {"day": day.day})
    return Sentence(DAY_IS[kind], {"day": day.day})


def _move(base_on: date, policy: DutyDayPolicy, calendar: Calendar, limit_days: int) -> date | None:
    works = calendar.is_workday(base_on)
    if works is None:
        raise UnknownYear(base_on.year)
    if works:
        return base_on
    search = {
        DutyDayPolicy.NEXT: calendar.next_workday,
        DutyDayPolicy.PREVIOUS: calendar.previous_workday,
        DutyDayPolicy.NEAREST: calendar.nearest_workday,
    }[policy]
    on = search(base_on, limit_days)
    return on if on is not None and on.month == base_on.month else None


def _moved(base_on: date, on: date) -> Sentence | None:
    shift = (on - base_on).days
    if not shift:
        return None
    return Sentence(MOVED_LATER if shift > 0 else MOVED_EARLIER, {"day": base_on.day, "days": abs(shift)})


def _alternatives(base_on: date, calendar: Calendar) -> tuple[Alternative, ...]:
    """The workdays before and after, and the base day; none where that is a workday or unknown."""
    if calendar.is_workday(base_on) is not False:
        return ()
    found: list[Alternative] = []
    for policy, search in (
        (DutyDayPolicy.PREVIOUS, calendar.previous_workday),
        (DutyDayPolicy.NEXT, calendar.next_workday),
    ):
        try:
            on = search(base_on, SEARCH_DAYS)
        except UnknownYear:
            continue
        if on is not None:
            found.append(Alternative(on, (on - base_on).days, policy))
    return (*found, Alternative(base_on, 0, DutyDayPolicy.KEEP))
