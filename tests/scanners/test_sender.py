"""The sender and the line: what is sent, what is believed, and how often it is tried."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest

from scanners.clocks import Clocks, boot_name
from scanners.outbox import Outbox, Scan
from scanners.sender import LONGEST_PAUSE, Contact, Sender
from scanners.server import Reason, Server, ServerTrouble
from tests.scanners.peer import HTML, KEY, Peer, Reply, as_json, error

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 15, 8, 3, 10, 120000, tzinfo=BEIJING)


class Line:
    """An outbox, a sender and a peer, driven one step at a time."""

    def __init__(self, folder: Path, peer: Peer, url: str = "", key: str = KEY) -> None:
        self.peer = peer
        self.contacts: list[Contact] = []
        self.ticks = 1000.0
        self.clocks = Clocks(lambda: NOW, lambda: self.ticks, "boot-now")
        self.outbox = Outbox(folder / "outbox.db")
        self.server = Server(url or peer.url, key, timeout=2)
        self.sender = Sender(self.outbox, self.server, self.clocks, self.contacts.append)

    def keep(self, count: int, boot: str = "boot-now") -> list[Scan]:
        """Put scans into the outbox."""
        scans = [Scan(str(uuid4()), f"10{n:06X}", "nfc", NOW, boot, 999_000) for n in range(count)]
        for scan in scans:
            self.outbox.keep(scan)
        return scans

    def steps(self, most: int = 100) -> int:
        """Step until the outbox is empty; how many steps it took."""
        for number in range(most):
            if not self.outbox.count_pending():
                return number
            self.sender.step()
        raise AssertionError(f"{self.outbox.count_pending()} left after {most} steps")

    def sizes(self) -> list[int]:
        """Sizes of the batches the peer has seen, heartbeats left out."""
        return [len(batch["scans"]) for batch in self.peer.batches if batch["scans"]]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with Peer() as peer:
        line = Line(tmp_path, peer)
        yield line
        line.server.close()
        line.outbox.close()


def test_a_scan_is_sent_in_the_words_of_the_contract(line: Line) -> None:
    [scan] = line.keep(1)
    line.sender.step()

    assert line.peer.batches == [
        {
            "sent_at": "2026-11-15T08:03:10.120+08:00",
            "terminal": {"pending": 1, "version": "1.0.0"},
            "scans": [
                {
                    "id": scan.id,
                    "seq": 1,
                    "token": "10000000",
                    "medium": "nfc",
                    "boot": "boot-now",
                    "at": "2026-11-15T08:03:10.120+08:00",
                    "age_ms": 1000,
                }
            ],
        }
    ]
    assert line.peer.headers[0]["Accept-Language"] == "zh"


def test_the_age_is_left_out_for_a_scan_of_an_earlier_start(line: Line) -> None:
    line.keep(1, boot="boot-before")
    line.sender.step()

    assert "age_ms" not in line.peer.batches[0]["scans"][0]


def test_the_name_of_this_start_of_the_machine_stays_while_it_runs() -> None:
    assert boot_name() == boot_name()
    assert Clocks().monotonic() <= Clocks().monotonic()


def test_exchanges_share_one_connection(line: Line) -> None:
    for _ in range(3):
        line.keep(1)
        line.sender.step()
    connection = line.server._connection

    assert connection is not None
    assert line.contacts[-1].trouble is None
    line.keep(1)
    line.sender.step()
    assert line.server._connection is connection


def test_an_idle_connection_that_the_server_closed_is_opened_again_at_once(line: Line) -> None:
    line.keep(1)
    line.sender.step()
    assert line.server._connection is not None
    line.server._connection.sock.shutdown(socket.SHUT_RDWR)
    line.keep(1)

    line.sender.step()

    assert line.outbox.count_pending() == 0


@pytest.mark.parametrize(
    ("misbehave", "reason"),
    [
        (lambda scans: error(500, "internal"), Reason.FAILED),
        (lambda scans: (502, HTML, b"<html>Bad gateway</html>"), Reason.FAILED),
        (lambda scans: error(503, "starting"), Reason.BUSY),
        (lambda scans: error(429, "too_many"), Reason.BUSY),
        (lambda scans: error(401, "key_revoked"), Reason.KEY_REFUSED),
        (lambda scans: (401, HTML, b"<html>log in to the hotel</html>"), Reason.UNREADABLE),
        (lambda scans: error(413, "too_large"), Reason.TOO_LARGE),
        (lambda scans: error(400, "malformed"), Reason.REFUSED),
        (lambda scans: (302, HTML, b""), Reason.UNREADABLE),
        (lambda scans: (200, HTML, b"<html>Welcome</html>"), Reason.UNREADABLE),
        (lambda scans: (200, HTML, b'{"answers": []}'), Reason.UNREADABLE),
        (lambda scans: (200, "application/json", b'{"answers": [{"id'), Reason.UNREADABLE),
        (
            lambda scans: as_json([{"id": scan["id"], "status": "accepted"} for scan in scans]),
            Reason.UNREADABLE,
        ),
        (lambda scans: as_json({"answers": {scan["id"]: "accepted" for scan in scans}}), Reason.UNREADABLE),
        (lambda scans: as_json({"answers": [{"id": "another", "status": "accepted"}]}), Reason.UNREADABLE),
        (
            lambda scans: as_json({"answers": [{"id": scan["id"], "status": "perhaps"} for scan in scans]}),
            Reason.UNREADABLE,
        ),
        (lambda scans: as_json({"answers": [scan["id"] for scan in scans]}), Reason.UNREADABLE),
    ],
)
def test_only_an_answer_that_names_its_id_removes_a_scan(
    line: Line, reason: Reason, misbehave: Callable[[list[dict[str, str]]], Reply]
) -> None:
    line.peer.before = misbehave
    line.keep(3)

    pause = line.sender.step()

    assert line.outbox.count_pending() == 3
    assert line.contacts[-1].trouble is reason
    assert 0 < pause <= LONGEST_PAUSE
    line.peer.before = lambda scans: None
    line.steps()
    assert len(line.peer.deliveries) == len(line.peer.rows) == 3


def test_an_unreachable_server_is_offline(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}", KEY, timeout=1)

    with pytest.raises(ServerTrouble) as trouble:
        server.station()

    assert trouble.value.reason is Reason.OFFLINE


def test_a_server_that_drips_its_answer_does_not_hold_the_sender(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        connection, _address = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
            )
            while not done.wait(0.05):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}", KEY, timeout=0.5)
    begun = time.monotonic()

    with pytest.raises(ServerTrouble) as trouble:
        server.station()

    assert trouble.value.reason is Reason.OFFLINE
    assert time.monotonic() - begun < 5
    done.set()
    thread.join(5)
    listener.close()


def test_a_batch_too_large_is_halved_until_it_fits_and_grows_again(line: Line) -> None:
    line.peer.before = lambda scans: error(413, "too_large") if len(scans) > 60 else None
    line.keep(450)

    line.steps()

    assert line.sizes()[:4] == [200, 100, 50, 100]
    assert len(line.peer.rows) == 450
    assert len(line.peer.deliveries) == 450


def test_one_bad_scan_does_not_hold_back_the_others(line: Line) -> None:
    scans = line.keep(9)
    bad = scans[0].id
    line.peer.before = lambda scans: error(500, "bug") if any(scan["id"] == bad for scan in scans) else None

    for _ in range(40):
        line.sender.step()

    assert [scan.id for scan in line.outbox.list_pending(10)] == [bad]
    assert len(line.peer.rows) == 8


def test_scans_passed_over_in_an_answer_are_sent_again(line: Line) -> None:
    line.peer.after = lambda answer: as_json({**answer, "answers": answer["answers"][::2]})
    line.keep(10)

    line.steps()

    assert len(line.peer.rows) == 10


def test_a_lost_answer_makes_a_duplicate_and_no_second_row(line: Line) -> None:
    line.peer.after = lambda answer: None
    line.keep(2)
    line.sender.step()
    assert line.contacts[-1].trouble is Reason.OFFLINE
    assert line.outbox.count_pending() == 2

    line.peer.after = as_json
    line.sender.step()

    assert line.outbox.count_pending() == 0
    assert len(line.peer.rows) == 2
    assert [answer.status for answer in line.contacts[-2].answers] == ["duplicate", "duplicate"]


def test_pauses_double_up_to_a_limit_and_start_anew_after_a_success(line: Line) -> None:
    line.peer.before = lambda scans: error(500, "internal")
    line.keep(1)
    pauses = [line.sender.step() for _ in range(9)]

    assert 0.25 <= pauses[0] <= 0.5
    assert all(
        0.5 * bound <= pause <= bound
        for pause, bound in zip(pauses, [0.5, 1, 2, 4, 8, 15, 15, 15, 15], strict=True)
    )
    line.peer.before = lambda scans: None
    line.sender.step()
    line.peer.before = lambda scans: error(500, "internal")
    line.keep(1)
    assert line.sender.step() <= 0.5


def test_an_empty_batch_is_a_sign_of_life_every_half_minute(line: Line) -> None:
    line.sender.step()
    assert line.sender.step() == 30.0
    line.ticks += 30

    line.sender.step()

    assert [batch["scans"] for batch in line.peer.batches] == [[], []]


def test_the_station_is_asked_for_after_the_first_contact(line: Line) -> None:
    line.sender.step()

    info = line.contacts[-1].info
    assert info is not None
    assert (info.name, info.reader_profile, info.timezone) == ("龙城U站", "decimal10", "Asia/Shanghai")


def test_a_path_in_the_address_of_the_server_is_kept(tmp_path: Path) -> None:
    with Peer() as peer:
        server = Server(peer.url + "/sub", KEY)
        with pytest.raises(ServerTrouble):
            server.send([], 0, replace(Clocks(), now=lambda: datetime.now(UTC)))
        server.close()

        assert peer.paths[-1] == "/sub/api/v1/scans"
