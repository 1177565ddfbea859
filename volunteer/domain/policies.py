"""Policies: how served time becomes credited minutes; versions are data, each approved by a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from volunteer.domain.clocking import CAP, GRACE

MINUTE = timedelta(minutes=1)


class OfficeHours(StrEnum):
    """What becomes of service in office hours: counted and shown to a person, or not counted."""

    FLAG = "flag"
    EXCLUDE = "exclude"


class ReviewLevel(StrEnum):
    """Whose eyes a day needs: nobody's, the team's above the member's, or the brigade's."""

    NONE = "none"
    PARENT = "parent"
    BRIGADE = "brigade"


@dataclass(frozen=True)
class Policy:
    """One version; holds for days from ``from_on`` on until the next one begins. Lengths in minutes.

    The ladder follows what i志愿 asks for: up to ``at_once_minutes`` a day count by
    themselves, up to ``parent_minutes`` the parent team decides, above it the brigade.
    """

    id: int
    from_on: date
    grace_minutes: int = int(GRACE / MINUTE)
    cap_minutes: int = int(CAP / MINUTE)
    at_once_minutes: int = 8 * 60
    parent_minutes: int = 12 * 60
    rounding_minutes: int = 1
    most_pairs: int = 3
    office_hours: OfficeHours = OfficeHours.FLAG


@dataclass(frozen=True)
class Served:
    """One closed record: the instants, the planned window if there is one, whether it counts at all.

    ``is_in_office_hours`` where the whole of it lies in the office hours of a workday.
    """

    checked_in_at: datetime
    checked_out_at: datetime
    window: tuple[datetime, datetime] | None = None
    is_countable: bool = True
    is_in_office_hours: bool = False


def credited_minutes(served: Served, policy: Policy) -> int:
    """Minutes of ``served`` under ``policy``: the overlap with the window ± grace, capped, rounded down.

    Order 67 article 7 wants the time actually given; article 19 nothing for what is no
    volunteer service.
    """
    if not served.is_countable:
        return 0
    if served.is_in_office_hours and policy.office_hours is OfficeHours.EXCLUDE:
        return 0
    start, end = served.checked_in_at, served.checked_out_at
    if served.window:
        grace = policy.grace_minutes * MINUTE
        start, end = max(start, served.window[0] - grace), min(end, served.window[1] + grace)
    minutes = min(max(0, (end - start) // MINUTE), policy.cap_minutes)
    return minutes // policy.rounding_minutes * policy.rounding_minutes


def review_level(day_minutes: int, policy: Policy) -> ReviewLevel:
    """Whose decision a member's day of so many credited minutes waits for."""
    if day_minutes <= policy.at_once_minutes:
        return ReviewLevel.NONE
    return ReviewLevel.PARENT if day_minutes <= policy.parent_minutes else ReviewLevel.BRIGADE


def policy_on(policies: Sequence[Policy], day: date) -> Policy:
    """The version that holds on ``day``: the newest that has begun; of two on one day the later made."""
    begun = [policy for policy in policies if policy.from_on <= day]
    return max(begun, key=lambda policy: (policy.from_on, policy.id))
