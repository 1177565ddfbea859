"""Job runs: claiming a period inside the effect's transaction, and keeping a failure.

The row of a job and a local day is unique, whoever writes it first. Every run
locks it, so that the same job never runs in two processes at the same moment; a
daily job that finds it done leaves it alone.
"""

from datetime import datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from volunteer.db import db, transaction
from volunteer.domain.jobs import Job, period_of
from volunteer.models.jobs import JobRun

MAX_ERROR_LENGTH = 2000


class PeriodClaim:
    """The claim of one run of ``job``."""

    def __init__(self, job: Job, now: datetime, zone: tzinfo) -> None:
        self.job, self.now = job, now
        self.period = period_of(now, zone)
        self.is_first = False
        self._run: JobRun | None = None

    def take(self) -> bool:
        """Lock the period's row and write the run into it; false where a daily job is done for the day."""
        run = _lock_run(self.job, self.period)
        if self.job.is_daily and run.ran_at is not None:
            return False
        self.is_first = run.ran_at is None
        self._run = run
        run.ran_at = self.now
        run.runs += 1
        return True

    def note(self, done: int) -> None:
        """Add what this run changed to the sum of the period."""
        if self._run is None:
            raise RuntimeError("a claim must be taken before its effect is noted")
        self._run.done += done


def note_failure(job: Job, error: Exception, now: datetime, zone: tzinfo) -> None:
    """Keep the last error of a job, for people to see; the period stays undone and is tried again."""
    with transaction():
        run = _lock_run(job, period_of(now, zone))
        run.failed_at = now
        run.last_error = f"{type(error).__name__}: {error}"[:MAX_ERROR_LENGTH]


def _lock_run(job: Job, period: str) -> JobRun:
    is_sqlite = db.session.connection().dialect.name == "sqlite"
    add = sqlite.insert(JobRun) if is_sqlite else postgresql.insert(JobRun)
    values = {"job": str(job.name), "period": period, "runs": 0, "done": 0}
    # Another process may be writing the same row right now: this waits for it.
    db.session.execute(add.values(values).on_conflict_do_nothing(index_elements=["job", "period"]))
    statement = (
        select(JobRun)
        .where(JobRun.job == job.name, JobRun.period == period)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.execute(statement).scalar_one()
