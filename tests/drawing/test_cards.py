"""Printed cards: they have the right size, read back, and print every name as it is written."""

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageStat

from benchmarks.card_sheets import faces
from tests.drawing.rasters import facts, pages, texts
from volunteer.drawing.cards import CardFace, card_pdf, card_png, card_values, ground_values, sheet_pdf
from volunteer.drawing.documents import typeset
from volunteer.drawing.fonts import face, text_width
from volunteer.drawing.layouts import TEXT_WIDTH, card_texts

ALICE = CardFace(
    "李𬭎明", "LG440307001025", "法院服务中队", "VC1-0123456789ABCDEFGHJKMNPQ", "机关志愿服务大队"
)
RARE = ("李𬭎明", "欧阳㛃䶮", "王𫖯", "吉𬀩〇", "张𠮷")
INCH = 25.4


def _opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png))


def test_the_picture_is_a_bank_card_at_300_dpi() -> None:
    picture = _opened(card_png(ALICE))

    assert picture.size == (1011, 638)
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_the_picture_reads_back() -> None:
    found = zxingcpp.read_barcodes(_opened(card_png(ALICE)))

    assert [symbol.text for symbol in found] == [ALICE.token]
    position = found[0].position
    assert (position.top_right.x - position.top_left.x) / 300 * INCH >= 25


def test_a_page_is_exactly_one_card(tmp_path: Path) -> None:
    size = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", facts(card_pdf([ALICE]), tmp_path))

    assert size is not None
    assert [float(side) / 72 * INCH for side in size.groups()] == pytest.approx([85.6, 54.0], abs=0.05)


def test_every_printed_card_reads_back_in_order(tmp_path: Path) -> None:
    cards = faces(24)

    printed = pages(card_pdf(cards), tmp_path)

    assert [[found.text for found in zxingcpp.read_barcodes(page)] for page in printed] == [
        [card.token] for card in cards
    ]


def test_the_printed_symbol_has_its_quiet_zone(tmp_path: Path) -> None:
    page = pages(card_pdf([ALICE]), tmp_path)[0].convert("L")
    position = zxingcpp.read_barcode(page).position
    left, top = position.top_left.x, position.top_left.y
    right, bottom = position.bottom_right.x, position.bottom_right.y

    margin, inside = 46, 2
    around = page.crop((left - margin, top - margin, right + margin, bottom + margin))
    around.paste(255, (margin - inside, margin - inside, *(side - margin + inside for side in around.size)))

    assert around.getextrema()[0] >= 250


@pytest.mark.parametrize("name", RARE)
def test_a_rare_name_is_printed_and_can_be_copied(name: str, tmp_path: Path) -> None:
    pdf = card_pdf([replace(ALICE, name=name)])

    assert name in texts(pdf, tmp_path)[0]
    assert not _looks_like_a_box(pages(pdf, tmp_path)[0], name)


def test_the_check_for_empty_boxes_recognises_one(tmp_path: Path) -> None:
    unprintable = replace(ALICE, name="李\U0002a6a5")
    card = card_values(unprintable)
    shown = json.loads(json.dumps(card["texts"]).replace(json.dumps("李□"), json.dumps(unprintable.name)))
    card["texts"] = shown
    unchecked = typeset("cards.typ", {"ground": ground_values(), "cards": [card]})

    assert _looks_like_a_box(pages(unchecked, tmp_path)[0], unprintable.name)


def _looks_like_a_box(page: Image.Image, name: str) -> bool:
    """Whether some character of the printed name has the ink of the font's empty box."""
    line = next(text for text in card_texts(replace(ALICE, name=name)) if text.text == name)
    px = 300 / INCH
    reach = (line.size + line.tracking) * px
    box = _ink(_drawn("\ue000", line.size * px))
    cells = [
        page.crop((round(left), round(12.3 * px), round(left + reach), round(29.5 * px)))
        for left in (line.x * px + index * reach for index in range(len(name)))
    ]
    return any(ImageStat.Stat(ImageChops.difference(_ink(cell), box)).mean[0] < 40 for cell in cells)


def _drawn(character: str, size: float) -> Image.Image:
    picture = Image.new("L", (round(2 * size),) * 2, 255)
    # As bold as the name on the card.
    ImageDraw.Draw(picture).text((10, 10), character, 0, face(size), stroke_width=0.016 * size)
    return picture


def _ink(picture: Image.Image) -> Image.Image:
    """The ink alone, without its surroundings, brought to one size."""
    ink = picture.convert("L").point(lambda value: 255 if value < 128 else 0)
    frame = ink.getbbox()
    assert frame is not None
    return ink.crop(frame).resize((64, 64))


def test_the_screen_shows_what_the_printer_prints(tmp_path: Path) -> None:
    screen = _opened(card_png(ALICE)).convert("L").reduce(4)
    printed = pages(card_pdf([ALICE]), tmp_path)[0].convert("L").crop((0, 0, 1011, 638)).reduce(4)

    different = ImageChops.difference(screen, printed).point(lambda value: value > 90 and 255)

    assert sum(different.get_flattened_data()) / 255 < 0.01 * screen.width * screen.height


def test_two_names_make_two_different_pictures() -> None:
    assert card_png(ALICE) != card_png(replace(ALICE, name="李宏明"))


