"""Tidying cells: what keyboards and spreadsheets leave behind goes, the person stays."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.cells import Cell, cell_text, is_blank, tidy_code, tidy_heading, tidy_name, tidy_text


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        ("\u00a0李\u200b四\ufeff ", "李四"),
        ("欧 阳 娜 娜", "欧阳娜娜"),
        ("John  Smith", "John Smith"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("李\u3000𬭎", "李𬭎"),
        ("㛃 䶮", "㛃䶮"),
        ("Ｔｏｍ", "Tom"),
        ("龙岗区人民法院（本部）", "龙岗区人民法院（本部）"),
    ],
)
def test_a_name_is_tidied_but_never_changed(written: str, tidy: str) -> None:
    assert tidy_name(written) == tidy


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("'1001", "1001"),
        ("ｌｇ－００１", "LG-001"),
        (" lg 001 ", "LG001"),
        ("LG—001", "LG-001"),
        ("＇７", "7"),
    ],
)
def test_a_code_is_tidied_to_what_a_plain_keyboard_types(written: str, tidy: str) -> None:
    assert tidy_code(written) == tidy


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1001.0, "1001"),
        (1001, "1001"),
        (10.5, "10.5"),
        (1.10105194912310e17, "1.1010519491231e+17"),
        (True, "TRUE"),
        (None, ""),
        ("  a  b ", "a b"),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5), "2026-03-05"),  # noqa: DTZ001 - a spreadsheet's date has no zone
        (datetime(2026, 3, 5, 8, 30), "2026-03-05 08:30"),  # noqa: DTZ001
        (time(8, 30), "08:30:00"),
    ],
)
def test_a_cell_reads_as_a_clerk_reads_it(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def test_a_cell_of_invisible_characters_is_blank() -> None:
    assert is_blank("\u200b\u3000\u00a0\ufeff")
    assert is_blank(None)
    assert not is_blank(0)
    assert not is_blank(False)


def test_a_heading_is_read_without_marks_and_remarks() -> None:
    assert tidy_heading(" 姓 名*（必填）：") == "姓名"
    assert tidy_heading("志愿者\n编号") == "志愿者编号"
    assert tidy_heading("Volunteer No.") == "volunteerno"


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    for tidy in (tidy_text, tidy_name, tidy_code):
        once = tidy(text)
        assert tidy(once) == once


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1))
def test_no_chinese_character_is_ever_lost_or_replaced(name: str) -> None:
    assert tidy_name("\u3000".join(name)) == name
