"""Nominations for stars: how they stand, who acts, and several done one by one.

What is published stays: from then on a star is only taken away by a decision of its own
that everybody concerned can read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Protocol, TypeVar

from volunteer.domain.members import require_length
from volunteer.domain.proposals import ProposalState
from volunteer.domain.refusals import N_, NotFound, ReasonMissing, Refusal
from volunteer.domain.stars import JudgingLevel

LONGEST_REASON = 300
LONGEST_DOCUMENT = 120
T = TypeVar("T")


class NominationState(StrEnum):
    """How a nomination stands, as people see it."""

    WAITING = "waiting"
    JUDGED = "judged"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class NominationUnknown(NotFound):
    code = "nomination_unknown"
    msgid = N_("没有找到这份提名，或不在您的管理范围内。")


class NotEligible(Refusal):
    code = "star_not_eligible"
    msgid = N_("%(name)s目前不符合这条标准：时长、满月数不够，已离队，或已有这个星级。")


class NominatedAlready(Refusal):
    code = "star_nominated_already"
    msgid = N_("%(name)s已经按这条标准提名，请先处理那份提名。")


class NominationDecided(Refusal):
    code = "nomination_decided"
    msgid = N_("这份提名已经处理过了。")


class NominationPublished(Refusal):
    code = "nomination_published"
    msgid = N_("这个星级已经公布，不能再撤回认定；确有错误时请撤销星级并写明理由。")


class NotPublished(Refusal):
    code = "nomination_not_published"
    msgid = N_("只有已公布的星级可以撤销。")


class DocumentMissing(Refusal):
    code = "star_document_missing"
    msgid = N_("这个星级由区或市认定：请填写认定文件的名称或文号。")


class JudgementReplyMissing(Refusal):
    code = "judgement_reply_missing"
    msgid = N_("请写一句回复，告诉提名人为什么不予认定。")


class BrigadeJudges(Refusal):
    code = "brigade_judges"
    msgid = N_("星级由大队管理员认定和公布，请联系大队。")


class NobodyChosen(Refusal):
    code = "nobody_chosen"
    msgid = N_("请先勾选至少一人。")


class Nomination(Protocol):
    """A stored nomination."""

    @property
    def state(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...


_DECIDED = {
    ProposalState.REJECTED: NominationState.REJECTED,
    ProposalState.WITHDRAWN: NominationState.WITHDRAWN,
}


def state_of(nomination: Nomination) -> NominationState:
    """How the nomination stands."""
    if nomination.state == ProposalState.APPROVED:
        if nomination.revoked_at:
            return NominationState.REVOKED
        return NominationState.PUBLISHED if nomination.published_at else NominationState.JUDGED
    return _DECIDED.get(ProposalState(nomination.state), NominationState.WAITING)


def clean_document(text: str, level: str) -> str:
    """The decision's name or number; needed where a body outside the organisation judged."""
    document = require_length(" ".join(text.split()), LONGEST_DOCUMENT)
    if not document and level != JudgingLevel.ORGANISATION:
        raise DocumentMissing()
    return document


@dataclass(frozen=True)
class Actor:
    """The admin who acts, with the scope, when, and where that is."""

    admin_id: int
    scope: frozenset[int]
    is_brigade: bool
    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.zone).date()


@dataclass
class Outcome:
    """What was done, and why the rest was not: the name and the refusal of each."""

    done: list[int] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)


def each(wanted: list[T], act: Callable[[T], int], name: Callable[[T], str]) -> Outcome:
    """Do them one by one; where nothing at all could be done, the first refusal is the answer."""
    outcome = Outcome()
    for one in wanted:
        try:
            outcome.done.append(act(one))
        except Refusal as refusal:
            outcome.refused.append((name(one), refusal))
    if not wanted:
        raise NobodyChosen()
    if not outcome.done:
        raise outcome.refused[0][1]
    return outcome


def clean_reason(reason: str) -> str:
    """The reason without surplus spaces; every nomination and every revoking has one."""
    reason = require_length(" ".join(reason.split()), LONGEST_REASON)
    if not reason:
        raise ReasonMissing()
    return reason


def clean_reply(text: str) -> str:
    """What the nominating team is told; without it nobody is turned down."""
    reply = require_length(" ".join(text.split()), LONGEST_REASON)
    if not reply:
        raise JudgementReplyMissing()
    return reply
