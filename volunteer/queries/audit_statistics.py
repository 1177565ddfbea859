"""Changes of hours by who entered and who approved them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.proposals import ProposalState
from volunteer.models.corrections import Correction
from volunteer.models.members import Admin, Member
from volunteer.models.stations import Station
from volunteer.queries.audit import Reach

Period = tuple[datetime, datetime]


def list_handled(reach: Reach, period: Period) -> list[Row[Any]]:
    """Changes of hours entered or decided within the period: for whom, by whom, and what became of them."""
    statement = (
        select(
            Correction.member_id,
            Correction.entered_by_id,
            Correction.entered_at,
            Correction.decided_by_id,
            Correction.decided_at,
            Correction.state,
        )
        .join(Member, Member.id == Correction.member_id)
        .where(_is_seen(reach), or_(_within(Correction.entered_at, period), _approved_in(period)))
    )
    return list(db.session.execute(statement))


def list_corrections_by(
    reach: Reach,
    period: Period,
    *,
    enterer_id: int | None = None,
    approver_id: int | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, list[Row[Any]]]:
    """How many changes this admin entered, or approved, or entered for that one to approve; and a page."""
    chosen = [_is_seen(reach)]
    if enterer_id is not None:
        chosen += [Correction.entered_by_id == enterer_id, _within(Correction.entered_at, period)]
    if approver_id is not None:
        chosen += [Correction.decided_by_id == approver_id, Correction.state == ProposalState.APPROVED]
    if enterer_id is None:
        chosen.append(_approved_in(period))
    count_of = select(func.count(Correction.id)).join(Member, Member.id == Correction.member_id)
    count = db.session.execute(count_of.where(*chosen)).scalar_one()
    enterer, approver = aliased(Admin), aliased(Admin)
    page = (
        select(
            Correction,
            Member.name.label("member_name"),
            Member.volunteer_no,
            Station.name.label("station_name"),
            enterer.name.label("enterer_name"),
            approver.name.label("approver_name"),
        )
        .join(Member, Member.id == Correction.member_id)
        .outerjoin(Station, Station.id == Correction.station_id)
        .outerjoin(enterer, enterer.id == Correction.entered_by_id)
        .outerjoin(approver, approver.id == Correction.decided_by_id)
        .where(*chosen)
        .order_by(Correction.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return count, list(db.session.execute(page))


def list_admins_called(admin_ids: Iterable[int]) -> dict[int, Admin]:
    """These admins by id."""
    statement = select(Admin).where(Admin.id.in_(list(admin_ids)))
    return {admin.id: admin for admin in db.session.execute(statement).scalars()}


def _is_seen(reach: Reach) -> ColumnElement[bool]:
    return true() if reach.is_brigade else Member.team_id.in_(reach.scope)


def _within(column: Any, period: Period) -> ColumnElement[bool]:
    return and_(column >= period[0], column < period[1])


def _approved_in(period: Period) -> ColumnElement[bool]:
    return and_(Correction.state == ProposalState.APPROVED, _within(Correction.decided_at, period))
