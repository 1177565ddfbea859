"""Workbooks (.xlsx) and text tables (.csv): values in, a file out. No text becomes a formula."""

import codecs
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

Value = str | int | float | date | datetime | None
"""What a cell may hold; an instant as the clock on the wall shows it, without a zone."""

_TEXT = 49  # the number of the format "text" that every spreadsheet program knows
_LONGEST_CELL = 32_767
# Read as a formula by one program or another, when a text begins with it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CHUNK = 1 << 16
_SPOOL = 1 << 20


@dataclass(frozen=True)
class Column:
    """One column of a template: its heading, whether it must be filled, and what may be chosen."""

    heading: str
    example: str = ""
    choices: Sequence[str] = ()
    is_needed: bool = False


@dataclass(frozen=True)
class Template:
    """An empty list to be filled in, and a sheet of notes."""

    sheet: str
    columns: Sequence[Column]
    notes_sheet: str
    notes: Sequence[str]
    choices_sheet: str = field(default="选项 Choices")


def draw_table(sheet_name: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> IO[bytes]:
    """An .xlsx with one sheet, open at its start; rows are taken one by one and never held together.

    Days and times are real ones, so that they can be sorted and filtered by month.
    """
    out = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - whoever sends it closes it
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_urls": False})
    sheet = book.add_worksheet(sheet_name)
    bold = book.add_format({"bold": True, "bg_color": "#F3EDE4", "border": 1, "num_format": _TEXT})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(headings) - 1, 0), 18)
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, _fit(heading), bold)
    text = book.add_format({"num_format": _TEXT})
    # The apostrophe that spreadsheet programs keep beside the cell and not in it.
    quoted = book.add_format({"num_format": _TEXT, "quote_prefix": True})
    day, moment = (book.add_format({"num_format": look}) for look in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
    for place, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(place, column, value, moment if isinstance(value, datetime) else day)
            elif isinstance(value, int | float):
                sheet.write_number(place, column, value)
            elif value:
                # A string cell is never computed; the prefix keeps it so when the table is saved anew.
                sheet.write_string(place, column, _fit(value), quoted if is_formula(value) else text)
    book.close()
    out.seek(0)
    return out


def draw_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """A text table in pieces: UTF-8 with byte order mark, formulas made harmless.

    Texts stand in quotation marks and numbers do not: LibreOffice can be told to keep
    what is quoted ("0012") as text.
    """
    yield codecs.BOM_UTF8
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([harmless(heading) for heading in headings])
    for row in rows:
        writer.writerow([_plain(value) for value in row])
        if text.tell() > _CHUNK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _plain(value: Value) -> Value:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula: an apostrophe stands before it."""
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether some spreadsheet program would compute the text if it stood bare in a table."""
    return text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)


def draw_template(template: Template) -> bytes:
    """A list to be filled in: every column is text, so that no number is ruined; drop-downs for choices."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False}) as book:
        text = book.add_format({"num_format": _TEXT})
        look = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "num_format": _TEXT}
        needed = book.add_format({**look, "bg_color": "#FBE3DD"})
        other = book.add_format({**look, "bg_color": "#F3EDE4"})
        example = book.add_format({"italic": True, "font_color": "#6B7280", "num_format": _TEXT})
        sheet = book.add_worksheet(template.sheet)
        notes = book.add_worksheet(template.notes_sheet)
        choices = book.add_worksheet(template.choices_sheet)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 36)
        for place, column in enumerate(template.columns):
            sheet.set_column(place, place, 26, text)
            sheet.write_string(0, place, column.heading, needed if column.is_needed else other)
            if column.example:
                sheet.write_string(1, place, column.example, example)
            if column.choices:
                _offer(sheet, choices, place, column.choices, template.choices_sheet)
        notes.set_column(0, 0, 90, book.add_format({"text_wrap": True, "valign": "top", "num_format": _TEXT}))
        for line, note in enumerate(template.notes):
            notes.write_string(line, 0, note)
        choices.hide()
    return out.getvalue()


def _offer(sheet: Worksheet, choices: Worksheet, place: int, values: Sequence[str], name: str) -> None:
    """A drop-down for a whole column; other values are allowed and merely asked about."""
    for line, value in enumerate(values):
        choices.write_string(line, place, value)
    letter = chr(ord("A") + place)
    rule: Mapping[str, object] = {
        "validate": "list",
        "source": f"='{name}'!${letter}$1:${letter}${len(values)}",
        "error_type": "warning",
        "ignore_blank": True,
    }
    sheet.data_validation(1, place, 20_000, place, dict(rule))


def _fit(text: str) -> str:
    # One character more and Excel calls the file damaged.
    return text[:_LONGEST_CELL]
