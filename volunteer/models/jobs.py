"""Job runs: the persistent truth about what the scheduler has done."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from volunteer.models.columns import Base, PrimaryKey, State


class JobRun(Base):
    """One period of one job, written in the same transaction as its effect."""

    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "period"),)

    id: Mapped[PrimaryKey]
    job: Mapped[State]
    period: Mapped[str] = mapped_column(String(32))
    ran_at: Mapped[datetime]
    done: Mapped[int]
