"""Memberships: the team and unit of a member on any day.

What is now stands with the member; ``member_teams`` keeps what was. On a day the first
span that ends after it holds; where none does, what is now has held since then.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.member_changes import EventKind
from volunteer.domain.members import MemberStatus
from volunteer.domain.teams import is_over
from volunteer.domain.trees import Day
from volunteer.models.columns import table_of
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.teams import MemberTeam, Team
from volunteer.sets import among

GONE = [EventKind.RETIRED, EventKind.LEFT, EventKind.MERGED_AWAY]
_PAST = table_of(MemberTeam).alias()
_LAST = (
    select(_PAST.c.member_id, func.max(_PAST.c.until_on).label("until_on"))
    .where(among(_PAST.c.member_id, "members"))
    .group_by(_PAST.c.member_id)
)


def past_memberships(members: Iterable[Member], on: date) -> list[MemberTeam]:
    """The rows that keep where these members were until ``on``, the first day elsewhere.

    For every use case that moves members: inside its transaction it adds these rows
    (``db.session.add_all``) and then changes ``team_id`` or ``unit_id`` of the members.
    Who came to the present team on that same day gets no row: it held for no whole day.
    """
    members = list(members)
    found = db.session.execute(_LAST, {"members": [member.id for member in members]})
    last: dict[int, date] = {row.member_id: row.until_on for row in found}
    return [
        MemberTeam(
            member_id=member.id,
            team_id=member.team_id,
            unit_id=member.unit_id,
            from_on=last.get(member.id),
            until_on=on,
        )
        for member in members
        if is_over(last.get(member.id), on)
    ]


def count_members_on(team_ids: Iterable[int], day: Day) -> dict[int, int]:
    """How many members each of these teams had itself at the end of that day; one without any is left out."""
    spans = spans_from(day.on)
    team_id = team_then(spans)
    statement = (
        select(team_id, func.count(Member.id))
        .select_from(Member)
        .outerjoin(spans, holds_on(spans, day.on))
        .where(team_id.in_(these(team_ids)), *were_members(day))
        .group_by(team_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def spans_from(first_on: date) -> Any:
    """Where members were, as far as it matters from a day on: each span from ``since`` to ``until_on``.

    A span begins where the one before ended, so that a member is in one place on every day.
    """
    before = func.lag(_PAST.c.until_on).over(partition_by=_PAST.c.member_id, order_by=_PAST.c.until_on)
    statement = select(
        _PAST.c.member_id, _PAST.c.team_id, _PAST.c.unit_id, _PAST.c.until_on, before.label("since")
    )
    return statement.where(_PAST.c.until_on > first_on).subquery()


def these(team_ids: Iterable[int]) -> Select[int]:
    """These teams as a select: PostgreSQL compares every row with a list, and looks a select up."""
    return select(Team.id).where(Team.id.in_(list(team_ids)))


def holds_on(spans: Any, on: Any) -> ColumnElement[bool]:
    """The outer join from a member to the span that holds on a day; where none does, what is now holds."""
    return and_(
        spans.c.member_id == Member.id,
        spans.c.until_on > on,
        or_(spans.c.since.is_(None), spans.c.since <= on),
    )


def team_then(spans: Any) -> Any:
    """The member's team by the span that holds, else the present one."""
    return case((spans.c.member_id.is_(None), Member.team_id), else_=spans.c.team_id)


def unit_then(spans: Any) -> Any:
    """The member's unit by the span that holds, else the present one."""
    return case((spans.c.member_id.is_(None), Member.unit_id), else_=spans.c.unit_id)


def were_members(day: Day) -> tuple[ColumnElement[bool], ...]:
    """Whether a member had been entered by the end of that day and was not gone then."""
    return (
        Member.created_at < day.ends_at,
        or_(Member.status != MemberStatus.LEFT, Member.status_at >= day.ends_at),
        ~_was_gone(day.on),
    )


def _was_gone(on: date) -> ColumnElement[bool]:
    """Whether a member who may have come back since had left by a day: no return after the leaving."""
    leaving, coming = aliased(MemberEvent), aliased(MemberEvent)
    later = or_(
        coming.effective_on > leaving.effective_on,
        and_(coming.effective_on == leaving.effective_on, coming.id > leaving.id),
    )
    came_back = (
        select(coming.id)
        .where(coming.member_id == leaving.member_id, coming.kind == EventKind.RETURNED)
        .where(coming.undone_at.is_(None), coming.effective_on <= on, later)
    )
    return (
        select(leaving.id)
        .where(leaving.member_id == Member.id, leaving.kind.in_(GONE), leaving.undone_at.is_(None))
        .where(leaving.effective_on <= on, ~came_back.exists())
        .exists()
    )
