"""Commands about duty days: what is proposed, how the 15th moves, and the calendar of a year."""

import json
from pathlib import Path

import click

from volunteer.cli.asking import here, now, says_no
from volunteer.domain.calendar_entries import read_entries
from volunteer.domain.cells import cell_text
from volunteer.domain.duty_days import DutyDayPolicy, Proposal
from volunteer.domain.months import month_of, read_month, shift_month
from volunteer.domain.refusals import MonthsBackwards
from volunteer.queries.duty_days import DutyDayRule, find_duty_day_rule, list_proposals
from volunteer.reading.delimited import read_delimited
from volunteer.services import duty_days as services

POLICIES = click.Choice([str(policy) for policy in DutyDayPolicy])
STATUSES = {"proposed": "建议", "needs_decision": "请选定", "unknown": "未知", "none": "不提出"}


@click.command("duty-days")
@click.option("--from", "first", default=None, help="First month, such as 2026-01; else this month.")
@click.option("--to", "last", default=None, help="Last month, included; else five months after the first.")
@click.option("--policy", type=POLICIES, default=None, help="Try a policy; else the one that was chosen.")
@click.option("--json", "as_json", is_flag=True)
@says_no
def duty_days(first: str | None, last: str | None, policy: str | None, as_json: bool) -> None:
    """What the rule proposes for each month. Changes nothing."""
    first = read_month(first) if first else month_of(now().astimezone(here().zone).date())
    last = read_month(last) if last else shift_month(first, 5)
    if last < first:
        raise MonthsBackwards()
    rule = find_duty_day_rule()
    if policy:
        rule = DutyDayRule(DutyDayPolicy(policy), rule.max_shift_days)
    proposals = list_proposals(first, last, rule)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in proposals], ensure_ascii=False))
        return
    for one in proposals:
        others = "、".join(f"{other.on} ({other.shift_days:+d})" for other in one.alternatives)
        on = str(one.proposed_on or "-").ljust(10)
        click.echo(f"{one.month}  {on}  {STATUSES[one.status]}  {one.reason}  {others}".rstrip())


@click.command("set-duty-day-policy")
@click.argument("policy", type=POLICIES)
@click.option("--max-shift", type=click.IntRange(0, 31), default=None, help="Days; else as before.")
@says_no
def set_duty_day_policy(policy: str, max_shift: int | None) -> None:
    """Choose how the 15th moves when it is no workday; decided months stay as they are."""
    days = find_duty_day_rule().max_shift_days if max_shift is None else max_shift
    services.set_duty_day_policy(DutyDayPolicy(policy), days, now(), here().zone)
    click.echo(f"服务日规则已设为 {policy}，最多移动 {days} 天。")


@click.command("enter-calendar")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@says_no
def enter_calendar(file: Path) -> None:
    """Take the days off and make-up workdays of whole years from a text table: date,kind,name."""
    with file.open("rb") as table:
        rows = read_delimited(table).read()
        entries = read_entries([cell_text(cell) for cell in row] for row in rows)
    years = services.enter_calendar_days(entries, now(), here().zone)
    click.echo(f"已录入 {'、'.join(map(str, years))} 年的 {len(entries)} 天。")


def _as_json(one: Proposal) -> dict[str, object]:
    return {
        "month": one.month,
        "proposed_on": one.proposed_on.isoformat() if one.proposed_on else None,
        "status": one.status,
        "reason": str(one.reason),
        "alternatives": [
            {"on": other.on.isoformat(), "shift_days": other.shift_days, "policy": other.policy}
            for other in one.alternatives
        ],
    }


COMMANDS = [duty_days, set_duty_day_policy, enter_calendar]
