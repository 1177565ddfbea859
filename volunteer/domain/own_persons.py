"""Own persons: which volunteer an admin is, proved once and changed only by somebody else."""

from volunteer.domain.refusals import N_, Refusal


class PersonNotProved(Refusal):
    code = "person_not_proved"
    msgid = N_("编号与密码（或卡函上的激活码）不符，请核对。")


class PersonTaken(Refusal):
    code = "person_taken"
    msgid = N_("这个志愿者编号已关联另一个管理员账号。同一个人不能有两个账号经手时长。")


class LinkedAlready(Refusal):
    code = "linked_already"
    msgid = N_("已经关联了本人。要改，请由另一位有任命权的管理员先解除。")


class UnlinkReasonMissing(Refusal):
    code = "unlink_reason_missing"
    msgid = N_("请写明解除关联的原因。")
