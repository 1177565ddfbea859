"""The audit: every administrative act, append-only and chained; and the samples drawn from it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.audit import SampleResult
from volunteer.models.columns import Base, BigId, Digest, PrimaryKey, one_of


class AuditEvent(Base):
    """One act: who, what, whom, before, after, why. ``number`` counts without gaps.

    Ids without foreign keys: an event outlives what it is about (an import taken back
    removes the members it entered), and a key would lock rows while the chain is locked.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index("ix_audit_events_admin_id_at", "admin_id", "at"),
        Index("ix_audit_events_member_id_at", "member_id", "at"),
        Index("ix_audit_events_team_id_at", "team_id", "at"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    # Who: an admin's account, or in words what else acted (a command, a job, a member).
    admin_id: Mapped[int | None] = mapped_column(BigId)
    actor: Mapped[str] = mapped_column(String(120))
    # What: the name of the act, put into words where it is shown.
    act: Mapped[str] = mapped_column(String(60), index=True)
    member_id: Mapped[int | None] = mapped_column(BigId)
    team_id: Mapped[int | None] = mapped_column(BigId)
    # Rows that changed: table, id, and the columns before and after; never a secret, personal data masked.
    changes: Mapped[object] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(300))
    previous_hash: Mapped[Digest]
    hash: Mapped[Digest]


class AuditSample(Base):
    """Entries drawn at random for a person to look into, with the protocol."""

    __tablename__ = "audit_samples"

    id: Mapped[PrimaryKey]
    drawn_at: Mapped[datetime]
    drawn_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    # What the draw was made from: drawing again with it gives the same entries (``domain.samples``).
    seed: Mapped[Digest]
    # The team and those below it on that day, the last entry there was, and how many there were to draw from.
    team_ids: Mapped[Any] = mapped_column(JSON)
    last_entry: Mapped[int] = mapped_column(BigInteger)
    population: Mapped[int]
    finished_at: Mapped[datetime | None]
    conclusion: Mapped[str] = mapped_column(String(500), default="")


class AuditSampleEntry(Base):
    """One drawn entry and what was found about it."""

    __tablename__ = "audit_sample_entries"
    __table_args__ = (CheckConstraint(one_of("result", SampleResult), name="result"),)

    sample_id: Mapped[int] = mapped_column(ForeignKey("audit_samples.id"), primary_key=True)
    entry_number: Mapped[int] = mapped_column(ForeignKey("ledger_entries.number"), primary_key=True)
    result: Mapped[str | None] = mapped_column(String(24))
    note: Mapped[str] = mapped_column(String(300), default="")
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
