"""Nominations for stars: a member is proposed by an admin of the own team or above, and can be withdrawn."""

from collections.abc import Iterable

from volunteer.db import db, transaction
from volunteer.domain.nominations import (
    Actor,
    NominatedAlready,
    NominationDecided,
    NotEligible,
    Outcome,
    clean_reason,
    each,
)
from volunteer.domain.proposals import ProposalState, require_other_person
from volunteer.domain.star_rules import RuleRetired
from volunteer.models.members import Member
from volunteer.models.stars import StarNomination
from volunteer.queries.members import get_member_in, lock_members
from volunteer.queries.nominations import find_admin_person, list_waiting, lock_nominations
from volunteer.queries.stars import ask_rule, get_rule, list_eligible_among


def nominate(volunteer_nos: Iterable[str], rule_id: int, reason: str, actor: Actor) -> Outcome:
    """Propose these members for the rule's star; each must fulfil it, and nobody proposes oneself."""
    reason, numbers = clean_reason(reason), list(dict.fromkeys(volunteer_nos))
    with transaction():
        rule = get_rule(rule_id)
        if rule.retired_on:
            raise RuleRetired()
        members = [get_member_in(actor.scope, number) for number in numbers]
        ids = [member.id for member in members]
        lock_members(ids)
        person = find_admin_person(actor.admin_id)
        eligible = list_eligible_among(ids, ask_rule(rule, actor.today, actor.zone))
        waiting = list_waiting(rule_id, ids)

        def add(member: Member) -> int:
            require_other_person(person, member.id)
            if member.id in waiting:
                raise NominatedAlready(name=member.name)
            if member.id not in eligible:
                raise NotEligible(name=member.name)
            made = StarNomination(
                member_id=member.id,
                rule_id=rule_id,
                minutes=eligible[member.id],
                nominated_by_id=actor.admin_id,
                nominated_person_id=person,
                nominated_at=actor.now,
                reason=reason,
                state=ProposalState.PROPOSED,
            )
            db.session.add(made)
            db.session.flush()
            return made.id

        return each(members, add, lambda member: member.name)


def withdraw(nomination_id: int, actor: Actor) -> None:
    """The team no longer proposes the member; refuses once it is judged."""
    with transaction():
        (row,) = lock_nominations(actor.scope, [nomination_id])
        nomination: StarNomination = row.StarNomination
        if nomination.state != ProposalState.PROPOSED:
            raise NominationDecided()
        nomination.state = ProposalState.WITHDRAWN
        nomination.judged_at, nomination.withdrawn_by_id = actor.now, actor.admin_id
