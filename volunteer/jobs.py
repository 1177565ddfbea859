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
from sqlalchemy.exc import OperationalError

from volunteer.auditing import Acting, act_as
from volunteer.db import db
from volunteer.domain.audit import derive_name_key
from volunteer.domain.cards import CardKeys
from volunteer.domain.installation_refusals import TriggersMissing
from volunteer.domain.jobs import JOBS, Claim, JobName
from volunteer.domain.ledger import SealKey
from volunteer.queries.jobs import is_done_today
from volunteer.services import certificates
from volunteer.services.append_only import require_append_only
from volunteer.services.cards import continue_batches, expire_cards
from volunteer.services.detectors import find_reviews
from volunteer.services.duty_days import announce_duty_day, mark_duty_days, propose_duty_days
from volunteer.services.imports import sweep_imports
from volunteer.services.jobs import PeriodClaim, note_failure
from volunteer.services.messages import ask_forgotten
from volunteer.services.prints import prints_folder, sweep_prints_by_job
from volunteer.services.registrations import forget_applicants
from volunteer.services.scans import close_forgotten
from volunteer.services.seals import seal_ledger
from volunteer.services.settlements import settle_days
from volunteer.services.sign_ins import sweep
from volunteer.web.certificates import draw_certificate

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
    JobName.APPLICANTS: lambda now, _zone, claim: forget_applicants(now, claim),
    JobName.REVIEW: find_reviews,
    JobName.ASK: ask_forgotten,
    JobName.SETTLE: settle_days,
    JobName.SEAL: lambda now, _zone, claim: seal_ledger(_seal_key(), now, claim),
    JobName.CERTIFY: lambda now, zone, claim: certificates.continue_batches(
        draw_certificate, now, zone, claim
    ),
}

# What these change stands in the audit; the others follow from scans, or leave their own trace.
DECIDING = frozenset({JobName.PROPOSE, JobName.EXPIRE, JobName.BATCH, JobName.CERTIFY})


def _keys() -> CardKeys:
    keys: CardKeys = current_app.extensions["installation"].keys
    return keys


def _seal_key() -> SealKey:
    key: SealKey = current_app.extensions["seal_key"]
    return key


def _prints() -> Path:
    return prints_folder(current_app.config, current_app.instance_path)


class _Stop(BaseException):
    """Somebody asked the process to end."""


def main(app: Flask) -> None:
    """Run the scheduler until SIGTERM or SIGINT; a job that is running then still ends."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    _require_append_only(app)
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


def _require_append_only(app: Flask) -> None:
    """Settle nothing on what anybody may have changed. A database that does not answer yet may come."""
    try:
        with app.app_context(), suppress(OperationalError):
            require_append_only()
    except TriggersMissing as refusal:
        log.critical("%s", refusal.sentence)
        raise SystemExit(1) from None


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
        act_as(db.session(), _acting(name, now))
        done = EFFECTS[name](now, zone, PeriodClaim(job, now, zone))
    except Exception as error:
        log.exception("%s 失败", name)
        _keep_failure(name, error, now, zone)
        return 0
    finally:
        act_as(db.session(), None)
    if done:
        log.info("%s %s：%d", name, job.title, done)
    return done


def _acting(name: JobName, now: datetime) -> Acting | None:
    if name not in DECIDING:
        return None
    key = derive_name_key(current_app.config["SECRET_KEY"])
    return Acting(f"job.{name}", f"job:{name}", lambda: now, key)


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
