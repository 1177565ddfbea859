"""A year of scans, sent by the terminals of the invented stations through the same door as real ones."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from volunteer.db import db
from volunteer.demo.districts import District
from volunteer.demo.sessions import Session
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.stations import Direction, TerminalKind
from volunteer.queries.cards import list_printable_cards
from volunteer.queries.demo import is_scan_known, list_all_members, list_terminals_by_station
from volunteer.services.cards import tokens_of
from volunteer.services.scans import Installation, Sender, take_scans
from volunteer.services.terminals import enrol_terminal, renew_code

_SENT_AFTER = timedelta(seconds=2)
_BOOTS = UUID("5f0c4f0e-3f0a-4d5e-9a77-6f1f0a7f2c11")


def enrol_terminals(at: datetime) -> None:
    """Admit each terminal that has no key yet; the key of an invented one is kept nowhere."""
    for terminal in list_terminals_by_station().values():
        if terminal.key_hash is None:
            enrol_terminal(renew_code(terminal, at), TerminalKind.KIOSK, None, at)


def hold_sessions(
    district: District, here: Installation, now: datetime, progress: Callable[[int], None]
) -> None:
    """Send every session's scans as its terminal would have, the oldest first; known ones are passed over."""
    numbers = {member.id: member.volunteer_no for member in list_all_members()}
    by_id = tokens_of(list_printable_cards(list(numbers)), here.keys)
    tokens = {numbers[member_id]: token for member_id, token in by_id.items()}
    terminals = list_terminals_by_station()
    senders = {code: Sender(one.id, one.station_id, Direction.BOTH) for code, one in terminals.items()}
    # Thousands of loaded objects would be refreshed at every commit that follows.
    db.session.expunge_all()
    sent = dict.fromkeys(senders, 0)
    for done, session in enumerate(district.held, 1):
        station = session.activity.station_code
        if not is_scan_known(session.scans[-1].id):
            received_at = min(session.scans[-1].at + _SENT_AFTER, now)
            readings = _readings(session, tokens, sent[station], received_at)
            take_scans(senders[station], readings, here, received_at)
        sent[station] += len(session.scans)
        progress(done)


def _readings(
    session: Session, tokens: Mapping[str, str], sent: int, received_at: datetime
) -> Sequence[Reading]:
    boot = uuid5(_BOOTS, session.activity.station_code)
    return [
        Reading(
            id=scan.id,
            token=tokens[scan.volunteer_no],
            medium=Medium.QR,
            claimed_at=scan.at,
            age=received_at - scan.at,
            seq=seq,
            boot=boot,
        )
        for seq, scan in enumerate(session.scans, sent + 1)
    ]
