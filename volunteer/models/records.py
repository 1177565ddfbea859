"""Service records: derived from scans, and the visible trace of each later change."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.ledger import Proof
from volunteer.domain.records import RecordState
from volunteer.models.columns import Base, PrimaryKey, State, one_of


def _scan() -> ForeignKey:
    # Checked at commit: a scan is written last, because it carries the answer that its
    # records and their sums give. Indexed: SQLite looks for waiting rows at every insert.
    return ForeignKey("scans.id", deferrable=True, initially="DEFERRED")


class ServiceRecord(Base):
    """One piece of service: metered, with its opening scan as natural key; or declared by a correction."""

    __tablename__ = "service_records"
    __table_args__ = (
        CheckConstraint(one_of("state", RecordState), name="state"),
        CheckConstraint("minutes >= 0 AND (state = 'closed' OR minutes = 0)", name="minutes"),
        CheckConstraint("checked_out_at >= checked_in_at", name="order"),
        CheckConstraint(one_of("proof", Proof), name="proof"),
        # Time comes from a scan, or from a correction that three different people stand behind.
        CheckConstraint("(opening_scan_id IS NULL) = (correction_id IS NOT NULL)", name="origin"),
        CheckConstraint("(state = 'void') = (voided_by_id IS NOT NULL)", name="void"),
        # The last word on "one open record per member".
        Index(
            "uq_service_records_open",
            "member_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_service_records_member_id_checked_in_at", "member_id", "checked_in_at"),
        Index("ix_service_records_served_on_duty_on", "served_on", "duty_on"),
        Index(
            "ix_service_records_limit_at_open",
            "limit_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        # Only the few rows that a correction made or took out: a scan writes none of these.
        Index(
            "uq_service_records_correction_id",
            "correction_id",
            unique=True,
            sqlite_where=text("correction_id IS NOT NULL"),
            postgresql_where=text("correction_id IS NOT NULL"),
        ),
        Index(
            "ix_service_records_voided_by_id",
            "voided_by_id",
            sqlite_where=text("voided_by_id IS NOT NULL"),
            postgresql_where=text("voided_by_id IS NOT NULL"),
        ),
        # What waits to be settled, by day and by member.
        Index(
            "ix_service_records_unsettled",
            "served_on",
            "member_id",
            sqlite_where=text("is_settled = 0"),
            postgresql_where=text("NOT is_settled"),
        ),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    opening_scan_id: Mapped[UUID | None] = mapped_column(_scan(), unique=True)
    closing_scan_id: Mapped[UUID | None] = mapped_column(_scan(), index=True)
    checked_in_at: Mapped[datetime]
    checked_out_at: Mapped[datetime | None]
    limit_at: Mapped[datetime]
    # The local date of the check-in: the day, month and year the record counts for.
    served_on: Mapped[date]
    minutes: Mapped[int]
    state: Mapped[State]
    # The duty day this service belongs to, or null on any other day.
    duty_on: Mapped[date | None]
    proof: Mapped[State] = mapped_column(default=Proof.CARD, server_default=Proof.CARD)
    # False until the ledger says what the record says; every change of the record makes it false again.
    is_settled: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The correction that declared this record, and the one that took it out of account.
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))


class RecordChange(Base):
    """What a late scan (or the passing of a limit) changed in a record already shown."""

    __tablename__ = "record_changes"

    id: Mapped[PrimaryKey]
    record_id: Mapped[int] = mapped_column(ForeignKey("service_records.id"), index=True)
    # Null where no scan but time itself changed the record.
    scan_id: Mapped[UUID | None] = mapped_column(_scan(), index=True)
    before: Mapped[object] = mapped_column(JSON)
    after: Mapped[object] = mapped_column(JSON)
    changed_at: Mapped[datetime]
