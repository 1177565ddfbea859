"""A member's own data in words: what tables, columns and values are called where they are shown to people."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from volunteer.domain.ledger import EntryKind
from volunteer.domain.member_changes import TransferState
from volunteer.domain.refusals import N_
from volunteer.domain.scans import ScanStatus
from volunteer.web import words
from volunteer.web.access_words import say_access
from volunteer.web.audit_words import MEDIUMS, RESULTS
from volunteer.web.dates import show_day, show_moment, show_month
from volunteer.web.languages import show_hours
from volunteer.web.messages import say_stored

# In this order; a kind of data without a title here stands after them under its table's name.
TITLES = {
    "members": N_("志愿者"),
    "people": N_("个人资料"),
    "member_contacts": N_("联系方式"),
    "member_skills": N_("专业技能"),
    "member_service_kinds": N_("愿意参加的服务类别"),
    "member_free_times": N_("可服务时间"),
    "member_teams": N_("所属队伍"),
    "member_events": N_("调动与状态"),
    "transfers": N_("转队"),
    "merges": N_("重复档案的合并"),
    "distinctions": N_("判定为不同的人"),
    "cards": N_("卡"),
    "card_events": N_("卡的变动"),
    "card_enrolments": N_("在终端上绑卡"),
    "service_records": N_("服务记录"),
    "record_changes": N_("记录的更正"),
    "corrections": N_("更正与补录"),
    "review_items": N_("审核"),
    "ledger_entries": N_("台账"),
    "member_totals": N_("各月已结算时长"),
    "ledger_heads": N_("台账的末条"),
    "scans": N_("刷卡"),
    "scan_undos": N_("撤销的刷卡"),
    "participations": N_("活动报名"),
    "training_records": N_("培训"),
    "commendations": N_("表彰奖励"),
    "certificates": N_("志愿服务记录证明"),
    "star_nominations": N_("星级提名"),
    "audit_sample_entries": N_("随机抽查"),
    "evidence_files": N_("证明文件"),
    "consents": N_("我的同意"),
    "notice_readings": N_("看过的隐私告知"),
    "registrations": N_("加入申请"),
    "erasure_requests": N_("删除申请"),
    "messages": N_("消息"),
    "objections": N_("对公示的意见"),
    "admins": N_("管理员账号"),
    "appointments": N_("管理职务"),
    "sign_ins": N_("登录"),
    "passkeys": N_("通行密钥"),
    "second_factors": N_("登录第二步"),
    "access_log": N_("谁查看过我的资料"),
    "audit_events": N_("对我的资料做过的操作"),
}
# What is printed of a row, in this order; the rest says nothing to people and stands in the JSON file.
LABELS = {
    "name": N_("名称"),
    "serial": N_("证明编号"),
    "volunteer_no": N_("志愿者编号"),
    "username": N_("用户名"),
    "role": N_("职务"),
    "national_id": N_("证件号码"),
    "sex": N_("性别"),
    "born_on": N_("出生日期"),
    "residence": N_("居住区域"),
    "purpose": N_("用途"),
    "is_given": N_("同意"),
    "decided_on": N_("签字日期"),
    "version": N_("版本"),
    "kind": N_("种类"),
    "value": N_("内容"),
    "phone_ending": N_("电话后四位"),
    "device": N_("设备"),
    "medium": N_("刷卡方式"),
    "weekday": N_("星期"),
    "part": N_("时段"),
    "at": N_("时间"),
    "checked_in_at": N_("签到"),
    "checked_out_at": N_("签退"),
    "month_on": N_("月份"),
    "day_on": N_("日期"),
    "served_on": N_("服务日期"),
    "minutes": N_("小时"),
    "metered_minutes": N_("设备计时（小时）"),
    "declared_minutes": N_("人工录入（小时）"),
    "measure": N_("计时方式"),
    "proof": N_("证明方式"),
    "is_settled": N_("已结算"),
    "held_on": N_("日期"),
    "granted_on": N_("日期"),
    "from_on": N_("起"),
    "until_on": N_("止"),
    "first_on": N_("起"),
    "last_on": N_("止"),
    "valid_until": N_("有效期至"),
    "notice_until_on": N_("公示到"),
    "effective_on": N_("生效日期"),
    "learning_minutes": N_("学时"),
    "organiser": N_("组织单位"),
    "granting_unit": N_("授予单位"),
    "issuer": N_("出具单位"),
    "station": N_("服务站"),
    "activity": N_("活动"),
    "team": N_("队伍"),
    "unit": N_("单位"),
    "content": N_("主要内容"),
    "sentence": N_("消息"),
    "text": N_("内容"),
    "status": N_("状态"),
    "state": N_("状态"),
    "outcome": N_("结果"),
    "result": N_("结果"),
    "parts": N_("申请删除的内容"),
    "reason": N_("理由"),
    "reply": N_("答复"),
    "revoke_reason": N_("撤销的理由"),
    "note": N_("备注"),
    "detail": N_("说明"),
    "admin": N_("管理员"),
    "issued_at": N_("签发时间"),
    "ended_at": N_("停用时间"),
    "asked_at": N_("提出时间"),
    "begun_at": N_("开始时间"),
    "changed_at": N_("更正时间"),
    "undone_at": N_("撤销时间"),
    "decided_at": N_("处理时间"),
    "proposed_at": N_("提出时间"),
    "nominated_at": N_("提名时间"),
    "published_at": N_("公布时间"),
    "revoked_at": N_("撤销时间"),
    "found_at": N_("发现时间"),
    "checked_at": N_("核对时间"),
    "confirmed_at": N_("启用时间"),
    "person_confirmed_at": N_("确认时间"),
    "received_at": N_("收到时间"),
    "last_seen_at": N_("最近使用"),
    "last_used_at": N_("最近使用"),
    "merged_at": N_("合并时间"),
    "judged_at": N_("判定时间"),
    "uploaded_at": N_("上传时间"),
    "entered_at": N_("登记时间"),
    "voided_at": N_("作废时间"),
    "created_at": N_("登记时间"),
    "recorded_at": N_("登记时间"),
    "sent_at": N_("发送时间"),
    "made_at": N_("提出时间"),
    "read_at": N_("查看时间"),
}
# Where a column is called otherwise than in the other tables.
_LABELS_OF = {
    ("members", "name"): N_("姓名"),
    ("registrations", "name"): N_("姓名"),
    ("admins", "name"): N_("姓名"),
    ("member_skills", "name"): N_("专业技能"),
    ("member_service_kinds", "name"): N_("服务类别"),
    ("ledger_entries", "kind"): N_("记入或冲正"),
}
# Which words a value has; the rest is shown as it is.
WORDS: Mapping[tuple[str, str], str] = {
    ("members", "status"): "member_status",
    ("people", "sex"): "sex",
    ("member_contacts", "kind"): "contact_kind",
    ("member_service_kinds", "name"): "category",
    ("member_free_times", "weekday"): "weekday",
    ("member_free_times", "part"): "day_part",
    ("member_events", "kind"): "event_kind",
    ("participations", "state"): "participation_state",
    ("registrations", "state"): "registration_state",
    ("card_events", "kind"): "card_event",
    ("card_enrolments", "result"): "enrolment_result",
    ("cards", "kind"): "card_kind",
    ("cards", "state"): "card_state",
    ("service_records", "state"): "record_state",
    ("service_records", "measure"): "measure",
    ("service_records", "proof"): "proof",
    ("ledger_entries", "measure"): "measure",
    ("ledger_entries", "proof"): "proof",
    ("ledger_entries", "reason"): "entry_reason",
    ("member_totals", "measure"): "measure",
    ("corrections", "kind"): "correction_kind",
    ("corrections", "state"): "proposal_state",
    ("corrections", "proof"): "proof",
    ("review_items", "kind"): "review_kind",
    ("review_items", "state"): "review_state",
    ("star_nominations", "state"): "proposal_state",
    ("consents", "purpose"): "purpose",
    ("erasure_requests", "state"): "erasure_state",
    ("access_log", "kind"): "access_kind",
    ("appointments", "role"): "role",
}
# Values that are words nowhere else; what is missing here says nothing to people and is not shown.
VALUES: Mapping[tuple[str, str], Mapping[Any, str]] = {
    ("ledger_entries", "kind"): {EntryKind.CREDIT: N_("记入"), EntryKind.REVERSAL: N_("冲正")},
    ("scans", "status"): {
        ScanStatus.ACCEPTED: N_("已接收"),
        ScanStatus.DUPLICATE: N_("重复"),
        ScanStatus.REFUSED: N_("没有接受"),
        ScanStatus.QUARANTINED: N_("待核实"),
    },
    ("scans", "medium"): MEDIUMS,
    ("audit_sample_entries", "result"): RESULTS,
    ("scans", "outcome"): {"checked_in": N_("签到"), "checked_out": N_("签退")},
    ("transfers", "state"): {
        TransferState.PROPOSED: N_("等待接收"),
        TransferState.ACCEPTED: N_("已接收"),
        TransferState.DECLINED: N_("没有接收"),
        TransferState.WITHDRAWN: N_("已撤回"),
    },
}
_IN_HOURS = {"minutes", "learning_minutes", "metered_minutes", "declared_minutes"}
_INSTANTS = {"at", "valid_until"}


def in_order(tables: Mapping[str, Any]) -> list[str]:
    """The kinds of data as they are shown: those with a title first, in their order; none is left out."""
    return [name for name in TITLES if name in tables] + [name for name in tables if name not in TITLES]


def title_of(name: str) -> str:
    """What a kind of data is called; one without a title by its table's name."""
    return str(_(TITLES[name])) if name in TITLES else name


def label_of(table: str, column: str) -> str:
    """What a column is called."""
    return str(_(_LABELS_OF.get((table, column), LABELS[column])))


def show_value(table: str, column: str, value: Any) -> str:
    """A value as people read it; empty where it says nothing to them."""
    if value is None or value == "":
        return ""
    if (table, column) in WORDS:
        return str(words.FILTERS[WORDS[table, column]](value))
    if (table, column) in VALUES:
        known = VALUES[table, column]
        return str(_(known[value])) if value in known else ""
    if (table, column) == ("access_log", "detail"):
        return say_access(value)
    if column in _IN_HOURS:
        return show_hours(int(value))
    if column == "parts":
        return "、".join(words.FILTERS["erasure_part"](part) for part in value)
    if (table, column) == ("consents", "text"):
        return str(_(value))
    if column == "sentence":
        return say_stored(value)
    if isinstance(value, dict):
        # What a certificate says stands on the certificate itself, and in the JSON file.
        return ""
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if column.endswith("_at") or column in _INSTANTS:
        return show_moment(datetime.fromisoformat(value))
    if column == "month_on":
        return show_month(date.fromisoformat(value))
    if column.endswith("_on"):
        return show_day(date.fromisoformat(value))
    return str(value)
