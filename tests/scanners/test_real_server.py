"""The contract, proved: a real terminal and the real server, with nothing of ours in between but loopback."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.field import (
    Card,
    Classic,
    FeliCa,
    Field,
    Ntag213,
    RandomIdPhone,
    Type4A,
    text_message,
    uri_message,
)
from tests.scanners.terminals import ROOT, Terminal, write_station

READERS = 6
CARDS = 150
ROUNDS = 4


class RealServer:
    """``flask --app app run`` on a database of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self._folder = folder
        self.url = f"http://127.0.0.1:{self._port}"
        self._database = folder / "server.db"
        self._environment = {
            **os.environ,
            "VOLUNTEER_DATABASE_URL": f"sqlite:///{self._database}",
            "VOLUNTEER_SECRET_KEY": "0123456789abcdef" * 4,
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, count: int) -> dict[str, Any]:
        """Fill the database."""
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("prepare_server.py")), "U1", str(count)],
            cwd=ROOT,
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        prepared: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return prepared

    def start(self) -> None:
        """Start and wait until it answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "app", "run", "-p", self._port],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        wait_until(self._is_healthy, 30)

    def kill(self) -> None:
        """kill -9."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def rows(self) -> list[tuple[str, str, str]]:
        """(id, status, outcome) of every stored scan, in the order of arrival."""
        db = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=10)
        try:
            return db.execute("SELECT id, status, outcome FROM scans ORDER BY received_at, seq").fetchall()
        finally:
            db.close()

    def wait_for_rows(self, count: int, deadline: float = 20.0) -> None:
        """Wait until so many scans are stored."""
        wait_until(lambda: len(self.rows()) >= count, deadline)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        db = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=10)
        try:
            return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        finally:
            db.close()

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False


def wait_until(condition: Callable[[], bool], deadline: float = 20.0) -> None:
    """Wait for something another process brings about."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[RealServer, dict[str, Any]]:
    server = RealServer(tmp_path_factory.mktemp("server"))
    return server, server.prepare(CARDS)


@pytest.fixture
def server(prepared: tuple[RealServer, dict[str, Any]]) -> Iterator[RealServer]:
    server = prepared[0]
    server.start()
    yield server
    server.kill()


def test_every_kind_of_card_becomes_a_row(
    server: RealServer, prepared: tuple[RealServer, dict[str, Any]], tmp_path: Path
) -> None:
    first, second = prepared[1]["tokens"]
    cards: list[tuple[Card, str, str]] = [
        (Ntag213(bytes.fromhex("04A2B3C4D5E680"), text_message(first)), "accepted", "checked_in"),
        (Classic(bytes.fromhex("DEADBEEF")), "accepted", "checked_in"),
        (FeliCa(bytes.fromhex("02FE010203040506")), "accepted", "checked_in"),
        (
            Type4A(bytes.fromhex("04112233445566"), uri_message(f"https://hours.example/c/{second}")),
            "accepted",
            "checked_in",
        ),
        (RandomIdPhone(), "refused", "uid_random"),
        (Classic(bytes.fromhex("01020304")), "refused", "uid_shared"),
        (Classic(bytes.fromhex("A1B2C3D4")), "refused", "card_unknown"),
    ]
    before = len(server.rows())
    with (
        Field() as field,
        Terminal(write_station(tmp_path, server.url, prepared[1]["key"], ("nfc", field.path))) as terminal,
    ):
        for count, (card, *_expected) in enumerate(cards, before + 1):
            field.put(card)
            server.wait_for_rows(count)
        field.clear()
        wait_until(lambda: "张*" in terminal.out.read_text("utf-8"))

        # taken away for longer than the reader's gap and brought back: read again
        field.wait_for_polls(45)
        field.put(cards[1][0])
        server.wait_for_rows(before + len(cards) + 1)

    rows = [(status, outcome) for _id, status, outcome in server.rows()[before:]]
    assert rows == [*((status, outcome) for _card, status, outcome in cards), ("accepted", "double_tap")]


def test_six_hundred_taps_are_all_stored_once_though_everything_is_killed(
    server: RealServer, prepared: tuple[RealServer, dict[str, Any]], tmp_path: Path
) -> None:
    before, records = len(server.rows()), server.count("service_records")
    uids = [bytes.fromhex(uid) for uid in prepared[1]["uids"]]
    fields = [Field() for _ in range(READERS)]
    for field in fields:
        field.__enter__()
    settings = write_station(
        tmp_path, server.url, prepared[1]["key"], *(("nfc", field.path) for field in fields)
    )
    try:
        with Terminal(settings) as terminal:
            tap_all(fields, uids)
            server.kill()
            tap_all(fields, uids)
            terminal.kill()
            terminal.start()
            server.start()
            tap_all(fields, uids)
            tap_all(fields, uids)
            server.wait_for_rows(before + CARDS * ROUNDS, 40)
    finally:
        for field in fields:
            field.__exit__(None, None, None)

    rows = server.rows()[before:]
    assert len(rows) == len({row[0] for row in rows}) == CARDS * ROUNDS
    assert {row[1] for row in rows} == {"accepted"}
    assert {row[2] for row in rows} == {"checked_in", "double_tap"}
    assert server.count("service_records") == records + CARDS


def tap_all(fields: list[Field], uids: list[bytes]) -> None:
    """Every card once, shared out to the readers, each held until its reader has looked past it."""

    def tap(field: Field, share: list[bytes]) -> None:
        for uid in share:
            field.put(Classic(uid))
            field.wait_for_polls(2)  # the second look begins when the first has been kept
        field.clear()
        field.wait_for_polls(1)

    hands = [
        threading.Thread(target=tap, args=(field, uids[number::READERS]))
        for number, field in enumerate(fields)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)


def test_a_terminal_enrols_checks_and_runs(
    server: RealServer, prepared: tuple[RealServer, dict[str, Any]], tmp_path: Path
) -> None:
    settings = tmp_path / "station.toml"

    def scanners(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "scanners", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )

    enrolled = scanners("enrol", server.url, prepared[1]["code"], "--output", str(settings))
    assert enrolled.returncode == 0, enrolled.stderr
    assert "龙城U站" in enrolled.stdout
    assert settings.stat().st_mode & 0o777 == 0o600
    again = scanners("enrol", server.url, prepared[1]["code"], "--output", str(settings))
    assert again.returncode == 1

    with Field() as field:
        settings.write_text(
            settings.read_text("utf-8").replace('path = "usb"', f'path = "{field.path}"'), "utf-8"
        )
        checked = scanners("check", str(settings))

    assert checked.returncode == 0, checked.stdout
    assert "密钥有效" in checked.stdout
    assert "设备正常" in checked.stdout
