"""Commands about signing in: helping somebody who lost everything but the password."""

import click

from volunteer.cli.asking import says_no
from volunteer.domain.refusals import NotFound
from volunteer.queries.members import find_admin, get_member
from volunteer.services.second_factors import remove_all_factors


@click.command("reset-second-step")
@click.argument("name")
@click.option(
    "--admin", "is_admin", is_flag=True, help="NAME is an admin's user name, not a volunteer number."
)
@says_no
def reset_second_step(name: str, is_admin: bool) -> None:
    """Remove somebody's TOTP, passkeys and recovery codes; only the password is left."""
    person = find_admin(name) if is_admin else get_member(name.strip().upper())
    if person is None:
        raise NotFound()
    remove_all_factors(person)
    click.echo(f"{name} 的动态码、通行密钥和恢复码已全部移除，现在只用密码登录")


COMMANDS = [reset_second_step]
