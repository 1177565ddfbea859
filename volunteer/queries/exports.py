"""What goes into lists for Excel: rows of an admin's own teams, a few at a time in memory."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.contacts import ContactKind
from volunteer.domain.ledger import Measure
from volunteer.domain.members import MemberStatus
from volunteer.domain.records import RecordState
from volunteer.models.activities import Activity
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.people import MemberContact
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.models.teams import Team, Unit
from volunteer.models.training_records import Commendation, TrainingRecord
from volunteer.queries.members import STANDING
from volunteer.queries.teams import find_brigade
from volunteer.queries.unsettled import list_standings

_AT_ONCE = 1000
Entries = type[TrainingRecord] | type[Commendation]


def list_member_ids(scope: Iterable[int]) -> list[int]:
    """The ids of all members within these teams, whatever their status."""
    return list(db.session.execute(select(Member.id).where(Member.team_id.in_(list(scope)))).scalars())


def iterate_members(scope: Iterable[int]) -> Iterator[Row[Any]]:
    """The members within these teams with team and unit."""
    statement = (
        select(
            Member.id,
            Member.volunteer_no,
            Member.name,
            STANDING,
            Member.national_id_sealed,
            Member.created_at,
            Team.code.label("team_code"),
            Team.name.label("team_name"),
            Unit.name.label("unit_name"),
        )
        .join(Team, Team.id == Member.team_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Member.team_id.in_(list(scope)))
    )
    return _in_pieces(statement, Member.id)


def find_contacts(
    member_ids: Sequence[int], kinds: Collection[ContactKind]
) -> dict[tuple[int, ContactKind], Any]:
    """The first contact of each of these kinds, sealed, with its note, of each of these members.

    Where a member has no own one, that of a merged row.
    """
    columns = (MemberContact.kind, MemberContact.value_sealed, MemberContact.note)
    own = (
        select(MemberContact.member_id, *columns)
        .where(MemberContact.member_id.in_(member_ids), MemberContact.kind.in_(kinds))
        .order_by(MemberContact.id.desc())
    )
    merged = (
        select(Merge.kept_id.label("member_id"), *columns)
        .join(MemberContact, MemberContact.member_id == Merge.duplicate_id)
        .where(
            Merge.kept_id.in_(member_ids),
            Merge.undone_at.is_(None),
            MemberContact.kind.in_(kinds),
        )
        .order_by(MemberContact.id.desc())
    )
    return {
        (row.member_id, ContactKind(row.kind)): row
        for which in (merged, own)
        for row in db.session.execute(which)
    }


def list_recorded_ids(scope: Iterable[int], first_on: date, last_on: date) -> list[int]:
    """The ids of the members within these teams who have records of these days."""
    statement = _within(select(ServiceRecord.member_id), scope, first_on, last_on).distinct()
    return list(db.session.execute(statement).scalars())


def iterate_records(scope: Iterable[int], first_on: date, last_on: date) -> Iterator[Any]:
    """The records of these days of members within these teams, without superseded ones.

    ``minutes`` are those that count, so that the hours of the list add up to the person's:
    none while somebody must decide, and time claimed in two places only once. Where the activity
    does not say it, the place is the station and the organising unit the team that held it or
    keeps the station, else the brigade: as certificates have it.
    """
    held, keeper, root = aliased(Team), aliased(Team), find_brigade()
    brigade = root.name if root else ""
    statement = (
        _within(
            select(
                ServiceRecord.id,
                ServiceRecord.member_id,
                ServiceRecord.served_on,
                ServiceRecord.checked_in_at,
                ServiceRecord.checked_out_at,
                ServiceRecord.minutes,
                ServiceRecord.state,
                ServiceRecord.proof,
                ServiceRecord.is_settled,
                ServiceRecord.correction_id,
                Member.volunteer_no,
                Member.name,
                Team.name.label("team_name"),
                Station.name.label("station_name"),
                Activity.name.label("activity_name"),
                Activity.content,
                Activity.person_in_charge,
                func.coalesce(func.nullif(Activity.place, ""), Station.name).label("place"),
                func.coalesce(
                    func.nullif(Activity.organising_unit, ""), held.name, keeper.name, brigade
                ).label("organising_unit"),
            ),
            scope,
            first_on,
            last_on,
        )
        .join(Team, Team.id == Member.team_id)
        .join(Station, Station.id == ServiceRecord.station_id)
        .outerjoin(Activity, Activity.id == ServiceRecord.activity_id)
        .outerjoin(held, held.id == Activity.team_id)
        .outerjoin(keeper, and_(keeper.id == Station.team_id, Activity.id.is_(None)))
    )
    for rows in _pieces(statement, ServiceRecord.id):
        standings = list_standings(rows)
        for row in rows:
            one = standings[row.id]
            measure = Measure.METERED if row.correction_id is None else Measure.DECLARED
            yield SimpleNamespace(
                **{**row._mapping, "minutes": one.minutes, "is_held": one.is_held, "measure": measure}
            )


def list_entered_ids(entries: Entries, scope: Iterable[int], first_on: date, last_on: date) -> list[int]:
    """The ids of the members within these teams who have such entries of these days."""
    statement = _entered(entries, select(entries.member_id), scope, first_on, last_on).distinct()
    return list(db.session.execute(statement).scalars())


def iterate_entries(
    entries: Entries, scope: Iterable[int], first_on: date, last_on: date
) -> Iterator[Row[Any]]:
    """The training records or commendations of these days in force, with whose they are."""
    columns = (
        entries.id,
        entries,
        Member.volunteer_no,
        Member.name.label("member_name"),
        Team.name.label("team_name"),
    )
    statement = _entered(entries, select(*columns), scope, first_on, last_on)
    return _in_pieces(statement.join(Team, Team.id == Member.team_id), entries.id)


def iterate_teams(scope: Iterable[int]) -> Iterator[Row[Any]]:
    """These teams with the team above, the one each went into, and how many active members it has itself."""
    parent, successor = aliased(Team), aliased(Team)
    members = (
        select(func.count(Member.id))
        .where(Member.team_id == Team.id, Member.status == MemberStatus.ACTIVE)
        .scalar_subquery()
    )
    statement = (
        select(
            Team.id,
            Team.code,
            Team.name,
            Team.level,
            Team.party_branch,
            Team.dissolved_on,
            parent.code.label("parent_code"),
            successor.code.label("successor_code"),
            members.label("members"),
        )
        .outerjoin(parent, parent.id == Team.parent_id)
        .outerjoin(successor, successor.id == Team.successor_id)
        .where(Team.id.in_(list(scope)))
    )
    return _in_pieces(statement, Team.id)


def _within(statement: Any, scope: Iterable[int], first_on: date, last_on: date) -> Any:
    return (
        statement.select_from(ServiceRecord)
        .join(Member, Member.id == ServiceRecord.member_id)
        .where(
            Member.team_id.in_(list(scope)),
            ServiceRecord.served_on.between(first_on, last_on),
            ServiceRecord.state != RecordState.SUPERSEDED,
        )
    )


def _entered(entries: Entries, statement: Any, scope: Iterable[int], first_on: date, last_on: date) -> Any:
    day = entries.held_on if issubclass(entries, TrainingRecord) else entries.granted_on
    return (
        statement.select_from(entries)
        .join(Member, Member.id == entries.member_id)
        .where(
            Member.team_id.in_(list(scope)),
            day.between(first_on, last_on),
            entries.voided_at.is_(None),
        )
    )


def _in_pieces(statement: Any, key: Any) -> Iterator[Row[Any]]:
    for rows in _pieces(statement, key):
        yield from rows


def _pieces(statement: Any, key: Any) -> Iterator[Sequence[Row[Any]]]:
    """By the key and not by an open cursor: nobody waits for whoever reads slowly."""
    last = 0
    while True:
        rows = db.session.execute(statement.where(key > last).order_by(key).limit(_AT_ONCE)).all()
        yield rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id
