"""The real server in a process of its own, so that a test can kill it."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
STATION = "U001"
CARDS = 50
CODES = 55
DEADLINE_S = 20.0

# One process for many commands: starting Python for each would take longer than all tests together.
RUN_COMMANDS = """
import shlex, sys
from app import app
runner = app.test_cli_runner()
for line in sys.stdin:
    result = runner.invoke(args=shlex.split(line))
    if result.exit_code:
        sys.exit(f"{line}: {result.output} {result.exception!r}")
    print((result.output.split() or ["-"])[-1])
"""


class StationServer:
    """One server with one station.

    ``cards`` are tokens of different members, ``printed_card`` is the picture of one more.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "clock.sqlite"
        self.port = find_free_port()
        self.url = f"http://localhost:{self.port}"
        self.printed_card = folder / "card.png"
        self.cards: list[str] = []
        self.codes: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._old: set[str] = set()
        self.environment = os.environ | {
            "VOLUNTEER_DATABASE_URL": f"sqlite:///{self.database}",
            "VOLUNTEER_SECRET_KEY": "a secret of the browser tests only",
        }

    def prepare(self) -> None:
        """Make the database, the station, its one-time codes, and members with cards."""
        numbers = [f"44030000{i:04d}" for i in range(CARDS)]
        lines = ["init-db", f"add-station {STATION} 市民中心U站 --kind u_station"]
        lines += [f"add-member {number} 张三" for number in numbers]
        lines += [f"issue-card {numbers[0]} --png {self.printed_card}"]
        lines += [f"issue-card {number}" for number in numbers[1:]]
        words = self.command(lines + [f"enrolment-code {STATION}"] * CODES)
        self.cards, self.codes = words[-CODES - CARDS + 1 : -CODES], words[-CODES:]

    def command(self, lines: list[str]) -> list[str]:
        """Run commands of the server's command line; the last word that each of them printed."""
        run = subprocess.run(
            [sys.executable, "-c", RUN_COMMANDS],
            input="\n".join(lines), text=True, cwd=ROOT, env=self.environment,
            check=True, stdout=subprocess.PIPE,
        )  # fmt: skip
        return run.stdout.split("\n")[: len(lines)]

    def next_card(self) -> str:
        """The token of a member that no test has used yet."""
        return self.cards.pop()

    def next_code(self) -> str:
        """A one-time enrolment code."""
        return self.codes.pop()

    def start(self) -> None:
        """Start the server unless it runs, and wait until it answers."""
        if self._process is None:
            command = [sys.executable, "-m", "flask", "--app", "app", "run", "-p", str(self.port)]
            with (self.folder / "server.log").open("ab") as log:
                self._process = subprocess.Popen(
                    command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
                )
        until(self.answers, "the server answers")

    def kill(self) -> None:
        """End the server without any warning (SIGKILL)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def answers(self) -> bool:
        """True when the server says that it is well."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def rows(self) -> list[dict[str, Any]]:
        """The scans that this test stored on the server, in the order the terminal numbered them."""
        return [row for row in self._all_rows() if row["id"] not in self._old]

    def forget_rows(self) -> None:
        """Leave what is stored now out of ``rows``."""
        self._old = {row["id"] for row in self._all_rows()}

    def _all_rows(self) -> list[dict[str, Any]]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM scans ORDER BY seq, id")]
        finally:
            connection.close()


def find_free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Any, what: str, deadline: float = DEADLINE_S) -> None:
    """Wait until the condition holds; fails with ``what`` after the deadline (seconds)."""
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline} s in vain: {what}")
        time.sleep(0.02)
