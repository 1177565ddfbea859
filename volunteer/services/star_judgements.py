"""Judgements on nominations for stars: given by a third person, published, revoked; never by itself.

Several at once are judged one by one: what the rules refuse is left out and told with its reason.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from volunteer.db import db, transaction
from volunteer.domain.nominations import (
    Actor,
    BrigadeJudges,
    NominationDecided,
    NominationPublished,
    NominationState,
    NotEligible,
    NotPublished,
    Outcome,
    clean_document,
    clean_reason,
    clean_reply,
    each,
    state_of,
)
from volunteer.domain.proposals import ProposalState, require_other_person, require_three_people
from volunteer.models.stars import StarNomination, StarRule
from volunteer.queries.nominations import find_admin_person, find_kept, lock_nominations
from volunteer.queries.stars import ask_rule, list_eligible_among


def approve(nomination_ids: Iterable[int], document: str, actor: Actor) -> Outcome:
    """Judge these nominees worthy of the star; a third person, and only while they still fulfil the rule."""
    with _judging(nomination_ids, actor) as (rows, person):
        eligible = _eligible(rows, actor)
        # Stars given just now, by person and scheme: nobody gets the same one by two rules.
        given: dict[tuple[int, str], int] = {}

        def judge(row: Any) -> int:
            _require_waiting(row.StarNomination)
            number = clean_document(document, row.StarRule.judged_by)
            _require_third(row, person)
            star = (row.Member.id, row.StarRule.scheme)
            if row.Member.id not in eligible[row.StarRule.id] or given.get(star, 0) >= row.StarRule.stars:
                raise NotEligible(name=row.Member.name)
            row.StarNomination.document = number
            done = _decide(row.StarNomination, ProposalState.APPROVED, person, actor)
            given[star] = row.StarRule.stars
            return done

        return each(rows, judge, _name)


def reject(nomination_id: int, reply: str, actor: Actor) -> None:
    """Judge the nominee not worthy of it for now; the reply says why."""
    reply = clean_reply(reply)
    with _judging([nomination_id], actor) as ((row,), person):
        _require_waiting(row.StarNomination)
        _require_third(row, person)
        row.StarNomination.reply = reply
        _decide(row.StarNomination, ProposalState.REJECTED, person, actor)


def take_back(nomination_ids: Iterable[int], actor: Actor) -> Outcome:
    """Undo judgements, for or against: they wait again. Refuses what is published already."""
    with _judging(nomination_ids, actor) as (rows, _):

        def undo(row: Any) -> int:
            nomination: StarNomination = row.StarNomination
            if state_of(nomination) in (NominationState.PUBLISHED, NominationState.REVOKED):
                raise NominationPublished()
            if nomination.judged_by_id is None:
                raise NominationDecided()
            nomination.state, nomination.reply, nomination.document = ProposalState.PROPOSED, "", ""
            nomination.judged_by_id = nomination.judged_person_id = nomination.judged_at = None
            db.session.flush()
            return nomination.id

        return each(rows, undo, _name)


def publish(nomination_ids: Iterable[int], actor: Actor) -> Outcome:
    """Make these judgements known; from now on only revoking takes the star away."""
    with _judging(nomination_ids, actor) as (rows, _):

        def show(row: Any) -> int:
            nomination: StarNomination = row.StarNomination
            if state_of(nomination) is not NominationState.JUDGED:
                raise NominationDecided()
            nomination.published_at, nomination.published_by_id = actor.now, actor.admin_id
            return nomination.id

        return each(rows, show, _name)


def revoke(nomination_id: int, reason: str, actor: Actor) -> None:
    """Take a published star away; nomination, judgement and reason stay readable."""
    reason = clean_reason(reason)
    with _judging([nomination_id], actor) as ((row,), person):
        nomination: StarNomination = row.StarNomination
        require_other_person(person, row.Member.id)
        if state_of(nomination) is not NominationState.PUBLISHED:
            raise NotPublished()
        nomination.revoke_reason = reason
        nomination.revoked_at, nomination.revoked_by_id = actor.now, actor.admin_id


@contextmanager
def _judging(nomination_ids: Iterable[int], actor: Actor) -> Iterator[tuple[list[Any], int | None]]:
    """A transaction of a brigade's admin: the nominations locked and read anew, and who the admin is."""
    if not actor.is_brigade:
        raise BrigadeJudges()
    with transaction():
        yield lock_nominations(actor.scope, nomination_ids), find_admin_person(actor.admin_id)


def _eligible(rows: Iterable[Any], actor: Actor) -> dict[int, dict[int, int]]:
    """Who of the nominees still fulfils the rule, by rule: hours may have been taken back meanwhile."""
    rules: dict[int, StarRule] = {row.StarRule.id: row.StarRule for row in rows}
    return {
        rule.id: list_eligible_among(
            [row.Member.id for row in rows if row.StarRule.id == rule.id],
            ask_rule(rule, actor.today, actor.zone),
        )
        for rule in rules.values()
    }


def _require_waiting(nomination: StarNomination) -> None:
    if nomination.state != ProposalState.PROPOSED:
        raise NominationDecided()


def _require_third(row: Any, person: int | None) -> None:
    nominator = row.StarNomination.nominated_person_id
    require_three_people(find_kept([nominator])[nominator], person, row.Member.id)


def _decide(nomination: StarNomination, state: ProposalState, person: int | None, actor: Actor) -> int:
    nomination.state, nomination.judged_at = state, actor.now
    nomination.judged_by_id, nomination.judged_person_id = actor.admin_id, person
    db.session.flush()
    return nomination.id


def _name(row: Any) -> str:
    return str(row.Member.name)
