"""Merged duplicates: rows of the same person, read together without counting any minute twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from volunteer.domain.refusals import N_, Refusal


class Difference(StrEnum):
    """What speaks against two rows being one person."""

    NATIONAL_ID = "national_id"
    BORN_ON = "born_on"
    NAME = "name"


class IdsNotCompared(Refusal):
    code = "ids_not_compared"
    msgid = N_("两份档案的证件号码不同。核对两份证件、确是同一人之后，请勾选下面的一句再合并。")


class OwnMerge(Refusal):
    code = "own_merge"
    msgid = N_("涉及您本人的合并，请另一位管理员办理。")


def find_differences(one: Any, other: Any) -> list[Difference]:
    """What both rows say and say differently, the gravest first; both with digest, birth date and name."""
    facts = {
        Difference.NATIONAL_ID: (one.national_id_hash, other.national_id_hash),
        Difference.BORN_ON: (one.born_on, other.born_on),
        Difference.NAME: (one.name, other.name),
    }
    return [which for which, (first, second) in facts.items() if first and second and first != second]


@dataclass(frozen=True)
class Overlap:
    """A record that began while another row of the same person was still on duty elsewhere.

    ``minutes`` is how much of it is left out of the sums; the record itself keeps them.
    """

    record: Any
    other: Any
    minutes: int


def find_overlaps(records: Iterable[Any]) -> list[Overlap]:
    """Where one person's records, kept under several members, claim two places at once.

    The earlier check-in counts in full; of each later one the time already covered is left
    out, so that the sum is the time from first to last, once. Only records that carry minutes count.
    """
    found = []
    last: Any = None
    for record in sorted(
        (one for one in records if one.minutes and one.checked_out_at),
        key=_order,
    ):
        if last is not None and record.checked_in_at < last.checked_out_at:
            covered = min(record.checked_out_at, last.checked_out_at) - record.checked_in_at
            found.append(Overlap(record, last, min(record.minutes, _minutes(covered))))
        if last is None or record.checked_out_at > last.checked_out_at:
            last = record
    return found


def _order(record: Any) -> tuple[datetime, bool, Any]:
    # No scan opened a declared record; of two at one instant what a station measured counts in full.
    is_declared = record.opening_scan_id is None
    return record.checked_in_at, is_declared, record.correction_id if is_declared else record.opening_scan_id


def switch_at(issued_at: datetime, last_scan_at: datetime | None) -> datetime:
    """From when a duplicate's card speaks for the kept member: right after the duplicate's last known scan.

    A scan that comes late from before that instant is still the duplicate's; so no
    check-in is ever torn from its check-out.
    """
    if last_scan_at is None or last_scan_at < issued_at:
        return issued_at + timedelta(microseconds=1)
    return last_scan_at + timedelta(microseconds=1)


def _minutes(span: timedelta) -> int:
    # Rounded up: no minute that began in two places counts in both.
    return -(-span // timedelta(minutes=1))
