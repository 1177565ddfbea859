"""Members move, rest, come back and leave; every change is kept and the newest can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from volunteer.db import db, transaction
from volunteer.domain.cards import CardEventKind, CardState
from volunteer.domain.identities import FILE_PATH, RENAMED_BACK, OwnIdentity
from volunteer.domain.member_change_refusals import (
    ChangeNotNewest,
    ChangeTooEarly,
    StatusUnfit,
    TransferDecided,
    TransferWaiting,
    UndoOutsideScope,
)
from volunteer.domain.member_changes import (
    STATUS_AFTER,
    EventKind,
    MemberOnDuty,
    TransferState,
    beside,
    clean_reason,
    ends_cards,
    require_entered,
    require_move,
    require_step,
    start_of,
)
from volunteer.domain.members import MemberStatus
from volunteer.domain.merge_refusals import MergedAlready
from volunteer.domain.names import search_text
from volunteer.domain.refusals import NotFound
from volunteer.domain.unit_refusals import UnitDissolved
from volunteer.models.card_events import CardEvent
from volunteer.models.cards import Card
from volunteer.models.member_changes import MemberEvent, Transfer
from volunteer.models.members import Member
from volunteer.models.messages import Message
from volunteer.models.teams import MemberTeam, Team, Unit
from volunteer.queries.cards import find_card_in_use
from volunteer.queries.member_changes import (
    find_last_move_on,
    find_newest_event,
    find_waiting_transfer,
    get_event_in,
    get_transfer,
    has_changed_status,
)
from volunteer.queries.members import get_member_in, lock_members
from volunteer.queries.memberships import past_memberships
from volunteer.queries.merges import (
    is_merged,
    is_on_duty,
    is_own_person,
    list_cards_in_use,
    list_group_ids,
)
from volunteer.queries.teams import get_team, get_team_by_id, require_open
from volunteer.queries.units import find_heir, find_open_unit, get_open_unit, get_unit
from volunteer.writes.participations import regain_answers, release_answers


@dataclass(frozen=True)
class Actor:
    """The admin who acts, what lies in the admin's scope, and when and where that is."""

    admin_id: int
    scope: frozenset[int]
    now: datetime
    zone: tzinfo


@dataclass(frozen=True)
class Move:
    """Where a member goes, from which date, and why."""

    team_code: str
    unit_id: int | None
    from_on: date
    reason: str


def transfer_member(volunteer_no: str, move: Move, actor: Actor) -> Transfer | None:
    """Move the member at once, or propose it where the target lies outside the scope.

    Gives the proposal that now waits for the receiving team, or None where all is done.
    """
    reason = clean_reason(move.reason)
    start_of(move.from_on, actor.now, actor.zone)
    with transaction():
        # The unit first: who dissolves one holds it, and then waits for its members.
        unit = get_open_unit(move.unit_id) if move.unit_id is not None else None
        member = _get_changeable(volunteer_no, actor)
        if member.status == MemberStatus.LEFT:
            raise StatusUnfit()
        if find_waiting_transfer(member.id):
            raise TransferWaiting()
        require_entered(move.from_on, member.created_at, actor.zone)
        team = get_team(move.team_code)
        require_move((member.team_id, member.unit_id), (team.id, unit.id if unit else None))
        if team.id in actor.scope:
            _move(member, team, unit, move.from_on, reason, actor)
            return None
        transfer = Transfer(
            member_id=member.id,
            from_team_id=member.team_id,
            team_id=team.id,
            unit_id=unit.id if unit else None,
            from_on=move.from_on,
            reason=reason,
            proposed_by_id=actor.admin_id,
            proposed_at=actor.now,
        )
        db.session.add(transfer)
    return transfer


def accept_transfer(transfer_id: int, actor: Actor) -> Member:
    """The receiving team, or one above both, agrees: the member moves.

    Where the unit was dissolved meanwhile, to the one that its people went to; refuses where there is none.
    """
    with transaction():
        transfer = _get_waiting(transfer_id, actor, is_receiving=True)
        unit = find_open_unit(transfer.unit_id) if transfer.unit_id else None
        if transfer.unit_id and unit is None:
            raise UnitDissolved(name=get_unit(transfer.unit_id).name)
        lock_members([transfer.member_id])
        member = db.session.get_one(Member, transfer.member_id)
        if member.status == MemberStatus.LEFT:
            raise StatusUnfit()
        # The team that gave the member away may have been merged into one that never agreed.
        if member.team_id != transfer.from_team_id:
            raise TransferDecided()
        team = require_open(get_team_by_id(transfer.team_id))
        require_move((member.team_id, member.unit_id), (team.id, unit.id if unit else None))
        _move(member, team, unit, transfer.from_on, transfer.reason, actor)
        _decide(transfer, TransferState.ACCEPTED, "", actor)
    return member


