"""Serial lines, keyboards and cameras, without the devices."""

import os
import pty
import re
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import qrcode
from PIL import Image

from scanners.readers import Condition, Health, Medium, Reader
from scanners.readers.camera import CameraReader, HeldCodes, PictureFolder, read_codes, source_for
from scanners.readers.failures import Patience, explain
from scanners.readers.keyboard import INPUT_EVENT, InputReader, Keys, StdinReader
from scanners.readers.opening import make_reader
from scanners.readers.serial import Lines, SerialReader
from scanners.readers.usb import find_on_usb
from scanners.settings import BadSettings, ReaderSettings
from tests.scanners.terminals import ROOT
from tests.scanners.test_nfc import wait_until

TOKEN = "VC1-7M3QK2ZP9XA1B4CDEFGHJKMN"
QUICK = Patience(0.01, 0.02)


class Running:
    """A reader in its thread and what it has put."""

    def __init__(self, reader: Reader) -> None:
        self.taken: list[tuple[str, Medium]] = []
        self.stop = threading.Event()
        self.reader = reader
        self.thread = threading.Thread(
            target=reader.run, args=(lambda *read: self.taken.append(read), self.stop)
        )
        self.thread.start()

    def wait(self, *expected: tuple[str, Medium]) -> None:
        wait_until(lambda: len(self.taken) >= len(expected))
        assert self.taken == list(expected)


@pytest.fixture
def start() -> Iterator[Callable[[Reader], Running]]:
    """Starts readers and ends them after the test."""
    all_running: list[Running] = []

    def start(reader: Reader) -> Running:
        all_running.append(Running(reader))
        return all_running[-1]

    yield start
    for running in all_running:
        running.stop.set()
        running.thread.join(5)
        assert not running.thread.is_alive()
        assert running.reader.health().condition is Condition.CLOSED


def test_a_line_may_end_in_cr_lf_or_both_or_in_silence() -> None:
    lines = Lines()

    assert lines.feed(b"\x02DEADBEEF\x03\rCAFE") == ["DEADBEEF"]
    assert lines.feed(b"BABE\r") == ["CAFEBABE"]
    assert lines.feed(b"\n11223344\n\n") == ["11223344"]
    assert lines.feed(b"55667788") == []
    assert lines.feed(b"") == ["55667788"]
    assert lines.feed(b"") == []


def test_a_serial_scanner_reads_codes_and_cards(start: Callable[[Reader], Running]) -> None:
    ours, theirs = pty.openpty()
    running = start(SerialReader(os.ttyname(theirs), 9600, lambda: "decimal10", patience=QUICK))
    wait_until(lambda: running.reader.health().is_ready)

    os.write(ours, TOKEN.encode() + b"\r\n3735928559\r")

    running.wait((TOKEN, Medium.QR), ("DEADBEEF", Medium.KEYBOARD))
    os.close(theirs)
    os.close(ours)
    wait_until(lambda: not running.reader.health().is_ready)


def test_a_serial_scanner_is_waited_for_and_opened_when_it_is_plugged_in(
    start: Callable[[Reader], Running], tmp_path: Path
) -> None:
    running = start(SerialReader(str(tmp_path / "scanner"), 9600, lambda: "hex", patience=QUICK))
    wait_until(lambda: running.reader.health().condition is Condition.ABSENT)
    ours, theirs = pty.openpty()

    (tmp_path / "scanner").symlink_to(os.ttyname(theirs))
    wait_until(lambda: running.reader.health().is_ready)
    os.write(ours, b"DEADBEEF\r")

    running.wait(("DEADBEEF", Medium.KEYBOARD))
    os.close(theirs)
    os.close(ours)


DIGITS = {sign: code for code, sign in enumerate("1234567890", 2)}
LETTERS = {"v": 47, "c": 46}


def key(code: int, value: int = 1) -> bytes:
    """A key going down (1), up (0) or repeating (2), as the kernel writes it."""
    return INPUT_EVENT.pack(0, 0, 1, code, value)


def typed(text: str) -> bytes:
    """A number typed with Enter, each key with its release and the kernel's separators."""
    return (
        b"".join(key(DIGITS[sign]) + key(DIGITS[sign], 0) + INPUT_EVENT.pack(0, 0, 0, 0, 0) for sign in text)
        + key(28)
        + key(28, 0)
    )


