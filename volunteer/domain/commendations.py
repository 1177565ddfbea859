"""Commendations: name, date and granting unit (Order 67 article 9)."""

from dataclasses import dataclass
from datetime import date

from volunteer.domain.members import require_length
from volunteer.domain.refusals import N_, NotFound, Refusal
from volunteer.domain.training_records import DateInFuture


class CommendationUnknown(NotFound):
    code = "commendation_unknown"
    msgid = N_("没有找到这条表彰奖励，或不在您的管理范围内。")


class CommendationFieldMissing(Refusal):
    code = "commendation_field_missing"
    msgid = N_("请填写表彰奖励的名称和授予单位。")


@dataclass(frozen=True, slots=True)
class CommendationFields:
    """One commendation: name, date, granting unit."""

    name: str
    granted_on: date
    granting_unit: str


def check_commendation(fields: CommendationFields, today: date) -> CommendationFields:
    """Refuse a commendation whose record would not say what the law asks for."""
    if not (fields.name and fields.granting_unit):
        raise CommendationFieldMissing()
    require_length(fields.name, 120)
    require_length(fields.granting_unit, 120)
    if fields.granted_on > today:
        raise DateInFuture()
    return fields
