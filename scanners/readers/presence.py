"""Which cards lie on a reader, so that a card held there is delivered once."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MOST_REMEMBERED = 64  # cards with random identities would otherwise grow the memory without end


@dataclass
class Sighting:
    """When an identity was last seen, how often a read of it was begun, whether it was delivered."""

    seen: float
    attempts: int = 0
    is_delivered: bool = False


class Presence:
    """Remembers identities until they have been absent for ``gap`` seconds of ``clock``.

    Only what was really delivered is held back: a card that left before it
    could be read is read at the next poll, however soon that comes.
    """

    def __init__(self, gap: float, clock: Callable[[], float]) -> None:
        self._gap = gap
        self._clock = clock
        self._sightings: OrderedDict[str, Sighting] = OrderedDict()

    def see(self, identity: str) -> Sighting:
        """Note that ``identity`` is on the reader now; what is known of its present stay."""
        now = self._clock()
        sighting = self._sightings.pop(identity, None)
        if sighting is None or now - sighting.seen > self._gap:
            sighting = Sighting(now)
        sighting.seen = now
        self._sightings[identity] = sighting
        if len(self._sightings) > MOST_REMEMBERED:
            self._sightings.popitem(last=False)
        return sighting
