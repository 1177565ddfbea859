"""Consents: append-only; what holds is the latest row for a member and a purpose."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.consents import LONGEST_PAPER_NOTE, Purpose
from volunteer.models.columns import Base, PrimaryKey, State, one_of


class Consent(Base):
    """A yes or a no to one version of one purpose's text; never changed or deleted."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint(one_of("purpose", Purpose), name="purpose"),
        Index("ix_consents_member_id_purpose_id", "member_id", "purpose", "id"),
        # Few take a consent back: who did is found without reading the rest.
        Index(
            "ix_consents_taken_back",
            "purpose",
            "member_id",
            sqlite_where=text("is_given = 0"),
            postgresql_where=text("NOT is_given"),
        ),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    purpose: Mapped[State]
    version: Mapped[int]
    is_given: Mapped[bool]
    # The date on the paper, or the day it was clicked.
    decided_on: Mapped[date]
    recorded_at: Mapped[datetime]
    # Who entered it from paper; null where the member decided here.
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    note: Mapped[str] = mapped_column(String(LONGEST_PAPER_NOTE), default="")
