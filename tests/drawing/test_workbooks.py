"""Workbooks and text tables: opened undamaged, formulas harmless, memory that does not grow."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO
from xml.etree import ElementTree

import pytest

from volunteer.drawing.workbooks import Column, Template, Value, draw_csv, draw_table, draw_template, harmless
from volunteer.reading.workbooks import read_rows

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", '=HYPERLINK("http://x","y")']
SPECIAL = [
    "欧阳·娜娜",
    "李𬭎",
    "a\nb",
    "<&>\"'",
    "0012",
    "440000199001010001",
    "_x0041_",
    "https://example.org",
]


def whole(file: IO[bytes]) -> bytes:
    with file:
        return file.read()


def table(*rows: list[Value]) -> bytes:
    return whole(draw_table("名单", ["编号", "姓名"], rows))


def test_text_comes_back_as_it_was_and_numbers_stay_numbers() -> None:
    data = table(*([text, 1.5] for text in SPECIAL), ["x", None])

    rows = read_rows(data, "a.xlsx").sheets[0].rows

    assert [row[0] for row in rows] == ["编号", *SPECIAL, "x"]
    assert rows[1][1] == 1.5


def test_days_and_times_are_real_ones_and_read_alike_in_a_text_table() -> None:
    row: list[Value] = [date(2026, 9, 15), datetime(2026, 9, 15, 10, 30)]  # noqa: DTZ001

    cells = read_rows(table(row), "a.xlsx").sheets[0].rows[1]
    text = b"".join(draw_csv(["a", "b"], [row])).decode("utf-8-sig")

    assert cells == row
    assert text == '"a","b"\r\n"2026-09-15","2026-09-15 10:30"\r\n'


def test_in_a_text_table_texts_are_quoted_and_numbers_are_not() -> None:
    assert b"".join(draw_csv(["a", "b"], [["0012", 1.5]])).endswith(b'"0012",1.5\r\n')


def test_no_text_becomes_a_formula_or_a_link_in_a_workbook() -> None:
    data = table(*([text, ""] for text in [*FORMULAS, "https://example.org"]))

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        names = package.namelist()
        for name in names:
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(package.read(name))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert not any("externalLink" in name for name in names)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_in_a_text_table(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert b"".join(draw_csv(["a"], [[text]])).decode("utf-8-sig").lstrip('a\r\n"').startswith("'")


def test_what_is_no_formula_is_left_alone() -> None:
    assert [harmless(text) for text in SPECIAL] == SPECIAL


def test_a_long_table_does_not_fill_the_memory() -> None:
    def rows(count: int) -> Iterator[list[Value]]:
        yield from ([f"L{serial:06}", "张三", "区法院", 1.5] for serial in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        whole_size = sum(len(piece) for piece in draw_csv(["a"], rows(count)))
        draw_table("a", ["a"], rows(count)).close()
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert whole_size > count * 10
        return top

    assert peak(10_000) < peak(1_000) + 3_000_000


def test_a_template_has_text_columns_drop_downs_and_notes() -> None:
    columns = [Column("编号", "示例-1", is_needed=True), Column("队伍", "FD01", ["FD01", "FD02"])]
    data = draw_template(Template("志愿者", columns, "说明", ["先看这里"]))

    sheets = read_rows(data, "a.xlsx").sheets
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
        styles = package.read("xl/styles.xml").decode()
    assert [(one.name, one.is_hidden) for one in sheets] == [
        ("志愿者", False),
        ("说明", False),
        ("选项 Choices", True),
    ]
    assert "选项 Choices'!$B$1:$B$2" in sheet
    assert '<cols><col min="1" max="2" width="26.7109375" style="1"' in sheet
    assert 'numFmtId="49"' in styles.split("<cellXfs")[1].split("<xf ")[2]
    assert sheets[0].rows[1] == ["示例-1", "FD01"]
