"""Cards: issued, bound, lost, found, replaced, revoked, expired. Hours never move with them.

Whatever happens to a card leaves a line in its history, in the same transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import BigInteger, insert, literal, select

from volunteer.db import db, transaction
from volunteer.domain.card_refusals import (
    CardIsTheOld,
    CardNotActive,
    CardNotReplaceable,
    CardTaken,
    UidRefused,
)
from volunteer.domain.cards import (
    UNUSABLE_UIDS,
    CardEventKind,
    CardKeys,
    CardKind,
    CardState,
    hash_identity,
    is_over,
    make_token,
    new_nfc_card,
    new_qr_card,
    read_identity,
    require_end,
    why_uid_unusable,
)
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import MemberInactive
from volunteer.models.card_events import CardBatch, CardEvent
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.members import Member
from volunteer.queries.cards import (
    find_card_in_use,
    find_printable_card,
    find_replacement,
    find_temporary_card,
    get_card,
    list_expired_cards,
    list_members_without_qr_card,
    list_printable_cards,
    list_unfinished_batches,
    list_without_qr_card,
)
from volunteer.queries.members import get_member, lock_members
from volunteer.queries.teams import find_brigade, list_subtree_ids

# A statement takes only so many parameters.
PART = 1000
# So many cards of a batch are made while the admin waits; the scheduler makes the others.
AT_ONCE = 3000
CARDS, EVENTS = table_of(Card), table_of(CardEvent)


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


def issue_card(volunteer_no: str, keys: CardKeys, now: datetime, by: int | None = None) -> tuple[Card, str]:
    """The member's active QR card and its token; a new one only where there is none.

    Printing a card again gives the same token, so that repeating is harmless.
    """
    with transaction():
        member = _get_active_member(volunteer_no)
        # Pressed twice at once it is still one card.
        lock_members([member.id])
        card = find_printable_card(member.id)
        if card is None:
            card = _add(Card(**new_qr_card(member.id, keys, now)), CardEventKind.ISSUED, by)
    return card, make_token(card.serial or "", keys)


def issue_cards(members: Sequence[HasId], keys: CardKeys, now: datetime, by: int | None = None) -> None:
    """Give each of these members an active QR card who has none yet."""
    with transaction():
        _issue_missing([member.id for member in members], keys, now, by)


def issue_temporary_card(
    volunteer_no: str, valid_until: datetime, keys: CardKeys, now: datetime, by: int | None = None
) -> Card:
    """A second QR card that expires by itself; asked for twice with the same end it is still one."""
    with transaction():
        member = _get_active_member(volunteer_no)
        require_end(valid_until, now)
        lock_members([member.id])
        card = find_temporary_card(member.id, valid_until)
        if card is None:
            row = new_qr_card(member.id, keys, now) | {"valid_until": valid_until}
            card = _add(Card(**row), CardEventKind.ISSUED, by)
    return card


def bind_nfc(
    volunteer_no: str,
    uid: str,
    keys: CardKeys,
    now: datetime,
    *,
    by: int | None = None,
    valid_until: datetime | None = None,
) -> Card:
    """Bind somebody's NFC card by its UID, with low assurance: a UID can be copied.

    Refuses identities that say nothing about a person, and one bound to another
    person. With ``valid_until`` it is lent: afterwards somebody else can have it.
    """
    text, digest = _read_uid(uid, keys)
    with transaction():
        member = _get_active_member(volunteer_no)
        require_end(valid_until, now)
        bound = _find_bound(digest, now)
        if bound and bound.member_id == member.id and bound.state == CardState.ACTIVE:
            return bound
        if bound:
            raise CardTaken()
        row = new_nfc_card(member.id, text, digest, now) | {"valid_until": valid_until}
        return _add(Card(**row), CardEventKind.BOUND, by)


def end_card(card_id: int, state: CardState, now: datetime, by: int | None = None) -> Card:
    """Report a card lost, or revoke it. Scans made before ``now`` keep counting."""
    with transaction():
        card = get_card(card_id)
        if card.state not in (CardState.ACTIVE, CardState.LOST) or is_over(card, now):
            raise CardNotActive()
        # A lost card that is revoked later stopped counting when it was lost.
        card.state, card.ended_at = state, card.ended_at or now
        _note(card, CardEventKind(state), now, by)
    return card


def restore_card(card_id: int, now: datetime, by: int | None = None) -> Card:
    """A lost card was found: it counts again."""
    with transaction():
        card = get_card(card_id)
        if card.state != CardState.LOST:
            raise CardNotActive()
        card.state, card.ended_at = CardState.ACTIVE, None
        _note(card, CardEventKind.FOUND, now, by)
    return card


def replace_card(card_id: int, keys: CardKeys, now: datetime, by: int | None = None) -> Card:
    """End a QR card for ever and issue another in its place; asked for twice it is the same new card."""
    with transaction():
        card = _lock_with_member(card_id)
        made = find_replacement(card.id)
        if made:
            return made
        require_replaceable(card, CardKind.QR)
        return _replace(card, new_qr_card(card.member_id, keys, now), CardEventKind.ISSUED, now, by)


def replace_nfc_card(card_id: int, uid: str, keys: CardKeys, now: datetime, by: int | None = None) -> Card:
    """End an NFC card for ever and bind another in its place; asked for twice it is the same new card."""
    text, digest = _read_uid(uid, keys)
    with transaction():
        card = _lock_with_member(card_id)
        made = find_replacement(card.id)
        if made and made.identity_hash == digest:
            return made
        require_replaceable(card, CardKind.NFC)
        if card.identity_hash == digest:
            raise CardIsTheOld()
        if _find_bound(digest, now):
            raise CardTaken()
        row = new_nfc_card(card.member_id, text, digest, now)
        return _replace(card, row, CardEventKind.BOUND, now, by)


def require_replaceable(card: Card, kind: CardKind) -> None:
    """Refuse a card that is of another kind, temporary, ended for ever, or of somebody who left."""
    is_lasting = card.kind == kind and card.valid_until is None
    if not is_lasting or card.state not in (CardState.ACTIVE, CardState.LOST):
        raise CardNotReplaceable()
    if db.session.get_one(Member, card.member_id).status != MemberStatus.ACTIVE:
        raise MemberInactive()


def expire_cards(now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Write down which temporary cards have expired; scans know it without that. How many there were."""
    with transaction():
        if not claim.take():
            return 0
        cards = list_expired_cards(now)
        for card in cards:
            _expire(card)
        claim.note(len(cards))
    return len(cards)