def test_the_layout_of_an_input_event_is_the_kernels() -> None:
    assert INPUT_EVENT.size == struct.calcsize("@ll") + 8


def test_keys_become_lines_with_capitals_and_without_repeats() -> None:
    keys = Keys()
    events = [
        (1, 42, 1),
        (1, 47, 1),
        (1, 46, 1),
        (1, 42, 0),
        (1, 2, 1),
        (1, 2, 2),
        (1, 12, 1),
        (1, 51, 1),
        (4, 4, 9),
    ]

    assert [keys.press(*event) for event in events] == [None] * len(events)
    assert keys.press(1, 28, 1) == "VC1-,"
    assert keys.press(1, 96, 1) == ""


def test_an_input_device_is_read_whatever_the_pieces_it_comes_in(
    start: Callable[[Reader], Running], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "event7")
    running = start(InputReader(str(tmp_path / "event7"), lambda: "decimal10", patience=QUICK))
    data = typed("3735928559") + typed("") + typed("0000000001")

    with (tmp_path / "event7").open("wb", buffering=0) as device:
        for start_at in range(0, len(data), 7):
            device.write(data[start_at : start_at + 7])
        running.wait(("DEADBEEF", Medium.KEYBOARD), ("00000001", Medium.KEYBOARD))


def test_an_unplugged_keyboard_is_opened_again(start: Callable[[Reader], Running], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "event7")
    running = start(InputReader(str(tmp_path / "event7"), lambda: "decimal10", patience=QUICK))
    with (tmp_path / "event7").open("wb", buffering=0) as device:
        device.write(typed("0000000001"))
        running.wait(("00000001", Medium.KEYBOARD))
        (tmp_path / "event7").unlink()
    wait_until(lambda: running.reader.health().condition is Condition.ABSENT)

    os.mkfifo(tmp_path / "event7")
    with (tmp_path / "event7").open("wb", buffering=0) as device:
        device.write(typed("0000000002"))
        running.wait(("00000001", Medium.KEYBOARD), ("00000002", Medium.KEYBOARD))


def test_lines_typed_into_the_window_are_read_and_not_echoed(start: Callable[[Reader], Running]) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r") as stream:
        running = start(StdinReader(lambda: "hex", stream))
        wait_until(lambda: running.reader.health().is_ready)
        os.write(ours, b"deadbeef\n")
        running.wait(("DEADBEEF", Medium.KEYBOARD))
        running.stop.set()
        running.thread.join(5)
        os.set_blocking(ours, False)
        with pytest.raises(BlockingIOError):
            os.read(ours, 100)
    os.close(ours)


def test_the_end_of_the_input_does_not_end_the_station(start: Callable[[Reader], Running]) -> None:
    end, begin = os.pipe()
    with os.fdopen(end, "r") as stream:
        running = start(StdinReader(lambda: "hex", stream))
        os.write(begin, b"DEADBEEF\r\n")
        os.close(begin)
        running.wait(("DEADBEEF", Medium.KEYBOARD))
        wait_until(lambda: running.reader.health().condition is Condition.CLOSED)
        assert running.thread.is_alive()
        running.stop.set()
        running.thread.join(5)


def picture(text: str, angle: int = 0) -> Image.Image:
    """A camera's frame of 640 x 480 with a code in it, or without one."""
    frame = Image.new("L", (640, 480), 200)
    if text:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, box_size=6)
        code.add_data(text)
        frame.paste(
            code.make_image().get_image().convert("L").rotate(angle, expand=True, fillcolor=200), (150, 60)
        )
    return frame


@pytest.mark.parametrize("angle", [0, 20, 90, 200])
def test_a_code_is_found_however_it_is_held(angle: int) -> None:
    assert read_codes(picture(TOKEN, angle)) == [TOKEN]


def test_a_dark_code_on_a_phone_is_found() -> None:
    assert read_codes(picture(TOKEN).point(lambda value: 255 - value)) == [TOKEN]


def test_frames_of_a_folder_are_read_like_a_camera(
    start: Callable[[Reader], Running], tmp_path: Path
) -> None:
    picture("").save(tmp_path / "1.png")
    picture(f"https://hours.example/c/{TOKEN}", 15).save(tmp_path / "2.png")
    picture("something else").save(tmp_path / "3.png")

    running = start(CameraReader("camera", source_for(str(tmp_path)), pause=0.001, patience=QUICK))

    running.wait((TOKEN, Medium.QR), ("something else", Medium.QR))


