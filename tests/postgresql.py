"""A private PostgreSQL cluster for the tests: its own folder, its own socket, no network."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    socket: str

    def url(self, database: str) -> str:
        """The address of a database in it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket}"


def find_binaries() -> Path | None:
    """The folder that holds ``initdb``, the newest version first."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = str(installed[0]) if installed else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def start_cluster() -> Iterator[Cluster | None]:
    """Start a cluster with durable settings, give it, and remove it; give None where no PostgreSQL is."""
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("REQUIRE_POSTGRESQL") == "1":
            pytest.fail("PostgreSQL is required here and not installed")
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="vc-pg-"))
    become = _unprivileged(folder)
    data = str(folder / "data")
    run = {"check": True, "stdout": subprocess.DEVNULL, **become}
    subprocess.run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"], **run)
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=60"
    log = str(folder / "log")
    subprocess.run([binaries / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"], **run)
    try:
        subprocess.run([binaries / "createdb", "-h", str(folder), "-U", "postgres", "tests"], **run)
        yield Cluster(str(folder))
    finally:
        subprocess.run([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: become the account that its package made, else nobody."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return {"user": user, "cwd": str(folder)}
