"""The review desk: one row for everything that needs a person."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.policies import ReviewLevel
from volunteer.domain.reviews import ReviewKind, ReviewState
from volunteer.models.columns import Base, PrimaryKey, State, one_of


class ReviewItem(Base):
    """One thing to look at. ``key`` says what it is about, so that it is found once."""

    __tablename__ = "review_items"
    __table_args__ = (
        CheckConstraint(one_of("kind", ReviewKind), name="kind"),
        CheckConstraint(one_of("state", ReviewState), name="state"),
        CheckConstraint(one_of("level", ReviewLevel), name="level"),
        CheckConstraint("decided_person_id <> member_id", name="not_for_oneself"),
        CheckConstraint(
            "state NOT IN ('accepted', 'rejected', 'muted') OR decided_by_id IS NOT NULL", name="decided"
        ),
        CheckConstraint("state <> 'muted' OR reason <> ''", name="muted"),
        Index("ix_review_items_state_kind", "state", "kind"),
        Index("ix_review_items_member_id_day_on", "member_id", "day_on"),
    )

    id: Mapped[PrimaryKey]
    kind: Mapped[State]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    # Whose desk it lies on: the member's team, or the team that looks after the station.
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"))
    terminal_id: Mapped[int | None] = mapped_column(ForeignKey("terminals.id"))
    day_on: Mapped[date]
    # Whose decision it needs: ``none`` is the team's own.
    level: Mapped[State]
    # The figures of its sentence, and the ids of the rows behind it by table.
    params: Mapped[object] = mapped_column(JSON)
    rows: Mapped[object] = mapped_column(JSON)
    found_at: Mapped[datetime]
    state: Mapped[State]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    decided_person_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(300), default="")


class ReviewedRecord(Base):
    """A record that an item is about; settling asks here whether it is held."""

    __tablename__ = "reviewed_records"

    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id"), primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("service_records.id"), primary_key=True, index=True)
