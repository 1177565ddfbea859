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


class UnitUnknown(NotFound):
    code = "unit_unknown"
    msgid = N_("没有这个单位，或不在您的管理范围内。")


class UnitDissolved(Refusal):
    code = "unit_dissolved"
    msgid = N_("单位“%(name)s”已撤销，请改选别的单位。")


class UnitSucceeded(UnitDissolved):
    code = "unit_succeeded"
    msgid = N_("单位“%(name)s”已撤销，请改选承接单位“%(successor)s”。")


class TeamCodeMalformed(Refusal):
    code = "team_code_malformed"
    msgid = N_("队伍编码应为 1 到 32 位字母、数字或连字符。")


class TeamCodeTaken(Refusal):
    code = "team_code_taken"
    msgid = N_("队伍编码 %(code)s 已被使用。已撤销队伍的编码也不再使用。")


class TitleMissing(Refusal):
    code = "title_missing"
    msgid = N_("请填写名称。")


class TitleTaken(Refusal):
    code = "title_taken"
    msgid = N_("名称“%(name)s”已被使用。")


class LevelDoesNotFit(Refusal):
    code = "level_does_not_fit"
    msgid = N_("上级队伍的级别必须更高：大队下设中队或分队，中队下设分队。")


class OwnTeamFixed(Refusal):
    code = "own_team_fixed"
    msgid = N_("本队由上级管理员调整，您可以调整本队的下级队伍。")


class BrigadeFixed(Refusal):
    code = "brigade_fixed"
    msgid = N_("大队是最上级，不能调整、合并或撤销。")


class TeamDissolved(Refusal):
    code = "team_dissolved"
    msgid = N_("“%(name)s”已撤销，不能再改。")


class SuccessorBelow(Refusal):
    code = "successor_below"
    msgid = N_("不能并入自己或自己的下级。请先把承接队伍调整到别的上级下面。")


class TeamNotEmpty(Refusal):
    code = "team_not_empty"
    msgid = N_("还有 %(members)s 名志愿者、%(children)s 个下级队伍，请选择由谁承接。")


class SuccessorMissing(Refusal):
    code = "successor_missing"
    msgid = N_("这里曾经有过志愿者，撤销时请选择由谁承接，以后才查得到。")


class UnitsOfBrigade(Refusal):
    code = "units_of_brigade"
    msgid = N_("单位由大队统一维护，请联系大队管理员。")


class TeamHasAdmins(Refusal):
    code = "team_has_admins"
    msgid = N_("还有 %(count)s 名管理员在管理本队，请先在“管理员”页结束或调整他们的任命。")


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


class AdminUsernameMalformed(Refusal):
    code = "username_malformed"
    msgid = N_("用户名应为 2 到 32 位字母、数字、点、下划线或连字符。")


class OnlyDeputies(Refusal):
    code = "only_deputies"
    msgid = N_("副职管理员不能任命或结束任命，请由管理员本人或上级办理。")


class NotOneself(Refusal):
    code = "not_oneself"
    msgid = N_("不能任命自己，也不能结束自己的任命。请由另一位管理员办理。")


class RoleNotYours(Refusal):
    code = "role_not_yours"
    msgid = N_("审计员和系统管理员只能由大队任命。")


class RolesApart(Refusal):
    code = "roles_apart"
    msgid = N_("审计员、系统管理员不能兼任其他职务：查看一切的人不改动，设置系统的人不接触时长。")


class AppointedAlready(Refusal):
    code = "appointed_already"
    msgid = N_("此人在这段时间已经担任这个职务。")


class TermBackwards(Refusal):
    code = "term_backwards"
    msgid = N_("结束日期应晚于开始日期。")


class TermOver(Refusal):
    code = "term_over"
    msgid = N_("日期应在今天之后、任期之内（可以是今天）。")


class PlaceMissing(Refusal):
    code = "place_missing"
    msgid = N_("请选择队伍；站长请选择服务站。")


class AdminInactive(Refusal):
    code = "admin_inactive"
    msgid = N_("这个账号已停用，请先恢复账号。")


class SetupCodeWrong(Refusal):
    code = "setup_code_wrong"
    msgid = N_("安装码不正确或已过期。请在服务器上运行 flask setup-code 重新生成。")


class BrigadeNameMissing(Refusal):
    code = "brigade_name_missing"
    msgid = N_("请填写大队名称。")


class SetupDone(Refusal):
    code = "setup_done"
    msgid = N_("已经有管理员了，不能再用安装码。请用 add-admin 命令或请管理员在网页上任命。")


class PasswordTooShort(Refusal):
    code = "password_too_short"
    msgid = N_("密码至少要 %(minimum)s 位。")


class SignInFailed(Refusal):
    code = "sign_in_failed"
    msgid = N_("编号或密码不正确。")


