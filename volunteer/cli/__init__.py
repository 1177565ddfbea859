"""Commands: ``flask --app app …``. They ask the clock, call one use case, and print."""

from flask import Flask

from volunteer.cli import cards, installation, members, stations


def register_commands(app: Flask) -> None:
    """Attach every command."""
    for noun in (installation, members, stations, cards):
        for command in noun.COMMANDS:
            app.cli.add_command(command)