def decline_transfer(transfer_id: int, reply: str, actor: Actor) -> None:
    """The receiving team does not agree, and says why."""
    reply = clean_reason(reply)
    with transaction():
        transfer = _get_waiting(transfer_id, actor, is_receiving=True)
        _decide(transfer, TransferState.DECLINED, reply, actor)


def withdraw_transfer(transfer_id: int, actor: Actor) -> None:
    """The giving team takes its proposal back."""
    with transaction():
        _decide(_get_waiting(transfer_id, actor, is_receiving=False), TransferState.WITHDRAWN, "", actor)


def change_status(volunteer_no: str, kind: EventKind, on: date, reason: str, actor: Actor) -> int:
    """Let a member rest, come back, retire or leave from that date on; how many cards ended by it.

    Scans held before that instant keep counting, whenever they arrive. Who comes back
    needs new cards: what ended stays ended. Who is on duty checks out first: no card
    that ended could do it.
    """
    reason = clean_reason(reason)
    with transaction():
        member = _get_changeable(volunteer_no, actor)
        status = require_step(member.status, kind)
        require_entered(on, member.created_at, actor.zone)
        # A check-in must not be torn from its check-out.
        if ends_cards(kind) and is_on_duty(list_group_ids(member.id)):
            raise MemberOnDuty()
        last = member.status_at if has_changed_status(member.id) else None
        at = start_of(on, actor.now, actor.zone, last)
        before: dict[str, Any] = {"status": member.status, "status_at": member.status_at.isoformat()}
        if ends_cards(kind):
            before["cards"] = _end_cards(member.id, at, reason, actor)
        member.status, member.status_at = status, at
        if status != MemberStatus.ACTIVE:
            before["answers"] = release_answers(member.id, actor.now)
        after = {"status": str(status), "status_at": at.isoformat()}
        _note(member.id, kind, on, before, after, reason, actor)
    return len(before.get("cards", ()))


def undo_change(event_id: int, actor: Actor) -> Member:
    """Take back the member's newest change; refuses where anything has changed since."""
    with transaction():
        event, member = get_event_in(actor.scope, event_id)
        lock_members([member.id])
        newest = find_newest_event(member.id, beside(EventKind(event.kind)))
        if newest is None or newest.id != event.id:
            raise ChangeNotNewest()
        before, after = _values(event.before), _values(event.after)
        if event.kind == EventKind.TRANSFERRED:
            _move_back(member, before, after, actor)
        elif event.kind in STATUS_AFTER:
            _set_back(member, before, after, actor)
        elif event.kind == EventKind.RENAMED:
            if is_own_person(actor.admin_id, [member.id]):
                raise OwnIdentity()
            _name_back(member, before, after, event.id, actor)
        else:
            raise ChangeNotNewest()
        event.undone_at, event.undone_by_id = actor.now, actor.admin_id
    return member


def _get_changeable(volunteer_no: str, actor: Actor) -> Member:
    member = get_member_in(actor.scope, volunteer_no)
    lock_members([member.id])
    if is_merged([member.id]):
        raise MergedAlready()
    return member


def _get_waiting(transfer_id: int, actor: Actor, *, is_receiving: bool) -> Transfer:
    transfer = get_transfer(transfer_id)
    if (transfer.team_id if is_receiving else transfer.from_team_id) not in actor.scope:
        raise NotFound()
    if transfer.state != TransferState.PROPOSED:
        raise TransferDecided()
    return transfer


def _decide(transfer: Transfer, state: TransferState, reply: str, actor: Actor) -> None:
    transfer.state, transfer.reply = state, reply
    transfer.decided_by_id, transfer.decided_at = actor.admin_id, actor.now


