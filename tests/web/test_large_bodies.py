"""A body that is too large gets its answer from the production server, whatever client sends it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.station_server import find_free_port, until
from tests.conftest import ROOT

BIG = b'{"scans": ["' + b"x" * 10_000_000 + b'"]}'


@dataclass(frozen=True)
class Server:
    """Where it listens, and the key of a terminal."""

    port: int
    key: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """gunicorn as it runs in production, on an empty database."""
    folder: Path = tmp_path_factory.mktemp("gunicorn")
    environ = os.environ | {
        "VOLUNTEER_DATABASE_URL": f"sqlite:///{folder}/clock.db",
        "VOLUNTEER_WORKERS": "1",
    }
    flask = [sys.executable, "-m", "flask", "--app", "app"]
    for words in (["init-db"], ["add-station", "LC", "龙城", "--kind", "u_station"]):
        subprocess.run([*flask, *words], cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
    free = find_free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "volunteer/gunicorn.py",
        "-b",
        f"127.0.0.1:{free}",
        "app:app",
    ]
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        until(lambda: _answers(free), "gunicorn answers")
        found = subprocess.run(
            [*flask, "enrol-terminal", "LC", "--json"],
            cwd=ROOT,
            env=environ,
            check=True,
            stdout=subprocess.PIPE,
        )
        yield Server(free, json.loads(found.stdout)["key"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.mark.parametrize(("has_key", "status"), [(True, 413), (False, 401)])
def test_a_client_that_sends_ten_megabytes_hears_why_not(server: Server, has_key: bool, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    headers = {"Content-Type": "application/json"}
    if has_key:
        headers["Authorization"] = f"Bearer {server.key}"
    connection.request("POST", "/api/v1/scans", body=BIG, headers=headers)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    assert response.status == status
    assert body["error"]["message"]
