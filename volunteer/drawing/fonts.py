"""The one font everything is printed with, and which characters it can print.

Neither Pillow nor the PDF writer says a word when a glyph is missing: they
print whatever the font has for it. So every text is held against the font's own
character map first: a box that can be written in by hand stands for what it lacks,
so that everybody gets a card, and pages name whom it concerns before printing.
"""

import re
import struct
from functools import cache
from importlib.resources import as_file

from noto_cjk_sans_otc import FONT_PATH
from PIL import ImageFont

FAMILY = "Noto Sans CJK SC"
# The collection holds ten faces; this one has the shapes used in mainland China.
FACE_INDEX = 2
UNICODE_FULL = (3, 10)
SEGMENTED_COVERAGE = 12
# What stands on paper for a character without a glyph.
BOX = "□"


def missing_glyphs(text: str) -> list[str]:
    """Name each character of ``text`` that cannot be printed, once, in order, such as ``U+2A6A5 𪚥``."""
    return [glyph_name(character) for character in _missing(text)]


def boxed(text: str) -> str:
    """``text`` as it is printed: a box for each character without a glyph, a space for a line break."""
    plain = re.sub(r"\s", " ", text)
    return plain.translate({ord(character): BOX for character in _missing(plain)})


def spelt(text: str) -> str:
    """``text`` on one line, with the code point for each character without a glyph, such as [U+2A6A5]."""
    plain = " ".join(text.split())
    return plain.translate({ord(character): f"[U+{ord(character):04X}]" for character in _missing(plain)})


def glyph_name(character: str) -> str:
    """The code point and, where it can be shown at all, the character: ``U+2A6A5 𪚥``, ``U+E000``."""
    shown = f" {character}" if character.isprintable() else ""
    return f"U+{ord(character):04X}{shown}"


@cache
def face(size: float) -> ImageFont.FreeTypeFont:
    """The font at ``size`` pixels per em."""
    return ImageFont.truetype(font_file(), size, index=FACE_INDEX)


def text_width(text: str, size: float, tracking: float = 0.0) -> float:
    """The width of ``text`` in the unit of ``size``, with ``tracking`` added between characters."""
    return face(1000).getlength(text) * size / 1000 + tracking * max(len(text) - 1, 0)


@cache
def font_file() -> str:
    """The path of the font collection, which is installed as a plain file."""
    with as_file(FONT_PATH) as path:
        return str(path)


def _missing(text: str) -> list[str]:
    return [character for character in dict.fromkeys(text) if ord(character) not in _covered()]


@cache
def _covered() -> frozenset[int]:
    """Every code point with a glyph, from the face's ``cmap`` table (OpenType 1.9, format 12)."""
    with open(font_file(), "rb") as file:
        font = file.read()
    (face_at,) = struct.unpack_from(">I", font, 12 + 4 * FACE_INDEX)
    table_at = _subtable(font, _table(font, face_at, b"cmap"))
    kind, count = struct.unpack_from(">H10xI", font, table_at)
    if kind != SEGMENTED_COVERAGE:
        raise ValueError(f"character map of format {kind} in the font")
    groups = struct.iter_unpack(">III", font[table_at + 16 : table_at + 16 + 12 * count])
    return frozenset(
        code
        for start, end, glyph in groups
        for code in range(start, end + 1)
        if glyph + code - start != 0  # glyph 0 is the empty box itself
    )


def _table(font: bytes, face_at: int, wanted: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, face_at + 4)
    for index in range(count):
        tag, offset = struct.unpack_from(">4s4xI", font, face_at + 12 + 16 * index)
        if tag == wanted:
            return int(offset)
    raise ValueError(f"no table {wanted!r} in the font")


def _subtable(font: bytes, cmap_at: int) -> int:
    (count,) = struct.unpack_from(">H", font, cmap_at + 2)
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap_at + 4 + 8 * index)
        if (platform, encoding) == UNICODE_FULL:
            return int(cmap_at + offset)
    raise ValueError("no full Unicode character map in the font")
