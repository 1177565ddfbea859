"""A member's consents, what they allow, and who took back the one that everything rests on."""

from datetime import date

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.consents import TEXTS, Purpose, is_outdated, latest_by_purpose
from volunteer.domain.refusals import DateMalformed, Refusal
from volunteer.domain.roles import Capability
from volunteer.models.consents import Consent
from volunteer.queries.consents import count_withdrawn, list_consents, list_withdrawn
from volunteer.queries.members import get_member_row
from volunteer.queries.merges import get_group_ids, require_kept
from volunteer.services.access_log import note_access
from volunteer.services.consents import record_paper_consent, require_paper
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.consents import ask_to_withdraw, must_ask
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, chosen, show_form, typed

PAGE_SIZE = 50
FIELDS = ("purpose", "decision", "decided_on", "note")


@admin.get("/members/<volunteer_no>/consents")
@needs(Capability.READ_MEMBERS)
def member_consents(volunteer_no: str) -> Page:
    """What the member agreed to, purpose by purpose, and every decision before."""
    member_id = get_member_row(g.scope, volunteer_no).Member.id
    note_access(g.admin, AccessKind.VIEWED_CONSENTS, [member_id], "", now())
    return _show(volunteer_no)


@admin.post("/members/<volunteer_no>/consents")
@needs(Capability.EDIT_MEMBERS)
def record_consent(volunteer_no: str) -> str | Page | AnyResponse:
    """Enter what the member signed on paper; of a withdrawal it is said first what it erases."""
    member_id = get_member_row(g.scope, volunteer_no).Member.id
    if typed("decision") not in ("given", "withdrawn"):
        abort(400)
    purpose, is_given = chosen("purpose", Purpose), typed("decision") == "given"
    back = url_for("admin.member_consents", volunteer_no=volunteer_no)
    try:
        if must_ask(purpose, is_given=is_given):
            require_paper(_typed_day(), typed("note"), today())
            require_kept(member_id)
            get_group_ids(g.scope, member_id)
            return ask_to_withdraw("admin/layout.html", purpose, FIELDS, back)
        record_paper_consent(
            member_id,
            purpose,
            _typed_day(),
            g.admin.id,
            typed("note"),
            now(),
            today(),
            is_given=is_given,
            scope=g.scope,
        )
    except Refusal as refusal:
        return _show(volunteer_no, refusal)
    note_access(g.admin, AccessKind.RECORDED_CONSENT, [member_id], purpose, now())
    flash(_("已登记。"))
    return redirect(back)


@admin.get("/consents/withdrawn")
@needs(Capability.READ_MEMBERS)
def withdrawn_consents() -> str:
    """Members who took back the consent to be recorded and still belong to a team of this admin."""
    page, count = asked_number("page", 1), count_withdrawn(g.scope)
    return render_template(
        "admin/people/withdrawn.html",
        rows=list_withdrawn(g.scope, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE),
        count=count,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


def _typed_day() -> date:
    try:
        return date.fromisoformat(typed("decided_on"))
    except ValueError:
        raise DateMalformed() from None


def _show(volunteer_no: str, problem: Refusal | None = None) -> Page:
    member = get_member_row(g.scope, volunteer_no).Member
    rows = list_consents(member.id)
    decisions: list[Consent] = [row.Consent for row in rows]
    return show_form(
        "admin/people/consents.html",
        problem,
        member=member,
        texts=TEXTS,
        rows=list(reversed(rows)),
        consents=latest_by_purpose(decisions),
        is_outdated=is_outdated,
        purposes=list(Purpose),
        today=today(),
        typed=request.form,
    )
