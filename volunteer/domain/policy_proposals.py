"""New versions of the policy: proposed by one person, approved by another, never over settled days."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import nlargest
from typing import Any

from volunteer.domain.members import require_length
from volunteer.domain.policies import Policy, ReviewLevel, review_level
from volunteer.domain.proposals import PersonUnknown
from volunteer.domain.refusals import N_, NotFound, ReasonMissing, Refusal
from volunteer.domain.settlements import Unsettled, credit_of

LONGEST_REASON = 200
MOST_SHOWN = 20
# The least and the most that each length may be, in minutes; the last is a count.
BOUNDS = {
    "grace_minutes": (0, 240),
    "cap_minutes": (1, 1440),
    "at_once_minutes": (0, 1440),
    "parent_minutes": (0, 1440),
    "rounding_minutes": (1, 60),
    "most_pairs": (1, 50),
}


class PolicyUnknown(NotFound):
    code = "policy_unknown"
    msgid = N_("没有找到这一版结算规则。")


class PolicyOutOfBounds(Refusal):
    code = "policy_out_of_bounds"
    msgid = N_("请填整数：前后宽限 0 到 240 分钟，单次上限 1 到 1440，取整 1 到 60，每天 1 到 50 次。")


class LadderWrong(Refusal):
    code = "policy_ladder_wrong"
    msgid = N_("自动计入的时长不能多于上级队伍可以批准的时长，两者都在 0 到 1440 分钟之间。")


class PolicyUnchanged(Refusal):
    code = "policy_unchanged"
    msgid = N_("与那时有效的规则完全一样，不用另立一版。")


class PolicyTooEarly(Refusal):
    code = "policy_too_early"
    msgid = N_("%(day)s 及以前的日子已经结算，新规则只能从之后的日子起生效。")


class PolicyDecided(Refusal):
    code = "policy_decided"
    msgid = N_("这一版已经处理过了。")


class PolicySamePerson(Refusal):
    code = "policy_same_person"
    msgid = N_("提出人和批准人必须是两个不同的人：请由另一位管理员处理。")


class NotTheProposer(Refusal):
    code = "policy_not_the_proposer"
    msgid = N_("只有提出人可以撤回；您可以批准或不批准。")


class BrigadeSetsPolicy(Refusal):
    code = "brigade_sets_policy"
    msgid = N_("结算规则由大队管理员提出和批准，请联系大队。")


def check_policy(policy: Policy, valid: Policy, last_settled_on: date | None) -> None:
    """Refuse a version that makes no sense, changes nothing, or would reach into settled days.

    ``valid`` is the version that would hold on the day it begins.
    """
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(policy, name) <= most:
            raise LadderWrong() if name in ("at_once_minutes", "parent_minutes") else PolicyOutOfBounds()
    if policy.at_once_minutes > policy.parent_minutes:
        raise LadderWrong()
    if not differences(valid, policy):
        raise PolicyUnchanged()
    require_unsettled(policy.from_on, last_settled_on)


def require_unsettled(from_on: date, last_settled_on: date | None) -> None:
    """Refuse a version that begins on or before a day that is settled."""
    if last_settled_on is not None and from_on <= last_settled_on:
        raise PolicyTooEarly(day=last_settled_on.isoformat())


def differences(before: Policy, after: Policy) -> list[str]:
    """The names of what is different, in the order of the form."""
    names = [name for name in Policy.__dataclass_fields__ if name not in ("id", "from_on")]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def clean_reason(text: str) -> str:
    """The reason without surplus spaces; nobody changes what counts without one."""
    reason = require_length(" ".join(text.split()), LONGEST_REASON)
    if not reason:
        raise ReasonMissing()
    return reason


def require_two_people(proposer: int | None, approver: int | None) -> None:
    """Refuse unless two different people stand behind a version; each is a member's id, of the kept row."""
    if proposer is None or approver is None:
        raise PersonUnknown()
    if proposer == approver:
        raise PolicySamePerson()


@dataclass(frozen=True)
class Difference:
    """One record that another version would credit otherwise."""

    row: Any
    before: int
    after: int


@dataclass
class Comparison:
    """What two versions make of the same records; ``days`` need a person's look: before and after."""

    records: int = 0
    minutes_before: int = 0
    minutes_after: int = 0
    changed: int = 0
    members: set[int] = field(default_factory=set)
    largest: list[Difference] = field(default_factory=list)
    days_before: int = 0
    days_after: int = 0


def compare(
    records: Sequence[Unsettled], before: Policy, after: Policy, so_far: Comparison, most: int = MOST_SHOWN
) -> None:
    """Add all records of one day to the comparison."""
    sums: dict[int, tuple[int, int]] = {}
    for one in records:
        old, new = credit_of(one, before), credit_of(one, after)
        so_far.records += 1
        so_far.minutes_before += old
        so_far.minutes_after += new
        day = sums.get(one.row.member_id, (0, 0))
        sums[one.row.member_id] = day[0] + old, day[1] + new
        if old != new:
            so_far.changed += 1
            so_far.members.add(one.row.member_id)
            so_far.largest.append(Difference(one.row, old, new))
    so_far.largest = nlargest(most, so_far.largest, key=lambda one: abs(one.after - one.before))
    so_far.days_before += sum(review_level(old, before) != ReviewLevel.NONE for old, _ in sums.values())
    so_far.days_after += sum(review_level(new, after) != ReviewLevel.NONE for _, new in sums.values())
