"""What the scheduler has done, what is due next, and what went wrong last."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import func, select

from volunteer.db import db
from volunteer.domain.jobs import JOBS, Job, JobName, next_due_at, period_of
from volunteer.models.jobs import JobRun


@dataclass(frozen=True)
class JobState:
    """A job as people see it; ``runs`` and ``done`` are sums of the local day of ``now``.

    ``is_failing`` says that the last failure came after the last success.
    """

    job: Job
    last_run_at: datetime | None
    next_due_at: datetime
    runs: int
    done: int
    last_error: str | None
    failed_at: datetime | None

    @property
    def is_failing(self) -> bool:
        """Whether nothing has succeeded since the last failure."""
        if self.failed_at is None:
            return False
        return self.last_run_at is None or self.last_run_at < self.failed_at


def list_job_states(now: datetime, zone: tzinfo) -> list[JobState]:
    """Every job of the closed list, in its order, also those that have never run."""
    today = {
        run.job: run
        for run in db.session.execute(select(JobRun).where(JobRun.period == period_of(now, zone))).scalars()
    }
    last_runs = {
        job: ran_at
        for job, ran_at in db.session.execute(
            select(JobRun.job, func.max(JobRun.ran_at)).group_by(JobRun.job)
        )
    }
    return [_state(job, today.get(name), last_runs.get(name), now, zone) for name, job in JOBS.items()]


def is_done_today(name: JobName, now: datetime, zone: tzinfo) -> bool:
    """Whether the job has succeeded on the local day of ``now``."""
    statement = select(JobRun.ran_at).where(JobRun.job == name, JobRun.period == period_of(now, zone))
    return db.session.execute(statement).scalar_one_or_none() is not None


def _state(
    job: Job, today: JobRun | None, last_run_at: datetime | None, now: datetime, zone: tzinfo
) -> JobState:
    failed = db.session.execute(
        select(JobRun.failed_at, JobRun.last_error)
        .where(JobRun.job == job.name, JobRun.failed_at.is_not(None))
        .order_by(JobRun.failed_at.desc())
        .limit(1)
    ).first()
    return JobState(
        job=job,
        last_run_at=last_run_at,
        next_due_at=next_due_at(job, last_run_at, now, zone),
        runs=today.runs if today else 0,
        done=today.done if today else 0,
        last_error=failed.last_error if failed else None,
        failed_at=failed.failed_at if failed else None,
    )
