"""A member's consents, and what they allow."""

from datetime import date

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.consents import TEXTS, Purpose, is_outdated, latest_by_purpose
from volunteer.domain.refusals import DateMalformed, Refusal
from volunteer.domain.roles import Capability
from volunteer.models.consents import Consent
from volunteer.queries.consents import list_consents
from volunteer.queries.members import get_member_row
from volunteer.services.access_log import note_access
from volunteer.services.consents import record_paper_consent
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed


@admin.get("/members/<volunteer_no>/consents")
@needs(Capability.READ_MEMBERS)
def member_consents(volunteer_no: str) -> Page:
    """What the member agreed to, purpose by purpose, and every decision before."""
    member_id = get_member_row(g.scope, volunteer_no).Member.id
    note_access(g.admin, AccessKind.VIEWED_CONSENTS, [member_id], "", now())
    return _show(volunteer_no)


@admin.post("/members/<volunteer_no>/consents")
@needs(Capability.EDIT_MEMBERS)
def record_consent(volunteer_no: str) -> Page | AnyResponse:
    """Enter what the member signed on paper; a withdrawal on paper too."""
    member_id = get_member_row(g.scope, volunteer_no).Member.id
    purpose, is_given = chosen("purpose", Purpose), typed("decision") == "given"
    try:
        record_paper_consent(
            member_id, purpose, _typed_day(), g.admin.id, typed("note"), now(), today(), is_given=is_given
        )
    except Refusal as refusal:
        return _show(volunteer_no, refusal)
    note_access(g.admin, AccessKind.RECORDED_CONSENT, [member_id], purpose, now())
    flash(_("已登记。"))
    return redirect(url_for("admin.member_consents", volunteer_no=volunteer_no))


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
