"""Why a device did not open, and how long to wait before trying it again."""

import errno
from threading import Event

from scanners.readers import Condition, Health

ABSENT = {errno.ENODEV, errno.ENOENT, errno.ENXIO}
FORBIDDEN = {errno.EACCES, errno.EPERM}
BUSY = {errno.EBUSY}


def explain(error: OSError) -> Health:
    """The condition behind a system error; an unknown error number is ``broken`` with the system's words."""
    number = error.errno
    detail = error.strerror or str(error)
    for condition, numbers in (
        (Condition.ABSENT, ABSENT),
        (Condition.FORBIDDEN, FORBIDDEN),
        (Condition.BUSY, BUSY),
    ):
        if number in numbers:
            return Health(condition, detail)
    return Health(Condition.BROKEN, detail)


class Patience:
    """Waits longer after each failure in a row: ``first`` seconds, doubled up to ``longest``."""

    def __init__(self, first: float = 0.5, longest: float = 5.0) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def succeed(self) -> None:
        """The device works; the next failure waits briefly again."""
        self._next = self._first

    def wait(self, stop: Event) -> None:
        """Sleep the present pause, or less when ``stop`` is set."""
        stop.wait(self._next)
        self._next = min(self._next * 2, self._longest)
