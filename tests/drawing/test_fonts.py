"""Which characters can be printed: rare names are, and what cannot be printed is named."""

from pathlib import Path

import pytest

from volunteer.drawing import layouts
from volunteer.drawing.documents import TEMPLATES
from volunteer.drawing.fonts import boxed, face, missing_glyphs, spelt, text_width

NO_GLYPH = "\ue000"


@pytest.mark.parametrize("character", "𬭎㛃䶮𫖯𬭊𬀩𬘭𠮷〇镕喆堃㐂·Aé")
def test_a_character_of_a_real_name_is_drawn_and_is_not_the_empty_box(character: str) -> None:
    font = face(40)

    assert missing_glyphs(character) == []
    assert bytes(font.getmask(character)) != bytes(font.getmask(NO_GLYPH))


def test_the_character_map_agrees_with_what_is_drawn() -> None:
    font = face(24)
    box = bytes(font.getmask(NO_GLYPH))

    for code in (*range(0x4E00, 0x9FFF, 97), *range(0x20000, 0x2A6DF, 997)):
        is_box = bytes(font.getmask(chr(code))) == box
        assert is_box is bool(missing_glyphs(chr(code))), f"U+{code:04X}"


def test_missing_characters_are_named_once_and_in_order() -> None:
    assert missing_glyphs("张𪚥伟𪚥\ue000\n") == ["U+2A6A5 𪚥", "U+E000", "U+000A"]


def test_a_box_or_the_code_point_stands_for_what_cannot_be_printed() -> None:
    assert boxed("李𬭎 张𪚥\ue000\n") == "李𬭎 张□□ "
    assert spelt("李𬭎\n张𪚥\ue000\n") == "李𬭎 张[U+2A6A5][U+E000]"
    assert missing_glyphs(boxed("ئابدۇللا 𪚥一")) == []


def test_the_words_we_print_ourselves_have_glyphs() -> None:
    sources = [*TEMPLATES.glob("*.typ"), Path(layouts.__file__)]

    missing = missing_glyphs("".join(path.read_text(encoding="utf-8") for path in sources))

    assert missing == ["U+000A"]


def test_a_chinese_character_is_one_em_wide() -> None:
    assert text_width("志愿", 3.0) == pytest.approx(6.0)
    assert text_width("志愿者", 3.0, tracking=0.5) == pytest.approx(10.0)
