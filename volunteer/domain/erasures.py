"""Erasure: what a member may have erased (PIPL article 47), and what the law keeps.

Service, training and commendation must be recorded truthfully (Order 67) and kept for at
least ten years (GB/T 40143-2021): what has a legal period is kept until it ends. All else
can be erased.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from volunteer.domain.consents import Purpose
from volunteer.domain.refusals import N_, Refusal

LONGEST_REASON = 500
LEGAL_YEARS = 10


def legal_until(last_on: date) -> date:
    """Until when at least a record of this day is kept; one of 29 February to the day after."""
    try:
        return last_on.replace(year=last_on.year + LEGAL_YEARS)
    except ValueError:
        return date(last_on.year + LEGAL_YEARS, 3, 1)


class ErasurePart(StrEnum):
    """What can be erased before the legal period ends."""

    CONTACTS = "contacts"
    SKILLS = "skills"
    PARTICULARS = "particulars"
    NATIONAL_ID = "national_id"


# What goes at once when this consent is taken back (PIPL article 47): what is kept for nothing else.
ERASED_WITH: Mapping[Purpose, Sequence[ErasurePart]] = {
    Purpose.CONTACT: (ErasurePart.CONTACTS,),
    Purpose.RECORDING: (ErasurePart.SKILLS, ErasurePart.PARTICULARS, ErasurePart.NATIONAL_ID),
}


class ErasureState(StrEnum):
    """Asked for, done, or refused with a reply; the member may take the request back."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


class NothingToErase(Refusal):
    code = "nothing_to_erase"
    msgid = N_("请选择要删除的内容。")


class ErasureWaiting(Refusal):
    code = "erasure_waiting"
    msgid = N_("您已有一份删除申请在等待处理。")


class ErasureDecided(Refusal):
    code = "erasure_decided"
    msgid = N_("这份删除申请已经处理过了。")


class ReplyMissing(Refusal):
    code = "reply_missing"
    msgid = N_("不同意删除时，请写明理由。")
