"""Lists with one entry about one member in each row: training records, commendations.

The number says whom a row is about; a name, where the list has one, is held against it.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from volunteer.domain.cells import Cell, cell_text, is_blank, tidy_name, tidy_text
from volunteer.domain.days import read_day
from volunteer.domain.headings import MEMBERS, Field, Vocabulary
from volunteer.domain.imports import Repair, StagedRow
from volunteer.domain.member_rows import clean_cell
from volunteer.domain.members import require_length
from volunteer.domain.names import mask_name
from volunteer.domain.refusals import N_, DateMalformed, Refusal, Sentence
from volunteer.domain.training_records import DateInFuture

NUMBER, MEMBER = "volunteer_no", "member"
WORDS = {NUMBER: MEMBERS.words[Field.VOLUNTEER_NO], MEMBER: MEMBERS.words[Field.NAME]}
LABELS = {NUMBER: MEMBERS.labels[Field.VOLUNTEER_NO], MEMBER: MEMBERS.labels[Field.NAME]}
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 12, 31)
# What a spreadsheet shows as a day is the number of days since this one.
_DAY_ZERO = date(1899, 12, 30)
_SERIALS = range((_EARLIEST - _DAY_ZERO).days, (_LATEST - _DAY_ZERO).days + 1)
_SERIAL = re.compile(r"([0-9]{5})(\.[0-9]+)?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SPACED = re.compile(r"([0-9]{4})[-/.年。]([0-9]{1,2})[-/.月。]([0-9]{1,2})日?")
# A time or a weekday behind a day says nothing more about it.
_BEHIND = re.compile(
    r"(( |T|(?<=日))[0-9]{1,2}:[0-9]{2}(:[0-9.]+)?| ?\(?(星期|周|礼拜)[一二三四五六日天]\)?)$"
)

Clean = Callable[[Cell, date], str]
"""What a cell means on this day ("today"); refuses what it cannot mean."""


class CellEmpty(Refusal):
    """A cell that must say something says nothing; ``msgid`` says which."""

    code = "cell_empty"

    def __init__(self, msgid: str) -> None:
        self.msgid = msgid
        super().__init__()


class NumberUnknown(Refusal):
    """A number outside the reach looks exactly like one that nobody has."""

    code = "number_unknown"
    msgid = N_("没有编号为 %(volunteer_no)s 的志愿者，或不在您的管理范围内。")


class NameOfAnother(Refusal):
    code = "name_of_another"
    msgid = N_("编号 %(volunteer_no)s 登记的是%(owner)s，和表里的姓名不同。请核对编号和姓名。")


@dataclass(frozen=True)
class Owner:
    """A member within the reach."""

    id: int
    name: str


@dataclass(frozen=True)
class EntryRules:
    """What differs between lists of entries.

    ``cleaners`` belong to the fields after number and name, ``fields_of`` makes an entry of
    their values, and ``same`` are those by which an entry is recorded once: its name and its day.
    """

    vocabulary: Vocabulary
    cleaners: Mapping[str, Clean]
    fields_of: Callable[[Mapping[str, str]], Any]
    same: tuple[str, str]


def vocabulary_of(
    words: Mapping[str, Sequence[str]], labels: Mapping[str, str], must_have: tuple[str, ...]
) -> Vocabulary:
    """The headings of a list of entries: number and name before its own ones."""
    return Vocabulary({**WORDS, **words}, {**LABELS, **labels}, (NUMBER, *must_have))


def judge_entry(row: StagedRow, rules: EntryRules, today: date) -> None:
    """Fill values, repairs and reasons from the row's own cells: every fault, not only the first."""
    cleaners: dict[str, Clean] = {NUMBER: _number, MEMBER: _member, **rules.cleaners}
    for name, clean in cleaners.items():
        cell = row.cells.get(name, "")
        try:
            value = row.values[name] = clean(cell, today)
        except Refusal as refusal:
            row.reject(refusal.sentence)
            continue
        seen = cell if isinstance(cell, str) else cell_text(cell)
        if seen != value:
            row.propose(Repair(name, seen, value))
    if row.is_good:
        same = "\n".join(row.values[name] for name in (NUMBER, *rules.same))
        row.key = sha256(same.encode()).hexdigest()


