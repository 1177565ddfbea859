"""Terminals: proving themselves, and what admins see of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from volunteer.db import db, send
from volunteer.domain.refusals import NotFound
from volunteer.models.columns import table_of
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.queries.stations import is_looked_after

TERMINALS, STATIONS = table_of(Terminal), table_of(Station)

_TERMINAL = (
    select(
        TERMINALS.c["id", "station_id", "direction", "key_hash", "revoked_at", "last_contact_at", "pending"],
        TERMINALS.c["name", "reader_profile"],
        STATIONS.c.code.label("station_code"),
        STATIONS.c.name.label("station_name"),
        STATIONS.c.kind.label("station_kind"),
    )
    .join_from(TERMINALS, STATIONS, STATIONS.c.id == TERMINALS.c.station_id)
    .where(TERMINALS.c.id == bindparam("terminal"))
)


def find_terminal(terminal_id: int) -> Any:
    """A terminal with its station, or None."""
    (rows,) = send((_TERMINAL, {"terminal": terminal_id}))
    return rows[0] if rows else None


def find_enrolling_terminal(enrolment_hash: str, now: datetime) -> Terminal | None:
    """The terminal waiting for this one-time code, or None when unknown, used or too old."""
    statement = select(Terminal).where(
        Terminal.enrolment_hash == enrolment_hash,
        Terminal.enrolment_ends_at > now,
        Terminal.revoked_at.is_(None),
    )
    return db.session.execute(statement.with_for_update()).scalar_one_or_none()


def list_terminals(station_ids: Iterable[int]) -> list[Terminal]:
    """The terminals of these stations, by station and age."""
    statement = (
        select(Terminal)
        .where(Terminal.station_id.in_(list(station_ids)))
        .order_by(Terminal.station_id, Terminal.id)
    )
    return list(db.session.execute(statement).scalars())


def count_missing_scans(terminal_ids: Iterable[int]) -> dict[int, int]:
    """How many sequence numbers between the first and last scan of each terminal never arrived."""
    span = func.max(StoredScan.seq) - func.min(StoredScan.seq) + 1
    statement = (
        select(StoredScan.terminal_id, span - func.count(StoredScan.seq.distinct()))
        .where(StoredScan.terminal_id.in_(list(terminal_ids)), StoredScan.seq.is_not(None))
        .group_by(StoredScan.terminal_id)
    )
    return {terminal_id: max(0, missing or 0) for terminal_id, missing in db.session.execute(statement)}


def get_terminal_in(
    team_ids: Iterable[int], terminal_id: int, station_ids: Iterable[int] = (), *, is_brigade: bool
) -> tuple[Terminal, Station]:
    """The terminal, with its station, looked after by these teams or this leader; refuses where none is."""
    statement = (
        select(Terminal, Station)
        .join(Station, Station.id == Terminal.station_id)
        .where(Terminal.id == terminal_id, is_looked_after(team_ids, station_ids, is_brigade=is_brigade))
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    return row.Terminal, row.Station


def find_waiting_terminal(enrolment_hash: str) -> Terminal | None:
    """The terminal that waits for this one-time code, even if too late; None once it was used."""
    return db.session.execute(
        select(Terminal).where(Terminal.enrolment_hash == enrolment_hash)
    ).scalar_one_or_none()
