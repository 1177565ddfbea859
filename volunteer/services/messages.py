"""Messages: sent once each, and marked as read by whom they are for."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from volunteer.db import db, transaction
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.messages import (
    FORGOTTEN_TO_ADMIN,
    FORGOTTEN_TO_MEMBER,
    Note,
    ask_from,
    check_out_path,
    enter_path,
)
from volunteer.models.members import Admin, Member
from volunteer.models.messages import message_of
from volunteer.queries.messages import (
    get_message,
    list_forgotten_records,
    list_known_keys,
    list_responsible,
    list_unread,
)

# After a longer outage nobody remembers when they left. Within a day, what is recent is looked at.
ASK_BACK, RECENT = timedelta(days=31), timedelta(days=2)


def ask_forgotten(now: datetime, zone: tzinfo, claim: Claim = UNCLAIMED) -> int:
    """Tell members, and whoever keeps their team, of forgotten check-outs; how many messages were sent.

    From 19:00 of the day on, or at once where it is later. Safe to repeat: each is sent once.
    """
    today = now.astimezone(zone).date()
    with transaction():
        if not claim.take():
            return 0
        first_on = today - (ASK_BACK if claim.is_first else RECENT)
        rows = [
            row
            for row in list_forgotten_records(first_on, now)
            if now >= ask_from(row.ServiceRecord.served_on, row.ServiceRecord.limit_at, zone)
        ]
        notes = _new(_notes(rows, today))
        db.session.add_all(message_of(note, now) for note in notes)
        claim.note(len(notes))
    return len(notes)


def open_message(person: Admin | Member, message_id: int, now: datetime) -> str:
    """Mark one of the own messages as read, and say where it leads."""
    with transaction():
        message = get_message(person, message_id)
        message.read_at = message.read_at or now
        return message.path


def read_all(person: Admin | Member, now: datetime) -> None:
    """Mark all of the own messages as read."""
    with transaction():
        for message in list_unread(person):
            message.read_at = now


def _notes(rows: Iterable[Any], today: date) -> list[Note]:
    rows = list(rows)
    if not rows:
        return []
    admins = list_responsible((row.team_id for row in rows), today)
    notes = []
    for row in rows:
        record, key = row.ServiceRecord, f"forgotten:{row.ServiceRecord.id}"
        params = {
            "day_on": record.served_on.isoformat(),
            "station": row.station_name,
            "name": row.name,
            "number": row.volunteer_no,
        }
        notes.append(
            Note(
                f"{key}:member",
                FORGOTTEN_TO_MEMBER,
                check_out_path(record.id),
                params,
                member_id=record.member_id,
            )
        )
        notes += [
            Note(f"{key}:admin:{one}", FORGOTTEN_TO_ADMIN, enter_path(record.id), params, admin_id=one)
            for one in admins[row.team_id]
        ]
    return notes


def _new(notes: list[Note]) -> list[Note]:
    known = list_known_keys([note.key for note in notes]) if notes else set()
    return [note for note in notes if note.key not in known]
