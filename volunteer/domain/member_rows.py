"""A list of members judged by itself: rows of cells in, people or reasons out.

Nothing is guessed: what a clerk would tidy is tidied and said, the rest is rejected
with every reason at once.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

from volunteer.domain.cells import Cell, cell_text, is_blank, is_number, tidy_code, tidy_name
from volunteer.domain.headings import MEMBERS, Field, Headings, Vocabulary, find_headings, is_heading_again
from volunteer.domain.import_reports import Correction, MemberRow, Rejection, Skip, correct
from volunteer.domain.members import clean_volunteer_no
from volunteer.domain.national_ids import check_national_id
from volunteer.domain.refusals import N_, NameMissing, Refusal, Sentence

_TOTAL = re.compile(r"(本页)?(合计|总计|小计|共计|总数|人数合计)")
_FOOTER = re.compile(r"(备注|注|说明|填表人|制表人?|填报人|审核人?|填表日期|填报单位|联系人|负责人)\s*[:：]")
_EXAMPLE = re.compile(r"(示例|例子|样例|example)[:：-]", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_POINT_ZERO = re.compile(r"([0-9]+)\.0+")
_LONGEST = 120
_DIGITS_KEPT = 1e15


class _Wrong(Exception):
    """One cell cannot be taken; carries the sentence."""

    def __init__(self, msgid: str, **params: str | int) -> None:
        self.sentence = Sentence(msgid, params)
        super().__init__(msgid)


@dataclass(frozen=True)
class Draft:
    """A list judged by itself: rows without a fault, and everything that was found."""

    rows: tuple[MemberRow, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    corrections: tuple[Correction, ...] = ()
    skipped: tuple[Skip, ...] = ()
    ignored_headings: tuple[str, ...] = ()


@dataclass
class _Reading:
    rows: list[MemberRow] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    corrections: list[Correction] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)


def read_members(rows: Sequence[Sequence[Cell]], today: date) -> Draft:
    """Judge a list by itself. Refuses where no headings can be found.

    ``rows[0]`` is row 1 of the file. Empty rows count for the numbering and for nothing else.
    """
    headings = find_headings(rows)
    found = _Reading()
    for place in range(headings.first_row, len(rows)):
        cells = rows[place]
        if all(is_blank(cell) for cell in cells):
            continue
        if reason := why_no_entry(cells, headings):
            found.skipped.append(Skip(place + 1, Sentence(reason)))
            continue
        _read_row(place + 1, cells, headings, today, found)
    _judge_repetitions(found)
    good = {row.row for row in found.rows}
    return Draft(
        rows=tuple(found.rows),
        rejected=tuple(sorted(found.rejected, key=lambda one: one.row)),
        corrections=tuple(one for one in found.corrections if one.row in good),
        skipped=tuple(sorted(found.skipped, key=lambda one: one.row)),
        ignored_headings=headings.ignored,
    )


def why_no_entry(cells: Sequence[Cell], headings: Headings, vocabulary: Vocabulary = MEMBERS) -> str | None:
    """A message id, where the row is a total, a footer or the headings once more."""
    if is_heading_again(cells, headings, vocabulary):
        return N_("重复的表头。")
    first = next(cell_text(cell).replace(" ", "") for cell in cells if not is_blank(cell))
    name = tidy_name(cell_text(cell_at(cells, headings, vocabulary.needed[-1])))
    if _TOTAL.match(first) or _TOTAL.fullmatch(name):
        return N_("合计行。")
    if _FOOTER.match(first):
        return N_("表尾说明。")
    if _EXAMPLE.match(first):
        return N_("模板里的示例行。")
    return None


def _read_row(number: int, cells: Sequence[Cell], headings: Headings, today: date, found: _Reading) -> None:
    """Add the row to the good or the rejected ones, with all its faults and not only the first."""
    judged = judge_member({which: cell_at(cells, headings, which) for which in Field}, headings.has, today)
    found.corrections += [correct(number, *one) for one in judged.tidied]
    if judged.reasons:
        found.rejected.append(Rejection(number, tuple(judged.reasons)))
        return
    found.rows.append(member_row(number, judged.values))


@dataclass
class Judged:
    """One row's cells by themselves: the values, what was tidied (field, was, now), and every fault."""

    values: dict[Field, str] = field(default_factory=dict)
    tidied: list[tuple[Field, str, str]] = field(default_factory=list)
    reasons: list[Sentence] = field(default_factory=list)


def judge_member(cells: Mapping[Any, Cell], has: Callable[[Field], bool], today: date) -> Judged:
    """What the cells of one person mean; ``has`` says whether the list has a column for a field at all."""
    judged = Judged()
    for which in Field:
        cell = cells.get(which, "")
        try:
            value = judged.values[which] = _CLEANERS[which](cell, today)
            if which is Field.TEAM and not value and has(which):
                raise _Wrong(N_("没有填写所属队伍。"))
        except _Wrong as wrong:
            judged.reasons.append(wrong.sentence)
        except Refusal as refusal:
            judged.reasons.append(refusal.sentence)
        else:
            seen = cell if isinstance(cell, str) else cell_text(cell)
            if seen != value:
                judged.tidied.append((which, seen, value))
    return judged


def member_row(number: int, values: Mapping[Any, str]) -> MemberRow:
    """The person that judged values describe."""
    return MemberRow(
        number,
        values[Field.VOLUNTEER_NO],
        values[Field.NAME],
        values[Field.UNIT],
        values[Field.TEAM],
        values[Field.NATIONAL_ID],
    )


