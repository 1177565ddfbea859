"""Who does not go online has the own data printed, and asks for erasure, at an admin's desk."""

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.erasures import ErasurePart
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.erasures import find_waiting_erasure, list_own_erasures
from volunteer.queries.members import get_member_row
from volunteer.queries.merges import get_group_ids, require_kept
from volunteer.services.access_log import note_access
from volunteer.services.erasures import ask_erasure
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.downloads import attachment
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.own_data import MAKERS, chosen_parts


@admin.route("/members/<volunteer_no>/data", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def member_data(volunteer_no: str) -> Page | AnyResponse:
    """The files for the member, and the request to erase that the member makes in person."""
    member_id, problem = _kept_id(volunteer_no), None
    if request.method == "POST":
        try:
            ask_erasure(member_id, chosen_parts(), typed("reason"), now(), asked_for_by=g.admin.name)
            note_access(g.admin, AccessKind.ERASED, [member_id], "asked_in_person", now())
            flash(_("删除申请已提交，并告知本人。请在“删除申请”中处理。"))
            return redirect(url_for("admin.member_data", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/people/data.html",
        problem,
        member=get_member_row(g.scope, volunteer_no).Member,
        parts=list(ErasurePart),
        waiting=find_waiting_erasure(member_id),
        erasures=list_own_erasures(member_id),
        typed=request.form,
    )


@admin.get("/members/<volunteer_no>/data.<any(json, pdf):kind>")
@needs(Capability.EDIT_MEMBERS)
def member_data_file(volunteer_no: str, kind: str) -> Response:
    """Everything about the member as one file to hand over, the ID number masked; logged before it leaves."""
    ids = get_group_ids(g.scope, _kept_id(volunteer_no))
    note_access(g.admin, AccessKind.OWN_DATA, [ids[0]], kind.upper(), now())
    make, mimetype = MAKERS[kind]
    member = get_member_row(g.scope, volunteer_no).Member
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": attachment(f"{member.volunteer_no}.{kind}"),
    }
    return Response(make(member, ids, now()), mimetype=mimetype, headers=headers)


def _kept_id(volunteer_no: str) -> int:
    """The id of the member within the scope; refuses a row that was merged into another one."""
    member_id: int = get_member_row(g.scope, volunteer_no).Member.id
    require_kept(member_id)
    return member_id
