"""The privacy notice."""

from flask import render_template

from volunteer.domain.notices import NoticeText, Section
from volunteer.queries.notices import find_privacy_contact, get_current_notice, get_notice, list_notices
from volunteer.web.languages import current_language
from volunteer.web.public import public


@public.get("/privacy")
def privacy() -> str:
    """The notice in force; nobody has to sign in to read it."""
    return _show(get_current_notice())


@public.get("/privacy/<int:version>")
def privacy_version(version: int) -> str:
    """An older version: what was true then stays readable."""
    return _show(get_notice(version))


def _show(notice: NoticeText) -> str:
    language = current_language()
    versions = list_notices()
    return render_template(
        "public/notice.html",
        shown=notice,
        is_current=notice.version == versions[0].version,
        is_translated=notice.is_translated(language),
        texts=[(section, notice.read(section, language).splitlines()) for section in Section],
        versions=versions,
        contact=find_privacy_contact(),
    )
