"""Deriving everything afresh: do the records still follow from the scans, and the ledger from the records?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.clocking import fold
from volunteer.domain.records import RecordState, derive, reconcile
from volunteer.domain.refolding import scans_that_count
from volunteer.domain.settlements import settle
from volunteer.models.columns import table_of
from volunteer.models.ledger import SettledDay
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.queries.duty_days import find_calendar, list_confirmed_days
from volunteer.queries.policies import list_policies
from volunteer.queries.scans import list_scans
from volunteer.queries.settlements import list_held, list_live_credits, list_records_to_settle
from volunteer.sets import among

AT_ONCE = 500
_r = table_of(ServiceRecord).c
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def derive_records(now: datetime, zone: tzinfo) -> Iterator[tuple[int, list[str]]]:
    """Fold every member's scans anew: after each part how many members were done, and what differs.

    A record may be new, differ, or follow from no scan; what people decided is left out.
    """
    ids = list(db.session.execute(select(Member.id).order_by(Member.id)).scalars())
    for first in range(0, len(ids), AT_ONCE):
        part = ids[first : first + AT_ONCE]
        scans = scans_that_count(list_scans(part, _EVER), part, _EVER)
        rows: dict[int, dict[Any, Any]] = {member: {} for member in part}
        statement = select(table_of(ServiceRecord)).where(
            among(_r.member_id, "members"), _r.opening_scan_id.is_not(None)
        )
        for row in db.session.execute(statement, {"members": part}):
            rows[row.member_id][row.opening_scan_id] = row
        wrong = []
        for member in part:
            spans = [derive(span, zone) for span in fold(scans[member], now).spans]
            found = reconcile(spans, rows[member])
            wrong += [f"member {member}: no record for scan {one.opening_scan_id}" for one in found.new]
            open_ids = {row.id for row in rows[member].values() if row.state == RecordState.OPEN}
            wrong += [
                f"member {member}: record {record} does not follow from the scans"
                for record, values in (*found.changed, *found.superseded)
                # The job that closes it comes within seconds.
                if not (record in open_ids and values.state == RecordState.FORGOTTEN)
            ]
        yield len(part), wrong


def derive_credits(zone: tzinfo) -> Iterator[tuple[date, list[str]]]:
    """Work out every settled day anew: after each the day, and the records whose entries differ."""
    policies = {policy.id: policy for policy in list_policies()}
    calendar, duty_days = find_calendar(), frozenset(list_confirmed_days())
    days = db.session.execute(select(SettledDay).order_by(SettledDay.day_on)).scalars().all()
    for closing in days:
        statement = select(_r.id).where(_r.served_on == closing.day_on, _r.is_settled)
        ids = list(db.session.execute(statement).scalars())
        records = list_records_to_settle(ids, zone, calendar, duty_days, closing.day_on)
        entries = settle(records, list_live_credits(ids), policies[closing.policy_id], list_held(ids))
        yield closing.day_on, sorted({f"record {one.record_id}: the ledger differs" for one in entries})
