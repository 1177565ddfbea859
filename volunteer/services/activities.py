"""Activities: written as drafts, published, changed, called off."""

from collections.abc import Mapping
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
    CancelTooLate,
    RiskPolicy,
    RiskUninsured,
    check_activity,
    is_uninsured,
    require_to_come,
    told_of,
)
from volunteer.domain.categories import CategoryNotChosen
from volunteer.domain.members import require_length
from volunteer.domain.messages import CALLED_OFF, RESCHEDULED, Note, activity_path
from volunteer.domain.participations import ActivityOver
from volunteer.domain.versions import require_version
from volunteer.models.activities import Activity
from volunteer.models.duty_days import Setting
from volunteer.models.messages import message_of
from volunteer.queries.activities import find_risk_policy, find_risk_rule, lock_activity
from volunteer.queries.categories import list_open_codes
from volunteer.queries.participations import list_coming_ids
from volunteer.writes.participations import fill_free_places


def add_activity(
    fields: ActivityFields, team_id: int | None, station_id: int | None, now: datetime
) -> Activity:
    """A new activity as a draft that only its admins see; without a team it is the brigade's."""
    fields = check_activity(fields)
    require_to_come(fields.ends_at, now)
    with transaction():
        _require_open(fields.category)
        activity = Activity(
            **_columns(fields), team_id=team_id, station_id=station_id, state=ActivityState.DRAFT
        )
        db.session.add(activity)
    return activity


def change_activity(
    activity_id: int,
    fields: ActivityFields,
    team_id: int | None,
    station_id: int | None,
    now: datetime,
    version: str | None = None,
) -> Activity:
    """Change a draft or published activity; records already made keep the window they were made with.

    Free places go to who waits, and who comes is told of another time or place. With the ``version``
    that a form showed, refuses what would undo a change of somebody else.
    """
    fields = check_activity(fields)
    with transaction():
        activity = lock_activity(activity_id)
        if activity.state == ActivityState.CANCELLED:
            raise ActivityStateWrong()
        require_version(version, told_of(activity))
        if activity.state == ActivityState.PUBLISHED:
            _require_insurance(fields.risk_level, fields.insurance_no)
        # What is over may still be put right.
        if activity.state == ActivityState.DRAFT or activity.ends_at > now:
            require_to_come(fields.ends_at, now)
        if fields.category != activity.category:
            _require_open(fields.category)
        before = _where_and_when(activity)
        for name, value in _columns(fields).items():
            setattr(activity, name, value)
        activity.team_id, activity.station_id = team_id, station_id
        if _is_to_come(activity, now) and before != _where_and_when(activity):
            _tell(activity, RESCHEDULED, {"place": activity.place}, now)
        fill_free_places(activity, now)
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


def cancel_activity(activity_id: int, reason: str, now: datetime) -> None:
    """Call an activity off that is not over; who signed up or waits is told why."""
    if not reason:
        raise CancelReasonMissing()
    require_length(reason, LONGEST_REASON)
    with transaction():
        activity = lock_activity(activity_id)
        if activity.state == ActivityState.CANCELLED:
            raise ActivityStateWrong()
        if activity.state == ActivityState.PUBLISHED:
            if activity.ends_at <= now:
                raise CancelTooLate()
            _tell(activity, CALLED_OFF, {"reason": reason}, now)
        activity.state, activity.cancel_reason = ActivityState.CANCELLED, reason


def choose_risk_policy(policy: RiskPolicy, now: datetime) -> None:
    """Decide for the whole installation what becomes of risky activities without insurance, from now on."""
    with transaction():
        rule = find_risk_rule().choose(policy, now)
        db.session.merge(Setting(name=RISK_POLICY_SETTING, value=str(rule)))


def _where_and_when(activity: Activity) -> tuple[Any, ...]:
    return activity.starts_at, activity.ends_at, activity.place, activity.station_id


def _is_to_come(activity: Activity, now: datetime) -> bool:
    return activity.state == ActivityState.PUBLISHED and activity.ends_at > now


def _tell(activity: Activity, msgid: str, params: Mapping[str, str], now: datetime) -> None:
    """Tell who signed up or waits; the window as it is now goes along."""
    window = {"starts_at": activity.starts_at.isoformat(), "ends_at": activity.ends_at.isoformat()}
    said = {"activity": activity.name, **window, **params}
    for member_id in list_coming_ids(activity.id):
        key = f"activity:{activity.id}:{member_id}:{now:%Y%m%d%H%M%S%f}"
        note = Note(key, msgid, activity_path(activity.id), said, member_id=member_id)
        db.session.add(message_of(note, now))


def _columns(fields: ActivityFields) -> dict[str, Any]:
    return {**asdict(fields), "is_training": fields.is_training}


def _require_open(category: str) -> None:
    if category not in list_open_codes():
        raise CategoryNotChosen()


def _require_insurance(risk_level: str, insurance_no: str) -> None:
    if is_uninsured(risk_level, insurance_no) and find_risk_policy() is RiskPolicy.BLOCK:
        raise RiskUninsured()
