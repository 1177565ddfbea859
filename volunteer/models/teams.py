"""Teams as a tree, the units that employ their members, and what both were before.

What is now stands in ``teams``, ``units`` and ``members``. A span keeps what was: it is
written only when something changes, and a fact that no span covers has always held.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.teams import PartyKind, TeamLevel
from volunteer.models.columns import Base, Code, Name, PrimaryKey, State, one_of


class Team(Base):
    """A brigade, squadron or detachment; the parent may be any higher level.

    A dissolved one keeps its row and its last parent, so that past totals stay.
    """

    __tablename__ = "teams"
    __table_args__ = (
        CheckConstraint(one_of("level", TeamLevel), name="level"),
        CheckConstraint(one_of("party_kind", PartyKind), name="party_kind"),
        CheckConstraint("successor_id IS NULL OR dissolved_on IS NOT NULL", name="successor"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    level: Mapped[State]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    # Null where it was there before anybody kept the day.
    founded_on: Mapped[date | None]
    # The first day without it.
    dissolved_on: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    party_branch: Mapped[str] = mapped_column(String(120), default="")
    party_kind: Mapped[State | None]


class Unit(Base):
    """An employer; a dissolved one names its successor."""

    __tablename__ = "units"
    __table_args__ = (CheckConstraint(one_of("party_kind", PartyKind), name="party_kind"),)

    id: Mapped[PrimaryKey]
    name: Mapped[Name] = mapped_column(unique=True)
    dissolved_on: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    party_branch: Mapped[str] = mapped_column(String(120), default="")
    party_kind: Mapped[State | None]


class TeamSpan(Base):
    """A team's name and parent from ``from_on`` (null: always) to the day before ``until_on``."""

    __tablename__ = "team_spans"
    __table_args__ = (
        UniqueConstraint("team_id", "until_on"),
        CheckConstraint("from_on < until_on", name="order"),
    )

    id: Mapped[PrimaryKey]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    name: Mapped[Name]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    from_on: Mapped[date | None]
    until_on: Mapped[date]


class UnitSpan(Base):
    """What a unit was called, from ``from_on`` (null: always) to the day before ``until_on``."""

    __tablename__ = "unit_spans"
    __table_args__ = (
        UniqueConstraint("unit_id", "until_on"),
        CheckConstraint("from_on < until_on", name="order"),
    )

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    name: Mapped[Name]
    from_on: Mapped[date | None]
    until_on: Mapped[date]


class MemberTeam(Base):
    """The team and unit a member belonged to, from ``from_on`` (null: always) to the day before ``until_on``.

    Made by ``queries.memberships.past_memberships`` before a member moves; where the
    member is now stands in ``members``.
    """

    __tablename__ = "member_teams"
    __table_args__ = (
        UniqueConstraint("member_id", "until_on"),
        CheckConstraint("from_on < until_on", name="order"),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    from_on: Mapped[date | None]
    until_on: Mapped[date]
