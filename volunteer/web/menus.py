"""What stands in the menus: each entry with the page it opens, and what it takes to see it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

from volunteer.domain.refusals import N_, Sentence
from volunteer.domain.roles import Capability


@dataclass(frozen=True)
class Entry:
    """One line of a menu."""

    endpoint: str
    msgid: str
    capability: Capability | None = None

    @property
    def sentence(self) -> Sentence:
        """The words, to be translated where they are shown."""
        return Sentence(self.msgid)


@dataclass(frozen=True)
class Group:
    """Entries under one heading; with a single entry it is that entry and no more."""

    msgid: str
    entries: list[Entry]

    @property
    def sentence(self) -> Sentence:
        """The heading, to be translated where it is shown."""
        return Sentence(self.msgid)


ADMIN = [
    Group(
        N_("概况"),
        [
            Entry("admin.home", N_("概况"), Capability.READ_OVERVIEW),
            Entry("admin.messages", N_("消息"), Capability.READ_MESSAGES),
        ],
    ),
    Group(
        N_("志愿者"),
        [
            Entry("admin.members", N_("志愿者名单"), Capability.READ_MEMBERS),
            Entry("admin.registrations", N_("加入申请"), Capability.READ_REGISTRATIONS),
            Entry("admin.cards", N_("卡"), Capability.READ_CARDS),
            Entry("admin.prints", N_("打印卡"), Capability.READ_CARDS),
            Entry("admin.training", N_("培训与表彰"), Capability.READ_TRAINING),
            Entry("admin.certificates", N_("证明"), Capability.READ_CERTIFICATES),
            Entry("admin.stars", N_("星级"), Capability.READ_STARS),
        ],
    ),
    Group(
        N_("服务"),
        [
            Entry("admin.on_duty", N_("在岗"), Capability.READ_RECORDS),
            Entry("admin.activities", N_("活动"), Capability.READ_ACTIVITIES),
            Entry("admin.categories", N_("活动类别"), Capability.READ_ACTIVITIES),
            Entry("admin.records", N_("记录"), Capability.READ_RECORDS),
            Entry("admin.totals", N_("时长统计"), Capability.READ_RECORDS),
            Entry("admin.reviews", N_("审核"), Capability.READ_REVIEWS),
            Entry("admin.corrections", N_("更正与补录"), Capability.READ_CORRECTIONS),
            Entry("admin.ledger", N_("台账"), Capability.READ_LEDGER),
            Entry("admin.policies", N_("结算规则"), Capability.READ_LEDGER),
            Entry("admin.duty_days", N_("服务日"), Capability.READ_DUTY_DAYS),
            Entry("admin.stations", N_("服务站名录"), Capability.READ_STATIONS),
        ],
    ),
    Group(
        N_("组织"),
        [
            Entry("admin.teams", N_("队伍结构"), Capability.READ_TEAMS),
            Entry("admin.units", N_("单位名录"), Capability.READ_TEAMS),
            Entry("admin.admins", N_("管理员"), Capability.READ_ADMINS),
        ],
    ),
    Group(
        N_("系统"),
        [
            Entry("admin.imports", N_("导入"), Capability.READ_IMPORTS),
            Entry("admin.exports", N_("导出"), Capability.READ_EXPORTS),
            Entry("admin.audit", N_("审计"), Capability.READ_AUDIT),
            Entry("admin.access_log", N_("查阅日志"), Capability.READ_ACCESS_LOG),
            Entry("admin.jobs", N_("定时任务"), Capability.READ_JOBS),
        ],
    ),
]
# About one member; each address takes the volunteer number.
ABOUT_MEMBER = [
    Entry("admin.person", N_("个人资料"), Capability.READ_MEMBERS),
    Entry("admin.member_changes", N_("调动与状态"), Capability.READ_MEMBERS),
    Entry("admin.member_consents", N_("同意书"), Capability.READ_MEMBERS),
    Entry("admin.member_data", N_("本人数据"), Capability.EDIT_MEMBERS),
    Entry("admin.member_ledger", N_("台账"), Capability.READ_LEDGER),
    Entry("admin.member_training", N_("培训与表彰"), Capability.READ_TRAINING),
    Entry("admin.new_certificate", N_("出具证明"), Capability.ISSUE_CERTIFICATES),
    Entry("admin.member_cards", N_("卡的历史"), Capability.READ_CARDS),
    Entry("admin.remove_second_step", N_("登录第二步"), Capability.EDIT_MEMBERS),
]
MEMBER = [
    Group(N_("我的时长"), [Entry("member.home", N_("我的时长"))]),
    Group(N_("我的二维码"), [Entry("member.card", N_("我的二维码"))]),
    Group(N_("活动"), [Entry("member.activities", N_("活动"))]),
    Group(
        N_("更多"),
        [
            Entry("member.messages", N_("消息")),
            Entry("member.records", N_("全部记录")),
            Entry("member.corrections", N_("更正")),
            Entry("member.ledger", N_("我的台账")),
            Entry("member.stars", N_("星级")),
            Entry("member.training", N_("培训与表彰")),
            Entry("member.certificates", N_("我的证明")),
            Entry("member.person", N_("我的资料")),
            Entry("member.my_data", N_("我的数据")),
            Entry("member.account", N_("账号安全")),
        ],
    ),
]


def existing(entries: list[Entry]) -> list[Entry]:
    """The entries whose page exists."""
    return [entry for entry in entries if entry.endpoint in current_app.view_functions]


def grouped(groups: list[Group], shown: Callable[[list[Entry]], list[Entry]]) -> list[Group]:
    """The groups with what ``shown`` leaves of their entries; without those that hold nothing."""
    left = [Group(group.msgid, shown(group.entries)) for group in groups]
    return [group for group in left if group.entries]
