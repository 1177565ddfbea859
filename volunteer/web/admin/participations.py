"""Who takes part in an activity: added and marked by an admin, and printed as a roster sheet."""

from flask import Response, abort, current_app, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.participations import MARKS, ParticipationState
from volunteer.domain.refusals import MemberUnknown, Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.training_records import NumbersUnknown
from volunteer.drawing.rosters import Roster, RosterLine, roster_pdf
from volunteer.queries.activities import get_readable_activity_row
from volunteer.queries.members import get_member_in
from volunteer.queries.participations import get_participation_in, list_overlaps
from volunteer.services.participations import mark, sign_up
from volunteer.web.admin import admin
from volunteer.web.admin.activity_pages import is_own, list_on_roster, show_activity
from volunteer.web.admin.guards import needs
from volunteer.web.cards import send_document
from volunteer.web.categories import category_on_paper
from volunteer.web.clock import now
from volunteer.web.dates import is_next_day
from volunteer.web.forms import Page, chosen, typed


@admin.post("/activities/<int:activity_id>/participants")
@needs(Capability.EDIT_ACTIVITIES)
def add_participant(activity_id: int) -> Page | AnyResponse:
    """Sign up one of the admin's members by number."""
    row = get_readable_activity_row(g.scope, activity_id, g.station_ids, is_brigade=g.is_brigade)
    try:
        person = get_member_in(g.scope, typed("volunteer_no").upper())
        name = person.name
        made = sign_up(activity_id, person.id, now())
    except MemberUnknown:
        # The form stays, so that a slip of the finger can be mended.
        return show_activity(activity_id, NumbersUnknown(numbers=typed("volunteer_no").upper()))
    except Refusal as refusal:
        return show_activity(activity_id, refusal)
    other = list_overlaps(row.Activity, [made.member_id]).get(made.member_id)
    if made.state == ParticipationState.WAITING:
        flash(_("名额已满，%(name)s 进入候补。", name=name))
    else:
        flash(_("%(name)s 已报名。", name=name))
    if other:
        flash(_("请注意：%(name)s 在同一时间还报名了“%(other)s”。", name=name, other=other))
    return redirect(url_for("admin.activity", activity_id=activity_id))


@admin.post("/activities/<int:activity_id>/participants/<int:participation_id>")
@needs(Capability.EDIT_ACTIVITIES)
def mark_participant(activity_id: int, participation_id: int) -> Page | AnyResponse:
    """Write down what a member said in person or by telephone."""
    row = get_readable_activity_row(g.scope, activity_id, g.station_ids, is_brigade=g.is_brigade)
    if not is_own(row.Activity):
        get_participation_in(g.scope, activity_id, participation_id)
    state = chosen("state", ParticipationState)
    if state not in MARKS:
        abort(400)
    try:
        mark(activity_id, participation_id, state, now())
    except Refusal as refusal:
        return show_activity(activity_id, refusal)
    flash(_("已登记。"))
    return redirect(url_for("admin.activity", activity_id=activity_id))


@admin.get("/activities/<int:activity_id>/roster.pdf")
@needs(Capability.READ_ACTIVITIES)
def activity_roster(activity_id: int) -> Response:
    """The roster sheet: who comes, with room for times and signatures."""
    row = get_readable_activity_row(g.scope, activity_id, g.station_ids, is_brigade=g.is_brigade)
    activity = row.Activity
    zone = current_app.config["TIMEZONE"]
    starts_at, ends_at = activity.starts_at.astimezone(zone), activity.ends_at.astimezone(zone)
    sheet = Roster(
        name=activity.name,
        category=category_on_paper(activity.category),
        # The sheet is in Chinese, whatever language the pages are in.
        when=f"{starts_at:%Y-%m-%d %H:%M}–{'次日' * is_next_day(starts_at, ends_at)}{ends_at:%H:%M}",
        place=activity.place or row.station_name or "",
        content=activity.content,
        organising_unit=activity.organising_unit or row.team_name or "",
        person_in_charge=activity.person_in_charge,
        risk_note=activity.risk_note,
        insurance_no=activity.insurance_no,
        lines=tuple(
            RosterLine(one.name, one.volunteer_no, one.team_name) for one in list_on_roster(activity)
        ),
    )
    return send_document(roster_pdf(sheet), f"roster-{activity.id}.pdf")
