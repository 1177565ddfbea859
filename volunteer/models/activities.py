"""Activities: planned, published, with the fields of Order 67 article 7; and who takes part."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.activities import ActivityState, RiskLevel
from volunteer.domain.categories import LONGEST_NAME
from volunteer.domain.participations import ParticipationState
from volunteer.models.columns import Base, Name, PrimaryKey, State, one_of


def _text(length: int) -> Mapped[str]:
    return mapped_column(String(length), default="", server_default="")


class Activity(Base):
    """A planned piece of service; at a station its window bounds what is credited."""

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint(one_of("state", ActivityState), name="state"),
        CheckConstraint(one_of("risk_level", RiskLevel), name="risk_level"),
        CheckConstraint("ends_at > starts_at", name="window"),
        CheckConstraint("places > 0", name="places"),
        Index("ix_activities_station_id_ends_at", "station_id", "ends_at"),
    )

    id: Mapped[PrimaryKey]
    name: Mapped[Name]
    # A built-in category's code, or ``own_code`` of one that the brigade added.
    category: Mapped[State]
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    # The team that organises it; without one, the brigade does.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    place: Mapped[str] = _text(200)
    content: Mapped[str] = _text(1000)
    organising_unit: Mapped[str] = _text(120)
    person_in_charge: Mapped[str] = _text(120)
    # How many people are needed; null where everybody is welcome.
    places: Mapped[int | None]
    risk_note: Mapped[str] = _text(500)
    risk_level: Mapped[State] = mapped_column(default=RiskLevel.NONE, server_default=RiskLevel.NONE)
    insurance_no: Mapped[str] = _text(60)
    is_training: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # The name of the training that whoever takes part must have gone through; empty for none.
    training_needed: Mapped[str] = _text(120)
    is_countable: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    uncountable_reason: Mapped[str] = _text(200)
    # What was entered before activities were published is published.
    state: Mapped[State] = mapped_column(
        default=ActivityState.PUBLISHED, server_default=ActivityState.PUBLISHED
    )
    cancel_reason: Mapped[str] = _text(200)


class ActivityCategory(Base):
    """A category that the brigade added to the built-in ones; an ended one is only kept."""

    __tablename__ = "activity_categories"
    __table_args__ = (
        Index(
            "uq_activity_categories_name",
            "name",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    name_en: Mapped[str] = mapped_column(String(LONGEST_NAME))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    made_at: Mapped[datetime]
    ended_on: Mapped[date | None]


class Participation(Base):
    """What one member said to one activity; saying no has no consequences and is never counted."""

    __tablename__ = "participations"
    __table_args__ = (
        CheckConstraint(one_of("state", ParticipationState), name="state"),
        CheckConstraint("state <> 'substituted' OR substitute_id IS NOT NULL", name="substituted"),
        UniqueConstraint("activity_id", "member_id"),
    )

    id: Mapped[PrimaryKey]
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    state: Mapped[State]
    reason: Mapped[str] = _text(200)
    # Asked while signed up; took over where the state is substituted.
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"), index=True)
    # Since when the state holds: the waiting list moves in this order.
    state_at: Mapped[datetime]
