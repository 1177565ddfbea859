"""Stations and their terminals: why one is not known, and why a scan cannot be taken back."""

from volunteer.domain.refusals import N_, NotFound, Refusal


class StationUnknown(NotFound):
    code = "station_unknown"
    msgid = N_("没有编码为 %(code)s 的服务站。")


class StationCodeMalformed(Refusal):
    code = "station_code_malformed"
    msgid = N_("服务站编码应为 1 到 32 位字母、数字或连字符。")


class StationCodeTaken(Refusal):
    code = "station_code_taken"
    msgid = N_("服务站编码 %(code)s 已被使用。")


class EnrolmentCodeUnknown(Refusal):
    code = "code_unknown"
    msgid = N_("登记码不正确、已用过或已过期。请管理员重新生成一个。")


class TerminalUnknown(Refusal):
    code = "terminal_unknown"
    msgid = N_("本终端未登记或已停用，请联系管理员。")


class UndoTooLate(Refusal):
    code = "undo_too_late"
    msgid = N_("只能在本站签到后 60 秒内撤销。")
