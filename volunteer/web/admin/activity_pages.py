"""The page of one activity: what is told of it, what to mind, who answered and who came."""

from typing import Any

from flask import g, request
from flask_babel import gettext as _
from sqlalchemy import Row

from volunteer.domain.activities import RiskPolicy, is_uninsured
from volunteer.domain.participations import MARKS, ParticipationState
from volunteer.domain.refusals import Refusal
from volunteer.models.activities import Activity
from volunteer.queries.activities import find_risk_policy, get_readable_activity_row
from volunteer.queries.attendances import count_attendance, list_unannounced
from volunteer.queries.participations import list_overlaps, list_participants
from volunteer.queries.training_records import is_anybody_trained
from volunteer.web.clock import now
from volunteer.web.forms import Page, asked_number, show_form

PAGE_SIZE = 50


def show_activity(activity_id: int, problem: Refusal | None = None) -> Page:
    """The page of an activity, with a problem above it where there is one."""
    row = get_readable_activity_row(g.scope, activity_id, g.station_ids, is_brigade=g.is_brigade)
    activity, page = row.Activity, asked_number("page", 1)
    people = list_shown_participants(activity)
    named = None if activity.station_id in g.station_ids else g.scope
    attendance = count_attendance(activity_id, named)
    return show_form(
        "admin/activities/page.html",
        problem,
        row=row,
        is_own=is_own(activity),
        activity=activity,
        people=people,
        overlaps=list_overlaps(activity, [one.Participation.member_id for one in people]),
        warnings=list_warnings(activity),
        is_over=activity.ends_at <= now(),
        attendance=attendance,
        unannounced=list_unannounced(activity_id, named, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE),
        page=page,
        pages=-(-attendance.named // PAGE_SIZE),
        marks=MARKS,
        typed=request.form,
    )


def is_own(activity: Activity) -> bool:
    """Whether one of the admin's own teams organises it; others can be read and signed up for."""
    return activity.team_id in g.scope or (activity.team_id is None and g.is_brigade)


def list_shown_participants(activity: Activity) -> list[Row[Any]]:
    """Who takes part; of an activity of a team above only the admin's own members."""
    is_whole = is_own(activity) or activity.station_id in g.station_ids
    return list_participants(activity.id, None if is_whole else g.scope)


def list_on_roster(activity: Activity) -> list[Row[Any]]:
    """Who stands on the roster sheet that this admin gets: of those shown, who signed up."""
    shown = list_shown_participants(activity)
    return [one for one in shown if one.Participation.state == ParticipationState.SIGNED_UP]


def list_warnings(activity: Activity) -> list[str]:
    """What its admin has to mind before the activity, each in a sentence or two."""
    found = [insurance_warning(activity)]
    if activity.is_training and activity.station_id is None:
        found.append(
            _(
                "没有选签到的服务站，参加培训的人不能刷卡签到。请修改后选一个；不刷卡的，结束后手工登记培训记录。"
            )
        )
    is_gated = activity.training_needed and is_own(activity)
    if is_gated and not is_anybody_trained(g.scope, activity.training_needed):
        found.append(
            _(
                "还没有人有“%(training)s”的培训记录，谁也报不了名。请核对培训名称，要和培训记录里的完全一样。",
                training=activity.training_needed,
            )
        )
    return [one for one in found if one]


def insurance_warning(activity: Activity) -> str:
    """What a risk that no insurance covers means; empty where there is none."""
    if not is_uninsured(activity.risk_level, activity.insurance_no):
        return ""
    if find_risk_policy() is RiskPolicy.BLOCK:
        return str(_("有风险，没有保险单号。按大队的规定，补上保险单号之前不能发布、报名和签到。"))
    return str(_("有风险，没有保险单号。请在活动开始前为志愿者买保险，并把保险单号填进来。"))
