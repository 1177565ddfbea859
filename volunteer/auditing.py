"""Every act of a person is written down in the transaction of its effect.

Who acts is said once: by the guards of the pages, by the commands, by the few jobs that
decide something (``act_as``). From then on the session itself notes what each
transaction changes, and just before the commit one event is appended to the audit. Where
nobody acts (a terminal sends scans) nothing is noted: the scans are the truth themselves.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from volunteer.capturing import CAPTURED, Captured
from volunteer.domain.audit import (
    LONGEST_ACT,
    LONGEST_ACTOR,
    LONGEST_REASON,
    Act,
    Many,
    Row,
    hide_numbers,
    place,
    tell,
    tell_many,
)
from volunteer.domain.ledger import NO_HASH
from volunteer.models.audit import AuditEvent
from volunteer.models.columns import Base, table_of

ACTING, REASON = "acting", "reason"
# One lock for the whole chain, held from the last statement before a commit to the commit.
_CHAIN_LOCK = 0x61756469
_EVENTS = table_of(AuditEvent)
_NEWEST = select(_EVENTS.c.number, _EVENTS.c.hash).order_by(_EVENTS.c.number.desc()).limit(1)


@dataclass(frozen=True)
class Acting:
    """Who acts, by which page, command or job; ``clock`` says when, ``key`` checks names."""

    act: str
    actor: str
    clock: Callable[[], datetime]
    key: bytes
    admin_id: int | None = None
    # Where the act was done, for an event whose rows belong to several teams or to none.
    team_id: int | None = None


def act_as(session: Session, acting: Acting | None, reason: str = "") -> None:
    """From now on what this session changes is this person's act; None: nobody's."""
    session.info.pop(CAPTURED, None)
    session.info[ACTING], session.info[REASON] = acting, reason


def begin_capture(session: Session) -> None:
    """Note what the transaction that begins changes, where somebody acts."""
    session.info[CAPTURED] = Captured() if session.info.get(ACTING) else None


def drop_capture(session: Session) -> None:
    """Forget what was noted: the transaction was taken back, or is over."""
    session.info[CAPTURED] = None


def write_event(session: Session) -> None:
    """Append the event of what the transaction changed, if anything; only the commit may follow."""
    acting: Acting | None = session.info.get(ACTING)
    if acting is None or session.info.get(CAPTURED) is None:
        return
    session.flush()
    captured: Captured = session.info[CAPTURED]
    # What is read from here on is for the event and no act itself.
    session.info[CAPTURED] = None
    changes = list(_changes(captured, acting.key))
    if not changes:
        return
    member_id, team_id = _Ways(session).about(captured)
    act = Act(
        at=acting.clock(),
        admin_id=acting.admin_id,
        actor=acting.actor[:LONGEST_ACTOR],
        act=acting.act[:LONGEST_ACT],
        member_id=member_id,
        team_id=team_id or acting.team_id,
        changes=changes,
        reason=hide_numbers(session.info.get(REASON) or "")[:LONGEST_REASON],
    )
    if session.connection().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})
    newest = session.execute(_NEWEST).one_or_none()
    last = (newest.number, newest.hash) if newest else (0, NO_HASH)
    session.execute(insert(_EVENTS), [place(act, *last)])


def _changes(captured: Captured, key: bytes) -> Iterator[dict[str, Any]]:
    by_table: dict[str, list[Row]] = {}
    for row in captured.rows.values():
        by_table.setdefault(row.table, []).append(row)
    for table, rows in by_table.items():
        yield from (one for row in rows if (one := tell(row, key)))
        if captured.more[table]:
            yield tell_many(Many(table, "more", captured.more[table]))
    for (table, kind, columns), count in captured.statements.items():
        if count:
            yield tell_many(Many(table, kind, count, columns))


# Columns that lead to whom and where a change is about, the surest first.
_WAYS = (
    "member_id", "kept_id", "first_id", "card_id", "correction_id", "certificate_id", "record_id",
    "team_id", "station_id", "activity_id", "item_id", "sample_id", "admin_id",
)  # fmt: skip
_MOST_WAYS, _LONGEST_WAY = 10, 4


class _Ways:
    """Follows changed rows to the member and the team behind them; each row is read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.read: dict[tuple[str, int], dict[str, Any]] = {}

    def about(self, captured: Captured) -> tuple[int | None, int | None]:
        """The one member and the one team that the changes lead to; None where they are several."""
        rows = list(captured.rows.values())[:_MOST_WAYS]
        found = [self._lead(row.table, row.id, {**(row.before or {}), **(row.after or {})}) for row in rows]
        return _only(member for member, _ in found), _only(team for _, team in found)

    def _lead(
        self, table: str, row_id: Any, known: dict[str, Any], length: int = 0
    ) -> tuple[int | None, int | None]:
        if table == "teams":
            return None, _number(row_id)
        values = {**self._read(table, row_id), **known}
        if table in ("members", "admins"):
            return _number(row_id) if table == "members" else None, _number(values.get("team_id"))
        for name in _WAYS if length < _LONGEST_WAY else ():
            target = _target(table, name)
            if target and values.get(name) is not None:
                return self._lead(target, values[name], {}, length + 1)
        return None, None

    def _read(self, table: str, row_id: Any) -> dict[str, Any]:
        found, number = Base.metadata.tables[table], _number(row_id)
        columns = [found.c[name] for name in _WAYS if name in found.c]
        if number is None or not columns or "id" not in found.c:
            return {}
        if (table, number) not in self.read:
            row = self.session.execute(select(*columns).where(found.c.id == number)).mappings().first()
            self.read[table, number] = dict(row or {})
        return self.read[table, number]


def _only(ids: Iterable[int | None]) -> int | None:
    known = set(ids) - {None}
    return known.pop() if len(known) == 1 else None


def _number(value: Any) -> int | None:
    return int(value) if value is not None and str(value).isdecimal() else None


@cache
def _target(table: str, column: str) -> str | None:
    found = Base.metadata.tables[table].columns.get(column)
    keys = list(found.foreign_keys) if found is not None else []
    return str(keys[0].column.table.name) if keys else None
