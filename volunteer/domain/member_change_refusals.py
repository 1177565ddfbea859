"""A member's way: why a change cannot be made or taken back so."""

from volunteer.domain.refusals import N_, Refusal


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
