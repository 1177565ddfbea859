"""Cards: the one in use for an identity, the one to print, what happened to them, and lists of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select

from volunteer.db import db
from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import NotFound
from volunteer.models.card_events import CardBatch, CardEvent
from volunteer.models.cards import Card
from volunteer.models.members import Admin, Member
from volunteer.models.teams import Team

# The card that is printed for a member: of ours, lasting, in use.
PRINTABLE = and_(Card.kind == CardKind.QR, Card.state == CardState.ACTIVE, Card.valid_until.is_(None))


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
    """The member's newest active QR card, temporary ones apart, or None."""
    statement = select(Card).where(Card.member_id == member_id, PRINTABLE).order_by(Card.id.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def find_temporary_card(member_id: int, valid_until: datetime) -> Card | None:
    """The member's active temporary QR card with exactly this end, or None."""
    statement = select(Card).where(
        Card.member_id == member_id,
        Card.kind == CardKind.QR,
        Card.state == CardState.ACTIVE,
        Card.valid_until == valid_until,
    )
    return db.session.execute(statement.limit(1)).scalar_one_or_none()


def find_replacement(card_id: int) -> Card | None:
    """The card that was issued in place of this one, or None."""
    return db.session.execute(select(Card).where(Card.replaces_id == card_id)).scalar_one_or_none()


def list_expired_cards(now: datetime) -> list[Card]:
    """The temporary cards whose end has passed and is not written down yet."""
    statement = (
        select(Card)
        .where(Card.state == CardState.ACTIVE, Card.valid_until <= now)
        .order_by(Card.id)
        .with_for_update()
    )
    return list(db.session.execute(statement).scalars())


def list_printable_cards(member_ids: Sequence[int]) -> list[Card]:
    """The lasting active QR cards of these members; where one has several, the newest comes last."""
    statement = (
        select(Card).where(Card.member_id.in_(member_ids), PRINTABLE).order_by(Card.member_id, Card.id)
    )
    return list(db.session.execute(statement).scalars())


def list_without_qr_card(member_ids: Sequence[int]) -> list[int]:
    """Those of these members who hold no active QR card."""
    having = {card.member_id for card in list_printable_cards(member_ids)}
    return [member_id for member_id in member_ids if member_id not in having]


def list_members_without_qr_card(team_ids: Iterable[int]) -> list[int]:
    """The active members of these teams who hold no lasting QR card in use, by id."""
    statement = select(Member.id).where(_without_card(team_ids)).order_by(Member.id)
    return list(db.session.execute(statement).scalars())


def count_members_without_qr_card(team_ids: Iterable[int]) -> int:
    """How many of them there are."""
    statement = select(func.count(Member.id)).where(_without_card(team_ids))
    return db.session.execute(statement).scalar_one()


def list_names_without_qr_card(team_ids: Iterable[int], limit: int) -> list[str]:
    """The names of the first of them, by number."""
    statement = select(Member.name).where(_without_card(team_ids)).order_by(Member.volunteer_no)
    return list(db.session.execute(statement.limit(limit)).scalars())


def _without_card(team_ids: Iterable[int]) -> ColumnElement[bool]:
    has_card = select(Card.id).where(Card.member_id == Member.id, PRINTABLE).exists()
    return and_(Member.team_id.in_(list(team_ids)), Member.status == MemberStatus.ACTIVE, ~has_card)


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


def list_card_events(member_id: int) -> list[Row[Any]]:
    """Everything that happened to a member's cards with who did it, newest first."""
    statement = (
        select(CardEvent, Card, Admin.name.label("admin_name"))
        .join(Card, Card.id == CardEvent.card_id)
        .outerjoin(Admin, Admin.id == CardEvent.admin_id)
        .where(Card.member_id == member_id)
        .order_by(CardEvent.at.desc(), CardEvent.id.desc())
    )
    return list(db.session.execute(statement))


def list_unfinished_batches() -> list[CardBatch]:
    """The batches that are not complete, locked, oldest first."""
    statement = select(CardBatch).where(CardBatch.finished_at.is_(None)).order_by(CardBatch.id)
    return list(db.session.execute(statement.with_for_update()).scalars())


def list_batches(admin_id: int, limit: int = 10) -> list[Row[Any]]:
    """This admin's latest batches with the names of their teams, newest first."""
    statement = (
        select(CardBatch, Team.name.label("team_name"), Team.code.label("team_code"))
        .join(Team, Team.id == CardBatch.team_id)
        .where(CardBatch.admin_id == admin_id)
        .order_by(CardBatch.id.desc())
        .limit(limit)
    )
    return list(db.session.execute(statement))


def get_batch_in(scope: Iterable[int], batch_id: int) -> Row[CardBatch, str, str]:
    """The batch of a team within the scope, with the team's name and code; refuses where there is none."""
    statement = (
        select(CardBatch, Team.name.label("team_name"), Team.code.label("team_code"))
        .join(Team, Team.id == CardBatch.team_id)
        .where(CardBatch.id == batch_id, CardBatch.team_id.in_(list(scope)))
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    return row


def state_of_card(now: datetime) -> ColumnElement[str]:
    """The state of a card as it is at ``now``: a temporary one expires without anybody noting it."""
    is_over = and_(Card.state == CardState.ACTIVE, Card.valid_until <= now)
    return case((is_over, str(CardState.EXPIRED)), else_=Card.state)


def search_cards(
    scope: Iterable[int],
    now: datetime,
    *,
    state: CardState | None = None,
    kind: CardKind | None = None,
    is_temporary: bool | None = None,
    issued_from: datetime | None = None,
    issued_before: datetime | None = None,
    offset: int = 0,
    limit: int = 50,
) -> tuple[dict[str, int], list[Row[Any]]]:
    """How many cards of these teams are in each state, and a page of those asked for, newest first.

    The counts heed everything asked for but the state itself, so that each of them opens its rows.
    """
    current = state_of_card(now)
    chosen = _chosen(scope, kind, is_temporary, issued_from, issued_before)
    counting = select(current.label("state"), func.count()).select_from(Card).join(Member).where(*chosen)
    counts = {state: count for state, count in db.session.execute(counting.group_by(current))}
    rows = (
        select(Card, Member, Team.name.label("team_name"), current.label("state"))
        .join(Member, Member.id == Card.member_id)
        .join(Team, Team.id == Member.team_id)
        .where(*chosen)
    )
    if state is not None:
        rows = rows.where(current == str(state))
    page = rows.order_by(Card.issued_at.desc(), Card.id.desc()).offset(offset).limit(limit)
    return counts, list(db.session.execute(page))


def _chosen(
    scope: Iterable[int],
    kind: CardKind | None,
    is_temporary: bool | None,
    issued_from: datetime | None,
    issued_before: datetime | None,
) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = [Member.team_id.in_(list(scope))]
    if kind is not None:
        chosen.append(Card.kind == kind)
    if is_temporary is not None:
        chosen.append(Card.valid_until.is_not(None) if is_temporary else Card.valid_until.is_(None))
    if issued_from is not None:
        chosen.append(Card.issued_at >= issued_from)
    if issued_before is not None:
        chosen.append(Card.issued_at < issued_before)
    return chosen
