"""Default deny: what belongs to no audience is not reachable, and forms prove where they come from."""

from collections.abc import Iterator

from flask import Flask, abort, request
from flask_wtf import CSRFProtect

from volunteer.web.acting import begin_request, end_request
from volunteer.web.station import station_api

LARGEST_ID = 2**63 - 1
AUDIENCES = {"station", "admin", "member", "public"}

csrf = CSRFProtect()


def init_guards(app: Flask) -> None:
    """Refuse what no audience owns. Each audience's own guard hangs on its blueprint."""
    csrf.init_app(app)
    # Terminals prove themselves by their key in a header, which no foreign page can send.
    csrf.exempt(station_api)

    @app.before_request
    def refuse_unowned() -> None:
        if request.endpoint is None or request.endpoint == "static":
            return
        if request.blueprint not in AUDIENCES:
            abort(404)
        # No id is that large, and no database could look for it.
        if any(isinstance(value, int) and value > LARGEST_ID for value in (request.view_args or {}).values()):
            abort(404)
        # No person types a NUL, and PostgreSQL keeps none in a text. The API checks its own contract.
        if request.blueprint != "station" and any("\0" in text for text in _typed()):
            abort(400)
        begin_request()

    app.teardown_request(end_request)


def _typed() -> Iterator[str]:
    yield request.path
    for values in (request.args, request.form):
        yield from values.values()
