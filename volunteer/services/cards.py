"""Cards: issued, bound, lost, revoked. Hours never move with them."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert

from volunteer.db import db, transaction
from volunteer.domain.cards import (
    UNUSABLE_UIDS,
    Assurance,
    CardKeys,
    CardKind,
    CardState,
    Identity,
    hash_identity,
    make_token,
    read_identity,
    uid_hint,
    why_uid_unusable,
)
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import CardNotActive, CardTaken, MemberInactive, UidRefused
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.queries.cards import (
    find_card_in_use,
    find_printable_card,
    get_card,
    list_printable_cards,
    list_without_qr_card,
)
from volunteer.queries.members import get_member, lock_members
from volunteer.queries.teams import find_brigade

# A statement takes only so many parameters.
PART = 1000


class HasId(Protocol):
    """A member, or a row about one."""

    @property
    def id(self) -> Any: ...


class CardOwner(HasId, Protocol):
    """What a card says about its member."""

    @property
    def name(self) -> Any: ...
    @property
    def volunteer_no(self) -> Any: ...
    @property
    def team_name(self) -> Any: ...


def issue_card(volunteer_no: str, keys: CardKeys, now: datetime) -> tuple[Card, str]:
    """The member's active QR card and its token; a new one only where there is none.

    Printing a card again gives the same token, so that repeating is harmless.
    """
    with transaction():
        member = get_member(volunteer_no)
        if member.status != MemberStatus.ACTIVE:
            raise MemberInactive()
        # Pressed twice at once it is still one card.
        lock_members([member.id])
        card = find_printable_card(member.id)
        if card is None:
            card = Card(**_new_qr_card(member.id, keys, now))
            db.session.add(card)
    return card, make_token(card.serial or "", keys)


def issue_cards(members: Sequence[HasId], keys: CardKeys, now: datetime) -> None:
    """Give each of these members an active QR card who has none yet."""
    ids = [member.id for member in members]
    with transaction():
        lock_members(ids)
        missing = list_without_qr_card(ids)
        if missing:
            rows = [_new_qr_card(member_id, keys, now) for member_id in missing]
            db.session.execute(insert(table_of(Card)), rows)


def bind_nfc(volunteer_no: str, uid: str, keys: CardKeys, now: datetime) -> Card:
    """Bind somebody's NFC card by its UID, with low assurance: a UID can be copied.

    Refuses identities that say nothing about a person, and one bound to another person.
    """
    identity = read_identity(uid)
    reason = why_uid_unusable(identity.text)
    if reason:
        raise UidRefused(reason, UNUSABLE_UIDS[reason])
    digest = hash_identity(identity, keys)
    with transaction():
        member = get_member(volunteer_no)
        bound = find_card_in_use(digest)
        if bound and bound.member_id == member.id and bound.state == CardState.ACTIVE:
            return bound
        if bound:
            raise CardTaken()
        card = Card(
            member_id=member.id,
            kind=CardKind.NFC,
            assurance=Assurance.LOW,
            identity_hash=digest,
            hint=uid_hint(identity.text),
            issued_at=now,
        )
        db.session.add(card)
    return card


def end_card(card_id: int, state: CardState, now: datetime) -> Card:
    """Report a card lost, or revoke it. Scans made before ``now`` keep counting."""
    with transaction():
        card = get_card(card_id)
        if card.state not in (CardState.ACTIVE, CardState.LOST):
            raise CardNotActive()
        # A lost card that is revoked later stopped counting when it was lost.
        card.state, card.ended_at = state, card.ended_at or now
    return card


def restore_card(card_id: int) -> Card:
    """A lost card was found: it counts again."""
    with transaction():
        card = get_card(card_id)
        if card.state != CardState.LOST:
            raise CardNotActive()
        card.state, card.ended_at = CardState.ACTIVE, None
    return card


def prepare_faces(owners: Sequence[CardOwner], keys: CardKeys, now: datetime) -> list[dict[str, str]]:
    """What is printed on the cards of these members, in their order; who has no card yet is given one.

    The values are the fields of a card face. Repeating it prints the same tokens.
    """
    brigade = find_brigade()
    tokens: dict[int, str] = {}
    for start in range(0, len(owners), PART):
        part = owners[start : start + PART]
        issue_cards(part, keys, now)
        tokens |= tokens_of(list_printable_cards([owner.id for owner in part]), keys)
    return [
        {
            "name": owner.name,
            "volunteer_no": owner.volunteer_no,
            "team_name": owner.team_name,
            "brigade_name": brigade.name if brigade else owner.team_name,
            "token": tokens[owner.id],
        }
        for owner in owners
    ]


def tokens_of(cards: Iterable[Card], keys: CardKeys) -> dict[int, str]:
    """The tokens of these QR cards by member."""
    return {card.member_id: make_token(card.serial, keys) for card in cards if card.serial}


def _new_qr_card(member_id: int, keys: CardKeys, now: datetime) -> dict[str, object]:
    serial = secrets.token_hex(16)
    identity = Identity(CardKind.QR, make_token(serial, keys))
    return {
        "member_id": member_id,
        "kind": CardKind.QR,
        "assurance": Assurance.STANDARD,
        "identity_hash": hash_identity(identity, keys),
        "serial": serial,
        "hint": uid_hint(identity.text),
        "state": CardState.ACTIVE,
        "issued_at": now,
    }
