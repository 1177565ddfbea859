"""Empties the outbox towards the server: small steps, each of them safe to lose."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scanners.clocks import Clocks
from scanners.outbox import Answer, Outbox
from scanners.server import Reason, Receipt, Server, ServerTrouble, StationInfo

log = logging.getLogger(__name__)

LARGEST_BATCH = 200
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between tries, doubled each time
INFO_AGE = 300.0  # seconds after which the station's name and profile are asked for again
HEARTBEAT = 30.0  # seconds without a scan after which an empty batch is sent
MAY_BE_THE_BATCH = frozenset({Reason.TOO_LARGE, Reason.REFUSED, Reason.FAILED, Reason.UNREADABLE})


@dataclass(frozen=True)
class Contact:
    """How the last exchange went: its answers, or the reason why there are none."""

    answers: tuple[Answer, ...] = ()
    trouble: Reason | None = None
    detail: str = ""
    server_time: datetime | None = None
    info: StationInfo | None = None


class Sender:
    """Sends what the outbox holds, oldest first, and tells ``report`` about every exchange.

    When a batch fails in a way that may be its own fault it is halved; a single
    scan that fails steps aside until all others had their turn, so that one bad
    scan cannot hold the rest of the day back.
    """

    def __init__(
        self,
        outbox: Outbox,
        server: Server,
        clocks: Clocks,
        report: Callable[[Contact], None],
        *,
        first_pause: float = FIRST_PAUSE,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        self._outbox, self._server, self._clocks, self._report = outbox, server, clocks, report
        self._first, self._longest = first_pause, longest_pause
        self._failures = 0
        self._limit = LARGEST_BATCH
        self._after = 0
        self._wake = threading.Event()
        self._last_contact = self._last_info = float("-inf")

    def wake(self) -> None:
        """A scan has been kept: send it now, unless a pause after a failure is running."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Send until ``stop``; an unexpected error is logged and tried again like any failure."""
        while not stop.is_set():
            try:
                pause = self.step()
            except Exception:
                log.exception("sending failed")
                pause = self._pause(0.0)
            self._sleep(pause, stop)

    def step(self) -> float:
        """One exchange at most. Returns the seconds until the next is due; only ``wake`` may shorten that."""
        self._wake.clear()
        batch = self._outbox.list_pending(self._limit, self._after)
        if not batch and self._after:
            self._after = 0
            batch = self._outbox.list_pending(self._limit)
        due = self._last_contact + HEARTBEAT - self._clocks.monotonic()
        if not batch and due > 0:
            return due
        try:
            receipt = self._server.send(batch, self._outbox.count_pending(), self._clocks)
        except ServerTrouble as trouble:
            return self._fail(trouble, batch[-1].seq if batch else 0)
        if batch and not receipt.answers:
            return self._fail(ServerTrouble(Reason.UNREADABLE, "no scan was answered"), batch[-1].seq)
        self._outbox.settle(receipt.answers, batch)
        self._succeed(receipt, batch[-1].seq if batch else 0, len(batch))
        return 0.0

    def _succeed(self, receipt: Receipt, last: int, count: int) -> None:
        self._failures = 0
        self._last_contact = self._clocks.monotonic()
        self._limit = min(self._limit * 2, LARGEST_BATCH)
        if len(receipt.answers) < count:
            self._after = last  # what was passed over gets its next turn after the others
        self._report(Contact(tuple(receipt.answers), server_time=receipt.received_at))
        if self._last_contact - self._last_info > INFO_AGE:
            self._ask_info()

    def _ask_info(self) -> None:
        """Ask for name, direction and reader profile; its failure costs nothing."""
        self._last_info = self._last_contact
        try:
            info = self._server.station()
        except ServerTrouble as trouble:
            log.info("station info: %s %s", trouble.reason, trouble.detail)
            self._last_info = float("-inf")
        else:
            self._report(Contact(server_time=info.server_time, info=info))

    def _fail(self, trouble: ServerTrouble, last: int) -> float:
        log.info("server: %s %s", trouble.reason, trouble.detail)
        if trouble.reason in MAY_BE_THE_BATCH:
            if self._limit == 1:
                self._after = last
            self._limit = max(1, self._limit // 2)
        self._report(Contact(trouble=trouble.reason, detail=trouble.detail))
        return self._pause(trouble.pause)

    def _pause(self, asked: float) -> float:
        """Doubles with each failure in a row; the jitter keeps terminals from returning all at once."""
        longest: float = min(self._first * 2 ** min(self._failures, 16), self._longest)
        self._failures += 1
        return max(asked, longest * random.uniform(0.5, 1.0))

    def _sleep(self, pause: float, stop: threading.Event) -> None:
        if self._failures:
            stop.wait(pause)
        elif not stop.is_set():
            self._wake.wait(pause)
