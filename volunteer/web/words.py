"""What states and kinds are called on pages."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

from volunteer.domain.access_log import AccessKind
from volunteer.domain.activities import ActivityState, RiskLevel, RiskPolicy
from volunteer.domain.cards import CardEventKind, CardKind, CardState, EnrolmentResult
from volunteer.domain.consents import Purpose
from volunteer.domain.contacts import ContactKind
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.duty_days import DutyDayPolicy, ProposalStatus
from volunteer.domain.erasures import ErasurePart, ErasureState
from volunteer.domain.imports import ImportKind, ImportState, RowState
from volunteer.domain.ledger import Measure, Proof
from volunteer.domain.member_changes import EventKind
from volunteer.domain.members import MemberStatus, Standing
from volunteer.domain.merges import Difference
from volunteer.domain.names import mask_name
from volunteer.domain.national_ids import IdDocument
from volunteer.domain.nominations import NominationState
from volunteer.domain.notices import Section
from volunteer.domain.participations import ParticipationState
from volunteer.domain.people import DayPart, Sex
from volunteer.domain.policies import OfficeHours
from volunteer.domain.proposals import ProposalState
from volunteer.domain.records import RecordState
from volunteer.domain.refusals import N_
from volunteer.domain.registrations import RegistrationState
from volunteer.domain.reviews import ReviewKind, ReviewState
from volunteer.domain.roles import Role
from volunteer.domain.stars import JudgingLevel
from volunteer.domain.stations import Direction, ReaderProfile, StationKind, TerminalKind
from volunteer.domain.teams import PartyKind, TeamLevel
from volunteer.services.prints import PrintKind
from volunteer.web.categories import category_name

RECORD_STATES = {
    RecordState.OPEN: N_("在岗"),
    RecordState.CLOSED: N_("已签退"),
    RecordState.FORGOTTEN: N_("忘记签退 · 待确认（计 0）"),
    RecordState.LEFT: N_("未签退离站 · 待审核（计 0）"),
    RecordState.SUPERSEDED: N_("已被更正取代"),
    RecordState.VOID: N_("已作废"),
}
REVIEW_KINDS = {
    ReviewKind.LONG_DAY: N_("单日时长过长"),
    ReviewKind.FORGOTTEN: N_("忘记签退"),
    ReviewKind.LEFT: N_("未签退离站"),
    ReviewKind.TWO_PLACES: N_("同时在两处"),
    ReviewKind.IMPOSSIBLE_TOTAL: N_("时长不合常理"),
    ReviewKind.MANY_PAIRS: N_("签到签退次数过多"),
    ReviewKind.OFFICE_HOURS: N_("上班时间服务"),
    ReviewKind.SUSPECT_CLOCK: N_("时间不可靠"),
    ReviewKind.LATE_SCAN: N_("晚到的刷卡"),
    ReviewKind.REPEATED_SEQ: N_("刷卡序号异常"),
    ReviewKind.QUARANTINED: N_("看不懂的刷卡"),
    ReviewKind.IDENTITY_CLASH: N_("身份存疑"),
}
REVIEW_STATES = {
    ReviewState.OPEN: N_("待审核"),
    ReviewState.ACCEPTED: N_("已采纳"),
    ReviewState.REJECTED: N_("不采纳"),
    ReviewState.MUTED: N_("已静音"),
    ReviewState.GONE: N_("原因已消除"),
}
CARD_STATES = {
    CardState.ACTIVE: N_("使用中"),
    CardState.LOST: N_("已挂失"),
    CardState.REVOKED: N_("已停用"),
    CardState.EXPIRED: N_("已过期"),
}
CARD_KINDS = {CardKind.QR: N_("二维码志愿者证"), CardKind.NFC: N_("绑定的 NFC 卡")}
CARD_EVENTS = {
    CardEventKind.ISSUED: N_("已发卡"),
    CardEventKind.BOUND: N_("已输入卡号绑定"),
    CardEventKind.ENROLLED: N_("已在终端上刷卡绑定"),
    CardEventKind.LOST: N_("已挂失"),
    CardEventKind.FOUND: N_("恢复使用"),
    CardEventKind.REVOKED: N_("已停用"),
    CardEventKind.REPLACED: N_("补卡，旧卡停用"),
    CardEventKind.EXPIRED: N_("到期失效"),
}
ENROLMENT_RESULTS = {
    EnrolmentResult.BOUND: N_("已绑定"),
    EnrolmentResult.SKIPPED: N_("跳过"),
    EnrolmentResult.STOPPED: N_("没有刷卡"),
}
MEMBER_STATUSES = {
    MemberStatus.ACTIVE: N_("在册"),
    MemberStatus.SUSPENDED: N_("暂停"),
    MemberStatus.LEFT: N_("已离队"),
    Standing.RETIRED: N_("已退休"),
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
ACTIVITY_STATES = {
    ActivityState.DRAFT: N_("草稿"),
    ActivityState.PUBLISHED: N_("已发布"),
    ActivityState.CANCELLED: N_("活动已取消"),
}
RISK_LEVELS = {
    RiskLevel.NONE: N_("没有明显风险"),
    RiskLevel.LOW: N_("有一定风险"),
    RiskLevel.HIGH: N_("风险较高"),
}
RISK_POLICIES = {
    RiskPolicy.WARN: N_("只提醒"),
    RiskPolicy.BLOCK: N_("不许发布、报名和签到"),
}
PARTICIPATION_STATES = {
    ParticipationState.SIGNED_UP: N_("已报名"),
    ParticipationState.WAITING: N_("候补"),
    ParticipationState.DECLINED: N_("不参加"),
    ParticipationState.ON_LEAVE: N_("请假"),
    ParticipationState.SUBSTITUTED: N_("由别人顶班"),
}
TEAM_LEVELS = {
    TeamLevel.BRIGADE: N_("大队"),
    TeamLevel.SQUADRON: N_("中队"),
    TeamLevel.DETACHMENT: N_("分队"),
}
PARTY_KINDS = {
    PartyKind.PARTY_BRANCH: N_("党支部"),
    PartyKind.GENERAL_BRANCH: N_("党总支"),
    PartyKind.PARTY_COMMITTEE: N_("机关党委"),
}

ROLES = {
    Role.TEAM_ADMIN: N_("队伍管理员"),
    Role.STATION_LEADER: N_("站长"),
    Role.AUDITOR: N_("审计员（只看不改）"),
    Role.SYSTEM_ADMIN: N_("系统管理员（不接触时长）"),
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

IMPORT_KINDS = {
    ImportKind.MEMBERS: N_("志愿者名单"),
    ImportKind.TEAMS: N_("队伍和单位"),
    ImportKind.ADMINS: N_("管理员名单"),
    ImportKind.TRAINING: N_("培训记录"),
    ImportKind.COMMENDATIONS: N_("表彰奖励"),
}
IMPORT_STATES = {
    ImportState.MATCHING: N_("待核对各列"),
    ImportState.JUDGING: N_("正在检查"),
    ImportState.READY: N_("待导入"),
    ImportState.WRITING: N_("正在导入"),
    ImportState.DONE: N_("已导入"),
    ImportState.UNDOING: N_("正在撤销"),
    ImportState.UNDONE: N_("已撤销"),
    ImportState.DISCARDED: N_("已放弃"),
}
ROW_STATES = {
    RowState.READY: N_("可以导入"),
    RowState.PROPOSED: N_("需要您同意"),
    RowState.PROBLEM: N_("有问题"),
    RowState.SKIPPED: N_("跳过"),
    RowState.ADDED: N_("已新增"),
    RowState.UPDATED: N_("已更新"),
    RowState.UNCHANGED: N_("没有变化"),
    RowState.REJECTED: N_("未导入"),
    RowState.UNDONE: N_("已恢复原样"),
    RowState.KEPT: N_("保留"),
}
ROW_EFFECTS = {
    RowState.ADDED: N_("将新增"),
    RowState.UPDATED: N_("将更新"),
    RowState.UNCHANGED: N_("不会变化"),
}
PRINT_KINDS = {
    PrintKind.CARDS: N_("志愿者证"),
    PrintKind.SHEETS: N_("志愿者证（A4 裁切）"),
    PrintKind.LETTERS: N_("卡函"),
}
SEXES = {Sex.MALE: N_("男"), Sex.FEMALE: N_("女")}
WEEKDAYS = {
    1: N_("周一"),
    2: N_("周二"),
    3: N_("周三"),
    4: N_("周四"),
    5: N_("周五"),
    6: N_("周六"),
    7: N_("周日"),
}
DAY_PARTS = {DayPart.MORNING: N_("上午"), DayPart.AFTERNOON: N_("下午"), DayPart.EVENING: N_("晚上")}
CONTACT_KINDS = {
    ContactKind.PHONE: N_("电话"),
    ContactKind.EMAIL: N_("电子邮箱"),
    ContactKind.WECHAT: N_("微信"),
    ContactKind.EMERGENCY: N_("紧急联系人电话"),
}
ID_DOCUMENTS = {
    IdDocument.RESIDENT_ID: N_("居民身份证"),
    IdDocument.HMT_PERMIT: N_("港澳台居民居住证"),
    IdDocument.FOREIGNER_PERMIT: N_("外国人永久居留身份证"),
}
PURPOSES = {
    Purpose.RECORDING: N_("记录志愿服务"),
    Purpose.CONTACT: N_("联系我"),
    Purpose.NAME: N_("公布姓名"),
    Purpose.HONOUR_BOARD: N_("荣誉榜"),
    Purpose.PHOTO: N_("使用照片"),
}
NOTICE_SECTIONS = {
    Section.PURPOSE: N_("为什么记录"),
    Section.FIELDS: N_("记录哪些内容"),
    Section.PERIOD: N_("保存多久"),
    Section.SHARING: N_("谁能看到"),
    Section.SECURITY: N_("怎样保护"),
    Section.RIGHTS: N_("您的权利"),
}
ACCESS_KINDS = {
    AccessKind.VIEWED_FILE: N_("查看个人资料"),
    AccessKind.VIEWED_CONTACT: N_("查看完整联系方式"),
    AccessKind.VIEWED_NATIONAL_ID: N_("查看完整证件号码"),
    AccessKind.CHANGED_FILE: N_("修改个人资料"),
    AccessKind.VIEWED_CONSENTS: N_("查看同意书"),
    AccessKind.RECORDED_CONSENT: N_("登记同意书"),
    AccessKind.EXPORTED: N_("导出名单"),
    AccessKind.IMPORTED: N_("导入名单"),
    AccessKind.PRINTED_CARD: N_("打印志愿者证"),
    AccessKind.PRINTED_LETTER: N_("打印卡函"),
    AccessKind.OWN_DATA: N_("下载本人数据"),
    AccessKind.ERASED: N_("处理删除申请"),
    AccessKind.CERTIFIED: N_("出具一份证明"),
    AccessKind.TOOK_CERTIFICATE: N_("下载证明"),
}
ERASURE_PARTS = {
    ErasurePart.CONTACTS: N_("联系方式"),
    ErasurePart.SKILLS: N_("技能、服务类别和时间"),
    ErasurePart.PARTICULARS: N_("性别、出生日期和居住区域"),
    ErasurePart.NATIONAL_ID: N_("证件号码"),
}
ERASURE_STATES = {
    ErasureState.WAITING: N_("等待处理"),
    ErasureState.DONE: N_("已删除"),
    ErasureState.REFUSED: N_("未同意"),
    ErasureState.TAKEN_BACK: N_("已撤回"),
}

EVENT_KINDS = {
    EventKind.JOINED: N_("加入"),
    EventKind.TRANSFERRED: N_("调动"),
    EventKind.RESTED: N_("暂停服务"),
    EventKind.RETURNED: N_("恢复在册"),
    EventKind.RETIRED: N_("退休"),
    EventKind.LEFT: N_("离队"),
    EventKind.MERGED: N_("合并重复档案"),
    EventKind.MERGED_AWAY: N_("并入另一份档案"),
    EventKind.RENAMED: N_("姓名更正"),
    EventKind.ID_REPLACED: N_("证件号码已更换"),
    EventKind.ID_REMOVED: N_("证件号码已移除"),
}
DIFFERENCES = {
    Difference.NATIONAL_ID: N_("证件号码不同：一个人只有一个公民身份号码。"),
    Difference.BORN_ON: N_("出生日期不同。"),
    Difference.NAME: N_("姓名不同。"),
}
REGISTRATION_STATES = {
    RegistrationState.WAITING: N_("等待处理"),
    RegistrationState.APPROVED: N_("已通过"),
    RegistrationState.REJECTED: N_("未通过"),
}

OFFICE_HOURS = {
    OfficeHours.FLAG: N_("照常计入，并提请审核"),
    OfficeHours.EXCLUDE: N_("不计入"),
}
POLICY_TERMS = {
    "grace_minutes": N_("计划时段前后宽限"),
    "cap_minutes": N_("单次上限"),
    "rounding_minutes": N_("取整单位"),
    "at_once_minutes": N_("一天自动计入上限"),
    "parent_minutes": N_("一天由上级队伍审核的上限"),
    "most_pairs": N_("一天签到签退次数上限"),
    "office_hours": N_("工作日办公时间内的服务"),
}
JUDGING_LEVELS = {
    JudgingLevel.ORGANISATION: N_("大队认定"),
    JudgingLevel.DISTRICT: N_("区认定"),
    JudgingLevel.CITY: N_("市认定"),
}
NOMINATION_STATES = {
    NominationState.WAITING: N_("待认定"),
    NominationState.JUDGED: N_("已认定，待公布"),
    NominationState.PUBLISHED: N_("已公布"),
    NominationState.REJECTED: N_("不予认定"),
    NominationState.WITHDRAWN: N_("已撤回提名"),
    NominationState.REVOKED: N_("已撤销星级"),
}

CORRECTION_KINDS = {
    CorrectionKind.CORRECTION: N_("更正"),
    CorrectionKind.MAKEUP_RECORD: N_("补录"),
    CorrectionKind.VOID: N_("作废"),
    CorrectionKind.CHECK_OUT: N_("补签退"),
    CorrectionKind.PAPER: N_("纸质补录"),
}
CORRECTION_HINTS = {
    CorrectionKind.CORRECTION: N_("改时间、服务站或活动"),
    CorrectionKind.VOID: N_("这次服务不算，时间不用填"),
    CorrectionKind.CHECK_OUT: N_("只填离开时间"),
}
PROPOSAL_STATES = {
    ProposalState.ASKED: N_("待受理"),
    ProposalState.PROPOSED: N_("待审核"),
    ProposalState.APPROVED: N_("已通过"),
    ProposalState.REJECTED: N_("已退回"),
    ProposalState.WITHDRAWN: N_("已撤回"),
}


def _translator(words: Mapping[Any, str]) -> Callable[[str], str]:
    def translate(value: str) -> str:
        return str(gettext(words[value])) if value in words else value

    return translate


MEASURES = {Measure.METERED: N_("系统计时"), Measure.DECLARED: N_("人工补录")}
PROOFS = {
    Proof.CARD: N_("本人刷卡"),
    Proof.ROTATING_CODE: N_("动态码"),
    Proof.LEADER: N_("领队点名"),
    Proof.PAPER: N_("纸质签到表"),
    Proof.DECLARED: N_("事后补录"),
}
ENTRY_REASONS = {
    "changed": N_("记录有变化"),
    "void": N_("经批准作废"),
    "held": N_("等待审核"),
    "superseded": N_("迟到的刷卡表明没有这次服务"),
}
FILTERS: dict[str, Callable[[str], str]] = {
    "entry_reason": _translator(ENTRY_REASONS),
    "proof": _translator(PROOFS),
    "measure": _translator(MEASURES),
    "record_state": _translator(RECORD_STATES),
    "correction_kind": _translator(CORRECTION_KINDS),
    "correction_kind_hint": _translator(CORRECTION_HINTS),
    "proposal_state": _translator(PROPOSAL_STATES),
    "event_kind": _translator(EVENT_KINDS),
    "difference": _translator(DIFFERENCES),
    "registration_state": _translator(REGISTRATION_STATES),
    "judging_level": _translator(JUDGING_LEVELS),
    "office_hours": _translator(OFFICE_HOURS),
    "policy_term": _translator(POLICY_TERMS),
    "nomination_state": _translator(NOMINATION_STATES),
    "masked_name": mask_name,
    "review_kind": _translator(REVIEW_KINDS),
    "review_state": _translator(REVIEW_STATES),
    "card_state": _translator(CARD_STATES),
    "card_kind": _translator(CARD_KINDS),
    "card_event": _translator(CARD_EVENTS),
    "enrolment_result": _translator(ENROLMENT_RESULTS),
    "member_status": _translator(MEMBER_STATUSES),
    "station_kind": _translator(STATION_KINDS),
    "terminal_kind": _translator(TERMINAL_KINDS),
    "direction": _translator(DIRECTIONS),
    "reader_profile": _translator(READER_PROFILES),
    "category": category_name,
    "duty_day_status": _translator(DUTY_DAY_STATUSES),
    "policy": _translator(POLICIES),
    "alternative": _translator(ALTERNATIVES),
    "print_kind": _translator(PRINT_KINDS),
    "import_kind": _translator(IMPORT_KINDS),
    "import_state": _translator(IMPORT_STATES),
    "row_state": _translator(ROW_STATES),
    "row_effect": _translator(ROW_EFFECTS),
    "team_level": _translator(TEAM_LEVELS),
    "activity_state": _translator(ACTIVITY_STATES),
    "risk_level": _translator(RISK_LEVELS),
    "risk_policy": _translator(RISK_POLICIES),
    "participation_state": _translator(PARTICIPATION_STATES),
    "role": _translator(ROLES),
    "party_kind": _translator(PARTY_KINDS),
    "sex": _translator(SEXES),
    "weekday": _translator(WEEKDAYS),
    "day_part": _translator(DAY_PARTS),
    "contact_kind": _translator(CONTACT_KINDS),
    "id_document": _translator(ID_DOCUMENTS),
    "purpose": _translator(PURPOSES),
    "notice_section": _translator(NOTICE_SECTIONS),
    "access_kind": _translator(ACCESS_KINDS),
    "erasure_part": _translator(ERASURE_PARTS),
    "erasure_state": _translator(ERASURE_STATES),
}
