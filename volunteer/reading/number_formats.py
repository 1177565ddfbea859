"""What a spreadsheet's number means by its format: a day, a time of day, a length of time, or a number.

The day numbers and format codes are those of ECMA-376, part 1, 18.8.30 and 18.17.4.
"""

import re
from datetime import datetime, time, timedelta
from enum import StrEnum

from volunteer.domain.cells import Cell
from volunteer.reading.packages import local_name

# Dates and times among the formats that need no code, those of Chinese programs included.
_BUILT_IN = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_BUILT_IN_LENGTH = 46
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.')
_LENGTH = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_FAKE_LEAP_DAY = 60
_LAST_DAY = 2_958_465
_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - what stands in a cell has no zone
_FIRST_OF_1904 = datetime(1904, 1, 1)  # noqa: DTZ001


class Meaning(StrEnum):
    """What numbers of a format stand for."""

    NUMBER = "number"
    MOMENT = "moment"
    LENGTH = "length"


class Formats:
    """Reads the styles of a workbook; ``meanings`` holds what each cell style makes of a number."""

    def __init__(self) -> None:
        """No styles yet."""
        self.meanings: list[Meaning] = []
        self._codes: dict[str, str] = {}
        self._is_inside = False

    def on_start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take down a format code, or a cell style."""
        match local_name(tag):
            case "numFmt":
                self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            case "cellXfs":
                self._is_inside = True
            case "xf" if self._is_inside:
                self.meanings.append(self._meaning_of(attributes.get("numFmtId", "0")))

    def on_end(self, tag: str) -> None:
        """Leave the cell styles."""
        if local_name(tag) == "cellXfs":
            self._is_inside = False

    def on_text(self, _text: str) -> None:
        """Styles have no text."""

    def _meaning_of(self, number: str) -> Meaning:
        if number in self._codes:
            return meaning_of(self._codes[number])
        if not number.isdecimal() or int(number) not in _BUILT_IN:
            return Meaning.NUMBER
        return Meaning.LENGTH if int(number) == _BUILT_IN_LENGTH else Meaning.MOMENT


def meaning_of(code: str) -> Meaning:
    """What a format code makes of a positive number; text in quotation marks does not count."""
    first = _QUOTED.sub("", code).split(";", 1)[0]
    if _LENGTH.search(first):
        return Meaning.LENGTH
    letters = _BRACKETS.sub("", first).lower()
    is_moment = "general" not in letters and re.search("[ymdhs]", letters)
    return Meaning.MOMENT if is_moment else Meaning.NUMBER


def read_number(number: float, meaning: Meaning, is_from_1904: bool) -> Cell:
    """The day, the moment or the time of day that the number stands for, to the second; else the number.

    Day 60 of the years from 1900 never was; it is read as the day before.
    """
    if meaning is Meaning.NUMBER or not 0 <= number <= _LAST_DAY:
        return number
    length = timedelta(seconds=round(number * 86_400))
    if meaning is Meaning.LENGTH:
        return length
    if number < 1:
        return (_FIRST_OF_1904 + length).time()
    if is_from_1904:
        moment = _FIRST_OF_1904 + length
    else:
        moment = _DAY_0 + length + timedelta(days=number < _FAKE_LEAP_DAY)
    return moment if moment.time() != time() else moment.date()