def cell_at(cells: Sequence[Cell], headings: Headings, which: Any) -> Cell:
    """The first filled cell among the columns of a field."""
    places = headings.columns.get(which, ())
    filled = (cells[place] for place in places if place < len(cells) and not is_blank(cells[place]))
    return next(filled, "")


def _volunteer_no(cell: Cell, _today: date) -> str:
    if is_blank(cell):
        raise _Wrong(N_("没有填写志愿者编号。"))
    if isinstance(cell, date):
        raise _Wrong(N_("志愿者编号被表格软件变成了日期，请把这一列设为文本后重新填写。"))
    if _lost_digits(cell) or _SCIENTIFIC.fullmatch(tidy_code(cell_text(cell))):
        raise _Wrong(N_("志愿者编号被表格软件当作数字，位数已经丢失，请把这一列设为文本后重新填写。"))
    code = tidy_code(cell_text(cell))
    if pointed := _POINT_ZERO.fullmatch(code):
        code = pointed[1]
    return clean_volunteer_no(code)


def _name(cell: Cell, _today: date) -> str:
    if is_blank(cell):
        raise NameMissing()
    if not isinstance(cell, str):
        raise _Wrong(N_("姓名一栏不是文字，请检查各列是否对齐。"))
    name = tidy_name(cell)
    if re.search(r"[*＊×?？]", name):
        raise _Wrong(N_("姓名里有星号或问号，请填写完整的姓名。"))
    if name.isdecimal():
        raise _Wrong(N_("姓名一栏不是文字，请检查各列是否对齐。"))
    return _not_too_long(name)


def _label(cell: Cell, _today: date) -> str:
    return _not_too_long(tidy_name(cell_text(cell)))


def _national_id(cell: Cell, today: date) -> str:
    if is_blank(cell):
        return ""
    if not isinstance(cell, str) or _SCIENTIFIC.fullmatch(tidy_code(cell)):
        raise _Wrong(N_("公民身份号码被表格软件当作数字，末几位已经丢失，请把这一列设为文本后重新填写。"))
    return check_national_id(cell, today)


def _not_too_long(text: str) -> str:
    if len(text) > _LONGEST:
        raise _Wrong(N_("内容超过 %(longest)s 个字，请检查各列是否对齐。"), longest=_LONGEST)
    return text


def _lost_digits(cell: Cell) -> bool:
    if not is_number(cell):
        return False
    assert isinstance(cell, int | float)  # noqa: S101 - what is_number has just said
    return abs(cell) >= _DIGITS_KEPT or cell != cell // 1


_CLEANERS: dict[Field, Callable[[Cell, date], str]] = {
    Field.VOLUNTEER_NO: _volunteer_no,
    Field.NAME: _name,
    Field.UNIT: _label,
    Field.TEAM: _label,
    Field.NATIONAL_ID: _national_id,
}


def _judge_repetitions(found: _Reading) -> None:
    """The same row again is passed over; the same number for two people takes neither."""
    faults: dict[int, list[Sentence]] = defaultdict(list)
    first_of: dict[int, int] = {}
    for same in _groups(found.rows, lambda row: row.volunteer_no):
        for row in same[1:]:
            if replace(row, row=same[0].row) == same[0]:
                first_of[row.row] = same[0].row
        different = [row for row in same if row.row not in first_of]
        for row in different if len(different) > 1 else ():
            faults[row.row].append(clash(row, next(other for other in different if other != row)))
    with_ids = [row for row in found.rows if row.national_id and row.row not in first_of]
    for same in _groups(with_ids, lambda row: row.national_id):
        for row in same if len({one.volunteer_no for one in same}) > 1 else ():
            other = next(one for one in same if one.volunteer_no != row.volunteer_no)
            msgid = N_("公民身份号码与第 %(row)s 行相同，但志愿者编号不同。")
            faults[row.row].append(Sentence(msgid, {"row": other.row}))
    for place, first in first_of.items():
        found.skipped.append(Skip(place, Sentence(N_("与第 %(row)s 行完全相同。"), {"row": first})))
    found.rejected += [Rejection(place, tuple(reasons)) for place, reasons in faults.items()]
    # A repetition of a rejected row is no more certain than the row itself, and goes with it.
    found.rows[:] = [row for row in found.rows if row.row not in faults and row.row not in first_of]


def clash(row: MemberRow, other: MemberRow) -> Sentence:
    """Why two rows with the same volunteer number cannot both be taken."""
    params: dict[str, str | int] = {"volunteer_no": row.volunteer_no, "row": other.row}
    if row.name != other.name:
        return Sentence(N_("志愿者编号 %(volunteer_no)s 与第 %(row)s 行重复，但姓名不同。"), params)
    return Sentence(N_("志愿者编号 %(volunteer_no)s 与第 %(row)s 行重复，但其他内容不同。"), params)


def _groups(rows: Iterable[MemberRow], key: Callable[[MemberRow], str]) -> list[list[MemberRow]]:
    """Rows with equal keys together, each group in the order of the file; only groups of two and more."""
    ordered = sorted(rows, key=lambda row: (key(row), row.row))
    groups = [list(group) for _, group in groupby(ordered, key=key)]
    return [group for group in groups if len(group) > 1]
