"""People: a member's own file, contacts, skills, service kinds and free times."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.contacts import ENDING, LONGEST_CONTACT_NOTE, ContactKind
from volunteer.domain.people import LONGEST_RESIDENCE, LONGEST_WORD, DayPart, Sex
from volunteer.models.columns import Base, PrimaryKey, State, one_of

Word = String(LONGEST_WORD)


class Person(Base):
    """What the file says about a member besides name, team and ID number, which stand in ``members``."""

    __tablename__ = "people"
    __table_args__ = (CheckConstraint(one_of("sex", Sex), name="sex"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True, autoincrement=False)
    sex: Mapped[State | None]
    born_on: Mapped[date | None]
    residence: Mapped[str] = mapped_column(String(LONGEST_RESIDENCE), default="")
    updated_at: Mapped[datetime]


class MemberContact(Base):
    """One way to reach a member, sealed. ``ending`` finds a telephone by its last four digits."""

    __tablename__ = "member_contacts"
    __table_args__ = (CheckConstraint(one_of("kind", ContactKind), name="kind"),)

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    kind: Mapped[State]
    value_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    ending: Mapped[str | None] = mapped_column(String(ENDING), index=True)
    note: Mapped[str] = mapped_column(String(LONGEST_CONTACT_NOTE), default="")
    created_at: Mapped[datetime]


class MemberSkill(Base):
    """Something a member can do, in the member's words."""

    __tablename__ = "member_skills"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Word, primary_key=True, index=True)


class MemberServiceKind(Base):
    """A kind of service a member wants to give: one of the categories, or in the member's words."""

    __tablename__ = "member_service_kinds"

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Word, primary_key=True, index=True)


class MemberFreeTime(Base):
    """A part of a weekday in which a member can serve."""

    __tablename__ = "member_free_times"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint(one_of("part", DayPart), name="part"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[State] = mapped_column(primary_key=True)
