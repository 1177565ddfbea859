"""Contactless cards through nfcpy: the one place that knows that library.

A poll every ``pause`` seconds looks for type A, type B and FeliCa cards. A card
is delivered once for as long as it stays, and again after it was away for
``gap`` seconds. No card and no cable can end the loop.
"""

import logging
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import nfc
import nfc.clf
import nfc.clf.device
import nfc.tag

from scanners.readers import Condition, Health, Medium, Put
from scanners.readers.failures import Patience, explain
from scanners.readers.presence import Presence
from scanners.readers.tags import full_ats, has_only_identity, identity, is_peer, is_random, token_of
from scanners.readers.usb import find_on_usb

logging.captureWarnings(False)  # importing nfc.tag turns this on for the whole program
log = logging.getLogger(__name__)

TARGETS = ("106A", "106B", "212F")
RATS = 0xE0  # request for answer to select, ISO 14443-4
TRIES = 3  # reads of one card before its NDEF message is believed to be missing
MOST_ERRORS = 20  # failures in a row after which the device itself is suspected and opened again
SIMULATED_TIMEOUT = (
    0.3  # seconds: a simulated card answers when the processor is free, not within a frame time
)


class Frontend(nfc.ContactlessFrontend):  # type: ignore[misc]
    """nfcpy's front end, which here also understands a short answer to select."""

    def __init__(self, path: str) -> None:
        self._least = SIMULATED_TIMEOUT if path.startswith("udp") else 0.0
        super().__init__(path)

    def exchange(self, send_data: bytes, timeout: float | None) -> Any:
        """One frame out, one frame in; keyword names as nfcpy uses them."""
        answer = super().exchange(send_data, timeout if timeout is None else max(timeout, self._least))
        if answer and send_data and send_data[0] == RATS:
            return bytearray(full_ats(bytes(answer)))
        return answer


class NfcReader:
    """A reader on an nfcpy path: ``usb``, ``usb:054c:06c3``, ``tty:USB0:pn532``, ``udp:127.0.0.1:54321``."""

    def __init__(
        self,
        path: str = "usb",
        *,
        gap: float = 1.5,
        pause: float = 0.05,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = f"nfc {path}"
        self._path = path
        self._pause = pause
        self._patience = patience or Patience()
        self._on_reader = Presence(gap, clock)
        self._delivered = Presence(gap, clock)
        self._health = Health(Condition.OPENING)
        self._errors = 0

    def health(self) -> Health:
        """The condition now."""
        return self._health

    def run(self, put: Put, stop: Event) -> None:
        """Open, poll, and open again after a loss, until ``stop``."""
        while not stop.is_set():
            try:
                with Frontend(self._path) as frontend:
                    self._health = Health(Condition.READY)
                    self._patience.succeed()
                    self._health = self._poll(frontend, put, stop)
            except OSError as error:
                self._health = self._why_not(error)
            except Exception as error:
                log.exception("reader %s failed", self._path)
                self._health = Health(Condition.BROKEN, str(error))
            if not stop.is_set():
                self._patience.wait(stop)
        self._health = Health(Condition.CLOSED)

    def _why_not(self, error: OSError) -> Health:
        """Why the device did not open. For a short path nfcpy says "no such device" whatever the reason."""
        health = explain(error)
        if health.condition is Condition.ABSENT and self._path.startswith("usb"):
            return find_on_usb(set(nfc.clf.device.usb_device_map)) or health
        return health

    def _poll(self, frontend: Any, put: Put, stop: Event) -> Health:
        """Read cards until ``stop`` or until the device is gone; why it ended."""
        options = {
            "targets": TARGETS,
            "iterations": 1,
            # nfcpy's own on-discover drops phones (SAK bit 40h)
            "on-discover": lambda target: self._discover(target, put),
            "on-connect": lambda tag: self._connect(frontend, tag, put),
        }
        self._errors = 0
        while not stop.is_set():
            try:
                # False also means that an IOError was swallowed: unplugged
                if frontend.connect(rdwr=options, terminate=lambda: stop.wait(self._pause)) is False:
                    return Health(Condition.ABSENT)
                self._errors = 0
            except OSError:
                raise
            except Exception as error:
                # malformed cards raise nearly anything out of nfcpy: IndexError, ValueError, RuntimeError …
                log.info("card not understood: %r", error)
                self._errors += 1
                if self._errors > MOST_ERRORS:
                    return Health(Condition.BROKEN, repr(error))
                stop.wait(self._pause)
        return Health(Condition.CLOSED)

    def _discover(self, target: Any, put: Put) -> bool:
        """Decide whether to activate; a card whose UID is all there is is delivered right here."""
        name = identity(target)
        if not name or is_peer(target):
            return False
        sighting = self._on_reader.see(name)
        if sighting.is_delivered:
            return False
        sighting.attempts += 1
        if has_only_identity(target) or sighting.attempts > TRIES:
            sighting.is_delivered = True
            self._deliver(name, put)
            return False
        return True

    def _connect(self, frontend: Any, tag: Any, put: Put) -> bool:
        """Read the token and deliver it or the identity; nothing, if the card left before it was read."""
        target = tag.target
        name = identity(target)
        token, is_present = self._read(frontend, tag)
        if token or is_present:
            self._on_reader.see(name).is_delivered = True
            self._deliver(token or name, put)
        return False  # never wait for the removal here: the presence check blocks and flaps

    def _deliver(self, token: str, put: Put) -> None:
        """Hand over once a stay: a phone that draws a new random UID at each poll is one stay."""
        stay = self._delivered.see("random" if is_random(token) else token)
        if not stay.is_delivered:
            stay.is_delivered = True
            put(token, Medium.NFC)

    def _read(self, frontend: Any, tag: Any) -> tuple[str | None, bool]:
        """The token, and whether the card was still there at the end.

        nfcpy says None for "no NDEF" and for "timeout" alike, hence the repetition.
        A message that was read is never read twice: cards with a counter count each read.
        """
        for _ in range(TRIES):
            octets = read_octets(tag)
            if octets is not None:
                return token_of(octets), True
            again = sense_again(frontend, tag.target)
            if again is None:
                return None, False
            tag = nfc.tag.activate(frontend, again) or tag
        return None, True


def read_octets(tag: Any) -> bytes | None:
    """The NDEF message of an activated tag, or None; a lost device is raised, a confused card is not."""
    try:
        return bytes(tag.ndef.octets) if tag.ndef is not None else None
    except OSError:
        raise
    except Exception as error:
        log.info("NDEF not understood: %r", error)
        return None


def sense_again(frontend: Any, target: Any) -> Any:
    """The same card once more, from the start, or None when it has left.

    A card with a random identity draws a new one here, so any random one counts as the same.
    """
    before = identity(target)
    request = nfc.clf.RemoteTarget(target.brty)
    if target.brty.endswith("A") and target.sdd_res and not is_random(before):
        request.sel_req = target.sdd_res
    found = frontend.sense(request, iterations=1)
    if found is None:
        return None
    after = identity(found)
    return found if after == before or (is_random(after) and is_random(before)) else None
