"""Scans: when they happened, and the closed list of answers a terminal can get."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from volunteer.domain.activities import Plan, Remark
from volunteer.domain.cards import ENROLLED, UNUSABLE_UIDS
from volunteer.domain.clocking import Effect
from volunteer.domain.names import mask_name
from volunteer.domain.refusals import N_, Sentence

MOST_SCANS = 500
ID_REUSED = "id_reused"
# Below this the difference of the clocks is the network's delay, not an offset.
NOTICEABLE_OFFSET = timedelta(seconds=2)


class Medium(StrEnum):
    """How the token reached the terminal."""

    QR = "qr"
    NFC = "nfc"
    KEYBOARD = "keyboard"
    MANUAL = "manual"


class ScanStatus(StrEnum):
    """What became of a scan; any of these lets the terminal drop it."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


ACCEPTED = {
    "checked_in": N_("%(name)s，签到成功"),
    "checked_out": N_("%(name)s，签退成功"),
    "double_tap": N_("%(name)s，刚刚已刷过卡"),
    "already_checked_in": N_("%(name)s，已经签到"),
    "not_checked_in": N_("%(name)s，尚未签到，不能签退"),
    "undone": N_("%(name)s，已撤销这次刷卡"),
    ENROLLED: N_("%(name)s，卡已绑定，再刷一次即可签到"),
}
FORGOTTEN = N_("%(name)s，签到成功。%(month)s月%(day)s日忘记签退，请告诉我们几点离开的")
REFUSED = {
    "card_unknown": N_("这张卡没有登记，请到本队管理员处绑定。"),
    "card_lost": N_("这张卡已挂失，请联系本队管理员。"),
    "card_revoked": N_("这张卡已停用，请联系本队管理员。"),
    "card_expired": N_("这张卡已过期，请联系本队管理员。"),
    "token_invalid": N_("这不是本系统的志愿者证，或二维码已损坏。"),
    "member_inactive": N_("这位志愿者已不在册，请联系本队管理员。"),
    "activity_blocked": N_("未能签到：本活动有风险，没有登记保险，请找负责人"),
    **UNUSABLE_UIDS,
}
REMARKS = {
    Remark.UNINSURED: N_("本活动有风险，没有登记保险，请找负责人"),
    Remark.TRAINING: N_("这是培训，不计入服务时长"),
}
QUARANTINED = {
    "malformed": N_("这条刷卡记录看不懂，已留存待人工查看。"),
    ID_REUSED: N_("这条刷卡记录的编号已被另一次刷卡使用，已留存待人工查看。"),
}


def status_of(outcome: str) -> ScanStatus:
    """The status that goes with an outcome. The lists are closed: an unknown one is a bug."""
    if outcome in ACCEPTED:
        return ScanStatus.ACCEPTED
    if outcome in REFUSED:
        return ScanStatus.REFUSED
    if outcome in QUARANTINED:
        return ScanStatus.QUARANTINED
    raise KeyError(outcome)


def say(outcome: str, masked_name: str = "") -> Sentence:
    """The sentence on the station's screen; the name in it is already masked."""
    msgid = ACCEPTED.get(outcome) or REFUSED.get(outcome) or QUARANTINED[outcome]
    return Sentence(msgid, {"name": masked_name} if "%(name)s" in msgid else {})


@dataclass(frozen=True, slots=True)
class Moment:
    """When a scan happened, and whether its clock deserves doubt."""

    at: datetime
    is_suspect: bool