def test_a_box_to_write_in_stands_for_a_character_without_a_glyph(tmp_path: Path) -> None:
    rare = [replace(ALICE, name=name) for name in ("张𪚥", "ئابدۇللا")]

    found = texts(card_pdf([*rare, replace(ALICE, team_name="\ue000中队")]), tmp_path)

    for told, page in zip(("张□", "□□□□\n□□□□", "□中队"), found, strict=True):
        assert told in page
    assert all(ALICE.volunteer_no in page.replace(" ", "") for page in found)
    assert card_png(rare[0]) == card_png(replace(ALICE, name="张□"))


@pytest.mark.parametrize(
    "text",
    ["#panic()", '"); #image("x")', "$x$ *b* _i_ `c`", "\\u{41} @ref <label>", "= title // comment"],
)
def test_a_name_is_printed_and_never_executed(text: str, tmp_path: Path) -> None:
    pdf = card_pdf([replace(ALICE, team_name=text)])

    assert text in texts(pdf, tmp_path)[0]


@pytest.mark.parametrize(
    "card",
    [
        replace(ALICE, name="阿卜杜热合曼·买买提艾力", team_name="深圳市龙岗区" * 6),
        replace(ALICE, name="Alexandra Konstantinopoulos", brigade_name="机关党员志愿服务大队" * 3),
        replace(ALICE, volunteer_no="440307" * 6, team_name="Government Services " * 4),
    ],
)
def test_long_texts_are_set_smaller_and_stay_on_their_side_of_the_card(card: CardFace) -> None:
    for line in card_texts(card)[2:-1]:
        assert line.x + text_width(line.text, line.size, line.tracking) <= 5.5 + TEXT_WIDTH + 0.1

    assert zxingcpp.read_barcode(_opened(card_png(card))).text == ALICE.token


def test_a_long_name_breaks_after_its_dot_and_loses_nothing(tmp_path: Path) -> None:
    printed = texts(card_pdf([replace(ALICE, name="阿卜杜热合曼·买买提艾力")]), tmp_path)[0]

    assert "阿卜杜热合曼·" in printed
    assert "买买提艾力" in printed


def test_fonts_are_embedded_as_a_subset(tmp_path: Path) -> None:
    pdf = card_pdf([ALICE])

    fonts = facts(pdf, tmp_path, "pdffonts").splitlines()[2:]
    assert all(re.match(r"[A-Z]{6}\+NotoSansCJKsc", font) for font in fonts)
    assert len(pdf) < 60_000


def test_progress_is_reported_at_least_twenty_times_and_ends_when_done() -> None:
    reports: list[tuple[int, int]] = []

    card_pdf(faces(60), lambda done, total: reports.append((done, total)))

    assert len(reports) >= 20
    assert reports == sorted(reports)
    assert reports[-1] == (60, 60)
    assert all(done < 60 for done, _ in reports[:-1])


def test_the_same_cards_give_the_same_pages(tmp_path: Path) -> None:
    first, second = (tmp_path / "first", tmp_path / "second")
    first.mkdir()
    second.mkdir()

    (one,), (other,) = pages(card_pdf([ALICE]), first), pages(card_pdf([ALICE]), second)

    assert one.tobytes() == other.tobytes()


def test_no_cards_are_no_document() -> None:
    with pytest.raises(ValueError, match="no cards"):
        card_pdf([])


def test_a_sheet_is_a4_with_ten_cards_in_order_and_real_size(tmp_path: Path) -> None:
    cards = faces(13)
    pdf = sheet_pdf(cards)

    printed = pages(pdf, tmp_path)

    found = [zxingcpp.read_barcodes(page) for page in printed]
    assert "A4" in facts(pdf, tmp_path)
    assert [len(symbols) for symbols in found] == [10, 3]
    assert {symbol.text for symbols in found for symbol in symbols} == {card.token for card in cards}
    first = min(found[0], key=lambda symbol: symbol.position.top_left.x + symbol.position.top_left.y)
    side = (first.position.top_right.x - first.position.top_left.x) / printed[0].width * 210
    assert (first.text, side) == (cards[0].token, pytest.approx(25.4, abs=0.4))


def test_cut_marks_stand_at_the_corners_and_outside_the_cards(tmp_path: Path) -> None:
    page = pages(sheet_pdf(faces(1)), tmp_path)[0].convert("L")
    scale = page.width / 210
    left, top = (210 - 2 * 85.6 - 3) / 2, (297 - 5 * 54 - 4 * 3) / 2

    def darkest(x: float, y: float) -> int:
        box = ((x - 0.3) * scale, (y - 0.3) * scale, (x + 0.3) * scale, (y + 0.3) * scale)
        return int(page.crop(tuple(round(edge) for edge in box)).getextrema()[0])

    assert darkest(left - 3, top) < 180
    assert darkest(left, top - 2.5) < 180
    assert darkest(left - 3, top + 20) > 240


def test_a_temporary_card_says_until_when_and_is_no_lasting_one(tmp_path: Path) -> None:
    lent = replace(ALICE, until="有效至 2026年9月15日")

    text = texts(card_pdf([lent]), tmp_path)[0].replace(" ", "")

    assert "有效至2026年9月15日" in text
    assert "临时证" in text
    assert "志愿者证" not in text
