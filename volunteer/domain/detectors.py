"""Detectors: what of a person's day or month, or of a team's day, needs a person's eyes.

Pure rules over rows. What of a day holds hours back stands in ``domain.reviews``, because settling
asks it too; what is seen in the scans themselves in ``domain.arrivals``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

from volunteer.domain.policies import MINUTE, Policy, ReviewLevel
from volunteer.domain.records import RecordState
from volunteer.domain.reviews import MOST_MONTH_MINUTES, Finding, ReviewKind
from volunteer.domain.settlements import AFTERNOON, MORNING

# Shifts hand over around nine, twelve, two and six: less than half an hour of office time is no case.
LEAST_OFFICE_MINUTES = 30


@dataclass(frozen=True)
class Stay:
    """A record of a day as the detectors see it; ``person_id`` is the kept row of the member's merges."""

    record_id: int
    member_id: int
    person_id: int
    team_id: int
    station_id: int
    activity_id: int | None
    state: str
    checked_in_at: datetime
    checked_out_at: datetime | None
    minutes: int
    is_declared: bool


def unfinished(day: date, stays: Iterable[Stay]) -> list[Finding]:
    """Every record that nobody checked out of: forgotten, or left for another station."""
    kinds = {RecordState.FORGOTTEN: ReviewKind.FORGOTTEN, RecordState.LEFT: ReviewKind.LEFT}
    return [
        Finding(
            kind,
            f"{kind}:{one.record_id}",
            one.person_id,
            one.team_id,
            ReviewLevel.NONE,
            {"day": day.isoformat()},
            (one.record_id,),
            day,
            one.station_id,
        )
        for one in stays
        if (kind := kinds.get(RecordState(one.state)))
    ]


def many_pairs(day: date, stays: Iterable[Stay], policy: Policy) -> list[Finding]:
    """Who checked in and out more often than usual at one activity, or at one station without any."""
    pairs: dict[tuple[int, str], list[Stay]] = defaultdict(list)
    for one in stays:
        if one.state == RecordState.CLOSED and not one.is_declared:
            place = f"a{one.activity_id}" if one.activity_id else f"s{one.station_id}"
            pairs[one.person_id, place].append(one)
    kind = ReviewKind.MANY_PAIRS
    return [
        Finding(
            kind,
            f"{kind}:{person_id}:{day}:{place}",
            person_id,
            group[0].team_id,
            ReviewLevel.NONE,
            {"day": day.isoformat(), "pairs": len(group), "most": policy.most_pairs},
            tuple(one.record_id for one in group),
            day,
            group[0].station_id,
        )
        for (person_id, place), group in pairs.items()
        if len(group) > policy.most_pairs
    ]


def office_hours(day: date, served: Iterable[Any], zone: tzinfo) -> list[Finding]:
    """Which teams served in the office hours of ``day``; one item for a team, or its desk would drown.

    Rows of closed records with the person and the person's team. Whoever only handed over
    around the edge of the office hours is left out.
    """
    teams: dict[int, dict[int, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for one in served:
        if minutes := office_minutes(day, one.checked_in_at, one.checked_out_at, zone):
            teams[one.team_id][one.person_id].append((one.record_id, minutes))
    kind = ReviewKind.OFFICE_HOURS
    found = []
    for team_id, persons in teams.items():
        sums = {person: sum(minutes for _, minutes in rows) for person, rows in persons.items()}
        people = [person for person, minutes in sums.items() if minutes >= LEAST_OFFICE_MINUTES]
        if people:
            found.append(
                Finding(
                    kind,
                    f"{kind}:t{team_id}:{day}",
                    people[0] if len(people) == 1 else None,
                    team_id,
                    ReviewLevel.NONE,
                    {
                        "day": day.isoformat(),
                        "people": len(people),
                        "minutes": sum(sums[one] for one in people),
                    },
                    tuple(record_id for one in people for record_id, _ in persons[one]),
                    day,
                )
            )
    return found


def office_minutes(day: date, start: datetime, end: datetime, zone: tzinfo) -> int:
    """How many minutes between two instants lie in the office hours of ``day``."""
    shared = timedelta(0)
    for opens, closes in (MORNING, AFTERNOON):
        first, last = datetime.combine(day, opens, zone), datetime.combine(day, closes, zone)
        shared += max(timedelta(0), min(end, last) - max(start, first))
    return shared // MINUTE


# How the keys of items about merges begin.
MERGE_KEY = f"{ReviewKind.IDENTITY_CLASH}:merge:"


def merged_hours(merges: Iterable[Any], zone: tzinfo) -> list[Finding]:
    """Merges by which hours came together: whether it is one person, somebody else looks at, above the team.

    Rows of merges with both members' minutes. Two rows without any hour are nobody's gain.
    """
    found = []
    for one in merges:
        if one.kept_minutes or one.moved_minutes:
            day = one.merged_at.astimezone(zone).date()
            found.append(
                Finding(
                    ReviewKind.IDENTITY_CLASH,
                    f"{MERGE_KEY}{one.id}",
                    one.kept_id,
                    one.team_id,
                    ReviewLevel.PARENT,
                    {
                        "day": day.isoformat(),
                        "number": one.duplicate_no,
                        "moved": one.moved_minutes,
                        "kept": one.kept_minutes,
                    },
                    (),
                    day,
                    rows={"merges": [one.id], "members": [one.kept_id, one.duplicate_id]},
                )
            )
    return found


def month_key(person_id: int, month_on: date) -> str:
    """The key of a person's impossible month."""
    return f"month_total:{person_id}:{month_on:%Y-%m}"


def impossible_months(month_on: date, records: Iterable[Any]) -> list[Finding]:
    """Whose closed records of a month add up to more than anybody can serve.

    Rows of person, team, record, day and minutes. Held are the records of the days after the
    sum was reached. It lies on the first of the month, whose own records are never among them.
    """
    found = []
    ordered = sorted(records, key=lambda one: (one.person_id, one.served_on, one.record_id))
    for person_id, group in groupby(ordered, key=lambda one: one.person_id):
        persons = list(group)
        total, beyond = 0, []
        for _, day in groupby(persons, key=lambda one: one.served_on):
            todays = list(day)
            total += sum(one.minutes for one in todays)
            if total > MOST_MONTH_MINUTES:
                beyond += todays
        if beyond:
            found.append(
                Finding(
                    ReviewKind.IMPOSSIBLE_TOTAL,
                    month_key(person_id, month_on),
                    person_id,
                    persons[-1].team_id,
                    ReviewLevel.BRIGADE,
                    {"month": month_on.isoformat(), "minutes": total, "most": MOST_MONTH_MINUTES},
                    tuple(one.record_id for one in beyond),
                    month_on,
                )
            )
    return found
