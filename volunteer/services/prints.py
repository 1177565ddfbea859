"""Print runs: many cards or letters as one PDF, made by a process while a page shows how far it is.

A run is a folder with its state as JSON and, in the end, the PDF. Codes reach the
process through a pipe and stand on the disk only inside the PDF, which is deleted after a day.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from volunteer.config import ROOT
from volunteer.db import transaction
from volunteer.domain.jobs import Claim
from volunteer.domain.refusals import NotFound

KEEP = timedelta(days=1)
RUN_ID = re.compile(r"[A-Za-z0-9_-]{22}")
STATE_FILE, PDF_FILE = "state.json", "print.pdf"


class PrintState(StrEnum):
    """Being made, complete, or ended without a result."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class PrintKind(StrEnum):
    """Cards for a card printer, A4 sheets of cards to cut, or A4 letters with card and activation code."""

    CARDS = "cards"
    SHEETS = "sheets"
    LETTERS = "letters"


@dataclass(frozen=True)
class PrintRun:
    """How far a run is; ``pid`` is 0 until its process has begun."""

    id: str
    admin_id: int
    title: str
    total: int
    started_at: str
    done: int = 0
    state: str = PrintState.RUNNING
    pid: int = 0
    kind: str = PrintKind.CARDS


def start_print(folder: Path, run: PrintRun, items: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Begin to print: each item holds the fields of a card face or of a letter. Old runs are cleared away."""
    sweep_prints(folder, now)
    (folder / run.id).mkdir(parents=True, mode=0o700)
    save_run(folder, run)
    # Returns as soon as the process has taken the items and left a child behind to draw them.
    subprocess.run(
        [sys.executable, "-m", "volunteer.prints", str(folder), run.id],
        input=json.dumps(list(items)).encode(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def plan_print(kind: PrintKind, admin_id: int, title: str, total: int, now: datetime) -> PrintRun:
    """A run that has not begun, with an id that nobody guesses."""
    return PrintRun(secrets.token_urlsafe(16), admin_id, title, total, now.isoformat(), kind=kind)


def get_print(folder: Path, run_id: str, admin_id: int) -> PrintRun:
    """The run as it stands; refuses one that is absent, too old or another admin's."""
    run = load_run(folder, run_id) if RUN_ID.fullmatch(run_id) else None
    if run is None or run.admin_id != admin_id:
        raise NotFound()
    if run.state == PrintState.RUNNING and run.pid and not _is_alive(run.pid):
        # It may have ended well between the two looks.
        run = load_run(folder, run_id) or run
        return run if run.state != PrintState.RUNNING else replace(run, state=PrintState.FAILED)
    return run


def list_prints(folder: Path, admin_id: int, now: datetime) -> list[PrintRun]:
    """This admin's runs that are still kept, newest first."""
    sweep_prints(folder, now)
    found = (load_run(folder, each.name) for each in _folders(folder))
    mine = [get_print(folder, run.id, admin_id) for run in found if run and run.admin_id == admin_id]
    return sorted(mine, key=lambda run: run.started_at, reverse=True)


def pdf_path(folder: Path, run: PrintRun) -> Path:
    """Where the PDF of a run is."""
    return folder / run.id / PDF_FILE


def prints_folder(config: Mapping[str, Any], instance_path: str) -> Path:
    """Where the runs are kept: as the setting says, or in the instance folder."""
    return Path(config.get("PRINTS_FOLDER") or Path(instance_path) / "prints")


def sweep_prints(folder: Path, now: datetime) -> int:
    """Delete the runs that began more than a day ago; how many there were."""
    swept = 0
    for each in _folders(folder):
        run = load_run(folder, each.name)
        if run is None or now - datetime.fromisoformat(run.started_at) > KEEP:
            shutil.rmtree(each, ignore_errors=True)
            swept += 1
    return swept


def sweep_prints_by_job(folder: Path, now: datetime, claim: Claim) -> int:
    """The same, noted as a run of the scheduler: nothing is kept longer because nobody prints."""
    with transaction():
        if not claim.take():
            return 0
        swept = sweep_prints(folder, now)
        claim.note(swept)
    return swept


def load_run(folder: Path, run_id: str) -> PrintRun | None:
    """The state of a run as last written, or None."""
    try:
        return PrintRun(**json.loads((folder / run_id / STATE_FILE).read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None


def save_run(folder: Path, run: PrintRun) -> None:
    """Replace the state of a run at once, so that nobody reads half of it."""
    write_whole(folder / run.id / STATE_FILE, json.dumps(asdict(run), ensure_ascii=False).encode())


def write_whole(path: Path, content: bytes) -> None:
    """Put a file in place complete or not at all; only this account may read it."""
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    os.replace(part, path)


def _folders(folder: Path) -> Iterable[Path]:
    return [each for each in folder.iterdir() if RUN_ID.fullmatch(each.name)] if folder.is_dir() else []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