class TooManyAttempts(Refusal):
    """Tried too often from here (429); ``seconds`` says when to try again."""

    code = "too_many_attempts"
    msgid = N_("尝试次数太多，请 %(minutes)s 分钟后再试。")

    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)
        super().__init__(minutes=-(-self.seconds // 60))


class SecondStepFailed(Refusal):
    code = "second_step_failed"
    msgid = N_("验证码不正确或已经用过，请重新输入。")


class PasskeyRefused(Refusal):
    code = "passkey_refused"
    msgid = N_("没有认出这个通行密钥。请刷新页面再试一次，或改用密码登录。")


class PasskeysFull(Refusal):
    code = "passkeys_full"
    msgid = N_("通行密钥最多 %(maximum)s 个，请先移除一个不用的。")


class PasswordUnchanged(Refusal):
    code = "password_unchanged"
    msgid = N_("新密码不能和现在的一样。")


class TeamClosed(Refusal):
    code = "team_closed"
    msgid = N_("“%(name)s”已撤销，不能再有人加入。")


class MergeUsed(Refusal):
    code = "merge_used"
    msgid = N_("合并之后，转过来的卡已经刷过，时长记在保留的人名下，所以不能撤销合并。")


class PasswordWrong(Refusal):
    code = "password_wrong"
    msgid = N_("当前密码不正确。")


class SecondFactorThere(Refusal):
    code = "second_factor_there"
    msgid = N_("动态码已经启用。要换一部手机，请先移除原来的。")


class SecondFactorAbsent(Refusal):
    code = "second_factor_absent"
    msgid = N_("还没有开始设置动态码，或者设置已经过期，请重新开始。")


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


class CardEndWrong(Refusal):
    code = "card_end_wrong"
    msgid = N_("临时卡的有效期应在今天到今后 %(days)s 天之内。")


class CardNotReplaceable(Refusal):
    code = "card_not_replaceable"
    msgid = N_("只有使用中或已挂失的长期卡可以补卡；临时卡请停用后重新发卡或绑定。")


class CardIsTheOld(Refusal):
    code = "card_is_the_old"
    msgid = N_("这就是要换掉的那张卡，请用另一张卡。")


class TerminalBusy(Refusal):
    code = "terminal_busy"
    msgid = N_("这台终端正在为别人绑定卡，请等对方结束，或换一台终端。")


class TerminalNotReady(Refusal):
    code = "terminal_not_ready"
    msgid = N_("这台终端还没有登记或已停用，请换一台。")


class MembersNotFound(Refusal):
    code = "members_not_found"
    msgid = N_("您管理的队伍里没有这些编号的在册志愿者：%(numbers)s。")


class NobodyToEnrol(Refusal):
    code = "nobody_to_enrol"
    msgid = N_("没有可以绑卡的在册志愿者，请检查编号。")


class MemberHasNoCard(Refusal):
    code = "member_has_no_card"
    msgid = N_("这位志愿者还没有可打印的卡，请先发卡。")


class MemberInactive(Refusal):
    code = "member_inactive"
    msgid = N_("这位志愿者已不在册。")


class ReasonMissing(Refusal):
    code = "reason_missing"
    msgid = N_("请填写原因。")


class StatusUnfit(Refusal):
    code = "status_unfit"
    msgid = N_("按这位志愿者现在的状态，不能这样变动。请刷新后再看。")


class ChangeTooLate(Refusal):
    code = "change_too_late"
    msgid = N_("日期不能晚于今天，请在当天办理。")


class ChangeTooEarly(Refusal):
    code = "change_too_early"
    msgid = N_("日期不能早于上一次变动（%(day)s）。")


class TransferToSame(Refusal):
    code = "transfer_to_same"
    msgid = N_("这位志愿者已经在这个队伍和单位。")


class TransferWaiting(Refusal):
    code = "transfer_waiting"
    msgid = N_("这位志愿者有一项调动正在等待接收，请先撤回它。")


class TransferDecided(Refusal):
    code = "transfer_decided"
    msgid = N_("这项调动已经办完，不能再改。")


class ChangeNotNewest(Refusal):
    code = "change_not_newest"
    msgid = N_("只能撤销最近的一次变动，而且之后没有别的改动。")


class UndoOutsideScope(Refusal):
    code = "undo_outside_scope"
    msgid = N_("原来的队伍不在您的管理范围内。请改用调动，由对方接收。")


class MergeKeptInactive(Refusal):
    code = "merge_kept_inactive"
    msgid = N_("请保留在册的那份档案。")


class MergeWithSelf(Refusal):
    code = "merge_with_self"
    msgid = N_("请填写另一位志愿者的编号。")


class MergedAlready(Refusal):
    code = "merged_already"
    msgid = N_("其中一份档案已经合并过，请先撤销那次合并。")


class MergedAway(Refusal):
    code = "merged_away"
    msgid = N_("这份档案已经并入另一份，请在保留的那份档案上办理。")


class MergedElsewhere(Refusal):
    code = "merged_elsewhere"
    msgid = N_("与这份档案合并的档案有的属于别的队伍，请由上级队伍办理。")


class MergeOnDuty(Refusal):
    code = "merge_on_duty"
    msgid = N_("其中一人正在岗，请等签退后再合并。")


class ConsentMissing(Refusal):
    code = "consent_missing"
    msgid = N_("请先阅读并同意个人信息处理告知。")


class ReplyMissing(Refusal):
    code = "reply_missing"
    msgid = N_("请写一句回复，告诉申请人为什么。")


class RegistrationWaiting(Refusal):
    code = "registration_waiting"
    msgid = N_("这份申请已经提交过，正在等待处理，不必再次提交。")


class RegistrationDecided(Refusal):
    code = "registration_decided"
    msgid = N_("这份申请已经处理过。")


class RegistrationUnknown(Refusal):
    code = "registration_unknown"
    msgid = N_("没有这个查询码的申请。请检查是否写错。")


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


class TriggersMissing(Refusal):
    code = "triggers_missing"
    msgid = N_(
        "数据库里防篡改的触发器缺失或被停用：%(triggers)s。扫码、台账或审计可能已被改动，"
        "请先查明原因，再运行 restore-triggers 恢复。"
    )


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
