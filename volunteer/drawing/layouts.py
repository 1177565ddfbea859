"""Where everything stands on a volunteer card, in millimetres from the top left corner.

The bitmap and the PDF are drawn from the same list of shapes, so that what is
seen on the screen is what comes out of the printer.
"""

import math
from dataclasses import dataclass, replace

from volunteer.drawing.fonts import boxed, text_width

# ISO/IEC 7810 ID-1, the size of a bank card.
WIDTH, HEIGHT, CORNER = 85.6, 54.0, 3.18

RED, DARK, GREY, WHITE = "#b1121b", "#1d1d1f", "#5c5c63", "#ffffff"
GOLD, BLUSH = "#d8a848", "#fbeaea"

BAND_HEIGHT = 11.5
LEFT, TEXT_WIDTH = 5.5, 44.4
NAME_SIZE, NAME_BASELINE = 10.4, 27.4
# A name that would have to be smaller than this on one line is set on two.
NAME_SMALLEST, NAME_LINE = 5.6, 6.8
# Wider spacing would look well on short names, but is read as a space when the name is copied from the PDF.
TRACKING = 0.04
# Twelve printer dots at 300 dpi: the module edges fall on whole dots, the symbol is 25.4 mm wide.
MODULE = 12 * 25.4 / 300
QR_LEFT, QR_TOP = 54.7, 18.4


@dataclass(frozen=True)
class CardFace:
    """What is printed on one card."""

    name: str
    volunteer_no: str
    team_name: str
    token: str
    brigade_name: str
    # On a temporary card: until when it counts, in words. Empty on a lasting one.
    until: str = ""

    def printable(self) -> "CardFace":
        """The same card with a box for each character that the font lacks."""
        names = ("name", "volunteer_no", "team_name", "brigade_name", "until")
        return replace(self, **{name: boxed(getattr(self, name)) for name in names})


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True)
class Ring:
    """A circle line around (x, y)."""

    x: float
    y: float
    radius: float
    stroke: float
    fill: str


@dataclass(frozen=True)
class Stroke:
    """A straight line with square ends."""

    x: float
    y: float
    to_x: float
    to_y: float
    stroke: float
    fill: str


@dataclass(frozen=True)
class Text:
    """One line of text: left end at ``x``, standing on the baseline ``y``; ``size`` is the em."""

    text: str
    x: float
    y: float
    size: float
    fill: str
    is_bold: bool = False
    tracking: float = 0.0


def _clock(x: float, y: float, radius: float) -> list[Ring | Stroke]:
    ticks: list[Ring | Stroke] = []
    for hour in range(12):
        turn = math.radians(30 * hour)
        inner = radius * (0.78 if hour % 3 == 0 else 0.86)
        ticks.append(
            Stroke(
                x + inner * math.sin(turn), y - inner * math.cos(turn),
                x + radius * 0.92 * math.sin(turn), y - radius * 0.92 * math.cos(turn),
                0.9, BLUSH,
            )
        )  # fmt: skip
    hands: list[Ring | Stroke] = [
        Stroke(x, y, x, y - radius * 0.62, 1.1, BLUSH),
        Stroke(x, y, x + radius * 0.42, y - radius * 0.24, 1.1, BLUSH),
    ]
    return [Ring(x, y, radius, 1.4, BLUSH), *ticks, *hands]


GROUND: tuple[Box | Ring | Stroke, ...] = (
    Box(0, 0, WIDTH, HEIGHT, WHITE),
    *_clock(31.0, 47.0, 17.5),
    Box(0, 0, WIDTH, BAND_HEIGHT, RED),
    Box(0, BAND_HEIGHT, WIDTH, 0.7, GOLD),
    Box(LEFT, 30.2, 9.0, 0.8, RED),
    Box(0, HEIGHT - 1.2, WIDTH, 1.2, RED),
)


def card_texts(face: CardFace) -> list[Text]:
    """The lines of text on ``face``; a long line is set smaller, never cut off."""
    title = "临时证" if face.until else "志愿者证"
    title_left = WIDTH - LEFT - text_width(title, 3.9, 0.5)
    caption = face.until or "到岗、离岗各刷一次"
    caption_size = _fit(caption, 2.1, 25 * MODULE)
    centre = QR_LEFT + 12.5 * MODULE
    return [
        _fitted(face.brigade_name, LEFT, 7.2, 4.0, title_left - LEFT - 3, WHITE, True),
        Text(title, title_left, 7.2, 3.9, WHITE, True, 0.5),
        *_name_lines(face.name),
        *_team_lines(face.team_name),
        Text("编号 No.", LEFT, 45.4, 2.2, GREY),
        _fitted(face.volunteer_no, LEFT, 50.1, 4.6, TEXT_WIDTH, RED, True),
        Text(caption, centre - text_width(caption, caption_size) / 2, 50.6, caption_size, GREY),
    ]


def _name_lines(name: str) -> list[Text]:
    size = _fit(name, NAME_SIZE, TEXT_WIDTH)
    lines: tuple[str, ...] = (name,)
    if size < NAME_SMALLEST:
        lines = _halves(name)
        size = min(_fit(line, NAME_LINE, TEXT_WIDTH) for line in lines)
    first = NAME_BASELINE - NAME_LINE * (len(lines) - 1)
    # The strokes of a Chinese character begin a little inside its square: move it to the common left edge.
    left = LEFT - 0.05 * size
    return [
        Text(line, left, first + index * NAME_LINE, size, DARK, True, TRACKING * size)
        for index, line in enumerate(lines)
    ]


def _team_lines(team_name: str) -> list[Text]:
    size, first = 3.4, 36.0
    if text_width(team_name, size) <= TEXT_WIDTH:
        return [Text(team_name, LEFT, first, size, DARK)]
    lines = _halves(team_name)
    size = min(_fit(line, size, TEXT_WIDTH) for line in lines)
    return [Text(line, LEFT, first + index * 4.2, size, DARK) for index, line in enumerate(lines)]


def _halves(text: str) -> tuple[str, str]:
    """Break ``text`` near its middle: after a space or a middle dot where there is one, else anywhere."""
    breaks = [at for at in range(1, len(text)) if text[at - 1] in " ·"]
    at = min(breaks or range(1, len(text)), key=lambda at: _lopsidedness(text, at))
    return text[:at].rstrip(" "), text[at:]


def _lopsidedness(text: str, at: int) -> float:
    return abs(text_width(text[:at], 1) - text_width(text[at:], 1))


def _fit(text: str, size: float, width: float) -> float:
    needed = text_width(text, size, TRACKING * size)
    return size if needed <= width else size * width / needed


def _fitted(text: str, x: float, y: float, size: float, width: float, fill: str, is_bold: bool) -> Text:
    return Text(text, x, y, _fit(text, size, width), fill, is_bold)
