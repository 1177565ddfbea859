"""A table as it was sent: sheets of rows of cells, or a sentence why it cannot be read.

Every row keeps its place, so the first one is what a spreadsheet program shows as row 1,
and every cell keeps whether it was text, a number, a date or true/false. Rows are read
from the file when somebody goes through them, so a long list takes no more memory than a short one.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from volunteer.domain.cells import Cell
from volunteer.domain.refusals import N_, Refusal

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
    """One sheet; ``name`` is empty for a text file. Of a merged area only the first cell is filled.

    ``uncomputed`` says by column, counted from 0, which row is the last with a formula that no program has
    computed yet, counted from 1.
    ``read`` goes through the ``count`` rows of the file, from the first one each time.
    """

    name: str
    count: int
    read: Callable[[], Iterator[Row]]
    is_hidden: bool = False
    merged: Sequence[Area] = ()
    uncomputed: Mapping[int, int] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows at once, for lists that are short."""
        return tuple(self.read())

    def filled_rows(self) -> Iterator[list[Cell]]:
        """The rows, one after the other, with the value of each merged area in every cell that it covers."""
        waiting = sorted(self.merged, reverse=True)
        covering: list[tuple[Area, Cell]] = []
        room = MAX_CELLS  # merged areas never overlap in an honest file
        for place, cells in enumerate(self.read()):
            row = list(cells)
            covering = [one for one in covering if one[0][1][0] >= place]
            while waiting and waiting[-1][0][0] <= place:
                area = waiting.pop()
                if (left := area[0][1]) < len(row):
                    covering.append((area, row[left]))
            for ((_, left), (_, right)), value in covering:
                room -= right + 1 - left
                if room < 0:
                    waiting, covering = [], []
                    break
                row[left : right + 1] = [value] * len(row[left : right + 1])
            yield row


def require_computed(
    sheet: str, uncomputed: Mapping[int, int], columns: Collection[int], first_row: int
) -> None:
    """Refuse formulas without any value below the headings, in columns that are wanted."""
    found = [row for column, row in uncomputed.items() if column in columns and row > first_row]
    if found:
        raise Unreadable(
            N_(
                "工作表“%(sheet)s”里有公式还没有算出结果，例如第 %(row)s 行。"
                "请在 Excel 或 WPS 中打开这个文件，保存一次，再上传。"
            ),
            sheet=sheet,
            row=max(found),
        )


@dataclass(frozen=True)
class Workbook:
    """What a file holds: at least one sheet with at least one filled cell."""

    sheets: tuple[Sheet, ...]
