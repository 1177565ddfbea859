"""Erasure requests: what a member wants erased, and what was decided."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.erasures import LONGEST_REASON, ErasureState
from volunteer.models.columns import Base, PrimaryKey, State, one_of


class ErasureRequest(Base):
    """A request with its answer; kept as the proof that it was answered."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        CheckConstraint(one_of("state", ErasureState), name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        # The last word on "one waiting request per member".
        Index(
            "uq_erasure_requests_waiting",
            "member_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_erasure_requests_member_id", "member_id"),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    # The parts that are asked for, by name.
    parts: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
    state: Mapped[State] = mapped_column(default=ErasureState.WAITING)
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    reply: Mapped[str] = mapped_column(String(LONGEST_REASON), default="")
