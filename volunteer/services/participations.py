"""Taking part: sign up, decline, take leave, find a substitute. Nothing here counts who says no."""

from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain.activities import (
    LONGEST_REASON,
    ActivityState,
    ActivityUnknown,
    RiskPolicy,
    RiskUninsured,
    is_uninsured,
)
from volunteer.domain.members import MemberStatus, require_length
from volunteer.domain.messages import NOT_SUBSTITUTED, SUBSTITUTED, activity_path
from volunteer.domain.participations import (
    COMING,
    ActivityFull,
    ActivityNotOpen,
    ActivityOver,
    NotAskedToSubstitute,
    NotSignedUp,
    ParticipationState,
    SubstituteUnsuitable,
    TrainingMissing,
    state_on_sign_up,
)
from volunteer.domain.refusals import MemberInactive
from volunteer.models.activities import Activity, Participation
from volunteer.models.members import Member
from volunteer.models.messages import Message
from volunteer.queries.activities import find_risk_policy, is_open_to, lock_activity
from volunteer.queries.members import find_member, lock_members
from volunteer.queries.merges import require_kept
from volunteer.queries.participations import count_taken, find_participation, find_participation_by_id
from volunteer.queries.training_records import has_training
from volunteer.writes.participations import fill_free_places


def sign_up(activity_id: int, member_id: int, now: datetime) -> Participation:
    """Sign a member up; on the waiting list where all places are taken."""
    with transaction():
        activity, member = _lock_open(activity_id, member_id, now)
        _require_suitable(activity, member)
        found = find_participation(activity.id, member_id)
        if found is None or found.state not in COMING:
            state = state_on_sign_up(activity.places, count_taken(activity.id))
            found = _answer(activity, member_id, state, now)
    return found


def decline(activity_id: int, member_id: int, now: datetime) -> None:
    """Say no; the place goes to whoever waits. Without consequences, and never counted."""
    with transaction():
        activity, _member = _lock_open(activity_id, member_id, now)
        _answer(activity, member_id, ParticipationState.DECLINED, now)
        fill_free_places(activity, now)


def take_leave(activity_id: int, member_id: int, reason: str, now: datetime) -> None:
    """Leave after signing up, with or without a reason; the place goes to whoever waits."""
    require_length(reason, LONGEST_REASON)
    with transaction():
        activity, _member = _lock_open(activity_id, member_id, now)
        _require_coming(activity, member_id)
        _answer(activity, member_id, ParticipationState.ON_LEAVE, now, reason)
        fill_free_places(activity, now)


def ask_substitute(activity_id: int, member_id: int, volunteer_no: str, now: datetime) -> None:
    """Ask another member to take over the place; it stays the own place until that member accepts."""
    with transaction():
        activity, _member = _lock_open(activity_id, member_id, now)
        own = find_participation(activity.id, member_id)
        if own is None or own.state != ParticipationState.SIGNED_UP:
            raise NotSignedUp()
        other = find_member(volunteer_no.strip().upper())
        if other is None or other.id == member_id or not _could_take_over(activity, other):
            raise SubstituteUnsuitable()
        own.substitute_id = other.id


def answer_substitute(
    activity_id: int, participation_id: int, member_id: int, now: datetime, *, accepts: bool
) -> None:
    """The member who was asked takes the place over, or says no; the member who asked is told."""
    with transaction():
        activity, member = _lock_open(activity_id, member_id, now)
        asked = find_participation_by_id(activity.id, participation_id)
        if asked is None or asked.substitute_id != member_id or asked.state != ParticipationState.SIGNED_UP:
            raise NotAskedToSubstitute()
        if not accepts:
            asked.substitute_id = None
            db.session.add(_answer_told(NOT_SUBSTITUTED, asked, activity, member, now))
            return
        _require_suitable(activity, member)
        asked.state, asked.state_at = ParticipationState.SUBSTITUTED, now
        db.session.add(_answer_told(SUBSTITUTED, asked, activity, member, now))
        _answer(activity, member_id, ParticipationState.SIGNED_UP, now)
        # Who had a place already leaves one free.
        fill_free_places(activity, now)


def mark(activity_id: int, participation_id: int, state: ParticipationState, now: datetime) -> None:
    """An admin writes down what a member said by telephone, also after the activity; then not who comes."""
    with transaction():
        found = find_participation_by_id(activity_id, participation_id)
        if found is None:
            raise ActivityUnknown()
        activity, member = _lock(activity_id, found.member_id)
        # While this waited, a merge may have given the answer to another row or ended it.
        db.session.expire(found)
        found = find_participation_by_id(activity_id, participation_id)
        if found is None or found.member_id != member.id:
            raise ActivityUnknown()
        if state == ParticipationState.SIGNED_UP != found.state:
            _require_open(activity, now)
            _require_suitable(activity, member)
            given = state_on_sign_up(activity.places, count_taken(activity.id))
            if given == found.state:
                raise ActivityFull()
            state = given
        if state != found.state:
            _answer(activity, found.member_id, state, now)
        fill_free_places(activity, now)


def _lock_open(activity_id: int, member_id: int, now: datetime) -> tuple[Activity, Member]:
    activity, member = _lock(activity_id, member_id)
    # The answers of one person stand under one row.
    require_kept(member_id)
    _require_open(activity, now)
    return activity, member


def _lock(activity_id: int, member_id: int) -> tuple[Activity, Member]:
    # The member first, as for who leaves or is merged: neither happens meanwhile.
    lock_members([member_id])
    return lock_activity(activity_id), db.session.get_one(Member, member_id, populate_existing=True)


def _require_open(activity: Activity, now: datetime) -> None:
    if activity.state != ActivityState.PUBLISHED:
        raise ActivityNotOpen()
    if activity.ends_at <= now:
        raise ActivityOver()


def _answer_told(
    msgid: str, asked: Participation, activity: Activity, answering: Member, now: datetime
) -> Message:
    """What the member who asked for a substitute is told; the same place may be asked for again later."""
    return Message(
        key=f"substitute:{asked.id}:{answering.id}:{now:%Y%m%d%H%M%S%f}",
        member_id=asked.member_id,
        sentence={"msgid": msgid, "params": {"name": answering.name, "activity": activity.name}},
        path=activity_path(activity.id),
        sent_at=now,
    )


def _require_suitable(activity: Activity, member: Member) -> None:
    if member.status != MemberStatus.ACTIVE:
        raise MemberInactive()
    if is_uninsured(activity.risk_level, activity.insurance_no) and find_risk_policy() is RiskPolicy.BLOCK:
        raise RiskUninsured()
    if activity.training_needed and not has_training(member.id, activity.training_needed):
        raise TrainingMissing(training=activity.training_needed)


def _could_take_over(activity: Activity, member: Member) -> bool:
    found = find_participation(activity.id, member.id)
    is_free = found is None or found.state != ParticipationState.SIGNED_UP
    return member.status == MemberStatus.ACTIVE and is_free and is_open_to(activity, member)


def _require_coming(activity: Activity, member_id: int) -> None:
    found = find_participation(activity.id, member_id)
    if found is None or found.state not in COMING:
        raise NotSignedUp()


def _answer(
    activity: Activity, member_id: int, state: ParticipationState, now: datetime, reason: str = ""
) -> Participation:
    found = find_participation(activity.id, member_id)
    if found is None:
        found = Participation(activity_id=activity.id, member_id=member_id)
        db.session.add(found)
    found.state, found.reason, found.state_at, found.substitute_id = state, reason, now, None
    db.session.flush()
    return found
