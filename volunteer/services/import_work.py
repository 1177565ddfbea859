"""The long work of imports: rows judged, written and taken back, in pieces.

It is a process of its own. Each piece is a transaction that locks the import and goes on
where the last one ended, so a process that dies loses nothing and two do nothing twice;
and only a piece of the list is in memory, however long it is.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from typing import IO

from sqlalchemy import delete, select

from volunteer.config import ROOT
from volunteer.db import db, transaction
from volunteer.domain.headings import Headings, rank_columns
from volunteer.domain.import_rows import judge_row, stage, to_settle
from volunteer.domain.imports import (
    AT_WORK,
    CORRECTED,
    WRITTEN,
    ImportState,
    ListKind,
    RowState,
    columns_of,
    unseal_pieces,
)
from volunteer.domain.national_ids import IdKeys
from volunteer.domain.refusals import Collision
from volunteer.models.imports import Import
from volunteer.models.teams import Unit
from volunteer.queries.imports import (
    IMPORT_ROWS,
    count_rows,
    find_references,
    iterate_sealed_file,
    list_rows,
    lock_import,
)
from volunteer.reading.workbooks import read_list
from volunteer.writes.imports import (
    add_rows,
    in_pieces,
    judge_all_repetitions,
    lock_at,
    note_new,
    reach_of,
    save_rows,
)

_SILENT_FOR = timedelta(seconds=60)
_TRIES = 3


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
    """Read the file row by row, and judge a piece at a time."""
    with _opened(import_id, keys) as file:
        _judge_file(file, import_id, kind, keys, clock)


@contextmanager
def _opened(import_id: int, keys: IdKeys) -> Iterator[IO[bytes]]:
    """The upload as a file outside of memory; it has no name, and ends with the process at the latest."""
    with tempfile.TemporaryFile() as file:
        file.writelines(unseal_pieces(iterate_sealed_file(import_id), keys))
        yield file


def _judge_file(
    file: IO[bytes], import_id: int, kind: ListKind, keys: IdKeys, clock: Callable[[], datetime]
) -> None:
    one = db.session.get_one(Import, import_id, populate_existing=True)
    sheet = next(each for each in read_list(file) if each.name == one.sheet)
    reach, today = reach_of(one), clock().astimezone(kind.zone).date()
    rows = enumerate(sheet.filled_rows(), start=1)
    top = [cells for _number, cells in islice(rows, one.first_row)]
    ranks = rank_columns(top, one.first_row, kind.vocabulary)
    headings = Headings(columns_of(one.matching, ranks), one.first_row, ())
    total, done = max(sheet.count - one.first_row, 0), 0
    # Staged at once: what stands in columns that nobody wants is let go row by row.
    read = (stage(number, cells, headings, kind) for number, cells in rows)
    for piece in in_pieces(read, max(total, 1) if kind.needs_all else kind.at_once):
        staged = [row for row in piece if row]
        with transaction():
            locked = lock_at(import_id, ImportState.JUDGING)
            if locked.done != done:
                if done:
                    return  # another process is at it
                db.session.execute(delete(IMPORT_ROWS).where(IMPORT_ROWS.c.import_id == import_id))
            for row in staged:
                judge_row(row, headings.columns, kind, today)
            kind.settle(to_settle(staged, kind), reach)
            add_rows(import_id, staged, keys)
            done += len(piece)
            locked.total, locked.done, locked.worked_at = total, done, clock()
    with transaction():
        locked = lock_at(import_id, ImportState.JUDGING)
        judge_all_repetitions(import_id, kind, keys)
        locked.state = ImportState.READY
        note_new(locked, kind, keys)


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
            new_units = kind.write(rows, reach_of(one), now)
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
            kind.undo(rows, one.written_at, now)
            save_rows(import_id, rows, keys)
            one.done, one.worked_at = one.done + len(rows), now
            return True
        unused = set(one.new_unit_ids) - set(find_references("units", one.new_unit_ids))
        db.session.execute(delete(Unit).where(Unit.id.in_(unused)))
        one.state, one.undone_at, one.counts = ImportState.UNDONE, now, count_rows(import_id)
        return False
