"""What the audit shows of each admin: at what hours, how much at weekends, for whom, and with whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from volunteer.domain.proposals import ProposalState

SATURDAY = 6


@dataclass
class Habits:
    """One admin's acts and part in changes of hours within a period."""

    acts: int = 0
    weekend_acts: int = 0
    by_hour: list[int] = field(default_factory=lambda: [0] * 24)
    entered: int = 0
    approved: int = 0
    # Whose hours the admin entered, and who approved what the admin had entered.
    beneficiaries: Counter[int] = field(default_factory=Counter)
    approvers: Counter[int] = field(default_factory=Counter)

    @property
    def weekend_share(self) -> int:
        """Acts at weekends in percent of all."""
        return round(100 * self.weekend_acts / self.acts) if self.acts else 0

    @property
    def closest_share(self) -> int:
        """How much of what was approved for the admin one and the same person approved, in percent."""
        most = max(self.approvers.values(), default=0)
        return round(100 * most / self.approvers.total()) if most else 0


def is_at(at: datetime, zone: tzinfo, hour: int | None, *, is_weekend: bool) -> bool:
    """Whether the instant lies in this hour of the day (if any is asked for), and at a weekend (if asked)."""
    local = at.astimezone(zone)
    return (hour is None or local.hour == hour) and (not is_weekend or local.isoweekday() >= SATURDAY)


def describe(
    times: Iterable[Any], corrections: Iterable[Any], period: tuple[datetime, datetime], zone: tzinfo
) -> dict[int, Habits]:
    """Habits by admin, of events (admin_id, at) and of corrections entered or decided within the period."""
    found: dict[int, Habits] = {}
    for one in times:
        habits = found.setdefault(one.admin_id, Habits())
        habits.acts += 1
        habits.by_hour[one.at.astimezone(zone).hour] += 1
        habits.weekend_acts += is_at(one.at, zone, None, is_weekend=True)
    since, before = period
    for one in corrections:
        is_approved = one.state == ProposalState.APPROVED
        if one.entered_by_id is not None and since <= one.entered_at < before:
            habits = found.setdefault(one.entered_by_id, Habits())
            habits.entered += 1
            habits.beneficiaries[one.member_id] += 1
            if is_approved:
                habits.approvers[one.decided_by_id] += 1
        if is_approved and since <= one.decided_at < before:
            found.setdefault(one.decided_by_id, Habits()).approved += 1
    return found
