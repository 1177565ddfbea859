"""A list of members judged by itself: cells in, what they mean or reasons out.

Nothing is guessed: what a clerk would tidy is tidied and said, the rest is rejected
with every reason at once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from volunteer.domain.cells import Cell, cell_text, is_blank, is_number, tidy_code, tidy_name, tidy_plain
from volunteer.domain.characters import require_name_characters
from volunteer.domain.contact_rows import (
    clean_emails,
    clean_emergencies,
    clean_phones,
    clean_wechats,
    is_free_note,
    is_masked,
)
from volunteer.domain.headings import MEMBERS, Field, Headings, Vocabulary, is_heading_again
from volunteer.domain.import_reports import holds_id_number
from volunteer.domain.imports import StagedRow
from volunteer.domain.members import clean_volunteer_no
from volunteer.domain.national_ids import check_national_id
from volunteer.domain.person_rows import (
    clean_born_on,
    clean_free_times,
    clean_residence,
    clean_sex,
    clean_words,
    complete_particulars,
)
from volunteer.domain.refusals import N_, NameMissing, Refusal, Sentence

_TOTAL = re.compile(r"(本页)?(合计|总计|小计|共计|总数|人数合计)")
_FOOTER = re.compile(r"(备注|注|说明|填表人|制表人?|填报人|审核人?|填表日期|填报单位|联系人|负责人)\s*[:：]")
_EXAMPLE = re.compile(r"(示例|例子|样例|example)[:：-]", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_POINT_ZERO = re.compile(r"([0-9]+)\.0+")
# How people write that there is nothing, where a cell may be empty.
_NOTHING = {"无", "没有", "暂无", "未填", "空", "-", "--", "---", "/", "//", "\\", "n/a", "na", "none"}
_LONGEST = 120
_DIGITS_KEPT = 1e15


class _Wrong(Refusal):
    """One cell cannot be taken; ``msgid`` says why."""

    code = "cell_wrong"

    def __init__(self, msgid: str, **params: str | int) -> None:
        self.msgid = msgid
        super().__init__(**params)


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


@dataclass
class Judged:
    """One row's cells by themselves: the values, what was tidied (field, was, now), and every fault."""

    values: dict[str, str] = field(default_factory=dict)
    tidied: list[tuple[Field, str, str]] = field(default_factory=list)
    reasons: list[Sentence] = field(default_factory=list)


def judge_member(
    cells: Mapping[Any, Cell], has: Callable[[Field], bool], today: date, *, allows_invented: bool
) -> Judged:
    """What the cells of one person mean; ``has`` says whether the list has a column for a field at all."""
    judged = Judged()
    for which in Field:
        cell = cells.get(which, "")
        try:
            if cell and which in _OPENLY_KEPT and holds_id_number(cell_text(cell)):
                raise _Wrong(N_("这一栏里像是身份证号码，请检查各列是否对齐。"))
            if which is Field.EMERGENCY and is_free_note(cell, cells.get(Field.EMERGENCY_PHONE, ""), today):
                judged.values |= {which: "", FREE_NOTE: cell_text(cell)}
                continue
            value = judged.values[which] = clean_cell(which, cell, today)
            if which is Field.NATIONAL_ID and value and not is_masked(value):
                check_national_id(value, today, allows_invented=allows_invented)
            if which is Field.TEAM and not value and has(which):
                raise _Wrong(N_("没有填写所属队伍。"))
        except Refusal as refusal:
            judged.reasons.append(refusal.sentence)
        else:
            seen = cell if isinstance(cell, str) else cell_text(cell)
            if seen != value:
                judged.tidied.append((which, seen, value))
    if is_masked(masked := judged.values.get(Field.NATIONAL_ID, "")):
        judged.values |= {Field.NATIONAL_ID: "", MASKED_ID: masked}
    if not judged.reasons:
        _complete(judged, today)
    return judged


def _complete(judged: Judged, today: date) -> None:
    was = judged.values[Field.BORN_ON]
    try:
        complete_particulars(judged.values, today)
    except Refusal as refusal:
        judged.reasons.append(refusal.sentence)
    if was and (now := judged.values[Field.BORN_ON]) != was:
        judged.tidied.append((Field.BORN_ON, was, now))


def clean_cell(which: Field, cell: Cell, today: date) -> str:
    """What one cell of a person means; refuses what it cannot mean."""
    may_be_empty = which not in (Field.NAME, Field.TEAM)
    if may_be_empty and (cell in ("", None) or tidy_plain(cell_text(cell)).lower() in _NOTHING):
        return ""
    return _CLEANERS[which](cell, today)


def cell_at(cells: Sequence[Cell], headings: Headings, which: Any) -> Cell:
    """The first filled cell among the columns of a field."""
    places = headings.columns.get(which, ())
    filled = (cells[place] for place in places if place < len(cells) and not is_blank(cells[place]))
    return next(filled, "")


def _volunteer_no(cell: Cell, _today: date) -> str:
    if is_blank(cell):
        return ""
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
    return _not_too_long(require_name_characters(name))


def _label(cell: Cell, _today: date) -> str:
    return _not_too_long(require_name_characters(tidy_name(cell_text(cell)), is_title=True))


def _national_id(cell: Cell, today: date) -> str:
    if is_blank(cell):
        return ""
    if not isinstance(cell, str) or _SCIENTIFIC.fullmatch(tidy_code(cell)):
        raise _Wrong(N_("公民身份号码被表格软件当作数字，末几位已经丢失，请把这一列设为文本后重新填写。"))
    return code if is_masked(code := tidy_code(cell)) else check_national_id(cell, today)


# An ID number as it is shown; it is no number that could be kept.
MASKED_ID = "masked_id"
# What stands beside a masked telephone of an emergency contact and is no name.
FREE_NOTE = "free_note"
# What is not sealed afterwards.
_OPENLY_KEPT = (
    Field.NAME,
    Field.UNIT,
    Field.TEAM,
    Field.EMERGENCY,
    Field.EMERGENCY_PHONE,
    Field.RESIDENCE,
    Field.SKILLS,
    Field.SERVICE_KINDS,
)


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
    Field.SEX: clean_sex,
    Field.BORN_ON: clean_born_on,
    Field.PHONE: clean_phones,
    Field.WECHAT: clean_wechats,
    Field.EMAIL: clean_emails,
    Field.EMERGENCY: clean_emergencies,
    Field.EMERGENCY_PHONE: clean_emergencies,
    Field.RESIDENCE: clean_residence,
    Field.SKILLS: clean_words,
    Field.SERVICE_KINDS: clean_words,
    Field.FREE_TIMES: clean_free_times,
}


def clash(row: StagedRow, other: StagedRow) -> Sentence:
    """Why two rows that are about the same person cannot both be taken."""
    number = row.values[Field.VOLUNTEER_NO]
    params: dict[str, str | int] = {"volunteer_no": number, "row": other.row}
    if not number:
        return Sentence(N_("与第 %(row)s 行像是同一个人，但其他内容不同，请只留一行。"), {"row": other.row})
    if row.values[Field.NAME] != other.values[Field.NAME]:
        return Sentence(N_("志愿者编号 %(volunteer_no)s 与第 %(row)s 行重复，但姓名不同。"), params)
    return Sentence(N_("志愿者编号 %(volunteer_no)s 与第 %(row)s 行重复，但其他内容不同。"), params)
