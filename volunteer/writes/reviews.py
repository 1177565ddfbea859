"""The rows of the review desk: how findings become items, whoever finds them, and what that lets settle anew.

The job that looks for them and the job that settles hours write through here, so that both
keep a decision, open an item again and take it off by the same rules.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, update

from volunteer.db import db
from volunteer.domain.reviews import HOLDING, Finding, ReviewState, Step, is_over, rows_of, step_for
from volunteer.models.columns import table_of
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.queries.detectors import list_items, list_reviewed_ids
from volunteer.sets import among


def write_findings(findings: Sequence[Finding], before: Iterable[ReviewItem], now: datetime) -> int:
    """Bring the desk to what was found; ``before``: the items that it was looked for. How many changed."""
    keys = [one.key for one in findings]
    items = {item.key: item for item in (*before, *(list_items(keys) if keys else ()))}
    changed = 0
    released: set[int] = set()
    for finding in findings:
        item = items.pop(finding.key, None)
        step = step_for(finding, item)
        if step is Step.LEAVE:
            continue
        changed += 1
        released |= _put(finding, item, now)
    over = [item for item in items.values() if is_over(item)]
    if over:
        reviewed = list_reviewed_ids(item.id for item in over)
        for item in over:
            item.state = ReviewState.GONE
            released |= reviewed.get(item.id, set()) if item.kind in HOLDING else set()
    unsettle(released)
    return changed + len(over)


def _put(finding: Finding, item: ReviewItem | None, now: datetime) -> set[int]:
    """Make the item, or open it with what is known now; the records whose credit this may change."""
    if item is None:
        item = ReviewItem(
            kind=str(finding.kind),
            key=finding.key,
            station_id=finding.station_id,
            terminal_id=finding.terminal_id,
            day_on=finding.day_on,
            found_at=now,
        )
        db.session.add(item)
        have: set[int] = set()
    else:
        have = list_reviewed_ids([item.id]).get(item.id, set())
    item.member_id, item.team_id, item.level = finding.member_id, finding.team_id, str(finding.level)
    item.params, item.rows = dict(finding.params), rows_of(finding)
    item.state, item.reason = str(ReviewState.OPEN), ""
    item.decided_by_id = item.decided_person_id = item.decided_at = None
    db.session.flush()
    wanted = set(finding.record_ids)
    reviewed = table_of(ReviewedRecord)
    if gone := have - wanted:
        where = reviewed.c.item_id == item.id, reviewed.c.record_id.in_(list(gone))
        db.session.execute(delete(reviewed).where(*where))
    if fresh := wanted - have:
        links = [{"item_id": item.id, "record_id": one} for one in sorted(fresh)]
        db.session.execute(insert(reviewed), links)
    return have | wanted if finding.kind in HOLDING else set()


def unsettle(record_ids: Iterable[int]) -> None:
    """Let the ledger be brought to what these records are worth now."""
    ids = sorted(record_ids)
    if ids:
        records = table_of(ServiceRecord)
        statement = update(records).where(among(records.c.id, "ids")).values(is_settled=False)
        db.session.connection().execute(statement, {"ids": ids})
