"""Activities: written as drafts, published, changed, called off."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from volunteer.db import db, transaction
from volunteer.domain.activities import (
    LONGEST_REASON,
    RISK_POLICY_SETTING,
    ActivityFields,
    ActivityState,
    ActivityStateWrong,
    CancelReasonMissing,
    RiskPolicy,
    RiskUninsured,
    check_activity,
    is_uninsured,
)
from volunteer.domain.categories import CategoryNotChosen
from volunteer.domain.members import require_length
from volunteer.domain.participations import ActivityOver
from volunteer.models.activities import Activity
from volunteer.models.duty_days import Setting
from volunteer.queries.activities import find_risk_policy, lock_activity
from volunteer.queries.categories import list_open_codes


def add_activity(fields: ActivityFields, team_id: int | None, station_id: int | None) -> Activity:
    """A new activity as a draft that only its admins see; without a team it is the brigade's."""
    fields = check_activity(fields)
    with transaction():
        _require_open(fields.category)
        activity = Activity(
            **_columns(fields), team_id=team_id, station_id=station_id, state=ActivityState.DRAFT
        )
        db.session.add(activity)
    return activity


def change_activity(
    activity_id: int, fields: ActivityFields, team_id: int | None, station_id: int | None
) -> Activity:
    """Change a draft or published activity; records already made keep the window they were made with."""
    fields = check_activity(fields)
    with transaction():
        activity = lock_activity(activity_id)
        if activity.state == ActivityState.CANCELLED:
            raise ActivityStateWrong()
        if activity.state == ActivityState.PUBLISHED:
            _require_insurance(fields.risk_level, fields.insurance_no)
        if fields.category != activity.category:
            _require_open(fields.category)
        for name, value in _columns(fields).items():
            setattr(activity, name, value)
        activity.team_id, activity.station_id = team_id, station_id
    return activity


def publish_activity(activity_id: int, now: datetime) -> None:
    """Open a draft to members, and at its station to check-ins."""
    with transaction():
        activity = lock_activity(activity_id)
        if activity.state != ActivityState.DRAFT:
            raise ActivityStateWrong()
        if activity.ends_at <= now:
            raise ActivityOver()
        _require_insurance(activity.risk_level, activity.insurance_no)
        activity.state = ActivityState.PUBLISHED


def cancel_activity(activity_id: int, reason: str) -> None:
    """Call an activity off; who signed up reads why."""
    if not reason:
        raise CancelReasonMissing()
    require_length(reason, LONGEST_REASON)
    with transaction():
        activity = lock_activity(activity_id)
        if activity.state == ActivityState.CANCELLED:
            raise ActivityStateWrong()
        activity.state, activity.cancel_reason = ActivityState.CANCELLED, reason


def choose_risk_policy(policy: RiskPolicy) -> None:
    """Decide for the whole installation what becomes of risky activities without insurance."""
    with transaction():
        db.session.merge(Setting(name=RISK_POLICY_SETTING, value=str(policy)))


def _columns(fields: ActivityFields) -> dict[str, Any]:
    return {**asdict(fields), "is_training": fields.is_training}


def _require_open(category: str) -> None:
    if category not in list_open_codes():
        raise CategoryNotChosen()


def _require_insurance(risk_level: str, insurance_no: str) -> None:
    if is_uninsured(risk_level, insurance_no) and find_risk_policy() is RiskPolicy.BLOCK:
        raise RiskUninsured()
