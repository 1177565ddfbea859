"""Rows of training records and commendations by themselves: days as people and spreadsheets write them."""

from datetime import date, datetime

import pytest

from volunteer.domain.cells import Cell
from volunteer.domain.entry_rows import MEMBER, NUMBER, CellEmpty, clean_day, clean_lines, judge_entry
from volunteer.domain.imports import StagedRow
from volunteer.domain.refusals import DateMalformed, Refusal
from volunteer.domain.training_records import DateInFuture
from volunteer.domain.training_rows import TRAINING, TrainingField

TODAY = date(2026, 9, 15)


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 3, 15), datetime(2026, 3, 15, 9, 30), 46096, 46096.4, "46096", 20260315, "20260315",  # noqa: DTZ001
        "2026-03-15", "2026/3/15", "2026.3.15", "2026。3。15", "2026－3－15", "2026—3—15",
        "２０２６年３月１５日", "2026年3月15日 星期日", "2026年3月15日（周日）", "2026年3月15日9:30",
        "2026-03-15 9:00", "2026-03-15T09:00:00",
    ],
)  # fmt: skip
def test_a_day_is_understood_however_it_is_written(cell: Cell) -> None:
    assert clean_day(cell, TODAY, "没有填写日期。") == "2026-03-15"


@pytest.mark.parametrize(
    ("cell", "refusal"),
    [
        ("", CellEmpty),
        ("3月15日", DateMalformed),
        ("26-03-15", DateMalformed),
        ("2026-02-30", DateMalformed),
        ("2026-03-15至16", DateMalformed),
        ("2026-W10-4", DateMalformed),
        ("1999-12-31", DateMalformed),
        (99999, DateMalformed),
        (True, DateMalformed),
        ("2026-09-16", DateInFuture),
    ],
)
def test_what_is_no_certain_day_is_refused(cell: Cell, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        clean_day(cell, TODAY, "没有填写日期。")


def test_lines_of_a_content_stay_lines() -> None:
    assert clean_lines(" 手势\n\n站位 ", 500, "没有填写主要内容。") == "手势\n站位"


def test_every_fault_of_a_row_is_told_and_only_a_good_row_has_a_key() -> None:
    empty, good = StagedRow(2), StagedRow(3)
    good.cells = {
        NUMBER: "a001",
        MEMBER: "",
        TrainingField.TRAINING: "消防培训",
        TrainingField.CONTENT: "灭火器",
        TrainingField.HOURS: "２",
        TrainingField.ORGANISER: "消防 站",
        TrainingField.HELD_ON: "2026-03-05",
    }

    judge_entry(empty, TRAINING, TODAY)
    judge_entry(good, TRAINING, TODAY)

    assert [str(one) for one in empty.reasons] == [
        "没有填写志愿者编号。", "没有填写培训名称。", "没有填写主要内容。", "没有填写学时。",
        "没有填写组织单位。", "没有填写日期。",
    ]  # fmt: skip
    assert (empty.key, len(good.key)) == ("", 64)
    assert {(one.was, one.now) for one in good.repairs} == {
        ("a001", "A001"),
        ("２", "2"),
        ("消防 站", "消防站"),
    }
