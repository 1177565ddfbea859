"""Activities: what must be told of one, and the window in which its service is planned."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from volunteer.domain.members import require_length
from volunteer.domain.refusals import N_, NotFound, Refusal

LONGEST_CONTENT, LONGEST_RISK_NOTE, LONGEST_REASON, LONGEST_INSURANCE_NO = 1000, 500, 200, 60
LONGEST_WINDOW = timedelta(hours=24)
MOST_PLACES = 10_000
RISK_POLICY_SETTING = "risk_policy"
# As many choices as a setting has room for: five of at most 39 characters in 200.
MOST_CHOICES = 5
# The category of training, which is no service: time given to it does not count, for this reason.
TRAINING, TRAINING_REASON = "training", "培训"


class Category(StrEnum):
    """The five service categories of the duty day."""

    CIVIL_TRAVEL = "civil_travel"
    CIVIC_TALK = "civic_talk"
    COMMUNITY_VISIT = "community_visit"
    BEAUTIFICATION = "beautification"
    WARMTH = "warmth"


class ActivityState(StrEnum):
    """Being written, open to members, or called off."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class RiskLevel(StrEnum):
    """How dangerous the service is for those who give it."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"


class RiskPolicy(StrEnum):
    """What becomes of a risky activity without insurance."""

    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class RiskRule:
    """What the brigade chose for risky activities without insurance, one choice after the other.

    Each with since when it holds; without that, always. The latest ``MOST_CHOICES`` are kept.
    """

    choices: tuple[tuple[RiskPolicy, datetime | None], ...] = ((RiskPolicy.WARN, None),)

    @property
    def policy(self) -> RiskPolicy:
        """What holds now."""
        return self.choices[-1][0]

    def at(self, at: datetime) -> RiskPolicy:
        """The policy for a card held then; before all that is known nobody is kept out."""
        held = (policy for policy, since in reversed(self.choices) if since is None or since <= at)
        return next(held, RiskPolicy.WARN)

    def choose(self, policy: RiskPolicy, now: datetime) -> "RiskRule":
        """The rule after this choice; what is chosen again holds since it was first chosen."""
        return self if policy is self.policy else RiskRule((*self.choices, (policy, now))[-MOST_CHOICES:])

    def __str__(self) -> str:
        return " ".join(
            f"{policy} {since.isoformat()}" if since else policy for policy, since in self.choices
        )


def read_risk_rule(text: str | None) -> RiskRule:
    """The rule as it is stored; a warning where nobody has chosen."""
    choices: list[tuple[RiskPolicy, datetime | None]] = []
    for word in (text or RiskPolicy.WARN).split():
        if word in tuple(RiskPolicy):
            choices.append((RiskPolicy(word), None))
        else:
            choices[-1] = choices[-1][0], datetime.fromisoformat(word)
    return RiskRule(tuple(choices))


class Remark(StrEnum):
    """What a terminal adds to its answer about an activity."""

    UNINSURED = "uninsured"
    TRAINING = "training"


class ActivityUnknown(NotFound):
    code = "activity_unknown"
    msgid = N_("没有找到这个活动，或不在您的管理范围内。")


class ActivityFieldMissing(Refusal):
    code = "activity_field_missing"
    msgid = N_("请填写名称、地点、内容、组织单位和负责人。")


class WindowBackwards(Refusal):
    code = "window_backwards"
    msgid = N_("结束时间应晚于开始时间，并且相差不超过 24 小时。")


class ActivityPast(Refusal):
    code = "activity_past"
    msgid = N_("这个时间已经过去，志愿者不能再报名。请核对日期；以前服务过的时间，请在“更正与补录”里补录。")


class TimeMalformed(Refusal):
    code = "time_malformed"
    msgid = N_("请按 09:00 这样的格式填写时间。")


class PlacesWrong(Refusal):
    code = "places_wrong"
    msgid = N_("需要人数应为 1 到 %(most)s 的整数；不限人数请留空。")


class RiskNoteMissing(Refusal):
    code = "risk_note_missing"
    msgid = N_("有风险的活动，请写明风险提示。")


class RiskNoteWithoutRisk(Refusal):
    code = "risk_note_without_risk"
    msgid = N_("写了风险提示，请在“风险”里选有什么风险；没有风险的，请把风险提示删掉。")


class UncountableReasonMissing(Refusal):
    code = "uncountable_reason_missing"
    msgid = N_("不计入志愿服务时长的活动，请写明原因。")


class UncountableNotTicked(Refusal):
    code = "uncountable_not_ticked"
    msgid = N_("填写了不计入的原因，但没有勾选“不计入志愿服务时长”。请勾选，或清空原因。")


class CancelReasonMissing(Refusal):
    code = "cancel_reason_missing"
    msgid = N_("请写明取消的原因，报名的人会看到。")


class CancelTooLate(Refusal):
    code = "cancel_too_late"
    msgid = N_("这个活动已经结束，不能再取消。有人的时长记错了，请在“更正与补录”里更正。")


class RiskUninsured(Refusal):
    code = "risk_uninsured"
    msgid = N_("这个活动有风险，但没有保险单号。按大队的规定，补上保险单号之前不能发布、报名和签到。")


class ActivityStateWrong(Refusal):
    code = "activity_state_wrong"
    msgid = N_("这个活动现在的状态不能这样做，请刷新后再看。")


@dataclass(frozen=True, slots=True)
class ActivityFields:
    """What an admin says of an activity: the seven fields of Order 67 article 7 and what goes with them."""

    name: str
    category: str
    place: str
    content: str
    starts_at: datetime
    ends_at: datetime
    organising_unit: str
    person_in_charge: str
    places: int | None = None
    risk_level: RiskLevel = RiskLevel.NONE
    risk_note: str = ""
    insurance_no: str = ""
    training_needed: str = ""
    is_countable: bool = True
    uncountable_reason: str = ""

    @property
    def is_training(self) -> bool:
        """Whether it is learning and no service."""
        return self.category == TRAINING


def check_activity(fields: ActivityFields) -> ActivityFields:
    """The fields as they are kept; refuses an activity whose record would not say what the law asks for."""
    if fields.is_training:
        reason = fields.uncountable_reason or TRAINING_REASON
        fields = replace(fields, is_countable=False, uncountable_reason=reason)
    needed = (fields.name, fields.place, fields.content, fields.organising_unit, fields.person_in_charge)
    if not all(needed):
        raise ActivityFieldMissing()
    for text, longest in (
        (fields.name, 120),
        (fields.place, 200),
        (fields.content, LONGEST_CONTENT),
        (fields.organising_unit, 120),
        (fields.person_in_charge, 120),
        (fields.risk_note, LONGEST_RISK_NOTE),
        (fields.insurance_no, LONGEST_INSURANCE_NO),
        (fields.training_needed, 120),
        (fields.uncountable_reason, LONGEST_REASON),
    ):
        require_length(text, longest)
    if not fields.starts_at < fields.ends_at <= fields.starts_at + LONGEST_WINDOW:
        raise WindowBackwards()
    if fields.risk_level != RiskLevel.NONE and not fields.risk_note:
        raise RiskNoteMissing()
    if fields.risk_level == RiskLevel.NONE and fields.risk_note:
        raise RiskNoteWithoutRisk()
    if not fields.is_countable and not fields.uncountable_reason:
        raise UncountableReasonMissing()
    if fields.is_countable and fields.uncountable_reason:
        raise UncountableNotTicked()
    return fields


def require_to_come(ends_at: datetime, now: datetime) -> None:
    """Refuse a window that is over: nobody could sign up or check in any more."""
    if ends_at <= now:
        raise ActivityPast()


def told_of(activity: Any) -> dict[str, object]:
    """All that the form of an activity changes, as its row has it now."""
    names = [one.name for one in dataclass_fields(ActivityFields)]
    return {name: getattr(activity, name) for name in (*names, "team_id", "station_id")}


def clean_places(text: str) -> int | None:
    """How many people are needed, in digits of any width; empty for no limit."""
    text = unicodedata.normalize("NFKC", text).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_PLACES):
        raise PlacesWrong(most=MOST_PLACES)
    return int(text)


def is_uninsured(risk_level: str, insurance_no: str) -> bool:
    """Whether there is a risk that no insurance covers (Regulations 2017, article 17)."""
    return risk_level != RiskLevel.NONE and not insurance_no


def is_service(activity: Any) -> bool:
    """Whether time given to it counts: Order 67 keeps training (article 8) apart from service (article 7)."""
    return bool(activity.is_countable and not activity.is_training)


@dataclass(frozen=True, slots=True)
class Plan:
    """The planned window of one activity at one station, and what it means to check in there.

    Training is not countable. Nobody checks in where it is blocked. The remark at the check-in and
    whether it is training are for the terminal's answer alone: no record depends on them.
    """

    activity_id: int
    station_id: int
    starts_at: datetime
    ends_at: datetime
    is_countable: bool = True
    is_blocked: bool = False
    remark: Remark | None = None
    is_training: bool = False


def plan_of(activity_id: int, activity: Any, station_id: int, policy: RiskPolicy) -> Plan:
    """The plan that the row of an activity is for whoever holds a card at that station under that policy."""
    is_open_risk = is_uninsured(activity.risk_level, activity.insurance_no)
    remark = Remark.TRAINING if activity.is_training else None
    return Plan(
        activity_id,
        station_id,
        activity.starts_at,
        activity.ends_at,
        is_countable=is_service(activity),
        is_blocked=is_open_risk and policy is RiskPolicy.BLOCK,
        remark=Remark.UNINSURED if is_open_risk else remark,
        is_training=bool(activity.is_training),
    )


def plan_for(
    plans: Iterable[Plan], station_id: int, at: datetime, grace: timedelta, signed_up: Mapping[int, datetime]
) -> Plan | None:
    """The plan that a check-in at ``station_id`` belongs to, or None.

    ``signed_up`` says since when the member is signed up for which activities: one of these wins over
    all that began before it ends, but not over what follows it. Nobody is kept out by one activity
    while another one runs. Where windows overlap – with their grace, shifts that follow each other
    always do – the one with the most time left wins: who comes early for the second shift serves
    the second. Then the smaller id, so that the order of ``plans`` never matters.
    """

    def is_theirs(plan: Plan) -> bool:
        since = signed_up.get(plan.activity_id)
        return since is not None and since <= at

    def rank(plan: Plan) -> tuple[bool, timedelta, int]:
        return plan.is_blocked, max(at, plan.starts_at) - plan.ends_at, plan.activity_id

    fitting = [
        plan
        for plan in plans
        if plan.station_id == station_id and plan.starts_at - grace <= at <= plan.ends_at
    ]
    if own := [plan for plan in fitting if is_theirs(plan)]:
        ends_at = max(plan.ends_at for plan in own)
        fitting = own + [plan for plan in fitting if plan.starts_at >= ends_at]
    return min(fitting, key=rank, default=None)
