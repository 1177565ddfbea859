"""Loading the invented district, so that everything can be tried before real people come.

People and places are written directly, but every record comes from scans through the
same door that terminals use.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from secrets import token_bytes, token_urlsafe
from uuid import UUID, uuid5

from sqlalchemy import delete, insert

from volunteer.db import db, transaction
from volunteer.demo.activities import CONTENTS
from volunteer.demo.districts import District, Session, invent_district
from volunteer.demo.people import MEMBERS
from volunteer.demo.places import BRIGADE_CODE, DemoTeam
from volunteer.domain.calendar import Calendar, DayKind
from volunteer.domain.duty_days import BASE_DAY, DutyDayPolicy, propose
from volunteer.domain.members import MemberStatus
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys, hash_national_id, seal_national_id
from volunteer.domain.passwords import hash_password
from volunteer.domain.refusals import N_, Refusal
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.stations import Direction, TerminalKind
from volunteer.domain.teams import TeamLevel
from volunteer.models.activities import Activity
from volunteer.models.duty_days import DutyDay, Setting
from volunteer.models.members import Admin, Member
from volunteer.models.stations import Station, Terminal
from volunteer.models.teams import Team, Unit
from volunteer.queries.cards import list_printable_cards
from volunteer.queries.demo import (
    SETTING,
    find_demo_setting,
    is_scan_known,
    is_untouched,
    list_all_members,
    list_decided_months,
    list_station_ids,
    list_team_ids,
    list_terminals_by_station,
    list_unit_ids,
)
from volunteer.queries.members import find_admin, get_member
from volunteer.queries.teams import find_brigade
from volunteer.services.cards import issue_cards, tokens_of
from volunteer.services.duty_days import mark_duty_days
from volunteer.services.scans import Installation, Sender, close_forgotten, take_scans
from volunteer.services.terminals import enrol_terminal, note_contact, renew_code

_YEAR = timedelta(days=366)
_SENT_AFTER = timedelta(seconds=2)
_BOOTS = UUID("5f0c4f0e-3f0a-4d5e-9a77-6f1f0a7f2c11")


class NotEmpty(Refusal):
    """Invented people must never mix with real ones."""

    code = "not_empty"
    msgid = N_("演示数据只能装进空的数据库，这里已经有志愿者、队伍或服务站。")


@dataclass(frozen=True)
class DemoAccount:
    """Who may sign in to the demo: ``sign_in`` is a user name or a volunteer number."""

    sign_in: str
    name: str
    team: str
    password: str
    is_admin: bool


def load_demo(
    now: datetime,
    progress: Callable[[int, int], None],
    here: Installation,
    id_keys: IdKeys,
    *,
    member_count: int = MEMBERS,
) -> tuple[DemoAccount, ...]:
    """Fill an empty installation with the invented district; the accounts with their passwords, shown once.

    ``progress`` hears how many sessions of how many are done. Safe to interrupt: run
    again, it goes on where it stopped, with the district it began. Complete already: nothing
    happens and no account is returned. Refuses where anybody has entered anything.
    """
    note = _begin(now, here.zone, id_keys, member_count)
    if note.is_loaded:
        return ()
    district, began_at = _district(note, here.zone), note.began_at
    _enrol_terminals(began_at - _YEAR)
    issue_cards(list_all_members(), here.keys, began_at - _YEAR)
    _hold_sessions(district, here, began_at, progress)
    close_forgotten(began_at)
    mark_duty_days(began_at, here.zone)
    for terminal in list_terminals_by_station().values():
        note_contact(terminal.id, None, None, 0, None, timedelta(0), began_at)
    return _open_accounts(district, began_at)


@dataclass(frozen=True)
class _Note:
    """What the setting says: enough to invent the same district again."""

    now: str
    members: int
    is_loaded: bool = False

    @property
    def began_at(self) -> datetime:
        return datetime.fromisoformat(self.now)


def _district(note: _Note, zone: tzinfo) -> District:
    return invent_district(note.began_at, zone, _holidays(note.began_at.date()), member_count=note.members)


def _holidays(today: date) -> frozenset[date]:
    days = (today - timedelta(days=back) for back in range(-1, _YEAR.days + 1))
    calendar = Calendar()
    return frozenset(day for day in days if calendar.kind(day) is DayKind.HOLIDAY)


def _begin(now: datetime, zone: tzinfo, id_keys: IdKeys, member_count: int) -> _Note:
    """The note of the load begun before, or of this one: then people, places and plans are written."""
    with transaction():
        setting = find_demo_setting()
        if setting is not None:
            return _Note(**json.loads(setting.value))
        if not is_untouched():
            raise NotEmpty()
        note = _Note(now.isoformat(), member_count)
        district = _district(note, zone)
        db.session.add(Setting(name=SETTING, value=json.dumps(asdict(note))))
        _add_places(district)
        _add_members(district, id_keys, now - _YEAR)
        _add_plans(district, zone)
    return note


def _add_places(district: District) -> None:
    brigade_id = _found_brigade(district.teams[0])
    rows = [
        {"code": team.code, "name": team.name, "level": team.level, "parent_id": brigade_id}
        for team in district.teams[1:]
    ]
    db.session.execute(insert(Team), rows)
    db.session.execute(insert(Unit), [{"name": name} for name in district.units])
    team_ids = list_team_ids()
    stations = [
        {
            "code": station.code,
            "name": station.name,
            "kind": station.kind,
            "address": station.address,
            "team_id": team_ids[station.team_code] if station.team_code else None,
        }
        for station in district.stations
    ]
    db.session.execute(insert(Station), stations)
    station_ids = list_station_ids()
    terminals = [
        {"station_id": station_ids[station.code], "name": station.name} for station in district.stations
    ]
    db.session.execute(insert(Terminal), terminals)


def _found_brigade(team: DemoTeam) -> int:
    """The brigade that the installation was founded with, or the invented one."""
    brigade = find_brigade()
    if brigade is None:
        brigade = Team(code=team.code, name=team.name, level=TeamLevel.BRIGADE)
        db.session.add(brigade)
        db.session.flush()
    return brigade.id


def _add_members(district: District, keys: IdKeys, since: datetime) -> None:
    team_ids, unit_ids = list_team_ids(), list_unit_ids()
    rows = [
        {
            "volunteer_no": member.volunteer_no,
            "name": member.name,
            "search_keys": search_text(member.name),
            "team_id": team_ids[member.team_code],
            "unit_id": unit_ids[member.unit],
            "status": MemberStatus.ACTIVE,
            "status_at": since,
            "created_at": since,
            "national_id_sealed": seal_national_id(member.national_id, keys, token_bytes(NONCE_BYTES)),
            "national_id_hash": hash_national_id(member.national_id, keys),
        }
        for member in district.members
    ]
    db.session.execute(insert(Member), rows)


def _add_plans(district: District, zone: tzinfo) -> None:
    """The year's activities, and the 15th of each month as its confirmed duty day."""
    station_ids, keepers = list_station_ids(), _keepers(district)
    places = {station.code: station.address for station in district.stations}
    plans = [session.activity for session in district.sessions]
    rows = [
        {
            "name": plan.name,
            "category": plan.category,
            "station_id": station_ids[plan.station_code],
            "starts_at": plan.starts_at,
            "ends_at": plan.ends_at,
            "place": places[plan.station_code],
            "content": CONTENTS[plan.category],
            **keepers[plan.station_code],
        }
        for plan in plans
    ]
    db.session.execute(insert(Activity), rows)
    days = sorted({plan.starts_at.astimezone(zone).date() for plan in plans})
    decided = list_decided_months()
    duty_days = [_confirmed(day) for day in days if day.day == BASE_DAY and f"{day:%Y-%m}" not in decided]
    # A job may have proposed some of these months already.
    months = [one["month"] for one in duty_days]
    db.session.execute(delete(DutyDay).where(DutyDay.month.in_(months)))
    db.session.execute(insert(DutyDay), duty_days)


