"""Who comes to a planned activity, and when each card is held to its terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from uuid import UUID

from volunteer.demo.activities import DemoActivity
from volunteer.demo.people import MEMBERS, DemoMember

_DOUBLE_TAPS, _FORGOTTEN, _EARLY = 0.03, 0.02, 0.06


@dataclass(frozen=True, slots=True)
class DemoScan:
    """A card held to the terminal of a station; ``at`` is in whole milliseconds."""

    id: UUID
    volunteer_no: str
    station_code: str
    at: datetime


@dataclass(frozen=True)
class Session:
    """One activity with all its scans, by instant; none lies after the district's ``now``."""

    activity: DemoActivity
    scans: tuple[DemoScan, ...]

    @property
    def last_instant(self) -> tuple[datetime, str]:
        """When its last card was held up, and where: sessions are sent in this order."""
        last = self.scans[-1].at if self.scans else self.activity.ends_at
        return last, self.activity.station_code


def hold(
    day: Sequence[DemoActivity], members: Sequence[DemoMember], random: Random, now: datetime
) -> Iterator[Session]:
    """The sessions of one day. Nobody comes to two of them; colleagues come to the same one."""
    wanted = [max(1, activity.people * len(members) // MEMBERS) for activity in day]
    willing = sorted(members, key=lambda member: random.random() ** (1 / member.zeal), reverse=True)
    coming = sorted(willing[: sum(wanted)], key=lambda member: (member.team_code, member.volunteer_no))
    # Units take turns at the stations, so each time the row of colleagues is cut elsewhere.
    turn = random.randrange(len(coming)) if coming else 0
    queue = iter(coming[turn:] + coming[:turn])
    for activity, people in zip(day, wanted, strict=True):
        taps = [
            (member.volunteer_no, at) for member in islice(queue, people) for at in _taps(activity, random)
        ]
        yield scan_all(activity, taps, random, now)


def scan_all(
    activity: DemoActivity, taps: Sequence[tuple[str, datetime]], random: Random, now: datetime
) -> Session:
    """The session in which these cards are held up at these instants, as far as they are past."""
    scans = [DemoScan(_new_id(random), number, activity.station_code, at) for number, at in taps]
    seen = sorted((scan for scan in scans if scan.at <= now), key=lambda scan: (scan.at, scan.id))
    return Session(activity, tuple(seen))


def _taps(activity: DemoActivity, random: Random) -> Iterator[datetime]:
    """When one person holds the card: most arrive together, some tap twice, some forget to leave properly."""
    arrival = activity.starts_at + _minutes(random.gauss(-4, 6), -20, 25)
    yield arrival
    if random.random() < _DOUBLE_TAPS:
        yield arrival + timedelta(seconds=random.randint(3, 40))
    if random.random() < _FORGOTTEN:
        return
    if random.random() < _EARLY:
        yield arrival + _minutes(random.gauss(40, 10), 20, 60)
    else:
        yield activity.ends_at + _minutes(random.gauss(3, 5), -10, 25)


def _new_id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _minutes(value: float, least: float, most: float) -> timedelta:
    """At least and at most so many minutes, in whole milliseconds."""
    return timedelta(milliseconds=round(min(max(value, least), most) * 60_000))
