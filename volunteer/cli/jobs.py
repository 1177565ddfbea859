"""Commands about the jobs: running them, and seeing what they did."""

import json
from datetime import datetime, tzinfo

import click
from flask import current_app

from volunteer.cli.asking import here, now, says_no
from volunteer.jobs import main
from volunteer.queries.jobs import JobState, list_job_states


@click.command("jobs")
@says_no
def jobs() -> None:
    """Run the scheduler until it is told to end; several may run at once."""
    main(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("jobs-status")
@click.option("--json", "as_json", is_flag=True)
@says_no
def jobs_status(as_json: bool) -> None:
    """Every job: when it last ran, when it is due, what it did today, its last error."""
    zone = here().zone
    states = list_job_states(now(), zone)
    if as_json:
        click.echo(json.dumps([_as_json(state, zone) for state in states], ensure_ascii=False))
        return
    for state in states:
        click.echo(f"{state.job.name}  {state.job.title}")
        last, due = _local(state.last_run_at, zone) or "从未", _local(state.next_due_at, zone)
        click.echo(f"  上次运行 {last}，下次 {due}")
        click.echo(f"  今天运行 {state.runs} 次，处理 {state.done} 项")
        if state.last_error:
            mark = "现在失败" if state.is_failing else "上次失败"
            click.echo(f"  {mark} {_local(state.failed_at, zone)} {state.last_error}")


def _as_json(state: JobState, zone: tzinfo) -> dict[str, object]:
    return {
        "job": state.job.name,
        "title": state.job.title,
        "last_run_at": _local(state.last_run_at, zone),
        "next_due_at": _local(state.next_due_at, zone),
        "runs": state.runs,
        "done": state.done,
        "is_failing": state.is_failing,
        "failed_at": _local(state.failed_at, zone),
        "last_error": state.last_error,
    }


def _local(instant: datetime | None, zone: tzinfo) -> str | None:
    return instant.astimezone(zone).isoformat(timespec="seconds") if instant else None


COMMANDS = [jobs, jobs_status]
