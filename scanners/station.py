"""The loop of a station: read, keep, send, show."""

import logging
import queue
import sqlite3
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scanners.clocks import Clocks
from scanners.display import Display
from scanners.outbox import Outbox, Scan
from scanners.readers import Medium, Reader
from scanners.screens import (
    Result,
    Screen,
    Tone,
    connection_words,
    idle,
    not_kept,
    reader_words,
    result_of,
    taken,
)
from scanners.sender import Contact, Sender
from scanners.server import Reason
from scanners.sounds import Sounds
from scanners.words import _

log = logging.getLogger(__name__)

SHOWN = 3.0  # seconds that a result stands
GRACE = 0.8  # seconds given to the server before "received" is shown in place of its answer
LATE = 10.0  # seconds after which an answer is no longer shown: the person has gone
TICK = 0.2  # seconds between two looks at the clock


@dataclass(frozen=True)
class Taken:
    """A scan is on disk."""

    id: str
    when: float


@dataclass(frozen=True)
class Lost:
    """A scan could not be written."""


class Station:
    """Ties readers, outbox, sender and screen together. Readers keep and wake; only this thread draws."""

    def __init__(
        self,
        outbox: Outbox,
        clocks: Clocks,
        display: Display,
        sounds: Sounds,
        readers: Sequence[Reader],
        warnings: tuple[str, ...] = (),
    ) -> None:
        self._outbox, self._clocks, self._display, self._sounds = outbox, clocks, display, sounds
        self._readers = readers
        self._warnings = warnings
        self._events: queue.SimpleQueue[Taken | Lost | Contact] = queue.SimpleQueue()
        self._sender: Sender | None = None
        self._waiting: dict[str, float] = {}  # scan id -> when it was taken; not answered yet
        self._confirmed: set[str] = set()  # those of them for which "received" was shown
        self._result, self._result_since = idle(), float("-inf")
        self._trouble: Reason | None = Reason.OFFLINE
        self._offset = timedelta()
        self._zone = zone_named(outbox.recall("timezone"))
        self._name = outbox.recall("station_name") or _("服务站")

    def report(self, contact: Contact) -> None:
        """An exchange with the server has ended; called by the sender."""
        self._events.put(contact)

    def take(self, token: str, medium: Medium) -> None:
        """Keep what a reader has read; called by the readers, returns when it is on disk."""
        now, monotonic = self._clocks.now(), self._clocks.monotonic()
        scan = Scan(str(uuid.uuid4()), token, medium, now, self._clocks.boot, int(monotonic * 1000))
        try:
            self._outbox.keep(scan)
        except sqlite3.Error:
            log.exception("a scan could not be kept")
            self._events.put(Lost())
            return
        self._events.put(Taken(scan.id, monotonic))
        if self._sender:
            self._sender.wake()

    def run(self, sender: Sender, stop: threading.Event) -> None:
        """Run until ``stop``; then every thread has ended."""
        self._sender = sender
        threads = [
            threading.Thread(target=self._supervise, args=(reader, stop), name=reader.name)
            for reader in self._readers
        ]
        threads.append(threading.Thread(target=sender.run, args=(stop,), name="sender"))
        for thread in threads:
            thread.daemon = True
            thread.start()
        self._display.open()
        try:
            while not stop.is_set():
                self.turn(TICK)
        finally:
            stop.set()
            sender.wake()
            for thread in threads:
                thread.join(timeout=10)
            self._display.close()

    def turn(self, wait: float) -> None:
        """Handle one event, or none within ``wait`` seconds, and draw."""
        try:
            event = self._events.get(timeout=wait)
        except queue.Empty:
            event = None
        if isinstance(event, Contact):
            self._contacted(event)
        elif isinstance(event, Taken):
            self._waiting[event.id] = event.when
        elif isinstance(event, Lost):
            self._set(not_kept())
        self._watch()
        self._display.show(self._screen())

    def _supervise(self, reader: Reader, stop: threading.Event) -> None:
        """Run a reader; one that ends by a fault of its own is started again."""
        while not stop.is_set():
            try:
                reader.run(self.take, stop)
            except Exception:
                log.exception("reader %s ended", reader.name)
            stop.wait(1.0)

    def _contacted(self, contact: Contact) -> None:
        self._trouble = contact.trouble
        if contact.server_time:
            self._offset = contact.server_time - self._clocks.now()
        if contact.info:
            self._name = contact.info.name
            self._zone = zone_named(contact.info.timezone)
            for note, value in (
                ("station_name", contact.info.name),
                ("timezone", contact.info.timezone),
                ("reader_profile", contact.info.reader_profile),
            ):
                if self._outbox.recall(note) != value:
                    self._outbox.remember(note, value)
        # of a backlog only those are shown whose people still stand here
        shown = [answer for answer in contact.answers if self._waiting.pop(answer.id, None) is not None]
        if shown:
            self._set(result_of(shown[-1]))

    def _watch(self) -> None:
        """Say "received" where no answer came, forget those whose people have left, let results fade."""
        now = self._clocks.monotonic()
        is_connected = self._trouble is None
        for scan_id, when in list(self._waiting.items()):
            if now - when > LATE:
                del self._waiting[scan_id]
            elif scan_id not in self._confirmed and (not is_connected or now - when > GRACE):
                self._confirmed.add(scan_id)
                self._set(taken(is_connected))
        self._confirmed &= self._waiting.keys()
        if self._result.tone is not Tone.IDLE and now - self._result_since > SHOWN:
            self._result = idle()

    def _set(self, result: Result) -> None:
        self._result, self._result_since = result, self._clocks.monotonic()
        self._sounds.play(result.tone)

    def _screen(self) -> Screen:
        notices = (reader_words(reader.name, reader.health()) for reader in self._readers)
        now = self._clocks.now() + self._offset
        return Screen(
            self._name,
            now.astimezone(self._zone),
            connection_words(self._trouble),
            self._trouble is None,
            self._outbox.count_pending(),
            self._result,
            (*self._warnings, *(notice for notice in notices if notice)),
        )


def zone_named(name: str | None) -> ZoneInfo | None:
    """The station's time zone, or None (the machine's own) when it is not known here."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
