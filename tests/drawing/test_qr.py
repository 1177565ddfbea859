"""QR symbols: the right version and mode, the quiet zone, and every form reads back."""

from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from volunteer.drawing.qr import MARGIN_MODULES, qr_image, qr_modules, qr_path, qr_png, qr_svg

TOKEN = "VC1-0123456789ABCDEFGHJKMNPQ"


def test_a_card_token_makes_version_2() -> None:
    modules = qr_modules(TOKEN)

    assert len(modules) == 25
    assert {len(row) for row in modules} == {25}


def test_the_token_is_written_in_alphanumeric_mode_with_level_q() -> None:
    result = zxingcpp.read_barcode(qr_image(TOKEN))

    assert result is not None
    assert result.text == TOKEN
    assert result.ec_level == "Q"
    # Small letters need byte mode and with it a larger symbol.
    assert len(qr_modules(TOKEN.lower())) > len(qr_modules(TOKEN))


def test_the_quiet_zone_is_four_light_modules_on_every_side() -> None:
    picture = qr_image(TOKEN, module_px=3).convert("L")

    dark = picture.point(lambda value: 255 - value).getbbox()

    edge = MARGIN_MODULES * 3
    assert picture.size == (33 * 3, 33 * 3)
    assert dark == (edge, edge, 33 * 3 - edge, 33 * 3 - edge)


@pytest.mark.parametrize("module_px", [2, 5, 12])
def test_a_png_reads_back(module_px: int) -> None:
    picture = Image.open(BytesIO(qr_png(TOKEN, module_px)))

    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [TOKEN]


def test_an_address_with_small_letters_reads_back_too() -> None:
    address = "https://service.example/c/" + TOKEN

    assert zxingcpp.read_barcode(qr_image(address)).text == address


def test_the_svg_draws_the_same_modules_as_the_picture() -> None:
    modules = qr_modules(TOKEN)
    drawn = Image.new("1", (25, 25), 0)

    for run in qr_path(modules).removeprefix("M").split("M"):
        x, rest = run.split(" ")
        y, length, *_ = rest.replace("v", "h").split("h")
        drawn.paste(1, (int(x), int(y), int(x) + int(length), int(y) + 1))

    assert [bool(drawn.getpixel((x, y))) for y in range(25) for x in range(25)] == [
        module for row in modules for module in row
    ]


def test_the_svg_has_a_white_ground_and_a_name_for_screen_readers() -> None:
    svg = ElementTree.fromstring(qr_svg(TOKEN, '动态码 "A&B"'))

    assert svg.get("viewBox") == "0 0 33 33"
    assert svg.get("aria-label") == '动态码 "A&B"'
    assert "style" not in ElementTree.tostring(svg, encoding="unicode")


def test_an_empty_text_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing"):
        qr_modules("")


def test_an_overlong_text_is_a_mistake() -> None:
    with pytest.raises(ValueError):
        qr_modules("A" * 5000)
