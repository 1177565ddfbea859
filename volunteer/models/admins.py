"""Appointments of admins: who is what, where, from when to when."""

from datetime import date, datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.roles import Role
from volunteer.models.columns import Base, PrimaryKey, State, one_of

_OPEN = text("until_on IS NULL")


class Appointment(Base):
    """A role at a team, or at a station for its leader. Never deleted: an ended one stays as history."""

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint(
            "(role = 'station_leader' AND station_id IS NOT NULL AND team_id IS NULL)"
            " OR (role <> 'station_leader' AND station_id IS NULL AND team_id IS NOT NULL)",
            name="place",
        ),
        CheckConstraint("until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name="term"),
        Index(
            "uq_appointments_team_open",
            "admin_id",
            "role",
            "team_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "uq_appointments_station_open",
            "admin_id",
            "station_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[PrimaryKey]
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id"), index=True)
    role: Mapped[State]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"), index=True)
    # Without a first day: since the account exists. ``until_on`` is the first day that no longer counts.
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    is_deputy: Mapped[bool] = mapped_column(default=False)
    # Nobody: a command on the server, or the set-up page.
    appointed_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    appointed_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    ended_at: Mapped[datetime | None]

    @property
    def last_on(self) -> date | None:
        """The last day that counts, as people say it; None while no end is known."""
        return self.until_on - timedelta(days=1) if self.until_on else None
