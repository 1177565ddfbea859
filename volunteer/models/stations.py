"""Stations and their terminals."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.stations import Direction, ReaderProfile, StationKind, TerminalKind
from volunteer.models.columns import Base, Code, Digest, Name, PrimaryKey, State, one_of


class Station(Base):
    """A place where members serve and hold their cards."""

    __tablename__ = "stations"
    __table_args__ = (CheckConstraint(one_of("kind", StationKind), name="kind"),)

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    kind: Mapped[State]
    address: Mapped[str] = mapped_column(String(200), default="")
    # The team whose admins look after the station; without one, the brigade does.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)


class Terminal(Base):
    """A device with its own key. Only a digest of the key is kept."""

    __tablename__ = "terminals"
    __table_args__ = (
        CheckConstraint(one_of("direction", Direction), name="direction"),
        CheckConstraint(one_of("reader_profile", ReaderProfile), name="reader_profile"),
        CheckConstraint(one_of("kind", TerminalKind), name="kind"),
    )

    id: Mapped[PrimaryKey]
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"), index=True)
    name: Mapped[Name]
    kind: Mapped[State] = mapped_column(default=TerminalKind.KIOSK)
    direction: Mapped[State] = mapped_column(default=Direction.BOTH)
    reader_profile: Mapped[State] = mapped_column(default=ReaderProfile.HEX)
    key_hash: Mapped[Digest | None]
    enrolment_hash: Mapped[Digest | None] = mapped_column(unique=True)
    enrolment_ends_at: Mapped[datetime | None]
    enrolled_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_contact_at: Mapped[datetime | None]
    pending: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[str | None] = mapped_column(String(32))
    # A dead clock battery is decades off: more milliseconds than fit 32 bits.
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)
