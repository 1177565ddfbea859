"""Stations within an admin's scope."""

from collections.abc import Iterable

from sqlalchemy import or_, select

from volunteer.db import db
from volunteer.domain.refusals import StationUnknown
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


def list_stations(team_ids: Iterable[int], *, is_brigade: bool) -> list[Station]:
    """The stations these teams look after, by code; the brigade also those that nobody else does."""
    mine = Station.team_id.in_(list(team_ids))
    scope = or_(mine, Station.team_id.is_(None)) if is_brigade else mine
    return list(db.session.execute(select(Station).where(scope).order_by(Station.code)).scalars())


def get_station_by_id(station_id: int) -> Station:
    """The station; refuses where there is none."""
    station = db.session.get(Station, station_id)
    if station is None:
        raise StationUnknown(code=str(station_id))
    return station


def get_station_in(team_ids: Iterable[int], code: str, *, is_brigade: bool) -> Station:
    """The station that these teams look after; refuses as for one that does not exist."""
    station = get_station(code)
    if station.team_id not in set(team_ids) and not (is_brigade and station.team_id is None):
        raise StationUnknown(code=code)
    return station
