"""Members' records brought to the fold of their scans: how far back to look, and what to write."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from volunteer.db import Step
from volunteer.domain.clocking import Scan, in_order, restart_index
from volunteer.domain.records import CHANGEABLE, Derived, RecordState
from volunteer.domain.refolding import Occasion, Refolding, refold, scans_that_count
from volunteer.models.columns import table_of
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.queries.records import Reach, Touched, list_touched_records
from volunteer.queries.scans import list_scans
from volunteer.sets import inserting, updating

LOOK_BACK = timedelta(days=3)

RECORDS, CHANGES = table_of(ServiceRecord), table_of(RecordChange)


def refold_members(
    new: Mapping[int, Sequence[Scan]],
    before: Mapping[int, datetime],
    stored: Sequence[Any],
    touched: Mapping[int, Touched],
    reach: Reach,
    occasion: Occasion,
) -> Refolding:
    """What makes the records of these members equal to the fold of stored and new scans."""
    refolding = Refolding()
    if not before:
        return refolding
    scans = _scans_from_restart(new, before, stored)
    since = {member: min([before[member], *(scan.at for scan in scans[member][:1])]) for member in before}
    earliest = min(since.values())
    if earliest < reach.since:
        touched = list_touched_records(before, replace(reach, since=earliest))
    for member, found in scans.items():
        refold(refolding, member, found, new[member], since[member], touched[member], occasion)
    return refolding


def _scans_from_restart(
    new: Mapping[int, Sequence[Scan]], before: Mapping[int, datetime], stored: Sequence[Any]
) -> dict[int, list[Scan]]:
    """Each member's scans, in order, from a restart on; looks further back while there is none."""
    found: dict[int, list[Scan]] = {}
    waiting, back = set(before), LOOK_BACK
    since = min(before.values()) - back
    while True:
        counted = scans_that_count(stored, waiting, since)
        for member in list(waiting):
            scans = in_order([*counted[member], *new[member]])
            start = restart_index(scans, before[member], since) if scans else 0
            if start is not None:
                found[member] = scans[start:]
                waiting.discard(member)
        if not waiting:
            return found
        back *= 4
        since = min(before[member] for member in waiting) - back
        stored = list_scans(waiting, since)


def steps_of(refolding: Refolding) -> list[Step]:
    """What a refolding writes; its new records give their ids and opening scans."""
    # Close and supersede before opening: the unique index allows one open record at a time.
    steps = change_steps(refolding.changed)
    if refolding.new:
        steps.append(inserting(RECORDS, refolding.new, "id", "opening_scan_id"))
    if refolding.traces:
        steps.append(inserting(CHANGES, refolding.traces))
    return steps


def change_steps(changes: Sequence[tuple[int, Derived]]) -> list[Step]:
    """What brings these stored records, by id, to these values."""
    # The open ones last, for the same reason as above.
    steps = []
    for is_open in (False, True):
        rows = [
            {"id": record_id, "is_settled": False, **{name: getattr(values, name) for name in CHANGEABLE}}
            for record_id, values in changes
            if (values.state == RecordState.OPEN) is is_open
        ]
        if rows:
            steps.append(updating(RECORDS, rows))
    return steps
