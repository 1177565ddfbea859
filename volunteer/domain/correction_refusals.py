"""How the rules about corrections say no."""

from volunteer.domain.refusals import N_, NotFound, Refusal


class CorrectionUnknown(NotFound):
    code = "correction_unknown"
    msgid = N_("没有找到这项更正，或不在您的管理范围内。")


class RecordUnknown(NotFound):
    code = "record_unknown"
    msgid = N_("没有找到这条服务记录，或不在您的管理范围内。")


class CorrectionReasonMissing(Refusal):
    code = "correction_reason_missing"
    msgid = N_("请写明原因。")


class CorrectionDecided(Refusal):
    code = "correction_decided"
    msgid = N_("这项更正已经处理过，或现在还不能这样处理，请刷新后再看。")


class RecordNotCorrectable(Refusal):
    code = "record_not_correctable"
    msgid = N_("这条记录还在进行中，或已被更正、作废，不能再改。")


class RecordNotForgotten(Refusal):
    code = "record_not_forgotten"
    msgid = N_("这条记录已有签退时间，要改时间请用“更正”。")


class RecordChanged(Refusal):
    code = "record_changed"
    msgid = N_("原记录在申请之后又有变化，请先退回，再按现在的记录重新提出。")


class StationMissing(Refusal):
    code = "station_missing"
    msgid = N_("请选择服务站。")


class NothingChanged(Refusal):
    code = "nothing_changed"
    msgid = N_("填写的内容与现在的记录一样，没有要更正的。")


class TimesMalformed(Refusal):
    code = "times_malformed"
    msgid = N_("看不懂时间“%(text)s”。请写成 8:30、0830 或 8 这样。")


class TimesMissing(Refusal):
    code = "times_missing"
    msgid = N_("请填写到达和离开的时间。")


class TimesBackwards(Refusal):
    code = "times_backwards"
    msgid = N_("离开的时间应晚于到达的时间。")


class TimesInFuture(Refusal):
    code = "times_in_future"
    msgid = N_("离开的时间还没有到，不能提前登记。")


class TimesTooLong(Refusal):
    code = "times_too_long"
    msgid = N_("一次服务不能超过 24 小时，请分次填写。")


class TimesTooOld(Refusal):
    code = "times_too_old"
    msgid = N_("超过 %(years)s 年的服务不能再补录或更正。")


class OtherRecord(Refusal):
    """Two places at once."""

    code = "other_record"
    msgid = N_("与另一条记录的时间重叠：%(station)s，%(begins)s 至 %(ends)s。同一个人不能同时在两个地方。")


class OtherWish(Refusal):
    code = "other_wish"
    msgid = N_("同一时间已有一项更正或补录在等待处理。")


class NotCountable(Refusal):
    code = "not_countable"
    msgid = N_("活动“%(name)s”不计入志愿服务时长，或没有举行。")


class OutsideActivity(Refusal):
    code = "outside_activity"
    msgid = N_("活动“%(name)s”的服务只能从 %(earliest)s 记到 %(latest)s。")


class NothingCounts(Refusal):
    code = "nothing_counts"
    msgid = N_("按现行规则，这段时间不计服务时长。")


class NoticeRunning(Refusal):
    code = "notice_running"
    msgid = N_("这项更正正在公示，%(day)s 起才能通过。")


class NoticeOff(Refusal):
    code = "notice_off"
    msgid = N_("大队没有开启公示。")


class UnitMissing(Refusal):
    code = "unit_missing"
    msgid = N_("这位志愿者没有登记单位，不能在单位内公示。")


class ObjectionMissing(Refusal):
    code = "objection_missing"
    msgid = N_("请写明异议的内容。")


class NumberWrong(Refusal):
    code = "number_wrong"
    msgid = N_("请填写 %(least)s 到 %(most)s 之间的整数。")


class SheetUnknown(NotFound):
    code = "sheet_unknown"
    msgid = N_("没有找到这张纸质签到表，或不在您的管理范围内。")


class SheetEmpty(Refusal):
    code = "sheet_empty"
    msgid = N_("还没有填写任何一行。")


class RowsWrong(Refusal):
    """Nothing of the sheet was kept; each row says what is wrong with it."""

    code = "rows_wrong"
    msgid = N_("有 %(count)s 行需要修改，改好之前一行也没有保存。")

    def __init__(self, problems: dict[int, Refusal]) -> None:
        super().__init__(count=len(problems))
        self.problems = problems


class RowNobody(Refusal):
    code = "row_nobody"
    msgid = N_("请填写志愿者编号或姓名。")


class RowUnknown(Refusal):
    code = "row_unknown"
    msgid = N_("没有找到“%(text)s”，请核对编号或姓名。")


class RowAmbiguous(Refusal):
    code = "row_ambiguous"
    msgid = N_("有 %(count)s 位叫“%(text)s”，请改填志愿者编号。")


class RowTwice(Refusal):
    code = "row_twice"
    msgid = N_("与第 %(number)s 行是同一个人，而且时间重叠。")


class NobodyTicked(Refusal):
    code = "nobody_ticked"
    msgid = N_("请至少选择一行。")
