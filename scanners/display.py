"""The terminal window: one full, large, coloured screen; plain lines where a window cannot do that."""

import os
import shutil
import textwrap
import unicodedata
from typing import TextIO

from scanners.screens import SIGNS, Screen, Tone
from scanners.words import _

COLOURS = {
    Tone.OK: "\x1b[1;97;42m",
    Tone.REPEAT: "\x1b[1;30;43m",
    Tone.WARNED: "\x1b[1;30;43m",
    Tone.ERROR: "\x1b[1;97;41m",
    Tone.TAKEN: "\x1b[1;97;44m",
    Tone.IDLE: "\x1b[0m",
}
RESET, CLEAR_LINE = "\x1b[0m", "\x1b[K"
OPEN, CLOSE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
# DEC double-height lines; not every terminal knows them. A line stays double until it is told otherwise.
TOP_HALF, BOTTOM_HALF, SINGLE = "\x1b#3", "\x1b#4", "\x1b#5"


def width(text: str) -> int:
    """Columns that a text takes: Chinese characters and full-width signs take two."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def printable(text: str) -> str:
    """The text without control characters: a name from outside must not steer the terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def cut(text: str, columns: int) -> str:
    """As much of the text as fits into ``columns``."""
    while width(text) > columns:
        text = text[:-1]
    return text


def fold(text: str, columns: int) -> list[str]:
    """Lines of at most ``columns``; Chinese may break anywhere, other words at spaces where possible."""
    if text.isascii():
        return textwrap.wrap(text, max(1, columns)) or [""]
    lines = [""]
    for sign in text:
        if width(lines[-1] + sign) > columns and lines[-1]:
            lines.append("")
        lines[-1] += sign
    return lines


def centre(text: str, columns: int) -> str:
    """The text in the middle of ``columns``, filled to both sides."""
    left = max(0, columns - width(text)) // 2
    return " " * left + text + " " * max(0, columns - width(text) - left)


def between(left: str, right: str, columns: int) -> str:
    """One text at the left edge and one at the right; the left one is cut when both do not fit."""
    if width(right) >= columns:
        return cut(right, columns)
    left = cut(left, columns - width(right) - 1)
    return left + " " * max(1, columns - width(left) - width(right)) + right


class Display:
    """Draws a screen whenever it differs from the one that stands there."""

    def __init__(self, out: TextIO, has_big_letters: bool = False) -> None:
        self._out = out
        self._big = has_big_letters
        self._is_window = out.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb")
        self._shown: object = None

    def open(self) -> None:
        """Take over the window."""
        if self._is_window:
            self._write(OPEN)

    def close(self) -> None:
        """Give the window back as it was."""
        if self._is_window:
            self._write(RESET + CLOSE)

    def bell(self) -> None:
        """Ring the terminal's bell."""
        if self._out.isatty():
            self._write("\a")

    def show(self, screen: Screen) -> None:
        """Draw, or print one line if anything but the clock changed."""
        if self._is_window:
            size = shutil.get_terminal_size((80, 24))
            lines = compose(screen, size.columns, size.lines, self._big)
            if lines != self._shown:
                self._shown = lines
                # cleared before and not after: at the right edge that would take the last sign with it
                self._write("\x1b[H" + "\n".join(CLEAR_LINE + line for line in lines))
            return
        line = plain_line(screen)
        if line != self._shown:
            self._shown = line
            self._write(f"{screen.now:%H:%M:%S} {line}\n")

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, ValueError):
            pass  # a closed window must not keep the station from recording


def status_words(screen: Screen) -> str:
    """Connection and queue, with a sign so that colour is not needed."""
    sign = "●" if screen.is_connected else "○"
    return f"{sign} {screen.connection}  " + _("待上传 %(count)s 条", count=screen.pending)


def plain_line(screen: Screen) -> str:
    """The screen as one line for a journal or a plain terminal."""
    parts = [
        screen.station,
        status_words(screen),
        f"{SIGNS[screen.result.tone]} {screen.result.message}".strip(),
        *screen.warnings,
    ]
    return printable(" | ".join(parts))


def compose(screen: Screen, columns: int, rows: int, has_big_letters: bool = False) -> list[str]:
    """Exactly ``rows`` lines: station and clock, the result as a coloured block, connection and queue."""
    head = between(" " + printable(screen.station), f"{screen.now:%Y-%m-%d %H:%M:%S} ", columns)
    foot = [between(" " + status_words(screen), "", columns)]
    foot = [cut(" ! " + printable(warning), columns) for warning in screen.warnings][:3] + foot
    space = max(1, rows - 2 - len(foot))
    body = block(screen, columns, space, has_big_letters)
    lines = [f"\x1b[7m{head}{RESET}", "", *body, *foot][:rows]
    if has_big_letters:
        lines = [line if line.startswith((TOP_HALF, BOTTOM_HALF)) else SINGLE + line for line in lines]
    return lines


def block(screen: Screen, columns: int, rows: int, has_big_letters: bool) -> list[str]:
    """The result in the middle of a coloured area of ``rows`` lines."""
    colour, sign = COLOURS[screen.result.tone], SIGNS[screen.result.tone]
    room = columns // 2 if has_big_letters else columns
    message = printable(f"{sign} {screen.result.message}".strip())
    lines = []
    for line in fold(message, max(2, room - 4)):
        text = f"{colour}{centre(line, room)}{RESET}"
        lines += [TOP_HALF + text, BOTTOM_HALF + text] if has_big_letters else [text]
    lines = lines[:rows]
    empty = f"{colour}{' ' * columns}{RESET}"
    above = (rows - len(lines)) // 2
    return [empty] * above + lines + [empty] * (rows - len(lines) - above)
