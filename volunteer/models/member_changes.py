"""What happened to members: every change with what was before, transfers that wait, merged duplicates."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.member_changes import EventKind, TransferState
from volunteer.models.columns import Base, PrimaryKey, State, one_of


class MemberEvent(Base):
    """One change of a member. Append-only but for the note that it was taken back."""

    __tablename__ = "member_events"
    __table_args__ = (
        CheckConstraint(one_of("kind", EventKind), name="kind"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone"),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    kind: Mapped[State]
    # The local date from which it holds.
    effective_on: Mapped[date]
    before: Mapped[object] = mapped_column(JSON)
    after: Mapped[object] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(200))
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))


class Transfer(Base):
    """A transfer to a team outside the proposer's scope; the receiving team has the last word."""

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint(one_of("state", TransferState), name="state"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_transfers_waiting",
            "member_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    from_team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    from_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    proposed_at: Mapped[datetime]
    state: Mapped[State] = mapped_column(default=TransferState.PROPOSED)
    reply: Mapped[str] = mapped_column(String(200), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    decided_at: Mapped[datetime | None]


class Merge(Base):
    """A duplicate that belongs to another member's row: the same person. No scan or record of it moves."""

    __tablename__ = "merges"
    __table_args__ = (
        CheckConstraint("duplicate_id <> kept_id", name="two"),
        # One person at a time; a merge that was taken back counts no more.
        Index(
            "uq_merges_duplicate",
            "duplicate_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    duplicate_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kept_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Distinction(Base):
    """Two members who look alike and are not the same person, as somebody has judged."""

    __tablename__ = "distinctions"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
    )

    id: Mapped[PrimaryKey]
    first_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    judged_at: Mapped[datetime]
