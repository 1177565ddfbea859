"""What came of importing a list, row by row, for whoever sent it by a command."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from volunteer.domain.cells import tidy_code, tidy_text
from volunteer.domain.contact_rows import BETWEEN
from volunteer.domain.headings import MEMBERS, Field
from volunteer.domain.imports import RowState, StagedRow
from volunteer.domain.national_ids import mask_national_id
from volunteer.domain.refusals import N_, Sentence

_SHOWN_DIGITS = 4
# In what was tidied its digits follow each other, however they were typed.
_ID_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9X]?|[0-9]{15})(?![0-9])|[A-Z]{3}[0-9]{12}")
_NUMBER = re.compile(r"[+＋]?\d[\d\s()（）*＊.-]{4,}")
_TAKEN = (RowState.ADDED, RowState.UPDATED, RowState.UNCHANGED)


@dataclass(frozen=True)
class ImportReport:
    """Every filled row below the headings with what was (or, unless ``is_written``, would have been) done."""

    rows: Sequence[StagedRow] = field(repr=False)
    new_units: Sequence[str] = ()
    ignored_headings: Sequence[str] = ()
    is_written: bool = False

    def in_state(self, state: RowState) -> list[StagedRow]:
        """The rows of which this became."""
        return [row for row in self.rows if row.state is state]

    @property
    def added(self) -> list[StagedRow]:
        """The rows that made somebody."""
        return self.in_state(RowState.ADDED)

    @property
    def updated(self) -> list[StagedRow]:
        """The rows that changed somebody."""
        return self.in_state(RowState.UPDATED)

    @property
    def unchanged(self) -> list[StagedRow]:
        """The rows that say what is known already."""
        return self.in_state(RowState.UNCHANGED)

    @property
    def rejected(self) -> list[StagedRow]:
        """The rows that were not taken."""
        return self.in_state(RowState.REJECTED)


def mask_cell(name: str, text: str) -> str:
    """A cell fit to be shown: no ID number and no contact stands in it in full."""
    plain = tidy_code(text)
    if name == Field.NATIONAL_ID:
        return mask_national_id(plain)
    if name == Field.PHONE:
        return "、".join(_mask_phone(part) for part in BETWEEN.split(plain))
    if name in (Field.EMERGENCY, Field.EMERGENCY_PHONE):
        return _NUMBER.sub(lambda found: _mask_phone(tidy_code(found[0])), tidy_text(text))
    if name in (Field.WECHAT, Field.EMAIL):
        return "、".join(_mask_account(tidy_text(part)) for part in BETWEEN.split(text))
    masked = _ID_NUMBER.sub(lambda found: mask_national_id(found[0]), plain)
    return text if masked == plain else masked


def _mask_phone(number: str) -> str:
    return f"{number[:3]}****{number[-_SHOWN_DIGITS:]}" if len(number) > _SHOWN_DIGITS else number


def _mask_account(text: str) -> str:
    """A WeChat name or an e-mail address; what was typed wrongly beside its letters can be seen."""
    place = max(text.find("@"), text.find("＠"), 0) or len(text)
    name, at, host = text[:place], text[place : place + 1], text[place + 1 :]
    hidden = "*** ***" if " " in name else "***"
    if at:
        return f"{name[:1]}{hidden}{at}{host}"
    plain = tidy_code(name)
    if plain.isdecimal():
        return _mask_phone(plain)
    return f"{name[:2]}{hidden}*{name[-1:]}" if len(name) > _SHOWN_DIGITS else name


def holds_id_number(text: str) -> bool:
    """Whether an ID number stands in a text that is no ID number's place."""
    return _ID_NUMBER.search(tidy_code(text)) is not None


def report_lines(report: ImportReport, say: Callable[[Sentence], str] = str) -> Iterator[str]:
    """The report as lines of text: the sum first, then what a person must look at.

    ``say`` puts a sentence into the reader's language; by default it stays Chinese.
    """
    if report.rejected and not report.is_written:
        yield say(Sentence(N_("有行未通过，因此没有写入任何内容。改好后可以把整个文件再导入一次。")))
    yield say(_sum(report))
    for row in report.rejected:
        yield say(Sentence(N_("第 %(row)s 行未通过："), {"row": row.row})) + _said(row.reasons, say)
    for row in report.in_state(RowState.SKIPPED):
        yield say(Sentence(N_("第 %(row)s 行跳过："), {"row": row.row})) + _said(row.reasons, say)
    for row in (one for one in report.rows if one.state in _TAKEN):
        yield from _about(row, say)
    if report.new_units:
        params: dict[str, str | int] = {"count": len(report.new_units), "units": "、".join(report.new_units)}
        yield say(Sentence(N_("新建单位 %(count)s 个：%(units)s"), params))
    if report.ignored_headings:
        headings = "、".join(report.ignored_headings)
        yield say(Sentence(N_("没有用到的列：%(headings)s"), {"headings": headings}))


def _about(row: StagedRow, say: Callable[[Sentence], str]) -> Iterator[str]:
    """What of the row was tidied, and what of somebody who is there already became another."""
    tidied = ((one.field, one.was, one.now) for one in row.repairs)
    changed = ((one.field, one.was, one.now) for one in row.changes)
    for msgid, cells in (
        (N_("第 %(row)s 行已整理：%(field)s “%(was)s” → “%(now)s”"), tidied),
        (N_("第 %(row)s 行有改动：%(field)s “%(was)s” → “%(now)s”"), changed),
    ):
        for name, was, now in cells:
            heading = say(Sentence(MEMBERS.labels[Field(name)]))
            shown = {"was": mask_cell(name, was), "now": mask_cell(name, now)}
            yield say(Sentence(msgid, {"row": row.row, "field": heading, **shown}))
    for note in row.notes:
        yield say(Sentence(N_("第 %(row)s 行："), {"row": row.row})) + say(note)


def _said(sentences: Sequence[Sentence], say: Callable[[Sentence], str]) -> str:
    return " ".join(say(one) for one in sentences)


def _sum(report: ImportReport) -> Sentence:
    counts = Counter(row.state for row in report.rows)
    return Sentence(
        N_(
            "新增 %(added)s 人，更新 %(updated)s 人，未变 %(unchanged)s 人，"
            "未通过 %(rejected)s 行，跳过 %(skipped)s 行。"
        ),
        {str(state): counts[state] for state in (*_TAKEN, RowState.REJECTED, RowState.SKIPPED)},
    )
