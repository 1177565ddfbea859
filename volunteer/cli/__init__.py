"""Commands: ``flask --app app …``. They ask the clock, call one use case, and print."""

from flask import Flask

from volunteer.cli import (
    admins,
    append_only,
    cards,
    certificates,
    duty_days,
    installation,
    jobs,
    ledger,
    members,
    sign_ins,
    stations,
)


def register_commands(app: Flask) -> None:
    """Attach every command."""
    people = (admins, members, sign_ins)
    for noun in (installation, *people, stations, cards, certificates, duty_days, ledger, append_only, jobs):
        for command in noun.COMMANDS:
            app.cli.add_command(command)
