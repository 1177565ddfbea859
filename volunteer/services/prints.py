"""Print runs: many cards as one PDF, made by a process of its own while a page shows how far it is.

A run is a folder with its state as JSON and, in the end, the PDF. Card codes reach the
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

from volunteer.config import ROOT
from volunteer.domain.refusals import NotFound

KEEP = timedelta(days=1)
RUN_ID = re.compile(r"[A-Za-z0-9_-]{22}")
STATE_FILE, PDF_FILE = "state.json", "cards.pdf"


class PrintState(StrEnum):
    """Being made, complete, or ended without a result."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


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


def start_print(
    folder: Path, admin_id: int, title: str, faces: Sequence[Mapping[str, str]], now: datetime
) -> PrintRun:
    """Begin to print these cards, each given by the fields of a card face; old runs are cleared away."""
    sweep_prints(folder, now)
    run = PrintRun(secrets.token_urlsafe(16), admin_id, title, len(faces), now.isoformat())
    (folder / run.id).mkdir(parents=True, mode=0o700)
    save_run(folder, run)
    # Returns as soon as the process has taken the cards and left a child behind to draw them.
    subprocess.run(
        [sys.executable, "-m", "volunteer.prints", str(folder), run.id],
        input=json.dumps(list(faces)).encode(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return run


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


def sweep_prints(folder: Path, now: datetime) -> None:
    """Delete the runs that began more than a day ago."""
    for each in _folders(folder):
        run = load_run(folder, each.name)
        if run is None or now - datetime.fromisoformat(run.started_at) > KEEP:
            shutil.rmtree(each, ignore_errors=True)


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
