"""Cards: the one in use for an identity, the one to print."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.refusals import NotFound
from volunteer.models.cards import Card
from volunteer.models.members import Member


def get_card(card_id: int) -> Card:
    """The card; refuses where there is none."""
    card = db.session.get(Card, card_id)
    if card is None:
        raise NotFound()
    return card


def find_card_in_use(identity_hash: str) -> Card | None:
    """The active or lost card that carries this identity, or None."""
    statement = select(Card).where(
        Card.identity_hash == identity_hash, Card.state.in_([CardState.ACTIVE, CardState.LOST])
    )
    return db.session.execute(statement).scalar_one_or_none()


def find_printable_card(member_id: int) -> Card | None:
    """The member's newest active QR card, or None."""
    statement = (
        select(Card)
        .where(Card.member_id == member_id, Card.kind == CardKind.QR, Card.state == CardState.ACTIVE)
        .order_by(Card.id.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def list_printable_cards(member_ids: Sequence[int]) -> list[Card]:
    """The active QR cards of these members; where one has several, the newest comes last."""
    statement = (
        select(Card)
        .where(Card.member_id.in_(member_ids), Card.kind == CardKind.QR, Card.state == CardState.ACTIVE)
        .order_by(Card.member_id, Card.id)
    )
    return list(db.session.execute(statement).scalars())


def list_without_qr_card(member_ids: Sequence[int]) -> list[int]:
    """Those of these members who hold no active QR card."""
    having = {card.member_id for card in list_printable_cards(member_ids)}
    return [member_id for member_id in member_ids if member_id not in having]


def get_card_in(scope: Iterable[int], card_id: int) -> tuple[Card, Member]:
    """The card and its member within these teams; refuses where there is none."""
    statement = (
        select(Card, Member)
        .join(Member, Member.id == Card.member_id)
        .where(Card.id == card_id, Member.team_id.in_(list(scope)))
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    return row.Card, row.Member
