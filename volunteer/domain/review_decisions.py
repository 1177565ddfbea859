"""Deciding what lies on the review desk: by whom, never about oneself, and by nobody alone at the top."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo

from volunteer.domain.policies import ReviewLevel
from volunteer.domain.refusals import N_, NotFound, Refusal
from volunteer.domain.reviews import HOLDING, ReviewKind

LONGEST_REASON = 300


class ReviewUnknown(NotFound):
    """Absent, or on somebody else's desk."""

    code = "review_unknown"
    msgid = N_("没有这件待审核事项。")


class NothingTicked(Refusal):
    """A button was pressed with no item chosen."""

    code = "nothing_ticked"
    msgid = N_("请先勾选要处理的事项。")


class ReviewDecided(Refusal):
    """Somebody was faster."""

    code = "review_decided"
    msgid = N_("其中有事项已经处理过，请刷新后再看。要改主意，先撤销原来的处理。")


class ReviewNotYours(Refusal):
    """It needs the eyes of a team above, or of the brigade."""

    code = "review_not_yours"
    msgid = N_("其中有事项要由上级队伍或大队的管理员审核，您这一级不能处理。")


class ReviewOfOneself(Refusal):
    """Nobody decides about the own hours."""

    code = "review_of_oneself"
    msgid = N_("其中有关于您本人的事项，请由另一位管理员处理。")


class MergedByOneself(Refusal):
    """Whether two rows are one person is said by two people."""

    code = "merged_by_oneself"
    msgid = N_("其中有您自己办的合并，请由另一位管理员核对。")


class HoursNotMuted(Refusal):
    """What holds hours back is decided, not hidden."""

    code = "hours_not_muted"
    msgid = N_("这件事决定时长计不计入，不能只是静音，请采纳或不采纳。")


class MuteReasonMissing(Refusal):
    """Whoever hides something says why."""

    code = "mute_reason_missing"
    msgid = N_("请写明为什么以后不再提醒，最多 300 个字。")


@dataclass(frozen=True)
class ReviewDesk:
    """Which admin decides, what lies within sight (``scope``), and when and where that is."""

    admin_id: int
    scope: frozenset[int]
    now: datetime
    zone: tzinfo


@dataclass(frozen=True)
class Reach:
    """The teams for which an admin may decide, by the appointments that allow it."""

    team_ids: Collection[int]
    is_brigade: bool


def may_decide(level: str, team_id: int, parent_id: int | None, reach: Reach) -> bool:
    """Whether a decision of this level about this team lies within reach.

    ``parent``: only an admin of a team above the member's own; the brigade has none above it
    and decides itself. ``brigade``: only the brigade's admins.
    """
    if level == ReviewLevel.BRIGADE or (level == ReviewLevel.PARENT and parent_id is None):
        return reach.is_brigade
    return (parent_id if level == ReviewLevel.PARENT else team_id) in reach.team_ids


def needs_person(kind: str) -> bool:
    """Whether only somebody who is known as a person may decide: where it is about hours."""
    return ReviewKind(kind) in HOLDING


def clean_mute_reason(text: str) -> str:
    """The reason as it is kept; refuses none, and a novel."""
    reason = " ".join(text.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise MuteReasonMissing()
    return reason
