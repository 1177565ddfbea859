"""Teams as a tree, and the units that employ their members."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.teams import TeamLevel
from volunteer.models.columns import Base, Code, Name, PrimaryKey, State, one_of


class Team(Base):
    """A brigade, squadron or detachment; the parent may be any higher level."""

    __tablename__ = "teams"
    __table_args__ = (CheckConstraint(one_of("level", TeamLevel), name="level"),)

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    level: Mapped[State]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)


class Unit(Base):
    """An employer; a dissolved one names its successor."""

    __tablename__ = "units"

    id: Mapped[PrimaryKey]
    name: Mapped[Name] = mapped_column(unique=True)
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
