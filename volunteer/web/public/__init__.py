"""Pages for everybody: the front page, the kiosk's shell, health, language, licences."""

from collections.abc import Callable

from flask import Blueprint

from volunteer.web import access_words, dates, words

public = Blueprint("public", __name__)

_FILTERS: dict[str, Callable[..., str]] = {**dates.FILTERS, **words.FILTERS, **access_words.FILTERS}
for _name, _show in _FILTERS.items():
    public.add_app_template_filter(_show, _name)

from volunteer.web.public import certificates, honours, licences, notices, pages, registrations, setup  # noqa: E402, F401 - views attach themselves
