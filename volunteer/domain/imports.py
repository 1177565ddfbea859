"""Imports: a workbook becomes rows that are judged, looked at, written, and taken back for seven days."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from volunteer.domain.cells import Cell, cell_text
from volunteer.domain.headings import Vocabulary
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys
from volunteer.domain.refusals import N_, Refusal, Sentence

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
KEEP = timedelta(days=7)
# Among the counts of an import: rows written as they were repaired, what it would make besides its rows,
# and how many rows would add, change or leave somebody.
CORRECTED = "corrected"
NEW = "new"
EFFECTS = "effects"
CHANGED_SINCE = Sentence(N_("预览之后这里的资料又有变动，没有写入；请重新上传，再看一遍会改什么。"))
# Why a member was moved, as the history keeps it; whoever reads it sees it in the own language.
MOVED_BY_LIST = N_("按导入的名单调整")
_SEALED_FOR = b"import_rows"
_TAG_BYTES = 16


class ImportKind(StrEnum):
    """What a list holds."""

    MEMBERS = "members"
    TEAMS = "teams"
    ADMINS = "admins"
    TRAINING = "training"
    COMMENDATIONS = "commendations"


class ImportState(StrEnum):
    """How far an import is."""

    MATCHING = "matching"
    JUDGING = "judging"
    READY = "ready"
    WRITING = "writing"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"


AT_WORK = (ImportState.JUDGING, ImportState.WRITING, ImportState.UNDOING)


class RowState(StrEnum):
    """Where a row stands. The first four before the import is written, the rest after."""

    READY = "ready"
    PROPOSED = "proposed"
    PROBLEM = "problem"
    SKIPPED = "skipped"
    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    UNDONE = "undone"
    KEPT = "kept"


WRITTEN = (RowState.ADDED, RowState.UPDATED)
NOT_TAKEN = (RowState.PROPOSED, RowState.PROBLEM, RowState.REJECTED)


class NotNow(Refusal):
    """The import is at another step than the one that was asked for."""

    code = "import_not_now"
    msgid = N_("这次导入已经走到别的步骤，请刷新页面再看。")


@dataclass(frozen=True)
class Repair:
    """A cell that would be tidied: what it is and what it would be. ID numbers stand masked here."""

    field: str
    was: str
    now: str


@dataclass(frozen=True)
class Change:
    """What would become another of what exists: the field, what stands there, what would stand there."""

    field: str
    was: str
    now: str


@dataclass
class StagedRow:
    """One row of a list between the file and the tables.

    ``cells`` is what the file (or a later edit) says, ``values`` what of it would be
    written. ``key`` and ``id_hash`` find repetitions; ``rank`` orders rows that need each other.
    ``target_id`` is what exists already and would be changed; ``changes`` says in what.
    """

    row: int
    cells: dict[str, Cell] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    reasons: list[Sentence] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    notes: list[Sentence] = field(default_factory=list)
    # What of changes and notes needs a yes, and what has had one: a yes holds for what was seen.
    asked: list[str] = field(default_factory=list)
    agreed: list[str] = field(default_factory=list)
    state: RowState = RowState.READY
    key: str = ""
    id_hash: str | None = None
    rank: int = 0
    target_id: int | None = None
    before: dict[str, Any] | None = None
    # What stood in a person's file before, and what was put there; kept sealed.
    was: dict[str, Any] | None = field(default=None, repr=False)
    secret: str = field(default="", repr=False)
    # A person has looked: repairs are wanted, or the row is not.
    is_accepted: bool = False
    is_left_out: bool = False

    @property
    def is_good(self) -> bool:
        """Whether nothing stands against the row; a repair may still be waiting for a yes."""
        return self.state in (RowState.READY, RowState.PROPOSED)

    def propose(self, repair: Repair) -> None:
        """Say how a cell would be tidied; whoever has said yes to the row is not asked again."""
        self.repairs.append(repair)
        if self.state is RowState.READY and not self.is_accepted:
            self.state = RowState.PROPOSED

    @property
    def effect(self) -> RowState:
        """What a good row would do, before it is written."""
        if self.target_id is None:
            return RowState.ADDED
        return RowState.UPDATED if self.changes else RowState.UNCHANGED

    @property
    def is_agreed(self) -> bool:
        """Whether everything that needs a yes has had one."""
        return set(self.asked) <= set(self.agreed)

    def forget_plan(self) -> None:
        """Begin anew with what the row would do to what exists."""
        self.target_id, self.changes, self.notes, self.asked = None, [], [], []

    def change(self, name: str, was: str, now: str, *, is_asked: bool) -> None:
        """Say what would change; ``is_asked`` where something that stands there would go."""
        self.changes.append(Change(str(name), was, now))
        if is_asked:
            self._ask(f"{name}:{was}>{now}")

    def warn(self, warning: Sentence) -> None:
        """Say what somebody must have read before the row is written."""
        self.notes.append(warning)
        self._ask(str(warning))

    def accept(self) -> None:
        """Say yes to all that is proposed."""
        self.state, self.is_accepted, self.agreed = RowState.READY, True, list(self.asked)

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.state is RowState.READY and what not in self.agreed:
            self.state = RowState.PROPOSED

    def skip(self, reason: Sentence) -> None:
        """Pass the row over, and say why."""
        self.reasons, self.state = [reason], RowState.SKIPPED

    def reject(self, *reasons: Sentence) -> None:
        """Say why the row cannot be taken as it is."""
        self.reasons += reasons
        self.state = RowState.PROBLEM


def _names_none(_keys: Collection[str]) -> set[str]:
    return set()


@dataclass(frozen=True)
class Reach:
    """What the importer may touch: these teams, the first of them where a row names none.

    ``list_named`` tells which of some keys any row of the list names, also one that is not written.
    """

    team_id: int
    scope: frozenset[int]
    list_named: Callable[[Collection[str]], set[str]] = _names_none


class ListKind(Protocol):
    """What differs between lists of members, teams and admins; ``settle`` and ``write`` ask the tables.

    ``at_once`` rows are handled in one transaction; rows that need each other are handled all at once.
    Where a list ``tells_all``, rows with a fault are settled too, and told what else stands against them.
    The days of changes are those of ``zone``.
    """

    vocabulary: Vocabulary
    at_once: int
    needs_all: bool
    tells_all: bool

    @property
    def zone(self) -> tzinfo:
        """The zone of local dates."""

    def judge(self, row: StagedRow, columns: frozenset[str], today: date) -> None:
        """Fill values, repairs and reasons from the row's own cells."""

    def repetition(self, row: StagedRow, other: StagedRow) -> Sentence:
        """Why a row cannot stand next to another one with the same key or ID number."""

    def settle(self, rows: Sequence[StagedRow], reach: Reach) -> None:
        """Compare judged rows with what there is: say what would happen, reject what cannot be.

        Sets ``target_id`` and ``changes`` anew, and warns of what needs a yes.
        """

    def list_new(self, rows: Iterable[StagedRow]) -> dict[str, list[str]]:
        """What good rows would make besides themselves, by what it is: the names of "units" and "teams"."""

    def prepare(self, rows: Sequence[StagedRow]) -> None:
        """What is slow and needs no transaction."""

    def write(self, rows: Sequence[StagedRow], reach: Reach, now: datetime) -> list[int]:
        """Write rows inside the transaction; note target and what was before. Gives new units' ids."""

    def undo(self, rows: Sequence[StagedRow], written_at: datetime, now: datetime) -> None:
        """Take written rows back inside the transaction; say of each that stays why."""


