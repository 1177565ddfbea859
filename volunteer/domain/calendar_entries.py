"""A year's days off and make-up workdays as a person enters them, from a form or a text table."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from volunteer.domain.calendar import DayKind
from volunteer.domain.refusals import N_, DateMalformed, Refusal

MAX_NAME_LENGTH = 40
KINDS = {
    **{str(kind): kind for kind in DayKind},
    "工作日": DayKind.WORKDAY,
    "周末": DayKind.WEEKEND,
    "休息": DayKind.WEEKEND,
    "节假日": DayKind.HOLIDAY,
    "放假": DayKind.HOLIDAY,
    "调休": DayKind.MAKEUP_WORKDAY,
    "调休上班": DayKind.MAKEUP_WORKDAY,
    "上班": DayKind.MAKEUP_WORKDAY,
    "补班": DayKind.MAKEUP_WORKDAY,
}
_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?", re.ASCII)


class CalendarRowMalformed(Refusal):
    """One row cannot be read; nothing of the table was taken."""

    code = "calendar_row_malformed"
    msgid = N_("第 %(row)s 行看不懂。每行应为：日期,节假日或调休上班,名称。例如 2027-10-01,节假日,国庆节")


class CalendarDayTwice(Refusal):
    code = "calendar_day_twice"
    msgid = N_("%(day)s 出现了两次。")


class CalendarYearWrong(Refusal):
    code = "calendar_year_wrong"
    msgid = N_("%(day)s 不在 %(year)s 年。")


class CalendarEmpty(Refusal):
    code = "calendar_empty"
    msgid = N_("没有找到任何一天。每行应为：日期,节假日或调休上班,名称。")


class CalendarEntry(NamedTuple):
    """What one day is; ``name`` is that of the holiday, as a person would say it."""

    on: date
    kind: DayKind
    name: str = ""


def read_day(text: str) -> date:
    """A date as people write it: 2027-10-01, 2027/10/1 or 2027年10月1日. Refuses anything else."""
    found = _DAY.fullmatch(text.strip())
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise DateMalformed()


def read_entries(rows: Iterable[Sequence[str]]) -> list[CalendarEntry]:
    """The entries of a table with the columns date, kind and name, in order of date.

    Empty rows, rows that begin with ``#`` and a heading in the first row are passed
    over. Refuses the whole table on the first row that cannot be read.
    """
    entries = []
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        entry = _read_entry(cells)
        if entry is not None:
            entries.append(entry)
        elif number > 1 or any(letter.isdigit() for letter in cells[0]):
            raise CalendarRowMalformed(row=number)
    if not entries:
        raise CalendarEmpty()
    return check_entries(entries)


def check_entries(entries: Iterable[CalendarEntry], year: int | None = None) -> list[CalendarEntry]:
    """The entries in order of date; refuses a day given twice, or one outside ``year`` where one is given."""
    ordered = sorted(entries)
    for one, following in pairwise(ordered):
        if one.on == following.on:
            raise CalendarDayTwice(day=one.on.isoformat())
    for entry in ordered:
        if year is not None and entry.on.year != year:
            raise CalendarYearWrong(day=entry.on.isoformat(), year=year)
    return ordered


def _read_entry(cells: Sequence[str]) -> CalendarEntry | None:
    kind = KINDS.get(cells[1]) if len(cells) > 1 else None
    name = cells[2] if len(cells) > 2 else ""
    if kind is None or len(name) > MAX_NAME_LENGTH:
        return None
    try:
        return CalendarEntry(read_day(cells[0]), kind, name)
    except DateMalformed:
        return None
