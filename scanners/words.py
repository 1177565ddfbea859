"""The terminal's sentences. Chinese is the source; the English stand in ``english``."""

from scanners.english import ENGLISH

LANGUAGES = ("zh", "en")
_language = "zh"


def set_language(language: str) -> None:
    """Choose the language of this program: ``zh`` or ``en``."""
    global _language
    if language not in LANGUAGES:
        raise ValueError(language)
    _language = language


def get_language() -> str:
    """The language chosen."""
    return _language


def _(sentence: str, **values: object) -> str:
    """The sentence in the chosen language, with its ``%(name)s`` places filled."""
    text = ENGLISH.get(sentence, sentence) if _language == "en" else sentence
    return text % values if values else text
