"""Terminals: admitted by a one-time code, known by their own key, revoked at once."""

from datetime import datetime, timedelta

from sqlalchemy import update

from volunteer.db import db, transaction
from volunteer.domain.members import LONGEST_NAME, require_length
from volunteer.domain.refusals import NotFound
from volunteer.domain.station_refusals import EnrolmentCodeUnknown
from volunteer.domain.stations import Direction, ReaderProfile, TerminalKind
from volunteer.domain.terminals import (
    CONTACT_EVERY,
    ENROL_WITHIN,
    clean_code,
    hash_secret,
    make_code,
    make_key,
)
from volunteer.models.stations import Terminal
from volunteer.queries.stations import get_station
from volunteer.queries.terminals import find_enrolling_terminal


def prepare_terminal(
    station_code: str,
    now: datetime,
    *,
    name: str = "",
    direction: Direction = Direction.BOTH,
    reader_profile: ReaderProfile = ReaderProfile.HEX,
) -> str:
    """Create a terminal for a station and return its one-time code, good for ten minutes."""
    code = make_code()
    with transaction():
        station = get_station(station_code)
        db.session.add(
            Terminal(
                station_id=station.id,
                name=require_length(name.strip(), LONGEST_NAME) or station.name,
                direction=direction,
                reader_profile=reader_profile,
                enrolment_hash=hash_secret(code),
                enrolment_ends_at=now + ENROL_WITHIN,
            )
        )
    return code


def renew_code(terminal: Terminal, now: datetime) -> str:
    """A fresh one-time code for a terminal that lost its key; the old key ends when the code is used."""
    code = make_code()
    with transaction():
        terminal = db.session.get_one(Terminal, terminal.id, populate_existing=True)
        if terminal.revoked_at:
            raise NotFound()
        terminal.enrolment_hash = hash_secret(code)
        terminal.enrolment_ends_at = now + ENROL_WITHIN
    return code


def enrol_terminal(code: str, kind: TerminalKind, version: str | None, now: datetime) -> tuple[Terminal, str]:
    """Exchange a one-time code for the terminal's own key, which is shown this once."""
    with transaction():
        terminal = find_enrolling_terminal(hash_secret(clean_code(code)), now)
        if terminal is None:
            raise EnrolmentCodeUnknown()
        key = make_key(terminal.id)
        terminal.key_hash = hash_secret(key)
        terminal.enrolment_hash = terminal.enrolment_ends_at = None
        terminal.enrolled_at = terminal.last_contact_at = now
        terminal.kind, terminal.version = kind, version
    return terminal, key


def revoke_terminal(terminal: Terminal, now: datetime) -> None:
    """End a terminal's key at once. Its scans stay; what it still holds can be sent after a new enrolment."""
    with transaction():
        terminal = db.session.get_one(Terminal, terminal.id, populate_existing=True)
        terminal.revoked_at = terminal.revoked_at or now
        terminal.key_hash = terminal.enrolment_hash = terminal.enrolment_ends_at = None


def note_contact(
    terminal_id: int,
    last_contact_at: datetime | None,
    known_pending: int | None,
    pending: int | None,
    version: str | None,
    offset: timedelta,
    now: datetime,
) -> None:
    """Keep what a terminal says of itself; at most every 30 seconds, or when its queue starts or ends."""
    is_recent = last_contact_at is not None and now - last_contact_at < CONTACT_EVERY
    if is_recent and bool(known_pending) == bool(pending):
        return
    values = {"last_contact_at": now, "clock_offset_ms": offset // timedelta(milliseconds=1)}
    if pending is not None:
        values["pending"] = pending
    if version:
        values["version"] = version
    with transaction():
        db.session.execute(update(Terminal).where(Terminal.id == terminal_id).values(values))
