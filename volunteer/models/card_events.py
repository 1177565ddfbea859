"""What happened to cards, and work on many of them: batches, and cards bound by tapping at a terminal."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.cards import CardEventKind, EnrolmentResult
from volunteer.models.columns import Base, PrimaryKey, State, one_of


class CardEvent(Base):
    """One line of a card's history. Without an admin it happened by itself or by a command."""

    __tablename__ = "card_events"
    __table_args__ = (CheckConstraint(one_of("kind", CardEventKind), name="kind"),)

    id: Mapped[PrimaryKey]
    card_id: Mapped[int] = mapped_column(ForeignKey("cards.id"), index=True)
    kind: Mapped[State]
    at: Mapped[datetime]
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    note: Mapped[str] = mapped_column(String(200), default="")


class CardBatch(Base):
    """QR cards for everybody of a team who has none; it goes on where it was interrupted."""

    __tablename__ = "card_batches"

    id: Mapped[PrimaryKey]
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    is_subtree: Mapped[bool]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class CardEnrolment(Base):
    """A member whose card is to be bound by tapping; a list of them stands in the order of ids.

    ``opened_at`` to ``ends_at`` is the window in which the tap must happen; who
    still waits for the others before has none. One is open at a terminal at a time.
    """

    __tablename__ = "card_enrolments"
    __table_args__ = (
        CheckConstraint(one_of("result", EnrolmentResult), name="result"),
        CheckConstraint("(result IS NULL) = (finished_at IS NULL)", name="finished"),
        Index(
            "uq_card_enrolments_open",
            "terminal_id",
            unique=True,
            sqlite_where=text("opened_at IS NOT NULL AND finished_at IS NULL"),
            postgresql_where=text("opened_at IS NOT NULL AND finished_at IS NULL"),
        ),
        Index("ix_card_enrolments_terminal_id", "terminal_id"),
    )

    id: Mapped[PrimaryKey]
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminals.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id"), index=True)
    valid_until: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[State | None]
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
