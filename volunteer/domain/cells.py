"""What a cell of a table holds, and how a clerk would tidy it up.

Tidying never changes which person or number is meant: it only undoes what
keyboards, spreadsheets and copying leave behind. Doing it twice changes nothing.
"""

import re
from datetime import date, datetime, time, timedelta
from itertools import pairwise

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""One cell as the file holds it; ``None`` and ``""`` are both an empty cell."""

# Zero-width and direction marks, byte order mark, soft hyphen: never seen on the screen.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_SPACES = re.compile(r"\s+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_FULL_WIDTH_ALNUM = {code: plain for code, plain in _FULL_WIDTH.items() if chr(plain).isalnum()}
# A middle dot joins the parts of many minority names; keyboards offer several look-alikes.
_DOTS = re.compile("\\s*[\u00b7\u2022\u2027\u22c5\u30fb\uff65\u2219\uff0e]\\s*")
# By block and not by name: blocks also hold characters newer than this Python's Unicode table.
_HAN = (("\u3400", "\u4dbf"), ("\u4e00", "\u9fff"), ("\ue000", "\ufaff"), ("\U00020000", "\U0003ffff"))
_HAN_SIGNS = frozenset("\u3007\u3005")
_EXACT_BELOW = 1e15  # a binary double keeps every whole number up to about 9.007e15


def is_blank(cell: Cell) -> bool:
    """Whether nothing would be seen in the cell on the screen."""
    return cell is None or (isinstance(cell, str) and not tidy_text(cell))


def is_number(cell: Cell) -> bool:
    """Whether the spreadsheet kept the cell as a number (true and false are not)."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def tidy_text(text: str) -> str:
    """``text`` without invisible characters, with single ASCII spaces and none at the ends."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def tidy_name(text: str) -> str:
    """The name of a person, unit or team as it is written on a card.

    Spaces that only stretch a Chinese name go ("张 三"), those between Latin words
    stay, and every kind of middle dot becomes "·". No character is ever replaced by
    a more common one.
    """
    text = tidy_text(tidy_dots(text).translate(_FULL_WIDTH_ALNUM))
    parts = text.split(" ")
    joined = parts[0]
    for left, right in pairwise(parts):
        joined += right if is_han(left[-1:]) and is_han(right[:1]) else f" {right}"
    return joined


def tidy_dots(text: str) -> str:
    """``text`` with one kind of middle dot, without spaces beside it: 阿卜杜拉・买买提 is 阿卜杜拉·买买提."""
    return _DOTS.sub("·", text)


def tidy_code(text: str) -> str:
    """A number or code as a plain keyboard types it: half-width capitals, no spaces or leading apostrophe."""
    return tidy_plain(text).upper()


def tidy_plain(text: str) -> str:
    """As ``tidy_code``, but small letters stay small: for user names."""
    plain = tidy_text(text).translate(_FULL_WIDTH).replace(" ", "")
    for dash in "‐‑‒–—−":
        plain = plain.replace(dash, "-")
    return plain.lstrip("'‘’`")


def tidy_typed(text: str) -> str:
    """What was typed into a search field: half-width, one kind of middle dot, no surplus spaces."""
    return tidy_text(tidy_dots(text).translate(_FULL_WIDTH))


def tidy_heading(text: str) -> str:
    """A column heading without spaces, marks and brackets: "姓 名*（必填）" is "姓名"."""
    plain = tidy_text(text).translate(_FULL_WIDTH)
    plain = re.sub(r"[(\[【〔].*?[)\]】〕]", "", plain)
    return re.sub(r"[\s*:：/、_.-]+", "", plain).lower()


def cell_text(cell: Cell) -> str:
    """What a clerk reads in the cell: 1001.0 is "1001", a date is "2026-03-05", true is "TRUE"."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return tidy_text(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < _EXACT_BELOW
        return str(int(cell)) if whole else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def is_han(character: str) -> bool:
    """Whether ``character`` is a Chinese one, private ones for names outside Unicode included."""
    return character in _HAN_SIGNS or any(first <= character <= last for first, last in _HAN)
