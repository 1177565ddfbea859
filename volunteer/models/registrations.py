"""People who asked to join and are not members yet."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.registrations import RegistrationState
from volunteer.models.columns import Base, Digest, Name, PrimaryKey, State, one_of


class Registration(Base):
    """One person's wish to join a team. The telephone number is sealed, and erased with the decision."""

    __tablename__ = "registrations"
    __table_args__ = (
        CheckConstraint(one_of("state", RegistrationState), name="state"),
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state = 'waiting' OR phone_sealed IS NULL", name="erased"),
        Index("ix_registrations_team_id_state", "team_id", "state"),
    )

    id: Mapped[PrimaryKey]
    name: Mapped[Name]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    # AES-256-GCM text; a keyed digest finds the same number sent twice; the end helps to recognise it.
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_hash: Mapped[Digest] = mapped_column(index=True)
    phone_ending: Mapped[str] = mapped_column(String(4))
    # What the applicant agreed to: the notice's version.
    consent: Mapped[str] = mapped_column(String(40))
    code_hash: Mapped[Digest] = mapped_column(unique=True)
    state: Mapped[State] = mapped_column(default=RegistrationState.WAITING)
    reply: Mapped[str] = mapped_column(String(200), default="")
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    created_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    decided_at: Mapped[datetime | None]
