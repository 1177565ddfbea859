"""Who came to an activity, whatever they had said to it; merged duplicates are one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Subquery, case, func, select

from volunteer.db import db
from volunteer.domain.records import GONE
from volunteer.models.activities import Participation
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.teams import Team
from volunteer.queries.merges import PERSONS


def person_of(member_id: Any) -> Any:
    """The row that a member's duplicates were merged into, or the member."""
    kept = select(PERSONS.c.person_id).where(PERSONS.c.member_id == member_id)
    return func.coalesce(kept.scalar_subquery(), member_id)


def came_to(activity_id: int) -> Subquery:
    """Each person with a record of the activity, and from when to when."""
    person = func.coalesce(PERSONS.c.person_id, ServiceRecord.member_id)
    return (
        select(
            person.label("person_id"),
            func.min(ServiceRecord.checked_in_at).label("first_at"),
            func.max(ServiceRecord.checked_out_at).label("last_at"),
        )
        .outerjoin(PERSONS, PERSONS.c.member_id == ServiceRecord.member_id)
        .where(
            ServiceRecord.activity_id == activity_id,
            ServiceRecord.state.not_in(GONE),
        )
        .group_by(person)
        .subquery()
    )


def has_come(activity_id: int, person_id: int) -> bool:
    """Whether this person, any merged row of it, has a record of the activity."""
    came = came_to(activity_id)
    return db.session.execute(select(came).where(came.c.person_id == person_id)).first() is not None


@dataclass(frozen=True)
class Attendance:
    """How many people came, how many of these had not answered, and how many of those may be named."""

    people: int
    unannounced: int
    named: int


def count_attendance(activity_id: int, team_ids: Iterable[int] | None = None) -> Attendance:
    """Who came to the activity, in numbers; with ``team_ids`` only members of these teams are to be named."""
    came = came_to(activity_id)
    is_unannounced = came.c.person_id.not_in(_answered(activity_id))
    may_name = is_unannounced if team_ids is None else is_unannounced & Member.team_id.in_(list(team_ids))
    statement = select(
        func.count(), func.count(case((is_unannounced, 1))), func.count(case((may_name, 1)))
    ).join_from(came, Member, Member.id == came.c.person_id)
    return Attendance(*db.session.execute(statement).one())


def list_unannounced(
    activity_id: int, team_ids: Iterable[int] | None = None, *, offset: int = 0, limit: int = 50
) -> list[Row[Any]]:
    """Who came without having answered, by number, with when; with ``team_ids`` only these teams' members."""
    came = came_to(activity_id)
    statement = (
        select(
            Member.name, Member.volunteer_no, Team.name.label("team_name"), came.c.first_at, came.c.last_at
        )
        .join_from(came, Member, Member.id == came.c.person_id)
        .join(Team, Team.id == Member.team_id)
        .where(came.c.person_id.not_in(_answered(activity_id)))
    )
    if team_ids is not None:
        statement = statement.where(Member.team_id.in_(list(team_ids)))
    return list(db.session.execute(statement.order_by(Member.volunteer_no).offset(offset).limit(limit)))


def _answered(activity_id: int) -> Any:
    return select(person_of(Participation.member_id)).where(Participation.activity_id == activity_id)
