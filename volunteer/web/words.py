"""What states and kinds are called on pages."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from volunteer.domain.activities import Category
from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.duty_days import DutyDayPolicy, ProposalStatus
from volunteer.domain.members import MemberStatus
from volunteer.domain.records import RecordState
from volunteer.domain.refusals import N_
from volunteer.domain.stations import Direction, ReaderProfile, StationKind, TerminalKind
from volunteer.domain.teams import TeamLevel
from volunteer.services.prints import PrintKind

RECORD_STATES = {
    RecordState.OPEN: N_("在岗"),
    RecordState.CLOSED: N_("已签退"),
    RecordState.FORGOTTEN: N_("忘记签退 · 待确认（计 0）"),
    RecordState.LEFT: N_("未签退离站 · 待审核（计 0）"),
    RecordState.SUPERSEDED: N_("已被更正取代"),
}
CARD_STATES = {
    CardState.ACTIVE: N_("使用中"),
    CardState.LOST: N_("已挂失"),
    CardState.REVOKED: N_("已停用"),
    CardState.EXPIRED: N_("已过期"),
}
CARD_KINDS = {CardKind.QR: N_("二维码志愿者证"), CardKind.NFC: N_("绑定的 NFC 卡")}
MEMBER_STATUSES = {
    MemberStatus.ACTIVE: N_("在册"),
    MemberStatus.SUSPENDED: N_("暂停"),
    MemberStatus.LEFT: N_("已离队"),
}
STATION_KINDS = {
    StationKind.U_STATION: N_("U站"),
    StationKind.I_CITY: N_("I城"),
    StationKind.ORGAN_STATION: N_("机关站"),
}
TERMINAL_KINDS = {TerminalKind.KIOSK: N_("浏览器终端"), TerminalKind.SCANNER: N_("读卡程序")}
DIRECTIONS = {
    Direction.BOTH: N_("签到和签退"),
    Direction.IN: N_("只签到"),
    Direction.OUT: N_("只签退"),
}
READER_PROFILES = {
    ReaderProfile.HEX: N_("十六进制卡号（多数读卡器）"),
    ReaderProfile.HEX_REVERSED: N_("十六进制，字节反序"),
    ReaderProfile.DECIMAL10: N_("10 位十进制"),
    ReaderProfile.DECIMAL10_REVERSED: N_("10 位十进制，字节反序"),
    ReaderProfile.SIX_H_EIGHT_D: N_("6H→8D（只含 3 个字节，不同的卡可能相同）"),
    ReaderProfile.TWO_H_FOUR_H: N_("2H+4H 带逗号（只含 3 个字节，不同的卡可能相同）"),
}
CATEGORIES = {
    Category.CIVIL_TRAVEL: N_("文明出行"),
    Category.CIVIC_TALK: N_("文明宣讲"),
    Category.COMMUNITY_VISIT: N_("进社区"),
    Category.BEAUTIFICATION: N_("环境美化"),
    Category.WARMTH: N_("送温暖"),
}
TEAM_LEVELS = {
    TeamLevel.BRIGADE: N_("大队"),
    TeamLevel.SQUADRON: N_("中队"),
    TeamLevel.DETACHMENT: N_("分队"),
}

DUTY_DAY_STATUSES = {
    ProposalStatus.PROPOSED: N_("待确认"),
    ProposalStatus.NEEDS_DECISION: N_("需要选定日期"),
    ProposalStatus.UNKNOWN: N_("放假安排未知"),
    ProposalStatus.NONE: N_("不设服务日"),
    "confirmed": N_("已确认"),
    "cancelled": N_("已取消"),
}
POLICIES = {
    DutyDayPolicy.KEEP: N_("固定在 15 日"),
    DutyDayPolicy.NEXT: N_("顺延到之后的工作日"),
    DutyDayPolicy.PREVIOUS: N_("提前到之前的工作日"),
    DutyDayPolicy.NEAREST: N_("移到最近的工作日"),
    DutyDayPolicy.NONE: N_("不自动提出"),
}
# Where each alternative comes from, for the link that chooses it.
ALTERNATIVES = {
    DutyDayPolicy.KEEP: N_("仍在 15 日"),
    DutyDayPolicy.NEXT: N_("之后的第一个工作日"),
    DutyDayPolicy.PREVIOUS: N_("之前的最后一个工作日"),
}

PRINT_KINDS = {PrintKind.CARDS: N_("志愿者证"), PrintKind.LETTERS: N_("卡函")}


def _translator(words: Mapping[Any, str]) -> Callable[[str], str]:
    def translate(value: str) -> str:
        return str(gettext(words[value])) if value in words else value

    return translate


FILTERS: dict[str, Callable[[str], str]] = {
    "record_state": _translator(RECORD_STATES),
    "card_state": _translator(CARD_STATES),
    "card_kind": _translator(CARD_KINDS),
    "member_status": _translator(MEMBER_STATUSES),
    "station_kind": _translator(STATION_KINDS),
    "terminal_kind": _translator(TERMINAL_KINDS),
    "direction": _translator(DIRECTIONS),
    "reader_profile": _translator(READER_PROFILES),
    "category": _translator(CATEGORIES),
    "duty_day_status": _translator(DUTY_DAY_STATUSES),
    "policy": _translator(POLICIES),
    "alternative": _translator(ALTERNATIVES),
    "print_kind": _translator(PRINT_KINDS),
    "team_level": _translator(TEAM_LEVELS),
}
