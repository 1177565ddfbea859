"""Commands: ``flask --app app …``. They ask the clock, call one use case, and print."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from volunteer.domain.refusals import Refusal
from volunteer.domain.stations import Direction, ReaderProfile, StationKind, TerminalKind
from volunteer.queries.hours import list_hours
from volunteer.queries.members import get_member
from volunteer.queries.teams import get_team
from volunteer.services import cards, members, stations, terminals
from volunteer.services.migrations import migrate
from volunteer.services.scans import Installation

Result = TypeVar("Result")


def register_commands(app: Flask) -> None:
    """Attach every command."""
    for command in COMMANDS:
        app.cli.add_command(command)


def says_no(function: Callable[..., Result]) -> Callable[..., Result]:
    """Show a refusal as its sentence and exit 1, without a stack trace."""

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Result:
        try:
            return function(*args, **kwargs)
        except Refusal as refusal:
            raise click.ClickException(str(refusal.sentence)) from None

    return wrapped


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def here() -> Installation:
    """The keys and zone of this installation."""
    installation: Installation = current_app.extensions["installation"]
    return installation


@click.command("init-db")
@with_appcontext
@says_no
def init_db() -> None:
    """Create or update the tables, and found the brigade at the top."""
    migrate()
    members.found_brigade()
    click.echo("数据库已就绪。")


@click.command("add-admin")
@click.argument("username")
@click.option("--name", default="", help="The admin's name.")
@click.option("--team", "team_code", default=None, help="Team code; the brigade where none is given.")
@click.option(
    "--password", default=None, help="At least 8 characters; invented and printed where none is given."
)
@with_appcontext
@says_no
def add_admin(username: str, name: str, team_code: str | None, password: str | None) -> None:
    """Appoint an admin of a team and everything below it."""
    chosen = password or secrets.token_urlsafe(9)
    members.add_admin(username, name, team_code, chosen, now())
    click.echo(f"管理员 {username} 已添加" + ("。" if password else f"，初始密码 {chosen}"))


@click.command("add-member")
@click.argument("volunteer_no")
@click.argument("name")
@click.option("--team", "team_code", default=None, help="Team code; the brigade where none is given.")
@with_appcontext
@says_no
def add_member(volunteer_no: str, name: str, team_code: str | None) -> None:
    """Enter a member."""
    member = members.add_member(volunteer_no, name, team_code, now())
    click.echo(f"志愿者 {member.name} 已登记，编号 {member.volunteer_no}")


@click.command("add-station")
@click.argument("code")
@click.argument("name")
@click.option("--kind", type=click.Choice([str(kind) for kind in StationKind]), required=True)
@click.option("--address", default="")
@click.option("--team", "team_code", default=None, help="The team that looks after it; else the brigade.")
@with_appcontext
@says_no
def add_station(code: str, name: str, kind: str, address: str, team_code: str | None) -> None:
    """Set up a service station."""
    team_id = get_team(team_code).id if team_code else None
    station = stations.add_station(code, name, StationKind(kind), address, team_id)
    click.echo(f"服务站 {station.name} 已设立，编码 {station.code}")


@click.command("enrol-terminal")
@click.argument("station_code")
@click.option("--name", default="")
@click.option("--direction", type=click.Choice([str(one) for one in Direction]), default="both")
@click.option("--reader-profile", type=click.Choice([str(one) for one in ReaderProfile]), default="hex")
@click.option("--json", "as_json", is_flag=True, help="Print {terminal_id, key}.")
@with_appcontext
@says_no
def enrol_terminal(station_code: str, name: str, direction: str, reader_profile: str, as_json: bool) -> None:
    """Create a terminal at a station and print its key, once."""
    code = _prepare(station_code, name, direction, reader_profile)
    terminal, key = terminals.enrol_terminal(code, TerminalKind.SCANNER, None, now())
    if as_json:
        click.echo(json.dumps({"terminal_id": str(terminal.id), "key": key}))
    else:
        click.echo(f"终端 {terminal.id} 已登记，密钥（只显示这一次） {key}")


@click.command("enrolment-code")
@click.argument("station_code")
@click.option("--name", default="")
@click.option("--direction", type=click.Choice([str(one) for one in Direction]), default="both")
@click.option("--reader-profile", type=click.Choice([str(one) for one in ReaderProfile]), default="hex")
@with_appcontext
@says_no
def enrolment_code(station_code: str, name: str, direction: str, reader_profile: str) -> None:
    """Create a terminal at a station and print its one-time code, good for ten minutes."""
    code = _prepare(station_code, name, direction, reader_profile)
    click.echo(f"登记码（10 分钟内有效，只能用一次） {code}")


def _prepare(station_code: str, name: str, direction: str, reader_profile: str) -> str:
    return terminals.prepare_terminal(
        station_code,
        now(),
        name=name,
        direction=Direction(direction),
        reader_profile=ReaderProfile(reader_profile),
    )


@click.command("bind-nfc")
@click.argument("volunteer_no")
@click.argument("uid")
@with_appcontext
@says_no
def bind_nfc(volunteer_no: str, uid: str) -> None:
    """Bind an NFC card to a member by its UID."""
    card = cards.bind_nfc(volunteer_no, uid, here().keys, now())
    click.echo(f"卡 {card.hint} 已绑定给 {volunteer_no}")


@click.command("hours")
@click.argument("volunteer_no")
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
@says_no
def hours(volunteer_no: str, as_json: bool) -> None:
    """A member's service records, oldest first, and their credited minutes."""
    found = list_hours(get_member(volunteer_no).id)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for record in found["records"]:
        out = record["checked_out_at"] or "-"
        click.echo(
            f"{record['checked_in_at']}  {out}  {record['minutes']} 分钟  {record['state']}  {record['station']}"
        )
    click.echo(f"合计 {found['total_minutes']} 分钟")


COMMANDS = [
    init_db,
    add_admin,
    add_member,
    add_station,
    enrol_terminal,
    enrolment_code,
    bind_nfc,
    hours,
]
