"""The scheduler process: it only wakes the jobs; the database knows what is due.

Any number of these processes may run. Each run writes its row in ``job_runs`` in
the transaction of its effect, so nothing is done twice; at the start every job is
woken at once, which is all the catching up an outage needs.
"""

import logging
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app

from volunteer.domain.cards import CardKeys
from volunteer.domain.jobs import JOBS, Claim, JobName
from volunteer.queries.jobs import is_done_today
from volunteer.services.cards import continue_batches, expire_cards
from volunteer.services.duty_days import announce_duty_day, mark_duty_days, propose_duty_days
from volunteer.services.imports import sweep_imports
from volunteer.services.jobs import PeriodClaim, note_failure
from volunteer.services.prints import prints_folder, sweep_prints_by_job
from volunteer.services.scans import close_forgotten
from volunteer.services.sign_ins import sweep

log = logging.getLogger("scheduler")

EFFECTS: dict[JobName, Callable[[datetime, tzinfo, Claim], int]] = {
    JobName.PROPOSE: lambda now, zone, claim: propose_duty_days(now, zone, claim=claim),
    JobName.ANNOUNCE: announce_duty_day,
    JobName.MARK: mark_duty_days,
    JobName.CLOSE: lambda now, _zone, claim: close_forgotten(now, claim),
    JobName.EXPIRE: lambda now, _zone, claim: expire_cards(now, claim),
    JobName.BATCH: lambda now, _zone, claim: continue_batches(_keys(), now, claim),
    JobName.SWEEP: lambda now, _zone, claim: sweep_prints_by_job(_prints(), now, claim),
    JobName.TIDY: lambda now, _zone, claim: sweep(now, claim),
    JobName.FORGET: lambda now, _zone, claim: sweep_imports(now, claim),
}


def _keys() -> CardKeys:
    keys: CardKeys = current_app.extensions["installation"].keys
    return keys


def _prints() -> Path:
    return prints_folder(current_app.config, current_app.instance_path)


class _Stop(BaseException):
    """Somebody asked the process to end."""


def main(app: Flask) -> None:
    """Run the scheduler until SIGTERM or SIGINT; a job that is running then still ends."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = make_scheduler(app)
    with suppress(_Stop):
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _stop)
            signal.signal(signal.SIGINT, _stop)
        log.info("定时任务已启动")
        scheduler.start()
    if scheduler.running:
        scheduler.shutdown(wait=True)
    log.info("定时任务已结束")


def make_scheduler(app: Flask) -> BlockingScheduler:
    """A scheduler that wakes every job at once and then each at its own pace."""
    zone = app.config["TIMEZONE"]
    scheduler = BlockingScheduler(
        timezone=zone,
        executors={"default": ThreadPoolExecutor(len(JOBS))},
        # However late a waking comes, it is worth one run: the database knows what is due.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in JOBS.values():
        scheduler.add_job(
            _wake,
            "interval",
            (app, job.name),
            id=job.name,
            seconds=job.every.total_seconds(),
            next_run_time=datetime.now(zone),
        )
    return scheduler


def run_due_jobs(now: datetime, zone: tzinfo) -> dict[JobName, int]:
    """Run every job once that is due, one after the other; how many things each changed."""
    return {name: run_job(name, now, zone) for name in JOBS}


def run_job(name: JobName, now: datetime, zone: tzinfo) -> int:
    """Run one job if it is due; how many things it changed. An error is kept and logged, never raised."""
    job = JOBS[name]
    try:
        if job.is_daily and is_done_today(name, now, zone):
            return 0
        done = EFFECTS[name](now, zone, PeriodClaim(job, now, zone))
    except Exception as error:
        log.exception("%s 失败", name)
        _keep_failure(name, error, now, zone)
        return 0
    if done:
        log.info("%s %s：%d", name, job.title, done)
    return done


def _keep_failure(name: JobName, error: Exception, now: datetime, zone: tzinfo) -> None:
    try:
        note_failure(JOBS[name], error, now, zone)
    except Exception:
        # The database itself may be what fails; the log above then is all there is.
        log.exception("%s 的失败没有写入数据库", name)


def _wake(app: Flask, name: JobName) -> None:
    with app.app_context():
        run_job(name, datetime.now(UTC), app.config["TIMEZONE"])


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise _Stop
