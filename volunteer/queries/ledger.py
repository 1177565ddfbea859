"""The ledger as it stands: entries of a member, sums, and everything in order for those who check it."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Row, case, extract, func, select

from volunteer.db import db
from volunteer.domain.audit import line_of
from volunteer.domain.ledger import NO_HASH, content_of
from volunteer.models.activities import Activity
from volunteer.models.audit import AuditEvent
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry, LedgerHead, LedgerSeal, MemberTotal, TeamTotal
from volunteer.models.stations import Station
from volunteer.queries.merges import of_person

ENTRIES, EVENTS, SEALS = table_of(LedgerEntry), table_of(AuditEvent), table_of(LedgerSeal)
_e = ENTRIES.c
AT_ONCE = 5000
# What a seal says of itself; its hash covers exactly this.
SEAL_FIELDS = (
    "number",
    "sealed_at",
    "last_entry",
    "heads_hash",
    "last_event",
    "event_hash",
    "previous_hash",
    "public_key",
)

# The entries of the person behind parameter ``member``, with station and activity.
ENTRIES_OF_PERSON = (
    select(LedgerEntry, Station.name.label("station_name"), Activity.name.label("activity_name"))
    .join(Station, Station.id == LedgerEntry.station_id)
    .outerjoin(Activity, Activity.id == LedgerEntry.activity_id)
    .where(of_person(_e.member_id))
)


def list_entries(member_id: int, first_on: date, last_on: date) -> list[Row[Any]]:
    """A person's entries for service in that period, newest first, with station and activity."""
    statement = ENTRIES_OF_PERSON.where(LedgerEntry.served_on.between(first_on, last_on))
    statement = statement.order_by(LedgerEntry.number.desc())
    return list(db.session.execute(statement, {"member": member_id}))


def list_ledger_years(member_id: int) -> list[int]:
    """The years in which a person has entries, newest first, from the sums."""
    year = extract("year", table_of(MemberTotal).c.month_on)
    statement = select(year).where(of_person(table_of(MemberTotal).c.member_id)).distinct()
    found = db.session.execute(statement, {"member": member_id}).scalars()
    return sorted((int(one) for one in found), reverse=True)


def find_last_seal() -> LedgerSeal | None:
    """The newest seal."""
    statement = select(LedgerSeal).order_by(LedgerSeal.number.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def list_seals(limit: int) -> list[LedgerSeal]:
    """The newest seals."""
    return list(
        db.session.execute(select(LedgerSeal).order_by(LedgerSeal.number.desc()).limit(limit)).scalars()
    )


def list_moved_heads(after: int) -> list[tuple[int, int, str]]:
    """The heads that moved since the entry with that number: member, seq, hash."""
    statement = select(LedgerHead).where(LedgerHead.number > after)
    return [(row.member_id, row.seq, row.hash) for row in db.session.execute(statement).scalars()]


def find_last_event() -> tuple[int, str]:
    """Number and hash of the newest audit event."""
    statement = select(EVENTS.c.number, EVENTS.c.hash).order_by(EVENTS.c.number.desc()).limit(1)
    row = db.session.execute(statement).one_or_none()
    return (row.number, row.hash) if row else (0, NO_HASH)


def count_lines() -> int:
    """How many lines ``read_lines`` will give."""
    return sum(
        db.session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in (ENTRIES, EVENTS, SEALS)
    )


def read_lines() -> Iterator[dict[str, Any]]:
    """Entries, audit events and seals as the check takes them: before each seal all that it covers.

    A few thousand rows at a time, by number, so that a million need no more memory than ten.
    """
    entries, events = _read(ENTRIES, "entry"), _read(EVENTS, "event")
    entry, event = next(entries, None), next(events, None)
    for seal in _read(SEALS, "seal"):
        while entry and entry["number"] <= seal["last_entry"]:
            yield entry
            entry = next(entries, None)
        while event and event["number"] <= seal["last_event"]:
            yield event
            event = next(events, None)
        yield seal
    while entry:
        yield entry
        entry = next(entries, None)
    while event:
        yield event
        event = next(events, None)


def _read(table: Any, kind: str) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        statement = select(table).where(table.c.number > last).order_by(table.c.number).limit(AT_ONCE)
        rows = db.session.execute(statement).all()
        for row in rows:
            yield _LINES[kind](row)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1].number


def _seal_line(row: Any) -> dict[str, Any]:
    content = {name: getattr(row, name) for name in SEAL_FIELDS} | {"sealed_at": row.sealed_at.isoformat()}
    return {"line": "seal", **content, "hash": row.hash, "signature": row.signature}


def _entry_line(row: Any) -> dict[str, Any]:
    return {"line": "entry", **content_of(row), "hash": row.hash}


_LINES: dict[str, Any] = {"entry": _entry_line, "event": line_of, "seal": _seal_line}


def list_wrong_totals() -> list[str]:
    """Where the maintained sums differ from what the entries add up to; empty where all is well."""
    month = extract("year", _e.served_on) * 100 + extract("month", _e.served_on)
    members: dict[Any, tuple[int, int]] = {}
    for row in db.session.execute(
        select(_e.member_id, month.label("month"), _e.measure, func.sum(_e.minutes), _records()).group_by(
            _e.member_id, month, _e.measure
        )
    ):
        members[row[0], int(row[1]), row[2]] = (int(row[3]), int(row[4]))
    teams = {
        (row[0], row[1] or 0, row[2], row[3]): (int(row[4]), int(row[5]))
        for row in db.session.execute(
            select(
                _e.team_id,
                _e.unit_id,
                _e.served_on,
                _e.measure,
                func.sum(_e.minutes),
                _records(),
            ).group_by(_e.team_id, _e.unit_id, _e.served_on, _e.measure)
        )
    }
    wrong = []
    for total in db.session.execute(select(MemberTotal)).scalars():
        key = (total.member_id, total.month_on.year * 100 + total.month_on.month, total.measure)
        if members.pop(key, (0, 0)) != (total.minutes, total.records):
            wrong.append(f"member {key[0]}, month {key[1]}, {key[2]}")
    for sum_ in db.session.execute(select(TeamTotal)).scalars():
        place = (sum_.team_id, sum_.unit_id, sum_.day_on, sum_.measure)
        if teams.pop(place, (0, 0)) != (sum_.minutes, sum_.records):
            wrong.append(f"team {place[0]}, unit {place[1]}, {place[2]}, {place[3]}")
    missing = [f"member {key[0]}, month {key[1]}, {key[2]}" for key in members]
    return wrong + missing + [f"team {key[0]}, unit {key[1]}, {key[2]}, {key[3]}" for key in teams]


def _records() -> Any:
    return func.sum(case((_e.minutes > 0, 1), else_=-1))


def sum_member(member_id: int) -> dict[str, int]:
    """A person's settled minutes by measure, from the sums."""
    statement = (
        select(MemberTotal.measure, func.sum(MemberTotal.minutes))
        .where(of_person(table_of(MemberTotal).c.member_id))
        .group_by(MemberTotal.measure)
    )
    rows: Iterable[Any] = db.session.execute(statement, {"member": member_id})
    return {row[0]: int(row[1]) for row in rows}
