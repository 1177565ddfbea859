"""Language of a page or answer: Chinese unless the person or the browser says English."""

from functools import lru_cache

from flask import Flask, request, session
from flask_babel import Babel, get_locale, gettext

from volunteer.domain.refusals import Sentence

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}


def init_languages(app: Flask) -> None:
    """Choose the language per request and give templates their filters."""
    Babel(
        app,
        locale_selector=choose_locale,
        timezone_selector=lambda: str(app.config["TIMEZONE"]),
    )
    app.jinja_env.filters.update(hours=show_hours, sentence=translate)
    app.context_processor(lambda: {"lang": current_language()})


def choose_locale() -> str:
    """By the address (?lang=), else the choice made before, else the browser."""
    asked = request.args.get("lang") or session.get("lang")
    if asked not in LANGUAGES:
        asked = request.accept_languages.best_match(list(LANGUAGES), default="zh")
    return LANGUAGES[str(asked)]


def current_language() -> str:
    """``zh`` or ``en``."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def translate(sentence: Sentence) -> str:
    """A sentence of the rules in the language of this request."""
    locale = get_locale()
    text = _look_up(sentence.msgid, str(locale)) if locale else sentence.msgid
    return text % sentence.params if sentence.params else text


@lru_cache(4096)
def _look_up(msgid: str, locale: str) -> str:
    # Within a request of this locale; looking up costs more than all the rest of an answer.
    text: str = gettext(msgid)
    return text


def show_hours(minutes: int) -> str:
    """Minutes as hours with one decimal, rounded down: nobody is shown more than counted."""
    return f"{minutes // 6 / 10:.1f}"
