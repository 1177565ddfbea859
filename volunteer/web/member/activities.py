"""Activities a member can take part in: sign up, decline, take leave, find a substitute."""

from enum import StrEnum

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.activities import RiskPolicy, is_uninsured
from volunteer.domain.participations import COMING, ParticipationState
from volunteer.domain.refusals import Refusal
from volunteer.queries.activities import (
    find_risk_policy,
    get_open_activity,
    list_open_activities,
    list_own_activities,
)
from volunteer.queries.participations import list_overlaps, list_substitute_requests
from volunteer.services.participations import (
    answer_substitute,
    ask_substitute,
    decline,
    sign_up,
    take_leave,
)
from volunteer.web.clock import now
from volunteer.web.forms import Page, chosen, show_form, typed, typed_id
from volunteer.web.member import member


class Answer(StrEnum):
    """What the buttons of the page say."""

    SIGN_UP = "sign_up"
    DECLINE = "decline"
    LEAVE = "leave"
    SUBSTITUTE = "substitute"
    ACCEPT = "accept"
    REFUSE = "refuse"


@member.get("/activities")
def activities() -> str:
    """What the member signed up for, who asks for a substitute, and what else is coming."""
    own = list_own_activities(g.member, now())
    own_ids = {row.Activity.id for row in own}
    return render_template(
        "member/activities/list.html",
        own=own,
        requests=list_substitute_requests(g.member.id, now()),
        others=[row for row in list_open_activities(g.member, now()) if row.Activity.id not in own_ids],
    )


@member.route("/activities/<int:activity_id>", methods=["GET", "POST"])
def activity(activity_id: int) -> Page | AnyResponse:
    """One activity, and the member's answer to it."""
    row, problem = get_open_activity(g.member, activity_id), None
    member_id = g.member.id
    if request.method == "POST":
        try:
            flash(_act(activity_id, member_id, chosen("answer", Answer)))
            return redirect(url_for("member.activity", activity_id=activity_id))
        except Refusal as refusal:
            problem, row = refusal, get_open_activity(g.member, activity_id)
    mine = row.Participation
    asked = [
        one
        for one in list_substitute_requests(member_id, now())
        if one.Participation.activity_id == activity_id
    ]
    return show_form(
        "member/activities/page.html",
        problem,
        row=row,
        activity=row.Activity,
        mine=mine,
        is_coming=mine is not None and mine.state in COMING,
        is_open=row.Activity.state == "published" and row.Activity.ends_at > now(),
        overlap=list_overlaps(row.Activity, [member_id]).get(member_id),
        is_uninsured=is_uninsured(row.Activity.risk_level, row.Activity.insurance_no),
        is_blocked=find_risk_policy() is RiskPolicy.BLOCK,
        asked=asked,
        typed=request.form,
    )


def _act(activity_id: int, member_id: int, answer: Answer) -> str:
    """Do what was answered, and say what is now."""
    if answer is Answer.SIGN_UP:
        made = sign_up(activity_id, member_id, now())
        is_waiting = made.state == ParticipationState.WAITING
        return str(_("名额已满，您在候补名单里，有空位会自动补上。") if is_waiting else _("已报名。"))
    if answer is Answer.DECLINE:
        decline(activity_id, member_id, now())
        return str(_("已记下：不参加。没有任何影响。"))
    if answer is Answer.LEAVE:
        take_leave(activity_id, member_id, typed("reason"), now())
        return str(_("已请假。没有任何影响。"))
    if answer is Answer.SUBSTITUTE:
        ask_substitute(activity_id, member_id, typed("volunteer_no"), now())
        return str(_("已请对方顶班。对方答应之前，仍是您的班。"))
    participation_id = typed_id("participation") or 0
    accepts = answer is Answer.ACCEPT
    answer_substitute(activity_id, participation_id, member_id, now(), accepts=accepts)
    return str(_("您已接下这个班。") if accepts else _("已告诉对方您不能顶班。"))
