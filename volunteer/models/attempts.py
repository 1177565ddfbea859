"""Attempts: how often something was tried from somewhere, counted for all processes together."""

from datetime import datetime

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.columns import Base, Digest, State


class Attempt(Base):
    """How many attempts of a kind were made under a key since the window began."""

    __tablename__ = "attempts"

    kind: Mapped[State] = mapped_column(primary_key=True)
    key_hash: Mapped[Digest] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime] = mapped_column(index=True)
