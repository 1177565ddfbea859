"""Certificates: frozen when issued; revoked or replaced, never changed."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.columns import Base, Digest, Name, PrimaryKey


class Certificate(Base):
    """One issued certificate (Order 67 articles 14 to 17) with the content it was printed from."""

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint("revoked_at IS NULL OR revoke_reason <> ''", name="revoked"),
        CheckConstraint("last_on >= first_on", name="period"),
    )

    id: Mapped[PrimaryKey]
    serial: Mapped[str] = mapped_column(String(32), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    metered_minutes: Mapped[int]
    declared_minutes: Mapped[int]
    # All that stands on the paper, and its hash: the verification page compares with it.
    content: Mapped[object] = mapped_column(JSON)
    content_hash: Mapped[Digest]
    # The digest of the secret in the printed QR code.
    code_hash: Mapped[Digest]
    # The last ledger entry it counts.
    last_entry: Mapped[int] = mapped_column(BigInteger)
    issuer: Mapped[Name]
    handler: Mapped[Name]
    responsible_person: Mapped[Name]
    # Null where the member printed it alone.
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    issued_at: Mapped[datetime]
    # The signed PDF as it was handed out; read only where it is asked for.
    document: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("certificate_batches.id"), index=True)
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    revoke_reason: Mapped[str] = mapped_column(String(200), default="")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"), unique=True)


class CertificateBatch(Base):
    """Certificates for a whole team, made one after the other by a job."""

    __tablename__ = "certificate_batches"

    id: Mapped[PrimaryKey]
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    issuer: Mapped[Name]
    recording_unit: Mapped[Name]
    handler: Mapped[Name]
    responsible_person: Mapped[Name]
    contact: Mapped[Name]
    # Where the papers are verified: the job that makes them knows no address of its own.
    verify_url: Mapped[str] = mapped_column(String(200))
    # The members still to come, by id; and those who got none, each with the reason.
    waiting: Mapped[object] = mapped_column(JSON)
    skipped: Mapped[object] = mapped_column(JSON)
    total: Mapped[int]
    done: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
