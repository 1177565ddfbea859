"""The honour board: published stars of members who consent to stand on it; asked at every look."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, func, select

from volunteer.db import db
from volunteer.domain.consents import Purpose
from volunteer.domain.names import mask_name
from volunteer.models.consents import Consent
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.stars import StarNomination, StarRule
from volunteer.models.teams import Team
from volunteer.queries.consents import has_consent
from volunteer.queries.stars import NOMINEE, NOMINEE_MERGED


@dataclass(frozen=True)
class Honour:
    """One line of the board. The name is masked unless the member agreed to the full one."""

    stars: int
    scheme: str
    name: str
    team_name: str


def _board() -> Subquery:
    """The highest published star of every consenting person by scheme."""
    latest = select(func.max(Consent.id)).where(Consent.purpose == Purpose.HONOUR_BOARD)
    consenting = select(Consent.member_id).where(
        Consent.id.in_(latest.group_by(Consent.member_id)), Consent.is_given
    )
    newest = (StarRule.stars.desc(), StarNomination.id.desc())
    return (
        select(
            NOMINEE.label("member_id"),
            StarRule.stars,
            StarRule.scheme,
            func.row_number().over(partition_by=(NOMINEE, StarRule.scheme), order_by=newest).label("place"),
        )
        .select_from(StarNomination)
        .join(StarRule, StarRule.id == StarNomination.rule_id)
        .outerjoin(Merge, NOMINEE_MERGED)
        .where(
            StarNomination.published_at.is_not(None),
            StarNomination.revoked_at.is_(None),
            NOMINEE.in_(consenting),
        )
        .subquery()
    )


def count_honours() -> dict[int, int]:
    """How many stand on the board, by stars, the most stars first."""
    board = _board()
    statement = (
        select(board.c.stars, func.count())
        .where(board.c.place == 1)
        .group_by(board.c.stars)
        .order_by(board.c.stars.desc())
    )
    return {stars: count for stars, count in db.session.execute(statement)}


def list_honours(stars: int, *, offset: int = 0, limit: int = 100) -> list[Honour]:
    """A page of the board for so many stars, by pinyin and never by hours."""
    board = _board()
    statement: Any = (
        select(board.c.stars, board.c.scheme, Member.id, Member.name, Team.name.label("team_name"))
        .join(Member, Member.id == board.c.member_id)
        .join(Team, Team.id == Member.team_id)
        .where(board.c.place == 1, board.c.stars == stars)
        .order_by(Member.search_keys, Member.volunteer_no)
        .offset(offset)
        .limit(limit)
    )
    rows = db.session.execute(statement).all()
    named = has_consent([row.id for row in rows], Purpose.NAME)
    return [
        Honour(row.stars, row.scheme, row.name if row.id in named else mask_name(row.name), row.team_name)
        for row in rows
    ]
