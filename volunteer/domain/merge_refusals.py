"""Merges: why two rows cannot be made one, or one two, so."""

from volunteer.domain.refusals import N_, Refusal


class MergeUsed(Refusal):
    code = "merge_used"
    msgid = N_("合并之后，转过来的卡已经刷过，时长记在保留的人名下，所以不能撤销合并。")


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
