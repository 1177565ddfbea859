"""Admins: why an account or an appointment cannot be so."""

from volunteer.domain.refusals import N_, Refusal


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


class TermPast(Refusal):
    code = "term_past"
    msgid = N_("这个任期在今天以前已经结束，任命了也什么都办不了。请检查结束日期。")


class TermOver(Refusal):
    code = "term_over"
    msgid = N_("日期应在今天之后、任期之内（可以是今天）。")


class PlaceMissing(Refusal):
    code = "place_missing"
    msgid = N_("请选择队伍；站长请选择服务站。")


class AdminInactive(Refusal):
    code = "admin_inactive"
    msgid = N_("这个账号已停用，请先恢复账号。")
