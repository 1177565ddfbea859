"""What terminals may do: send scans, ask who they are, undo; and enrol with a code."""

from flask import Blueprint

from volunteer.web.station.guards import require_terminal

station_api = Blueprint("station", __name__, url_prefix="/api/v1")
station_api.before_request(require_terminal)

from volunteer.web.station import scans, terminals  # noqa: E402, F401 - views attach themselves
