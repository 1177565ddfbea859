"""Activities and the window in which their service is planned."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Category(StrEnum):
    """The five service categories of the duty day."""

    CIVIL_TRAVEL = "civil_travel"
    CIVIC_TALK = "civic_talk"
    COMMUNITY_VISIT = "community_visit"
    BEAUTIFICATION = "beautification"
    WARMTH = "warmth"


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned window of one activity at one station."""

    activity_id: int
    station_id: int
    starts_at: datetime
    ends_at: datetime


def plan_for(plans: list[Plan], station_id: int, at: datetime, grace: timedelta) -> Plan | None:
    """The plan that a check-in at ``station_id`` belongs to, or None.

    Where windows overlap – with their grace, shifts that follow each other always do –
    the one with the most time left wins: who comes early for the second shift serves
    the second. Then the smaller id, so that the order of ``plans`` never matters.
    """
    fitting = [
        plan
        for plan in plans
        if plan.station_id == station_id and plan.starts_at - grace <= at <= plan.ends_at
    ]
    return min(
        fitting, key=lambda plan: (max(at, plan.starts_at) - plan.ends_at, plan.activity_id), default=None
    )
