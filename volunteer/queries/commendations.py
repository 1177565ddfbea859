"""Commendations of members, with the files that prove them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from volunteer.db import db
from volunteer.domain.commendations import CommendationFields, CommendationUnknown
from volunteer.models.members import Member
from volunteer.models.teams import Team
from volunteer.models.training_records import Commendation, EvidenceFile
from volunteer.queries.merges import list_group_ids
from volunteer.queries.training_records import words_of

_WITH_MEMBER: Any = (
    select(
        Commendation,
        Member.name.label("member_name"),
        Member.volunteer_no,
        Team.name.label("team_name"),
        EvidenceFile.name.label("evidence_name"),
    )
    .join(Member, Member.id == Commendation.member_id)
    .join(Team, Team.id == Member.team_id)
    .outerjoin(EvidenceFile, EvidenceFile.id == Commendation.evidence_id)
    .where(Commendation.voided_at.is_(None))
)
_NEWEST_FIRST = (Commendation.granted_on.desc(), Commendation.id.desc())


def search_commendations(
    scope: Iterable[int], text: str, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many commendations members of these teams have that fit ``text``, and a page, newest first."""
    statement = _WITH_MEMBER.where(Member.team_id.in_(list(scope)))
    if text:
        statement = statement.where(
            Commendation.name.contains(text, autoescape=True)
            | Member.name.contains(text, autoescape=True)
            | Member.volunteer_no.contains(text.upper(), autoescape=True)
        )
    count = db.session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    page = statement.order_by(*_NEWEST_FIRST).offset(offset).limit(limit)
    return count, list(db.session.execute(page))


def list_commendations(member_id: int) -> list[Row[Any]]:
    """A member's commendations in force, newest first, with their evidence; merged rows count."""
    statement = _WITH_MEMBER.where(Commendation.member_id.in_(list_group_ids(member_id)))
    return list(db.session.execute(statement.order_by(*_NEWEST_FIRST)))


def get_commendation_row(scope: Iterable[int], commendation_id: int) -> Row[Any]:
    """The commendation of a member of these teams; refuses where there is none."""
    statement = _WITH_MEMBER.where(Commendation.id == commendation_id, Member.team_id.in_(list(scope)))
    row: Row[Any] | None = db.session.execute(statement).one_or_none()
    if row is None:
        raise CommendationUnknown()
    return row


def list_commended(member_ids: Iterable[int], name: str, granted_on: object) -> set[int]:
    """Those of the members who have this commendation of this day already."""
    statement = select(Commendation.member_id).where(
        Commendation.member_id.in_(list(member_ids)),
        Commendation.name == name,
        Commendation.granted_on == granted_on,
        Commendation.voided_at.is_(None),
    )
    return set(db.session.execute(statement).scalars())


def list_commended_fields(
    member_ids: Iterable[int], names: Iterable[str], days: Iterable[date]
) -> dict[tuple[int, str, date], CommendationFields]:
    """What these members have on record of commendations with these names of these days."""
    statement = select(Commendation).where(
        Commendation.member_id.in_(list(member_ids)),
        Commendation.name.in_(list(names)),
        Commendation.granted_on.in_(list(days)),
        Commendation.voided_at.is_(None),
    )
    return {
        (one.member_id, one.name, one.granted_on): CommendationFields(
            one.name, one.granted_on, one.granting_unit
        )
        for one in db.session.execute(statement).scalars()
    }


def lock_commendations(commendation_ids: Iterable[int]) -> dict[int, Commendation]:
    """These commendations by id, read again and locked to the end of the transaction."""
    statement = select(Commendation).where(Commendation.id.in_(list(commendation_ids)))
    locked = statement.order_by(Commendation.id).with_for_update()
    found = db.session.execute(locked.execution_options(populate_existing=True)).scalars()
    return {one.id: one for one in found}


def list_commendation_words(scope: Iterable[int]) -> tuple[list[str], list[str]]:
    """What commendations of members of these teams were called, and who granted them; the newest first."""
    scope = list(scope)
    names = words_of(scope, Commendation, Commendation.name)
    return names, words_of(scope, Commendation, Commendation.granting_unit)
