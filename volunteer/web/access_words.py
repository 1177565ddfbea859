"""The access log in words: what a detail means, of new lines and of old ones.

A detail is a code with what belongs to it: ``correction 5``, ``members: name, unit``; of a list also
the team and the search with stars: ``members @ FD01 ? 张*``. What is no code is a name that needs no
words, such as a team's or a certificate's serial.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from volunteer.domain.audit_acts import ACTS
from volunteer.domain.imports import ImportKind
from volunteer.domain.refusals import N_
from volunteer.domain.totals import By
from volunteer.web.dates import show_day
from volunteer.web.menus import ADMIN
from volunteer.web.words import CONTACT_KINDS, ERASURE_STATES, IMPORT_KINDS, PURPOSES

# Pages by what their view is called; those in the menu are called so, and those that change something
# by what the audit says of it.
PAGES: Mapping[Any, str] = {
    **{entry.endpoint.removeprefix("admin."): entry.msgid for group in ADMIN for entry in group.entries},
    "member": N_("志愿者页面"),
    "member_cards": N_("卡的历史"),
    "member_changes": N_("调动与状态"),
    "member_data": N_("本人数据"),
    "member_ledger": N_("台账"),
    "member_records": N_("服务记录"),
    "member_training": N_("培训与表彰"),
    "new_certificate": N_("出具证明"),
    "star_member": N_("星级"),
    "total_records": N_("服务记录"),
    "audit": N_("审计"),
    # Lists and other pages with many people in them, by what stands above them.
    "audit_corrections": N_("背后的时长更正"),
    "check_audit": N_("审计"),
    "commendations": N_("表彰"),
    "correction_chains": N_("谁审核了谁的录入"),
    "duplicates": N_("可能重复的档案"),
    "erasures": N_("删除申请"),
    "nominations": N_("星级提名"),
    "print_run": N_("打印卡"),
    "transfers": N_("等待接收的调动"),
    "own_person": N_("本人的志愿者编号"),
    "waiting_persons": N_("等待确认的关联"),
    "withdrawn_consents": N_("撤回了“记录志愿服务”同意的人"),
}
# Things with a number.
NUMBERED = {
    "accept": N_("调动 %(number)s"),
    "activity": N_("活动 %(number)s"),
    "admin_account": N_("管理员账号 %(number)s"),
    "card_batch": N_("整队发卡 %(number)s"),
    "card_enrolment": N_("终端 %(number)s 的绑卡"),
    "certificate_batch": N_("整队出具证明 %(number)s"),
    "activity_roster": N_("活动 %(number)s 的名单"),
    "certificate": N_("证明 %(number)s"),
    "correction": N_("更正或补录 %(number)s"),
    "decide_person": N_("管理员账号 %(number)s"),
    "decline": N_("调动 %(number)s"),
    "evidence": N_("证明文件 %(number)s"),
    "import_columns": N_("导入 %(number)s 的内容"),
    "import_page": N_("导入 %(number)s 的内容"),
    "import_row": N_("导入 %(number)s 的内容"),
    "nomination": N_("星级提名 %(number)s"),
    "paper_sheet": N_("纸质签到表 %(number)s"),
    "registration": N_("加入申请 %(number)s"),
    "rejected rows of import": N_("导入 %(number)s 中没有导入的行"),
    "review": N_("审核事项 %(number)s"),
    "sample": N_("抽查 %(number)s"),
    "sample_entry": N_("抽查的台账 %(number)s"),
    "sample_sheet": N_("抽查 %(number)s 的记录表"),
    "star_rule": N_("星级标准 %(number)s"),
    "undo_import": N_("导入 %(number)s 的内容"),
    "withdraw": N_("调动 %(number)s"),
}
PLAIN: Mapping[Any, str] = {
    **CONTACT_KINDS,
    **PURPOSES,
    **ERASURE_STATES,
    "asked_in_person": N_("按本人当面要求提出"),
    "teams": N_("队伍"),
    "ledger": N_("台账、审计和封存的全部条目"),
    "audit.xlsx": N_("审计（Excel）"),
    "audit.ndjson": N_("审计（全部，供验证）"),
    "JSON whole": N_("JSON，写出完整证件号码"),
    "PDF whole": N_("PDF，写出完整证件号码"),
    "pdf": N_("PDF"),
    "png": N_("图片"),
}
# What lists are called, and what their columns were when each was taken.
LISTS = {
    "members": N_("志愿者名单"),
    "records": N_("服务记录"),
    "training": N_("培训记录"),
    "commendations": N_("表彰奖励"),
    "totals": N_("时长统计"),
}
COLUMNS = {
    "volunteer_no": N_("志愿者编号"),
    "name": N_("姓名"),
    "team_code": N_("队伍编码"),
    "team": N_("所属队伍"),
    "unit": N_("单位"),
    "status": N_("状态"),
    "entered_on": N_("登记日期"),
    "national_id": N_("公民身份号码（隐去中间）"),
    "phone": N_("电话（隐去中间）"),
    "wechat": N_("微信号（隐去中间）"),
    "email": N_("电子邮箱（隐去中间）"),
    "emergency": N_("紧急联系人"),
    "emergency_phone": N_("紧急联系人电话（隐去中间）"),
}
# Whose hours the lines of totals were.
LINES: Mapping[Any, str] = {
    By.TEAM: N_("按队伍"),
    By.UNIT: N_("按单位"),
    By.MEMBER: N_("按志愿者"),
}
_ACTS = {act.removeprefix("admin."): msgid for act, msgid in ACTS.items() if act.startswith("admin.")}


def say_access(detail: str) -> str:
    """What a line of the access log was about, in the reader's language."""
    rest, _, text = detail.partition(" ? ")
    page, _, team = rest.partition(" @ ")
    if page == detail:
        return _say(detail)
    said = _say(page)
    if team:
        said = gettext("%(page)s（队伍 %(team)s）", page=said, team=team)
    return str(gettext("%(page)s，查找“%(text)s”", page=said, text=text) if text else said)


def _say(detail: str) -> str:
    for words in (PLAIN, PAGES):
        if detail in words:
            return str(gettext(words[detail]))
    code, _, number = detail.rpartition(" ")
    if number.isdecimal() and code in NUMBERED:
        return str(gettext(NUMBERED[code], number=number))
    act = code if number.isdecimal() else detail
    if act in _ACTS:
        return str(gettext("办理“%(act)s”的页面", act=gettext(_ACTS[act])))
    name, colon, rest = detail.partition(": ")
    if colon and rest.isdecimal() and name in IMPORT_KINDS:
        kind = ImportKind(name)
        return str(gettext("%(list)s，%(count)s 行", list=gettext(IMPORT_KINDS[kind]), count=rest))
    if colon and name in LISTS:
        known = LINES if name == "totals" else COLUMNS
        columns = "、".join(_say_part(part, known) for part in rest.split(", "))
        return str(gettext("%(list)s：%(columns)s", list=gettext(LISTS[name]), columns=columns))
    return detail


def _say_part(part: str, known: Mapping[Any, str]) -> str:
    first, dash, last = part.partition(" – ")
    if dash:
        return " – ".join(_say_day(one) for one in (first, last))
    return str(gettext(known[part])) if part in known else part


def _say_day(text: str) -> str:
    try:
        return show_day(date.fromisoformat(text))
    except ValueError:
        return text


FILTERS: dict[str, Callable[[str], str]] = {"access_detail": say_access}
