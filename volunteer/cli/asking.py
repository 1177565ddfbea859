"""What every command needs: the instant, the installation, and refusals as one sentence."""

import getpass
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from volunteer.auditing import Acting, act_as
from volunteer.db import db
from volunteer.domain.audit import derive_name_key
from volunteer.domain.installation_refusals import DatabaseNotReady, FileNotWritable
from volunteer.domain.refusals import Refusal
from volunteer.services.scans import Installation

Params = ParamSpec("Params")
Result = TypeVar("Result")


def says_no(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Run within the application; show a refusal as its sentence and exit 1, without a stack trace."""

    @wraps(function)
    def wrapped(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        try:
            act_as(db.session(), _acting())
            return function(*args, **kwargs)
        except Refusal as refusal:
            raise click.ClickException(str(refusal.sentence)) from None
        except (OperationalError, ProgrammingError):
            raise click.ClickException(str(DatabaseNotReady().sentence)) from None
        except OSError as error:
            raise click.ClickException(str(FileNotWritable(file=str(error.filename)).sentence)) from None
        finally:
            act_as(db.session(), None)

    return with_appcontext(wrapped)


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


def _acting() -> Acting:
    """The command is the act; whoever is signed in to the machine does it."""
    command = click.get_current_context().info_name
    try:
        actor = getpass.getuser()
    except (OSError, KeyError):  # an account without a name
        actor = str(os.getuid())
    return Acting(f"cli.{command}", f"cli:{actor}", now, derive_name_key(current_app.config["SECRET_KEY"]))


def here() -> Installation:
    """The keys and zone of this installation."""
    installation: Installation = current_app.extensions["installation"]
    return installation


def show_progress(label: str) -> Callable[[int, int], None]:
    """A callback that keeps one line of progress on the terminal; in a log it says every tenth."""
    is_terminal = sys.stderr.isatty()
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        share = done * 100 // max(total, 1)
        step = share if is_terminal else share // 10
        if step != shown:
            shown = step
            start = "\r" if is_terminal else ""
            click.echo(f"{start}{label} {share:3d}%", nl=share == 100 or not is_terminal, err=True)

    return show
