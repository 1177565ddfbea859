"""The whole terminal as a process: field, nfcpy, outbox, line, and a server that may misbehave."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scanners.field import Classic, Field, Ntag213, text_message
from tests.scanners.peer import HTML, KEY, Peer, Reply, as_json, error
from tests.scanners.terminals import Terminal, write_station

TOKEN = "VC1-7M3QK2ZP9XA1B4CDEFGHJKMN"


@pytest.fixture
def field() -> Iterator[Field]:
    with Field() as field:
        yield field


def pending(folder: Path) -> int:
    """How many scans wait in the outbox, seen from outside."""
    try:
        with sqlite3.connect(f"file:{folder / 'outbox.db'}?mode=ro", uri=True) as db:
            count = int(db.execute("SELECT count(*) FROM scans").fetchone()[0])
        db.close()
    except sqlite3.OperationalError:
        return -1
    return count


def wait_until(condition: Callable[[], bool], deadline: float = 15.0) -> None:
    """Wait for something another process brings about."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def tap(field: Field, folder: Path, numbers: range) -> None:
    """Hold one card after another to a reader whose server is away, each until it is kept."""
    for count, number in enumerate(numbers, 1):
        field.put(card(number))
        wait_for_pending(folder, count)
    field.clear()


def wait_for_pending(folder: Path, count: int) -> None:
    """Wait until so many scans are kept."""
    wait_until(lambda: pending(folder) >= count)


def card(number: int) -> Classic:
    """A card of its own."""
    return Classic(b"\x10" + number.to_bytes(3, "big"))


def test_a_card_is_read_sent_and_answered_on_the_screen(field: Field, tmp_path: Path) -> None:
    with Peer() as peer, Terminal(write_station(tmp_path, peer.url, KEY, ("nfc", field.path))) as terminal:
        field.put(Ntag213(bytes.fromhex("04A2B3C4D5E680"), text_message(TOKEN)))
        peer.wait_for(lambda: len(peer.rows) == 1)
        wait_until(lambda: pending(tmp_path) == 0)
        wait_until(lambda: "√ 张*，签到成功" in terminal.out.read_text("utf-8"))

        wait_until(lambda: "龙城U站" in terminal.out.read_text("utf-8"))

        assert terminal.stop() == 0

    [row] = peer.rows.values()
    assert (row["token"], row["medium"], row["seq"]) == (TOKEN, "nfc", 1)
    assert 0 <= row["age_ms"] < 5000


def test_scans_survive_the_kill_of_the_terminal_and_come_once(field: Field, tmp_path: Path) -> None:
    with Peer() as peer:
        peer.before = lambda scans: error(500, "internal")
        with Terminal(write_station(tmp_path, peer.url, KEY, ("nfc", field.path))) as terminal:
            tap(field, tmp_path, range(12))
            terminal.kill()
            peer.before = lambda scans: None
            terminal.start()
            peer.wait_for(lambda: len(peer.rows) == 12)
            wait_until(lambda: pending(tmp_path) == 0)

    assert [row["token"] for row in peer.rows.values()] == [card(n).uid.hex().upper() for n in range(12)]
    assert len(peer.deliveries) == 12
    assert all("age_ms" in row for row in peer.rows.values()), "the machine was not started again"


def test_an_answer_lost_on_its_way_makes_no_second_scan(field: Field, tmp_path: Path) -> None:
    with Peer() as peer, Terminal(write_station(tmp_path, peer.url, KEY, ("nfc", field.path))):
        lost: list[object] = []

        def lose(answer: dict[str, object]) -> tuple[int, str, bytes] | None:
            if answer["answers"] and len(lost) < 2:
                lost.append(answer)
                return None
            return as_json(answer)

        peer.after = lose
        field.put(card(1))
        wait_until(lambda: len(lost) == 2)
        wait_until(lambda: pending(tmp_path) == 0)

    assert len(peer.rows) == 1
    assert len(peer.deliveries) >= 3


@pytest.mark.parametrize(
    "reply",
    [
        error(500, "internal"),
        (200, HTML, b"<html>Welcome to the hotel network</html>"),
        (200, "application/json", b'{"received_at": "2026-11-15T08:00:00+08:00", "answ'),
    ],
    ids=["500", "captive portal", "half an answer"],
)
def test_nothing_is_lost_while_the_server_misbehaves(field: Field, tmp_path: Path, reply: Reply) -> None:
    with Peer() as peer, Terminal(write_station(tmp_path, peer.url, KEY, ("nfc", field.path))):
        peer.before = lambda scans: reply if scans else None
        tap(field, tmp_path, range(3))
        peer.wait_for(lambda: sum(bool(batch["scans"]) for batch in peer.batches) >= 2)
        assert pending(tmp_path) == 3

        peer.before = lambda scans: None
        wait_until(lambda: pending(tmp_path) == 0)

    assert len(peer.rows) == 3
    assert len(peer.deliveries) == 3


def test_a_second_program_on_the_same_outbox_is_refused(field: Field, tmp_path: Path) -> None:
    with Peer() as peer:
        settings = write_station(tmp_path, peer.url, KEY, ("nfc", field.path))
        with Terminal(settings):
            peer.wait_for(lambda: bool(peer.batches))
            second = Terminal(settings)
            second.start()
            assert second._process.wait(10) == 1  # type: ignore[union-attr]