def test_a_camera_without_pictures_is_reported(start: Callable[[Reader], Running], tmp_path: Path) -> None:
    running = start(CameraReader("camera", PictureFolder(tmp_path), patience=QUICK))

    wait_until(lambda: running.reader.health().condition is Condition.ABSENT)


def test_a_held_code_counts_once_until_it_was_away_for_long_enough() -> None:
    now = [0.0]
    held = HeldCodes(lambda: now[0])

    def seen_at(second: float) -> bool:
        now[0] = second
        return held.accepts(TOKEN)

    assert seen_at(0)
    assert not any(seen_at(second / 10) for second in range(1, 100))  # held for ten seconds
    assert not seen_at(11.3)  # away for less than 1.5 s
    assert seen_at(12.9)
    assert not seen_at(14.8)  # away 1.9 s, but 3 s have not passed
    assert not seen_at(16.2)
    assert seen_at(17.8)


def test_two_codes_in_view_are_both_taken_and_do_not_disturb_each_other() -> None:
    held = HeldCodes(lambda: 0.0)

    assert [held.accepts(code) for code in ("a", "b", "a", "b")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("number", "condition"),
    [
        (2, Condition.ABSENT),
        (19, Condition.ABSENT),
        (13, Condition.FORBIDDEN),
        (16, Condition.BUSY),
        (5, Condition.BROKEN),
    ],
)
def test_a_system_error_becomes_a_condition(number: int, condition: Condition) -> None:
    assert explain(OSError(number, "words")).condition is condition


@pytest.mark.parametrize(
    ("kind", "path", "kind_of_reader"),
    [
        ("nfc", "usb", "NfcReader"),
        ("serial", "/dev/ttyACM0", "SerialReader"),
        ("keyboard", "stdin", "StdinReader"),
        ("keyboard", "/dev/input/event3", "InputReader"),
        ("camera", "/tmp", "CameraReader"),
    ],
)
def test_each_kind_of_table_makes_its_reader(kind: str, path: str, kind_of_reader: str) -> None:
    assert type(make_reader(ReaderSettings(kind, path), lambda: "hex")).__name__ == kind_of_reader


def plug_in(folder: Path) -> tuple[Path, Path]:
    """A bus with a hub and an ACR122U as the kernel shows it: (devices, nodes)."""
    for name, numbers in (("usb1", ("1d6b", "0002", "1", "1")), ("1-2", ("072f", "2200", "1", "23"))):
        (folder / "sys" / name).mkdir(parents=True)
        for file, number in zip(("idVendor", "idProduct", "busnum", "devnum"), numbers, strict=True):
            (folder / "sys" / name / file).write_text(number + "\n")
    (folder / "sys" / "1-2:1.0").mkdir()
    (folder / "dev" / "001").mkdir(parents=True)
    return folder / "sys", folder / "dev"


def test_a_plugged_in_reader_that_does_not_open_is_forbidden_or_busy(tmp_path: Path) -> None:
    devices, nodes = plug_in(tmp_path)
    known = {(0x072F, 0x2200)}

    forbidden = find_on_usb(known, devices, nodes)
    (nodes / "001" / "023").touch()
    busy = find_on_usb(known, devices, nodes)

    assert forbidden == Health(Condition.FORBIDDEN, "072f:2200")
    assert busy == Health(Condition.BUSY, "072f:2200")
    assert find_on_usb({(0x054C, 0x06C3)}, devices, nodes) is None


def test_the_udev_rules_name_every_reader_of_the_library() -> None:
    from nfc.clf.device import usb_device_map

    rules = (ROOT / "scanners" / "60-volunteer-nfc.rules").read_text("utf-8")
    named = re.findall(r'idVendor}=="(\w{4})", ATTR{idProduct}=="(\w{4})"', rules)

    assert set(usb_device_map) <= {(int(vendor, 16), int(product, 16)) for vendor, product in named}


def test_a_missing_library_is_named_with_the_file_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cv2", None)

    with pytest.raises(BadSettings, match=r"cv2.*requirements-camera\.txt"):
        make_reader(ReaderSettings("camera", "0"), lambda: "hex")
