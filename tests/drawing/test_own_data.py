"""The own data on paper: any length, any character, never refused."""

from pathlib import Path

from tests.drawing.rasters import facts, texts
from volunteer.drawing.own_data import OwnData, Section, own_data_pdf


def paper(*sections: Section, lang: str = "zh") -> OwnData:
    return OwnData(lang, "我的数据", "张三 · A001", "以下是全部内容。", sections)


def test_every_row_is_printed_over_as_many_pages_as_it_takes(tmp_path: Path) -> None:
    rows = [[("时间", f"2026-09-15 {number:04}"), ("服务站", "龙城广场U站")] for number in range(200)]

    pdf = own_data_pdf(paper(Section("刷卡", rows)))

    pages = texts(pdf, tmp_path)
    assert "(A4)" in facts(pdf, tmp_path)
    assert len(pages) > 1
    joined = "".join(pages).replace(" ", "")
    assert all(f"{number:04}" in joined for number in range(200))
    assert "刷卡(200)" in joined


def test_a_character_the_font_lacks_is_named_and_not_refused(tmp_path: Path) -> None:
    pdf = own_data_pdf(paper(Section("备注", [[("内容", "张𪚥😀")]])))

    (page,) = texts(pdf, tmp_path)
    assert "张[U+2A6A5][U+1F600]" in page.replace(" ", "")


def test_what_people_typed_is_never_run_as_a_template(tmp_path: Path) -> None:
    pdf = own_data_pdf(paper(Section("备注", [[("内容", '#panic("x") *bold* $1$')]])))

    assert '#panic("x") *bold* $1$' in texts(pdf, tmp_path)[0]


def test_no_rows_are_a_document_too(tmp_path: Path) -> None:
    assert "我的数据" in texts(own_data_pdf(paper()), tmp_path)[0].replace(" ", "")
