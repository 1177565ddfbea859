"""Scanners on a serial line, USB-CDC included: one line of text for each card or code."""

import re
from collections.abc import Callable
from threading import Event
from typing import Any

import serial

from scanners.readers import Condition, Health, Medium, Put
from scanners.readers.failures import Patience, explain
from scanners.readers.profiles import find_token, normalise

QUIET = 0.3  # seconds of silence that end a line without an end-of-line sign
LONGEST_LINE = 1024  # bytes; more without an end is noise


class Lines:
    """Cuts a stream of bytes at CR, LF or both; empty lines vanish."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that are complete now. No data means silence, which ends a line as well."""
        *lines, self._rest = re.split(rb"[\r\n]+", self._rest + data)
        if not data or len(self._rest) > LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        # control characters are start and end signs of some scanners
        texts = [re.sub(r"[^\x20-\x7e]", "", line.decode("latin-1")).strip() for line in lines]
        return [text for text in texts if text]


class SerialReader:
    """A scanner at ``path``; opened again after it was unplugged."""

    def __init__(
        self, path: str, baud: int, profile: Callable[[], str], *, patience: Patience | None = None
    ) -> None:
        self.name = f"serial {path}"
        self._path, self._baud, self._profile = path, baud, profile
        self._patience = patience or Patience()
        self._health = Health(Condition.OPENING)

    def health(self) -> Health:
        """The condition now."""
        return self._health

    def run(self, put: Put, stop: Event) -> None:
        """Read lines until ``stop``."""
        while not stop.is_set():
            try:
                with serial.Serial(self._path, self._baud, timeout=QUIET, exclusive=True) as port:
                    self._health = Health(Condition.READY)
                    self._patience.succeed()
                    self._read(port, put, stop)
            except OSError as error:  # SerialException is one
                self._health = explain(error)
            if not stop.is_set():
                self._patience.wait(stop)
        self._health = Health(Condition.CLOSED)

    def _read(self, port: Any, put: Put, stop: Event) -> None:
        lines = Lines()
        while not stop.is_set():
            for line in lines.feed(port.read(max(1, port.in_waiting))):
                token = normalise(line, self._profile())
                put(token, Medium.QR if find_token(token) else Medium.KEYBOARD)