def _keepers(district: District) -> dict[str, dict[str, str]]:
    """By station the team that looks after it, as organising unit, and its admin as the person in charge."""
    brigade = find_brigade() or district.teams[0]
    names = {team.code: team.name for team in district.teams} | {BRIGADE_CODE: brigade.name}
    admins = {admin.team_code: admin.name for admin in (*district.admins, *district.team_admins)}
    teams = {station.code: station.team_code or BRIGADE_CODE for station in district.stations}
    return {
        station: {"organising_unit": names[team], "person_in_charge": admins[team]}
        for station, team in teams.items()
    }


def _confirmed(day: date) -> dict[str, object]:
    """The duty day that the rule keeps on the 15th, confirmed before its month began."""
    reason = propose(day.year, day.month, DutyDayPolicy.KEEP, Calendar()).reason
    return {
        "month": f"{day:%Y-%m}",
        "status": "confirmed",
        "proposed_on": day,
        "duty_on": day,
        "reason": {"msgid": reason.msgid, "params": dict(reason.params)},
        "decided_at": datetime(day.year, day.month, 1, tzinfo=UTC),
    }


def _enrol_terminals(at: datetime) -> None:
    """Admit each terminal that has no key yet; the key of an invented one is kept nowhere."""
    for terminal in list_terminals_by_station().values():
        if terminal.key_hash is None:
            enrol_terminal(renew_code(terminal, at), TerminalKind.KIOSK, None, at)


