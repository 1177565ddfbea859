"""The loop: what the screen says and when."""

import io
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanners.clocks import Clocks
from scanners.display import Display
from scanners.outbox import Answer, Outbox
from scanners.readers import Condition, Health, Medium, Put
from scanners.screens import Screen, Tone
from scanners.sender import Contact, Sender
from scanners.server import Reason, Server, StationInfo, parse_answer
from scanners.sounds import Sounds
from scanners.station import Station
from tests.scanners.peer import KEY, Peer

NOW = datetime(2026, 11, 15, 0, 3, 10, tzinfo=UTC)


class Glass(Display):
    """A screen that remembers what it showed."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())
        self.screens: list[Screen] = []

    def show(self, screen: Screen) -> None:
        self.screens.append(screen)

    @property
    def now(self) -> Screen:
        return self.screens[-1]


class Ears(Sounds):
    """Sounds that only remember."""

    def __init__(self) -> None:
        self.heard: list[Tone] = []

    def play(self, tone: Tone) -> None:
        self.heard.append(tone)


class Scripted:
    """A reader without a device."""

    name = "scripted"

    def __init__(self) -> None:
        self.condition = Health(Condition.READY)
        self.runs = 0
        self.again = threading.Event()

    def run(self, put: Put, stop: threading.Event) -> None:
        self.runs += 1
        if self.runs == 1:
            raise RuntimeError("a fault of the reader's own")
        self.again.set()
        put("04A2B3C4D5E680", Medium.NFC)
        stop.wait()

    def health(self) -> Health:
        return self.condition


class Room:
    """A station with a hand on its clock."""

    def __init__(self, folder: Path) -> None:
        self.ticks = 100.0
        self.outbox = Outbox(folder / "outbox.db")
        self.glass, self.ears, self.reader = Glass(), Ears(), Scripted()
        self.clocks = Clocks(lambda: NOW, lambda: self.ticks, "boot")
        self.station = Station(self.outbox, self.clocks, self.glass, self.ears, [self.reader])

    def tap(self, identity: str = "04A2B3C4D5E680") -> str:
        """Hold a card; the id of its scan."""
        self.station.take(identity, Medium.NFC)
        self.station.turn(0)
        return self.outbox.list_pending(1000)[-1].id

    def contact(self, contact: Contact) -> Screen:
        self.station.report(contact)
        self.station.turn(0)
        return self.glass.now

    def after(self, seconds: float) -> Screen:
        self.ticks += seconds
        self.station.turn(0)
        return self.glass.now


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path)
    yield room
    room.outbox.close()


def accepted(scan_id: str, outcome: str = "checked_in", message: str = "张*，签到成功") -> Contact:
    return Contact((Answer(scan_id, "accepted", outcome, message),))


def test_the_answer_is_shown_for_three_seconds(room: Room) -> None:
    room.contact(Contact())
    scan_id = room.tap()

    shown = room.contact(accepted(scan_id))

    assert (shown.result.tone, shown.result.message) == (Tone.OK, "张*，签到成功")
    assert room.after(2.9).result.tone is Tone.OK
    assert room.after(0.2).result.tone is Tone.IDLE
    assert room.ears.heard == [Tone.OK]


def test_without_a_connection_received_is_said_at_once(room: Room) -> None:
    room.contact(Contact(trouble=Reason.OFFLINE))

    room.tap()

    assert room.glass.now.result.message == "已收到，联网后自动上传"
    assert room.glass.now.pending == 1
    assert not room.glass.now.is_connected


def test_a_slow_server_is_not_waited_for_and_its_answer_replaces_received(room: Room) -> None:
    room.contact(Contact())
    scan_id = room.tap()
    assert room.glass.now.result.tone is Tone.IDLE

    assert room.after(1.0).result.message == "已收到"
    assert room.contact(accepted(scan_id)).result.message == "张*，签到成功"


def test_every_card_in_a_row_without_connection_is_confirmed(room: Room) -> None:
    for number in range(3):
        room.ticks += 0.5
        room.tap(f"1000000{number}")

    assert room.ears.heard == [Tone.TAKEN] * 3


def test_a_card_that_was_overtaken_by_another_answer_is_confirmed_too(room: Room) -> None:
    room.contact(Contact())
    first = room.tap("10000001")
    room.tap("10000002")
    room.contact(accepted(first))

    assert room.after(1.0).result.message == "已收到"


def test_the_answers_to_a_backlog_are_not_shown_to_whoever_stands_there(room: Room) -> None:
    scan_id = room.tap()
    room.after(11)

    shown = room.contact(accepted(scan_id))

    assert shown.result.tone is Tone.IDLE
    assert shown.is_connected


@pytest.mark.parametrize(
    ("status", "outcome", "tone"),
    [
        ("accepted", "checked_in", Tone.OK),
        ("accepted", "checked_out", Tone.OK),
        ("accepted", "card_enrolled", Tone.OK),
        ("accepted", "double_tap", Tone.REPEAT),
        ("accepted", "already_checked_in", Tone.REPEAT),
        ("duplicate", "checked_in", Tone.OK),
        ("refused", "card_unknown", Tone.ERROR),
        ("quarantined", "malformed", Tone.ERROR),
    ],
)
def test_each_answer_has_its_tone_and_never_an_empty_sentence(
    room: Room, status: str, outcome: str, tone: Tone
) -> None:
    shown = room.contact(Contact((Answer(room.tap(), status, outcome, ""),)))

    assert shown.result.tone is tone
    assert shown.result.message


@pytest.mark.parametrize(
    ("remark", "tone"), [("uninsured", Tone.WARNED), ("training", Tone.OK), (None, Tone.OK)]
)
def test_a_risk_without_insurance_is_shown_as_a_warning(room: Room, remark: str | None, tone: Tone) -> None:
    message = "张*，签到成功。本活动有风险，没有登记保险，请找负责人"
    raw = {"id": room.tap(), "status": "accepted", "outcome": "checked_in", "message": message}
    answer = parse_answer({**raw, "remark": remark})
    assert answer is not None

    shown = room.contact(Contact((answer,)))

    assert (shown.result.tone, shown.result.message) == (tone, message)


def test_a_scan_that_could_not_be_kept_is_not_shown_as_taken(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(scan: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(room.outbox, "keep", full)
    room.station.take("04A2B3C4D5E680", Medium.NFC)
    room.station.turn(0)

    assert room.glass.now.result.tone is Tone.ERROR
    assert room.glass.now.result.message == "没有记录成功，请告知工作人员"


def test_the_screen_names_a_revoked_key_and_a_missing_reader(room: Room) -> None:
    room.reader.condition = Health(Condition.ABSENT)

    shown = room.contact(Contact(trouble=Reason.KEY_REFUSED))

    assert "密钥已失效" in shown.connection
    assert shown.warnings == ("scripted：没有找到设备，请检查连线",)


def test_the_clock_on_the_screen_is_the_servers_and_in_the_stations_zone(room: Room) -> None:
    info = StationInfo("U1", "龙城U站", "both", "decimal10", NOW + timedelta(hours=3), "Asia/Shanghai")

    shown = room.contact(Contact(server_time=info.server_time, info=info))

    assert f"{shown.now:%H:%M:%S}" == "11:03:10"
    assert shown.station == "龙城U站"


def test_the_station_is_known_by_name_before_the_server_is_reached(room: Room) -> None:
    info = StationInfo("U1", "龙城U站", "both", "decimal10", NOW, "Asia/Shanghai")
    room.contact(Contact(info=info, server_time=NOW))

    later = Station(room.outbox, room.clocks, room.glass, room.ears, [])
    later.turn(0)

    assert room.glass.now.station == "龙城U站"
    assert room.outbox.recall("reader_profile") == "decimal10"


def test_a_reader_that_fails_is_started_again_and_its_card_reaches_the_server(room: Room) -> None:
    stop = threading.Event()
    with Peer() as peer:
        server = Server(peer.url, KEY)
        sender = Sender(room.outbox, server, Clocks(), room.station.report)
        loop = threading.Thread(target=room.station.run, args=(sender, stop))
        loop.start()
        assert room.reader.again.wait(5)
        peer.wait_for(lambda: len(peer.rows) == 1)
        stop.set()
        loop.join(10)
        server.close()

    assert not loop.is_alive()
    assert room.outbox.count_pending() == 0
