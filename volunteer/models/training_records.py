"""Training that members went through, what they were commended for, and the files that prove it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.columns import Base, Digest, Name, PrimaryKey, State

_IN_FORCE = text("voided_at IS NULL")


class EvidenceFile(Base):
    """A file that proves an entry; its bytes lie outside of everything the web serves."""

    __tablename__ = "evidence_files"
    __table_args__ = (
        CheckConstraint("(uploaded_by_id IS NULL) <> (uploaded_by_member_id IS NULL)", name="who"),
    )

    id: Mapped[PrimaryKey]
    # A random name on the disk; what people called the file is only shown.
    stored_name: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Name]
    media_type: Mapped[State]
    size: Mapped[int]
    sha256: Mapped[Digest]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    uploaded_by_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    uploaded_at: Mapped[datetime]


class TrainingRecord(Base):
    """One training of one member (Order 67 article 8); voided, never deleted."""

    __tablename__ = "training_records"
    __table_args__ = (
        CheckConstraint("learning_minutes > 0", name="learning_minutes"),
        # The last word on "recorded once".
        Index(
            "uq_training_records_in_force",
            "member_id",
            "name",
            "held_on",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    name: Mapped[Name]
    content: Mapped[str] = mapped_column(String(500))
    learning_minutes: Mapped[int]
    organiser: Mapped[Name]
    held_on: Mapped[date] = mapped_column(index=True)
    # The activity where the member's card was scanned; without one, the entry was declared.
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"), index=True)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_files.id"), index=True)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    entered_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))


class Commendation(Base):
    """One commendation of one member (Order 67 article 9); voided, never deleted."""

    __tablename__ = "commendations"
    __table_args__ = (
        Index(
            "uq_commendations_in_force",
            "member_id",
            "name",
            "granted_on",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    name: Mapped[Name]
    granted_on: Mapped[date] = mapped_column(index=True)
    granting_unit: Mapped[Name]
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_files.id"), index=True)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    entered_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    voided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
