"""What a page shows of an uploaded list: columns, and rows with what each would do; numbers masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from volunteer.domain.cells import cell_text
from volunteer.domain.headings import Field, shown_headings
from volunteer.domain.import_reports import mask_cell
from volunteer.domain.imports import ImportState, ListKind, RowState, StagedRow
from volunteer.domain.member_imports import near_teams
from volunteer.domain.refusals import N_, Sentence

GIVEN_BY_ITSELF = Sentence(N_("自动编号"))


@dataclass(frozen=True)
class ShownColumn:
    """A column of the file: its place, heading, first cells, and what it is taken for."""

    place: int
    heading: str
    cells: list[str]
    field: str


@dataclass(frozen=True)
class ShownRow:
    """A row as the page shows it: what the file says, what is proposed, and what it would change.

    ``effect`` is None where the row is not good or was written already; ``near`` are teams that may be meant.
    """

    row: StagedRow
    cells: list[tuple[Sentence, str | Sentence]]
    repairs: list[tuple[Sentence, str, str]]
    changes: list[tuple[Sentence, str, str]]
    effect: RowState | None
    near: list[str]


def show_columns(
    rows: Sequence[Sequence[str]], first_row: int, matching: Mapping[str, str]
) -> list[ShownColumn]:
    """The columns that have a heading or any content."""
    headings = shown_headings(rows, first_row)
    found = []
    for place in range(width(rows)):
        cells = [row[place] for row in rows[first_row:] if place < len(row) and row[place]][:3]
        name = matching.get(str(place), "")
        if cells or headings[place]:
            found.append(ShownColumn(place, headings[place], [mask_cell(name, cell) for cell in cells], name))
    return found


def width(rows: Sequence[Sequence[str]]) -> int:
    """How many columns the rows have."""
    return max((len(row) for row in rows), default=0)


def show_row(row: StagedRow, rules: ListKind, state: str) -> ShownRow:
    """A row of an import in this state."""
    labels = {str(name): Sentence(label) for name, label in rules.vocabulary.labels.items()}
    cells = [(label, _content(row, name)) for name, label in labels.items()]
    is_good = state == ImportState.READY and row.is_good
    return ShownRow(
        row,
        [(label, content) for label, content in cells if content],
        [_shown(labels, one.field, one.was, one.now) for one in row.repairs],
        [_shown(labels, one.field, one.was, one.now) for one in row.changes],
        row.effect if is_good else None,
        near_teams(row.reasons) if state == ImportState.READY else [],
    )


def _shown(labels: Mapping[str, Sentence], name: str, was: str, now: str) -> tuple[Sentence, str, str]:
    return labels[name], mask_cell(name, was), mask_cell(name, now)


def _content(row: StagedRow, name: str) -> str | Sentence:
    text = mask_cell(name, cell_text(row.cells.get(name)))
    if not text and name == Field.VOLUNTEER_NO and row.values.get(Field.NAME):
        # The number it was recognised by or was given; until then it has none.
        return row.values.get(name) or (GIVEN_BY_ITSELF if row.is_good else "")
    return text
