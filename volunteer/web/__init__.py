"""Pages and the API, one folder per audience. Nothing is reachable unless its folder says for whom."""

from flask import Flask

from volunteer.web import errors, guards, languages
from volunteer.web.admin import admin
from volunteer.web.member import member
from volunteer.web.public import public
from volunteer.web.station import station_api


def register_web(app: Flask) -> None:
    """Attach every audience, its guard, and what all pages share."""
    languages.init_languages(app)
    errors.init_errors(app)
    guards.init_guards(app)
    for audience in (station_api, admin, member, public):
        app.register_blueprint(audience)
