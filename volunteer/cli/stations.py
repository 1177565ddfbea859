"""Commands about stations and their terminals."""

import json

import click

from volunteer.cli.asking import now, says_no
from volunteer.domain.stations import Direction, ReaderProfile, StationKind, TerminalKind
from volunteer.queries.teams import get_team
from volunteer.services import stations, terminals


@click.command("add-station")
@click.argument("code")
@click.argument("name")
@click.option("--kind", type=click.Choice([str(kind) for kind in StationKind]), required=True)
@click.option("--address", default="")
@click.option("--team", "team_code", default=None, help="The team that looks after it; else the brigade.")
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


COMMANDS = [add_station, enrol_terminal, enrolment_code]
