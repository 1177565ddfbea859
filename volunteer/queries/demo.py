"""How far the invented district has been loaded, and the ids it was given."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from volunteer.db import db
from volunteer.domain.records import RecordState
from volunteer.domain.refusals import NotFound
from volunteer.domain.teams import TeamLevel
from volunteer.models.duty_days import DutyDay, Setting
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.models.registrations import Registration
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.models.teams import Team, Unit

SETTING = "demo"


def find_demo_setting() -> Setting | None:
    """The note of what was loaded, or None where nobody has begun to."""
    return db.session.get(Setting, SETTING)


def is_untouched() -> bool:
    """Whether nobody has entered admins, members, stations, units, or teams below the brigade."""
    below = select(Team.id).where(Team.level != TeamLevel.BRIGADE)
    counts = (select(Admin.id), select(Member.id), select(Station.id), select(Unit.id), below)
    return not any(
        db.session.execute(select(func.count()).select_from(one.subquery())).scalar_one() for one in counts
    )


def has_others(
    team_codes: Collection[str], volunteer_nos: Collection[str], usernames: Collection[str]
) -> bool:
    """Whether there are teams below the brigade, members or admins beyond these."""
    teams = select(Team.code).where(Team.level != TeamLevel.BRIGADE)
    known = (
        (teams, team_codes),
        (select(Member.volunteer_no), volunteer_nos),
        (select(Admin.username), usernames),
    )
    return any(not set(db.session.execute(one).scalars()).issubset(these) for one, these in known)


def list_numbers_taken_in(name: str) -> list[str]:
    """The volunteer numbers of those who asked to join by this name and were taken in."""
    statement = select(Member.volunteer_no).join(Registration, Registration.member_id == Member.id)
    return list(db.session.execute(statement.where(Registration.name == name)).scalars())


def is_scan_known(scan_id: UUID) -> bool:
    """Whether this scan has been taken."""
    return db.session.get(StoredScan, scan_id) is not None


def list_ids(model: Any, column: Any) -> dict[str, int]:
    """All ids of a table by the value of one unique column."""
    return {row[0]: row[1] for row in db.session.execute(select(column, model.id))}


def list_team_ids() -> dict[str, int]:
    """Team code to id."""
    return list_ids(Team, Team.code)


def list_unit_ids() -> dict[str, int]:
    """Unit name to id."""
    return list_ids(Unit, Unit.name)


def list_station_ids() -> dict[str, int]:
    """Station code to id."""
    return list_ids(Station, Station.code)


def list_terminals_by_station() -> dict[str, Terminal]:
    """Station code to its oldest terminal."""
    statement = select(Station.code, Terminal).join(Station, Station.id == Terminal.station_id)
    rows = db.session.execute(statement.order_by(Terminal.id.desc()))
    return {code: terminal for code, terminal in rows}


def list_decided_months() -> set[str]:
    """The months whose duty day a person has confirmed or cancelled."""
    statement = select(DutyDay.month).where(DutyDay.status.in_(["confirmed", "cancelled"]))
    return set(db.session.execute(statement).scalars())


def list_all_members() -> list[Member]:
    """Every member, by volunteer number."""
    return list(db.session.execute(select(Member).order_by(Member.volunteer_no)).scalars())


def get_admin(username: str) -> Admin:
    """The account with this user name, which is known to be there."""
    return db.session.execute(select(Admin).where(Admin.username == username)).scalar_one()


def list_admin_ids() -> dict[str, int]:
    """By team code the account of its first admin."""
    statement = select(Team.code, Admin.id).join(Admin, Admin.team_id == Team.id).order_by(Admin.id.desc())
    return {row[0]: row[1] for row in db.session.execute(statement)}


def list_ids_of(model: Any, **values: Any) -> list[int]:
    """The ids of the rows with these values, the oldest first."""
    return list(db.session.execute(select(model.id).filter_by(**values).order_by(model.id)).scalars())


def newest_id(model: Any, **values: Any) -> int:
    """The newest of the rows with these values; refuses where there is none."""
    found = list_ids_of(model, **values)
    if not found:
        raise NotFound()
    return found[-1]


def find_record(member_id: int, day: date | None) -> ServiceRecord:
    """The member's newest record of that day, or the one that was not checked out of last; refuses none."""
    of_day = ServiceRecord.served_on == day if day else ServiceRecord.state == RecordState.FORGOTTEN
    statement = select(ServiceRecord).where(ServiceRecord.member_id == member_id, of_day)
    record = db.session.execute(statement.order_by(ServiceRecord.id.desc()).limit(1)).scalar_one_or_none()
    if record is None:
        raise NotFound()
    return record
