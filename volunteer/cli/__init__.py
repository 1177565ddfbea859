"""Commands: ``flask --app app …``. They ask the clock, call one use case, and print."""

from flask import Flask

from volunteer.cli import admins, cards, duty_days, installation, jobs, members, sign_ins, stations


def register_commands(app: Flask) -> None:
    """Attach every command."""
    for noun in (installation, admins, members, sign_ins, stations, cards, duty_days, jobs):
        for command in noun.COMMANDS:
            app.cli.add_command(command)
