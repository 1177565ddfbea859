"""Imports as people take them step by step: uploaded, matched, looked at, written, and taken back."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from io import SEEK_END, BytesIO
from itertools import islice
from typing import IO, Any

from sqlalchemy import delete, select, update

from volunteer.db import db, transaction
from volunteer.domain.cells import Cell, cell_text
from volunteer.domain.headings import guess_headings
from volunteer.domain.imports import (
    KEEP,
    MAX_UPLOAD_BYTES,
    WRITTEN,
    ImportKind,
    ImportState,
    ListKind,
    NotNow,
    RowState,
    StagedRow,
    may_undo,
    seal,
    seal_pieces,
)
from volunteer.domain.jobs import UNCLAIMED, Claim
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys
from volunteer.domain.refusals import N_, NotFound, Refusal
from volunteer.models.imports import Import
from volunteer.queries.imports import IMPORT_ROWS, count_rows, get_row, list_rows, lock_import
from volunteer.queries.teams import get_team_by_id, require_open
from volunteer.reading.sheets import Sheet
from volunteer.reading.workbooks import read_list
from volunteer.writes.imports import judge_again, lock_at, note_new, save_rows

SAMPLE_ROWS = 25
_PIECE = 1 << 20
AT_ONCE = 500


class FileTooLarge(Refusal):
    code = "file_too_large"
    msgid = N_("文件超过 %(megabytes)s MB，请拆成几个文件，分几次导入。")


class FileMissing(Refusal):
    code = "file_missing"
    msgid = N_("请先选择一个 .xlsx 或 .csv 文件。")


class ColumnMissing(Refusal):
    code = "column_missing"
    msgid = N_("请为“%(field)s”选一列，没有它不能导入。")


class UndoOver(Refusal):
    code = "import_undo_over"
    msgid = N_("导入满七天后不能再撤销。")


class NothingToWrite(Refusal):
    code = "nothing_to_write"
    msgid = N_("没有可以导入的行：请先接受修正和改动，或改好有问题的行。")


class BeyondYou(Refusal):
    code = "import_beyond_you"
    msgid = N_("预览是按更大的管理范围核对的，超出您现在的权限。请由权限足够的管理员写入，或自己重新上传。")


def start_import(
    kind: ImportKind,
    file: IO[bytes],
    filename: str,
    admin_id: int,
    team_id: int,
    scope: Sequence[int],
    keys: IdKeys,
    now: datetime,
) -> int:
    """Keep an uploaded list, sealed; the id of its import. Refuses what is no table that can be read."""
    size = file.seek(0, SEEK_END)
    if not size:
        raise FileMissing()
    if size > MAX_UPLOAD_BYTES:
        raise FileTooLarge(megabytes=MAX_UPLOAD_BYTES >> 20)
    sheets = read_list(file)
    samples = json.dumps(
        [
            {
                "name": sheet.name,
                "count": sheet.count,
                "rows": _sample(sheet),
                "uncomputed": list(sheet.uncomputed.items()),
            }
            for sheet in sheets
        ],
        ensure_ascii=False,
    )
    sweep_imports(now)
    with transaction():
        one = Import(
            kind=kind,
            state=ImportState.MATCHING,
            filename=filename[-200:],
            admin_id=admin_id,
            hand_ids=[admin_id],
            team_id=team_id,
            scope=list(scope),
            sealed_file=_seal_file(file, keys),
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
        one = lock_at(import_id, ImportState.MATCHING, ImportState.READY)
        if one.sealed_file is None:
            raise NotNow()
        db.session.execute(delete(IMPORT_ROWS).where(IMPORT_ROWS.c.import_id == import_id))
        one.sheet, one.first_row, one.matching = sheet, first_row, dict(matching)
        one.state, one.done, one.total, one.worked_at = ImportState.JUDGING, 0, 0, now


def match_again(import_id: int) -> None:
    """Back to the matching of columns; what was judged is judged anew."""
    with transaction():
        lock_at(import_id, ImportState.READY).state = ImportState.MATCHING


def accept_repairs(import_id: int, keys: IdKeys, number: int | None = None) -> None:
    """Say yes to everything proposed, or to what is proposed for one row."""
    while True:
        with transaction():
            lock_at(import_id, ImportState.READY)
            if number is None:
                rows = list_rows(import_id, keys, [RowState.PROPOSED], limit=AT_ONCE)
            else:
                rows = [row for row in [get_row(import_id, number, keys)] if row.state is RowState.PROPOSED]
            for row in rows:
                row.accept()
            save_rows(import_id, rows, keys)
        if number is not None or len(rows) < AT_ONCE:
            return


def leave_out(import_id: int, number: int, is_out: bool, kind: ListKind, keys: IdKeys, today: date) -> None:
    """Leave a row out of the import, or take it in again."""
    with transaction():
        one = lock_at(import_id, ImportState.READY)
        row = get_row(import_id, number, keys)
        row.is_left_out = is_out
        save_rows(import_id, [row], keys)
        judge_again(one, row, kind, keys, today)
        note_new(one, kind, keys)


def edit_row(
    import_id: int,
    admin_id: int,
    number: int,
    texts: Mapping[str, str],
    kind: ListKind,
    keys: IdKeys,
    today: date,
) -> StagedRow:
    """Put other texts into cells of a row and judge it anew, with the rows it is compared with."""
    with transaction():
        one = lock_at(import_id, ImportState.READY)
        one.note_hand(admin_id)
        row = get_row(import_id, number, keys)
        before = (row.key, row.id_hash)
        row.cells.update(
            {name: text for name, text in texts.items() if text.strip() != cell_text(row.cells.get(name))}
        )
        row.is_accepted, row.is_left_out = True, False
        save_rows(import_id, [row], keys)
        judge_again(one, row, kind, keys, today, before)
        note_new(one, kind, keys)
    return get_row(import_id, number, keys)


def begin_writing(import_id: int, admin_id: int, scope: Sequence[int], now: datetime) -> None:
    """From here on rows are written with the rights of this admin, who answers for the import now.

    Refuses where these rights reach less far than those that the preview was judged with, and
    where the team was dissolved since whose people the list was to become.
    """
    with transaction():
        one = lock_at(import_id, ImportState.READY)
        if not set(scope).issuperset(one.scope):
            raise BeyondYou()
        require_open(get_team_by_id(one.team_id))
        ready = count_rows(import_id).get(RowState.READY, 0)
        if not ready:
            raise NothingToWrite()
        one.state, one.done, one.total = ImportState.WRITING, 0, ready
        one.admin_id, one.worked_at, one.counts = admin_id, now, {}
        one.note_hand(admin_id)


def discard_import(import_id: int) -> None:
    """Forget an import that was not written, with its file and rows; the line of the history stays."""
    with transaction():
        one = lock_at(import_id, ImportState.MATCHING, ImportState.READY)
        db.session.execute(delete(IMPORT_ROWS).where(IMPORT_ROWS.c.import_id == import_id))
        one.sealed_file, one.sealed_samples, one.counts = None, None, {}
        one.state = ImportState.DISCARDED


def begin_undo(import_id: int, admin_id: int, now: datetime) -> None:
    """From here on what was written is taken back, as this admin says; refuses after seven days."""
    with transaction():
        one = lock_at(import_id, ImportState.DONE)
        if not may_undo(one.written_at, now):
            raise UndoOver()
        counts = count_rows(import_id)
        one.state, one.done, one.worked_at, one.admin_id = ImportState.UNDOING, 0, now, admin_id
        one.note_hand(admin_id)
        one.total = sum(counts.get(state, 0) for state in WRITTEN)


def take_secrets(import_id: int, admin_id: int, keys: IdKeys) -> list[StagedRow]:
    """The rows with their start passwords, this once: they are forgotten in the same transaction.

    Only for who wrote the list: whoever holds a password must be known as the account's hand.
    """
    with transaction():
        if not lock_import(import_id).was_written_by(admin_id):
            raise NotFound()
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


def _seal_file(file: IO[bytes], keys: IdKeys) -> bytes:
    """The file as it is kept; only this is held in memory, and not the file besides."""
    file.seek(0)
    sealed = BytesIO()
    pieces = iter(partial(file.read, _PIECE), b"")
    sealed.writelines(seal_pieces(pieces, keys, secrets.token_bytes(NONCE_BYTES)))
    return sealed.getvalue()


def _sample(sheet: Sheet) -> list[list[str]]:
    return [[cell_text(cell) for cell in row] for row in islice(sheet.filled_rows(), SAMPLE_ROWS)]
