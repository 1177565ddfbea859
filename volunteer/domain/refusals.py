"""Every way the rules can say no, each with a sentence for the person asking.

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


class BrigadeMissing(NotFound):
    code = "brigade_missing"
    msgid = N_("还没有建立大队，请先运行 init-db。")


class StationUnknown(NotFound):
    code = "station_unknown"
    msgid = N_("没有编码为 %(code)s 的服务站。")


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


class StationCodeMalformed(Refusal):
    code = "station_code_malformed"
    msgid = N_("服务站编码应为 1 到 32 位字母、数字或连字符。")


class StationCodeTaken(Refusal):
    code = "station_code_taken"
    msgid = N_("服务站编码 %(code)s 已被使用。")


class UsernameTaken(Refusal):
    code = "username_taken"
    msgid = N_("用户名 %(username)s 已被使用。")


class PasswordTooShort(Refusal):
    code = "password_too_short"
    msgid = N_("密码至少要 %(minimum)s 位。")


class SignInFailed(Refusal):
    code = "sign_in_failed"
    msgid = N_("编号或密码不正确。")


class ActivationFailed(Refusal):
    code = "activation_failed"
    msgid = N_("激活码不正确或已用过。请向本队管理员索取新的卡函。")


class EnrolmentCodeUnknown(Refusal):
    code = "code_unknown"
    msgid = N_("登记码不正确、已用过或已过期。请管理员重新生成一个。")


class TerminalUnknown(Refusal):
    code = "terminal_unknown"
    msgid = N_("本终端未登记或已停用，请联系管理员。")


class UidRefused(Refusal):
    """An NFC identity that says nothing about a person; ``code`` is the outcome."""

    def __init__(self, code: str, msgid: str) -> None:
        self.code = code
        self.msgid = msgid
        super().__init__()


class CardTaken(Refusal):
    code = "card_taken"
    msgid = N_("这张卡已绑定给另一位志愿者，请先停用原来的绑定。")


class CardNotActive(Refusal):
    code = "card_not_active"
    msgid = N_("这张卡已不在使用状态。")


class MemberHasNoCard(Refusal):
    code = "member_has_no_card"
    msgid = N_("这位志愿者还没有可打印的卡，请先发卡。")


class MemberInactive(Refusal):
    code = "member_inactive"
    msgid = N_("这位志愿者已不在册。")


class GlyphMissing(Refusal):
    code = "glyph_missing"
    msgid = N_("字库缺少这些字，不能打印：%(names)s。")


class UndoTooLate(Refusal):
    code = "undo_too_late"
    msgid = N_("只能在本站签到后 60 秒内撤销。")


class DutyDayDecided(Refusal):
    code = "duty_day_decided"
    msgid = N_("这个月的服务日已经过去，不能再改。")


class DutyDayOutsideMonth(Refusal):
    code = "duty_day_outside_month"
    msgid = N_("改期与 15 日相差不能超过 %(days)s 天。")


class DateMalformed(Refusal):
    code = "date_malformed"
    msgid = N_("请按 2026-01-15 这样的格式填写日期。")


class MonthMalformed(DateMalformed):
    code = "month_malformed"
    msgid = N_("请按 2026-01 这样的格式填写月份。")


class MonthsBackwards(Refusal):
    code = "months_backwards"
    msgid = N_("结束月份早于开始月份。")


class DatabaseNotReady(Refusal):
    code = "database_not_ready"
    msgid = N_("数据库连接不上或还没有初始化：请检查 VOLUNTEER_DATABASE_URL，再运行 init-db。")


class FileNotWritable(Refusal):
    code = "file_not_writable"
    msgid = N_("文件无法读写：%(file)s")


class SettingWrong(Refusal):
    code = "setting_wrong"
    msgid = N_("环境变量 %(name)s 的值不正确：%(value)s")


class SecretMissing(Refusal):
    code = "secret_missing"
    msgid = N_("缺少密钥：请设置环境变量 VOLUNTEER_SECRET_KEY 后再启动。")


class Collision(Refusal):
    """Two people changed the same thing at once (409)."""

    code = "collision"
    msgid = N_("别人刚刚改过这条内容，请刷新后再试。")
