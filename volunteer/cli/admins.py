"""Commands about admins: the one-time code with which the first one is made; the first persons confirmed."""

import click

from volunteer.cli.asking import here, now, says_no
from volunteer.queries.admins import has_admins
from volunteer.services.own_persons import confirm_person_on_server
from volunteer.services.setup import give_setup_code


@click.command("setup-code")
@says_no
def setup_code() -> None:
    """A fresh one-time code for the set-up page, good for 24 hours; only while there is no admin."""
    _show(give_setup_code(now()))


@click.command("confirm-person")
@click.argument("username")
@click.argument("volunteer_no")
@says_no
def confirm_person(username: str, volunteer_no: str) -> None:
    """Confirm that an admin is the volunteer whom the admin says to be; for the first admins of a brigade.

    Whoever runs the server answers for having met the person. Later on, admins confirm one another on the
    pages.
    """
    at = now()
    member = confirm_person_on_server(username, volunteer_no, at, at.astimezone(here().zone).date())
    click.echo(f"已确认：管理员 {username} 就是志愿者 {member.name}（{member.volunteer_no}）")


def show_setup_code() -> None:
    """Print a fresh code where the installation has no admin yet; nothing where it has."""
    if not has_admins():
        _show(give_setup_code(now()))


def _show(code: str) -> None:
    click.echo(f"安装码（24 小时内有效，只能用一次） {code}")
    click.echo("在浏览器打开 /setup ，用它建立第一位管理员。")


COMMANDS = [setup_code, confirm_person]
