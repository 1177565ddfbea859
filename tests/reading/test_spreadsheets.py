"""Workbooks read row by row say what another reader says of them, and odd ones are understood or refused."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from volunteer.domain.cells import Cell
from volunteer.reading.number_formats import Meaning, meaning_of, read_number
from volunteer.reading.sheets import MAX_CELLS, Sheet, Unreadable
from volunteer.reading.workbooks import read_rows

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
DAYS = st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
CELLS = st.one_of(
    st.just(""),
    TEXTS,
    st.sampled_from(["李𬭎", "_x000D_", "=1+1", " 张 三 ", "<&>"]),
    st.booleans(),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.integers(-(10**12), 10**12),
    DAYS,
)
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def drawn(rows: list[list[Any]], **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        sheet, days = book.add_worksheet("名单"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for place, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(place, column, cell, days)
                elif isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                else:
                    sheet.write(place, column, cell)
    return out.getvalue()


def package(sheet: str, **parts: str) -> bytes:
    """A workbook by hand: the inside of its sheet, and other parts by their names below xl/."""
    shared = "".join(
        f'<Relationship Id="x{name}" Type="{RELATIONS}/{name}" Target="{name}.xml"/>' for name in parts
    )
    texts = {
        "xl/workbook.xml": f'<workbook xmlns="{NAMESPACE}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="名单" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{RELATIONS}/worksheet" '
        f'Target="/xl/worksheets/sheet1.xml"/>{shared}</Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        **{f"xl/{name}.xml": text for name, text in parts.items()},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return out.getvalue()


def rows_in(data: bytes) -> list[list[Cell]]:
    (sheet,) = read_rows(data, "a.xlsx").sheets
    return [list(row) for row in sheet.rows]


def filled(rows: list[list[Cell]]) -> dict[tuple[int, int], Cell]:
    """The cells that are not empty, by their places, truth told apart from one."""
    return {
        (place, column): cell if not isinstance(cell, bool) else str(cell)
        for place, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell != ""
    }


def snapped(cell: Any) -> Any:
    """To the second, as spreadsheet programs show it; the other reader cuts the end of a second off."""
    if isinstance(cell, datetime) and cell.microsecond:
        cell = (cell + timedelta(seconds=0.5)).replace(microsecond=0)
    return cell.date() if isinstance(cell, datetime) and cell.time() == time() else cell


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=8), st.booleans())
def test_another_reader_says_the_same(rows: list[list[Any]], is_inline: bool) -> None:
    data = drawn([["编号"], *rows], constant_memory=is_inline)

    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        said = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert filled(rows_in(data)) == filled([[snapped(cell) for cell in row] for row in said])


def test_going_through_the_rows_again_gives_them_again() -> None:
    (sheet,) = read_rows(drawn([["编号"], ["1001"]]), "a.xlsx").sheets

    assert [sheet.count, list(sheet.read()), list(sheet.read())] == [
        2,
        [["编号"], ["1001"]],
        [["编号"], ["1001"]],
    ]


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("yyyy-mm-dd", Meaning.MOMENT),
        ('yyyy"年"m"月"d"日"', Meaning.MOMENT),
        ("[$-804]yyyy/m/d;@", Meaning.MOMENT),
        ("h:mm AM/PM", Meaning.MOMENT),
        ("[h]:mm", Meaning.LENGTH),
        ("[mm]:ss", Meaning.LENGTH),
        ("General", Meaning.NUMBER),
        ("0.00E+00", Meaning.NUMBER),
        ("[Red]#,##0", Meaning.NUMBER),
        ('0"days"', Meaning.NUMBER),
        ("0\\d", Meaning.NUMBER),
        ("@", Meaning.NUMBER),
    ],
)
def test_a_format_says_what_a_number_means(code: str, meaning: Meaning) -> None:
    assert meaning_of(code) is meaning


@pytest.mark.parametrize(
    ("number", "is_from_1904", "cell"),
    [
        (46000.0, False, date(2025, 12, 9)),
        (44538.0, True, date(2025, 12, 9)),
        (46000.5, False, datetime(2025, 12, 9, 12)),  # noqa: DTZ001
        (46000.9999999, False, date(2025, 12, 10)),
        (0.75, False, time(18)),
        (1.0, False, date(1900, 1, 1)),
        (59.0, False, date(1900, 2, 28)),
        (60.0, False, date(1900, 2, 28)),
        (61.0, False, date(1900, 3, 1)),
        (-1.0, False, -1.0),
        (1e9, False, 1e9),
    ],
)
def test_a_number_becomes_the_day_that_excel_shows(number: float, is_from_1904: bool, cell: Cell) -> None:
    assert read_number(number, Meaning.MOMENT, is_from_1904) == cell


def test_a_length_of_time_stays_one() -> None:
    assert read_number(1.5, Meaning.LENGTH, False) == timedelta(hours=36)


def test_dates_by_numbered_formats_and_from_1904_are_understood() -> None:
    styles = (
        '<styleSheet><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="46"/></cellXfs></styleSheet>'
    )
    cells = '<c r="A1"><v>44538</v></c><c r="B1" s="1"><v>46000</v></c><c r="C1" s="2"><v>1.5</v></c>'

    (row,) = rows_in(
        package(f"<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>", styles=styles)
    )

    assert row == [44538.0, date(2025, 12, 9), timedelta(hours=36)]


def test_prefixes_missing_places_rich_texts_and_readings_are_understood() -> None:
    texts = '<s:sst xmlns:s="x"><s:si><s:r><s:t>张</s:t></s:r><s:r><s:t xml:space="preserve">三 </s:t></s:r>'
    texts += "<s:rPh><s:t>zhang</s:t></s:rPh></s:si></s:sst>"
    sheet = (
        '<x:worksheet xmlns:x="x"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c>'
        '<x:c t="inlineStr"><x:is><x:t>_x005F_x0041_B_x0042_</x:t></x:is></x:c>'
        '<x:c t="e"><x:v>#N/A</x:v></x:c>'
        '<x:c t="d"><x:v>2026-03-05</x:v></x:c><x:c t="str"><x:f>A1</x:f><x:v>甲</x:v></x:c></x:row>'
        '<x:row r="3"><x:c r="B3" t="b"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )

    assert rows_in(package(sheet, sharedStrings=texts)) == [
        ["张三 ", "_x0041_BB", "", date(2026, 3, 5), "甲"],
        ["", "", "", "", ""],
        ["", True, "", "", ""],
    ]


@pytest.mark.parametrize(
    "inside",
    [
        '<row r="1"><c r="A1" t="s"><v>7</v></c></row>',
        '<row r="1"><c r="A1"><v>drei</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c>',
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused_when_it_is_sent(inside: str) -> None:
    with pytest.raises(Unreadable, match="损坏"):
        read_rows(package(f"<worksheet><sheetData>{inside}</sheetData></worksheet>"), "a.xlsx")


def test_entities_are_refused() -> None:
    sheet = "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"

    with pytest.raises(Unreadable, match="损坏"):
        read_rows(package(f'<!DOCTYPE x [<!ENTITY a "b">]>{sheet}'), "a.xlsx")


def test_a_part_that_is_named_and_missing_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package("<worksheet/>"))) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            if "sheet1" not in item.filename:
                new.writestr(item.filename, old.read(item))

    with pytest.raises(Unreadable, match="损坏"):
        read_rows(out.getvalue(), "a.xlsx")


def test_merged_areas_that_overlap_without_end_do_not_take_for_ever() -> None:
    areas = [((0, 0), (9_999, 99))] * 10_000
    sheet = Sheet("", 10_000, lambda: iter([[1, *[""] * 99]] * 10_000), merged=areas)

    count = sum(row.count(1) for row in sheet.filled_rows())

    assert 10_000 < count <= MAX_CELLS


INLINE = (
    '<sheetData><row><c t="inlineStr"><is><t>编号</t></is></c></row><row><c><v>1001</v></c></row></sheetData>'
)


def test_a_part_of_texts_that_is_named_and_left_out_is_missed_only_where_a_cell_needs_it() -> None:
    def without_texts(inside: str) -> bytes:
        out = io.BytesIO()
        data = package(f"<worksheet>{inside}</worksheet>", sharedStrings="<sst/>", styles="<styleSheet/>")
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                if name not in ("xl/sharedStrings.xml", "xl/styles.xml"):
                    new.writestr(name, old.read(name))
        return out.getvalue()

    assert rows_in(without_texts(INLINE)) == [["编号"], [1001.0]]
    with pytest.raises(Unreadable, match="损坏"):
        read_rows(without_texts('<sheetData><row><c t="s"><v>0</v></c></row></sheetData>'), "a.xlsx")


@pytest.mark.parametrize("edition", [RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships"])
def test_the_workbook_stands_where_the_package_says(edition: str) -> None:
    """As Excel on the web and WPS write it, in both editions of the format; parts by absolute names too."""
    parts = {
        "_rels/.rels": f'<Relationships><Relationship Id="r1" Type="{edition}/officeDocument" '
        'Target="/xl/workbook2.xml"/></Relationships>',
        "/xl/workbook2.xml": f'<workbook xmlns:r="{edition}"><sheets><sheet name="名单" r:id="r1"/></sheets>'
        "</workbook>",
        "xl/_rels/workbook2.xml.rels": f'<Relationships><Relationship Id="r1" Type="{edition}/worksheet" '
        'Target="worksheets\\sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": '<x:worksheet xmlns:x="y" xmlns:x14ac="z">'
        + INLINE.replace("<row>", '<row x14ac:dyDescent=".2">')
        + "</x:worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)

    assert rows_in(out.getvalue()) == [["编号"], [1001.0]]


def test_an_encoding_that_nobody_uses_inside_of_workbooks_is_refused_in_words() -> None:
    sheet = f'<?xml version="1.0" encoding="GB2312"?><worksheet>{INLINE}</worksheet>'

    with pytest.raises(Unreadable, match="损坏"):
        read_rows(package(sheet), "a.xlsx")
