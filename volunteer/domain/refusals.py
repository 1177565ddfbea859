"""How the rules say no: what every refusal is, and those that several nouns share.

What belongs to one noun stands in its own module, or in ``<noun>_refusals`` where several modules raise it.

A sentence is kept as a Chinese message id with named parameters; who shows it
translates it. Bugs are ordinary exceptions and never subclasses of ``Refusal``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


def N_(text: str) -> str:
    """Mark ``text`` for translation; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Sentence:
    """A message id with its parameters, not yet translated."""

    msgid: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in Chinese, the source language."""
        return self.msgid % self.params if self.params else self.msgid


class Refusal(Exception):
    """The rules say no. ``code`` is stable; ``sentence`` is for the person asking."""

    code = "refused"
    msgid = N_("不能这样做。")

    def __init__(self, **params: str | int) -> None:
        self.sentence = Sentence(self.msgid, params)
        super().__init__(str(self.sentence))


class NotFound(Refusal):
    """Absent, or outside the asker's scope: the two are told apart by nobody."""

    code = "not_found"
    msgid = N_("没有找到，或不在您的管理范围内。")


class MemberUnknown(NotFound):
    code = "member_unknown"
    msgid = N_("没有编号为 %(volunteer_no)s 的志愿者。")


class TeamUnknown(NotFound):
    code = "team_unknown"
    msgid = N_("没有编码为 %(code)s 的队伍。")


class TitleMissing(Refusal):
    code = "title_missing"
    msgid = N_("请填写名称。")


class TitleTaken(Refusal):
    code = "title_taken"
    msgid = N_("名称“%(name)s”已被使用。")


class TextTooLong(Refusal):
    code = "text_too_long"
    msgid = N_("内容太长，最多 %(maximum)s 个字。")


class VolunteerNoTaken(Refusal):
    code = "volunteer_no_taken"
    msgid = N_("志愿者编号 %(volunteer_no)s 已有人使用。")


class VolunteerNoMalformed(Refusal):
    code = "volunteer_no_malformed"
    msgid = N_("志愿者编号应为 3 到 32 位字母、数字或连字符。")


class NameMissing(Refusal):
    code = "name_missing"
    msgid = N_("请填写姓名。")


class MemberInactive(Refusal):
    code = "member_inactive"
    msgid = N_("这位志愿者已不在册。")


class ReasonMissing(Refusal):
    code = "reason_missing"
    msgid = N_("请填写原因。")


class DateMalformed(Refusal):
    code = "date_malformed"
    msgid = N_("请按 2026-01-15 这样的格式填写日期。")


class MonthMalformed(DateMalformed):
    code = "month_malformed"
    msgid = N_("请按 2026-01 这样的格式填写月份。")


class MonthsBackwards(Refusal):
    code = "months_backwards"
    msgid = N_("结束月份早于开始月份。")


class Collision(Refusal):
    """Two people changed the same thing at once (409)."""

    code = "collision"
    msgid = N_("别人刚刚改过这条内容，请刷新后再试。")