def _move(member: Member, team: Team, unit: Unit | None, on: date, reason: str, actor: Actor) -> None:
    last = find_last_move_on(member.id)
    if last and last > on:
        raise ChangeTooEarly(day=last.isoformat())
    spans = past_memberships([member], on)
    db.session.add_all(spans)
    db.session.flush()
    before = {**_place(member), "span_id": spans[0].id if spans else None}
    member.team_id, member.unit_id = team.id, unit.id if unit else None
    _note(member.id, EventKind.TRANSFERRED, on, before, _place(member), reason, actor)


def _place(member: Member) -> dict[str, Any]:
    team = get_team_by_id(member.team_id)
    unit = db.session.get(Unit, member.unit_id) if member.unit_id else None
    # The names too: history says what it was called then.
    return {
        "team_id": team.id,
        "team": team.name,
        "unit_id": unit.id if unit else None,
        "unit": unit.name if unit else "",
    }


def _move_back(member: Member, before: Mapping[str, Any], after: Mapping[str, Any], actor: Actor) -> None:
    if (member.team_id, member.unit_id) != (after["team_id"], after["unit_id"]):
        raise ChangeNotNewest()
    if before["team_id"] not in actor.scope:
        raise UndoOutsideScope()
    require_open(get_team_by_id(before["team_id"]))
    if before["span_id"] is not None and (span := db.session.get(MemberTeam, before["span_id"])):
        db.session.delete(span)
    # Whose unit was dissolved meanwhile goes where its people went.
    heir = find_heir(get_unit(before["unit_id"])) if before["unit_id"] is not None else None
    member.team_id, member.unit_id = before["team_id"], heir.id if heir else None


def _name_back(
    member: Member, before: Mapping[str, Any], after: Mapping[str, Any], event_id: int, actor: Actor
) -> None:
    if member.name != after["name"]:
        raise ChangeNotNewest()
    member.name, member.search_keys = before["name"], search_text(before["name"])
    db.session.add(
        Message(
            key=f"corrected:{event_id}:undone",
            member_id=member.id,
            sentence={"msgid": RENAMED_BACK, "params": {"new": member.name}},
            path=FILE_PATH,
            sent_at=actor.now,
        )
    )


def _end_cards(member_id: int, at: datetime, reason: str, actor: Actor) -> list[list[Any]]:
    """End the cards, and give what each was before: id, state, and when it had ended."""
    ended = []
    for card in list_cards_in_use(member_id):
        ended.append([card.id, card.state, card.ended_at.isoformat() if card.ended_at else None])
        # A lost card stopped counting when it was lost.
        card.state, card.ended_at = CardState.EXPIRED, card.ended_at or max(at, card.issued_at)
        _note_card(card, CardEventKind.EXPIRED, reason, actor)
    return ended


def _set_back(member: Member, before: Mapping[str, Any], after: Mapping[str, Any], actor: Actor) -> None:
    if member.status != after["status"] or member.status_at != datetime.fromisoformat(after["status_at"]):
        raise ChangeNotNewest()
    if list_cards_in_use(member.id) and before.get("cards") is None and member.status == MemberStatus.ACTIVE:
        # Came back and was given a card since: that is newer than the coming back.
        raise ChangeNotNewest()
    member.status, member.status_at = before["status"], datetime.fromisoformat(before["status_at"])
    db.session.flush()
    if member.status == MemberStatus.ACTIVE:
        regain_answers(before.get("answers", ()), actor.now)
    else:
        release_answers(member.id, actor.now)
    for card_id, state, ended_at in before.get("cards", ()):
        card = db.session.get_one(Card, card_id)
        # What was bound to somebody else meanwhile stays ended here.
        if card.state == CardState.EXPIRED and find_card_in_use(card.identity_hash) is None:
            card.state = state
            card.ended_at = datetime.fromisoformat(ended_at) if ended_at else None
            _note_card(card, CardEventKind.FOUND, "", actor)


def _note_card(card: Card, kind: CardEventKind, note: str, actor: Actor) -> None:
    db.session.add(CardEvent(card_id=card.id, kind=kind, at=actor.now, admin_id=actor.admin_id, note=note))


def _note(
    member_id: int,
    kind: EventKind,
    on: date,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str,
    actor: Actor,
) -> None:
    event = MemberEvent(
        member_id=member_id,
        kind=kind,
        effective_on=on,
        before=before,
        after=after,
        reason=reason,
        admin_id=actor.admin_id,
        at=actor.now,
    )
    db.session.add(event)


def _values(stored: object) -> Mapping[str, Any]:
    return stored if isinstance(stored, dict) else {}
