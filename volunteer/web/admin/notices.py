"""The privacy notice and the log of who looked at what."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.erasures import ErasureState
from volunteer.domain.notices import LANGUAGES, LONGEST_SECTION, NoticeText, Section, clean_sections
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.access_log import AccessFilter, list_accesses, list_subjects
from volunteer.queries.erasures import get_erasure_row, list_erasures
from volunteer.queries.notices import find_privacy_contact, get_current_notice, list_notices
from volunteer.services.access_log import note_access
from volunteer.services.erasures import decide_erasure
from volunteer.services.notices import publish_notice, set_privacy_contact
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.forms import Page, asked_number, show_form, typed

PAGE_SIZE = 50


@admin.get("/access-log")
@needs(Capability.READ_ACCESS_LOG)
def access_log() -> str:
    """Who looked at, changed or exported personal data of these teams, newest first."""
    about, by, day = (request.args.get(name, "").strip() for name in ("member", "admin", "day"))
    since = _start_of(day) if day else None
    chosen = AccessFilter(about.upper() or None, by or None, since, since and since + timedelta(days=1))
    page = asked_number("page", 1)
    count, rows = list_accesses(g.scope, chosen, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "admin/notices/access_log.html",
        rows=rows,
        subjects=list_subjects(g.scope, [row.AccessEntry.id for row in rows]),
        count=count,
        page=page,
        pages=-(-count // PAGE_SIZE),
        about=about,
        by=by,
        day=day,
        waiting=list_erasures(g.scope, is_waiting=True, limit=1)[0],
        is_brigade=g.is_brigade,
    )


def _start_of(day: str) -> datetime:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        abort(400)
    # Nearer to the ends of the calendar there is no such instant in UTC.
    if not 1900 <= on.year <= 9998:
        abort(400)
    return datetime.combine(on, time(), current_app.config["TIMEZONE"])


@admin.get("/erasures")
@needs(Capability.READ_MEMBERS)
def erasures() -> str:
    """Requests that wait for an answer, and those that were answered."""
    page = asked_number("page", 1)
    count, decided = list_erasures(g.scope, is_waiting=False, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "admin/notices/erasures.html",
        waiting=list_erasures(g.scope, is_waiting=True, limit=PAGE_SIZE)[1],
        decided=decided,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


@admin.route("/erasures/<int:erasure_id>", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def erasure(erasure_id: int) -> Page | AnyResponse:
    """Answer one request: erase what was asked for, or refuse with the reason."""
    member_id, problem = get_erasure_row(g.scope, erasure_id).Member.id, None
    if request.method == "POST":
        if typed("decision") not in ("granted", "refused"):
            abort(400)
        is_granted = typed("decision") == "granted"
        try:
            reply = typed("reply")
            decide_erasure(erasure_id, g.admin.id, reply, now(), is_granted=is_granted, scope=g.scope)
            state = ErasureState.DONE if is_granted else ErasureState.REFUSED
            note_access(g.admin, AccessKind.ERASED, [member_id], state, now())
            flash(_("已删除，并告知本人。") if is_granted else _("已答复本人。"))
            return redirect(url_for("admin.erasures"))
        except Refusal as refusal:
            problem = refusal
    row = get_erasure_row(g.scope, erasure_id)
    return show_form("admin/notices/erasure.html", problem, row=row, reply=typed("reply"))


@admin.get("/privacy")
@needs(Capability.READ_NOTICES)
def notices() -> Page:
    """The versions of the privacy notice; the brigade publishes the next one here."""
    _require_brigade()
    return _show_notices(get_current_notice())


@admin.post("/privacy")
@needs(Capability.EDIT_TEAMS)
def publish() -> str | Page | AnyResponse:
    """Put a new version in force, after asking: it can never be changed. The older ones stay readable."""
    _require_brigade()
    written = {
        language: {str(section): typed(f"{language}-{section}") for section in Section}
        for language in LANGUAGES
    }
    try:
        if typed("confirmed") != "yes":
            return _ask_to_publish(written)
        version = publish_notice(written, g.admin.id, now())
    except Refusal as refusal:
        return _show_notices(NoticeText(0, written), refusal)
    flash(_("第 %(version)s 版隐私告知已发布。", version=version))
    return redirect(url_for("admin.notices"))


@admin.route("/privacy/contact", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def privacy_contact() -> Page | AnyResponse:
    """Say whom people write to about their data."""
    _require_brigade()
    if request.method == "POST":
        try:
            set_privacy_contact(typed("contact"))
            flash(_("联系人已保存。"))
        except Refusal as refusal:
            return _show_notices(get_current_notice(), refusal)
    return redirect(url_for("admin.notices"))


def _ask_to_publish(written: Mapping[str, Mapping[str, str]]) -> str:
    """What would be new, before it is said to everybody; refuses what could not be published."""
    current = get_current_notice()
    cleaned = clean_sections(written, current)
    return render_template(
        "admin/notices/publish.html",
        version=current.version + 1,
        written=written,
        changed=[
            (section, language, text.splitlines())
            for language, texts in cleaned.items()
            for section, text in texts.items()
            if text != current.sections.get(language, {}).get(section, "")
        ],
    )


def _show_notices(draft: NoticeText, problem: Refusal | None = None) -> Page:
    return show_form(
        "admin/notices/notices.html",
        problem,
        draft=draft,
        languages=LANGUAGES,
        sections=list(Section),
        versions=list_notices(),
        contact=find_privacy_contact(),
        longest=LONGEST_SECTION,
    )


def _require_brigade() -> None:
    if not g.is_brigade:
        raise NotFound()
