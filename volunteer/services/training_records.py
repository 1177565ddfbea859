"""Training records: entered, confirmed from who checked in, voided when wrong."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import update

from volunteer.db import db, transaction
from volunteer.domain.training_records import (
    TrainingFields,
    TrainingNotOver,
    TrainingRecordUnknown,
    check_training,
)
from volunteer.models.training_records import TrainingRecord
from volunteer.queries.settlements import list_persons
from volunteer.queries.training_records import list_attendance, list_recorded


def add_training_records(
    member_ids: Iterable[int], fields: TrainingFields, admin_id: int, today: date, now: datetime
) -> list[TrainingRecord]:
    """Enter one training for these members; who has it already, be it under a merged row, is left out."""
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
    """Make records of those chosen members who did check in at the training activity.

    Refuses while one of them is still there.
    """
    check_training(fields, today)
    with transaction():
        # A row chosen before it was merged is the person that stands in the list now.
        chosen = list_persons(member_ids)
        people = [row for row in list_attendance(scope, activity_id, now) if row.id in chosen]
        if names := [row.name for row in people if not row.is_finished]:
            raise TrainingNotOver(names="、".join(names))
        present = [row.id for row in people]
        made = _add(present, fields, admin_id, now, activity_id)
        # Who was entered by hand before is no longer waiting either.
        db.session.execute(
            update(TrainingRecord)
            .where(
                TrainingRecord.member_id.in_(list_persons(present)),
                TrainingRecord.name == fields.name,
                TrainingRecord.held_on == fields.held_on,
                TrainingRecord.voided_at.is_(None),
                TrainingRecord.activity_id.is_(None),
            )
            .values(activity_id=activity_id)
        )
    return made


def void_training_record(record_id: int, admin_id: int, now: datetime) -> None:
    """Take an entry back; it stays in the table with who took it back and when."""
    with transaction():
        found = db.session.get(TrainingRecord, record_id, populate_existing=True)
        if found is None or found.voided_at is not None:
            raise TrainingRecordUnknown()
        found.voided_at, found.voided_by_id = now, admin_id


def _add(
    member_ids: list[int],
    fields: TrainingFields,
    admin_id: int,
    now: datetime,
    activity_id: int | None = None,
) -> list[TrainingRecord]:
    persons = list_persons(member_ids)
    known = {persons[one] for one in list_recorded(persons, fields.name, fields.held_on)}
    # One row for each person; of several that were named, the kept one.
    rows = {persons[one]: one for one in sorted(member_ids, key=lambda one: persons[one] == one)}
    made = [
        TrainingRecord(
            **asdict(fields),
            member_id=one,
            activity_id=activity_id,
            entered_by_id=admin_id,
            entered_at=now,
        )
        for person, one in rows.items()
        if person not in known
    ]
    db.session.add_all(made)
    db.session.flush()
    return made
