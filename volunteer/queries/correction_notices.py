"""Wishes on notice inside a unit, and what was said against them."""

from datetime import date
from typing import Any

from sqlalchemy import Row, select

from volunteer.db import db
from volunteer.domain.correction_refusals import CorrectionUnknown
from volunteer.domain.proposals import ProposalState
from volunteer.models.activities import Activity
from volunteer.models.corrections import Correction, Objection
from volunteer.models.members import Member
from volunteer.models.stations import Station


def _noticed(member: Member, today: date) -> Any:
    """What is on notice in this member's unit and concerns somebody else."""
    return (
        select(
            Correction,
            Member.name,
            Station.name.label("station_name"),
            Activity.name.label("activity_name"),
        )
        .join(Member, Member.id == Correction.member_id)
        .outerjoin(Station, Station.id == Correction.station_id)
        .outerjoin(Activity, Activity.id == Correction.activity_id)
        .where(
            Member.unit_id == member.unit_id,
            Member.id != member.id,
            Correction.state == ProposalState.PROPOSED,
            Correction.notice_until_on > today,
        )
    )


def list_noticed(member: Member, today: date) -> list[Row[Any]]:
    """What is on notice in this member's unit, the one that ends first before the others."""
    if member.unit_id is None:
        return []
    statement = _noticed(member, today).order_by(Correction.notice_until_on, Correction.id)
    return list(db.session.execute(statement))


def get_noticed_row(member: Member, correction_id: int, today: date) -> Row[Any]:
    """One wish on notice in this member's unit; refuses any other."""
    row = None
    if member.unit_id is not None:
        statement = _noticed(member, today).where(Correction.id == correction_id)
        row = db.session.execute(statement).one_or_none()
    if row is None:
        raise CorrectionUnknown()
    return row


def list_objections(correction_id: int) -> list[Row[Any]]:
    """What was said against a wish, and by whom, the oldest first."""
    statement = (
        select(Objection, Member.name, Member.volunteer_no)
        .join(Member, Member.id == Objection.member_id)
        .where(Objection.correction_id == correction_id)
        .order_by(Objection.id)
    )
    return list(db.session.execute(statement))


def list_own_objections(member_id: int) -> set[int]:
    """The ids of the wishes that this member has objected to."""
    statement = select(Objection.correction_id).where(Objection.member_id == member_id)
    return set(db.session.execute(statement).scalars())
