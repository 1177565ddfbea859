"""The closed list of jobs: what happens by itself, how often, and when each is due next."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

from volunteer.domain.refusals import N_

ONE_DAY = timedelta(days=1)


class JobName(StrEnum):
    """What a job is called in the database, in logs and in commands."""

    PROPOSE = "propose_duty_days"
    ANNOUNCE = "announce_duty_day"
    MARK = "mark_duty_days"
    CLOSE = "close_forgotten"
    EXPIRE = "expire_cards"
    BATCH = "continue_card_batches"
    SWEEP = "sweep_prints"
    TIDY = "sweep_sign_ins"
    FORGET = "sweep_imports"
    APPLICANTS = "forget_applicants"
    ASK = "ask_forgotten"
    REVIEW = "find_reviews"
    SETTLE = "settle_days"
    SEAL = "seal_ledger"
    CERTIFY = "continue_certificates"


@dataclass(frozen=True)
class Job:
    """A job; ``title`` is a message id. ``every`` is how often it is woken.

    A daily job acts once in a local day, at the first waking that succeeds. The
    others act at every waking: what they do is harmless when done again.
    """

    name: JobName
    title: str
    every: timedelta
    is_daily: bool = False


JOBS = {
    job.name: job
    for job in (
        Job(JobName.PROPOSE, N_("推算服务日"), timedelta(minutes=1), is_daily=True),
        Job(JobName.ANNOUNCE, N_("公布当天的服务日"), timedelta(minutes=1)),
        Job(JobName.MARK, N_("标记服务日的服务记录"), timedelta(minutes=1)),
        # Well within the minute in which a passed limit has to show.
        Job(JobName.CLOSE, N_("结束忘记签退的服务"), timedelta(seconds=5)),
        # Scans know by themselves that a temporary card has expired; this is for the lists.
        Job(JobName.EXPIRE, N_("注明已过期的临时卡"), timedelta(minutes=1)),
        Job(JobName.BATCH, N_("继续整队发卡"), timedelta(seconds=5)),
        Job(JobName.SWEEP, N_("删除到期的打印文件"), timedelta(minutes=10)),
        Job(JobName.TIDY, N_("清理过期的登录记录"), timedelta(minutes=10)),
        Job(JobName.FORGET, N_("删除到期的导入内容"), timedelta(minutes=10)),
        Job(JobName.APPLICANTS, N_("删除未通过的加入申请"), timedelta(minutes=1), is_daily=True),
        # From 19:00 on; each message is sent once.
        Job(JobName.ASK, N_("询问忘记签退的时间"), timedelta(minutes=1)),
        # Before settling: what must not count by itself is on the desk when the day is settled.
        Job(JobName.REVIEW, N_("查找待审核事项"), timedelta(minutes=1)),
        Job(JobName.SETTLE, N_("结算时长，记入台账"), timedelta(minutes=1)),
        Job(JobName.SEAL, N_("封存台账"), timedelta(minutes=1), is_daily=True),
        Job(JobName.CERTIFY, N_("继续整队出具证明"), timedelta(seconds=5)),
    )
}


class Claim(Protocol):
    """A job's right to act, asked for inside the transaction of its effect.

    Once taken, ``is_first`` says whether this is the first run of the period: the
    one that looks at everything, where later ones may look at what is recent.
    """

    @property
    def is_first(self) -> bool: ...

    def take(self) -> bool:
        """Whether to act; false where another process has done this period's work."""

    def note(self, done: int) -> None:
        """Keep how many things were changed, in the same transaction."""


class Unclaimed:
    """The claim of a use case that is called by itself: always act, look at everything, keep nothing."""

    is_first = True

    def take(self) -> bool:
        """Act."""
        return True

    def note(self, done: int) -> None:
        """Nothing to keep."""


UNCLAIMED = Unclaimed()


def period_of(now: datetime, zone: tzinfo) -> str:
    """The period of a run: the local date, ``2026-09-15``."""
    return now.astimezone(zone).date().isoformat()


def next_due_at(job: Job, ran_at: datetime | None, now: datetime, zone: tzinfo) -> datetime:
    """When ``job`` is due next, given its last successful run; ``now`` where it is due already."""
    if ran_at is None:
        return now
    if not job.is_daily:
        return max(now, ran_at + job.every)
    ran_on = ran_at.astimezone(zone).date()
    return now if ran_on < now.astimezone(zone).date() else start_of(ran_on + ONE_DAY, zone)


def start_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a local day begins."""
    return datetime.combine(day, time(), zone)
