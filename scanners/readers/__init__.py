"""What a reader is: a device in a thread of its own that puts what it read and can say how it is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Event
from typing import Protocol


class Medium(StrEnum):
    """How a token came in; the words of the contract with the server."""

    QR = "qr"
    NFC = "nfc"
    KEYBOARD = "keyboard"


class Condition(StrEnum):
    """What a reader is doing at this moment."""

    OPENING = "opening"
    READY = "ready"
    ABSENT = "absent"  # nothing plugged in at that path
    FORBIDDEN = "forbidden"  # there, but this user may not open it
    BUSY = "busy"  # there, but another program holds it
    BROKEN = "broken"  # anything else; the detail says what
    CLOSED = "closed"


@dataclass(frozen=True)
class Health:
    """A reader's condition, with the system's own words where it has some."""

    condition: Condition
    detail: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether a card held to this reader now would be read."""
        return self.condition is Condition.READY


Put = Callable[[str, Medium], None]


class Reader(Protocol):
    """One device. ``run`` returns only after ``stop`` is set; a lost device is opened again, not raised."""

    name: str

    def run(self, put: Put, stop: Event) -> None:
        """Read until ``stop``; call ``put(token, medium)`` once for each card held to the device."""

    def health(self) -> Health:
        """The condition now; safe to call from any thread."""
