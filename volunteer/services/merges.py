"""Duplicates are merged into one person, and a merge can be taken back.

No scan and no record moves: scans are append-only, and each row's records stay the fold of
its own scans. The duplicate's row points to the kept member, and whoever asks for a
person's records reads all rows together. Its cards go on under the kept member, and so does
what it answered to activities: one person takes one place.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from volunteer.db import db, transaction
from volunteer.domain.cards import CardEventKind, CardKind, CardState
from volunteer.domain.member_change_refusals import ChangeNotNewest, TransferWaiting
from volunteer.domain.member_changes import EventKind, clean_reason
from volunteer.domain.members import MemberStatus
from volunteer.domain.merge_refusals import (
    MergedAlready,
    MergeKeptInactive,
    MergeOnDuty,
    MergeUsed,
    MergeWithSelf,
)
from volunteer.domain.merges import IdsNotCompared, OwnMerge, switch_at
from volunteer.domain.records import RecordState
from volunteer.models.card_events import CardEvent
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.member_changes import Distinction, MemberEvent, Merge
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.queries.member_changes import find_newest_event, find_waiting_transfer
from volunteer.queries.members import get_member_in, lock_members
from volunteer.queries.merges import (
    find_distinction,
    find_last_scan_at,
    find_merge,
    get_merge_event,
    has_merged,
    is_merged,
    is_on_duty,
    is_own_person,
    list_cards_in_use,
    list_used_cards,
)
from volunteer.writes.participations import part_answers, unite_answers


@dataclass(frozen=True)
class Judge:
    """The admin who decides, with the scope, when, and which day that is here."""

    admin_id: int
    scope: frozenset[int]
    now: datetime
    today: date


def merge_members(
    kept_no: str, duplicate_no: str, reason: str, judge: Judge, *, has_compared_ids: bool = False
) -> Member:
    """Let the duplicate be the same person as the kept member; gives the kept one.

    Where both have an ID number, the numbers differ: somebody must have compared the documents.
    Who is one of the two has somebody else do it: the hours of both become those of one person.

    The duplicate leaves with everything it has. Its cards in use are the kept member's from
    right after the duplicate's last scan: what comes in late from before is still counted there.
    """
    reason = clean_reason(reason)
    with transaction():
        kept, duplicate = (get_member_in(judge.scope, number) for number in (kept_no, duplicate_no))
        lock_members([kept.id, duplicate.id])
        _require_mergeable(kept, duplicate)
        _require_others(kept, duplicate, judge)
        if kept.national_id_hash and duplicate.national_id_hash and not has_compared_ids:
            raise IdsNotCompared()
        last, handed = find_last_scan_at(duplicate.id), _Handing(duplicate, kept, judge)
        before: dict[str, Any] = {
            "status": duplicate.status,
            "status_at": duplicate.status_at.isoformat(),
            "cards": [_hand_over(card, handed, last) for card in list_cards_in_use(duplicate.id)],
            "given_id": _mark(kept) if _give_national_id(duplicate, kept) else None,
            "answers": unite_answers(kept.id, duplicate.id, judge.now),
        }
        if duplicate.status != MemberStatus.LEFT:
            duplicate.status = MemberStatus.LEFT
            duplicate.status_at = switch_at(duplicate.status_at, last)
        merge = Merge(duplicate_id=duplicate.id, kept_id=kept.id, merged_at=judge.now)
        db.session.add(merge)
        db.session.flush()
        _note(kept, EventKind.MERGED, {}, _other(duplicate, merge), reason, judge)
        _note(duplicate, EventKind.MERGED_AWAY, before, _other(kept, merge), reason, judge)
        _settle_again(kept, duplicate)
    return kept


def undo_merge(duplicate_no: str, judge: Judge) -> None:
    """Take a merge back: the duplicate is a member of its own again, with status and cards as before.

    Refused once a card that was handed over has been used: its hours were answered for the kept member.
    Answers to activities go back, too.
    The ID number goes back only where the kept member still has that very one: what was entered since stays.
    """
    with transaction():
        duplicate = get_member_in(judge.scope, duplicate_no)
        found = find_merge(duplicate.id)
        if found is None:
            raise ChangeNotNewest()
        merge, kept = found
        get_member_in(judge.scope, kept.volunteer_no)
        lock_members([kept.id, duplicate.id])
        _require_others(kept, duplicate, judge)
        if is_on_duty([kept.id]):
            raise MergeOnDuty()
        event = find_newest_event(duplicate.id)
        if event is None or event.kind != EventKind.MERGED_AWAY:
            raise ChangeNotNewest()
        before: Mapping[str, Any] = event.before if isinstance(event.before, dict) else {}
        # Undone now, hours of the one would stay with the other.
        if list_used_cards(before["cards"]):
            raise MergeUsed()
        for card_id in before["cards"]:
            # Nobody was answered for it, so the row itself can go back, with all that happened to it.
            card = db.session.get_one(Card, card_id)
            card.member_id = duplicate.id
            _note_card(card, _ARRIVALS[CardKind(card.kind)], _Handing(kept, duplicate, judge))
        given = before.get("given_id")
        if given and given == _mark(kept):
            _give_national_id(kept, duplicate)
        # Before the answers: only who is active gets a place.
        duplicate.status = before["status"]
        duplicate.status_at = datetime.fromisoformat(before["status_at"])
        part_answers(kept.id, duplicate.id, before.get("answers", {}), judge.now)
        merge.undone_at = judge.now
        for one in (event, get_merge_event(kept.id, merge.id)):
            one.undone_at, one.undone_by_id = judge.now, judge.admin_id
        _settle_again(kept, duplicate)


def _settle_again(kept: Member, duplicate: Member) -> None:
    """Days on which both rows may have served are looked at anew: what one person cannot do, two can."""
    records = table_of(ServiceRecord)
    days = select(records.c.served_on).where(records.c.member_id == duplicate.id)
    closed = records.c.member_id.in_([kept.id, duplicate.id]), records.c.state == str(RecordState.CLOSED)
    changed = update(records).where(*closed, records.c.served_on.in_(days)).values(is_settled=False)
    db.session.connection().execute(changed)


def tell_apart(first_no: str, second_no: str, judge: Judge) -> None:
    """Keep that these two are not the same person, so that nobody is asked again. Safe to repeat."""
    with transaction():
        pair = [get_member_in(judge.scope, number).id for number in (first_no, second_no)]
        first_id, second_id = sorted(pair)
        if first_id == second_id:
            raise MergeWithSelf()
        if find_distinction(first_id, second_id) is None:
            db.session.add(
                Distinction(
                    first_id=first_id, second_id=second_id, admin_id=judge.admin_id, judged_at=judge.now
                )
            )


def _require_mergeable(kept: Member, duplicate: Member) -> None:
    if kept.id == duplicate.id:
        raise MergeWithSelf()
    if is_merged([kept.id, duplicate.id]) or has_merged(duplicate.id):
        raise MergedAlready()
    if find_waiting_transfer(duplicate.id):
        raise TransferWaiting()
    if duplicate.status == MemberStatus.ACTIVE and kept.status != MemberStatus.ACTIVE:
        raise MergeKeptInactive()
    # A check-in must not be torn from its check-out.
    if is_on_duty([kept.id, duplicate.id]):
        raise MergeOnDuty()


def _require_others(kept: Member, duplicate: Member, judge: Judge) -> None:
    if is_own_person(judge.admin_id, [kept.id, duplicate.id]):
        raise OwnMerge()


@dataclass(frozen=True)
class _Handing:
    """From whom cards go to whom, and who decided it."""

    giver: Member
    taker: Member
    judge: Judge


# What the history of a card begins with that comes from somebody else's row.
_ARRIVALS = {CardKind.QR: CardEventKind.ISSUED, CardKind.NFC: CardEventKind.BOUND}


def _note_card(card: Card, kind: CardEventKind, handed: _Handing) -> None:
    # Pages tell by the arrow that the card went from one number to the other.
    note = f"{handed.giver.volunteer_no} → {handed.taker.volunteer_no}"
    judge = handed.judge
    db.session.add(CardEvent(card_id=card.id, kind=kind, at=judge.now, admin_id=judge.admin_id, note=note))


def _hand_over(card: Card, handed: _Handing, last_scan_at: datetime | None) -> int:
    """End the card here, and let the same token or UID go on as a card of that member; its id."""
    at = switch_at(card.issued_at, last_scan_at)
    new = _copy(card, handed.taker.id, at)
    _end(card, at)
    db.session.add(new)
    db.session.flush()
    _note_card(card, CardEventKind.REVOKED, handed)
    _note_card(new, _ARRIVALS[CardKind(new.kind)], handed)
    if new.state == CardState.LOST:
        _note_card(new, CardEventKind.LOST, handed)
    return new.id


def _copy(card: Card, member_id: int, issued_at: datetime) -> Card:
    return Card(
        member_id=member_id,
        kind=card.kind,
        assurance=card.assurance,
        identity_hash=card.identity_hash,
        serial=card.serial,
        hint=card.hint,
        state=card.state,
        issued_at=issued_at,
        ended_at=card.ended_at,
        valid_until=card.valid_until,
    )


def _end(card: Card, at: datetime) -> None:
    # The serial prints the token: only the row that goes on may have it.
    card.state, card.ended_at, card.serial = CardState.REVOKED, card.ended_at or at, None
    db.session.flush()


def _give_national_id(giver: Member, taker: Member) -> bool:
    """Hand the sealed ID number over where the other has none; whether that was done."""
    if giver.national_id_hash is None or taker.national_id_hash is not None:
        return False
    sealed, digest = giver.national_id_sealed, giver.national_id_hash
    giver.national_id_sealed = giver.national_id_hash = None
    db.session.flush()
    taker.national_id_sealed, taker.national_id_hash = sealed, digest
    return True


def _mark(member: Member) -> str | None:
    """What knows the sealed ID number again.

    It is made of the sealed bytes, not of the number: it stays in the history, and must tell nothing
    of a number that was erased since.
    """
    sealed = member.national_id_sealed
    return hashlib.sha256(sealed).hexdigest() if sealed else None


def _other(member: Member, merge: Merge) -> dict[str, Any]:
    return {"volunteer_no": member.volunteer_no, "name": member.name, "merge_id": merge.id}


def _note(
    member: Member,
    kind: EventKind,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str,
    judge: Judge,
) -> None:
    db.session.add(
        MemberEvent(
            member_id=member.id,
            kind=kind,
            effective_on=judge.today,
            before=before,
            after=after,
            reason=reason,
            admin_id=judge.admin_id,
            at=judge.now,
        )
    )