def start_batch(team_id: int, is_subtree: bool, keys: CardKeys, now: datetime, by: int) -> CardBatch:
    """Begin to give QR cards to everybody of a team who has none; a team of usual size is done at once."""
    teams = list_subtree_ids(team_id) if is_subtree else [team_id]
    with transaction():
        missing = list_members_without_qr_card(teams)
        batch = CardBatch(
            admin_id=by, team_id=team_id, is_subtree=is_subtree, total=len(missing), started_at=now, done=0
        )
        db.session.add(batch)
        db.session.flush()
        _continue(batch, keys, now, AT_ONCE)
    return batch


def continue_batches(keys: CardKeys, now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Make the next cards of the batches that are not complete; how many were made."""
    with transaction():
        if not claim.take():
            return 0
        made = sum(_continue(batch, keys, now, AT_ONCE) for batch in list_unfinished_batches())
        claim.note(made)
    return made


def prepare_faces(
    owners: Sequence[CardOwner], keys: CardKeys, now: datetime, by: int | None = None
) -> list[dict[str, str]]:
    """What is printed on the cards of these members, in their order; who has no card yet is given one.

    The values are the fields of a card face. Repeating it prints the same tokens.
    """
    brigade = find_brigade()
    tokens: dict[int, str] = {}
    for start in range(0, len(owners), PART):
        part = owners[start : start + PART]
        issue_cards(part, keys, now, by)
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


def _read_uid(uid: str, keys: CardKeys) -> tuple[str, str]:
    """A card's UID as it is written and as it is kept; refuses one that says nothing about a person."""
    identity = read_identity(uid)
    reason = why_uid_unusable(identity.text)
    if reason:
        raise UidRefused(reason, UNUSABLE_UIDS[reason])
    return identity.text, hash_identity(identity, keys)


def _find_bound(digest: str, now: datetime) -> Card | None:
    """The card in use with this identity; one lent until before now is ended first."""
    bound = find_card_in_use(digest)
    if bound and is_over(bound, now):
        _expire(bound)
        return None
    return bound


def _lock_with_member(card_id: int) -> Card:
    card = get_card(card_id)
    lock_members([card.member_id])
    # As it is now that nobody else can change it.
    db.session.refresh(card)
    return card


def _replace(card: Card, row: dict[str, Any], kind: CardEventKind, now: datetime, by: int | None) -> Card:
    card.state, card.ended_at = CardState.REVOKED, card.ended_at or now
    new = _add(Card(**row | {"replaces_id": card.id}), kind, by, card.hint)
    _note(card, CardEventKind.REPLACED, now, by, new.hint)
    return new


def _get_active_member(volunteer_no: str) -> Member:
    member = get_member(volunteer_no)
    if member.status != MemberStatus.ACTIVE:
        raise MemberInactive()
    return member


def _add(card: Card, kind: CardEventKind, by: int | None, note: str = "") -> Card:
    # What it follows is written first: an identity is in use once.
    db.session.flush()
    db.session.add(card)
    db.session.flush()
    _note(card, kind, card.issued_at, by, note)
    return card


def _note(card: Card, kind: CardEventKind, at: datetime, by: int | None, note: str = "") -> None:
    db.session.add(CardEvent(card_id=card.id, kind=kind, at=at, admin_id=by, note=note))


def _expire(card: Card) -> None:
    if card.valid_until is None:
        raise ValueError("a lasting card does not expire")
    card.state, card.ended_at = CardState.EXPIRED, card.valid_until
    _note(card, CardEventKind.EXPIRED, card.valid_until, None)


def _continue(batch: CardBatch, keys: CardKeys, now: datetime, limit: int) -> int:
    teams = list_subtree_ids(batch.team_id) if batch.is_subtree else [batch.team_id]
    missing = list_members_without_qr_card(teams)
    for start in range(0, min(len(missing), limit), PART):
        _issue_missing(missing[start : start + PART][: limit - start], keys, now, batch.admin_id)
    made = min(len(missing), limit)
    batch.done += made
    batch.total = max(batch.total, batch.done)
    if made == len(missing):
        batch.finished_at = now
    return made


def _issue_missing(member_ids: Sequence[int], keys: CardKeys, now: datetime, by: int | None) -> None:
    lock_members(member_ids)
    rows = [new_qr_card(member_id, keys, now) for member_id in list_without_qr_card(member_ids)]
    if not rows:
        return
    db.session.execute(insert(CARDS), rows)
    kind, admin = literal(str(CardEventKind.ISSUED)), literal(by, BigInteger)
    made = select(CARDS.c.id, kind, CARDS.c.issued_at, admin, literal("")).where(
        CARDS.c.serial.in_([row["serial"] for row in rows])
    )
    db.session.execute(insert(EVENTS).from_select(["card_id", "kind", "at", "admin_id", "note"], made))
