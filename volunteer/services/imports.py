"""Imports: uploaded, matched, judged, looked at, written in pieces, and taken back for seven days.

Long work is a process of its own. Each piece is a transaction that locks the import and
goes on where the last one ended, so a process that dies loses nothing and two do nothing twice.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from volunteer.config import ROOT
from volunteer.db import db, transaction
from volunteer.domain.cells import Cell, cell_text, is_blank
from volunteer.domain.headings import Headings, guess_headings, rank_columns
from volunteer.domain.imports import (
    AT_WORK,
    KEEP,
    MAX_UPLOAD_BYTES,
    WRITTEN,
    ImportKind,
    ImportState,
    ListKind,
    Reach,
    RowState,
    StagedRow,
    columns_of,
    may_undo,
    seal,
    seal_row,
    unseal,
)
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.member_rows import cell_at, why_no_entry
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys
from volunteer.domain.refusals import N_, Collision, Refusal, Sentence
from volunteer.models.imports import Import
from volunteer.models.teams import Unit
from volunteer.queries.imports import (
    IMPORT_ROWS,
    count_rows,
    find_references,
    get_row,
    iterate_rows,
    list_related,
    list_repeated,
    list_rows,
    lock_import,
)
from volunteer.reading.sheets import Sheet
from volunteer.reading.workbooks import read_rows

SAMPLE_ROWS = 25
# Among the counts of an import: rows written as they were repaired, and what it would make besides its rows.
CORRECTED = "corrected"
NEW = "new"
_SILENT_FOR = timedelta(seconds=60)
_TRIES = 3


class FileTooLarge(Refusal):
    code = "file_too_large"
    msgid = N_("文件超过 %(megabytes)s MB，请拆成几个文件，分几次导入。")


class FileMissing(Refusal):
    code = "file_missing"
    msgid = N_("请先选择一个 .xlsx 或 .csv 文件。")


class ColumnMissing(Refusal):
    code = "column_missing"
    msgid = N_("请为“%(field)s”选一列，没有它不能导入。")


class NotNow(Refusal):
    code = "import_not_now"
    msgid = N_("这次导入已经走到别的步骤，请刷新页面再看。")


class UndoOver(Refusal):
    code = "import_undo_over"
    msgid = N_("导入满七天后不能再撤销。")


class NothingToWrite(Refusal):
    code = "nothing_to_write"
    msgid = N_("没有可以导入的行：请先接受修正建议，或改好有问题的行。")


class BeyondYou(Refusal):
    code = "import_beyond_you"
    msgid = N_("预览是按更大的管理范围核对的，超出您现在的权限。请由权限足够的管理员写入，或自己重新上传。")


# Step by step


def start_import(
    kind: ImportKind,
    data: bytes,
    filename: str,
    admin_id: int,
    team_id: int,
    scope: Sequence[int],
    keys: IdKeys,
    now: datetime,
) -> int:
    """Keep an uploaded list, sealed; the id of its import. Refuses what is no table that can be read."""
    sheets = _open_sheets(data)
    samples = json.dumps(
        [{"name": sheet.name, "count": len(sheet.rows), "rows": _sample(sheet)} for sheet in sheets],
        ensure_ascii=False,
    )
    sweep_imports(now)
    with transaction():
        one = Import(
            kind=kind,
            state=ImportState.MATCHING,
            filename=filename[-200:],
            admin_id=admin_id,
            team_id=team_id,
            scope=list(scope),
            sealed_file=seal(data, keys, secrets.token_bytes(NONCE_BYTES)),
            sealed_samples=seal(samples.encode(), keys, secrets.token_bytes(NONCE_BYTES)),
            matching={},
            counts={},
            new_unit_ids=[],
            created_at=now,
        )
        db.session.add(one)
    return one.id


def guess_matching(rows: Sequence[Sequence[Cell]], kind: ListKind) -> tuple[int, dict[str, str]]:
    """How many rows the headings take, and what each column seems to be."""
    found = guess_headings(rows, kind.vocabulary)
    columns = {str(column): str(name) for name, places in found.columns.items() for column in places}
    return found.first_row, columns


def choose_columns(
    import_id: int, sheet: str, first_row: int, matching: Mapping[str, str], kind: ListKind, now: datetime
) -> None:
    """Keep what each column is, and get ready to judge the rows; refuses where a needed one is missing."""
    for name in kind.vocabulary.needed:
        if name not in matching.values():
            raise ColumnMissing(field=kind.vocabulary.labels[name])
    with transaction():
        one = _at(import_id, ImportState.MATCHING, ImportState.READY)
        if one.sealed_file is None:
            raise NotNow()
        db.session.execute(delete(IMPORT_ROWS).where(IMPORT_ROWS.c.import_id == import_id))
        one.sheet, one.first_row, one.matching = sheet, first_row, dict(matching)
        one.state, one.done, one.total, one.worked_at = ImportState.JUDGING, 0, 0, now


def match_again(import_id: int) -> None:
    """Back to the matching of columns; what was judged is judged anew."""
    with transaction():
        _at(import_id, ImportState.READY).state = ImportState.MATCHING


def accept_repairs(import_id: int, keys: IdKeys, number: int | None = None) -> None:
    """Say yes to every proposed repair, or to those of one row."""
    while True:
        with transaction():
            _at(import_id, ImportState.READY)
            if number is None:
                rows = list_rows(import_id, keys, [RowState.PROPOSED], limit=2000)
            else:
                rows = [row for row in [get_row(import_id, number, keys)] if row.state is RowState.PROPOSED]
            for row in rows:
                row.state, row.is_accepted = RowState.READY, True
            save_rows(import_id, rows, keys)
        if number is not None or len(rows) < 2000:
            return


def leave_out(import_id: int, number: int, is_out: bool, kind: ListKind, keys: IdKeys, today: date) -> None:
    """Leave a row out of the import, or take it in again."""
    with transaction():
        one = _at(import_id, ImportState.READY)
        row = get_row(import_id, number, keys)
        row.is_left_out = is_out
        save_rows(import_id, [row], keys)
        _judge_again(one, row, kind, keys, today)
        _note_new(one, kind, keys)


def edit_row(
    import_id: int, number: int, texts: Mapping[str, str], kind: ListKind, keys: IdKeys, today: date
) -> StagedRow:
    """Put other texts into cells of a row and judge it anew, with the rows it is compared with."""
    with transaction():
        one = _at(import_id, ImportState.READY)
        row = get_row(import_id, number, keys)
        before = (row.key, row.id_hash)
        row.cells.update(
            {name: text for name, text in texts.items() if text.strip() != cell_text(row.cells.get(name))}
        )
        row.is_accepted, row.is_left_out = True, False
        save_rows(import_id, [row], keys)
        _judge_again(one, row, kind, keys, today, before)
        _note_new(one, kind, keys)
    return get_row(import_id, number, keys)


def begin_writing(import_id: int, admin_id: int, scope: Sequence[int], now: datetime) -> None:
    """From here on rows are written with the rights of this admin, who answers for the import now.

    Refuses where these rights reach less far than those that the preview was judged with.
    """
    with transaction():
        one = _at(import_id, ImportState.READY)
        if not set(scope).issuperset(one.scope):
            raise BeyondYou()
        ready = count_rows(import_id).get(RowState.READY, 0)
        if not ready:
            raise NothingToWrite()
        one.state, one.done, one.total = ImportState.WRITING, 0, ready
        one.admin_id, one.worked_at, one.counts = admin_id, now, {}


def begin_undo(import_id: int, now: datetime) -> None:
    """From here on what was written is taken back; refuses after seven days."""
    with transaction():
        one = _at(import_id, ImportState.DONE)
        if not may_undo(one.written_at, now):
            raise UndoOver()
        counts = count_rows(import_id)
        one.state, one.done, one.worked_at = ImportState.UNDOING, 0, now
        one.total = sum(counts.get(state, 0) for state in WRITTEN)


def take_secrets(import_id: int, keys: IdKeys) -> list[StagedRow]:
    """The rows with their start passwords, this once: they are forgotten in the same transaction."""
    with transaction():
        lock_import(import_id)
        rows = [row for row in list_rows(import_id, keys, [RowState.ADDED]) if row.secret]
        given = [(row, row.secret) for row in rows]
        for row in rows:
            row.secret = ""
        save_rows(import_id, rows, keys)
    for row, secret in given:
        row.secret = secret
    return rows


def sweep_imports(now: datetime, claim: Claim = UNCLAIMED) -> int:
    """Forget the content of imports older than seven days; the line of the history stays. How many rows."""
    old = select(Import.id).where(
        Import.created_at < now - KEEP, (Import.written_at.is_(None)) | (Import.written_at < now - KEEP)
    )
    with transaction():
        if not claim.take():
            return 0
        rows = IMPORT_ROWS.c
        gone: Any = db.session.execute(delete(IMPORT_ROWS).where(rows.import_id.in_(old)))
        db.session.execute(
            update(Import)
            .where(Import.id.in_(old), Import.sealed_samples.is_not(None))
            .values(sealed_file=None, sealed_samples=None)
            .execution_options(synchronize_session=False)
        )
        swept: int = gone.rowcount
        claim.note(swept)
    return swept


# Long work, in pieces


def start_work(import_id: int, url: str, secret: str) -> None:
    """Let a process of its own go on with the import; returns as soon as it has begun."""
    environ = os.environ | {"VOLUNTEER_DATABASE_URL": url, "VOLUNTEER_SECRET_KEY": secret}
    subprocess.run(
        [sys.executable, "-m", "volunteer.imports", str(import_id)],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def is_silent(one: Import, now: datetime) -> bool:
    """Whether work was begun and nobody has gone on with it for a minute."""
    return one.state in AT_WORK and (one.worked_at is None or now - one.worked_at > _SILENT_FOR)


def work_on(import_id: int, kind: ListKind, keys: IdKeys, clock: Callable[[], datetime]) -> None:
    """Do whatever the state of the import asks for, to the end; ``clock`` tells the instant of each piece."""
    state = db.session.execute(select(Import.state).where(Import.id == import_id)).scalar_one()
    if state == ImportState.JUDGING:
        _judge(import_id, kind, keys, clock)
    elif state == ImportState.WRITING:
        _repeat(lambda: _write_piece(import_id, kind, keys, clock()))
    elif state == ImportState.UNDOING:
        _repeat(lambda: _undo_piece(import_id, kind, keys, clock()))


def _repeat(piece: Callable[[], bool]) -> None:
    """Piece by piece until none is left; where somebody else wrote at the same moment, once more."""
    failed = 0
    while True:
        try:
            if not piece():
                return
            failed = 0
        except Collision:
            failed += 1
            if failed == _TRIES:
                raise


def _judge(import_id: int, kind: ListKind, keys: IdKeys, clock: Callable[[], datetime]) -> None:
    one = db.session.get_one(Import, import_id, populate_existing=True)
    sealed = db.session.execute(select(Import.sealed_file).where(Import.id == import_id)).scalar_one()
    if sealed is None:
        raise NotNow()
    rows = _rows_of(sealed, one.sheet, keys)
    reach, today = _reach(one), clock().astimezone(kind.zone).date()
    headings = _headings(one, rows, kind)
    step = len(rows) if kind.needs_all else kind.at_once
    places = range(headings.first_row, len(rows))
    for start in range(headings.first_row, max(len(rows), headings.first_row + 1), max(step, 1)):
        staged = [
            row
            for place in places[start - headings.first_row : start - headings.first_row + step]
            if (row := _stage(place + 1, rows[place], headings, kind))
        ]
        with transaction():
            locked = _at(import_id, ImportState.JUDGING)
            if locked.done != start - headings.first_row:
                if start > headings.first_row:
                    return  # another process is at it
                db.session.execute(delete(IMPORT_ROWS).where(IMPORT_ROWS.c.import_id == import_id))
            for row in staged:
                _judge_row(row, headings, kind, today)
            kind.settle([row for row in staged if row.is_good], reach)
            add_rows(import_id, staged, keys)
            locked.total = len(places)
            locked.done, locked.worked_at = min(start - headings.first_row + step, len(places)), clock()
    with transaction():
        locked = _at(import_id, ImportState.JUDGING)
        repeated = list_repeated(import_id, keys)
        _judge_repetitions(repeated, kind)
        save_rows(import_id, repeated, keys)
        locked.state = ImportState.READY
        _note_new(locked, kind, keys)


def _rows_of(sealed: bytes, name: str, keys: IdKeys) -> list[list[Cell]]:
    return next(each for each in _open_sheets(unseal(sealed, keys)) if each.name == name).filled_rows()


def _stage(number: int, cells: Sequence[Cell], headings: Headings, kind: ListKind) -> StagedRow | None:
    if all(is_blank(cell) for cell in cells):
        return None
    row = StagedRow(number, {str(name): cell_at(cells, headings, name) for name in kind.vocabulary.labels})
    if reason := why_no_entry(cells, headings, kind.vocabulary):
        row.skip(Sentence(reason))
    return row


def _judge_row(row: StagedRow, headings: Headings, kind: ListKind, today: date) -> None:
    if row.state is RowState.SKIPPED:
        return
    if row.is_left_out:
        row.skip(Sentence(N_("您选择了不导入这一行。")))
        return
    row.values, row.repairs, row.reasons, row.state = {}, [], [], RowState.READY
    row.key, row.id_hash, row.target_id = "", None, None
    kind.judge(row, frozenset(str(name) for name in headings.columns), today)


def _judge_repetitions(rows: Iterable[StagedRow], kind: ListKind) -> None:
    """The same row again is passed over; rows that say different things under one key take neither."""
    good = [row for row in rows if row.is_good]
    faults: dict[int, Sentence] = {}
    for same in _groups(good, lambda row: row.key):
        for row in same[1:]:
            if row.values == same[0].values:
                row.skip(Sentence(N_("与第 %(row)s 行完全相同。"), {"row": same[0].row}))
        different = [row for row in same if row.is_good]
        for row in different if len(different) > 1 else ():
            faults[row.row] = kind.repetition(row, next(one for one in different if one is not row))
    for same in _groups([row for row in good if row.is_good and row.id_hash], lambda row: str(row.id_hash)):
        for row in same:
            other = next((one for one in same if one.key != row.key), None)
            if other and row.row not in faults:
                faults[row.row] = kind.repetition(row, other)
    for row in good:
        if row.row in faults:
            row.reject(faults[row.row])


def _groups(rows: Iterable[StagedRow], key: Callable[[StagedRow], str]) -> list[list[StagedRow]]:
    found: dict[str, list[StagedRow]] = {}
    for row in sorted(rows, key=lambda one: one.row):
        if key(row):
            found.setdefault(key(row), []).append(row)
    return [group for group in found.values() if len(group) > 1]


def _judge_again(
    one: Import,
    row: StagedRow,
    kind: ListKind,
    keys: IdKeys,
    today: date,
    before: tuple[str, str | None] | None = None,
) -> None:
    """Judge a row anew inside the transaction, with all rows that it is or was compared with."""
    fields = {name: (0,) for name in one.matching.values() if name}
    headings, reach = Headings(fields, one.first_row, ()), _reach(one)
    old_key, old_hash = before or (row.key, row.id_hash)
    if row.state is RowState.SKIPPED:
        row.state = RowState.READY
    _judge_row(row, headings, kind, today)
    if kind.needs_all:
        rows = list_rows(one.id, keys)
    else:
        hashes = [text for text in (old_hash, row.id_hash) if text]
        rows = list_related(one.id, keys, [text for text in (old_key, row.key) if text], hashes)
    rows = [row, *(each for each in rows if each.row != row.row)]
    for each in rows[1:]:
        # A total or a footer stays what it is; a repetition may be one no longer.
        if each.state is RowState.SKIPPED and each.key and not each.is_left_out:
            each.state = RowState.READY
        _judge_row(each, headings, kind, today)
    kind.settle([each for each in rows if each.is_good], reach)
    _judge_repetitions(rows, kind)
    save_rows(one.id, rows, keys)


def _note_new(one: Import, kind: ListKind, keys: IdKeys) -> None:
    """Keep what the good rows would make besides themselves: it costs too much for every look at the page."""
    good = iterate_rows(one.id, keys, [RowState.READY, RowState.PROPOSED])
    one.counts = count_rows(one.id) | {NEW: kind.list_new(good)}


def _write_piece(import_id: int, kind: ListKind, keys: IdKeys, now: datetime) -> bool:
    prepared = list_rows(import_id, keys, [RowState.READY], limit=None if kind.needs_all else kind.at_once)
    kind.prepare(prepared)
    with transaction():
        one = lock_import(import_id)
        if one.state != ImportState.WRITING:
            return False
        waiting = set(
            db.session.execute(
                select(IMPORT_ROWS.c.row).where(
                    IMPORT_ROWS.c.import_id == import_id,
                    IMPORT_ROWS.c.state == str(RowState.READY),
                    IMPORT_ROWS.c.row.in_([row.row for row in prepared]),
                )
            ).scalars()
        )
        rows = [row for row in prepared if row.row in waiting]
        if rows:
            new_units = kind.write(rows, _reach(one), now)
            one.new_unit_ids = [*one.new_unit_ids, *new_units]
            corrected = sum(bool(row.repairs) for row in rows if row.state is not RowState.REJECTED)
            one.counts = {CORRECTED: one.counts.get(CORRECTED, 0) + corrected}
            save_rows(import_id, rows, keys)
            one.done, one.worked_at = one.done + len(rows), now
            return True
        if prepared:
            return True
        one.state, one.written_at, one.sealed_file = ImportState.DONE, now, None
        corrected = one.counts.get(CORRECTED, 0)
        one.counts = count_rows(import_id) | ({CORRECTED: corrected} if corrected else {})
        return False


def _undo_piece(import_id: int, kind: ListKind, keys: IdKeys, now: datetime) -> bool:
    with transaction():
        one = lock_import(import_id)
        if one.state != ImportState.UNDOING or one.written_at is None:
            return False
        limit = None if kind.needs_all else 500
        rows = list_rows(import_id, keys, WRITTEN, limit=limit, is_backwards=True)
        if rows:
            for row in rows:
                row.reasons = []
            kind.undo(rows, one.written_at)
            save_rows(import_id, rows, keys)
            one.done, one.worked_at = one.done + len(rows), now
            return True
        unused = set(one.new_unit_ids) - set(find_references("units", one.new_unit_ids))
        db.session.execute(delete(Unit).where(Unit.id.in_(unused)))
        one.state, one.undone_at, one.counts = ImportState.UNDONE, now, count_rows(import_id)
        return False


# Rows


def add_rows(import_id: int, rows: Sequence[StagedRow], keys: IdKeys) -> None:
    """Store rows for the first time, inside the transaction."""
    if rows:
        db.session.execute(
            insert(IMPORT_ROWS), [{"import_id": import_id, **_columns(row, keys)} for row in rows]
        )


def save_rows(import_id: int, rows: Sequence[StagedRow], keys: IdKeys) -> None:
    """Store what has become of rows, inside the transaction."""
    if not rows:
        return
    values = [_columns(row, keys) for row in rows]
    names = [name for name in values[0] if name != "row"]
    statement = (
        update(IMPORT_ROWS)
        .where(IMPORT_ROWS.c.import_id == import_id, IMPORT_ROWS.c.row == bindparam("its_row"))
        .values({name: bindparam(f"new_{name}", type_=IMPORT_ROWS.c[name].type) for name in names})
    )
    db.session.connection().execute(
        statement, [{"its_row": one["row"], **{f"new_{name}": one[name] for name in names}} for one in values]
    )


def _columns(row: StagedRow, keys: IdKeys) -> dict[str, object]:
    return {
        "row": row.row,
        "state": str(row.state),
        "rank": row.rank,
        "key": row.key[:120],
        "id_hash": row.id_hash,
        "sealed": seal_row(row, keys, secrets.token_bytes(NONCE_BYTES)),
        "target_id": row.target_id,
        "before": row.before,
    }


def _at(import_id: int, *states: ImportState) -> Import:
    one = lock_import(import_id)
    if one.state not in states:
        raise NotNow()
    return one


def _reach(one: Import) -> Reach:
    return Reach(one.team_id, frozenset(one.scope))


def _headings(one: Import, rows: Sequence[Sequence[Cell]], kind: ListKind) -> Headings:
    ranks = rank_columns(rows, one.first_row, kind.vocabulary)
    return Headings(columns_of(one.matching, ranks), one.first_row, ())


def _open_sheets(data: bytes) -> list[Sheet]:
    """The sheets of a file, told by its content and not by its name; hidden ones only where no other is."""
    if not data:
        raise FileMissing()
    if len(data) > MAX_UPLOAD_BYTES:
        raise FileTooLarge(megabytes=MAX_UPLOAD_BYTES >> 20)
    is_workbook = data.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    sheets = read_rows(data, "list.xlsx" if is_workbook else "list.csv").sheets
    return [sheet for sheet in sheets if not sheet.is_hidden] or list(sheets)


def _sample(sheet: Sheet) -> list[list[str]]:
    rows = Sheet(sheet.name, sheet.rows[:SAMPLE_ROWS], merged=sheet.merged).filled_rows()
    return [[cell_text(cell) for cell in row] for row in rows]
