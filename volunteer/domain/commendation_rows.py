"""Lists of commendations: what their columns are called, and what one row says."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from volunteer.domain.cells import Cell, cell_text, tidy_name
from volunteer.domain.commendations import CommendationFields
from volunteer.domain.days import read_day
from volunteer.domain.entry_rows import EntryRules, clean_day, clean_text, vocabulary_of
from volunteer.domain.refusals import N_

_LONGEST = 120


class CommendationField(StrEnum):
    """What a column can say about a commendation, besides whose it is."""

    HONOUR = "honour"
    GRANTED_ON = "granted_on"
    GRANTING_UNIT = "granting_unit"


_VOCABULARY = vocabulary_of(
    {
        CommendationField.HONOUR: (
            "表彰奖励名称", "表彰奖励的名称", "表彰名称", "奖励名称", "荣誉名称", "荣誉称号", "表彰奖励",
            "表彰", "奖项名称", "奖项", "获奖名称", "所获荣誉", "获得荣誉", "称号", "荣誉", "名称",
            "nameofthecommendation", "commendationname", "commendation", "honour", "award",
        ),
        CommendationField.GRANTED_ON: (
            "授予日期", "授予时间", "表彰日期", "表彰时间", "奖励日期", "获奖日期", "获奖时间", "颁发日期",
            "颁奖日期", "日期", "时间", "dategranted", "grantedon", "date",
        ),
        CommendationField.GRANTING_UNIT: (
            "授予单位", "授予机关", "表彰单位", "表彰机关", "奖励单位", "授奖单位", "颁发单位", "颁奖单位",
            "发证单位", "grantingunit", "grantedby",
        ),
    },
    {
        CommendationField.HONOUR: N_("表彰奖励的名称"),
        CommendationField.GRANTED_ON: N_("授予日期"),
        CommendationField.GRANTING_UNIT: N_("授予单位"),
    },
    tuple(CommendationField),
)  # fmt: skip


def _name(cell: Cell, _today: date) -> str:
    return clean_text(cell, _LONGEST, N_("没有填写表彰奖励的名称。"))


def _day(cell: Cell, today: date) -> str:
    return clean_day(cell, today, N_("没有填写授予日期。"))


def _unit(cell: Cell, _today: date) -> str:
    return clean_text(tidy_name(cell_text(cell)), _LONGEST, N_("没有填写授予单位。"))


def _fields(values: Mapping[str, str]) -> CommendationFields:
    return CommendationFields(
        values[CommendationField.HONOUR],
        read_day(values[CommendationField.GRANTED_ON]),
        values[CommendationField.GRANTING_UNIT],
    )


COMMENDATIONS = EntryRules(
    vocabulary=_VOCABULARY,
    cleaners={
        CommendationField.HONOUR: _name,
        CommendationField.GRANTED_ON: _day,
        CommendationField.GRANTING_UNIT: _unit,
    },
    fields_of=_fields,
    same=(CommendationField.HONOUR, CommendationField.GRANTED_ON),
)
