"""Policies: the approved versions that hours are counted by, and those that wait for a second person."""

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.policies import OfficeHours, Policy
from volunteer.domain.proposals import ProposalState
from volunteer.models.ledger import StoredPolicy


def to_policy(row: StoredPolicy) -> Policy:
    """The version as the rules know it."""
    values = {name: getattr(row, name) for name in Policy.__dataclass_fields__}
    return Policy(**values | {"office_hours": OfficeHours(row.office_hours)})


def list_policies() -> list[Policy]:
    """Every approved version, by the day it begins; the one shipped with the software is the first."""
    statement = (
        select(StoredPolicy)
        .where(StoredPolicy.state == ProposalState.APPROVED)
        .order_by(StoredPolicy.from_on, StoredPolicy.id)
    )
    return [to_policy(row) for row in db.session.execute(statement).scalars()]
