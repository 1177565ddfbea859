"""Policies: a new version is proposed by one person and approved by another; none is ever changed."""

from dataclasses import asdict, dataclass
from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain.policies import Policy, policy_on
from volunteer.domain.policy_proposals import (
    BrigadeSetsPolicy,
    NotTheProposer,
    PolicyDecided,
    check_policy,
    clean_reason,
    require_two_people,
    require_unsettled,
)
from volunteer.domain.proposals import PersonUnknown, ProposalState
from volunteer.models.ledger import StoredPolicy
from volunteer.queries.nominations import find_admin_person
from volunteer.queries.policies import find_last_settled_on, get_policy_row, list_policies, lock_policy


@dataclass(frozen=True)
class Setter:
    """The admin who acts, whether for the whole brigade, and when."""

    admin_id: int
    is_brigade: bool
    now: datetime


def propose_policy(policy: Policy, reason: str, setter: Setter) -> StoredPolicy:
    """Put a new version before a second person; the person who proposes it is known."""
    reason = clean_reason(reason)
    _require_brigade(setter)
    with transaction():
        check_policy(policy, policy_on(list_policies(), policy.from_on), find_last_settled_on())
        if find_admin_person(setter.admin_id) is None:
            raise PersonUnknown()
        made = StoredPolicy(
            **{name: value for name, value in asdict(policy).items() if name != "id"},
            reason=reason,
            state=ProposalState.PROPOSED,
            proposed_by_id=setter.admin_id,
            proposed_at=setter.now,
        )
        db.session.add(made)
    return made


def approve_policy(policy_id: int, setter: Setter) -> None:
    """The second person agrees; from its day on, days are settled by this version."""
    with transaction():
        stored = _get_proposed(policy_id, setter)
        require_unsettled(stored.from_on, find_last_settled_on())
        _decide(stored, ProposalState.APPROVED, setter)


def reject_policy(policy_id: int, reply: str, setter: Setter) -> None:
    """The second person does not agree; the audit keeps why."""
    clean_reason(reply)
    with transaction():
        _decide(_get_proposed(policy_id, setter), ProposalState.REJECTED, setter)


def withdraw_policy(policy_id: int, setter: Setter) -> None:
    """Who proposed the version takes the proposal back."""
    with transaction():
        stored = _get_proposed(policy_id, setter)
        if stored.proposed_by_id != setter.admin_id:
            raise NotTheProposer()
        stored.state, stored.decided_at = ProposalState.WITHDRAWN, setter.now


def _get_proposed(policy_id: int, setter: Setter) -> StoredPolicy:
    _require_brigade(setter)
    lock_policy(policy_id)
    stored: StoredPolicy = get_policy_row(policy_id).StoredPolicy
    if stored.state != ProposalState.PROPOSED:
        raise PolicyDecided()
    return stored


def _decide(stored: StoredPolicy, state: ProposalState, setter: Setter) -> None:
    proposer = find_admin_person(stored.proposed_by_id) if stored.proposed_by_id else None
    require_two_people(proposer, find_admin_person(setter.admin_id))
    stored.state, stored.decided_by_id, stored.decided_at = state, setter.admin_id, setter.now


def _require_brigade(setter: Setter) -> None:
    if not setter.is_brigade:
        raise BrigadeSetsPolicy()
