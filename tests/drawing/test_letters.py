"""Card letters: one page each, the code and the address as they must be typed, a card that reads back."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import zxingcpp

from benchmarks.card_sheets import faces
from tests.drawing.rasters import facts, pages, texts
from volunteer.drawing.layouts import CardFace
from volunteer.drawing.letters import CardLetter, letter_pdf

ALICE = CardFace(
    "李𬭎明", "LG440307001025", "法院服务中队", "VC1-0123456789ABCDEFGHJKMNPQ", "机关志愿服务大队"
)
LETTER = CardLetter(ALICE, "K7QM-2X9D-PT4R", "https://volunteers.example/sign-in", date(2026, 12, 31))


def test_a_letter_says_who_it_is_for_and_how_to_sign_in(tmp_path: Path) -> None:
    (page,) = texts(letter_pdf([LETTER]), tmp_path)

    for expected in ("李𬭎明", "LG440307001025", "K7QM-2X9D-PT4R", "https://volunteers.example/sign-in"):
        assert expected in page
    assert "2026年12月31日" in page.replace(" ", "")
    assert "31 December 2026" in page


def test_chinese_comes_first_and_english_below(tmp_path: Path) -> None:
    (page,) = texts(letter_pdf([LETTER]), tmp_path)

    assert 0 < page.index("这是您的志愿者证") < page.index("This is your volunteer card")


def test_a_letter_without_a_last_day_does_not_mention_one(tmp_path: Path) -> None:
    (page,) = texts(letter_pdf([replace(LETTER, expires_on=None)]), tmp_path)

    assert "有效期至" not in page


def test_each_letter_is_one_a4_page_with_its_own_card(tmp_path: Path) -> None:
    letters = [
        CardLetter(face, f"CODE-{number:04}", "https://a.example") for number, face in enumerate(faces(5))
    ]

    pdf = letter_pdf(letters)

    assert "(A4)" in facts(pdf, tmp_path)
    found = [[symbol.text for symbol in zxingcpp.read_barcodes(page)] for page in pages(pdf, tmp_path)]
    assert found == [[letter.face.token] for letter in letters]


def test_the_card_on_the_letter_has_its_real_size(tmp_path: Path) -> None:
    (page,) = pages(letter_pdf([LETTER]), tmp_path)

    position = zxingcpp.read_barcode(page).position

    assert (position.top_right.x - position.top_left.x) / 300 * 25.4 == pytest.approx(25.4, abs=0.3)


def test_two_marks_show_where_to_fold(tmp_path: Path) -> None:
    (page,) = pages(letter_pdf([LETTER]), tmp_path)
    edge = page.convert("L").crop((60, 0, 100, page.height))

    rows = [y for y in range(edge.height) if edge.getpixel((20, y)) < 200]

    assert {round(y / 300 * 25.4) for y in rows} == {99, 198}


def test_long_texts_stay_on_one_page(tmp_path: Path) -> None:
    face = replace(
        ALICE, name="阿卜杜热合曼·买买提艾力", team_name="深圳市龙岗区机关" * 6, brigade_name="大队" * 30
    )
    url = "https://volunteers.example/" + "path/" * 30

    assert len(texts(letter_pdf([CardLetter(face, "K7QM-2X9D-PT4R", url, date(2027, 1, 1))]), tmp_path)) == 1


def test_a_letter_to_somebody_with_a_rare_name_has_a_box_in_it(tmp_path: Path) -> None:
    rare = replace(LETTER, face=replace(ALICE, name="张𪚥"))

    first, second = texts(letter_pdf([LETTER, rare]), tmp_path)

    assert "□" not in first
    assert "张□ 收" in second.replace("  ", " ")


def test_letters_report_progress_until_they_are_done() -> None:
    reports: list[tuple[int, int]] = []

    letter_pdf([LETTER] * 25, lambda done, total: reports.append((done, total)))

    assert len(reports) >= 20
    assert reports[-1] == (25, 25)


def test_no_letters_are_no_document() -> None:
    with pytest.raises(ValueError, match="no letters"):
        letter_pdf([])
