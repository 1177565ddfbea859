"""A sheet of training records: its headings, its rows, and what is wrong with them, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from volunteer.domain.cells import Cell, cell_text, is_blank, tidy_code, tidy_heading, tidy_name
from volunteer.domain.refusals import N_, DateMalformed, Refusal, Sentence
from volunteer.domain.training_records import TrainingFields, check_training, clean_learning_hours

MOST_ROWS = 5_000
_HEADINGS = {
    "volunteer_no": ("志愿者编号", "编号", "志愿者号", "volunteerno", "volunteernumber"),
    "member": ("姓名", "志愿者姓名", "membername"),
    "name": ("培训名称", "培训", "名称", "training", "trainingname"),
    "content": ("主要内容", "培训内容", "内容", "content"),
    "hours": ("学时", "培训学时", "学习时长", "hours", "learninghours"),
    "organiser": ("组织单位", "培训单位", "组织者", "主办单位", "organiser", "organizer"),
    "held_on": ("日期", "培训日期", "培训时间", "date"),
}
_OPTIONAL = {"member"}


class TrainingHeadingsMissing(Refusal):
    code = "training_headings_missing"
    msgid = N_("没有找到表头：应有一行写明志愿者编号、培训名称、主要内容、学时、组织单位、日期。")


class TrainingSheetTooLong(Refusal):
    code = "training_sheet_too_long"
    msgid = N_("一次最多导入 %(most)s 行，请拆成几个文件。")


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One row: whose training, and which; ``member_name`` is empty where the sheet has none."""

    row_number: int
    volunteer_no: str
    member_name: str
    fields: TrainingFields


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one row, for the clerk who has to mend it."""

    row_number: int
    sentence: Sentence


def read_training_rows(
    rows: Sequence[Sequence[Cell]], today: date
) -> tuple[list[TrainingRow], list[RowProblem]]:
    """The trainings of a sheet and the rows that cannot be understood; refuses a sheet without headings."""
    start, columns = _find_columns(rows)
    found: list[TrainingRow] = []
    problems: list[RowProblem] = []
    if len(rows) - start > MOST_ROWS:
        raise TrainingSheetTooLong(most=MOST_ROWS)
    for number, row in enumerate(rows[start:], start + 1):
        if all(is_blank(cell) for cell in row):
            continue
        try:
            found.append(_read(row, columns, number, today))
        except Refusal as refusal:
            problems.append(RowProblem(number, refusal.sentence))
    return found, problems


def is_same_name(row: TrainingRow, member_name: str) -> bool:
    """Whether the name in the row, where there is one, is the member's."""
    return not row.member_name or row.member_name == tidy_name(member_name)


def _find_columns(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    for place, row in enumerate(rows[:20]):
        words = [tidy_heading(cell_text(cell)) for cell in row]
        columns = {
            field: words.index(next(name for name in names if name in words))
            for field, names in _HEADINGS.items()
            if any(name in words for name in names)
        }
        if columns.keys() >= _HEADINGS.keys() - _OPTIONAL:
            return place + 1, columns
    raise TrainingHeadingsMissing()


def _read(row: Sequence[Cell], columns: dict[str, int], number: int, today: date) -> TrainingRow:
    cells = {field: row[column] if column < len(row) else None for field, column in columns.items()}
    texts = {field: cell_text(cell) for field, cell in cells.items()}
    fields = TrainingFields(
        texts["name"],
        texts["content"],
        clean_learning_hours(texts["hours"]),
        texts["organiser"],
        _day(cells["held_on"]),
    )
    return TrainingRow(
        number,
        tidy_code(texts["volunteer_no"]),
        tidy_name(texts.get("member", "")),
        check_training(fields, today),
    )


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = cell_text(cell).rstrip("日").replace("年", "-").replace("月", "-")
    parts = text.replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        raise DateMalformed() from None
