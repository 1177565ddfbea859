"""Scans: what terminals saw. Append-only; a scan is never changed or deleted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.scans import Medium, ScanStatus
from volunteer.domain.stations import Direction
from volunteer.models.columns import Base, Digest, PrimaryKey, State, one_of


class StoredScan(Base):
    """One scan with its first answer. ``id`` comes from the terminal and is unique for ever.

    The plan that ran when the card was held is kept with the scan: a later change
    of the plan does not rewrite what a span's limit was.
    """

    __tablename__ = "scans"
    __table_args__ = (
        CheckConstraint(one_of("medium", Medium), name="medium"),
        CheckConstraint(one_of("direction", Direction), name="direction"),
        CheckConstraint(one_of("status", ScanStatus), name="status"),
        Index("ix_scans_member_id_at", "member_id", "at"),
        Index("ix_scans_terminal_id_seq", "terminal_id", "seq"),
        # What arrived since somebody last looked; it only grows at its end.
        # Scans arrive in this order: PostgreSQL needs no more than the bounds of each block.
        Index("ix_scans_received_at", "received_at", postgresql_using="brin"),
    )

    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminals.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    direction: Mapped[State]
    seq: Mapped[int | None] = mapped_column(BigInteger)
    boot: Mapped[UUID | None] = mapped_column(Uuid())
    medium: Mapped[State]
    identity_hash: Mapped[Digest]
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    # Set only where the clock sees the scan: where it was accepted, or refused at a blocked activity.
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    at: Mapped[datetime]
    is_time_suspect: Mapped[bool]
    claimed_at: Mapped[datetime]
    age_ms: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    plan_starts_at: Mapped[datetime | None]
    plan_ends_at: Mapped[datetime | None]
    # Null is countable: without a plan, or held before there was a choice.
    plan_is_countable: Mapped[bool | None]
    # Null is not blocked, for the same reasons.
    plan_is_blocked: Mapped[bool | None]
    status: Mapped[State]
    outcome: Mapped[State]
    answer: Mapped[str] = mapped_column(Text)


class ScanUndo(Base):
    """An undone scan does not exist for the clock; the scan itself stays."""

    __tablename__ = "scan_undos"

    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scans.id"), primary_key=True)
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminals.id"))
    undone_at: Mapped[datetime]


class QuarantinedScan(Base):
    """A scan the server could not take, kept whole for a person to look at.

    ``fingerprint`` makes repeated sending harmless.
    """

    __tablename__ = "quarantined_scans"

    id: Mapped[PrimaryKey]
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminals.id"), index=True)
    fingerprint: Mapped[Digest] = mapped_column(unique=True)
    reason: Mapped[State]
    detail: Mapped[str] = mapped_column(String(500))
    # JSON as text: it may hold what a JSON column refuses, such as NaN or a NUL.
    content: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]