def reckon(received_at: datetime, claimed_at: datetime, age: timedelta | None, offset: timedelta) -> Moment:
    """When a scan happened, in whole milliseconds and never later than ``received_at``.

    A monotonic ``age`` of the same boot decides, whatever the wall clock says.
    Without one the wall clock corrected by the measured ``offset`` (server minus
    terminal) is used and marked as suspect.
    """
    if age is not None and age >= timedelta(0):
        return Moment(_whole(received_at - age), is_suspect=False)
    if abs(offset) < NOTICEABLE_OFFSET:
        offset = timedelta(0)
    return Moment(_whole(min(claimed_at + offset, received_at)), is_suspect=True)


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Reading:
    """One scan as a terminal reports it."""

    id: UUID
    token: str
    medium: Medium
    claimed_at: datetime
    age: timedelta | None = None
    seq: int | None = None
    boot: UUID | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A scan that does not fit the contract: its id as sent (if any), why, and all of it."""

    id: str | None
    detail: str
    content: object

    @property
    def reason(self) -> str:
        """The outcome it is answered with."""
        return ID_REUSED if self.detail == ID_REUSED else "malformed"


def set_apart_reused(entries: Sequence[Reading | Unreadable]) -> list[Reading | Unreadable]:
    """Within one request too an id names one scan: another card under it is kept for a person."""
    first: dict[UUID, Reading] = {}
    told: list[Reading | Unreadable] = []
    for entry in entries:
        is_other = isinstance(entry, Reading) and first.setdefault(entry.id, entry).token != entry.token
        told.append(keep_reused(entry) if isinstance(entry, Reading) and is_other else entry)
    return told


def keep_reused(reading: Reading) -> Unreadable:
    """A reading under an id that another one has, as it is kept for a person."""
    # Nothing in it changes from one sending to the next, so that it is kept once. The token stays out:
    # it is as good as the card.
    content = {
        "id": str(reading.id),
        "seq": reading.seq,
        "medium": str(reading.medium),
        "at": reading.claimed_at.isoformat(),
        "token_sha256": hashlib.sha256(reading.token.encode()).hexdigest(),
    }
    return Unreadable(str(reading.id), ID_REUSED, content)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the terminal is told about one scan. Names are masked before they get here."""

    id: str | None
    status: ScanStatus
    outcome: str
    member: Mapping[str, str] | None = None
    record: Mapping[str, Any] | None = None
    totals: Mapping[str, int] | None = None
    # Only where somebody checks in who lately forgot to check out: that day, as 2026-09-15.
    forgotten_on: str | None = None
    # What is to be known of the activity that somebody checks in to or out of.
    remark: Remark | None = None
    # Whether the card was held at a training, for the answer to the check-out.
    is_training: bool = False

    def with_record_id(self, ids: Mapping[UUID, int]) -> "Answer":
        """The answer with its record named by its id; as it is stored, the opening scan names it."""
        # The first release kept the id itself.
        if self.record is None or "id" in self.record:
            return self
        record = {"id": ids[UUID(self.record["opened_by"])], **self.record}
        del record["opened_by"]
        return replace(self, record=record)

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences for the station's screen."""
        remarks = [Sentence(REMARKS[self.remark])] if self.remark else []
        if self.forgotten_on and self.member:
            _, month, day = map(int, self.forgotten_on.split("-"))
            return [Sentence(FORGOTTEN, {"name": self.member["name"], "month": month, "day": day}), *remarks]
        return [say(self.outcome, self.member["name"] if self.member else ""), *remarks]


def remark_on(outcome: str, plan: Plan | None) -> Remark | None:
    """What is to be known of a record's activity: the risk by whoever begins, else that it is training.

    ``plan`` is what opened the record. What became of the activity since then does not change it: who
    checked in to service is not told at the check-out that it was training, nor the other way round.
    """
    if plan is None or outcome not in (Effect.CHECKED_IN, Effect.CHECKED_OUT):
        return None
    at_check_out = Remark.TRAINING if plan.is_training else None
    return plan.remark if outcome == Effect.CHECKED_IN else at_check_out


def show_member(member: Any) -> dict[str, str]:
    """What of a member stands on a station's screen."""
    return {"name": mask_name(member.name), "volunteer_no": member.volunteer_no}


def first_answer(stored: Any, cards: Iterable[Any]) -> Answer:
    """What a stored scan was answered when it came in; ``cards`` are those of its identity."""
    holder = next((card for card in cards if _is_holder(card, stored)), None)
    return Answer(
        id=str(stored.id),
        status=ScanStatus.DUPLICATE,
        outcome=stored.outcome,
        member=show_member(holder) if holder else None,
        **json.loads(stored.answer),
    )


def _is_holder(card: Any, stored: Any) -> bool:
    """Whether this card is the one behind a stored scan; the scan that bound it counts for nobody."""
    is_bound_by = stored.outcome == ENROLLED and card.issued_at == stored.at
    return bool(is_bound_by or card.member_id == stored.member_id)
