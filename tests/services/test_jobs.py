"""Jobs: run when due, written with their effect, and shown."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests.conftest import Cast
from tests.services.test_scans import Desk
from volunteer.cli.duty_days import duty_days, enter_calendar, set_duty_day_policy
from volunteer.cli.jobs import jobs_status
from volunteer.db import db
from volunteer.domain.jobs import JOBS, JobName, next_due_at
from volunteer.jobs import run_due_jobs, run_job
from volunteer.models.duty_days import DutyDay
from volunteer.models.jobs import JobRun
from volunteer.models.records import ServiceRecord
from volunteer.queries.jobs import JobState, list_job_states
from volunteer.services.duty_days import confirm_duty_day
from volunteer.services.jobs import PeriodClaim

ZONE = ZoneInfo("Asia/Shanghai")
PROPOSE, ANNOUNCE, MARK, CLOSE, *_ = JobName


@pytest.fixture
def desk(app: Flask, cast: Cast, now: datetime) -> Desk:
    return Desk(app, cast, now)


def state_of(name: JobName, now: datetime) -> JobState:
    return next(state for state in list_job_states(now, ZONE) if state.job.name is name)


def count(model: type) -> int:
    return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_every_job_runs_at_the_first_waking_and_says_so(app: Flask, now: datetime) -> None:
    assert [state.last_run_at for state in list_job_states(now, ZONE)] == [None] * len(JobName)

    assert run_due_jobs(now, ZONE) == dict.fromkeys(JobName, 0) | {PROPOSE: 7, JobName.SEAL: 1}

    states = list_job_states(now, ZONE)
    assert [state.job.name for state in states] == list(JobName)
    assert {(state.last_run_at, state.runs, state.last_error) for state in states} == {(now, 1, None)}
    assert state_of(PROPOSE, now).next_due_at == datetime(2026, 9, 15, 16, 0, tzinfo=UTC)
    assert state_of(CLOSE, now).next_due_at == now + timedelta(seconds=5)


def test_a_daily_job_runs_once_in_a_local_day(app: Flask, now: datetime) -> None:
    run_job(PROPOSE, now, ZONE)
    last_second = datetime(2026, 9, 15, 15, 59, 59, tzinfo=UTC)
    run_job(PROPOSE, last_second, ZONE)
    assert state_of(PROPOSE, last_second).runs == 1

    run_job(PROPOSE, last_second + timedelta(seconds=1), ZONE)

    assert count(JobRun) == 2


def test_a_daily_claim_taken_by_another_process_is_not_given_again(app: Flask, now: datetime) -> None:
    first, second = (PeriodClaim(JOBS[PROPOSE], now, ZONE) for _ in range(2))

    assert (first.take(), second.take()) == (True, False)


def test_many_wakings_leave_one_row_a_day(app: Flask, now: datetime) -> None:
    for second in range(0, 60, 10):
        run_job(CLOSE, now + timedelta(seconds=second), ZONE)
    run_job(CLOSE, now + timedelta(days=1), ZONE)

    runs = db.session.execute(select(JobRun.period, JobRun.runs).order_by(JobRun.period)).all()
    assert [tuple(run) for run in runs] == [("2026-09-15", 6), ("2026-09-16", 1)]


def test_after_days_without_a_scheduler_one_run_catches_up(desk: Desk, cast: Cast, now: datetime) -> None:
    confirm_duty_day("2026-09", cast.bob.id, None, now - timedelta(days=1), ZONE)
    desk.hold(now)
    back_again = now + timedelta(days=5)

    seen = {PROPOSE: 6, MARK: 1, CLOSE: 1, JobName.ASK: 2, JobName.REVIEW: 1, JobName.SEAL: 1}
    assert run_due_jobs(back_again, ZONE) == dict.fromkeys(JobName, 0) | seen
    assert run_due_jobs(back_again, ZONE) == dict.fromkeys(JobName, 0)

    record = db.session.execute(select(ServiceRecord)).scalar_one()
    assert (record.state, record.minutes, record.duty_on) == ("forgotten", 0, record.served_on)
    assert state_of(CLOSE, back_again).done == 1


def test_later_runs_of_a_day_see_a_decision_too(desk: Desk, cast: Cast, now: datetime) -> None:
    confirm_duty_day("2026-09", cast.bob.id, None, now, ZONE)
    desk.hold(now)
    assert run_job(MARK, now, ZONE) == 1

    confirm_duty_day("2026-09", cast.bob.id, datetime(2026, 9, 16).date(), now, ZONE)  # noqa: DTZ001

    assert run_job(MARK, now + timedelta(minutes=1), ZONE) == 1
    assert db.session.execute(select(ServiceRecord.duty_on)).scalar_one() is None


def test_an_error_is_kept_undoes_its_run_and_stops_no_other_job(app: Flask, now: datetime) -> None:
    hide = "ALTER TABLE duty_days RENAME TO hidden_days"
    show = "ALTER TABLE hidden_days RENAME TO duty_days"
    _execute(hide)
    try:
        assert run_due_jobs(now, ZONE) == dict.fromkeys(JobName, 0)
    finally:
        _execute(show)

    failed, fine = state_of(PROPOSE, now), state_of(CLOSE, now)
    assert (failed.is_failing, failed.failed_at, failed.last_run_at) == (True, now, None)
    assert "duty_days" in str(failed.last_error)
    assert (fine.is_failing, fine.last_run_at) == (False, now)
    later = now + timedelta(minutes=1)
    assert run_job(PROPOSE, later, ZONE) == 7
    recovered = state_of(PROPOSE, later)
    assert (recovered.is_failing, recovered.last_run_at, recovered.failed_at) == (False, later, now)


def _execute(statement: str) -> None:
    db.session.rollback()
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(text(statement))


def test_a_job_that_never_ran_is_due_now(now: datetime) -> None:
    for job in JOBS.values():
        assert next_due_at(job, None, now, ZONE) == now
        assert next_due_at(job, now - timedelta(days=3), now, ZONE) == now


def test_the_status_is_printed_for_people_and_programs(app: Flask, now: datetime) -> None:
    run_job(PROPOSE, now, ZONE)
    runner = app.test_cli_runner()

    shown = runner.invoke(jobs_status).output
    told = {job["job"]: job for job in json.loads(runner.invoke(jobs_status, ["--json"]).output)}

    assert "推算服务日" in shown
    assert "上次运行 2026-09-15T10:00:00+08:00" in shown
    assert told["propose_duty_days"]["last_run_at"] == "2026-09-15T10:00:00+08:00"
    assert (told["close_forgotten"]["last_run_at"], told["close_forgotten"]["last_error"]) == (None, None)


def test_the_year_2026_is_printed_as_json_and_nothing_is_stored(app: Flask) -> None:
    words = ["--from", "2026-01", "--to", "2026-12", "--policy", "next", "--json"]

    months = json.loads(app.test_cli_runner().invoke(duty_days, words).output)

    assert [month["month"] for month in months] == [f"2026-{number:02}" for number in range(1, 13)]
    moved = {month["month"]: month["proposed_on"] for month in months if month["reason"].endswith("天。")}
    assert moved == {"2026-03": "2026-03-16", "2026-08": "2026-08-17", "2026-11": "2026-11-16"}
    february = months[1]
    assert (february["proposed_on"], february["status"]) == (None, "needs_decision")
    assert february["reason"] == "15日不上班，之后7天之内本月没有工作日，请选定日期。"
    assert february["alternatives"][1] == {"on": "2026-02-24", "shift_days": 9, "policy": "next"}
    assert count(DutyDay) == 0


def test_the_chosen_policy_is_what_is_printed(app: Flask) -> None:
    runner = app.test_cli_runner()
    words = ["--from", "2026-02", "--to", "2026-02"]
    assert "2026-02-15  建议" in runner.invoke(duty_days, words).output

    assert runner.invoke(set_duty_day_policy, ["next", "--max-shift", "9"]).exit_code == 0

    assert "2026-02-24  建议" in runner.invoke(duty_days, words).output


def test_a_month_written_wrongly_is_refused_in_one_sentence(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(duty_days, ["--from", "2026-13"])

    assert answer.exit_code == 1
    assert answer.output.count("\n") == 1


def test_a_calendar_file_makes_a_year_known(app: Flask, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "2027.csv"
    file.write_bytes("日期,类型,名称\n2027-05-15,调休上班,\n2027-10-01,放假,国庆节\n".encode("gb18030"))
    runner = app.test_cli_runner()

    assert runner.invoke(enter_calendar, [str(file)]).output == "已录入 2027 年的 2 天。\n"

    words = ["--from", "2027-05", "--to", "2027-05", "--policy", "next", "--json"]
    month = json.loads(runner.invoke(duty_days, words).output)[0]
    assert (month["proposed_on"], month["reason"]) == ("2027-05-15", "15日是调休上班日。")
