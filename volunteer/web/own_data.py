"""A member's own data as files: JSON with everything for machines, a PDF in words for people."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from volunteer.domain.consents import TEXTS, Purpose
from volunteer.domain.contacts import open_contact
from volunteer.domain.ledger import Measure
from volunteer.domain.refusals import N_
from volunteer.drawing.own_data import OwnData, Section, own_data_pdf
from volunteer.models.members import Member
from volunteer.queries.merges import list_group_ids
from volunteer.queries.notices import get_current_notice
from volunteer.queries.own_data import Rows, list_own_rows
from volunteer.queries.people import list_contacts
from volunteer.web import words
from volunteer.web.dates import show_day, show_moment
from volunteer.web.languages import current_language, show_hours
from volunteer.web.people import contact_key, show_number

FORMAT, FORMAT_VERSION = "volunteer-clock-own-data", 1
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
    "evidence_files": N_("证明文件"),
    "consents": N_("我的同意"),
    "registrations": N_("加入申请"),
    "erasure_requests": N_("删除申请"),
    "sign_ins": N_("登录"),
    "passkeys": N_("通行密钥"),
    "access_log": N_("谁查看过我的资料"),
    "audit_events": N_("对我的资料做过的操作"),
}
# What is printed of a row, in this order; the rest says nothing to people and stands in the JSON file.
LABELS = {
    "name": N_("名称"),
    "volunteer_no": N_("志愿者编号"),
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
    "weekday": N_("星期"),
    "part": N_("时段"),
    "at": N_("时间"),
    "checked_in_at": N_("签到"),
    "checked_out_at": N_("签退"),
    "minutes": N_("小时"),
    "measure": N_("计时方式"),
    "proof": N_("证明方式"),
    "is_settled": N_("已结算"),
    "held_on": N_("日期"),
    "granted_on": N_("日期"),
    "from_on": N_("起"),
    "until_on": N_("止"),
    "effective_on": N_("生效日期"),
    "learning_minutes": N_("学时"),
    "organiser": N_("组织单位"),
    "granting_unit": N_("授予单位"),
    "station": N_("服务站"),
    "activity": N_("活动"),
    "team": N_("队伍"),
    "unit": N_("单位"),
    "content": N_("主要内容"),
    "status": N_("状态"),
    "state": N_("状态"),
    "outcome": N_("结果"),
    "parts": N_("申请删除的内容"),
    "reason": N_("理由"),
    "reply": N_("答复"),
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
    "merged_at": N_("合并时间"),
    "judged_at": N_("判定时间"),
    "uploaded_at": N_("上传时间"),
    "entered_at": N_("登记时间"),
    "voided_at": N_("作废时间"),
    "created_at": N_("登记时间"),
    "recorded_at": N_("登记时间"),
}
# Which words a value has; the rest is shown as it is.
_WORDS: Mapping[tuple[str, str], str] = {
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
    ("corrections", "proof"): "proof",
    ("star_nominations", "state"): "proposal_state",
    ("consents", "purpose"): "purpose",
    ("erasure_requests", "state"): "erasure_state",
    ("access_log", "kind"): "access_kind",
    ("access_log", "detail"): "access_detail",
}
_IN_HOURS = {"minutes", "learning_minutes"}


def collect(member: Member) -> dict[str, Rows]:
    """Everything stored about the member by table; the ID number masked, contacts in full."""
    ids = list_group_ids(member.id)
    tables = list_own_rows(ids)
    number = show_number(member)
    for row in tables["members"]:
        row["national_id"] = number.text if number and row["id"] == member.id else None
    key, contacts = contact_key(), list_contacts(member.id)
    values = {one.id: open_contact(one.value_sealed, key) for one in contacts}
    for row in tables.get("member_contacts", []):
        row["value"] = values.get(row["id"])
    for row in tables.get("service_records", []):
        row["measure"] = str(Measure.METERED if row["correction_id"] is None else Measure.DECLARED)
    for row in tables.get("consents", []):
        row["text"] = TEXTS[Purpose(row["purpose"])].msgid
    return tables


def in_order(tables: Mapping[str, Rows]) -> list[str]:
    """The kinds of data as they are shown: those with a title first, in their order; none is left out."""
    return [name for name in TITLES if name in tables] + [name for name in tables if name not in TITLES]


def title_of(name: str) -> str:
    """What a kind of data is called; one without a title by its table's name."""
    return str(_(TITLES[name])) if name in TITLES else name


def as_json(member: Member, now: datetime) -> bytes:
    """All of it, for machines; instants are ISO 8601 in UTC."""
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "made_at": now.isoformat(),
        "privacy_notice_version": get_current_notice().version,
        "data": collect(member),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=str).encode()


def as_pdf(member: Member, now: datetime) -> bytes:
    """All that says something to people, in the language of the page."""
    tables = collect(member)
    return own_data_pdf(
        OwnData(
            current_language(),
            _("我的数据"),
            f"{member.name} · {member.volunteer_no} · {show_moment(now)}",
            _("以下是志愿钟保存的关于您的全部内容。机器可读的完整文件（JSON）可在“我的数据”页面下载。"),
            [Section(title_of(name), list(_show_rows(name, tables[name]))) for name in in_order(tables)],
        )
    )


def _show_rows(table: str, rows: Rows) -> Iterable[list[tuple[str, str]]]:
    for row in rows:
        yield [
            (_(label), text)
            for column, label in LABELS.items()
            if (text := _show(table, column, row.get(column)))
        ]


def _show(table: str, column: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if (table, column) in _WORDS:
        return str(words.FILTERS[_WORDS[table, column]](value))
    if column in _IN_HOURS:
        return show_hours(int(value))
    if column == "parts":
        return "、".join(words.FILTERS["erasure_part"](part) for part in value)
    if isinstance(value, dict):
        # What a certificate says stands on the certificate itself, and in the JSON file.
        return ""
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if column.endswith("_at") or column == "at":
        return show_moment(datetime.fromisoformat(value))
    if column.endswith("_on"):
        return show_day(date.fromisoformat(value))
    return str(value)
