"""What is printed: the members of a team, of a unit, or those named, and what printing means for them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from volunteer.db import db
from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.members import MemberStatus
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.models.teams import Team, Unit
from volunteer.queries.cards import PRINTABLE


def list_printed_members(
    team_ids: Iterable[int], unit_id: int | None = None, volunteer_nos: Sequence[str] = ()
) -> list[Row[Any]]:
    """The active members of these teams, perhaps only of one unit or only those named, by team and number.

    Each with the team's name, and whether there is a card, a password, a code that still opens the account.
    """
    has_card = select(Card.id).where(Card.member_id == Member.id, PRINTABLE).exists()
    statement = (
        select(
            Member.id,
            Member.name,
            Member.volunteer_no,
            Member.password_hash.is_not(None).label("has_password"),
            Member.activation_hash.is_not(None).label("has_code"),
            has_card.label("has_card"),
            Team.name.label("team_name"),
        )
        .join(Team, Team.id == Member.team_id)
        .where(Member.team_id.in_(list(team_ids)), Member.status == MemberStatus.ACTIVE)
        .order_by(Team.code, Member.volunteer_no)
    )
    if unit_id is not None:
        statement = statement.where(Member.unit_id == unit_id)
    rows: list[Row[Any]] = list(db.session.execute(statement))
    # Not in the statement: a list pasted here may be longer than a statement can be.
    wanted = set(volunteer_nos)
    return [row for row in rows if row.volunteer_no in wanted] if wanted else rows


def list_temporary_cards(team_ids: Iterable[int], card_ids: Iterable[int], now: datetime) -> list[Row[Any]]:
    """Those of these temporary QR cards that count now and belong to active members of these teams.

    Rows of Card, Member and the team's name, by team and number.
    """
    statement = (
        select(Card, Member, Team.name.label("team_name"))
        .join(Member, Member.id == Card.member_id)
        .join(Team, Team.id == Member.team_id)
        .where(
            Member.team_id.in_(list(team_ids)),
            Member.status == MemberStatus.ACTIVE,
            Card.id.in_(list(card_ids)),
            Card.kind == CardKind.QR,
            Card.state == CardState.ACTIVE,
            Card.valid_until > now,
        )
        .order_by(Team.code, Member.volunteer_no, Card.id)
    )
    return list(db.session.execute(statement))


def list_units_of_members(team_ids: Iterable[int]) -> list[Unit]:
    """The units that employ active members of these teams, by name."""
    employing = select(Member.unit_id).where(
        Member.team_id.in_(list(team_ids)), Member.status == MemberStatus.ACTIVE
    )
    statement = select(Unit).where(Unit.id.in_(employing)).order_by(Unit.name)
    return list(db.session.execute(statement).scalars())
