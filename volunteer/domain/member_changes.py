"""A member's way through the teams: transfer, rest, return, retirement; what may follow what."""

from datetime import date, datetime, time, tzinfo
from enum import StrEnum

from volunteer.domain.member_change_refusals import ChangeTooEarly, ChangeTooLate, StatusUnfit, TransferToSame
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import N_, ReasonMissing, Refusal, TextTooLong

LONGEST_REASON = 200


class MoveBeforeEntry(Refusal):
    code = "move_before_entry"
    msgid = N_("日期不能早于登记日期（%(day)s）：在那之前还不是志愿者。")


class MemberOnDuty(Refusal):
    code = "member_on_duty"
    msgid = N_("这位志愿者正在岗，请等签退后再办理。现在停用卡，就无法签退，这次服务也不计时。")


class EventKind(StrEnum):
    """What happened to a member; each is kept with what was before and after."""

    JOINED = "joined"
    TRANSFERRED = "transferred"
    RESTED = "rested"
    RETURNED = "returned"
    RETIRED = "retired"
    LEFT = "left"
    MERGED = "merged"
    MERGED_AWAY = "merged_away"
    RENAMED = "renamed"
    ID_REPLACED = "id_replaced"
    ID_REMOVED = "id_removed"


class TransferState(StrEnum):
    """A transfer that another team must agree to, and what came of it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


# Corrections of the file. They stand beside the way through the teams: neither is in the other's way.
FILE_KINDS = (EventKind.RENAMED, EventKind.ID_REPLACED, EventKind.ID_REMOVED)
WAY_KINDS = tuple(kind for kind in EventKind if kind not in FILE_KINDS)
# The steps that change the status: where they lead, and from where they may be taken.
STATUS_AFTER = {
    EventKind.RESTED: MemberStatus.SUSPENDED,
    EventKind.RETURNED: MemberStatus.ACTIVE,
    EventKind.RETIRED: MemberStatus.LEFT,
    EventKind.LEFT: MemberStatus.LEFT,
}
_FROM = {
    EventKind.RESTED: {MemberStatus.ACTIVE},
    EventKind.RETURNED: {MemberStatus.SUSPENDED, MemberStatus.LEFT},
    EventKind.RETIRED: {MemberStatus.ACTIVE, MemberStatus.SUSPENDED},
    EventKind.LEFT: {MemberStatus.ACTIVE, MemberStatus.SUSPENDED},
}


def beside(kind: EventKind) -> tuple[EventKind, ...]:
    """The kinds among which a change must be the newest to be taken back."""
    return (kind,) if kind in FILE_KINDS else WAY_KINDS


def steps_from(status: str) -> list[EventKind]:
    """The steps that a member of this status may take, in the order they are offered."""
    return [kind for kind in STATUS_AFTER if status in _FROM[kind]]


def require_step(status: str, kind: EventKind) -> MemberStatus:
    """The status that the step leads to; refuses one that does not fit the present status."""
    if status not in _FROM[kind]:
        raise StatusUnfit()
    return STATUS_AFTER[kind]


def ends_cards(kind: EventKind) -> bool:
    """Whether all cards end by themselves with this step; coming back revives none of them."""
    return kind in STATUS_AFTER and kind is not EventKind.RETURNED


def require_move(before: tuple[int, int | None], after: tuple[int, int | None]) -> None:
    """Refuse a transfer to where the member is already; both are (team, unit)."""
    if before == after:
        raise TransferToSame()


def require_entered(on: date, entered_at: datetime, zone: tzinfo) -> None:
    """Refuse a move dated before the member was entered: nobody was anywhere then."""
    entered_on = entered_at.astimezone(zone).date()
    if on < entered_on:
        raise MoveBeforeEntry(day=entered_on.isoformat())


def clean_reason(text: str) -> str:
    """The reason without surplus spaces; every change has one."""
    reason = " ".join(text.split())
    if not reason:
        raise ReasonMissing()
    if len(reason) > LONGEST_REASON:
        raise TextTooLong(maximum=LONGEST_REASON)
    return reason


def start_of(on: date, now: datetime, zone: tzinfo, after: datetime | None = None) -> datetime:
    """The instant at which a change dated ``on`` begins: now if that is today, else when that day began.

    Refuses a day to come, and one before ``after``, when the last such change took effect.
    """
    today = now.astimezone(zone).date()
    if on > today:
        raise ChangeTooLate()
    if after is not None and on < after.astimezone(zone).date():
        raise ChangeTooEarly(day=after.astimezone(zone).date().isoformat())
    began = now if on == today else datetime.combine(on, time.min, zone)
    return max(began, after) if after is not None else began
