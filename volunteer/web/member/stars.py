"""The member's own stars, and in plain words what the next one asks for."""

from dataclasses import dataclass

from flask import current_app, g, render_template

from volunteer.domain.consents import Purpose
from volunteer.domain.nominations import NominationState, state_of
from volunteer.domain.stars import Missing, missing_for
from volunteer.models.stars import StarRule
from volunteer.queries.consents import has_consent
from volunteer.queries.merges import list_group_ids
from volunteer.queries.nominations import list_own_nominations
from volunteer.queries.settled_hours import get_settled
from volunteer.queries.stars import list_rules
from volunteer.web.dates import today
from volunteer.web.member import member

# A judgement may still be taken back until it is published: until then it waits.
SHOWN = {NominationState.PUBLISHED, NominationState.REVOKED}
WAITING = {NominationState.WAITING, NominationState.JUDGED}


@dataclass(frozen=True)
class Next:
    """The next star of a place, and what is still missing for it."""

    rule: StarRule
    missing: Missing
    is_waiting: bool


@member.get("/stars")
def stars() -> str:
    """Own stars with their history, and the next one of each place."""
    group = list_group_ids(g.member.id)
    rows = [(row, state_of(row.StarNomination)) for row in list_own_nominations(group)]
    held: dict[str, int] = {}
    for row, state in rows:
        if state is NominationState.PUBLISHED:
            held[row.StarRule.scheme] = max(held.get(row.StarRule.scheme, 0), row.StarRule.stars)
    return render_template(
        "member/stars/page.html",
        rows=[(row, state) for row, state in rows if state in SHOWN],
        nexts=_list_next(g.member.id, held, {row.StarRule.id for row, state in rows if state in WAITING}),
        is_on_board=bool(has_consent([g.member.id], Purpose.HONOUR_BOARD)),
    )


def _list_next(member_id: int, held: dict[str, int], waiting: set[int]) -> list[Next]:
    settled = get_settled(member_id)
    since = settled.since.astimezone(current_app.config["TIMEZONE"]).date()
    first: dict[str, StarRule] = {}
    # The newest year comes first, few stars first: the first one above those held is the next.
    for rule in list_rules():
        if rule.stars <= held.get(rule.scheme, 0):
            continue
        known = first.get(rule.scheme)
        if known is None or (rule.year == known.year and rule.stars < known.stars):
            first[rule.scheme] = rule
    return [
        Next(
            rule,
            missing_for(rule, settled.metered, settled.declared, since, today()),
            rule.id in waiting,
        )
        for rule in first.values()
    ]
