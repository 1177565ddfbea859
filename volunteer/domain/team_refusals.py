"""Teams: why one cannot be founded, moved, merged or dissolved so."""

from volunteer.domain.refusals import N_, NotFound, Refusal


class TeamCodeMalformed(Refusal):
    code = "team_code_malformed"
    msgid = N_("队伍编码应为 1 到 32 位字母、数字或连字符。")


class TeamCodeTaken(Refusal):
    code = "team_code_taken"
    msgid = N_("队伍编码 %(code)s 已被使用。已撤销队伍的编码也不再使用。")


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


class TeamHasAdmins(Refusal):
    code = "team_has_admins"
    msgid = N_("还有 %(count)s 名管理员在管理本队，请先在“管理员”页结束或调整他们的任命。")


class BrigadeMissing(NotFound):
    code = "brigade_missing"
    msgid = N_("还没有建立大队，请先运行 init-db。")


class TeamClosed(Refusal):
    code = "team_closed"
    msgid = N_("“%(name)s”已撤销，不能再有人加入。")
