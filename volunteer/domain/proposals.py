"""Proposals: nothing about hours is done by one person; who may take which part."""

from enum import StrEnum

from volunteer.domain.refusals import N_, Refusal


class ProposalState(StrEnum):
    """How a proposal stands. Only a proposed one can still be decided."""

    ASKED = "asked"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class PersonUnknown(Refusal):
    """Whether three people are three people can only be said of people who are known."""

    code = "person_unknown"
    msgid = N_(
        "您的管理员账号还没有关联本人的志愿者编号，或者还没有经另一位管理员确认，不能经手时长。请看“账号安全”。"
    )


class SamePerson(Refusal):
    """Enterer, approver and beneficiary must be three different people."""

    code = "same_person"
    msgid = N_("录入人、审核人和受益人必须是三个不同的人：请由另一位管理员处理。")


def require_three_people(enterer: int | None, approver: int | None, beneficiary: int) -> None:
    """Refuse unless three different people stand behind a change of hours; each is a member's id.

    Rows merged into one person count as that person: pass the id of the kept row.
    """
    if enterer is None or approver is None:
        raise PersonUnknown()
    if len({enterer, approver, beneficiary}) < 3:
        raise SamePerson()


def require_other_person(enterer: int | None, beneficiary: int) -> None:
    """Refuse where somebody enters hours for themselves, or nobody knows who it is."""
    if enterer is None:
        raise PersonUnknown()
    if enterer == beneficiary:
        raise SamePerson()
