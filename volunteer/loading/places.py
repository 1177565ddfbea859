"""Places, people and plans of the invented district, written directly: nobody would enter them one by one."""

from datetime import UTC, date, datetime, tzinfo
from secrets import token_bytes

from sqlalchemy import delete, insert

from volunteer.db import db
from volunteer.demo.activities import CONTENTS
from volunteer.demo.districts import District
from volunteer.demo.places import BRIGADE_CODE, DemoTeam
from volunteer.domain.activities import TRAINING, TRAINING_REASON
from volunteer.domain.calendar import Calendar
from volunteer.domain.duty_days import BASE_DAY, DutyDayPolicy, propose
from volunteer.domain.members import MemberStatus
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys, hash_national_id, seal_national_id
from volunteer.domain.teams import TeamLevel
from volunteer.models.activities import Activity
from volunteer.models.duty_days import DutyDay
from volunteer.models.members import Member
from volunteer.models.stations import Station, Terminal
from volunteer.models.teams import Team, Unit
from volunteer.queries.demo import list_decided_months, list_station_ids, list_team_ids, list_unit_ids
from volunteer.queries.teams import find_brigade


def add_places(district: District) -> None:
    """Teams, units, stations, and a terminal at each station."""
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


def add_members(district: District, keys: IdKeys, since: datetime) -> None:
    """Everybody, as they were entered at ``since``."""
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


def add_plans(district: District, zone: tzinfo) -> None:
    """The year's activities, and the 15th of each month as its confirmed duty day."""
    station_ids, team_ids, keepers = list_station_ids(), list_team_ids(), _keepers(district)
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
            "team_id": team_ids[plan.team_code] if plan.team_code else None,
            "is_training": plan.category == TRAINING,
            "is_countable": plan.category != TRAINING,
            "uncountable_reason": TRAINING_REASON if plan.category == TRAINING else "",
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
