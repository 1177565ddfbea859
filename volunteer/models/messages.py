"""The inbox of members and admins."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.messages import Note
from volunteer.models.columns import Base, PrimaryKey


class Message(Base):
    """One message to one member or one admin. ``key`` makes sending it twice harmless."""

    __tablename__ = "messages"
    __table_args__ = (CheckConstraint("(admin_id IS NULL) <> (member_id IS NULL)", name="recipient"),)

    id: Mapped[PrimaryKey]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"), index=True)
    # A message id with its parameters, translated where it is shown.
    sentence: Mapped[object] = mapped_column(JSON)
    # Where it leads, as a path of this site.
    path: Mapped[str] = mapped_column(String(200))
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


def message_of(note: Note, now: datetime) -> Message:
    """The row of a message that is to be sent."""
    return Message(
        key=note.key,
        member_id=note.member_id,
        admin_id=note.admin_id,
        sentence=note.sentence,
        path=note.path,
        sent_at=now,
    )
