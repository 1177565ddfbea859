"""The access log: append-only; an entry is never changed or deleted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.access_log import LONGEST_DETAIL, AccessKind
from volunteer.models.columns import Base, PrimaryKey, State, one_of


class AccessEntry(Base):
    """One look at, change or export of personal data, by an admin or by a member."""

    __tablename__ = "access_log"
    __table_args__ = (
        CheckConstraint(one_of("kind", AccessKind), name="kind"),
        CheckConstraint("(admin_id IS NULL) <> (member_id IS NULL)", name="who"),
        CheckConstraint("count >= 0", name="count"),
    )

    id: Mapped[PrimaryKey]
    at: Mapped[datetime] = mapped_column(index=True)
    # Who did it: exactly one of the two.
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    kind: Mapped[State]
    # How many members it was about; who they are stands in ``access_log_members``.
    count: Mapped[int]
    detail: Mapped[str] = mapped_column(String(LONGEST_DETAIL))


class AccessedMember(Base):
    """A member whom an entry is about, so that everybody can see who looked at the own data."""

    __tablename__ = "access_log_members"

    entry_id: Mapped[int] = mapped_column(ForeignKey("access_log.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, index=True)
