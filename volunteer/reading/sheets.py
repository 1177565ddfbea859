"""A table as it was sent: sheets of rows of cells, or a sentence why it cannot be read.

Every row keeps its place, so ``rows[0]`` is what a spreadsheet program shows as row 1,
and every cell keeps whether it was text, a number, a date or true/false.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from volunteer.domain.cells import Cell
from volunteer.domain.refusals import Refusal

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_CELLS = 3_000_000

Row = Sequence[Cell]
Area = tuple[tuple[int, int], tuple[int, int]]
"""Top left and bottom right cell of a merged area, both included, counted from 0."""


class Unreadable(Refusal):
    """The file holds no table that can be read; ``msgid`` says what to do about it."""

    code = "unreadable"

    def __init__(self, msgid: str, **params: str | int) -> None:
        self.msgid = msgid
        super().__init__(**params)


@dataclass(frozen=True)
class Sheet:
    """One sheet; ``name`` is empty for a text file. Of a merged area only the first cell is filled."""

    name: str
    rows: tuple[Row, ...]
    is_hidden: bool = False
    merged: tuple[Area, ...] = ()

    def filled_rows(self) -> list[list[Cell]]:
        """The rows with the value of each merged area in every cell that it covers."""
        rows = [list(row) for row in self.rows]
        room = MAX_CELLS  # merged areas never overlap in an honest file
        for (top, left), (bottom, right) in self.merged:
            room -= (min(bottom + 1, len(rows)) - top) * (right + 1 - left)
            if room < 0 or top >= len(rows) or left >= len(rows[top]):
                continue
            value = rows[top][left]
            for row in rows[top : bottom + 1]:
                row[left : right + 1] = [value] * len(row[left : right + 1])
        return rows


@dataclass(frozen=True)
class Workbook:
    """What a file holds: at least one sheet with at least one filled cell."""

    sheets: tuple[Sheet, ...]
