"""Corrections, make-up records and voids: asked, entered by one person, decided by another, for a third."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.ledger import Proof
from volunteer.domain.proposals import ProposalState
from volunteer.models.columns import Base, PrimaryKey, State, one_of

_WAITING = text("state IN ('asked', 'proposed')")


class Correction(Base):
    """One wish to change what is recorded, with what became of it. The original stays beside it.

    It is about the record that a scan opened, or about the declared record that an
    earlier correction made, or (a make-up record) about none yet.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint(one_of("kind", CorrectionKind), name="kind"),
        CheckConstraint(one_of("state", ProposalState), name="state"),
        CheckConstraint(one_of("proof", Proof), name="proof"),
        CheckConstraint("scan_id IS NULL OR corrects_id IS NULL", name="one_original"),
        CheckConstraint(
            "(kind IN ('makeup_record', 'paper')) = (scan_id IS NULL AND corrects_id IS NULL)",
            name="original",
        ),
        CheckConstraint(
            "kind = 'void' OR (station_id IS NOT NULL AND checked_in_at IS NOT NULL"
            " AND checked_out_at > checked_in_at AND served_on IS NOT NULL)",
            name="wish",
        ),
        # Three different people, whatever the code says. The enterer's and the approver's own
        # rows as members stand beside their accounts: two accounts of one person are one person.
        CheckConstraint("decided_by_id <> entered_by_id", name="two_accounts"),
        CheckConstraint("entered_person_id <> member_id", name="enterer_and_beneficiary"),
        CheckConstraint("decided_person_id <> member_id", name="approver_and_beneficiary"),
        CheckConstraint("decided_person_id <> entered_person_id", name="enterer_and_approver"),
        CheckConstraint(
            "state <> 'approved' OR (entered_by_id IS NOT NULL AND entered_person_id IS NOT NULL"
            " AND decided_by_id IS NOT NULL AND decided_person_id IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint("(state IN ('asked', 'proposed')) = (decided_at IS NULL)", name="decided"),
        # One wish at a time for one record.
        Index(
            "uq_corrections_scan_waiting",
            "scan_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "uq_corrections_corrects_waiting",
            "corrects_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: Mapped[PrimaryKey]
    kind: Mapped[State]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    scan_id: Mapped[UUID | None] = mapped_column(ForeignKey("scans.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))
    # What was recorded when it was asked, as a person saw it.
    original: Mapped[object | None] = mapped_column(JSON(none_as_null=True))
    # What the member asked for, where whoever took it up changed it.
    asked_for: Mapped[object | None] = mapped_column(JSON(none_as_null=True))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    checked_in_at: Mapped[datetime | None]
    checked_out_at: Mapped[datetime | None]
    served_on: Mapped[date | None]
    proof: Mapped[State]
    reason: Mapped[str] = mapped_column(String(300))
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_files.id"), index=True)
    # Rows of one paper sheet are entered, and decided, together.
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("paper_sheets.id"), index=True)
    asked_by_member: Mapped[bool]
    asked_at: Mapped[datetime]
    # Ten working days after it was asked (Order 67 article 11); null while that year's calendar is unknown.
    due_on: Mapped[date | None]
    state: Mapped[State]
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    entered_person_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    entered_at: Mapped[datetime | None]
    # Until then it is shown inside the unit; nothing is decided earlier.
    notice_until_on: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    decided_person_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(String(300), default="")


class PaperSheet(Base):
    """One printed roster sheet that was filled in by hand and entered here."""

    __tablename__ = "paper_sheets"

    id: Mapped[PrimaryKey]
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    served_on: Mapped[date]
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_files.id"), index=True)
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    entered_at: Mapped[datetime]


class Objection(Base):
    """What somebody of the unit says against a wish on notice."""

    __tablename__ = "objections"

    id: Mapped[PrimaryKey]
    correction_id: Mapped[int] = mapped_column(ForeignKey("corrections.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    text: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime]
