"""Own persons: which volunteer an admin is, proved by the admin and confirmed by a second person.

Whoever invents a volunteer and opens a second account must not be able to make two people of
one. So a link counts only once somebody known has confirmed it who had no hand in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from volunteer.domain.refusals import N_, Refusal


class PersonNotProved(Refusal):
    code = "person_not_proved"
    msgid = N_("编号与密码（或卡函上的激活码）不符，请核对。")


class PersonTaken(Refusal):
    code = "person_taken"
    msgid = N_("这个志愿者编号已关联另一个管理员账号。同一个人不能有两个账号经手时长。")


class LinkedAlready(Refusal):
    code = "linked_already"
    msgid = N_("已经关联了本人。要改，请由另一位有任命权的管理员先解除。")


class LinkWaiting(Refusal):
    code = "link_waiting"
    msgid = N_("已经提出过关联，正在等另一位管理员确认。要换编号，请先撤回。")


class NothingToConfirm(Refusal):
    code = "nothing_to_confirm"
    msgid = N_("这个账号没有等待确认的关联。")


class UnlinkReasonMissing(Refusal):
    code = "unlink_reason_missing"
    msgid = N_("请写明解除关联的原因。")


class NotMet(Refusal):
    code = "not_met"
    msgid = N_("请先当面核对，再勾选“我已当面核对”。")


class OwnLink(Refusal):
    code = "own_link"
    msgid = N_("自己的关联不能自己确认，请由另一位管理员办理。")


class ConfirmerUnknown(Refusal):
    code = "confirmer_unknown"
    msgid = N_("您本人的关联还没有得到确认，所以不能为别人确认。")


class PostsElsewhere(Refusal):
    code = "posts_elsewhere"
    msgid = N_("这个账号的职务不全在您管理的队伍里，请由上级队伍的管理员确认。")


class AccountFromYou(Refusal):
    code = "account_from_you"
    msgid = N_("这个账号或它的密码来自您，或来自您开设的另一个账号，请由别的管理员确认。")


class MemberFromYou(Refusal):
    code = "member_from_you"
    msgid = N_("这位志愿者是您登记、导入或更正过姓名、证件号码的，或者卡函是您打印的，请由别的管理员确认。")


@dataclass(frozen=True)
class Hand:
    """An admin who had a hand in an account or a volunteer, and when."""

    admin_id: int
    at: datetime


@dataclass(frozen=True)
class Account:
    """An admin's account: whether and since when its person is known, and from whose hands it came.

    Known without an instant: linked before links had to be confirmed.
    """

    is_known: bool
    known_since: datetime | None
    hands: tuple[Hand, ...]

    def was_known(self, at: datetime) -> bool:
        """Whether this account stood for a known person at that instant."""
        return self.is_known and (self.known_since is None or self.known_since <= at)


def list_hands(hands: Iterable[Hand], accounts: Mapping[int, Account]) -> frozenset[int]:
    """All admins behind these hands.

    An account that was nobody's acts for whoever it came from, so those count too, and so on. One
    whose person was known when it acted stands for that person alone.
    """
    waiting, seen = list(hands), set()
    while waiting:
        hand = waiting.pop()
        if hand not in seen:
            seen.add(hand)
            account = accounts[hand.admin_id]
            waiting += () if account.was_known(hand.at) else account.hands
    return frozenset(hand.admin_id for hand in seen)


@dataclass(frozen=True)
class Claim:
    """A link that waits: whose account, which person (the kept row), and who had a hand in either.

    ``team_ids`` are the teams that the account works for; None is a station of no team.
    """

    admin_id: int
    person: int
    team_ids: frozenset[int | None]
    account_hands: frozenset[int]
    member_hands: frozenset[int]


@dataclass(frozen=True)
class Confirmer:
    """Who would confirm: the account, its person (the kept row) if known, and where it may approve hours."""

    admin_id: int
    person: int | None
    team_ids: frozenset[int]
    is_brigade: bool

    def covers(self, claim: Claim) -> bool:
        """Whether everything that the account works for lies where this admin may approve hours."""
        return all(
            self.is_brigade if team_id is None else team_id in self.team_ids for team_id in claim.team_ids
        )


def require_confirmer(by: Confirmer, claim: Claim) -> None:
    """Refuse whoever is not a second person beside everybody who made this account and this volunteer."""
    if by.admin_id == claim.admin_id:
        raise OwnLink()
    if by.person is None:
        raise ConfirmerUnknown()
    if by.person == claim.person:
        raise PersonTaken()
    if not by.covers(claim):
        raise PostsElsewhere()
    if by.admin_id in claim.account_hands:
        raise AccountFromYou()
    if by.admin_id in claim.member_hands:
        raise MemberFromYou()


def obstacle_of(by: Confirmer, claim: Claim) -> Refusal | None:
    """Why this admin cannot confirm the link; None where nothing stands in the way."""
    try:
        require_confirmer(by, claim)
    except Refusal as refusal:
        return refusal
    return None
