"""Cards: why one cannot be issued, bound, replaced or printed so."""

from volunteer.domain.refusals import N_, Refusal


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
