"""Commands about admins: the one-time code with which the first one is made."""

import click

from volunteer.cli.asking import now, says_no
from volunteer.queries.admins import has_admins
from volunteer.services.setup import give_setup_code


@click.command("setup-code")
@says_no
def setup_code() -> None:
    """A fresh one-time code for the set-up page, good for 24 hours; only while there is no admin."""
    _show(give_setup_code(now()))


def show_setup_code() -> None:
    """Print a fresh code where the installation has no admin yet; nothing where it has."""
    if not has_admins():
        _show(give_setup_code(now()))


def _show(code: str) -> None:
    click.echo(f"安装码（24 小时内有效，只能用一次） {code}")
    click.echo("在浏览器打开 /setup ，用它建立第一位管理员。")


COMMANDS = [setup_code]
