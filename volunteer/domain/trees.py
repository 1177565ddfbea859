"""The tree as it was on a day: names, shape, and sums that add up at every level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Generic, TypeVar

from volunteer.domain.refusals import N_, Refusal
from volunteer.domain.teams import ORDER, TeamLevel
from volunteer.domain.totals import Sum


class DayToCome(Refusal):
    code = "day_to_come"
    msgid = N_("%(day)s还没有到，不知道那天的队伍。下面是今天的情况。")


@dataclass(frozen=True)
class Day:
    """A local date, and the instant at which it is over."""

    on: date
    ends_at: datetime


def require_no_later(on: date, today: date) -> date:
    """The day; refuses one to come, of which nothing is known."""
    if on > today:
        raise DayToCome(day=on.isoformat())
    return on


def day_of(on: date, zone: tzinfo) -> Day:
    """The date as it passes in this zone."""
    return Day(on, datetime.combine(on + timedelta(days=1), time(), zone))


@dataclass(frozen=True)
class Place:
    """A team as it was on a day; one that was not there then (yet, or any more) may still hold a sum."""

    id: int
    code: str
    name: str
    level: TeamLevel
    parent_id: int | None
    is_there: bool


# What is added up: how many there are, or hours with their parts.
Amount = TypeVar("Amount", int, Sum)


@dataclass(frozen=True)
class Branch(Generic[Amount]):
    """A team with what is its own and what is its own and everything's below."""

    team: Place
    own: Amount
    total: Amount
    below: tuple["Branch[Amount]", ...] = ()

    @property
    def size(self) -> int:
        """How many teams there are in it, itself included."""
        return 1 + sum(branch.size for branch in self.below)


def was_there(founded_on: date | None, dissolved_on: date | None, first_on: date, last_on: date) -> bool:
    """Whether a team was there on any day from ``first_on`` to ``last_on``."""
    return (founded_on is None or founded_on <= last_on) and (
        dissolved_on is None or dissolved_on > max(first_on, founded_on or first_on)
    )


def ids_below(places: Iterable[Place], root_ids: Iterable[int]) -> set[int]:
    """These teams and every team that hung below them, at any depth."""
    children, waiting = _children(places), list(root_ids)
    found = set(waiting)
    while waiting:
        below = {place.id for place in children.get(waiting.pop(), ())} - found
        found |= below
        waiting += below
    return found


def grow(places: Iterable[Place], own: Mapping[int, Amount], root_id: int, nothing: Amount) -> Branch[Amount]:
    """The tree below ``root_id``: a branch's total is its own sum and the totals of the branches below it.

    A team that was not there is left out, unless something still counts for it or below it:
    nothing that counts is ever lost from a total. A parent is strictly higher than its
    children and no team changes its level, so that there are no circles on any day.
    """
    places = list(places)
    children = _children(places)

    def branch(place: Place) -> Branch[Amount]:
        all_below = (branch(child) for child in children.get(place.id, ()))
        below = tuple(one for one in all_below if one.team.is_there or one.total != nothing or one.below)
        mine = own.get(place.id, nothing)
        return Branch(place, mine, sum((one.total for one in below), mine), below)

    return branch(next(place for place in places if place.id == root_id))


def _children(places: Iterable[Place]) -> dict[int | None, list[Place]]:
    children: dict[int | None, list[Place]] = {}
    for place in sorted(places, key=lambda one: (ORDER.index(one.level), one.code)):
        children.setdefault(place.parent_id, []).append(place)
    return children
