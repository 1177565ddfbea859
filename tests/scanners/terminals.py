"""A terminal as its own process, started the way a station starts it."""

import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]


def write_station(folder: Path, url: str, key: str, *readers: tuple[str, str]) -> Path:
    """A station.toml in ``folder`` with the given (kind, path) readers."""
    path = folder / "station.toml"
    tables = "".join(f'\n[[readers]]\nkind = "{kind}"\npath = "{where}"\n' for kind, where in readers)
    path.write_text(f'[server]\nurl = "{url}"\nkey = "{key}"\n\n[station]\nsounds = false\n{tables}', "utf-8")
    return path


class Terminal(AbstractContextManager["Terminal"]):
    """``python -m scanners station.toml``; what it prints goes to files beside the settings."""

    def __init__(self, settings: Path) -> None:
        self._settings = settings
        self.out = settings.with_name("terminal.out")
        self.errors = settings.with_name("terminal.err")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Terminal":
        self.start()
        return self

    def start(self) -> None:
        """Start, or start again."""
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error"}
        with self.out.open("ab") as out, self.errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scanners", str(self._settings)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
            )

    def kill(self) -> None:
        """kill -9."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> int:
        """End it the way systemd does; its exit code."""
        assert self._process
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(15)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
            raise
