"""Commands about the triggers that keep scans, ledger, seals and audit from being changed."""

import click

from volunteer.cli.asking import now, says_no
from volunteer.services.append_only import require_append_only, restore_triggers


@click.command("check-triggers")
@says_no
def check_triggers() -> None:
    """Say whether every append-only trigger is there; exit 1 where one is missing."""
    require_append_only()
    click.echo("防篡改触发器齐全。")


@click.command("restore-triggers")
@says_no
def restore() -> None:
    """Make missing append-only triggers anew; verify the ledger afterwards."""
    names = restore_triggers(now())
    for name in names:
        click.echo(f"已恢复 {name}")
    click.echo("请接着运行 verify-ledger，核对这段时间有没有被改动。" if names else "防篡改触发器齐全。")


COMMANDS = [check_triggers, restore]
