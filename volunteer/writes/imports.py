"""The rows of an import between the file and the tables: how they are kept, and judged once more.

The steps that people take and the long work between them both write through here.
"""

import secrets
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import TypeVar

from sqlalchemy import bindparam, insert, update

from volunteer.db import db
from volunteer.domain.import_rows import Repetitions, judge_repetitions, judge_row, to_settle
from volunteer.domain.imports import (
    EFFECTS,
    NEW,
    ImportState,
    ListKind,
    NotNow,
    Reach,
    RowState,
    StagedRow,
    seal_row,
)
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys
from volunteer.models.imports import Import
from volunteer.queries.imports import (
    IMPORT_ROWS,
    count_rows,
    iterate_repeated,
    iterate_rows,
    list_named,
    list_numbered,
    list_related,
    list_rows,
    lock_import,
)

_AT_ONCE = 500
_T = TypeVar("_T")


def lock_at(import_id: int, *states: ImportState) -> Import:
    """The import, locked until the transaction ends; refuses where it is at another step."""
    one = lock_import(import_id)
    if one.state not in states:
        raise NotNow()
    return one


def reach_of(one: Import) -> Reach:
    """What the import may touch."""
    return Reach(one.team_id, frozenset(one.scope), partial(list_named, one.id))


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


def judge_again(
    one: Import,
    row: StagedRow,
    kind: ListKind,
    keys: IdKeys,
    today: date,
    before: tuple[str, str | None] | None = None,
) -> None:
    """Judge a row anew inside the transaction, with all rows that it is or was compared with.

    ``before``: the key and the ID number's hash that it had.
    """
    columns = {name for name in one.matching.values() if name}
    old_key, old_hash = before or (row.key, row.id_hash)
    if row.state is RowState.SKIPPED:
        row.state = RowState.READY
    judge_row(row, columns, kind, today)
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
        judge_row(each, columns, kind, today)
    kind.settle(to_settle(rows, kind), reach_of(one))
    judge_repetitions(rows, kind)
    save_rows(one.id, rows, keys)


def judge_all_repetitions(import_id: int, kind: ListKind, keys: IdKeys) -> None:
    """Judge the rows of an import against each other inside the transaction, a few at a time in memory."""
    found = Repetitions()
    found.look_at_keys(iterate_repeated(import_id, keys, IMPORT_ROWS.c.key))
    _apply(import_id, found, found.first_of, kind, keys)
    found.look_at_ids(iterate_repeated(import_id, keys, IMPORT_ROWS.c.id_hash))
    _apply(import_id, found, found.rival_of, kind, keys)


def _apply(
    import_id: int, found: Repetitions, which: Mapping[int, int], kind: ListKind, keys: IdKeys
) -> None:
    for numbers in in_pieces(sorted(which), _AT_ONCE):
        known = list_numbered(import_id, keys, {*numbers, *(which[number] for number in numbers)})
        wanted = set(numbers)
        rows = [row for row in known if row.row in wanted]
        found.apply(rows, known, kind)
        save_rows(import_id, rows, keys)


def note_new(one: Import, kind: ListKind, keys: IdKeys) -> None:
    """Keep what the good rows would do, and make besides: it costs too much for every look at the page."""
    effects: Counter[str] = Counter()

    def good() -> Iterator[StagedRow]:
        for row in iterate_rows(one.id, keys, [RowState.READY, RowState.PROPOSED]):
            effects[str(row.effect)] += 1
            yield row

    rows = good()
    new = kind.list_new(rows)
    # A kind that makes nothing else need not have looked at them.
    deque(rows, maxlen=0)
    one.counts = count_rows(one.id) | {NEW: new, EFFECTS: dict(effects)}


def in_pieces(things: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The things, so many at a time; the last piece may be smaller."""
    rest = iter(things)
    while piece := list(islice(rest, size)):
        yield piece
