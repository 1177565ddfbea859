"""Job runs: the persistent truth about what the scheduler has done."""

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.columns import Base, PrimaryKey, State


class JobRun(Base):
    """One period of one job, written in the same transaction as its effect.

    A period is a local day, so that a job that runs every few seconds leaves one
    row a day and not thousands. A failure is written on its own, after the effect
    was rolled back.
    """

    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "period"),)

    id: Mapped[PrimaryKey]
    job: Mapped[State]
    period: Mapped[str] = mapped_column(String(32))
    # When it last ran to the end within the period; null while it has only failed.
    ran_at: Mapped[datetime | None]
    runs: Mapped[int]
    # How many things it has changed within the period.
    done: Mapped[int]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
