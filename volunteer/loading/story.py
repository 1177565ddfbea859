"""What the chapters of the demo's story draw on: the invented district, as of the moment it was invented."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cached_property

from volunteer.demo.districts import District
from volunteer.demo.places import BRIGADE_CODE, DemoTeam
from volunteer.domain.cards import CardKeys
from volunteer.domain.duty_days import BASE_DAY
from volunteer.domain.national_ids import IdKeys
from volunteer.queries.teams import find_brigade
from volunteer.services.certificates import Draw

FRIDAY = 4


@dataclass(frozen=True)
class Tools:
    """What the installation has: keys, zone, who draws certificates, and where these are verified."""

    keys: CardKeys
    zone: tzinfo
    id_keys: IdKeys
    contact_key: bytes
    name_key: bytes
    draw: Draw
    verify_url: str


@dataclass(frozen=True)
class Visit:
    """A planned service that a member came to and left properly."""

    volunteer_no: str
    station_code: str
    starts_at: datetime
    ends_at: datetime

    @property
    def served_on(self) -> date:
        """The local day of it."""
        return self.starts_at.date()


@dataclass(frozen=True)
class Story:
    """What the chapters draw on: the invented people and what they did, as of ``now``."""

    district: District
    tools: Tools
    now: datetime

    @cached_property
    def today(self) -> date:
        """The local day on which the district was invented."""
        return self.now.astimezone(self.tools.zone).date()

    @cached_property
    def settled_before(self) -> date:
        """The first day whose hours are not in the ledger yet, a few months ago: the scheduler does the rest.

        Settling the whole year would take longer than everything else.
        """
        months = self.today.year * 12 + self.today.month - 1 - 7
        return date(months // 12, months % 12 + 1, 1)

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        """That local time so many days ago; a negative number of days is to come."""
        day = self.today - timedelta(days=days_ago)
        return datetime.combine(day, time(hour, minute), self.tools.zone)

    def team(self, code: str) -> DemoTeam:
        """The team with this code; the brigade by the name that it was founded with here."""
        team = next(one for one in self.district.teams if one.code == code)
        brigade = find_brigade() if code == BRIGADE_CODE else None
        return replace(team, name=brigade.name) if brigade else team

    def people(self, team_code: str) -> list[str]:
        """The numbers of the team's members who are nobody's admin."""
        return [member.volunteer_no for member in self.district.colleagues(team_code)]

    def visits(self, people: Sequence[str], *, since: int = 400) -> list[Visit]:
        """What these people came to on duty days and weekends until ten days ago, the newest first.

        Only what they left properly; a workday's service would be looked at for its office hours.
        """
        wanted, found = set(people), []
        until, first = self.at(10, 0), self.at(since, 0)
        for session in reversed(self.district.sessions):
            plan = session.activity
            is_free = plan.starts_at.day == BASE_DAY or plan.starts_at.weekday() > FRIDAY
            if is_free and first <= plan.starts_at and plan.ends_at < until:
                taps = [scan.volunteer_no for scan in session.scans if scan.volunteer_no in wanted]
                found += [
                    Visit(one, plan.station_code, plan.starts_at, plan.ends_at)
                    for one in dict.fromkeys(taps)
                    if taps.count(one) == 2
                ]
        return found