def find_owner(row: StagedRow, owners: Mapping[str, Owner]) -> Owner | None:
    """Whom the row is about; rejects it where nobody is known, or where the name is somebody else's.

    A row with a fault of its own is told this too, as far as it says a number and a name.
    """
    number, name = row.values.get(NUMBER), row.values.get(MEMBER)
    if number is None:
        return None
    owner = owners.get(number)
    if owner is None:
        row.reject(NumberUnknown(volunteer_no=number).sentence)
        return None
    if name and name != tidy_name(owner.name):
        row.reject(NameOfAnother(volunteer_no=number, owner=mask_name(owner.name)).sentence)
        return None
    return owner


def hold_against(row: StagedRow, fields: Any, recorded: Any | None) -> None:
    """Pass over what is recorded already; reject what is recorded with other words."""
    if recorded is None:
        return
    if recorded == fields:
        row.skip(Sentence(N_("这位志愿者的这一条已经登记过，没有变化，不会重复登记。")))
    else:
        row.reject(
            Sentence(
                N_(
                    "这位志愿者这一天的这一项已经登记过，但其他内容不同。导入不改动已登记的；"
                    "要改，请先作废原来那一条。"
                )
            )
        )


def differs_from(other: StagedRow) -> Sentence:
    """Why a row cannot stand next to another one about the same member, the same thing and the same day."""
    return Sentence(
        N_("与第 %(row)s 行是同一位志愿者同一天的同一项，但其他内容不同。请只留一行。"), {"row": other.row}
    )


def clean_day(cell: Cell, today: date, missing: str) -> str:
    """The day as 2026-03-05, from a day, a spreadsheet's number of a day, or a day as people write it."""
    if is_blank(cell):
        raise CellEmpty(missing)
    day = cell if isinstance(cell, date) else _day_in(cell_text(cell))
    text = (day.date() if isinstance(day, datetime) else day).isoformat()
    if not _EARLIEST <= read_day(text) <= _LATEST:
        raise DateMalformed()
    if read_day(text) > today:
        raise DateInFuture()
    return text


def clean_text(cell: Cell, longest: int, missing: str) -> str:
    """A text in one line; refuses an empty one."""
    text = tidy_text(cell_text(cell))
    if not text:
        raise CellEmpty(missing)
    return require_length(text, longest)


def clean_lines(cell: Cell, longest: int, missing: str) -> str:
    """A text that may have several lines; refuses an empty one."""
    lines = str(cell).splitlines() if isinstance(cell, str) else [cell_text(cell)]
    text = "\n".join(line for line in map(tidy_text, lines) if line)
    if not text:
        raise CellEmpty(missing)
    return require_length(text, longest)


def _number(cell: Cell, today: date) -> str:
    if is_blank(cell):
        raise CellEmpty(N_("没有填写志愿者编号。"))
    return clean_cell(Field.VOLUNTEER_NO, cell, today)


def _member(cell: Cell, today: date) -> str:
    """The name, which a list of entries need not have."""
    return "" if is_blank(cell) else clean_cell(Field.NAME, cell, today)


def _day_in(text: str) -> date:
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    while (shorter := _BEHIND.sub("", plain)) != plain:
        plain = shorter
    plain = plain.replace(" ", "")
    for dash in "‐‑‒–—−":
        plain = plain.replace(dash, "-")
    if (serial := _SERIAL.fullmatch(plain)) and int(serial[1]) in _SERIALS:
        return _DAY_ZERO + timedelta(days=int(serial[1]))
    parts = _COMPACT.fullmatch(plain) or _SPACED.fullmatch(plain)
    try:
        if parts:
            return date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        pass
    raise DateMalformed()
