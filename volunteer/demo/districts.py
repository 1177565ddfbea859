"""The whole invented district: places, people, a year of plans, and every card held to a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice
from random import Random
from uuid import UUID

from volunteer.demo.activities import DemoActivity, list_days
from volunteer.demo.people import MEMBERS, DemoMember, invent_members
from volunteer.demo.places import DemoStation, DemoTeam, list_stations, list_teams, list_units

SEED = 20111115  # 深龙委办〔2011〕60号 made the 15th the duty day
_DOUBLE_TAPS, _FORGOTTEN, _EARLY = 0.03, 0.02, 0.06


@dataclass(frozen=True, slots=True)
class DemoScan:
    """A card held to the terminal of a station; ``at`` is in whole milliseconds."""

    id: UUID
    volunteer_no: str
    station_code: str
    at: datetime


@dataclass(frozen=True)
class DemoAdmin:
    """A named admin of a team, who is one of the members: who handles hours must be a known person."""

    username: str
    name: str
    team_code: str
    volunteer_no: str


# The teams whose accounts visitors may try.
_OPEN = {"DD": "demo-brigade", "ZD01": "demo-squadron", "FD01": "demo-detachment"}


@dataclass(frozen=True)
class Session:
    """One activity with all its scans, by instant; none lies after the district's ``now``."""

    activity: DemoActivity
    scans: tuple[DemoScan, ...]


@dataclass(frozen=True)
class District:
    """Everything invented. ``sessions`` are in the order in which their last scan happened.

    Visitors may try the accounts of ``admins``; ``team_admins`` are those of the other teams.
    """

    teams: tuple[DemoTeam, ...]
    units: tuple[str, ...]
    stations: tuple[DemoStation, ...]
    members: tuple[DemoMember, ...]
    admins: tuple[DemoAdmin, ...]
    team_admins: tuple[DemoAdmin, ...]
    sessions: tuple[Session, ...]

    @property
    def demo_member(self) -> DemoMember:
        """The member whose account visitors may try: who has served most often."""
        served: dict[str, int] = {}
        for session in self.sessions:
            for scan in session.scans:
                served[scan.volunteer_no] = served.get(scan.volunteer_no, 0) + 1
        return max(self.members, key=lambda member: (served.get(member.volunteer_no, 0), member.volunteer_no))


def invent_district(
    now: datetime,
    zone: tzinfo,
    holidays: frozenset[date] = frozenset(),
    *,
    seed: int = SEED,
    member_count: int = MEMBERS,
) -> District:
    """The district as it stands at ``now``; equal arguments give equal districts.

    With fewer members fewer people come to everything, in proportion.
    """
    teams = list_teams()
    members = invent_members(teams, Random(seed), member_count)
    sessions: list[Session] = []
    for day in list_days(now, zone, holidays):
        # A generator of its own for each day: the past does not depend on how long the year was.
        random = Random(f"{seed} {day[0].starts_at.isoformat()}" if day else seed)
        sessions += _hold(day, members, random, now)
    admins = _appoint(teams, members)
    return District(
        teams=teams,
        units=list_units(),
        stations=list_stations(),
        members=members,
        admins=tuple(admin for admin in admins if admin.team_code in _OPEN),
        team_admins=tuple(admin for admin in admins if admin.team_code not in _OPEN),
        sessions=tuple(sorted(sessions, key=_last_instant)),
    )


def _appoint(teams: Sequence[DemoTeam], members: Sequence[DemoMember]) -> list[DemoAdmin]:
    """An admin for each team: its first member.

    The brigade has no members of its own, and takes one who is not the first anywhere.
    """
    firsts: dict[str, DemoMember] = {}
    others = [member for member in members if firsts.setdefault(member.team_code, member) is not member]
    people = [(team.code, firsts.get(team.code, others[0])) for team in teams]
    return [
        DemoAdmin(_OPEN.get(code, f"demo-{code.lower()}"), person.name, code, person.volunteer_no)
        for code, person in people
    ]


def _hold(
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
        scans = [
            DemoScan(_new_id(random), member.volunteer_no, activity.station_code, at)
            for member in islice(queue, people)
            for at in _taps(activity, random)
        ]
        seen = sorted((scan for scan in scans if scan.at <= now), key=lambda scan: (scan.at, scan.id))
        yield Session(activity, tuple(seen))


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


def _last_instant(session: Session) -> tuple[datetime, str]:
    last = session.scans[-1].at if session.scans else session.activity.ends_at
    return last, session.activity.station_code
