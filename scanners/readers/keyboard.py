"""Readers that type: lines on the standard input, or keys of an input device that is taken for ourselves."""

import contextlib
import errno
import fcntl
import os
import select
import struct
import sys
import termios
from collections.abc import Callable, Iterator
from threading import Event
from typing import TextIO

from scanners.readers import Condition, Health, Medium, Put
from scanners.readers.failures import Patience, explain
from scanners.readers.profiles import normalise

LOOK = 0.2  # seconds between two looks at ``stop``
INPUT_EVENT = struct.Struct("@llHHi")  # struct input_event of linux/input.h: time, type, code, value
EV_KEY, PRESSED = 1, 1
EVIOCGRAB = 0x40044590  # _IOW('E', 0x90, int): no other program sees the keys
LEFT_SHIFT, RIGHT_SHIFT = 42, 54
ENTERS = frozenset({28, 96, 15})  # Enter, keypad Enter, Tab
# key codes of linux/input-event-codes.h
PLAIN = {
    **dict(zip(range(2, 12), "1234567890", strict=True)),
    **dict(zip(range(16, 26), "qwertyuiop", strict=True)),
    **dict(zip(range(30, 39), "asdfghjkl", strict=True)),
    **dict(zip(range(44, 51), "zxcvbnm", strict=True)),
    **dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)),
    12: "-",
    13: "=",
    39: ";",
    51: ",",
    52: ".",
    53: "/",
    57: " ",
    74: "-",
    83: ".",
}
SHIFTED = {12: "_", 13: "+", 39: ":", 51: "<", 52: ">", 53: "?", 3: "@", 4: "#", 6: "%", 8: "&"}
LONGEST_LINE = 512


class Keys:
    """Turns key events into lines. Reads key codes, not characters, so that no input method can interfere."""

    def __init__(self) -> None:
        self._typed = ""
        self._shifts: set[int] = set()

    def press(self, kind: int, code: int, value: int) -> str | None:
        """One event; the line, when this was its Enter."""
        if kind != EV_KEY:
            return None
        if code in (LEFT_SHIFT, RIGHT_SHIFT):
            (self._shifts.add if value else self._shifts.discard)(code)
            return None
        if value != PRESSED:
            return None
        if code in ENTERS:
            line, self._typed = self._typed, ""
            return line
        sign = PLAIN.get(code, "")
        if self._shifts:
            sign = SHIFTED.get(code, sign.upper())
        self._typed = (self._typed + sign)[-LONGEST_LINE:]
        return None


class InputReader:
    """A keyboard-like reader at ``/dev/input/…``, held exclusively while this program runs."""

    def __init__(self, path: str, profile: Callable[[], str], *, patience: Patience | None = None) -> None:
        self.name = f"keyboard {path}"
        self._path, self._profile = path, profile
        self._patience = patience or Patience()
        self._health = Health(Condition.OPENING)

    def health(self) -> Health:
        """The condition now."""
        return self._health

    def run(self, put: Put, stop: Event) -> None:
        """Read keys until ``stop``; open the device again after it was unplugged."""
        while not stop.is_set():
            try:
                handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
                try:
                    grab(handle)
                    self._health = Health(Condition.READY)
                    self._patience.succeed()
                    self._read(handle, put, stop)
                finally:
                    os.close(handle)
            except OSError as error:
                self._health = explain(error)
            if not stop.is_set():
                self._patience.wait(stop)
        self._health = Health(Condition.CLOSED)

    def _read(self, handle: int, put: Put, stop: Event) -> None:
        keys, rest = Keys(), b""
        while not stop.is_set():
            if not select.select([handle], [], [], LOOK)[0]:
                continue
            data = os.read(handle, INPUT_EVENT.size * 64)
            if not data:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            rest += data
            whole = len(rest) - len(rest) % INPUT_EVENT.size
            for _seconds, _micros, kind, code, value in INPUT_EVENT.iter_unpack(rest[:whole]):
                line = keys.press(kind, code, value)
                token = normalise(line, self._profile()) if line else ""
                if token:
                    put(token, Medium.KEYBOARD)
            rest = rest[whole:]


def grab(handle: int) -> None:
    """Take the device for this program alone; anything but an input device has nothing to take."""
    try:
        fcntl.ioctl(handle, EVIOCGRAB, 1)
    except OSError as error:
        if error.errno not in (errno.ENOTTY, errno.EINVAL):
            raise


class StdinReader:
    """Lines typed into the terminal window itself."""

    name = "keyboard stdin"

    def __init__(self, profile: Callable[[], str], stream: TextIO | None = None) -> None:
        self._profile = profile
        self._stream = stream
        self._health = Health(Condition.OPENING)

    def health(self) -> Health:
        """The condition now; ``closed`` once the input has ended."""
        return self._health

    def run(self, put: Put, stop: Event) -> None:
        """Read lines until ``stop``; after the end of the input only wait."""
        handle = (self._stream or sys.stdin).fileno()
        rest = b""
        with no_echo(handle):
            self._health = Health(Condition.READY)
            while not stop.is_set():
                if not select.select([handle], [], [], LOOK)[0]:
                    continue
                data = os.read(handle, 4096)
                if not data:
                    break
                *lines, rest = (rest + data).replace(b"\r", b"\n").split(b"\n")
                for line in lines:
                    token = normalise(line.decode("utf-8", "replace"), self._profile())
                    if token:
                        put(token, Medium.KEYBOARD)
        self._health = Health(Condition.CLOSED)
        stop.wait()


@contextlib.contextmanager
def no_echo(handle: int) -> Iterator[None]:
    """Keep typed card numbers off the screen, if this is a terminal."""
    if not os.isatty(handle):
        yield
        return
    before = termios.tcgetattr(handle)
    silent = termios.tcgetattr(handle)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(handle, termios.TCSANOW, silent)
    try:
        yield
    finally:
        termios.tcsetattr(handle, termios.TCSANOW, before)