def seal_row(row: StagedRow, keys: IdKeys, nonce: bytes) -> bytes:
    """The personal part of a row as it is kept (AES-256-GCM)."""
    content = {
        "cells": {name: _pack(cell) for name, cell in row.cells.items()},
        "values": row.values,
        "repairs": [asdict(one) for one in row.repairs],
        "reasons": [_pack_sentence(one) for one in row.reasons],
        "changes": [asdict(one) for one in row.changes],
        "notes": [_pack_sentence(one) for one in row.notes],
        "asked": row.asked,
        "agreed": row.agreed,
        "was": row.was,
        "secret": row.secret,
        "is_accepted": row.is_accepted,
        "is_left_out": row.is_left_out,
    }
    return seal(json.dumps(content, ensure_ascii=False).encode(), keys, nonce)


def open_row(row: StagedRow, sealed: bytes, keys: IdKeys) -> StagedRow:
    """Put back into ``row`` what was sealed."""
    content = json.loads(unseal(sealed, keys))
    row.cells = {name: _unpack(cell) for name, cell in content["cells"].items()}
    row.values, row.secret = content["values"], content["secret"]
    row.is_accepted, row.is_left_out = content["is_accepted"], content["is_left_out"]
    row.repairs = [Repair(**one) for one in content["repairs"]]
    row.reasons = [Sentence(msgid, params) for msgid, params in content["reasons"]]
    # Rows that were kept before these were told have none.
    row.changes = [Change(**one) for one in content.get("changes", ())]
    row.notes = [Sentence(msgid, params) for msgid, params in content.get("notes", ())]
    row.asked, row.agreed = content.get("asked", []), content.get("agreed", [])
    row.was = content.get("was")
    return row


