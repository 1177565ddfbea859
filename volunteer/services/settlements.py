"""Settling: closed days become ledger entries. The only writer of the ledger and of its sums."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from volunteer.db import db, send, transaction
from volunteer.domain.jobs import UNCLAIMED, Claim, start_of
from volunteer.domain.ledger import Chained, Entry, Head, chain
from volunteer.domain.policies import Policy, policy_on
from volunteer.domain.refusals import Collision
from volunteer.domain.reviews import DayRecord, Finding, ReviewState, holding_items
from volunteer.domain.settlements import DayClosed, DayNotOver, ReasonMissing, Unsettled, credit_of, settle
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry, LedgerHead, MemberTotal, SettledDay, TeamTotal
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.queries.duty_days import find_calendar, list_confirmed_days
from volunteer.queries.policies import list_policies
from volunteer.queries.settlements import (
    find_last_number,
    find_settled_day,
    list_awaited,
    list_closed_ids,
    list_heads,
    list_held,
    list_holding_items,
    list_live_credits,
    list_persons,
    list_records_to_settle,
    list_reviewed_ids,
    list_unsettled,
    list_waiting_days,
)
from volunteer.sets import among, inserting

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
            day = _find_day(now, zone, skipped)
            if day is None:
                return done
            entries = _settle_part(day, now, zone)
            claim.note(entries)
        done += entries


def _find_day(now: datetime, zone: tzinfo, skipped: set[date]) -> date | None:
    """The oldest day with unsettled records that is closed, or can be and then is."""
    for day in list_waiting_days(now.astimezone(zone).date()):
        if day in skipped:
            continue
        if find_settled_day(day):
            return day
        if not list_awaited(start_of(day, zone), start_of(day + ONE_DAY, zone)):
            policy = policy_on(list_policies(), day)
            db.session.add(SettledDay(day_on=day, policy_id=policy.id, closed_at=now, reason=""))
            return day
        skipped.add(day)
    return None


def _settle_part(day: date, now: datetime, zone: tzinfo) -> int:
    closing = find_settled_day(day)
    if closing is None:
        raise Collision()
    policy = next(one for one in list_policies() if one.id == closing.policy_id)
    calendar, duty_days = find_calendar(), frozenset(list_confirmed_days())
    records = list_unsettled(day, AT_ONCE, zone, calendar, duty_days)
    together = _hold(
        day, records, policy, now, lambda ids: list_records_to_settle(ids, zone, calendar, duty_days, day)
    )
    if together:
        # What was settled before and is held now is taken back in the same go.
        known = {one.row.id for one in records}
        records += list_records_to_settle(together - known, zone, calendar, duty_days, day)
    ids = [one.row.id for one in records]
    entries = settle(records, list_live_credits(ids), policy, list_held(ids))
    _append(entries, now)
    done = update(ServiceRecord).where(among(table_of(ServiceRecord).c.id, "ids")).values(is_settled=True)
    db.session.connection().execute(done, {"ids": ids})
    return len(entries)


def _hold(
    day: date,
    records: Sequence[Unsettled],
    policy: Policy,
    now: datetime,
    read: Callable[[Iterable[int]], list[Unsettled]],
) -> set[int]:
    """Put on the review desk what must not count by itself; the records whose credit this changes."""
    persons = list_persons({one.row.member_id for one in records})
    ids = list_closed_ids(day, persons)
    known = {one.row.id: one for one in records}
    others = set(ids) - set(known)
    everything = [known[one] for one in ids if one in known]
    if others:
        everything += read(others)
    findings = holding_items(
        day,
        [
            DayRecord(
                record_id=one.row.id,
                member_id=one.row.member_id,
                person_id=persons[one.row.member_id],
                team_id=one.team_id,
                checked_in_at=one.row.checked_in_at,
                checked_out_at=one.row.checked_out_at,
                minutes=credit_of(one, policy),
            )
            for one in everything
        ],
        policy,
    )
    items = list_holding_items(day, persons)
    changed: set[int] = set()
    for finding in findings:
        item = items.pop(finding.key, None)
        before = set(list_reviewed_ids(item.id)) if item is not None else set()
        if _keep(finding, item, day, now):
            changed |= before | set(finding.record_ids)
    for item in items.values():
        if item.state == ReviewState.OPEN:
            # The cause went away before anybody decided.
            item.state = ReviewState.GONE
            changed |= set(list_reviewed_ids(item.id))
    db.session.flush()
    return changed


def _keep(finding: Finding, item: ReviewItem | None, day: date, now: datetime) -> bool:
    """Write the finding down; whether it is new, or says something else than was decided about."""
    params, rows = dict(finding.params), {"records": sorted(finding.record_ids)}
    if item is not None and item.state != ReviewState.GONE and (item.params, item.rows) == (params, rows):
        return False
    if item is None:
        item = ReviewItem(
            kind=finding.kind,
            key=finding.key,
            member_id=finding.member_id,
            team_id=finding.team_id,
            day_on=day,
            found_at=now,
            reason="",
        )
        db.session.add(item)
    item.level, item.params, item.rows = finding.level, params, rows
    item.state = ReviewState.OPEN
    item.decided_by_id = item.decided_person_id = item.decided_at = None
    db.session.flush()
    have, wanted = set(list_reviewed_ids(item.id)), set(finding.record_ids)
    reviewed = table_of(ReviewedRecord).c
    gone = delete(ReviewedRecord).where(reviewed.item_id == item.id, reviewed.record_id.in_(have - wanted))
    db.session.execute(gone)
    db.session.add_all(ReviewedRecord(item_id=item.id, record_id=one) for one in sorted(wanted - have))
    return True


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
