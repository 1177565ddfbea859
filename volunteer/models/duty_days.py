"""Duty days, the calendar entered by hand, and the policy that proposes days."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.calendar import DayKind
from volunteer.models.columns import Base, Name, PrimaryKey, State, one_of


class DutyDay(Base):
    """The duty day of one month: what was proposed, and what a person decided."""

    __tablename__ = "duty_days"
    __table_args__ = (
        CheckConstraint(
            "status IN ('proposed', 'needs_decision', 'unknown', 'none', 'confirmed', 'cancelled')",
            name="status",
        ),
        CheckConstraint("status <> 'confirmed' OR duty_on IS NOT NULL", name="confirmed"),
    )

    id: Mapped[PrimaryKey]
    month: Mapped[str] = mapped_column(String(7), unique=True)
    status: Mapped[State]
    proposed_on: Mapped[date | None]
    # The day that was confirmed; service on it is duty-day service.
    duty_on: Mapped[date | None] = mapped_column(unique=True)
    # The reason as a message id with its parameters, translated where it is shown.
    reason: Mapped[object] = mapped_column(JSON)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    decided_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]


class CalendarDay(Base):
    """A day whose kind an admin entered, because no published calendar knows it yet."""

    __tablename__ = "calendar_days"
    __table_args__ = (CheckConstraint(one_of("kind", DayKind), name="kind"),)

    day_on: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[State]
    name: Mapped[Name] = mapped_column(default="")


class Setting(Base):
    """A choice of the brigade that is data, not code."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
