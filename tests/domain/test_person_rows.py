"""What a list says of a person's own file: cells, and what they would change."""

from dataclasses import asdict
from datetime import UTC, date, datetime

import pytest

from volunteer.domain.cells import Cell
from volunteer.domain.file_contents import FileContent, content_from, join_content
from volunteer.domain.headings import MEMBERS, Field, find_headings
from volunteer.domain.import_rows import judge_row, stage
from volunteer.domain.imports import RowState, StagedRow
from volunteer.domain.national_ids import derive_id_keys, invent_impossible
from volunteer.domain.person_rows import clean_born_on, clean_free_times, content_of, list_changes
from volunteer.domain.refusals import DateMalformed
from volunteer.services.member_imports import MemberLists

TODAY = date(2026, 11, 15)
KIND = MemberLists(derive_id_keys("test"), UTC, bytes(32), allows_invented=True)
# Born on 1 January 1960, a woman's.
NUMBER = invent_impossible(2)


def judge(headings: list[Cell], cells: list[Cell]) -> StagedRow:
    found = find_headings([headings])
    row = stage(2, cells, found, KIND)
    assert row
    judge_row(row, found.columns, KIND, TODAY)
    return row


@pytest.mark.parametrize(
    "cell",
    [
        date(1990, 5, 1),
        datetime(1990, 5, 1),  # noqa: DTZ001
        32994,
        "32994",
        32994.0,
        19900501,
        "1990年5月1日",
        "１９９０．５．１",
        "1990/05/01",
        " 1990-5-1 ",
    ],
)
def test_a_birth_date_is_understood_however_offices_write_it(cell: Cell) -> None:
    assert clean_born_on(cell, TODAY) == "1990-05-01"


@pytest.mark.parametrize("cell", ["1990", "五月", "1990-13-01", "1990-02-30", True])
def test_what_is_no_day_is_no_birth_date(cell: Cell) -> None:
    with pytest.raises(DateMalformed):
        clean_born_on(cell, TODAY)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("周六上午", "周六上午"),
        ("星期六、星期日上午", "周六上午、周日上午"),
        ("周一、三、五 晚上", "周一晚上、周三晚上、周五晚上"),
        ("周一至周三下午，周六全天", "周一下午、周二下午、周三下午、周六上午、周六下午、周六晚上"),
        ("周末", "周六上午、周六下午、周六晚上、周日上午、周日下午、周日晚上"),
        ("工作日晚上", "周一晚上、周二晚上、周三晚上、周四晚上、周五晚上"),
        ("周六 上午 下午", "周六上午、周六下午"),
        ("", ""),
    ],
)
def test_free_times_are_written_out_and_stay_so(text: str, times: str) -> None:
    assert clean_free_times(text, TODAY) == times
    assert clean_free_times(times, TODAY) == times


HEADINGS: list[Cell] = [
    "姓名",
    "性别",
    "出生日期",
    "联系电话",
    "居住地",
    "特长",
    "服务意愿",
    "可服务时间",
    "身份证号",
]


def test_a_whole_file_comes_from_one_row() -> None:
    cells: list[Cell] = [
        "朱怡",
        "女 ",
        "",
        13800138000.0,
        "龙城街道",
        "急救，英语",
        "进社区、带队",
        "周六上午",
        NUMBER,
    ]

    row = judge(HEADINGS, cells)

    assert content_of(row.values) == FileContent(
        sex="female",
        born_on="1960-01-01",
        residence="龙城街道",
        phones=("13800138000",),
        skills=("急救", "英语"),
        service_kinds=("community_visit", "带队"),
        free_times=("6-morning",),
    )


def test_sex_and_birth_date_come_from_the_id_number_where_the_list_leaves_them_empty() -> None:
    row = judge(["姓名", "身份证号", "出生年月"], ["朱怡", NUMBER, "1960.01"])

    assert (row.values[Field.SEX], row.values[Field.BORN_ON]) == ("女", "1960-01-01")
    assert [(one.was, one.now) for one in row.repairs][-1] == ("1960-01", "1960-01-01")


@pytest.mark.parametrize(
    ("heading", "cell", "says"),
    [
        ("性别", "不详", "性别应写“男”或“女”"),
        ("性别", "男", "性别与证件号码不一致"),
        ("出生日期", "1990-05-01", "出生日期与证件号码不一致"),
        ("出生日期", "明年", "2026-01-15"),
        ("手机号码", "1.38E+10", "11 位手机号"),
        ("手机号码", "12345", "11 位手机号"),
        ("可服务时间", "随时", "看不懂可服务时间“随时”"),
        ("特长", "、".join(map(str, range(21))), "最多填写 20 项"),
    ],
)
def test_what_no_file_could_hold_is_a_problem_in_words(heading: str, cell: Cell, says: str) -> None:
    row = judge(["姓名", "身份证号", heading], ["朱怡", NUMBER, cell])

    assert row.state is RowState.PROBLEM
    assert says in " ".join(map(str, row.reasons))


def test_a_birth_date_without_a_day_is_not_guessed() -> None:
    row = judge(["姓名", "出生年月"], ["朱怡", "1990.05"])

    assert "出生日期要有年、月、日" in str(row.reasons[0])


def test_telephones_stand_masked_among_the_repairs() -> None:
    row = judge(["姓名", "手机"], ["朱怡", "+86 138 0013 8000"])

    assert [(one.was, one.now) for one in row.repairs] == [("+86****8000", "138****8000")]
    assert row.values[Field.PHONE] == "13800138000"


def test_nobody_is_asked_about_the_spaces_in_a_telephone_or_an_id_number() -> None:
    row = judge(["姓名", "手机", "身份证号"], ["朱怡", "138 0013 8000", f"{NUMBER[:6]} {NUMBER[6:]}"])

    assert (row.state, row.repairs) == (RowState.READY, [])


def test_a_list_adds_to_a_file_and_an_empty_cell_takes_nothing_away() -> None:
    there = FileContent(
        sex="female", residence="龙城街道", phones=("13800138000",), skills=("急救",), others=1
    )
    said = FileContent(residence="布吉街道", phones=("13900139000",), skills=("急救", "英语"))

    after = join_content(there, said)

    assert list_changes(there, after) == [
        (Field.RESIDENCE, "龙城街道", "布吉街道"),
        (Field.PHONE, "13800138000", "13800138000、13900139000"),
        (Field.SKILLS, "急救", "急救、英语"),
    ]
    assert (after.sex, after.others) == ("female", 1)


def test_content_is_the_same_after_it_was_kept() -> None:
    content = FileContent(sex="male", phones=("13800138000",), free_times=("6-morning",))

    assert content_from(asdict(content), FileContent()) == content


def test_every_column_of_a_template_is_known_by_its_own_name() -> None:
    headings: list[Cell] = [f"{label}（English）" for label in MEMBERS.labels.values()]

    found = find_headings([headings])

    assert set(found.columns) == set(MEMBERS.labels)
    assert found.ignored == ()


@pytest.mark.parametrize("heading", ["单位", "居住地", "特长"])
def test_an_id_number_in_a_column_that_is_not_sealed_is_a_problem(heading: str) -> None:
    row = judge(["姓名", heading], ["朱怡", f"身份证 {NUMBER[:6]} {NUMBER[6:]}"])

    assert "这一栏里像是身份证号码" in str(row.reasons[0])
