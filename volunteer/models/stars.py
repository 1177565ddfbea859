"""Stars: rules as data by year, nominations, judgements."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.proposals import ProposalState
from volunteer.domain.stars import JudgingLevel
from volunteer.models.columns import Base, Name, PrimaryKey, State, one_of

_LIVE = text("state IN ('proposed', 'approved') AND revoked_at IS NULL")


class StarRule(Base):
    """What one star asks for in the rules of a place and year."""

    __tablename__ = "star_rules"
    __table_args__ = (
        UniqueConstraint("scheme", "year", "stars"),
        CheckConstraint(one_of("judged_by", JudgingLevel), name="judged_by"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        CheckConstraint("minutes > 0 AND tenure_months >= 0", name="thresholds"),
    )

    id: Mapped[PrimaryKey]
    scheme: Mapped[Name]
    year: Mapped[int]
    stars: Mapped[int]
    minutes: Mapped[int]
    tenure_months: Mapped[int]
    judged_by: Mapped[State]
    # Only hours that stations metered count.
    is_metered_only: Mapped[bool]
    source: Mapped[str] = mapped_column(String(200))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    retired_on: Mapped[date | None]


class StarNomination(Base):
    """A member proposed for a star, and the judgement: nominee, proposer and judge are three people.

    A judgement can be taken back until it is published; from then on only a new, visible
    decision revokes the star.
    """

    __tablename__ = "star_nominations"
    __table_args__ = (
        CheckConstraint(one_of("state", ProposalState), name="state"),
        CheckConstraint("judged_by_id <> nominated_by_id", name="two_accounts"),
        CheckConstraint("nominated_person_id <> member_id", name="nominator_and_nominee"),
        CheckConstraint("judged_person_id <> member_id", name="judge_and_nominee"),
        CheckConstraint("judged_person_id <> nominated_person_id", name="nominator_and_judge"),
        CheckConstraint("(state = 'proposed') = (judged_at IS NULL)", name="judged"),
        CheckConstraint(
            "(state IN ('approved', 'rejected')) = (judged_by_id IS NOT NULL)"
            " AND (judged_by_id IS NULL) = (judged_person_id IS NULL)",
            name="judge",
        ),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_by_id IS NOT NULL)", name="withdrawn"),
        CheckConstraint(
            "(published_at IS NULL) = (published_by_id IS NULL)"
            " AND (published_at IS NULL OR state = 'approved')",
            name="published",
        ),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)"
            " AND (revoked_at IS NULL OR (published_at IS NOT NULL AND revoke_reason <> ''))",
            name="revoked",
        ),
        Index(
            "uq_star_nominations_live",
            "member_id",
            "rule_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("star_rules.id"), index=True)
    # What the ledger said when the member was nominated.
    minutes: Mapped[int]
    nominated_by_id: Mapped[int] = mapped_column(ForeignKey("admins.id"))
    nominated_person_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    nominated_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[State]
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    judged_person_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    judged_at: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(String(300), default="")
    # The number of the decision where a body outside the organisation judged.
    document: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id"))
    revoke_reason: Mapped[str] = mapped_column(String(300), default="")
