"""The texts that the cells of a workbook share (ECMA-376, part 1, 18.4), packed: a long list has hundreds of
thousands of them."""

import re
from array import array

from volunteer.reading.packages import local_name

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class Texts:
    """Reads shared texts, and gives each by its place."""

    def __init__(self) -> None:
        """No texts yet."""
        self._packed = bytearray()
        self._ends = array("L", [0])
        self._text = RichText()

    def __getitem__(self, place: int) -> str:
        """The text at this place; raises ``IndexError`` where there is none."""
        if place < 0:
            raise IndexError(place)
        return self._packed[self._ends[place] : self._ends[place + 1]].decode()

    def on_start(self, tag: str, _attributes: dict[str, str]) -> None:
        """A text begins, or a part of one."""
        name = local_name(tag)
        if name == "si":
            self._text = RichText()
        else:
            self._text.enter(name)

    def on_end(self, tag: str) -> None:
        """A text is complete."""
        name = local_name(tag)
        if name == "si":
            self._packed += str(self._text).encode("utf-8", "surrogatepass")
            self._ends.append(len(self._packed))
        else:
            self._text.leave(name)

    def on_text(self, text: str) -> None:
        """A piece of a text."""
        self._text.add(text)


class RichText:
    """A text of several runs; how it is pronounced (``rPh``) is not part of it."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._pieces: list[str] = []
        self._is_text = self._is_sound = False

    def __str__(self) -> str:
        """The text so far, with characters that XML cannot hold as they were meant."""
        return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), "".join(self._pieces))

    def enter(self, name: str) -> None:
        """Follow the elements inside of the text."""
        self._is_sound = self._is_sound or name == "rPh"
        self._is_text = name == "t"

    def leave(self, name: str) -> None:
        """Follow the ends of the elements inside of the text."""
        self._is_sound = self._is_sound and name != "rPh"
        self._is_text = False

    def add(self, text: str) -> None:
        """A piece of what stands there."""
        if self._is_text and not self._is_sound:
            self._pieces.append(text)
