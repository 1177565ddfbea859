"""A ledger with settled time, written entry by entry, for tests of certificates."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select

from tests.conftest import PASSWORD_HASH, Cast
from volunteer.db import db
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.ledger import Chained, Entry, EntryKind, Head, Measure, Proof, chain, reverse
from volunteer.domain.proposals import ProposalState
from volunteer.domain.records import RecordState
from volunteer.domain.scans import Medium, ScanStatus
from volunteer.domain.stations import Direction
from volunteer.models.columns import table_of
from volunteer.models.corrections import Correction
from volunteer.models.ledger import LedgerEntry
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.models.scans import StoredScan
from volunteer.queries.members import find_member
from volunteer.services.members import add_member

JUNE = date(2026, 6, 1)
FORM = {"handler": "王芳", "responsible_person": "陈建国", "contact": "0755-28900000"}
SUMMER = {"first_on": "2026-06-01", "last_on": "2026-08-31"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def credit(
    cast: Cast,
    minutes: int,
    day: date = JUNE,
    *,
    member: Member | None = None,
    measure: Measure = Measure.METERED,
    activity_id: int | None = None,
) -> Chained:
    """A settled record of alice (or of ``member``) with its entry."""
    person = member or cast.alice
    member_id = person.id
    start = datetime.combine(day, time(1), UTC)
    span = {"checked_in_at": start, "checked_out_at": start + timedelta(minutes=minutes), "served_on": day}
    correction = _correction(cast, member_id, span) if measure is Measure.DECLARED else None
    record = ServiceRecord(
        member_id=member_id,
        station_id=cast.sender.station_id,
        activity_id=activity_id,
        opening_scan_id=None if correction else _scan(cast, member_id, start),
        limit_at=span["checked_out_at"],
        minutes=minutes,
        state=RecordState.CLOSED,
        proof=Proof.DECLARED if correction else Proof.CARD,
        is_settled=True,
        correction_id=correction.id if correction else None,
        **span,
    )
    db.session.add(record)
    db.session.flush()
    entry = Entry(
        member_id=member_id,
        kind=EntryKind.CREDIT,
        minutes=minutes,
        measure=measure,
        proof=Proof(record.proof),
        record_id=record.id,
        station_id=cast.sender.station_id,
        activity_id=activity_id,
        team_id=cast.detachment.id,
        unit_id=None,
        policy_id=1,
        correction_id=correction.id if correction else None,
        entered_by_id=cast.bob.id if correction else None,
        approved_by_id=cast.charlie.id if correction else None,
        **span,
    )
    return append(entry)


def take_back(entry: Chained, reason: str = "更正") -> Chained:
    """The entry that reverses it."""
    return append(reverse(entry, reason))


def append(entry: Entry) -> Chained:
    """The entry in its place at the end of its member's chain."""
    heads = select(LedgerEntry.seq, LedgerEntry.hash).where(LedgerEntry.member_id == entry.member_id)
    head = db.session.execute(heads.order_by(LedgerEntry.seq.desc()).limit(1)).one_or_none()
    last = db.session.execute(select(func.coalesce(func.max(LedgerEntry.number), 0))).scalar_one()
    ends = {entry.member_id: Head(head.seq, head.hash)} if head else {}
    (chained,) = chain([entry], ends, last, entry.checked_out_at)
    db.session.execute(insert(table_of(LedgerEntry)), [asdict(chained)])
    db.session.commit()
    return chained


def _scan(cast: Cast, member_id: int, at: datetime) -> UUID:
    scan = StoredScan(
        id=uuid4(),
        terminal_id=cast.sender.terminal_id,
        station_id=cast.sender.station_id,
        direction=Direction.BOTH,
        medium=Medium.QR,
        identity_hash="0" * 64,
        member_id=member_id,
        at=at,
        is_time_suspect=False,
        claimed_at=at,
        received_at=at,
        status=ScanStatus.ACCEPTED,
        outcome="checked_in",
        answer="{}",
    )
    db.session.add(scan)
    db.session.flush()
    return scan.id


def _correction(cast: Cast, member_id: int, span: dict[str, object]) -> Correction:
    enterer, approver = (_person(one) for one in ("P-ENTERS", "P-APPROVES"))
    correction = Correction(
        kind=CorrectionKind.MAKEUP_RECORD,
        member_id=member_id,
        station_id=cast.sender.station_id,
        proof=Proof.DECLARED,
        reason="忘记刷卡",
        asked_by_member=False,
        asked_at=LONG_AGO,
        state=ProposalState.APPROVED,
        entered_by_id=cast.bob.id,
        entered_person_id=enterer.id,
        entered_at=LONG_AGO,
        decided_by_id=cast.charlie.id,
        decided_person_id=approver.id,
        decided_at=LONG_AGO,
        **span,
    )
    db.session.add(correction)
    db.session.flush()
    return correction


def _person(number: str) -> Member:
    return find_member(number) or add_member(number, "经手人", "FD02", LONG_AGO)


def admin_of(team_id: int, username: str) -> Admin:
    """Another admin of the team."""
    admin = Admin(
        username=username, name=username, team_id=team_id, password_hash=PASSWORD_HASH, created_at=LONG_AGO
    )
    db.session.add(admin)
    db.session.commit()
    return admin
