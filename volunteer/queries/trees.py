"""The tree of teams as it was on a day or in a month, with members or hours."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.teams import TeamLevel
from volunteer.domain.totals import By, Period, Sum
from volunteer.domain.trees import Branch, Day, Place, grow, ids_below, was_there
from volunteer.models.teams import Team, TeamSpan
from volunteer.queries.memberships import count_members_on
from volunteer.queries.totals import Chosen, sum_totals


def count_trees(root_ids: Iterable[int], day: Day) -> list[Branch[int]]:
    """The trees below these teams at the end of a day, with the members of that time."""
    root_ids = list(root_ids)
    places = list_places(day.on, day.on)
    own = count_members_on(ids_below(places, root_ids), day)
    return [grow(places, own, root_id, 0) for root_id in root_ids]


def sum_trees(root_ids: Iterable[int], first_on: date, last_on: date) -> list[Branch[Sum]]:
    """The trees below these teams as they stood on ``last_on``, with the hours that count of these days.

    Teams dissolved meanwhile stand where they stood last, so that their hours stay in the sums.
    """
    root_ids = list(root_ids)
    places = list_places(first_on, last_on)
    chosen = Chosen(tuple(ids_below(places, root_ids)), Period(first_on, last_on))
    own = sum_totals(chosen, By.TEAM)
    return [grow(places, own, root_id, Sum()) for root_id in root_ids]


def list_places(first_on: date, last_on: date) -> list[Place]:
    """Every team as it was on ``last_on``; ``is_there`` where it was on any day since ``first_on``."""
    past = aliased(TeamSpan)
    first = (
        select(func.min(past.until_on)).where(past.team_id == Team.id, past.until_on > last_on)
    ).scalar_subquery()
    statement = select(
        Team.id,
        Team.code,
        Team.level,
        Team.founded_on,
        Team.dissolved_on,
        Team.name,
        Team.parent_id,
        TeamSpan.id.label("span_id"),
        TeamSpan.name.label("name_then"),
        TeamSpan.parent_id.label("parent_then"),
    ).outerjoin(TeamSpan, and_(TeamSpan.team_id == Team.id, TeamSpan.until_on == first))
    return [
        Place(
            row.id,
            row.code,
            row.name_then if row.span_id else row.name,
            TeamLevel(row.level),
            row.parent_then if row.span_id else row.parent_id,
            was_there(row.founded_on, row.dissolved_on, first_on, last_on),
        )
        for row in db.session.execute(statement)
    ]
