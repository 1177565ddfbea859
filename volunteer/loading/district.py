"""Loading the invented district, so that everything can be tried before real people come.

People and places are written directly, but every record comes from scans through the same door
that terminals use, and everything that people did with them through the use cases of the pages.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import chain

from volunteer.db import db, transaction
from volunteer.demo.districts import District, invent_district
from volunteer.demo.people import MEMBERS
from volunteer.domain.calendar import Calendar, DayKind
from volunteer.domain.national_ids import IdKeys
from volunteer.domain.refusals import N_, Refusal
from volunteer.loading import (
    activities,
    certificates,
    consents,
    corrections,
    imports,
    paper_sheets,
    registrations,
    reviews,
    stars,
    training,
    transfers,
)
from volunteer.loading.accounts import DemoAccount, appoint_admins, open_accounts
from volunteer.loading.places import add_members, add_places, add_plans
from volunteer.loading.sessions import enrol_terminals, hold_sessions
from volunteer.loading.story import Story, Tools
from volunteer.loading.telling import Step, tell
from volunteer.models.duty_days import Setting
from volunteer.queries.demo import (
    SETTING,
    find_demo_setting,
    has_others,
    is_untouched,
    list_all_members,
    list_numbers_taken_in,
    list_terminals_by_station,
)
from volunteer.services.cards import issue_cards
from volunteer.services.duty_days import mark_duty_days
from volunteer.services.scans import Installation, close_forgotten
from volunteer.services.terminals import note_contact

_YEAR = timedelta(days=366)
# Another number whenever the district, or what is told of it, is invented in another way.
_VERSION = 2
# The parts of the story, by the pages they fill.
CHAPTERS = (
    reviews, corrections, paper_sheets, stars, certificates, training,
    activities, registrations, transfers, consents, imports,
)  # fmt: skip


class NotEmpty(Refusal):
    """Invented people must never mix with real ones."""

    code = "not_empty"
    msgid = N_("演示数据只能装进空的数据库，这里已经有管理员、志愿者、队伍、单位或服务站。")


class BegunByAnotherVersion(Refusal):
    """Half of one district and half of another would make none."""

    code = "begun_by_another_version"
    msgid = N_("这里的演示数据是另一个版本的志愿钟装到一半的，不能接着装。请换一个空的数据库，重新装入。")


def load_demo(
    now: datetime, progress: Callable[[int, int], None], tools: Tools, *, member_count: int = MEMBERS
) -> tuple[DemoAccount, ...]:
    """Fill an empty installation with the invented district; the accounts with their passwords, shown once.

    ``progress`` hears how many sessions and steps of how many are done. Safe to interrupt: run
    again, it goes on where it stopped, with the district it began. Complete already: nothing
    happens and no account is returned. Refuses where anybody has entered anything, also where
    that was done after an interruption.
    """
    begun = _begin(now, tools.zone, tools.id_keys, member_count)
    if begun is None:
        return ()
    note, district = begun
    began_at = note.began_at
    story = Story(district, tools, began_at)
    steps = list_steps(story)
    held = len(district.held)
    progress(0, held + len(steps))
    _scan(story, began_at, lambda done: progress(done, held + len(steps)))
    appoint_admins(district, began_at - _YEAR)
    tell(story, steps, note.told, lambda done: progress(held + done, held + len(steps)))
    return open_accounts(district)


def list_steps(story: Story) -> list[Step]:
    """Everything that people did, chapter by chapter."""
    return list(chain.from_iterable(chapter.list_steps(story) for chapter in CHAPTERS))


def _scan(story: Story, began_at: datetime, progress: Callable[[int], None]) -> None:
    """The year's scans, and what follows from them by itself."""
    here = Installation(keys=story.tools.keys, zone=story.tools.zone)
    enrol_terminals(began_at - _YEAR)
    issue_cards(list_all_members(), here.keys, began_at - _YEAR)
    hold_sessions(story.district, here, began_at, progress)
    close_forgotten(began_at)
    mark_duty_days(began_at, here.zone)
    for terminal in list_terminals_by_station().values():
        note_contact(terminal.id, None, None, 0, None, timedelta(0), began_at)


@dataclass(frozen=True)
class _Note:
    """What the setting says: enough to invent the same district again, and how much of its story is told."""

    now: str
    members: int
    is_loaded: bool = False
    told: int = 0
    # Notes of the first version held none.
    version: int = 1

    @property
    def began_at(self) -> datetime:
        return datetime.fromisoformat(self.now)


def _district(note: _Note, zone: tzinfo) -> District:
    return invent_district(note.began_at, zone, _holidays(note.began_at.date()), member_count=note.members)


def _holidays(today: date) -> frozenset[date]:
    days = (today - timedelta(days=back) for back in range(-1, _YEAR.days + 1))
    calendar = Calendar()
    return frozenset(day for day in days if calendar.kind(day) is DayKind.HOLIDAY)


def _begin(now: datetime, zone: tzinfo, id_keys: IdKeys, member_count: int) -> tuple[_Note, District] | None:
    """The load begun before, or this one, whose people, places and plans are written; None once complete."""
    with transaction():
        setting = find_demo_setting()
        if setting is not None:
            return _go_on(_Note(**json.loads(setting.value)), zone)
        if not is_untouched():
            raise NotEmpty()
        note = _Note(now.isoformat(), member_count, version=_VERSION)
        district = _district(note, zone)
        db.session.add(Setting(name=SETTING, value=json.dumps(asdict(note))))
        add_places(district)
        add_members(district, id_keys, now - _YEAR)
        add_plans(district, zone)
    return note, district


def _go_on(note: _Note, zone: tzinfo) -> tuple[_Note, District] | None:
    """The load with this note, unless it is complete; refuses where real people came since."""
    if note.is_loaded:
        return None
    if note.version != _VERSION:
        raise BegunByAnotherVersion()
    district = _district(note, zone)
    invented = {member.volunteer_no for member in district.members}
    # The story takes one in, whose number is given then.
    invented.update(list_numbers_taken_in(registrations.TAKEN_IN))
    usernames = [one.username for one in (*district.admins, *district.team_admins)]
    if has_others([team.code for team in district.teams], invented, usernames):
        raise NotEmpty()
    return note, district
