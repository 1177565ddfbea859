"""Stations within an admin's scope."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select

from volunteer.db import db
from volunteer.domain.station_refusals import StationUnknown
from volunteer.models.stations import Station


def get_station(code: str) -> Station:
    """The station with this code; refuses where there is none."""
    station = find_station(code)
    if station is None:
        raise StationUnknown(code=code)
    return station


def find_station(code: str) -> Station | None:
    """The station with this code, or None."""
    return db.session.execute(select(Station).where(Station.code == code.upper())).scalar_one_or_none()


def is_looked_after(
    team_ids: Iterable[int], station_ids: Iterable[int] = (), *, is_brigade: bool
) -> ColumnElement[bool]:
    """These teams' stations and those led by the admin; for the brigade also those that nobody else has."""
    chosen = [Station.team_id.in_(list(team_ids)), Station.id.in_(list(station_ids))]
    return or_(*chosen, Station.team_id.is_(None)) if is_brigade else or_(*chosen)


def list_stations(
    team_ids: Iterable[int], station_ids: Iterable[int] = (), *, is_brigade: bool
) -> list[Station]:
    """The stations these teams look after and those led by the admin, by code; the brigade also the rest."""
    scope = is_looked_after(team_ids, station_ids, is_brigade=is_brigade)
    return list(db.session.execute(select(Station).where(scope).order_by(Station.code)).scalars())


def get_station_by_id(station_id: int) -> Station:
    """The station; refuses where there is none."""
    station = db.session.get(Station, station_id)
    if station is None:
        raise StationUnknown(code=str(station_id))
    return station


def get_station_in(
    team_ids: Iterable[int], code: str, station_ids: Iterable[int] = (), *, is_brigade: bool
) -> Station:
    """The station looked after by these teams or this leader; refuses as for one that does not exist."""
    scope = is_looked_after(team_ids, station_ids, is_brigade=is_brigade)
    statement = select(Station).where(Station.code == code.upper(), scope)
    station = db.session.execute(statement).scalar_one_or_none()
    if station is None:
        raise StationUnknown(code=code)
    return station
