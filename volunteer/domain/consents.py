"""Consents: what a member agreed to, purpose by purpose (PIPL articles 14, 15 and 23 to 29).

Each purpose has its own text with its own version. Who consented to an older version is
asked again where the text changes what is done; withdrawing is as easy as consenting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from volunteer.domain.refusals import N_, Refusal

LONGEST_PAPER_NOTE = 120


class Purpose(StrEnum):
    """What personal data may be used for; each needs its own yes."""

    RECORDING = "recording"
    CONTACT = "contact"
    NAME = "name"
    HONOUR_BOARD = "honour_board"
    PHOTO = "photo"


@dataclass(frozen=True)
class ConsentText:
    """The text somebody agrees to; a change of meaning takes a new version."""

    version: int
    msgid: str


TEXTS: Mapping[Purpose, ConsentText] = {
    Purpose.RECORDING: ConsentText(
        1,
        N_("同意记录我的基本信息、签到签退和服务时长，用于志愿服务记录和开具证明。"),
    ),
    Purpose.CONTACT: ConsentText(1, N_("同意本队管理员为志愿服务的事联系我，不用于其他目的。")),
    Purpose.NAME: ConsentText(
        1, N_("同意在单位内部的名单和公示中写出我的姓名和队伍。不同意时姓名以星号隐去。")
    ),
    Purpose.HONOUR_BOARD: ConsentText(1, N_("同意在荣誉榜上展示我的姓名、队伍和所获荣誉。")),
    Purpose.PHOTO: ConsentText(1, N_("同意使用活动中拍到我的照片，用于志愿服务的内部宣传。")),
}


class DecidedInFuture(Refusal):
    code = "decided_in_future"
    msgid = N_("签字日期不能在将来。")


class Decision(Protocol):
    """A stored yes or no."""

    @property
    def purpose(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def is_given(self) -> bool: ...


D = TypeVar("D", bound=Decision)


def latest_by_purpose(decisions: Iterable[D]) -> dict[Purpose, D]:
    """The decision that holds for each purpose: the last one; ``decisions`` come in their order."""
    return {Purpose(one.purpose): one for one in decisions}


def is_outdated(decision: Decision) -> bool:
    """Whether the text has changed since this yes."""
    return decision.is_given and decision.version < TEXTS[Purpose(decision.purpose)].version
