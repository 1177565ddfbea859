"""Stations: set up by an admin."""

from volunteer.db import db, transaction
from volunteer.domain.members import LONGEST_ADDRESS, require_length
from volunteer.domain.station_refusals import StationCodeTaken
from volunteer.domain.stations import StationKind, clean_station_code
from volunteer.domain.teams import clean_title
from volunteer.models.stations import Station
from volunteer.queries.stations import find_station


def add_station(code: str, name: str, kind: StationKind, address: str, team_id: int | None) -> Station:
    """Set up a station. Without a team the brigade looks after it."""
    code, name = clean_station_code(code), clean_title(name)
    with transaction():
        if find_station(code):
            raise StationCodeTaken(code=code)
        station = Station(
            code=code,
            name=name,
            kind=kind,
            address=require_length(address.strip(), LONGEST_ADDRESS),
            team_id=team_id,
        )
        db.session.add(station)
    return station
