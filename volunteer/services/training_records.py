"""Training records: entered, imported, confirmed from who checked in, voided when wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, update

from volunteer.db import db, transaction
from volunteer.domain.refusals import MemberUnknown
from volunteer.domain.training_records import (
    NameOfAnother,
    TrainingFields,
    TrainingRecordUnknown,
    check_training,
)
from volunteer.domain.training_rows import RowProblem, TrainingRow, is_same_name
from volunteer.models.training_records import TrainingRecord
from volunteer.queries.training_records import list_attendance, list_members_by_no, list_recorded


def add_training_records(
    member_ids: Iterable[int], fields: TrainingFields, admin_id: int, today: date, now: datetime
) -> list[TrainingRecord]:
    """Enter one training for these members; who has it already is left out."""
    check_training(fields, today)
    with transaction():
        return _add(list(member_ids), fields, admin_id, now)


def confirm_attendance(
    scope: Iterable[int],
    activity_id: int,
    member_ids: Iterable[int],
    fields: TrainingFields,
    admin_id: int,
    today: date,
    now: datetime,
) -> list[TrainingRecord]:
    """Make records of those chosen members who did check in at the training activity."""
    check_training(fields, today)
    chosen = set(member_ids)
    with transaction():
        present = [row.id for row in list_attendance(scope, activity_id) if row.id in chosen]
        made = _add(present, fields, admin_id, now, activity_id)
        # Who was entered by hand before is no longer waiting either.
        db.session.execute(
            update(TrainingRecord)
            .where(
                TrainingRecord.member_id.in_(present),
                TrainingRecord.name == fields.name,
                TrainingRecord.held_on == fields.held_on,
                TrainingRecord.voided_at.is_(None),
                TrainingRecord.activity_id.is_(None),
            )
            .values(activity_id=activity_id)
        )
    return made


def import_training(
    scope: Iterable[int], rows: Sequence[TrainingRow], admin_id: int, now: datetime
) -> tuple[list[TrainingRecord], list[RowProblem]]:
    """All rows become records, or none: a row about nobody in these teams is a problem to be mended."""
    made: list[TrainingRecord] = []
    with transaction():
        members = list_members_by_no(scope, {row.volunteer_no for row in rows})
        problems = [problem for row in rows if (problem := _problem(row, members))]
        if problems:
            return [], problems
        by_training: dict[TrainingFields, list[int]] = {}
        for row in rows:
            by_training.setdefault(row.fields, []).append(members[row.volunteer_no].id)
        for fields, member_ids in by_training.items():
            made += _add(list(dict.fromkeys(member_ids)), fields, admin_id, now)
    return made, []


def void_training_record(record_id: int, admin_id: int, now: datetime) -> None:
    """Take an entry back; it stays in the table with who took it back and when."""
    with transaction():
        found = db.session.get(TrainingRecord, record_id, populate_existing=True)
        if found is None or found.voided_at is not None:
            raise TrainingRecordUnknown()
        found.voided_at, found.voided_by_id = now, admin_id


def _problem(row: TrainingRow, members: dict[str, Row[Any]]) -> RowProblem | None:
    member = members.get(row.volunteer_no)
    if member is None:
        unknown = MemberUnknown(volunteer_no=row.volunteer_no)
        return RowProblem(row.row_number, unknown.sentence)
    if not is_same_name(row, member.name):
        return RowProblem(row.row_number, NameOfAnother(volunteer_no=row.volunteer_no).sentence)
    return None


def _add(
    member_ids: list[int],
    fields: TrainingFields,
    admin_id: int,
    now: datetime,
    activity_id: int | None = None,
) -> list[TrainingRecord]:
    known = list_recorded(member_ids, fields.name, fields.held_on)
    made = [
        TrainingRecord(
            **asdict(fields),
            member_id=one,
            activity_id=activity_id,
            entered_by_id=admin_id,
            entered_at=now,
        )
        for one in member_ids
        if one not in known
    ]
    db.session.add_all(made)
    db.session.flush()
    return made
