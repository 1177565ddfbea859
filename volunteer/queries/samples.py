"""Samples of the ledger: what there is to draw from, what was drawn, and everything behind an entry."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.audit import SampleResult
from volunteer.domain.ledger import EntryKind
from volunteer.domain.samples import SampleUnknown
from volunteer.models.activities import Activity
from volunteer.models.audit import AuditSample, AuditSampleEntry
from volunteer.models.corrections import Correction
from volunteer.models.ledger import LedgerEntry, StoredPolicy
from volunteer.models.members import Admin, Member
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.models.scans import ScanUndo, StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.models.teams import Team
from volunteer.models.training_records import EvidenceFile


def find_last_entry() -> int:
    """The number of the newest entry of the ledger; 0 where there is none."""
    return db.session.execute(select(func.max(LedgerEntry.number))).scalar_one() or 0


def list_population(team_ids: Iterable[int], first_on: date, last_on: date, last_entry: int) -> list[int]:
    """The numbers of the credits of these teams served in these days, up to this entry."""
    statement = select(LedgerEntry.number).where(
        LedgerEntry.kind == EntryKind.CREDIT,
        LedgerEntry.team_id.in_(list(team_ids)),
        LedgerEntry.served_on.between(first_on, last_on),
        LedgerEntry.number <= last_entry,
    )
    return list(db.session.execute(statement.order_by(LedgerEntry.number)).scalars())


def list_samples(
    scope: Iterable[int], *, offset: int = 0, limit: int = 50, is_wrong: bool = False
) -> tuple[int, list[Row[Any]]]:
    """How many samples these teams have, and a page with team, auditor and counts, newest first."""
    within = [AuditSample.team_id.in_(list(scope))]
    if is_wrong:
        wrong = select(AuditSampleEntry.sample_id).where(AuditSampleEntry.result == SampleResult.WRONG)
        within.append(AuditSample.id.in_(wrong))
    count = db.session.execute(select(func.count(AuditSample.id)).where(*within)).scalar_one()
    page = _with_counts().where(*within).order_by(AuditSample.id.desc()).offset(offset).limit(limit)
    return count, list(db.session.execute(page))


def get_sample_in(scope: Iterable[int], sample_id: int) -> Row[Any]:
    """The sample of one of these teams with team, auditor and counts; refuses where there is none."""
    chosen = (AuditSample.id == sample_id, AuditSample.team_id.in_(list(scope)))
    row = db.session.execute(_with_counts().where(*chosen)).one_or_none()
    if row is None:
        raise SampleUnknown()
    return row


def lock_sample(scope: Iterable[int], sample_id: int) -> AuditSample:
    """The sample, locked: nobody finishes it while a result is written."""
    statement = select(AuditSample).where(AuditSample.id == sample_id, AuditSample.team_id.in_(list(scope)))
    found = db.session.execute(
        statement.with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise SampleUnknown()
    return found


def get_drawn(sample_id: int, number: int) -> AuditSampleEntry:
    """The drawn entry with what was found about it; refuses where it was not drawn."""
    found = db.session.get(AuditSampleEntry, (sample_id, number), populate_existing=True)
    if found is None:
        raise SampleUnknown()
    return found


def count_unchecked(sample_id: int) -> int:
    """How many entries of the sample nobody has looked into."""
    statement = select(func.count()).where(
        AuditSampleEntry.sample_id == sample_id, AuditSampleEntry.result.is_(None)
    )
    return db.session.execute(statement).scalar_one()


def _with_counts() -> Any:
    def counted(*results: SampleResult) -> Any:
        return func.sum(case((AuditSampleEntry.result.in_(results), 1), else_=0))

    counts = (
        select(
            AuditSampleEntry.sample_id,
            func.count().label("size"),
            func.count(AuditSampleEntry.result).label("checked"),
            counted(SampleResult.WRONG).label("wrong"),
            counted(SampleResult.UNCLEAR).label("unclear"),
        )
        .group_by(AuditSampleEntry.sample_id)
        .subquery()
    )
    return (
        select(
            AuditSample,
            Team.name.label("team_name"),
            Admin.name.label("admin_name"),
            *(func.coalesce(column, 0).label(column.name) for column in list(counts.c)[1:]),
        )
        .outerjoin(counts, counts.c.sample_id == AuditSample.id)
        .join(Team, Team.id == AuditSample.team_id)
        .join(Admin, Admin.id == AuditSample.drawn_by_id)
    )


def list_drawn(sample_id: int, number: int | None = None) -> list[Row[Any]]:
    """The drawn entries (or one of them) with all that an entry names, in the order of the ledger."""
    checker, enterer, approver = aliased(Admin), aliased(Admin), aliased(Admin)
    reversal = aliased(LedgerEntry)
    statement = (
        select(
            AuditSampleEntry,
            LedgerEntry,
            ServiceRecord,
            Correction,
            StoredPolicy,
            Member.name.label("member_name"),
            Member.volunteer_no,
            Station.name.label("station_name"),
            Activity.name.label("activity_name"),
            Team.name.label("team_name"),
            EvidenceFile.name.label("evidence_name"),
            checker.name.label("checker_name"),
            enterer.name.label("enterer_name"),
            approver.name.label("approver_name"),
            reversal.number.label("reversed_by"),
        )
        .join(LedgerEntry, LedgerEntry.number == AuditSampleEntry.entry_number)
        .join(ServiceRecord, ServiceRecord.id == LedgerEntry.record_id)
        .join(StoredPolicy, StoredPolicy.id == LedgerEntry.policy_id)
        .join(Member, Member.id == LedgerEntry.member_id)
        .join(Station, Station.id == LedgerEntry.station_id)
        .join(Team, Team.id == LedgerEntry.team_id)
        .outerjoin(Activity, Activity.id == LedgerEntry.activity_id)
        .outerjoin(Correction, Correction.id == LedgerEntry.correction_id)
        .outerjoin(EvidenceFile, EvidenceFile.id == Correction.evidence_id)
        .outerjoin(checker, checker.id == AuditSampleEntry.checked_by_id)
        .outerjoin(enterer, enterer.id == LedgerEntry.entered_by_id)
        .outerjoin(approver, approver.id == LedgerEntry.approved_by_id)
        .outerjoin(reversal, reversal.reverses == LedgerEntry.number)
        .where(AuditSampleEntry.sample_id == sample_id)
        .order_by(LedgerEntry.number)
    )
    if number is not None:
        statement = statement.where(AuditSampleEntry.entry_number == number)
    return list(db.session.execute(statement))


def list_scans_behind(record: ServiceRecord) -> list[Row[Any]]:
    """The scans that opened and closed the record, with terminal and station, and whether one was undone."""
    ids = [one for one in (record.opening_scan_id, record.closing_scan_id) if one]
    if not ids:
        return []
    statement = (
        select(
            StoredScan,
            Terminal.name.label("terminal_name"),
            Station.name.label("station_name"),
            ScanUndo.undone_at,
        )
        .join(Terminal, Terminal.id == StoredScan.terminal_id)
        .join(Station, Station.id == StoredScan.station_id)
        .outerjoin(ScanUndo, ScanUndo.scan_id == StoredScan.id)
        .where(StoredScan.id.in_(ids))
        .order_by(StoredScan.at)
    )
    return list(db.session.execute(statement))


def list_changes_behind(record_id: int) -> list[RecordChange]:
    """What late scans or passing time changed in the record, in order."""
    statement = select(RecordChange).where(RecordChange.record_id == record_id).order_by(RecordChange.id)
    return list(db.session.execute(statement).scalars())


def find_next_unchecked(sample_id: int, after: int) -> int | None:
    """The next drawn entry that nobody has looked into, from this one on and then from the first."""
    statement = (
        select(AuditSampleEntry.entry_number)
        .where(AuditSampleEntry.sample_id == sample_id, AuditSampleEntry.result.is_(None))
        .order_by(AuditSampleEntry.entry_number < after, AuditSampleEntry.entry_number)
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()
