"""Activities: planned, published, changed, called off."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from flask import abort, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.activities import ActivityState, CancelTooLate, RiskPolicy, is_uninsured, told_of
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.versions import version_of
from volunteer.queries.activities import (
    find_risk_policy,
    get_activity_row,
    list_activities,
)
from volunteer.services.activities import (
    add_activity,
    cancel_activity,
    change_activity,
    choose_risk_policy,
    publish_activity,
)
from volunteer.web.admin import admin
from volunteer.web.admin.activity_forms import (
    read_fields,
    read_station_id,
    read_team_id,
    show_activity_form,
    show_values,
)
from volunteer.web.admin.activity_pages import insurance_warning, show_activity
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, chosen, show_form, typed
from volunteer.web.guards import LARGEST_ID
from volunteer.web.versions import typed_version, version_to_show


@admin.get("/activities")
@needs(Capability.READ_ACTIVITIES)
def activities() -> str:
    """The activities of one month, each with how many of its places are taken."""
    first_on = _month()
    next_on = (first_on + timedelta(days=32)).replace(day=1)
    within = _midnight(first_on), _midnight(next_on)
    rows = list_activities(g.scope, *within, g.station_ids, is_brigade=g.is_brigade)
    return render_template(
        "admin/activities/list.html",
        rows=rows,
        first_on=first_on,
        previous_on=(first_on - timedelta(days=1)).replace(day=1),
        next_on=next_on,
        policy=find_risk_policy(),
        policies=list(RiskPolicy),
        is_uninsured=is_uninsured,
    )


@admin.post("/activities/policy")
@needs(Capability.EDIT_ACTIVITIES)
def risk_policy() -> AnyResponse:
    """What becomes of risky activities without insurance; for the brigade to decide."""
    if not g.is_brigade:
        abort(404)
    choose_risk_policy(chosen("policy", RiskPolicy), now())
    flash(_("规定已保存。"))
    return redirect(url_for("admin.activities"))


@admin.route("/activities/new", methods=["GET", "POST"])
@needs(Capability.EDIT_ACTIVITIES)
def new_activity() -> Page | AnyResponse:
    """Write a new activity, perhaps from an earlier one; it begins as a draft."""
    problem, copied = None, asked_number("copy", 0, least=0, most=LARGEST_ID)
    values: Mapping[str, object] = request.form
    if request.method == "POST":
        try:
            made = add_activity(read_fields(), read_team_id(), read_station_id(), now())
            flash(_("草稿已保存。检查无误后请发布，志愿者才能看到。"))
            return redirect(url_for("admin.activity", activity_id=made.id))
        except Refusal as refusal:
            problem = refusal
    elif copied:
        row = get_activity_row(g.scope, copied, is_brigade=g.is_brigade)
        values = show_values(row.Activity, is_copy=True)
    else:
        values = {"organising_unit": g.team.name, "team": g.team.code}
    return show_activity_form(problem, values, url_for("admin.activities"), _("新建活动"))


@admin.get("/activities/<int:activity_id>")
@needs(Capability.READ_ACTIVITIES)
def activity(activity_id: int) -> Page:
    """One activity with everybody who answered."""
    return show_activity(activity_id)


@admin.route("/activities/<int:activity_id>/edit", methods=["GET", "POST"])
@needs(Capability.EDIT_ACTIVITIES)
def activity_edit(activity_id: int) -> Page | AnyResponse:
    """Change what an activity says; free places go to who waits."""
    found = get_activity_row(g.scope, activity_id, is_brigade=g.is_brigade).Activity
    problem, back = None, url_for("admin.activity", activity_id=activity_id)
    if request.method == "POST":
        try:
            places = read_team_id(), read_station_id()
            change_activity(activity_id, read_fields(), *places, now(), typed_version())
            flash(_("活动已修改。"))
            return redirect(back)
        except Refusal as refusal:
            problem = refusal
    values = request.form if request.method == "POST" else show_values(found)
    version = version_to_show(problem, version_of(told_of(found)))
    return show_activity_form(problem, values, back, _("修改活动"), kept=found.category, version=version)


@admin.route("/activities/<int:activity_id>/publish", methods=["GET", "POST"])
@needs(Capability.EDIT_ACTIVITIES)
def activity_publish(activity_id: int) -> Page | AnyResponse:
    """Ask, then open the activity to members."""
    row = get_activity_row(g.scope, activity_id, is_brigade=g.is_brigade)
    question = Question(
        title=_("发布“%(name)s”？", name=row.Activity.name),
        consequence=_("发布后，本队及下级队伍的志愿者可以看到并报名；在服务站签到会记到这个活动里。"),
        button=_("发布"),
        back=url_for("admin.activity", activity_id=activity_id),
        is_grave=False,
        more=insurance_warning(row.Activity),
    )
    return confirm(question, lambda: publish_activity(activity_id, now()), _("活动已发布。"))


@admin.route("/activities/<int:activity_id>/cancel", methods=["GET", "POST"])
@needs(Capability.EDIT_ACTIVITIES)
def activity_cancel(activity_id: int) -> Page | AnyResponse:
    """Call an activity off with a reason."""
    row = get_activity_row(g.scope, activity_id, is_brigade=g.is_brigade)
    problem, back = None, url_for("admin.activity", activity_id=activity_id)
    if request.method == "POST":
        try:
            cancel_activity(activity_id, typed("reason"), now())
            flash(_("活动已取消。"))
            return redirect(back)
        except Refusal as refusal:
            problem = refusal
    if row.Activity.state == ActivityState.PUBLISHED and row.Activity.ends_at <= now():
        return show_activity(activity_id, CancelTooLate())
    return show_form(
        "admin/activities/cancel.html",
        problem,
        row=row,
        activity=row.Activity,
        back=back,
        is_draft=row.Activity.state == ActivityState.DRAFT,
        typed=request.form,
    )


def _month() -> date:
    text = request.args.get("month")
    if not text:
        return today().replace(day=1)
    try:
        first_on = date.fromisoformat(f"{text}-01")
    except ValueError:
        abort(400)
    return first_on if 2000 <= first_on.year <= 2100 else abort(400)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=current_app.config["TIMEZONE"])
