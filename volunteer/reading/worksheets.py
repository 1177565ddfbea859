"""The rows of one worksheet (ECMA-376, part 1, 18.3), one after the other."""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from volunteer.domain.cells import Cell
from volunteer.domain.refusals import N_
from volunteer.reading.number_formats import Meaning, read_number
from volunteer.reading.packages import Package, damaged, local_name
from volunteer.reading.sheets import MAX_CELLS, Area, Row, Unreadable
from volunteer.reading.texts import RichText, Texts

_PLACE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_AREA = re.compile(rf"{_PLACE.pattern}:{_PLACE.pattern}")


@dataclass(frozen=True)
class Values:
    """What the cells of all sheets of a workbook refer to."""

    texts: Texts
    meanings: Sequence[Meaning]
    is_from_1904: bool

    def read(self, kind: str, style: str, text: str) -> Cell:
        """The value of a cell; raises ``ValueError`` or ``IndexError`` where it cannot be."""
        match kind:
            case "s":
                return self.texts[int(text)]
            case "str" | "inlineStr":
                return text
            case "b":
                return text.strip() in ("1", "true")
            case "e":
                return ""
            case "d":
                moment = datetime.fromisoformat(text)
                return moment.date() if "T" not in text else moment.replace(tzinfo=None)
            case _:
                place = int(style or 0)
                meaning = self.meanings[place] if place < len(self.meanings) else Meaning.NUMBER
                return read_number(float(text), meaning, self.is_from_1904)


@dataclass(frozen=True)
class Extent:
    """How far a sheet reaches: its rows and columns up to the last filled ones, and its merged areas.

    ``uncomputed`` says by column, counted from 0, which row is the last with a formula without any value.
    """

    rows: int
    columns: int
    merged: Sequence[Area]
    uncomputed: Mapping[int, int]


def measure(package: Package, part: str, values: Values) -> Extent:
    """Go through a sheet once; refuses what is damaged anywhere, and what claims more room than a list has.

    One stray cell at the far corner would claim seventeen billion empty ones. Cells that only have a
    format claim nothing: programs leave them in thousands.
    """
    reader = _Reader(values)
    filled = 0
    for _ in package.parse(part, reader):
        if reader.rows_claimed * reader.columns_claimed > MAX_CELLS:
            raise Unreadable(
                N_("表格占用的区域太大（可能在很远的地方有一个多余的单元格），请只复制需要的行列到新表格。")
            )
        for number, cells in reader.take():
            if any(cell != "" for cell in cells):
                filled = number
    return Extent(filled, reader.columns_claimed, _Areas(reader.merged), reader.uncomputed)


def iterate(package: Package, part: str, values: Values, extent: Extent) -> Iterator[Row]:
    """The rows that were measured, all of the same width, empty ones included."""
    reader = _Reader(values)
    next_number = 1
    for _ in package.parse(part, reader):
        for number, cells in reader.take():
            if number > extent.rows:
                return
            for _missing in range(next_number, number):
                yield [""] * extent.columns
            yield cells + [""] * (extent.columns - len(cells))
            next_number = number + 1


class _Areas(Sequence[Area]):
    """Merged areas, packed: an office may have one in every row."""

    def __init__(self, places: "array[int]") -> None:
        self._places = places

    def __len__(self) -> int:
        return len(self._places) // 4

    def __getitem__(self, place: int) -> Area:  # type: ignore[override]
        if not 0 <= place < len(self):
            raise IndexError(place)
        top, left, bottom, right = self._places[4 * place : 4 * place + 4]
        return (top, left), (bottom, right)


@dataclass
class _Reader:
    """Collects rows with their numbers, counted from 1, until somebody takes them."""

    values: Values
    rows_claimed: int = 0
    columns_claimed: int = 0
    uncomputed: dict[int, int] = field(default_factory=dict)
    merged: "array[int]" = field(default_factory=lambda: array("L"))
    _rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    _number: int = 0
    _column: int = 0
    _cells: list[Cell] = field(default_factory=list)
    _is_formula: bool = False
    _kind: str = ""
    _style: str = ""
    _pieces: list[str] | None = None
    _text: RichText | None = None

    def take(self) -> list[tuple[int, list[Cell]]]:
        """The rows that are complete and were not taken yet."""
        rows, self._rows = self._rows, []
        return rows

    def on_start(self, tag: str, attributes: dict[str, str]) -> None:
        match local_name(tag):
            case "c":
                self._begin_cell(attributes)
            case "v":
                self._pieces, self._is_formula = [], False
            case "f":
                self._is_formula = True
            case "row":
                self._begin_row(attributes.get("r", ""))
            case "is":
                self._text = RichText()
            case "mergeCell":
                self._add_area(attributes.get("ref", ""))
            case name if self._text is not None:
                self._text.enter(name)

    def on_text(self, text: str) -> None:
        if self._pieces is not None:
            self._pieces.append(text)
        elif self._text is not None:
            self._text.add(text)

    def on_end(self, tag: str) -> None:
        match local_name(tag):
            case "v" if self._pieces is not None:
                self._put("".join(self._pieces))
                self._pieces = None
            case "is" if self._text is not None:
                self._put(str(self._text))
                self._text = None
            case "c" if self._is_formula:
                self.uncomputed[self._column - 1] = self._number
                self._is_formula = False
            case "row":
                self._rows.append((self._number, self._cells))
            case name if self._text is not None:
                self._text.leave(name)

    def _begin_row(self, number: str) -> None:
        following = int(number) if number.isdecimal() else self._number + 1
        if following <= self._number:
            raise damaged()
        self._number, self._column, self._cells = following, 0, []

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self._column = _column_number(place[1]) if place else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")

    def _put(self, text: str) -> None:
        if not text:
            return
        self.rows_claimed = self._number
        self.columns_claimed = max(self.columns_claimed, self._column)
        if self.columns_claimed * self.rows_claimed > MAX_CELLS:
            return
        try:
            value = self.values.read(self._kind, self._style, text)
        except (ValueError, IndexError) as error:
            raise damaged() from error
        self._cells += [""] * (self._column - len(self._cells))
        self._cells[self._column - 1] = value

    def _add_area(self, reference: str) -> None:
        if corners := _AREA.fullmatch(reference):
            left, top, right, bottom = corners.groups()
            self.merged.extend(
                (int(top) - 1, _column_number(left) - 1, int(bottom) - 1, _column_number(right) - 1)
            )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
