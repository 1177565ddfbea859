"""Taking part in activities: free to come, to decline, to take leave and to find a substitute."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from volunteer.domain.refusals import N_, Refusal


class ParticipationState(StrEnum):
    """What a member said to an activity; all are normal (Regulations 2017, articles 25 and 40)."""

    SIGNED_UP = "signed_up"
    WAITING = "waiting"
    DECLINED = "declined"
    ON_LEAVE = "on_leave"
    SUBSTITUTED = "substituted"


# Who counts on taking part.
COMING = (ParticipationState.SIGNED_UP, ParticipationState.WAITING)
# Who comes first, then who waits, then the others.
_RANKS = {
    ParticipationState.SIGNED_UP: 0,
    ParticipationState.WAITING: 1,
    ParticipationState.SUBSTITUTED: 2,
    ParticipationState.ON_LEAVE: 3,
    ParticipationState.DECLINED: 4,
}
# What an admin may write down; only the member who takes over makes a substitution.
MARKS = (ParticipationState.SIGNED_UP, ParticipationState.ON_LEAVE, ParticipationState.DECLINED)


class ActivityNotOpen(Refusal):
    code = "activity_not_open"
    msgid = N_("这个活动没有发布或已经取消，不能报名。")


class ActivityOver(Refusal):
    code = "activity_over"
    msgid = N_("这个活动已经结束。")


class ActivityFull(Refusal):
    code = "activity_full"
    msgid = N_("名额已满，这位志愿者还在候补名单里，有空位会自动补上。")


class TrainingMissing(Refusal):
    code = "training_missing"
    msgid = N_("参加这个活动需要先有“%(training)s”的培训记录。")


class NotSignedUp(Refusal):
    code = "not_signed_up"
    msgid = N_("还没有报名，不用请假，也不用找人顶班。")


class SubstituteUnsuitable(Refusal):
    code = "substitute_unsuitable"
    msgid = N_("请填写能参加这个活动、还没有报名的另一位志愿者的编号。")


class NotAskedToSubstitute(Refusal):
    code = "not_asked_to_substitute"
    msgid = N_("对方已经不需要顶班了。")


def state_on_sign_up(places: int | None, taken: int) -> ParticipationState:
    """Signed up while there are places, then on the waiting list."""
    is_full = places is not None and taken >= places
    return ParticipationState.WAITING if is_full else ParticipationState.SIGNED_UP


def rank(answer: Any) -> tuple[int, datetime, int]:
    """Where an answer stands among others: by what it says, then by when it was given."""
    return _RANKS[ParticipationState(answer.state)], answer.state_at, answer.id
