"""Commands about members and admins: enter, appoint, import, look up hours."""

import json
import secrets
from datetime import datetime
from pathlib import Path

import click
from flask import current_app

from volunteer.cli.asking import here, now, says_no
from volunteer.domain.contacts import derive_contact_key
from volunteer.domain.import_reports import report_lines
from volunteer.domain.national_ids import derive_id_keys
from volunteer.domain.roles import Role
from volunteer.queries.hours import list_hours
from volunteer.queries.members import get_member
from volunteer.queries.teams import get_brigade, get_team
from volunteer.services import members
from volunteer.services.member_imports import MemberLists
from volunteer.services.member_lists import import_members as import_list


@click.command("add-admin")
@click.argument("username")
@click.option("--name", default="", help="The admin's name.")
@click.option("--team", "team_code", default=None, help="Team code; the brigade where none is given.")
@click.option(
    "--password", default=None, help="At least 8 characters; invented and printed where none is given."
)
@click.option(
    "--role",
    type=click.Choice([str(role) for role in Role if role is not Role.STATION_LEADER]),
    default=str(Role.TEAM_ADMIN),
    help="What to appoint as; a station's leader is appointed on the pages.",
)
@click.option("--member", "member_no", default=None, help="Which volunteer the admin is: the number.")
@says_no
def add_admin(
    username: str, name: str, team_code: str | None, password: str | None, role: str, member_no: str | None
) -> None:
    """Appoint an admin of a team and everything below it."""
    chosen = password or secrets.token_urlsafe(9)
    members.add_admin(username, name, team_code, chosen, now(), Role(role), member_no)
    click.echo(f"管理员 {username} 已添加" + ("。" if password else f"，初始密码 {chosen}"))


@click.command("add-member")
@click.argument("volunteer_no")
@click.argument("name")
@click.option("--team", "team_code", default=None, help="Team code; the brigade where none is given.")
@says_no
def add_member(volunteer_no: str, name: str, team_code: str | None) -> None:
    """Enter a member."""
    member = members.add_member(volunteer_no, name, team_code, now())
    click.echo(f"志愿者 {member.name} 已登记，编号 {member.volunteer_no}")


@click.command("activation-code")
@click.argument("volunteer_no")
@says_no
def activation_code(volunteer_no: str) -> None:
    """A fresh one-time code with which the member sets a password; an older one ends."""
    click.echo(f"激活码（只能用一次） {members.give_activation_code(volunteer_no)}")


@click.command("import-members")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--team", "team_code", default=None, help="Into this team and those below it; else the brigade."
)
@click.option("--keep-going", is_flag=True, help="Take the good rows even where others are rejected.")
@says_no
def import_members(file: Path, team_code: str | None, keep_going: bool) -> None:
    """Enter the members of an .xlsx or .csv list; all of them or, by default, none."""
    team = get_team(team_code) if team_code else get_brigade()
    secret = current_app.config["SECRET_KEY"]
    rules = MemberLists(
        derive_id_keys(secret),
        here().zone,
        derive_contact_key(secret),
        allows_invented=current_app.config["DEMO"],
    )
    report = import_list(file.read_bytes(), file.name, team, now(), rules=rules, keep_going=keep_going)
    for line in report_lines(report):
        click.echo(line)
    if report.rejected:
        raise SystemExit(1)


def local(instant: str | None) -> str:
    """An instant as the clock on the wall showed it, or a dash."""
    if instant is None:
        return "-".ljust(16)
    return datetime.fromisoformat(instant).astimezone(here().zone).strftime("%Y-%m-%d %H:%M")


@click.command("hours")
@click.argument("volunteer_no")
@click.option("--json", "as_json", is_flag=True)
@says_no
def hours(volunteer_no: str, as_json: bool) -> None:
    """A member's service records, oldest first, and their credited minutes."""
    found = list_hours(get_member(volunteer_no).id)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for record in found["records"]:
        came, out = local(record["checked_in_at"]), local(record["checked_out_at"])
        click.echo(f"{came}  {out}  {record['minutes']} 分钟  {record['state']}  {record['station']}")
    click.echo(f"合计 {found['total_minutes']} 分钟")
    if left := sum(record["minutes"] for record in found["records"]) - found["total_minutes"]:
        click.echo(f"另有 {left} 分钟待审核、重复或按规则不计，没有算进合计")
    click.echo(f"其中系统计时 {found['metered_minutes']} 分钟，人工补录 {found['declared_minutes']} 分钟")
    click.echo(f"已结算 {found['settled_minutes']} 分钟")


COMMANDS = [add_admin, add_member, activation_code, import_members, hours]
