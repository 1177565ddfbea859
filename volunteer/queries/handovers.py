"""What waits at a team, and goes to another one when the team is dissolved. What is over stays its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from volunteer.db import db
from volunteer.domain.activities import ActivityState
from volunteer.domain.imports import ImportState
from volunteer.domain.member_changes import TransferState
from volunteer.domain.registrations import RegistrationState
from volunteer.domain.reviews import ReviewState
from volunteer.models.activities import Activity
from volunteer.models.card_events import CardBatch
from volunteer.models.certificates import CertificateBatch
from volunteer.models.imports import Import
from volunteer.models.member_changes import Transfer
from volunteer.models.registrations import Registration
from volunteer.models.reviews import ReviewItem

# A column that names the team, and which of the rows still wait.
Place = tuple[InstrumentedAttribute[Any], ColumnElement[bool]]


@dataclass(frozen=True)
class Waiting:
    """How many of each wait at a team."""

    registrations: int
    transfers: int
    activities: int
    reviews: int


def waiting_places(now: datetime) -> Mapping[str, list[Place]]:
    """By kind of thing, where a team stands in rows that still need it.

    Wishes for corrections, stars, erasures and cards follow their members, and stations are
    handed over by themselves. Records, settled hours, certificates and imports are history.
    """
    proposed = Transfer.state == TransferState.PROPOSED
    to_come = and_(Activity.state == ActivityState.PUBLISHED, Activity.ends_at > now)
    return {
        "registrations": [(Registration.team_id, Registration.state == RegistrationState.WAITING)],
        "transfers": [(Transfer.team_id, proposed), (Transfer.from_team_id, proposed)],
        "activities": [(Activity.team_id, or_(Activity.state == ActivityState.DRAFT, to_come))],
        "reviews": [(ReviewItem.team_id, ReviewItem.state == ReviewState.OPEN)],
    }


def count_waiting(team_id: int, now: datetime) -> Waiting:
    """How many of each wait at exactly this team."""
    counts = [
        select(func.count())
        .where(or_(*(and_(column == team_id, waits) for column, waits in places)))
        .scalar_subquery()
        .label(kind)
        for kind, places in waiting_places(now).items()
    ]
    return Waiting(**db.session.execute(select(*counts)).one()._mapping)


def list_transfers_between(team_id: int, heir_id: int | None) -> list[Transfer]:
    """The transfers that wait between these two, in either direction."""
    ends = (team_id, heir_id), (heir_id, team_id)
    statement = select(Transfer).where(
        Transfer.state == TransferState.PROPOSED,
        or_(*(and_(Transfer.from_team_id == one, Transfer.team_id == other) for one, other in ends)),
    )
    return list(db.session.execute(statement.order_by(Transfer.id)).scalars())


def has_work_in_progress(team_id: int) -> bool:
    """Whether cards, certificates or a list of exactly this team are being made or written just now."""
    at_work = [
        select(CardBatch.id).where(CardBatch.team_id == team_id, CardBatch.finished_at.is_(None)),
        select(CertificateBatch.id).where(
            CertificateBatch.team_id == team_id, CertificateBatch.finished_at.is_(None)
        ),
        select(Import.id).where(
            Import.team_id == team_id, Import.state.in_([ImportState.WRITING, ImportState.UNDOING])
        ),
    ]
    return bool(db.session.execute(select(or_(*(one.exists() for one in at_work)))).scalar_one())
