"""Reviews: what needs a person's eyes before, or although, it counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations, groupby
from typing import Any

from volunteer.domain.policies import MINUTE, Policy, ReviewLevel, review_level


class ReviewKind(StrEnum):
    """Why something needs a person."""

    LONG_DAY = "long_day"
    FORGOTTEN = "forgotten"
    LEFT = "left"
    TWO_PLACES = "two_places"
    IMPOSSIBLE_TOTAL = "impossible_total"
    MANY_PAIRS = "many_pairs"
    OFFICE_HOURS = "office_hours"
    SUSPECT_CLOCK = "suspect_clock"
    LATE_SCAN = "late_scan"
    REPEATED_SEQ = "repeated_seq"
    QUARANTINED = "quarantined"
    IDENTITY_CLASH = "identity_clash"


class ReviewState(StrEnum):
    """What became of it. ``gone``: the cause went away by itself before anybody decided."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MUTED = "muted"
    GONE = "gone"


# Records named by an item of these kinds credit nothing until it is accepted.
HOLDING = frozenset(
    {
        ReviewKind.LONG_DAY,
        ReviewKind.TWO_PLACES,
        ReviewKind.IMPOSSIBLE_TOTAL,
    }
)


# A local day has 24 hours, and whoever serves also sleeps and eats: more than 16 hours is no single person.
MOST_DAY_MINUTES = 16 * 60
# Ten hours on every day of a month. Nobody who also has an office to go to comes near it.
MOST_MONTH_MINUTES = 300 * 60


@dataclass(frozen=True)
class DayRecord:
    """A closed record of a person on a day: one measured by a station, or one that people declared.

    ``person_id`` is the kept row of the member's merges. ``minutes`` is what the policy
    credits. ``served_on`` is only given for a record of the day before that reaches into the day.
    """

    record_id: int
    member_id: int
    person_id: int
    team_id: int
    checked_in_at: datetime
    checked_out_at: datetime
    minutes: int
    served_on: date | None = None


@dataclass(frozen=True)
class Finding:
    """Something for the review desk. The ``key`` says what it is about: it is found once.

    ``params`` are the figures of its sentence; ``rows`` the ids of other rows behind it, by table.
    """

    kind: ReviewKind
    key: str
    member_id: int | None
    team_id: int
    level: ReviewLevel
    params: Mapping[str, Any]
    record_ids: tuple[int, ...] = ()
    day_on: date | None = None
    station_id: int | None = None
    terminal_id: int | None = None
    rows: Mapping[str, Sequence[Any]] = field(default_factory=dict)


def holding_items(day: date, records: Sequence[DayRecord], policy: Policy) -> list[Finding]:
    """What must not count on ``day`` before a person has looked.

    ``records`` are all closed ones of some persons on that day. A day is either long or impossible,
    never both; two places at once are found by the pair.
    """
    ordered = sorted(
        (one for one in records if one.minutes > 0),
        key=lambda one: (one.person_id, one.checked_in_at, one.record_id),
    )
    found: list[Finding] = []
    for person_id, group in groupby(ordered, key=lambda one: one.person_id):
        persons = list(group)
        todays = [one for one in persons if one.served_on in (None, day)]
        if todays:
            found += _long_day(day, person_id, todays, policy)
        found += _two_places(day, person_id, persons)
    return found


def _long_day(day: date, person_id: int, records: Sequence[DayRecord], policy: Policy) -> list[Finding]:
    minutes = sum(one.minutes for one in records)
    level = review_level(minutes, policy)
    if level is ReviewLevel.NONE:
        return []
    is_impossible = minutes > MOST_DAY_MINUTES
    kind = ReviewKind.IMPOSSIBLE_TOTAL if is_impossible else ReviewKind.LONG_DAY
    most = MOST_DAY_MINUTES if is_impossible else policy.at_once_minutes
    return [
        Finding(
            kind,
            f"{kind}:{person_id}:{day}",
            person_id,
            desk_of(person_id, records),
            ReviewLevel.BRIGADE if is_impossible else level,
            {"day": day.isoformat(), "minutes": minutes, "most": most, "records": len(records)},
            tuple(one.record_id for one in records),
            day,
        )
    ]


def _two_places(day: date, person_id: int, records: Sequence[DayRecord]) -> list[Finding]:
    """Every pair of the person's records that claim the same time; it lies on the later check-in's day.

    The team's own admins may have entered one of the two, so the team above decides.
    """
    kind = ReviewKind.TWO_PLACES
    return [
        Finding(
            kind,
            f"{kind}:{person_id}:{day}:{first.record_id}-{second.record_id}",
            person_id,
            desk_of(person_id, (first, second)),
            ReviewLevel.PARENT,
            {"day": day.isoformat(), "minutes": _shared_minutes(first, second)},
            (first.record_id, second.record_id),
            day,
        )
        for first, second in combinations(records, 2)
        if second.served_on in (None, day) and _shared_minutes(first, second) > 0
    ]


def _shared_minutes(first: DayRecord, second: DayRecord) -> int:
    # Rounded down: a second out of one gate and into the next is no second place.
    shared = min(first.checked_out_at, second.checked_out_at) - second.checked_in_at
    return max(shared, timedelta(0)) // MINUTE


def desk_of(person_id: int, records: Iterable[DayRecord]) -> int:
    """The team on whose desk it lies: that of the person's kept row where it served, else of the first."""
    mine = list(records)
    return next((one.team_id for one in mine if one.member_id == person_id), mine[0].team_id)


class Step(StrEnum):
    """What to do with a finding, given the item that was found before, if any."""

    ADD = "add"
    LEAVE = "leave"
    REFRESH = "refresh"


def rows_of(finding: Finding) -> dict[str, Any]:
    """The ids of the rows behind the finding, as they are kept with the item."""
    return {"records": sorted(finding.record_ids), **finding.rows}


def step_for(finding: Finding, item: Any) -> Step:
    """Whether the item is to be made, left alone, or opened with what is known now.

    A decision holds for the facts it was made about: where they change, the item is open
    again, and so is one whose cause had gone and is back. A muted one stays muted.
    """
    if item is None:
        return Step.ADD
    if item.state == ReviewState.MUTED:
        return Step.LEAVE
    is_same = (item.params, item.rows) == (dict(finding.params), rows_of(finding))
    return Step.LEAVE if is_same and item.state != ReviewState.GONE else Step.REFRESH


def is_over(item: Any) -> bool:
    """Whether an item whose cause is not found any more goes away.

    What was accepted stays as it was decided. A rejected one that held hours must not hold what is left.
    """
    if item.state == ReviewState.OPEN:
        return True
    return item.state == ReviewState.REJECTED and item.kind in HOLDING
