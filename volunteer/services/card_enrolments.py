"""Binding NFC cards by tapping: a terminal is told to bind the next card, one member after the other."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from volunteer.db import db, transaction
from volunteer.domain.card_refusals import NobodyToEnrol, TerminalBusy, TerminalNotReady
from volunteer.domain.cards import (
    ENROL_CARD_WITHIN,
    CardEventKind,
    CardState,
    EnrolmentResult,
    Tap,
    is_over,
    new_nfc_card,
    require_end,
)
from volunteer.domain.members import MemberStatus
from volunteer.models.card_events import CardEnrolment, CardEvent
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.models.stations import Terminal
from volunteer.queries.card_enrolments import (
    find_next_enrolment,
    find_open_enrolment,
    list_unfinished_enrolments,
)
from volunteer.queries.cards import find_card_in_use
from volunteer.queries.members import lock_members


def start_enrolments(
    terminal_id: int,
    member_ids: Sequence[int],
    admin_id: int,
    now: datetime,
    valid_until: datetime | None = None,
) -> None:
    """Let the next cards held to a terminal be bound to these members, one after the other.

    Refuses while another admin does so there; what this admin began before is stopped.
    """
    require_end(valid_until, now)
    if not member_ids:
        raise NobodyToEnrol()
    with transaction():
        terminal = db.session.get_one(Terminal, terminal_id, populate_existing=True, with_for_update=True)
        if terminal.key_hash is None or terminal.revoked_at is not None:
            raise TerminalNotReady()
        for waiting in list_unfinished_enrolments(terminal_id):
            is_open = waiting.ends_at is not None and now < waiting.ends_at
            if waiting.admin_id != admin_id and is_open:
                raise TerminalBusy()
            _finish(waiting, EnrolmentResult.STOPPED, now)
        db.session.flush()
        rows = [
            CardEnrolment(
                terminal_id=terminal_id, member_id=member_id, admin_id=admin_id, valid_until=valid_until
            )
            for member_id in member_ids
        ]
        _open(rows[0], now)
        db.session.add_all(rows)


def skip_enrolment(terminal_id: int, enrolment_id: int, admin_id: int, now: datetime) -> None:
    """Go on to the next member; pressed twice it is still one who is skipped."""
    with transaction():
        current = find_open_enrolment(terminal_id)
        if current and (current.id, current.admin_id) == (enrolment_id, admin_id):
            _finish(current, EnrolmentResult.SKIPPED, now)
            _open_next(terminal_id, now)


def renew_enrolment(terminal_id: int, enrolment_id: int, admin_id: int, now: datetime) -> None:
    """Wait another three minutes, from now on, for the card of the member whose turn it is."""
    with transaction():
        current = find_open_enrolment(terminal_id)
        if current and (current.id, current.admin_id) == (enrolment_id, admin_id):
            _open(current, now)


def stop_enrolments(terminal_id: int, admin_id: int, now: datetime) -> None:
    """Let the terminal count cards only; who had no turn yet gets none."""
    with transaction():
        for waiting in list_unfinished_enrolments(terminal_id):
            if waiting.admin_id == admin_id:
                _finish(waiting, EnrolmentResult.STOPPED, now)


def bind_tap(terminal_id: int, taps: Sequence[Tap], now: datetime) -> UUID | None:
    """Bind the first of these cards that was held while the terminal waited for one; which scan it was.

    Runs inside the transaction that stores the scans. Only one of a request is
    bound: the person after the next one is not announced before this is answered.
    """
    current = find_open_enrolment(terminal_id)
    if current is None or current.opened_at is None or current.ends_at is None:
        return None
    lock_members([current.member_id])
    member = db.session.get_one(Member, current.member_id, populate_existing=True)
    for tap in sorted(taps, key=lambda tap: tap.at):
        is_in_time = current.opened_at <= tap.at < current.ends_at
        if is_in_time and member.status == MemberStatus.ACTIVE and _release(tap):
            _bind(current, tap, now)
            return tap.scan_id
    return None


def _bind(current: CardEnrolment, tap: Tap, now: datetime) -> None:
    row = new_nfc_card(current.member_id, tap.identity.text, tap.identity_hash, tap.at)
    card = Card(**row, valid_until=current.valid_until)
    db.session.add(card)
    db.session.flush()
    db.session.add(
        CardEvent(card_id=card.id, kind=CardEventKind.ENROLLED, at=tap.at, admin_id=current.admin_id)
    )
    _finish(current, EnrolmentResult.BOUND, now)
    current.card_id = card.id
    _open_next(current.terminal_id, now)
    # The statements that follow do not go through the session.
    db.session.flush()


def _release(tap: Tap) -> bool:
    """Whether the identity is free; one lent to somebody until before the tap becomes free here."""
    bound = find_card_in_use(tap.identity_hash)
    if bound is None:
        return True
    if bound.state != CardState.ACTIVE or not is_over(bound, tap.at) or bound.valid_until is None:
        return False
    bound.state, bound.ended_at = CardState.EXPIRED, bound.valid_until
    db.session.add(CardEvent(card_id=bound.id, kind=CardEventKind.EXPIRED, at=bound.valid_until))
    db.session.flush()
    return True


def _open(enrolment: CardEnrolment, now: datetime) -> None:
    enrolment.opened_at, enrolment.ends_at = now, now + ENROL_CARD_WITHIN


def _open_next(terminal_id: int, now: datetime) -> None:
    db.session.flush()
    following = find_next_enrolment(terminal_id)
    if following:
        _open(following, now)


def _finish(enrolment: CardEnrolment, result: EnrolmentResult, now: datetime) -> None:
    enrolment.result, enrolment.finished_at = result, now
