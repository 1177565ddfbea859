"""Lists of training records: what their columns are called, and what one row says."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from volunteer.domain.cells import Cell, cell_text, is_blank, tidy_name
from volunteer.domain.days import read_day
from volunteer.domain.entry_rows import (
    CellEmpty,
    EntryRules,
    clean_day,
    clean_lines,
    clean_text,
    vocabulary_of,
)
from volunteer.domain.refusals import N_
from volunteer.domain.training_records import LONGEST_CONTENT, TrainingFields, clean_learning_hours

_LONGEST = 120


class TrainingField(StrEnum):
    """What a column can say about a training, besides whose it is."""

    TRAINING = "training"
    CONTENT = "content"
    HOURS = "hours"
    ORGANISER = "organiser"
    HELD_ON = "held_on"


_VOCABULARY = vocabulary_of(
    {
        TrainingField.TRAINING: (
            "培训名称", "培训项目", "培训项目名称", "培训主题", "培训课程", "课程名称", "培训班名称", "课程",
            "项目名称", "项目", "名称", "培训", "trainingname", "training", "course",
        ),
        TrainingField.CONTENT: (
            "主要内容", "培训主要内容", "培训内容", "课程内容", "学习内容", "内容", "maincontent", "content",
        ),
        TrainingField.HOURS: (
            "学时", "培训学时", "学时数", "课时", "培训课时", "课时数", "学习时长", "培训时长", "时长",
            "小时数", "小时", "learninghours", "hours",
        ),
        TrainingField.ORGANISER: (
            "组织单位", "培训组织单位", "培训单位", "培训机构", "组织机构", "主办单位", "举办单位",
            "培训主办单位", "主办方", "组织者", "承办单位", "organisingunit", "organiser", "organizer",
        ),
        TrainingField.HELD_ON: (
            "培训日期", "培训时间", "举办日期", "举办时间", "开展日期", "开展时间", "参训日期", "日期",
            "时间", "trainingdate", "date",
        ),
    },
    {
        TrainingField.TRAINING: N_("培训名称"),
        TrainingField.CONTENT: N_("主要内容"),
        TrainingField.HOURS: N_("学时"),
        TrainingField.ORGANISER: N_("组织单位"),
        TrainingField.HELD_ON: N_("日期"),
    },
    tuple(TrainingField),
)  # fmt: skip


def _name(cell: Cell, _today: date) -> str:
    return clean_text(cell, _LONGEST, N_("没有填写培训名称。"))


def _content(cell: Cell, _today: date) -> str:
    return clean_lines(cell, LONGEST_CONTENT, N_("没有填写主要内容。"))


def _hours(cell: Cell, _today: date) -> str:
    if is_blank(cell):
        raise CellEmpty(N_("没有填写学时。"))
    return f"{clean_learning_hours(cell_text(cell)) / 60:g}"


def _organiser(cell: Cell, _today: date) -> str:
    return clean_text(tidy_name(cell_text(cell)), _LONGEST, N_("没有填写组织单位。"))


def _day(cell: Cell, today: date) -> str:
    return clean_day(cell, today, N_("没有填写日期。"))


def _fields(values: Mapping[str, str]) -> TrainingFields:
    return TrainingFields(
        values[TrainingField.TRAINING],
        values[TrainingField.CONTENT],
        clean_learning_hours(values[TrainingField.HOURS]),
        values[TrainingField.ORGANISER],
        read_day(values[TrainingField.HELD_ON]),
    )


TRAINING = EntryRules(
    vocabulary=_VOCABULARY,
    cleaners={
        TrainingField.TRAINING: _name,
        TrainingField.CONTENT: _content,
        TrainingField.HOURS: _hours,
        TrainingField.ORGANISER: _organiser,
        TrainingField.HELD_ON: _day,
    },
    fields_of=_fields,
    same=(TrainingField.TRAINING, TrainingField.HELD_ON),
)
