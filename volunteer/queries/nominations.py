"""Nominations for stars within an admin's scope, a member's own, and the people behind accounts."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.nominations import NominationState, NominationUnknown
from volunteer.domain.proposals import ProposalState
from volunteer.models.member_changes import Merge
from volunteer.models.members import Admin, Member
from volunteer.models.stars import StarNomination, StarRule
from volunteer.models.teams import Team
from volunteer.queries.members import lock_members
from volunteer.queries.stars import NOMINEE, NOMINEE_MERGED, fits

_nominator, _judge, _revoker, _withdrawer = (aliased(Admin) for _ in range(4))
_IS_APPROVED = StarNomination.state == ProposalState.APPROVED
# As ``domain.nominations.state_of``.
_STATE: dict[NominationState, ColumnElement[bool]] = {
    NominationState.WAITING: StarNomination.state == ProposalState.PROPOSED,
    NominationState.JUDGED: and_(_IS_APPROVED, StarNomination.published_at.is_(None)),
    NominationState.PUBLISHED: and_(
        StarNomination.published_at.is_not(None), StarNomination.revoked_at.is_(None)
    ),
    NominationState.REJECTED: StarNomination.state == ProposalState.REJECTED,
    NominationState.WITHDRAWN: StarNomination.state == ProposalState.WITHDRAWN,
    NominationState.REVOKED: StarNomination.revoked_at.is_not(None),
}
_ROWS: Any = (
    select(
        StarNomination,
        StarRule,
        Member,
        Team.name.label("team_name"),
        _nominator.name.label("nominator_name"),
        _judge.name.label("judge_name"),
        _revoker.name.label("revoker_name"),
        _withdrawer.name.label("withdrawer_name"),
    )
    .join(StarRule, StarRule.id == StarNomination.rule_id)
    .outerjoin(Merge, NOMINEE_MERGED)
    .join(Member, Member.id == NOMINEE)
    .join(Team, Team.id == Member.team_id)
    .join(_nominator, _nominator.id == StarNomination.nominated_by_id)
    .outerjoin(_judge, _judge.id == StarNomination.judged_by_id)
    .outerjoin(_revoker, _revoker.id == StarNomination.revoked_by_id)
    .outerjoin(_withdrawer, _withdrawer.id == StarNomination.withdrawn_by_id)
)


def list_nominations(
    scope: Iterable[int], state: NominationState, text: str = "", *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many nominations of members of these teams stand like this, and a page of them.

    What waits comes oldest first, what is over newest first.
    """
    chosen = [Member.team_id.in_(list(scope)), _STATE[state]]
    if text:
        chosen.append(fits(text))
    count = (
        select(func.count(StarNomination.id))
        .outerjoin(Merge, NOMINEE_MERGED)
        .join(Member, Member.id == NOMINEE)
        .where(*chosen)
    )
    is_open = state in (NominationState.WAITING, NominationState.JUDGED)
    order = StarNomination.id if is_open else StarNomination.id.desc()
    page = _ROWS.where(*chosen).order_by(order).offset(offset).limit(limit)
    return db.session.execute(count).scalar_one(), list(db.session.execute(page))


def count_nominations(scope: Iterable[int]) -> dict[NominationState, int]:
    """How many nominations of members of these teams there are, by how they stand."""
    sums = [func.coalesce(func.sum(case((is_so, 1), else_=0)), 0) for is_so in _STATE.values()]
    statement = (
        select(*sums)
        .select_from(StarNomination)
        .outerjoin(Merge, NOMINEE_MERGED)
        .join(Member, Member.id == NOMINEE)
        .where(Member.team_id.in_(list(scope)))
    )
    return dict(zip(_STATE, db.session.execute(statement).one(), strict=True))


def get_nomination_row(scope: Iterable[int], nomination_id: int) -> Row[Any]:
    """The nomination of a member of these teams, with everybody's names; refuses where there is none."""
    statement = _ROWS.where(StarNomination.id == nomination_id, Member.team_id.in_(list(scope)))
    row: Row[Any] | None = db.session.execute(statement).one_or_none()
    if row is None:
        raise NominationUnknown()
    return row


def lock_nominations(scope: Iterable[int], nomination_ids: Iterable[int]) -> list[Row[Any]]:
    """These nominations of members of these teams, by id; refuses where one is none.

    Their members are locked until the transaction ends, and then the rows are read.
    """
    teams, wanted = list(scope), set(nomination_ids)
    statement = _ROWS.where(StarNomination.id.in_(wanted), Member.team_id.in_(teams)).order_by(
        StarNomination.id
    )
    lock_members(row.Member.id for row in db.session.execute(statement))
    found = db.session.execute(statement.execution_options(populate_existing=True)).all()
    if len(found) < len(wanted):
        raise NominationUnknown()
    return list(found)


def list_own_nominations(group: Iterable[int]) -> list[Row[Any]]:
    """The nominations of one person, whichever row they name, the newest first; without those withdrawn."""
    statement = (
        select(StarNomination, StarRule)
        .join(StarRule, StarRule.id == StarNomination.rule_id)
        .where(
            StarNomination.member_id.in_(list(group)),
            StarNomination.state != ProposalState.WITHDRAWN,
        )
        .order_by(StarNomination.id.desc())
    )
    return list(db.session.execute(statement))


def list_waiting(rule_id: int, member_ids: Iterable[int]) -> dict[int, int]:
    """The nominations by this rule that wait, by member; of these members."""
    statement = (
        select(NOMINEE, StarNomination.id)
        .select_from(StarNomination)
        .outerjoin(Merge, NOMINEE_MERGED)
        .where(
            StarNomination.rule_id == rule_id,
            StarNomination.state == ProposalState.PROPOSED,
            NOMINEE.in_(list(member_ids)),
        )
    )
    return {member_id: nomination_id for member_id, nomination_id in db.session.execute(statement)}


def find_admin_person(admin_id: int) -> int | None:
    """Which member the admin is, the kept row of merged ones; None where nobody has said."""
    statement = (
        select(func.coalesce(Merge.kept_id, Admin.member_id))
        .select_from(Admin)
        .outerjoin(Merge, and_(Merge.duplicate_id == Admin.member_id, Merge.undone_at.is_(None)))
        .where(Admin.id == admin_id)
    )
    found: int | None = db.session.execute(statement).scalar_one()
    return found


def find_kept(member_ids: Iterable[int]) -> dict[int, int]:
    """The kept row of each of these members; the member itself where it was not merged."""
    wanted = set(member_ids)
    statement = select(Merge.duplicate_id, Merge.kept_id).where(
        Merge.duplicate_id.in_(wanted), Merge.undone_at.is_(None)
    )
    kept = {duplicate_id: kept_id for duplicate_id, kept_id in db.session.execute(statement)}
    return {one: kept.get(one, one) for one in wanted}
