"""Requests to join: why one cannot be sent or decided so."""

from volunteer.domain.refusals import N_, Refusal


class ConsentMissing(Refusal):
    code = "consent_missing"
    msgid = N_("请先阅读并同意个人信息处理告知。")


class ReplyMissing(Refusal):
    code = "reply_missing"
    msgid = N_("请写一句回复，告诉申请人为什么。")


class RegistrationWaiting(Refusal):
    code = "registration_waiting"
    msgid = N_(
        "这份申请已经提交过，正在等待处理，不必再次提交。"
        "查询码丢失的，请联系想加入的队伍的管理员：管理员给登记的电话回电核对后，可以换发新的查询码。"
    )


class RegistrationDecided(Refusal):
    code = "registration_decided"
    msgid = N_("这份申请已经处理过。")


class RegistrationUnknown(Refusal):
    code = "registration_unknown"
    msgid = N_("没有这个查询码的申请。请检查是否写错。")
