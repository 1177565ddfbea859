"""Settling: closed days become ledger entries. The only writer of the ledger and of its sums."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from volunteer.db import db, send, transaction
from volunteer.domain.jobs import UNCLAIMED, Claim, start_of
from volunteer.domain.ledger import Chained, Entry, Head, chain
from volunteer.domain.policies import policy_on
from volunteer.domain.reviews import holding_items
from volunteer.domain.settlements import DayClosed, DayNotOver, ReasonMissing, settle
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry, LedgerHead, MemberTotal, SettledDay, TeamTotal
from volunteer.models.records import ServiceRecord
from volunteer.queries.detectors import Working, list_day
from volunteer.queries.duty_days import find_calendar, list_confirmed_days
from volunteer.queries.policies import list_policies
from volunteer.queries.settlements import (
    find_last_number,
    find_settled_day,
    list_awaited,
    list_heads,
    list_held,
    list_holding_items,
    list_live_credits,
    list_persons,
    list_unsettled,
    list_waiting_days,
)
from volunteer.sets import among, inserting
from volunteer.writes.reviews import write_findings

ONE_DAY = timedelta(days=1)
# Small enough that a scan on SQLite never waits long.
AT_ONCE = 500


def close_day(day: date, admin_id: int, reason: str, now: datetime, zone: tzinfo) -> None:
    """An admin does not wait for the stations that have not reported; the reason stays with the day."""
    if day >= now.astimezone(zone).date():
        raise DayNotOver()
    if not reason.strip():
        raise ReasonMissing()
    with transaction():
        if find_settled_day(day):
            raise DayClosed()
        policy = policy_on(list_policies(), day)
        db.session.add(
            SettledDay(
                day_on=day, policy_id=policy.id, closed_at=now, closed_by_id=admin_id, reason=reason.strip()
            )
        )


def settle_days(now: datetime, zone: tzinfo, claim: Claim = UNCLAIMED) -> int:
    """Close the days whose stations have all reported, and write the entries of closed days; how many.

    Safe to repeat, and to interrupt: a record is settled together with its entries, and
    what was settled and has changed since is settled anew by reversing entries.
    """
    done = 0
    skipped: set[date] = set()
    while True:
        with transaction():
            if not claim.take():
                return done
            closing = _find_closing(now, zone, skipped)
            if closing is None:
                return done
            entries = _settle_part(closing, now, zone)
            claim.note(entries)
        done += entries


def _find_closing(now: datetime, zone: tzinfo, skipped: set[date]) -> SettledDay | None:
    """The oldest day with unsettled records that is closed, or can be and then is."""
    for day in list_waiting_days(now.astimezone(zone).date()):
        if day in skipped:
            continue
        if closing := find_settled_day(day):
            return closing
        if not list_awaited(start_of(day, zone), start_of(day + ONE_DAY, zone)):
            policy = policy_on(list_policies(), day)
            closing = SettledDay(day_on=day, policy_id=policy.id, closed_at=now, reason="")
            db.session.add(closing)
            return closing
        skipped.add(day)
    return None


def _settle_part(closing: SettledDay, now: datetime, zone: tzinfo) -> int:
    day = closing.day_on
    policy = next(one for one in list_policies() if one.id == closing.policy_id)
    working = Working(zone, find_calendar(), frozenset(list_confirmed_days()))
    records = list_unsettled(day, AT_ONCE, working.zone, working.calendar, working.duty_days)
    persons = list_persons({one.row.member_id for one in records})
    together, _ = list_day(day, persons, policy, working)
    # Records that this holds or frees and that are settled already come in the next part.
    write_findings(holding_items(day, together, policy), list_holding_items(day, persons), now)
    ids = [one.row.id for one in records]
    entries = settle(records, list_live_credits(ids), policy, list_held(ids))
    _append(entries, now)
    done = update(ServiceRecord).where(among(table_of(ServiceRecord).c.id, "ids")).values(is_settled=True)
    db.session.connection().execute(done, {"ids": ids})
    return len(entries)


def _append(entries: Sequence[Entry], now: datetime) -> None:
    """Chain the entries, and add them to the sums in the same transaction."""
    if not entries:
        return
    members = {entry.member_id for entry in entries}
    heads = {one: Head(row.seq, row.hash) for one, row in list_heads(members).items()}
    chained = chain(entries, heads, find_last_number(), now)
    db.session.flush()
    columns = [column.name for column in table_of(LedgerEntry).columns]
    send(
        inserting(table_of(LedgerEntry), [{name: getattr(one, name) for name in columns} for one in chained])
    )
    ends = {one.member_id: one for one in chained}
    _put(
        LedgerHead,
        ["member_id"],
        [
            {"member_id": member, "seq": end.seq, "hash": end.hash, "number": end.number}
            for member, end in ends.items()
        ],
    )
    _add_to_sums(chained)


def _add_to_sums(chained: Iterable[Chained]) -> None:
    minutes: dict[type[Any], Counter[tuple[Any, ...]]] = {MemberTotal: Counter(), TeamTotal: Counter()}
    records: dict[type[Any], Counter[tuple[Any, ...]]] = {MemberTotal: Counter(), TeamTotal: Counter()}
    for one in chained:
        sign = 1 if one.minutes > 0 else -1
        keys: dict[type[Any], tuple[Any, ...]] = {
            MemberTotal: (one.member_id, one.served_on.replace(day=1), str(one.measure)),
            TeamTotal: (one.team_id, one.unit_id or 0, one.served_on, str(one.measure)),
        }
        for model, key in keys.items():
            minutes[model][key] += one.minutes
            records[model][key] += sign
    for model in (MemberTotal, TeamTotal):
        names = [column.name for column in table_of(model).primary_key.columns]
        rows = [
            {**dict(zip(names, key, strict=True)), "minutes": value, "records": records[model][key]}
            for key, value in sorted(minutes[model].items())
        ]
        _put(model, names, rows, is_added=True)


def _put(model: type[Any], key: list[str], rows: list[dict[str, Any]], *, is_added: bool = False) -> None:
    """Insert rows, or set those with the same key to the new values (``is_added``: add them up)."""
    is_sqlite = db.session.connection().dialect.name == "sqlite"
    statement = sqlite.insert(model) if is_sqlite else postgresql.insert(model)
    table = table_of(model).c
    changed = {
        name: table[name] + statement.excluded[name] if is_added else statement.excluded[name]
        for name in rows[0]
        if name not in key
    }
    statement = statement.on_conflict_do_update(index_elements=key, set_=changed)
    db.session.execute(statement, rows)
