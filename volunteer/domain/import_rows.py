"""Rows of an import judged by themselves and against each other, not yet against what there is already."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from volunteer.domain.cells import Cell, is_blank
from volunteer.domain.headings import Headings
from volunteer.domain.imports import ListKind, RowState, StagedRow
from volunteer.domain.member_rows import cell_at, why_no_entry
from volunteer.domain.refusals import N_, Sentence


def stage(number: int, cells: Sequence[Cell], headings: Headings, kind: ListKind) -> StagedRow | None:
    """Row ``number`` of the file with the cells of its fields; None where it is empty."""
    if all(is_blank(cell) for cell in cells):
        return None
    row = StagedRow(number, {str(name): cell_at(cells, headings, name) for name in kind.vocabulary.labels})
    if reason := why_no_entry(cells, headings, kind.vocabulary):
        row.skip(Sentence(reason))
    return row


def judge_row(row: StagedRow, columns: Collection[str], kind: ListKind, today: date) -> None:
    """What the row says by itself, begun anew; ``columns`` are the fields that the list has at all."""
    if row.state is RowState.SKIPPED:
        return
    if row.is_left_out:
        row.skip(Sentence(N_("您选择了不导入这一行。")))
        return
    row.values, row.repairs, row.reasons, row.state = {}, [], [], RowState.READY
    row.key, row.id_hash, row.target_id = "", None, None
    kind.judge(row, frozenset(columns), today)


def to_settle(rows: Iterable[StagedRow], kind: ListKind) -> list[StagedRow]:
    """Those of the judged rows that are compared with what there is already."""
    return [row for row in rows if row.is_good or (kind.tells_all and row.state is RowState.PROBLEM)]


class Repetitions:
    """Which rows cannot stand next to each other, by their numbers.

    The same row again is passed over; rows that say different things under one key, or
    have one ID number under different keys, take neither. Only numbers are kept, so that a
    long list can be gone through row by row: first by keys, then by ID numbers.
    """

    def __init__(self) -> None:
        """Nothing found yet."""
        self.first_of: dict[int, int] = {}
        """Rows to pass over, each with the one that it repeats."""
        self.rival_of: dict[int, int] = {}
        """Rows that cannot be taken, each with one that stands against it."""

    def look_at_keys(self, rows: Iterable[StagedRow]) -> None:
        """Good rows, those with the same key one after the other in the order of the file."""
        first: StagedRow | None = None
        for row in rows:
            if first is None or row.key != first.key:
                first = row
            elif row.key and row.values == first.values:
                self.first_of[row.row] = first.row
            elif row.key:
                self._oppose(first, row)

    def look_at_ids(self, rows: Iterable[StagedRow]) -> None:
        """Good rows that repeat no other, those with the same ID number one after the other."""
        first: StagedRow | None = None
        for row in rows:
            if first is None or row.id_hash != first.id_hash:
                first = row
            elif row.id_hash and row.key != first.key:
                self._oppose(first, row)

    def _oppose(self, first: StagedRow, row: StagedRow) -> None:
        self.rival_of.setdefault(first.row, row.row)
        self.rival_of.setdefault(row.row, first.row)

    def apply(self, rows: Iterable[StagedRow], known: Iterable[StagedRow], kind: ListKind) -> None:
        """Say in each of the rows what was found; the rows that stand against them must be known."""
        by_number = {row.row: row for row in known}
        for row in rows:
            if row.row in self.first_of:
                row.skip(Sentence(N_("与第 %(row)s 行完全相同。"), {"row": self.first_of[row.row]}))
            elif row.row in self.rival_of:
                row.reject(kind.repetition(row, by_number[self.rival_of[row.row]]))


def judge_repetitions(rows: Sequence[StagedRow], kind: ListKind) -> None:
    """Judge these rows against each other."""
    found = Repetitions()
    good = sorted((row for row in rows if row.is_good), key=lambda row: (row.key, row.row))
    found.look_at_keys(good)
    unique = (row for row in good if row.row not in found.first_of)
    found.look_at_ids(sorted(unique, key=lambda row: (row.id_hash or "", row.row)))
    found.apply(rows, rows, kind)
