"""Cards: tokens that point to a member, several for each."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.domain.cards import Assurance, CardKind, CardState
from volunteer.models.columns import Base, Digest, PrimaryKey, State, one_of


class Card(Base):
    """One card. The identity itself is never stored, only its keyed digest.

    ``serial`` is what the server derives a QR token from, together with its
    secret, so that a lost sheet can be printed again and a stolen database
    prints nothing. A row is valid from ``issued_at`` until ``ended_at``.
    """

    __tablename__ = "cards"
    __table_args__ = (
        CheckConstraint(one_of("kind", CardKind), name="kind"),
        CheckConstraint(one_of("state", CardState), name="state"),
        CheckConstraint(one_of("assurance", Assurance), name="assurance"),
        CheckConstraint("(state = 'active') = (ended_at IS NULL)", name="ended"),
        # The last word on "bound to one person at a time".
        Index(
            "uq_cards_identity_in_use",
            "identity_hash",
            unique=True,
            sqlite_where=text("state IN ('active', 'lost')"),
            postgresql_where=text("state IN ('active', 'lost')"),
        ),
        Index("ix_cards_identity_hash", "identity_hash"),
        # A card is replaced once, however often the button is pressed.
        Index("uq_cards_replaces_id", "replaces_id", unique=True),
        Index("ix_cards_valid_until", "valid_until"),
    )

    id: Mapped[PrimaryKey]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"), index=True)
    kind: Mapped[State]
    assurance: Mapped[State]
    identity_hash: Mapped[Digest]
    serial: Mapped[str | None] = mapped_column(String(32), unique=True)
    hint: Mapped[str] = mapped_column(String(16), default="")
    state: Mapped[State] = mapped_column(default=CardState.ACTIVE)
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # A temporary card expires by itself at this instant.
    valid_until: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