def _hold_sessions(
    district: District, here: Installation, now: datetime, progress: Callable[[int, int], None]
) -> None:
    """Send every session's scans as its terminal would have, the oldest first; known ones are passed over."""
    numbers = {member.id: member.volunteer_no for member in list_all_members()}
    by_id = tokens_of(list_printable_cards(list(numbers)), here.keys)
    tokens = {numbers[member_id]: token for member_id, token in by_id.items()}
    terminals = list_terminals_by_station()
    senders = {code: Sender(one.id, one.station_id, Direction.BOTH) for code, one in terminals.items()}
    # Thousands of loaded objects would be refreshed at every commit that follows.
    db.session.expunge_all()
    sent = dict.fromkeys(senders, 0)
    sessions = [session for session in district.sessions if session.scans]
    progress(0, len(sessions))
    for done, session in enumerate(sessions, 1):
        station = session.activity.station_code
        if not is_scan_known(session.scans[-1].id):
            received_at = min(session.scans[-1].at + _SENT_AFTER, now)
            readings = _readings(session, tokens, sent[station], received_at)
            take_scans(senders[station], readings, here, received_at)
        sent[station] += len(session.scans)
        progress(done, len(sessions))


def _readings(
    session: Session, tokens: Mapping[str, str], sent: int, received_at: datetime
) -> Sequence[Reading]:
    boot = uuid5(_BOOTS, session.activity.station_code)
    return [
        Reading(
            id=scan.id,
            token=tokens[scan.volunteer_no],
            medium=Medium.QR,
            claimed_at=scan.at,
            age=received_at - scan.at,
            seq=seq,
            boot=boot,
        )
        for seq, scan in enumerate(session.scans, sent + 1)
    ]


def _open_accounts(district: District, now: datetime) -> tuple[DemoAccount, ...]:
    """Give the admins and one member fresh passwords, and note that all is loaded."""
    member = district.demo_member
    teams = {team.code: team.name for team in district.teams}
    people = [(admin.username, admin.name, admin.team_code, True) for admin in district.admins]
    people.append((member.volunteer_no, member.name, member.team_code, False))
    accounts = [
        DemoAccount(sign_in, name, teams[code], token_urlsafe(9), is_admin)
        for sign_in, name, code, is_admin in people
    ]
    digests = [hash_password(account.password) for account in accounts]
    # Told to nobody. One for all: a digest is slow on purpose.
    closed = hash_password(token_urlsafe(32))
    with transaction():
        team_ids = list_team_ids()
        brigade = find_brigade()
        if brigade is not None:  # an installation may have founded it under another code
            team_ids[BRIGADE_CODE] = brigade.id
        get_member(member.volunteer_no).password_hash = digests[-1]
        digests = [*digests[:-1], *(closed for _ in district.team_admins)]
        for admin, digest in zip([*district.admins, *district.team_admins], digests, strict=True):
            own = get_member(admin.volunteer_no)
            _appoint(admin.username, own.name, team_ids[admin.team_code], own.id, digest, now)
        setting = db.session.get_one(Setting, SETTING)
        setting.value = json.dumps({**json.loads(setting.value), "is_loaded": True})
    return tuple(accounts)


def _appoint(username: str, name: str, team_id: int, member_id: int, digest: str, now: datetime) -> None:
    admin = find_admin(username)
    if admin is None:
        admin = Admin(username=username, name=name, team_id=team_id, password_hash=digest, created_at=now)
        admin.member_id = member_id
        db.session.add(admin)
    else:
        admin.password_hash = digest
