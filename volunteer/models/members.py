"""Members and the admins of their teams."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from volunteer.domain.members import MemberStatus
from volunteer.domain.roles import Role
from volunteer.models.admins import Appointment
from volunteer.models.columns import Base, Code, Digest, Name, PrimaryKey, State, one_of


class Member(Base):
    """A volunteer. Hours hang on this row, never on a card."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint(one_of("status", MemberStatus), name="status"),
        # Searching reads this and not the rows: they lie scattered, and sixty thousand of them take long.
        Index("ix_members_search", "team_id", "status", "volunteer_no", "name", "search_keys", "id"),
    )

    id: Mapped[PrimaryKey]
    volunteer_no: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    search_keys: Mapped[str] = mapped_column(String(240), default="")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    status: Mapped[State] = mapped_column(default=MemberStatus.ACTIVE)
    status_at: Mapped[datetime]
    # AES-256-GCM text, and a keyed digest that finds an equal number without reading it.
    national_id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    national_id_hash: Mapped[Digest | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    activation_hash: Mapped[Digest | None]
    created_at: Mapped[datetime]


class Admin(Base):
    """A named admin's account; what it opens is said by its appointments, and without one it opens nothing.

    Made without appointments, an admin is appointed as the admin of ``team_id`` since the account exists.
    """

    __tablename__ = "admins"
    __table_args__ = (
        Index("uq_admins_member_id", "member_id", unique=True),
        CheckConstraint("(waiting_member_id IS NULL) = (waiting_at IS NULL)", name="waiting"),
        CheckConstraint("waiting_member_id IS NULL OR member_id IS NULL", name="one_person"),
        CheckConstraint("person_confirmed_at IS NULL OR member_id IS NOT NULL", name="confirmed"),
        CheckConstraint(
            "person_confirmed_by_id IS NULL"
            " OR (person_confirmed_at IS NOT NULL AND person_confirmed_by_id <> id)",
            name="confirmed_by",
        ),
    )

    id: Mapped[PrimaryKey]
    username: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    # The password given out with the account, to be changed at the first sign-in: equal until it is.
    start_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    # Which volunteer the admin is, confirmed by a second person; one that waits for that counts for nothing.
    # Unique: one person cannot be two people by having two accounts.
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    # No instant: linked before links had to be confirmed. No person: by a command on the server.
    person_confirmed_at: Mapped[datetime | None]
    person_confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    waiting_member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    waiting_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    appointments: Mapped[list[Appointment]] = relationship(
        foreign_keys=Appointment.admin_id, lazy="raise", order_by=Appointment.id
    )

    def __init__(self, **values: Any) -> None:
        """Fill the row; every new account begins with an appointment."""
        if "appointments" not in values:
            post = {"role": Role.TEAM_ADMIN, "team_id": values["team_id"], "is_deputy": False}
            values["appointments"] = [Appointment(**post, appointed_at=values["created_at"])]
        super().__init__(**values)

    def become(self, member_id: int | None, confirmed_at: datetime | None, by_id: int | None) -> None:
        """Say which volunteer the admin is, confirmed when and by whom; None takes back whatever was said."""
        self.member_id, self.person_confirmed_at, self.person_confirmed_by_id = member_id, confirmed_at, by_id
        self.waiting_member_id = self.waiting_at = None
