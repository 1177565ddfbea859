"""The terminal's own key opens the station's few routes and nothing else."""

from datetime import timedelta
from typing import Any

from flask import Response, g, jsonify, request

from volunteer.domain.station_refusals import TerminalUnknown
from volunteer.domain.stations import Direction
from volunteer.domain.terminals import is_right, terminal_id_of
from volunteer.queries.terminals import find_terminal
from volunteer.services.scans import Sender
from volunteer.web.languages import translate

# Before a terminal has a key it may only exchange its code; anyone may read the contract.
MOST_DRAINED = 64 * 1024 * 1024
OPEN = {"station.enrol", "station.openapi"}


def require_terminal() -> tuple[Response, int] | None:
    """401 unless the request carries the key of a terminal that is not revoked."""
    if request.endpoint in OPEN:
        return None
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    terminal_id = terminal_id_of(key) if scheme.lower() == "bearer" else None
    row = find_terminal(terminal_id) if terminal_id is not None else None
    if row is None or row.revoked_at is not None or not is_right(key, row.key_hash):
        drain()
        refusal = TerminalUnknown()
        error = {"code": refusal.code, "message": translate(refusal.sentence)}
        return jsonify({"error": error}), 401
    g.terminal = row
    return None


def drain() -> None:
    """Read a body that nobody will look at: many clients hear no answer before all is sent."""
    left = min(request.content_length or 0, MOST_DRAINED)
    while left > 0 and (part := request.environ["wsgi.input"].read(min(left, 1 << 16))):
        left -= len(part)


def current_terminal() -> Any:
    """The terminal that proved itself for this request."""
    return g.terminal


def current_sender(offset: timedelta = timedelta(0)) -> Sender:
    """The same, as the services know it."""
    row = current_terminal()
    return Sender(row.id, row.station_id, Direction(row.direction), offset)
