"""Paper sheets: times as people write them, and rows as they were typed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from volunteer.domain.correction_refusals import (
    RowAmbiguous,
    RowNobody,
    RowTwice,
    RowUnknown,
    TimesBackwards,
    TimesMalformed,
    TimesMissing,
)
from volunteer.domain.refusals import Refusal

ONE_DAY = timedelta(days=1)
MOST_ROWS = 200
_CLOCK = re.compile(r"(\d{1,2})(?:[:.点时h](\d{2})分?|点|时|[:.点时h]?(\d{2}))?", re.ASCII)


def read_time(text: str) -> time:
    """The time of day that somebody wrote: 8, 8:30, 830, 0830, 8：30 or 8点半; refuses anything else."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).replace("半", "30")
    found = _CLOCK.fullmatch(plain)
    if found is None and re.fullmatch(r"\d{3}", plain, re.ASCII):
        found = _CLOCK.fullmatch(f"0{plain}")
    if found is None:
        raise TimesMalformed(text=text.strip()[:20])
    hour, minute = int(found[1]), int(found[2] or found[3] or 0)
    if (hour, minute) == (24, 0):
        hour = 0
    if hour > 23 or minute > 59:
        raise TimesMalformed(text=text.strip()[:20])
    return time(hour, minute)


def span_on(day: date, came: str, left: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants of a service that began on ``day``; who left at an earlier hour left the next day."""
    if not came.strip() or not left.strip():
        raise TimesMissing()
    start, end = read_time(came), read_time(left)
    if start == end:
        raise TimesBackwards()
    last_on = day + ONE_DAY if end < start else day
    return datetime.combine(day, start, zone), datetime.combine(last_on, end, zone)


@dataclass(frozen=True)
class SheetRow:
    """One row as it was typed."""

    who: str = ""
    came: str = ""
    left: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nobody is to be recorded by it: who did not come has no times."""
        return not (self.came.strip() or self.left.strip())


@dataclass(frozen=True)
class ReadRow:
    """One row understood: for whom, from when to when. ``number`` counts from 1."""

    number: int
    member_id: int
    starts_at: datetime
    ends_at: datetime


def read_rows(
    rows: Sequence[SheetRow], known: Mapping[str, Sequence[Any]], day: date, zone: tzinfo
) -> tuple[list[ReadRow], dict[int, Refusal]]:
    """The rows that say something, and what is wrong with the others by their number.

    ``known`` has the members that a number or a name may mean, by what was typed.
    """
    good: list[ReadRow] = []
    problems: dict[int, Refusal] = {}
    for number, row in enumerate(rows, 1):
        if row.is_empty:
            continue
        try:
            starts_at, ends_at = span_on(day, row.came, row.left, zone)
            one = ReadRow(number, _find(row.who, known), starts_at, ends_at)
            _require_once(one, good)
            good.append(one)
        except Refusal as problem:
            problems[number] = problem
    return good, problems


def plain_name(text: str) -> str:
    """What was typed as a number or a name, in the form it is looked up by; a name beside a number is cut."""
    first = unicodedata.normalize("NFKC", text).split()[:1]
    if first and first[0].isascii() and any(character.isdigit() for character in first[0]):
        return first[0].upper()
    return " ".join(text.split())


def _find(who: str, known: Mapping[str, Sequence[Any]]) -> int:
    if not who.strip():
        raise RowNobody()
    found = known.get(plain_name(who), ())
    if not found:
        raise RowUnknown(text=who.strip()[:40])
    if len(found) > 1:
        raise RowAmbiguous(count=len(found), text=who.strip()[:40])
    return int(found[0].id)


def _require_once(one: ReadRow, before: Iterable[ReadRow]) -> None:
    for other in before:
        if (
            other.member_id == one.member_id
            and other.starts_at < one.ends_at
            and one.starts_at < other.ends_at
        ):
            raise RowTwice(number=other.number)
