"""Tables people send: read as they are, or refused with a sentence that helps."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from volunteer.reading.sheets import Unreadable, require_computed
from volunteer.reading.workbooks import read_rows


def workbook(*fills: Callable[[Worksheet], object]) -> bytes:
    """A real .xlsx with one sheet for each function."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        for fill in fills:
            sheet = book.add_worksheet()
            sheet.dates = dates
            fill(sheet)
    return out.getvalue()


def replaced(data: bytes, name: str, part: bytes) -> bytes:
    """The same package with one part put in or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != name:
                new.writestr(item.filename, old.read(item))
        new.writestr(name, part)
    return out.getvalue()


def refusal(data: bytes, filename: str) -> str:
    with pytest.raises(Unreadable) as refused:
        read_rows(data, filename)
    return str(refused.value)


SIMPLE = workbook(lambda sheet: sheet.write_row(0, 0, ["编号", "姓名"]))


def test_rows_and_columns_keep_their_place_even_when_the_first_ones_are_empty() -> None:
    data = workbook(lambda sheet: sheet.write(2, 3, "张三"))

    rows = read_rows(data, "名单.xlsx").sheets[0].rows

    assert rows[2][3] == "张三"
    assert rows[0] == ["", "", "", ""]


def test_a_cell_keeps_whether_it_was_a_number_text_date_or_truth() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.write_row(0, 0, [1001, "1001", True])
        sheet.write_datetime(0, 3, datetime(2026, 3, 5), sheet.dates)  # noqa: DTZ001
        sheet.write_formula(0, 4, "=NA()", None, "#N/A")

    (row,) = read_rows(workbook(fill), "a.XLSX").sheets[0].rows

    assert row == [1001.0, "1001", True, date(2026, 3, 5), ""]
    assert [type(cell) for cell in row[:3]] == [float, str, bool]


def test_sheets_are_named_hidden_ones_marked_and_empty_ones_left_out() -> None:
    def hidden(sheet: Worksheet) -> None:
        sheet.write(0, 0, "旧数据")
        sheet.hide()

    def empty(sheet: Worksheet) -> None:
        sheet.write_blank(5, 5, None)

    data = workbook(lambda sheet: sheet.write(0, 0, "名单"), hidden, empty)

    sheets = read_rows(data, "a.xlsx").sheets

    assert [(sheet.name, sheet.is_hidden) for sheet in sheets] == [("Sheet1", False), ("Sheet2", True)]


def test_characters_outside_the_basic_plane_survive() -> None:
    data = workbook(lambda sheet: sheet.write_row(0, 0, ["李𬭎", "㛃", "䶮"]))

    assert read_rows(data, "a.xlsx").sheets[0].rows[0] == ["李𬭎", "㛃", "䶮"]
    assert read_rows("李𬭎,㛃,䶮".encode("gb18030"), "a.csv").sheets[0].rows[0] == ("李𬭎", "㛃", "䶮")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_text_table_is_read_in_any_encoding_and_with_any_separator(encoding: str, separator: str) -> None:
    lines = [separator.join(cells) for cells in (("编号", "姓名"), ("1001", '"欧阳,娜;娜"'), ("", ""))]

    rows = read_rows("\r\n".join(lines).encode(encoding), "名单.csv").sheets[0].rows

    assert rows == (("编号", "姓名"), ("1001", "欧阳,娜;娜"), ("", ""))


def test_an_empty_line_counts_as_a_row_and_a_quoted_line_break_does_not() -> None:
    rows = read_rows('编号,姓名\n\n1001,"张\n三"\n'.encode(), "a.csv").sheets[0].rows

    assert rows == (("编号", "姓名"), (), ("1001", "张\n三"))


def test_the_separator_line_of_excel_is_obeyed_and_not_a_row() -> None:
    assert read_rows(b"sep=;\r\na;b,c\r\n", "a.csv").sheets[0].rows == (("a", "b,c"),)


@pytest.mark.parametrize(
    ("data", "filename", "says"),
    [
        (b"", "a.xlsx", "空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xlsx", "旧的 .xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "密码"),
        ("编号,姓名\n1001,张三".encode("gb18030"), "a.xlsx", "文本"),
        (b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table>", "a.xlsx", "网页"),
        (b"<?xml version='1.0'?><Workbook/>", "a.xlsx", "网页或 XML"),
        (bytes(range(256)) * 4, "a.xlsx", "损坏"),
        (SIMPLE[: len(SIMPLE) // 2], "a.xlsx", "损坏"),
        (b"%PDF-1.4\n1 0 obj", "a.csv", "不是文本表格"),
        ('编号,姓名\n1001,"张三\n1002,李四\n'.encode(), "a.csv", "第 2 行附近的引号"),
        (b"whatever", "a.xls", "旧的 .xls"),
        (b"whatever", "a.docx", "只能读取"),
        (b"whatever", "xlsx", "只能读取"),
        (SIMPLE, "a.csv", "扩展名改为 .xlsx"),
        (b"<table><tr><td>1", "a.csv", "网页"),
        (b"a,b\x00c", "a.csv", "不是文本表格"),
        (b"\xff\xff\x80", "a.csv", "文字编码"),
        (b'a,b\n1,"' + b"x" * 200_000, "a.csv", "引号"),
        (b" , \n,\n", "a.csv", "没有任何内容"),
        (workbook(lambda sheet: sheet.write_blank(0, 0, None)), "a.xlsx", "没有任何内容"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, filename: str, says: str) -> None:
    assert says in refusal(data, filename)


def test_a_package_without_a_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w/>")

    assert "没有工作簿" in refusal(out.getvalue(), "a.xlsx")


def test_a_compressed_bomb_is_refused_before_it_is_opened() -> None:
    bomb = replaced(SIMPLE, "xl/sharedStrings.xml", b" " * (201 * 1024 * 1024))

    assert len(bomb) < 1024 * 1024
    assert "200 MB" in refusal(bomb, "a.xlsx")


def test_one_stray_cell_in_the_far_corner_is_refused_instead_of_filling_the_memory() -> None:
    data = workbook(lambda sheet: (sheet.write(0, 0, 1), sheet.write(1_048_575, 16_383, 1)))

    assert "多余的单元格" in refusal(data, "a.xlsx")


def test_a_file_over_the_size_limit_is_refused() -> None:
    assert "20 MB" in refusal(b"a," * (11 * 1024 * 1024), "a.csv")


def test_a_damaged_part_inside_a_sound_package_is_refused() -> None:
    broken = replaced(SIMPLE, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>")

    assert "损坏" in refusal(broken, "a.xlsx")


def test_a_merged_cell_shows_its_value_in_every_place_it_covers() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.merge_range(0, 0, 1, 0, "编号")
        sheet.merge_range(2, 1, 4, 1, "区教育局")
        sheet.write(4, 0, 1003)

    (sheet,) = read_rows(workbook(fill), "a.xlsx").sheets

    assert [list(row) for row in sheet.rows[:2]] == [["编号", ""], ["", ""]]
    assert [list(row) for row in sheet.filled_rows()] == [
        ["编号", ""],
        ["编号", ""],
        ["", "区教育局"],
        ["", "区教育局"],
        [1003.0, "区教育局"],
    ]


def test_a_text_table_may_say_that_a_number_is_text() -> None:
    assert read_rows(b'a,b\n="0012",1\n', "a.csv").sheets[0].rows[1] == ("0012", "1")


def test_formats_without_content_claim_no_room_however_far_they_reach() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["编号", "姓名"])
        sheet.write_row(1, 0, ["1001", "张三"])
        for column in range(2, 12_000):
            sheet.write_blank(1, column, None, bold)
        sheet.write_blank(1_048_575, 16_000, None, bold)

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        fill(book.add_worksheet("名单"))
    (sheet,) = read_rows(out.getvalue(), "a.xlsx").sheets

    assert list(sheet.rows) == [["编号", "姓名"], ["1001", "张三"]]


def test_a_formula_gives_its_last_value_and_where_it_has_none_the_column_says_so() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.write(0, 0, "编号")
        sheet.write_formula(1, 0, "=1000+1", None, 1001)
        sheet.write_formula(2, 0, '=""', None, "")
        sheet.write(3, 0, "1003")

    data = workbook(fill)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    never = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", sheet)

    assert [row[0] for row in read_rows(data, "a.xlsx").sheets[0].rows] == ["编号", 1001.0, "", "1003"]
    (read,) = read_rows(replaced(data, "xl/worksheets/sheet1.xml", never), "a.xlsx").sheets
    assert read.uncomputed == {0: 3}
    with pytest.raises(Unreadable, match="工作表“名单”里有公式还没有算出结果，例如第 3 行"):
        require_computed("名单", read.uncomputed, [0], first_row=1)
    require_computed("名单", read.uncomputed, [1], first_row=1)
    require_computed("名单", read.uncomputed, [0], first_row=3)


def test_a_file_of_nothing_but_formulas_without_a_value_says_so() -> None:
    data = workbook(lambda sheet: sheet.write_formula(0, 0, "=1+1", None, 2))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").replace(b"<v>2</v>", b"")

    assert "公式还没有算出结果，例如第 1 行" in refusal(
        replaced(data, "xl/worksheets/sheet1.xml", sheet), "a.xlsx"
    )


def test_a_formula_on_a_hidden_sheet_stands_in_nobody_s_way() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("名单").write(0, 0, "编号")
        hidden = book.add_worksheet("选项")
        hidden.write_formula(0, 0, "=1+1", None, 2)
        hidden.hide()
    data = out.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet2.xml").replace(b"<v>2</v>", b"")

    read = read_rows(replaced(data, "xl/worksheets/sheet2.xml", sheet), "a.xlsx")

    assert [one.name for one in read.sheets] == ["名单"]
