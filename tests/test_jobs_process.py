"""The scheduler as it really runs: processes of its own, killed, doubled, told to end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from tests.conftest import ROOT, Cast, installation
from tests.services.test_scans import Desk
from volunteer.db import db
from volunteer.domain.duty_days import DutyDayPolicy
from volunteer.domain.jobs import JobName
from volunteer.models.duty_days import DutyDay
from volunteer.models.jobs import JobRun
from volunteer.models.records import ServiceRecord
from volunteer.services.cards import issue_card
from volunteer.services.duty_days import confirm_duty_day, set_duty_day_policy
from volunteer.services.members import add_member

ZONE = ZoneInfo("Asia/Shanghai")
CAP = timedelta(hours=12)
SCHEDULER = "from app import app; from volunteer.jobs import main; main(app)"
# Runs every job at each instant it is told on its standard input, and says what it changed.
RUNNER = """
import json, sys
from datetime import datetime
from app import app
from volunteer.jobs import run_due_jobs

# The years that pass here must not sweep away what somebody has printed on this machine.
app.config["PRINTS_FOLDER"] = "no/prints/here"
print("ready", flush=True)
for line in sys.stdin:
    with app.app_context():
        done = run_due_jobs(datetime.fromisoformat(line.strip()), app.config["TIMEZONE"])
    print(json.dumps(done), flush=True)
"""
Start = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def desk(app: Flask, cast: Cast, now: datetime) -> Desk:
    return Desk(app, cast, now)


@pytest.fixture
def errors(tmp_path: Path) -> Path:
    return tmp_path / "errors.log"


@pytest.fixture
def start(app: Flask, database_url: str, errors: Path) -> Iterator[Start]:
    """Start a program on the same database; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "VOLUNTEER_DATABASE_URL": database_url, "PYTHONIOENCODING": "utf-8"}

    def run(program: str) -> "subprocess.Popen[str]":
        with errors.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", program],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for what another process brings about."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def rows(model: Any) -> list[Any]:
    """Every row as it is now, and not as it was when the last look began."""
    db.session.rollback()
    statement = select(model).order_by(*inspect(model).primary_key).execution_options(populate_existing=True)
    return list(db.session.execute(statement).scalars())


def has_run_all() -> bool:
    return {run.job for run in rows(JobRun) if run.ran_at} == set(JobName)


def add_colleague(app: Flask, at: datetime) -> str:
    """A second member; the token of her card."""
    add_member("A002", "李四", "FD01", at)
    return issue_card("A002", installation(app).keys, at)[1]


def tell(runner: "subprocess.Popen[str]", at: datetime) -> None:
    assert runner.stdin
    runner.stdin.write(f"{at.isoformat()}\n")
    runner.stdin.flush()


def hear(runner: "subprocess.Popen[str]") -> str:
    assert runner.stdout
    return runner.stdout.readline().strip()


def test_two_processes_at_the_same_instant_do_nothing_twice(
    start: Start, desk: Desk, cast: Cast, errors: Path
) -> None:
    runners = [start(RUNNER) for _ in range(2)]
    assert [hear(runner) for runner in runners] == ["ready", "ready"]

    for month in range(1, 13):
        morning = datetime(2026, month, 15, 0, 30, tzinfo=ZONE)
        confirm_duty_day(f"2026-{month:02}", cast.bob.id, date(2026, month, 15), morning, ZONE)
        desk.hold(morning)
        db.session.rollback()
        evening = morning + CAP + timedelta(minutes=1)
        for runner in runners:
            tell(runner, evening)
        done = [json.loads(hear(runner)) for runner in runners]

        summed = {name: sum(one[name] for one in done) for name in JobName}
        new_months = 6 if month == 1 else 1
        assert list(summed.values())[:4] == [new_months, 1, 1, 1]

    runs = [(run.job, run.period) for run in rows(JobRun)]
    assert len(runs) == len(set(runs)) == 12 * len(JobName)
    assert {run.runs for run in rows(JobRun) if run.job == JobName.PROPOSE} == {1}
    counting = (JobName.ANNOUNCE, JobName.MARK, JobName.CLOSE)
    assert {run.done for run in rows(JobRun) if run.job in counting} == {1}
    assert errors.read_text().count("Error") == 0


def test_a_killed_scheduler_catches_up_as_soon_as_it_is_back(
    app: Flask, start: Start, desk: Desk, cast: Cast
) -> None:
    scheduler = start(SCHEDULER)
    wait_until(has_run_all)
    scheduler.send_signal(signal.SIGKILL)
    scheduler.wait(10)

    at = datetime.now(UTC)
    today = at.astimezone(ZONE).date()
    set_duty_day_policy(DutyDayPolicy.KEEP, 31, at, ZONE)
    confirm_duty_day(f"{today:%Y-%m}", cast.bob.id, today, at, ZONE)
    desk.hold(at - timedelta(days=1))
    desk.hold(at, token=add_colleague(app, at))
    start(SCHEDULER)

    wait_until(lambda: [record.state for record in rows(ServiceRecord)] == ["forgotten", "open"])
    wait_until(lambda: [record.duty_on for record in rows(ServiceRecord)] == [None, today])
    wait_until(lambda: [day.duty_on for day in rows(DutyDay) if day.announced_at] == [today])


def test_a_passed_limit_shows_within_a_minute_and_the_scheduler_ends_when_told(
    start: Start, desk: Desk, errors: Path
) -> None:
    scheduler = start(SCHEDULER)
    wait_until(has_run_all)
    at = datetime.now(UTC)
    limit = at + timedelta(seconds=1)
    desk.hold(limit - CAP, received=at)
    assert [record.state for record in rows(ServiceRecord)] == ["open"]

    wait_until(lambda: rows(ServiceRecord)[0].state == "forgotten", 60)

    assert limit < datetime.now(UTC) < limit + timedelta(minutes=1)
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(20) == 0
    assert "close_forgotten 结束忘记签退的服务：1" in errors.read_text()
    assert "定时任务已结束" in errors.read_text()
