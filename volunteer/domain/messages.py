"""Messages: what the inbox says of itself, as sentences that are translated where they are shown.

A parameter whose name ends in ``_on`` is a date as ``2026-09-15``, one in ``_at`` an instant; both
are written out in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo

from volunteer.domain.refusals import N_

INBOX = "/me/messages"
# Messages about forgotten check-outs come in the evening, when people are at home.
EVENING = time(19)

FORGOTTEN_TO_MEMBER = N_("您 %(day_on)s 在%(station)s忘记签退。请填写几点离开的，由管理员确认后计入时长。")
FORGOTTEN_TO_ADMIN = N_("%(name)s（%(number)s）%(day_on)s 在%(station)s忘记签退，时长暂计 0。")
ASKED = N_("%(name)s（%(number)s）提出了%(day_on)s的更正或补录，等待处理。")
APPROVED = N_("您 %(day_on)s 的更正或补录已通过。")
REJECTED = N_("您 %(day_on)s 的更正或补录没有通过：%(reply)s")
SUBSTITUTED = N_("%(name)s 已接下您在“%(activity)s”的班，您不用去了。")
NOT_SUBSTITUTED = N_("%(name)s 不能顶您在“%(activity)s”的班，仍是您的班。可以再请别人，也可以请假。")
PROMOTED = N_(
    "“%(activity)s”有空位了，您已从候补转为已报名，%(starts_at)s 开始。来不了请按“请假”，没有任何影响。"
)
CALLED_OFF = N_("您报名的“%(activity)s”（%(starts_at)s）取消了。原因：%(reason)s")
RESCHEDULED = N_("您报名的“%(activity)s”有变化：现在是 %(starts_at)s 到 %(ends_at)s，地点：%(place)s。")
RECORDING_WITHDRAWN = N_(
    "%(name)s（%(number)s）撤回了“记录志愿服务”的同意。请联系本人，为其停用卡、办理离队。"
)
ERASURE_ASKED = N_(
    "管理员%(admin)s按您当面提出的要求，替您提交了删除个人信息的申请。如果不是您提出的，请撤回申请并告诉大队。"
)

LINKED_TO_ADMIN = N_(
    "管理员账号 %(username)s（%(name)s）关联了志愿者%(person)s（%(number)s）。若不是同一个人，请解除关联。"
)
LINKED = N_("管理员账号 %(username)s（%(name)s）关联了您的志愿者编号。如果那不是您本人，请马上告诉大队。")
LINK_ASKED = N_(
    "管理员账号 %(username)s（%(name)s）提出关联您的志愿者编号，等别人确认。若不是您本人，请马上告诉大队。"
)
LINK_WAITS = N_("管理员%(name)s（%(username)s）说自己是志愿者%(person)s（%(number)s），等您当面核对后确认。")
LINK_CONFIRMED = N_("您与志愿者%(person)s（%(number)s）的关联已确认，现在可以录入和审核别人的时长。")
LINK_REFUSED = N_("您与志愿者%(person)s（%(number)s）的关联没有通过：%(reason)s")
# Where an admin sees which volunteer the own person is.
OWN_PERSON = "/admin/account/person"


@dataclass(frozen=True)
class Note:
    """One message to be: to a member or to an admin; ``key`` says what it is about and to whom."""

    key: str
    msgid: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    member_id: int | None = None
    admin_id: int | None = None

    @property
    def sentence(self) -> dict[str, object]:
        """As it is stored."""
        return {"msgid": self.msgid, "params": dict(self.params)}


def ask_from(served_on: date, limit_at: datetime, zone: tzinfo) -> datetime:
    """From when to ask about a forgotten check-out: the same evening, at once where it is later already."""
    return max(limit_at, datetime.combine(served_on, EVENING, zone))


def check_out_path(record_id: int) -> str:
    """Where a member says when the own service ended."""
    return f"/me/records/{record_id}/check-out"


def enter_path(record_id: int) -> str:
    """Where an admin enters a correction of a record."""
    return f"/admin/corrections/new?record={record_id}"


def activity_path(activity_id: int) -> str:
    """Where a member finds an activity."""
    return f"/me/activities/{activity_id}"


def link_path(admin_id: int) -> str:
    """Where an admin confirms which volunteer another one is."""
    return f"/admin/admins/{admin_id}/person"


def correction_path(correction_id: int, *, is_admin: bool) -> str:
    """Where a correction is shown."""
    return f"/{'admin' if is_admin else 'me'}/corrections/{correction_id}"
