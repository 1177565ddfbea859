"""What categories of service are called: built-in ones translated, the brigade's own as it named them."""

from flask import has_request_context, request
from flask_babel import gettext

from volunteer.domain.categories import BUILT_IN
from volunteer.queries.categories import list_category_names
from volunteer.web.languages import current_language

_READ = "volunteer.categories"


def category_name(code: str) -> str:
    """In the reader's language; an own category without an English name has its Chinese one."""
    if code in BUILT_IN:
        return str(gettext(BUILT_IN[code]))
    name, name_en = _own_names().get(code, (code, ""))
    return name_en if name_en and current_language() == "en" else name


def category_on_paper(code: str) -> str:
    """In Chinese, as papers and files are."""
    return BUILT_IN.get(code) or _own_names().get(code, (code, ""))[0]


def _own_names() -> dict[str, tuple[str, str]]:
    """Read once for an answer, however many lines of it name a category."""
    if not has_request_context():
        return list_category_names()
    if _READ not in request.environ:
        request.environ[_READ] = list_category_names()
    names: dict[str, tuple[str, str]] = request.environ[_READ]
    return names
