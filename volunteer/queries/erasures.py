"""Erasure requests within an admin's scope, and a member's own."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from volunteer.db import db
from volunteer.domain.erasures import ErasureState
from volunteer.domain.refusals import NotFound
from volunteer.models.erasures import ErasureRequest
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.models.teams import Team
from volunteer.models.training_records import Commendation, TrainingRecord

_WITH_MEMBER = (
    select(ErasureRequest, Member, Team.name.label("team_name"), Admin.name.label("admin_name"))
    .join(Member, Member.id == ErasureRequest.member_id)
    .join(Team, Team.id == Member.team_id)
    .outerjoin(Admin, Admin.id == ErasureRequest.decided_by_id)
)


def list_erasures(
    scope: Iterable[int], *, is_waiting: bool, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many requests members of these teams made that wait, or do not, and a page of them.

    Waiting ones oldest first, others newest first.
    """
    waits = ErasureRequest.state == ErasureState.WAITING
    chosen = [Member.team_id.in_(list(scope)), waits if is_waiting else ~waits]
    count = (
        select(func.count(ErasureRequest.id))
        .join(Member, Member.id == ErasureRequest.member_id)
        .where(*chosen)
    )
    order = ErasureRequest.id if is_waiting else ErasureRequest.id.desc()
    page = _WITH_MEMBER.where(*chosen).order_by(order).offset(offset).limit(limit)
    return db.session.execute(count).scalar_one(), list(db.session.execute(page))


def get_erasure_row(scope: Iterable[int], erasure_id: int) -> Row[ErasureRequest, Member, str, str]:
    """The request with its member, within these teams; refuses where there is none."""
    statement = _WITH_MEMBER.where(ErasureRequest.id == erasure_id, Member.team_id.in_(list(scope)))
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    return row


def list_own_erasures(member_id: int) -> list[ErasureRequest]:
    """The member's requests, newest first."""
    statement = (
        select(ErasureRequest).where(ErasureRequest.member_id == member_id).order_by(ErasureRequest.id.desc())
    )
    return list(db.session.execute(statement).scalars())


def find_last_kept_on(member_ids: Iterable[int]) -> date | None:
    """The day of the newest service, training or commendation of these rows of one person, or None."""
    ids = list(member_ids)
    days = (ServiceRecord.served_on, TrainingRecord.held_on, Commendation.granted_on)
    newest = (select(func.max(day)).where(day.class_.member_id.in_(ids)).scalar_subquery() for day in days)
    found = db.session.execute(select(*newest)).one()
    return max((day for day in found if day), default=None)


def find_waiting_erasure(member_id: int) -> ErasureRequest | None:
    """The member's request that waits for an answer, or None."""
    statement = select(ErasureRequest).where(
        ErasureRequest.member_id == member_id, ErasureRequest.state == ErasureState.WAITING
    )
    return db.session.execute(statement).scalar_one_or_none()
