"""Who approved whose entries for whom, how often, and when last."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.acquaintances import Acquaintances, Pair
from volunteer.domain.proposals import ProposalState
from volunteer.models.corrections import Correction
from volunteer.models.members import Admin, Member
from volunteer.queries.corrections import lies_in

_Enterer, _Decider = aliased(Admin), aliased(Admin)
MOST_PAIRS = 200


def list_acquaintances(team_ids: Iterable[int], station_ids: Iterable[int]) -> Acquaintances:
    """All pairs behind the approved corrections within the scope; those that stand out come first."""
    where = lies_in(team_ids, station_ids)
    return Acquaintances(
        _pairs(_Enterer.id, _Enterer.name, _Enterer.username, where),
        _pairs(Member.id, Member.name, Member.volunteer_no, where),
    )


def list_acquaintances_of(correction: Correction) -> Acquaintances:
    """The pairs of this correction's enterer, and of its beneficiary."""
    entered = Correction.entered_by_id == correction.entered_by_id
    mine = Correction.member_id == correction.member_id
    return Acquaintances(
        _pairs(_Enterer.id, _Enterer.name, _Enterer.username, entered)
        if correction.entered_by_id is not None
        else [],
        _pairs(Member.id, Member.name, Member.volunteer_no, mine),
    )


def _pairs(first_id: Any, name: Any, mark: Any, where: ColumnElement[bool]) -> list[Pair]:
    statement = (
        select(
            first_id.label("first_id"),
            name.label("name"),
            mark.label("mark"),
            _Decider.name.label("decider"),
            _Decider.username.label("decider_mark"),
            func.count(Correction.id).label("times"),
            func.max(Correction.decided_at).label("last_at"),
        )
        .join(Member, Member.id == Correction.member_id)
        .join(_Enterer, _Enterer.id == Correction.entered_by_id)
        .join(_Decider, _Decider.id == Correction.decided_by_id)
        .where(where, Correction.state == ProposalState.APPROVED)
        .group_by(first_id, name, mark, _Decider.id, _Decider.name, _Decider.username)
    )
    rows = db.session.execute(statement).all()
    totals: Counter[int] = Counter()
    for row in rows:
        totals[row.first_id] += row.times
    pairs = [
        Pair(
            f"{row.name}（{row.mark}）",
            f"{row.decider}（{row.decider_mark}）",
            row.times,
            totals[row.first_id],
            row.last_at,
        )
        for row in rows
    ]
    return sorted(pairs, key=lambda one: (not one.stands_out, -one.count, one.first, one.second))[:MOST_PAIRS]
