"""Importing training records and commendations: each row of a list becomes one entry about one member."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, tzinfo
from typing import Any

from volunteer.db import db
from volunteer.domain.commendation_rows import COMMENDATIONS
from volunteer.domain.entry_rows import (
    NUMBER,
    EntryRules,
    Owner,
    differs_from,
    find_owner,
    hold_against,
    judge_entry,
)
from volunteer.domain.imports import Reach, RowState, StagedRow
from volunteer.domain.refusals import N_, Sentence
from volunteer.domain.training_rows import TRAINING
from volunteer.models.training_records import Commendation, TrainingRecord
from volunteer.queries.commendations import list_commended_fields, lock_commendations
from volunteer.queries.training_records import (
    list_members_by_no,
    list_recorded_fields,
    lock_training_records,
)

Recorded = Callable[[Iterable[int], Iterable[str], Iterable[date]], Mapping[tuple[int, str, date], Any]]


class EntryLists:
    """Lists of entries for the imports of the pages; ``by_id`` answers for what is entered or voided."""

    at_once = 500
    needs_all = False
    tells_all = True

    def __init__(
        self,
        rules: EntryRules,
        model: type[TrainingRecord] | type[Commendation],
        list_recorded: Recorded,
        lock: Callable[[Iterable[int]], Mapping[int, Any]],
        zone: tzinfo,
        by_id: int,
    ) -> None:
        self.zone, self.vocabulary = zone, rules.vocabulary
        self._rules, self._model, self._by_id = rules, model, by_id
        self._list_recorded, self._lock = list_recorded, lock

    def judge(self, row: StagedRow, columns: frozenset[str], today: date) -> None:
        """Fill values, repairs and reasons from the row's own cells."""
        judge_entry(row, self._rules, today)

    def repetition(self, row: StagedRow, other: StagedRow) -> Sentence:
        """Why the row cannot stand next to the other one."""
        return differs_from(other)

    def settle(self, rows: Sequence[StagedRow], reach: Reach) -> None:
        """Compare rows with the members within the reach and with what they have on record already."""
        self._settle(rows, reach)

    def list_new(self, rows: Iterable[StagedRow]) -> dict[str, list[str]]:
        """Nothing comes with an entry."""
        return {}

    def prepare(self, rows: Sequence[StagedRow]) -> None:
        """Nothing is slow here."""

    def write(self, rows: Sequence[StagedRow], reach: Reach, now: datetime) -> list[int]:
        """Enter what is not on record yet; what has come into the way since the preview is told."""
        about = self._settle(rows, reach)
        made = {
            row.row: self._model(
                **asdict(self._rules.fields_of(row.values)),
                member_id=about[row.row].id,
                entered_by_id=self._by_id,
                entered_at=now,
            )
            for row in rows
            if row.is_good
        }
        db.session.add_all(made.values())
        db.session.flush()
        for row in rows:
            if row.row in made:
                row.state, row.target_id = RowState.ADDED, made[row.row].id
            else:
                is_known = row.state is RowState.SKIPPED
                row.state = RowState.UNCHANGED if is_known else RowState.REJECTED
        return []

    def undo(self, rows: Sequence[StagedRow], written_at: datetime, now: datetime) -> None:
        """Void what was entered, as one does with an entry that is wrong; what was confirmed since stays."""
        entries = self._lock([row.target_id for row in rows if row.target_id is not None])
        for row in rows:
            entry = entries.get(row.target_id or 0)
            why = _why_kept(entry) if entry else None
            row.state, row.reasons = (RowState.KEPT, [why]) if why else (RowState.UNDONE, [])
            if entry and not why:
                entry.voided_at, entry.voided_by_id = now, self._by_id

    def _settle(self, rows: Sequence[StagedRow], reach: Reach) -> dict[int, Owner]:
        """Whose each good row is, by the row's number in the file."""
        known = list_members_by_no(reach.scope, {row.values.get(NUMBER, "") for row in rows})
        owners = {number: Owner(one.id, one.name) for number, one in known.items()}
        found: dict[int, Owner] = {}
        for row in rows:
            owner = find_owner(row, owners)
            if owner and row.is_good:
                found[row.row] = owner
        self._hold([row for row in rows if row.row in found], found)
        return found

    def _hold(self, rows: Sequence[StagedRow], owners: Mapping[int, Owner]) -> None:
        """Hold rows against what their owners have on record."""
        name, day = self._rules.same
        days = {row.row: date.fromisoformat(row.values[day]) for row in rows}
        recorded = self._list_recorded(
            {owner.id for owner in owners.values()}, {row.values[name] for row in rows}, set(days.values())
        )
        for row in rows:
            same = (owners[row.row].id, row.values[name], days[row.row])
            hold_against(row, self._rules.fields_of(row.values), recorded.get(same))


def training_lists(zone: tzinfo, by_id: int) -> EntryLists:
    """The rules of lists of training records."""
    return EntryLists(TRAINING, TrainingRecord, list_recorded_fields, lock_training_records, zone, by_id)


def commendation_lists(zone: tzinfo, by_id: int) -> EntryLists:
    """The rules of lists of commendations."""
    return EntryLists(COMMENDATIONS, Commendation, list_commended_fields, lock_commendations, zone, by_id)


def _why_kept(entry: Any) -> Sentence | None:
    """Why an entry stays as it is, or None where it can be taken back."""
    if entry.voided_at is not None:
        return Sentence(N_("导入之后已经作废，保持作废。"))
    if getattr(entry, "activity_id", None) is not None:
        return Sentence(N_("导入之后已由刷卡签到确认，予以保留。"))
    return None
