"""Members and the admins of their teams."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.members import MemberStatus
from volunteer.models.columns import Base, Code, Digest, Name, PrimaryKey, State, one_of


class Member(Base):
    """A volunteer. Hours hang on this row, never on a card."""

    __tablename__ = "members"
    __table_args__ = (CheckConstraint(one_of("status", MemberStatus), name="status"),)

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
    """A named admin; sees and does only what belongs to ``team_id``'s subtree."""

    __tablename__ = "admins"

    id: Mapped[PrimaryKey]
    username: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
