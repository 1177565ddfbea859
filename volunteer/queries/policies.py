"""Policies: the approved versions that hours are counted by, and those that wait for a second person."""

from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.policies import OfficeHours, Policy
from volunteer.domain.policy_proposals import PolicyUnknown
from volunteer.domain.proposals import ProposalState
from volunteer.models.ledger import SettledDay, StoredPolicy
from volunteer.models.members import Admin

_proposer, _decider = aliased(Admin), aliased(Admin)
_ROWS: Any = (
    select(StoredPolicy, _proposer.name.label("proposer_name"), _decider.name.label("decider_name"))
    .outerjoin(_proposer, _proposer.id == StoredPolicy.proposed_by_id)
    .outerjoin(_decider, _decider.id == StoredPolicy.decided_by_id)
)


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


def list_policy_rows() -> list[Row[Any]]:
    """Every version ever proposed with who proposed and who decided, the newest first."""
    return list(db.session.execute(_ROWS.order_by(StoredPolicy.from_on.desc(), StoredPolicy.id.desc())))


def get_policy_row(policy_id: int) -> Row[Any]:
    """One version with who proposed and who decided, read anew; refuses where there is none."""
    statement = _ROWS.where(StoredPolicy.id == policy_id).execution_options(populate_existing=True)
    row: Row[Any] | None = db.session.execute(statement).one_or_none()
    if row is None:
        raise PolicyUnknown()
    return row


def lock_policy(policy_id: int) -> None:
    """Nobody else decides about this version until the transaction ends."""
    db.session.execute(select(StoredPolicy.id).where(StoredPolicy.id == policy_id).with_for_update())


def find_last_settled_on() -> date | None:
    """The newest settled day, or None before the first: no version may reach back to it."""
    return db.session.execute(select(func.max(SettledDay.day_on))).scalar_one()
