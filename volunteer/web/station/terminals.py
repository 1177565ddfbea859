"""Terminals over HTTP: enrol, and ask who one is."""

from flask import Response, current_app, jsonify

from volunteer.domain.attempts import AttemptKind
from volunteer.queries.duty_days import find_todays_notice
from volunteer.queries.stations import get_station_by_id
from volunteer.services.attempts import forgive_attempt, note_attempt
from volunteer.services.terminals import enrol_terminal
from volunteer.web.clock import now
from volunteer.web.devices import current_address
from volunteer.web.languages import translate
from volunteer.web.station import station_api
from volunteer.web.station.contracts import EnrolIn
from volunteer.web.station.guards import current_terminal
from volunteer.web.station.openapi import describe
from volunteer.web.station.scans import read_json


@station_api.post("/terminals/enrol")
def enrol() -> tuple[Response, int]:
    """Exchange a one-time code for a key."""
    asked = read_json(EnrolIn)
    note_attempt(AttemptKind.ENROLMENT_ADDRESS, current_address(), now())
    terminal, key = enrol_terminal(asked.code, asked.kind, asked.version, now())
    forgive_attempt(AttemptKind.ENROLMENT_ADDRESS, current_address())
    station = get_station_by_id(terminal.station_id)
    return jsonify(
        terminal_id=str(terminal.id),
        key=key,
        station={"code": station.code, "name": station.name, "kind": station.kind},
    ), 201


@station_api.get("/station")
def get_station() -> Response:
    """Which station this terminal stands in, how it is set up, and what time it is."""
    row = current_terminal()
    instant, zone = now(), current_app.config["TIMEZONE"]
    notice = find_todays_notice(instant.astimezone(zone).date())
    return jsonify(
        station={"code": row.station_code, "name": row.station_name, "kind": row.station_kind},
        terminal={
            "id": str(row.id),
            "name": row.name,
            "direction": row.direction,
            "reader_profile": row.reader_profile,
        },
        server_time=instant.isoformat(),
        timezone=str(zone),
        notice=translate(notice) if notice else None,
    )


@station_api.get("/openapi.json")
def openapi() -> Response:
    """The contract, machine-readable."""
    return jsonify(describe())
