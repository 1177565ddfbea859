"""Days as forms send them."""

from datetime import date

from volunteer.domain.refusals import DateMalformed

# The first days there are have no instant in every zone, and nobody served on them.
EARLIEST = date(1900, 1, 1)


def read_day(text: str, earliest: date = date.min) -> date:
    """The day written as 2026-09-15; refuses what is none, and any before ``earliest``."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DateMalformed() from None
    if day < earliest:
        raise DateMalformed()
    return day