def seal(content: bytes, keys: IdKeys, nonce: bytes) -> bytes:
    """Content of an uploaded list as it is kept. ``nonce`` is 12 random bytes, never used twice."""
    return nonce + AESGCM(keys.seal).encrypt(nonce, content, _SEALED_FOR)


def unseal(sealed: bytes, keys: IdKeys) -> bytes:
    """The content that was sealed; raises ``cryptography.exceptions.InvalidTag`` where it was altered."""
    return AESGCM(keys.seal).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _SEALED_FOR)


def seal_pieces(pieces: Iterable[bytes], keys: IdKeys, nonce: bytes) -> Iterator[bytes]:
    """As ``seal``, a piece at a time: together they are what it gives for all of the content."""
    sealer = Cipher(AES(keys.seal), GCM(nonce)).encryptor()
    sealer.authenticate_additional_data(_SEALED_FOR)
    yield nonce
    for piece in pieces:
        yield sealer.update(piece)
    sealer.finalize()
    yield sealer.tag


def unseal_pieces(pieces: Iterable[bytes], keys: IdKeys) -> Iterator[bytes]:
    """What was sealed, a piece at a time; raises ``InvalidTag`` at the end where it was altered.

    Nothing of it may be used before the end.
    """
    rest = iter(pieces)
    held = next(rest, b"")
    opener = Cipher(AES(keys.seal), GCM(held[:NONCE_BYTES])).decryptor()
    opener.authenticate_additional_data(_SEALED_FOR)
    held = held[NONCE_BYTES:]
    for piece in rest:
        yield opener.update(held[:-_TAG_BYTES])
        held = held[-_TAG_BYTES:] + piece
    yield opener.update(held[:-_TAG_BYTES])
    opener.finalize_with_tag(held[-_TAG_BYTES:])


def may_undo(written_at: datetime | None, now: datetime) -> bool:
    """Whether a written import can still be taken back."""
    return written_at is not None and now - written_at < KEEP


def columns_of(matching: Mapping[str, str], ranks: Mapping[int, int]) -> dict[str, tuple[int, ...]]:
    """The columns of each field, best first, from what was chosen for each column."""
    found: dict[str, list[int]] = {}
    for column, name in matching.items():
        if name:
            found.setdefault(name, []).append(int(column))
    return {
        name: tuple(sorted(columns, key=lambda one: (ranks.get(one, 1000), one)))
        for name, columns in found.items()
    }


def repeated_fields(matching: Mapping[str, str]) -> list[str]:
    """The fields that were chosen for more than one column, in the order of the columns."""
    chosen = [matching[column] for column in sorted(matching, key=int) if matching[column]]
    return [name for name in dict.fromkeys(chosen) if chosen.count(name) > 1]


def _pack_sentence(sentence: Sentence) -> list[Any]:
    return [sentence.msgid, dict(sentence.params)]


def _pack(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return {"at": cell.isoformat()}
    if isinstance(cell, date):
        return {"on": cell.isoformat()}
    if isinstance(cell, time | timedelta):
        return cell_text(cell)
    return cell


def _unpack(cell: Any) -> Cell:
    if isinstance(cell, dict):
        return datetime.fromisoformat(cell["at"]) if "at" in cell else date.fromisoformat(cell["on"])
    found: Cell = cell
    return found
