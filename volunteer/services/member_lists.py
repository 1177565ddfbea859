"""A list of members entered by a command, by the rules of the pages."""

from collections.abc import Sequence
from datetime import datetime

from volunteer.db import transaction
from volunteer.domain.cells import Cell
from volunteer.domain.headings import HeadingMissing, HeadingsMissing, find_headings
from volunteer.domain.import_reports import ImportReport
from volunteer.domain.import_rows import judge_repetitions, judge_row, stage
from volunteer.domain.imports import ListKind, Reach, RowState
from volunteer.domain.refusals import N_, Refusal
from volunteer.models.teams import Team
from volunteer.queries.teams import list_subtree_ids
from volunteer.reading.sheets import Sheet, require_computed
from volunteer.reading.workbooks import read_rows


class SeveralLists(Refusal):
    """More than one sheet holds a list; taking only one would lose people silently."""

    code = "several_lists"
    msgid = N_("文件里有几个工作表都是名单（%(sheets)s），请分别存成文件逐个导入，或合并成一个工作表。")


def import_members(
    data: bytes,
    filename: str,
    scope_team: Team,
    now: datetime,
    *,
    rules: ListKind,
    keep_going: bool = False,
) -> ImportReport:
    """Enter the members of a list into ``scope_team`` and the teams below it; what came of each row.

    The rules are those of the pages, but there is nobody to ask: repairs and changes are taken, and who may
    be there already is not.
    All or nothing: one rejected row and nothing is written, unless ``keep_going`` takes
    the good ones. Safe to repeat. Units that are new are created; teams are not. Refuses a file that
    is no list.
    """
    sheet, cells = _list_in(read_rows(data, filename).sheets)
    headings, today = find_headings(cells), now.astimezone(rules.zone).date()
    wanted = {place for places in headings.columns.values() for place in places}
    require_computed(sheet.name, sheet.uncomputed, wanted, headings.first_row)
    numbered = list(enumerate(cells, 1))[headings.first_row :]
    rows = [row for number, one in numbered if (row := stage(number, one, headings, rules))]
    for row in rows:
        judge_row(row, headings.columns, rules, today)
    with transaction():
        named = {row.key for row in rows}
        reach = Reach(scope_team.id, frozenset(list_subtree_ids(scope_team.id)), named.intersection)
        rules.settle([row for row in rows if row.is_good], reach)
        judge_repetitions(rows, rules)
        good = [row for row in rows if row.is_good]
        for row in good:
            row.accept()
            if doubts := [note for note in row.notes if str(note) in row.asked]:
                row.reject(*doubts)
        good = [row for row in good if row.is_good]
        is_written = keep_going or not any(row.state is RowState.PROBLEM for row in rows)
        new_units = tuple(rules.list_new(good)["units"])
        if is_written and good:
            rules.write(good, reach, now)
    for row in rows:
        if row.is_good:
            row.state = row.effect
        elif row.state is RowState.PROBLEM:
            row.state = RowState.REJECTED
    return ImportReport(rows, new_units, headings.ignored, is_written)


def _list_in(sheets: Sequence[Sheet]) -> tuple[Sheet, list[list[Cell]]]:
    """The one visible sheet that has the headings, and its rows; refuses where none or several have."""
    visible = [sheet for sheet in sheets if not sheet.is_hidden] or list(sheets)
    found: list[tuple[Sheet, list[list[Cell]]]] = []
    refusals: list[Refusal] = []
    for sheet in visible:
        rows = list(sheet.filled_rows())
        try:
            find_headings(rows)
            found.append((sheet, rows))
        except (HeadingsMissing, HeadingMissing) as refusal:
            refusals.append(refusal)
    if not found:
        # A sheet that lacks one heading tells more than one that has none.
        raise min(refusals, key=lambda refusal: isinstance(refusal, HeadingsMissing))
    if len(found) > 1:
        raise SeveralLists(sheets="、".join(sheet.name for sheet, _ in found))
    return found[0]
