"""People who asked to join: taken in with a volunteer number, or turned away with a reply."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.refusals import Refusal
from volunteer.domain.registrations import RegistrationState, make_registration_code
from volunteer.domain.roles import Capability
from volunteer.queries.members import find_free_number
from volunteer.queries.registrations import get_registration_in, list_lookalikes, list_registrations
from volunteer.queries.teams import get_team_by_id
from volunteer.services.access_log import note_access
from volunteer.services.registrations import Decision, approve_registration, reject_registration, renew_code
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.forms import Page, asked_number, show_form, typed
from volunteer.web.people import show_phone

PAGE_SIZE = 50


@admin.get("/registrations")
@needs(Capability.READ_REGISTRATIONS)
def registrations() -> str:
    """Who asked to join these teams: what waits, or what was decided."""
    asked, page = request.args.get("state", ""), asked_number("page", 1)
    state = asked if asked in set(RegistrationState) else RegistrationState.WAITING
    count, rows = list_registrations(g.scope, state, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    is_waiting = state == RegistrationState.WAITING
    return render_template(
        "admin/registrations/list.html",
        rows=rows,
        count=count,
        state=state,
        states=list(RegistrationState),
        lookalikes=list_lookalikes(g.scope, [row.Registration for row in rows]) if is_waiting else {},
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


@admin.get("/registrations/<int:registration_id>")
@needs(Capability.READ_REGISTRATIONS)
def registration(registration_id: int) -> Page:
    """One request to join, the telephone masked, with who it may be already."""
    return _show(registration_id)


@admin.post("/registrations/<int:registration_id>")
@needs(Capability.EDIT_MEMBERS)
def decide_registration(registration_id: int) -> Page | AnyResponse:
    """Take the applicant in, or turn the request down with a reply."""
    get_registration_in(g.scope, registration_id)
    decision = Decision(
        registration_id, g.admin.id, frozenset(g.scope), now(), current_app.config["TIMEZONE"]
    )
    try:
        return _decide(decision)
    except Refusal as refusal:
        return _show(registration_id, refusal)


@admin.route("/registrations/<int:registration_id>/reveal", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def reveal_applicant(registration_id: int) -> Page | AnyResponse:
    """The applicant's telephone in full, on this page only; logged before it is shown."""
    asked = get_registration_in(g.scope, registration_id)
    if request.method == "GET":
        return redirect(url_for("admin.registration", registration_id=registration_id))
    what = AccessKind.VIEWED_CONTACT if asked.phone_sealed else AccessKind.VIEWED_FILE
    note_access(g.admin, what, [], f"registration {registration_id}", now())
    return _show(registration_id, is_full=True)


@admin.route("/registrations/<int:registration_id>/code", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def new_registration_code(registration_id: int) -> Page | AnyResponse:
    """Another code for an applicant who lost it, told on the telephone number that the request has."""
    asked = get_registration_in(g.scope, registration_id)
    code, scope = make_registration_code(), frozenset(g.scope)
    question = Question(
        _("换发查询码"),
        _(
            "请先拨打申请里登记的电话，确认是%(name)s本人。换发后原来的查询码失效，新的只显示一次。",
            name=asked.name,
        ),
        _("换发"),
        url_for("admin.registration", registration_id=registration_id),
        is_grave=False,
    )
    done = _("新的查询码：%(code)s。请在电话里告诉本人，只显示这一次。", code=code)
    return confirm(question, lambda: renew_code(registration_id, code, scope), done)


def _show(registration_id: int, problem: Refusal | None = None, *, is_full: bool = False) -> Page:
    asked = get_registration_in(g.scope, registration_id)
    is_waiting = asked.state == RegistrationState.WAITING
    team = get_team_by_id(asked.team_id)
    return show_form(
        "admin/registrations/page.html",
        problem,
        asked=asked,
        team=team,
        phone=show_phone(asked.phone_sealed, is_full=is_full) if asked.phone_sealed else None,
        is_full=is_full,
        lookalikes=list_lookalikes(g.scope, [asked])[asked.id] if is_waiting else [],
        free_number=find_free_number(team) if is_waiting else "",
        typed=request.form,
    )


def _decide(decision: Decision) -> AnyResponse:
    if request.form.get("decision") == "reject":
        reject_registration(typed("reply"), decision)
        flash(_("已回复申请人，电话号码已删除。"))
        return redirect(url_for("admin.registrations"))
    member = approve_registration(typed("volunteer_no"), decision)
    flash(_("已加入，编号 %(number)s。下一步请发卡。", number=member.volunteer_no))
    return redirect(url_for("admin.member", volunteer_no=member.volunteer_no))
