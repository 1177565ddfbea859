"""The whole invented district: places, people, a year of plans, and every card held to a terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from random import Random

from volunteer.demo.activities import list_days
from volunteer.demo.incidents import list_incidents
from volunteer.demo.people import MEMBERS, DemoMember, invent_members
from volunteer.demo.places import DemoStation, DemoTeam, list_stations, list_teams, list_units
from volunteer.demo.sessions import Session, hold

SEED = 20111115  # 深龙委办〔2011〕60号 made the 15th the duty day


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
    def held(self) -> tuple[Session, ...]:
        """The sessions to which anybody came."""
        return tuple(session for session in self.sessions if session.scans)

    def admin_of(self, team_code: str) -> DemoAdmin:
        """The admin of this team."""
        return next(one for one in (*self.admins, *self.team_admins) if one.team_code == team_code)

    def colleagues(self, team_code: str) -> tuple[DemoMember, ...]:
        """The members of this team who are nobody's admin, by number."""
        return _colleagues(self.members, (*self.admins, *self.team_admins), team_code)

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
        sessions += hold(day, members, random, now)
    admins = _appoint(teams, members)
    sessions += list_incidents(now, zone, lambda code: _colleagues(members, admins, code), seed)
    return District(
        teams=teams,
        units=list_units(),
        stations=list_stations(),
        members=members,
        admins=tuple(admin for admin in admins if admin.team_code in _OPEN),
        team_admins=tuple(admin for admin in admins if admin.team_code not in _OPEN),
        sessions=tuple(sorted(sessions, key=lambda session: session.last_instant)),
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


def _colleagues(
    members: Iterable[DemoMember], admins: Iterable[DemoAdmin], team_code: str
) -> tuple[DemoMember, ...]:
    appointed = {admin.volunteer_no for admin in admins}
    return tuple(one for one in members if one.team_code == team_code and one.volunteer_no not in appointed)
