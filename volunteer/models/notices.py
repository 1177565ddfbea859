"""Privacy notices: versions published here, after the one that is shipped, and who has opened which."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.columns import Base, PrimaryKey


class PrivacyNotice(Base):
    """One version of the notice, with the text of each section in each language; never changed."""

    __tablename__ = "privacy_notices"

    id: Mapped[PrimaryKey]
    # Unique: of two who publish at once, one is told.
    version: Mapped[int] = mapped_column(unique=True)
    sections: Mapped[object] = mapped_column(JSON)
    published_at: Mapped[datetime]
    published_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))


class NoticeReading(Base):
    """The newest version of the notice that a member has opened, signed in."""

    __tablename__ = "notice_readings"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    read_at: Mapped[datetime]
