"""Importing members: the list by itself, then next to who is there already."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.cells import Cell, is_blank
from volunteer.domain.headings import HeadingMissing, HeadingsMissing
from volunteer.domain.import_reports import ImportReport, report_lines
from volunteer.domain.member_imports import (
    Known,
    KnownMember,
    KnownUnit,
    KnownUnits,
    Settled,
    TeamChoice,
    settle_members,
)
from volunteer.domain.member_rows import Draft, read_members
from volunteer.domain.national_ids import invent_impossible

TODAY = date(2026, 11, 15)
HEADINGS = ["志愿者编号", "姓名", "单位", "所属队伍", "公民身份号码"]
ALICE_ID, BOB_ID = invent_impossible(1), invent_impossible(2)


def read(*rows: Sequence[Cell]) -> Draft:
    return read_members(rows, TODAY)


def people(draft: Draft) -> list[tuple[int, str, str]]:
    return [(row.row, row.volunteer_no, row.name) for row in draft.rows]


def reasons(draft: Draft | ImportReport) -> dict[int, str]:
    return {one.row: " ".join(map(str, one.reasons)) for one in draft.rejected}


def test_titles_above_the_headings_do_not_matter_and_rows_are_numbered_as_shown() -> None:
    top = [["龙岗区志愿者名单", ""], [], ["编号", "姓 名"]]

    draft = read(*top, ["1001", "张三"], [None, ""], ["1002", "李四"])

    assert people(draft) == [(4, "1001", "张三"), (6, "1002", "李四")]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["志愿者", "", "单位", ""], ["编号", "姓名", "名称", "队伍编码"]),
        (["编号", "姓名", "所在单位情况", ""], ["", "", "单位", "分队"]),
        (["编号", "姓名", "所在单位情况", "所在单位情况"], ["编号", "姓名", "单位", "分队"]),
    ],
)
def test_headings_in_two_rows_are_read_together(upper: list[Cell], lower: list[Cell]) -> None:
    draft = read(["名单"], upper, lower, ["1001", "张三", "区法院", "ZD01"])

    (row,) = draft.rows
    assert (row.row, row.volunteer_no, row.name, row.unit, row.team) == (4, "1001", "张三", "区法院", "ZD01")


@pytest.mark.parametrize("word", ["志愿者编号", "编号", "工号", "义工号*", "注册号（必填）", "Volunteer No."])
def test_the_number_column_may_have_many_names(word: str) -> None:
    assert people(read(["序号", word, "姓名"], [1, "1001", "张三"])) == [(2, "1001", "张三")]


def test_the_more_telling_column_wins_and_the_others_are_named() -> None:
    draft = read(["编号", "姓名", "志愿者编号", "手机"], ["7", "张三", "1001", "138"])

    assert people(draft) == [(2, "1001", "张三")]
    assert draft.ignored_headings == ("手机",)


def test_the_smallest_team_named_is_the_team() -> None:
    headings = ["编号", "姓名", "大队", "中队", "分队"]

    in_three = read(headings, ["1001", "张三", "区大队", "一中队", "三分队"])
    in_two = read(headings, ["1002", "李四", "区大队", "一中队", ""])

    assert [row.team for row in in_three.rows + in_two.rows] == ["三分队", "一中队"]


def test_a_list_without_the_needed_headings_is_refused_with_what_is_missing() -> None:
    with pytest.raises(HeadingsMissing, match="没有找到表头"):
        read(["张三", "李四"])
    with pytest.raises(HeadingMissing, match="志愿者编号"):
        read(["姓名", "单位"], ["张三", "区法院"])
    with pytest.raises(HeadingMissing, match="姓名"):
        read(["编号", "单位"], ["1001", "区法院"])


@pytest.mark.parametrize(
    ("cell", "number"),
    [(1001.0, "1001"), (1001, "1001"), ("1001.0", "1001"), ("'00１2", "0012"), ("lg 001", "LG001")],
)
def test_a_number_is_tidied_as_a_clerk_would(cell: Cell, number: str) -> None:
    (row,) = read(HEADINGS[:2], [cell, "张三"]).rows

    assert row.volunteer_no == number


def test_what_was_tidied_is_reported_and_id_numbers_stay_masked() -> None:
    draft = read(HEADINGS, [" 1001", "张\u3000三", "区法院", "一队", ALICE_ID[:6] + " " + ALICE_ID[6:]])

    told = {one.field: (one.was, one.now) for one in draft.corrections}
    assert told["volunteer_no"] == (" 1001", "1001")
    assert told["name"] == ("张\u3000三", "张三")
    assert ALICE_ID not in str(draft)
    assert ALICE_ID[6:] not in str(told)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["", "张三"], "没有填写志愿者编号"),
        (["1001", ""], "请填写姓名"),
        (["1001", 5.0], "姓名一栏不是文字"),
        (["1001", "12345"], "姓名一栏不是文字"),
        (["1001", "张*"], "星号"),
        ([1.10105e17, "张三"], "位数已经丢失"),
        (["1.10105E+17", "张三"], "位数已经丢失"),
        ([10.5, "张三"], "位数已经丢失"),
        ([date(2026, 1, 1), "张三"], "变成了日期"),
        (["编号一", "张三"], "3 到 32 位"),
        (["1001", "张" * 121], "超过 120 个字"),
        (["1001", "张三", "", "一队", 1.10105194912310e17], "末几位已经丢失"),
        (["1001", "张三", "", "一队", "1.10105E+17"], "末几位已经丢失"),
        (["1001", "张三", "", "一队", "110105491231002"], "15 位的旧身份证号"),
        (["1001", "张三", "", "", ""], "没有填写所属队伍"),
    ],
)
def test_a_faulty_row_is_rejected_with_the_reason(cells: list[Cell], says: str) -> None:
    headings = HEADINGS[: max(2, len(cells))]

    draft = read(headings, cells)

    assert not draft.rows
    assert says in reasons(draft)[2]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    draft = read(HEADINGS, ["?", "张*", "", "", "123"])

    assert len(draft.rejected[0].reasons) == 4


def test_totals_footers_and_repeated_headings_are_passed_over_and_said() -> None:
    draft = read(
        ["编号", "姓名"],
        ["1001", "张三"],
        ["编号", "姓名"],
        ["1002", "李四"],
        ["合 计", "2人"],
        ["", "小计"],
        ["填表人：王五", ""],
    )

    assert len(draft.rows) == 2
    assert {one.row: str(one.reason) for one in draft.skipped} == {
        3: "重复的表头。",
        5: "合计行。",
        6: "合计行。",
        7: "表尾说明。",
    }


def test_the_same_row_again_is_taken_once() -> None:
    draft = read(["编号", "姓名"], ["1001", "张三"], [1001.0, "张 三"])

    assert people(draft) == [(2, "1001", "张三")]
    assert str(draft.skipped[0].reason) == "与第 2 行完全相同。"
    assert not draft.corrections


def test_one_number_for_two_people_takes_neither() -> None:
    draft = read(["编号", "姓名"], ["1001", "张三"], ["1001", "李四"], ["1002", "王五"])

    assert people(draft) == [(4, "1002", "王五")]
    assert "与第 3 行重复，但姓名不同" in reasons(draft)[2]
    assert "与第 2 行重复，但姓名不同" in reasons(draft)[3]


def test_one_person_twice_with_different_units_takes_neither() -> None:
    draft = read(["编号", "姓名", "单位"], ["1001", "张三", "区法院"], ["1001", "张三", "财政局"])

    assert not draft.rows
    assert "其他内容不同" in reasons(draft)[2]


def test_one_id_number_for_two_volunteer_numbers_takes_neither() -> None:
    draft = read(["编号", "姓名", "身份证号"], ["1001", "张三", ALICE_ID], ["1002", "张三", ALICE_ID])

    assert not draft.rows
    assert "公民身份号码与第 3 行相同" in reasons(draft)[2]


@pytest.mark.parametrize("again", [HEADINGS, ["编号"], ["", "", "姓名"]])
def test_a_row_that_only_repeats_headings_is_passed_over(again: list[Cell]) -> None:
    draft = read(HEADINGS, again, ["1001", "张三", "", "FD01"])

    assert [(one.row, str(one.reason)) for one in draft.skipped] == [(2, "重复的表头。")]
    assert people(draft) == [(3, "1001", "张三")]


cells = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(["1001", "1002", "张三", "李 四", ALICE_ID, "合计", "编号", "姓名"]),
)


@given(st.lists(st.lists(cells, max_size=6), max_size=12))
def test_every_filled_row_is_in_exactly_one_list_whatever_it_holds(rows: list[list[Cell]]) -> None:
    draft = read(HEADINGS, *rows)

    told = [one.row for found in (draft.rows, draft.rejected, draft.skipped) for one in found]
    filled = [place for place, row in enumerate(rows, 2) if not all(is_blank(cell) for cell in row)]
    assert sorted(told) == filled


@given(st.lists(st.tuples(st.integers(1000, 1010), st.sampled_from(["张三", "李四"])), max_size=15))
def test_reading_what_was_accepted_again_changes_nothing(rows: list[tuple[int, str]]) -> None:
    first = read(["编号", "姓名"], *rows)

    again = read(["编号", "姓名"], *[(row.volunteer_no, row.name) for row in first.rows])

    assert [name for _, *name in people(again)] == [name for _, *name in people(first)]
    assert not again.rejected
    assert not again.skipped
    assert not again.corrections


TEAMS = (
    TeamChoice(1, "DD", "机关志愿服务大队"),
    TeamChoice(2, "ZD01", "区法院服务中队"),
    TeamChoice(3, "FD01", "区图书馆分队"),
)
UNITS = KnownUnits([KnownUnit(1, "区法院")])
NOBODY = Known(members={}, id_owners={}, teams=TEAMS, default_team_id=1, units=UNITS)
ALICE = KnownMember(name="张三", team_id=2, unit="区法院", national_id_hash=f"hash of {ALICE_ID}")
WITH_ALICE = replace(NOBODY, members={"1001": ALICE}, id_owners={f"hash of {ALICE_ID}": "1001"})


def settle(known: Known, *rows: Sequence[Cell], headings: Sequence[Cell] = HEADINGS) -> Settled:
    return settle_members(read(headings, *rows), known, lambda number: f"hash of {number}")


@pytest.mark.parametrize("team", ["ZD01", "zd01", " ＺＤ０１", "区法院服务中队", "区法院 服务中队"])
def test_a_team_is_found_by_code_or_by_name(team: str) -> None:
    settled = settle(NOBODY, ["1001", "张三", "区法院", team])

    assert settled.team_ids == {2: 2}
    assert [row.volunteer_no for row in settled.report.added] == ["1001"]
    assert settled.report.new_units == ()


def test_an_unknown_team_is_rejected_with_the_nearest_names() -> None:
    settled = settle(NOBODY, ["1001", "张三", "", "区法院中队"], ["1002", "李四", "", "xyz"])

    assert "是不是：区法院服务中队" in reasons(settled.report)[2]
    assert "请先建立队伍" in reasons(settled.report)[3]


def test_a_name_of_two_teams_asks_for_the_code() -> None:
    known = replace(NOBODY, teams=(*TEAMS, TeamChoice(4, "FD02", "区图书馆分队")))

    assert "请改填队伍编码" in reasons(settle(known, ["1001", "张三", "", "区图书馆分队"]).report)[2]


def test_a_list_without_a_team_column_goes_to_the_importers_own_team() -> None:
    settled = settle(NOBODY, ["1001", "张三"], headings=HEADINGS[:2])

    assert settled.team_ids == {2: 1}


def test_a_new_unit_is_named_once() -> None:
    settled = settle(NOBODY, ["1001", "张三", "财政局", "ZD01"], ["1002", "李四", "财政局", "ZD01"])

    assert settled.report.new_units == ("财政局",)


def test_repeating_a_list_changes_nothing() -> None:
    settled = settle(WITH_ALICE, ["1001", "张三", "区法院", "ZD01", ALICE_ID])

    assert len(settled.report.unchanged) == 1
    assert not settled.report.added + settled.report.updated


@pytest.mark.parametrize("cells", [["1001", "张三", "财政局", "ZD01", ""], ["1001", "张三", "", "FD01", ""]])
def test_a_known_member_moves_to_another_unit_or_team(cells: list[Cell]) -> None:
    assert len(settle(WITH_ALICE, cells).report.updated) == 1


def test_an_empty_cell_takes_nothing_away() -> None:
    settled = settle(WITH_ALICE, ["1001", "张三", ""], headings=HEADINGS[:3])

    assert len(settled.report.unchanged) == 1
    assert settled.team_ids == {2: 2}


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["1001", "李四", "", "ZD01", ""], "已属于另一个姓名"),
        (["1002", "李四", "", "ZD01", ALICE_ID], "登记在另一位志愿者名下"),
        (["1001", "张三", "", "ZD01", BOB_ID], "与已登记的不一致"),
    ],
)
def test_a_row_that_means_someone_else_is_rejected(cells: list[Cell], says: str) -> None:
    report = settle(WITH_ALICE, cells).report

    assert says in reasons(report)[2]
    assert not report.accepted


def test_a_member_outside_the_scope_is_not_shown_or_moved() -> None:
    known = replace(WITH_ALICE, members={"1001": replace(ALICE, team_id=99)})

    told = reasons(settle(known, ["1001", "张三", "", "ZD01", ""]).report)[2]

    assert told == "志愿者编号 1001 已有人使用。"


def test_the_report_reads_line_by_line() -> None:
    report = settle(NOBODY, [1001, "张 三", "财政局", "ZD01"], ["1002", "", "", "ZD01"], ["合计"]).report

    assert list(report_lines(report)) == [
        "有行未通过，因此没有写入任何内容。改好后可以把整个文件再导入一次。",
        "新增 1 人，更新 0 人，未变 0 人，未通过 1 行，跳过 1 行。",
        "第 3 行未通过：请填写姓名。",
        "第 4 行跳过：合计行。",
        "第 2 行已整理：姓名 “张 三” → “张三”",
        "新建单位 1 个：财政局",
    ]


def test_a_date_in_the_text_columns_is_kept_as_text() -> None:
    draft = read(["编号", "姓名", "单位"], ["1001", "张三", datetime(2026, 3, 5)])  # noqa: DTZ001

    assert draft.rows[0].unit == "2026-03-05"


SUCCESSION = KnownUnits(
    [
        KnownUnit(1, "一局", is_gone=True, successor_id=2),
        KnownUnit(2, "二局", is_gone=True, successor_id=3),
        KnownUnit(3, "三局（新）"),
        KnownUnit(4, "四局", is_gone=True),
        KnownUnit(5, "四 局"),
    ]
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("一局", "三局（新）"),
        ("三局(新)", "三局（新）"),
        ("三局 （新）", "三局（新）"),
        ("四局", "四局"),
        ("四  局", "四 局"),
        ("五局", "五局"),
        ("", ""),
    ],
)
def test_the_unit_of_today_is_meant_however_it_is_spelled(said: str, meant: str) -> None:
    assert SUCCESSION.mend(said) == meant


def test_a_dissolved_unit_says_what_came_after_it_in_the_end() -> None:
    one, four, five = (SUCCESSION.why_gone(name) for name in ("一局", "四局", "五局"))

    assert (one and one.params, four and four.params) == (
        {"name": "一局", "successor": "三局（新）"},
        {"name": "四局"},
    )
    assert five is None
    assert [SUCCESSION.find_living_id(each) for each in (1, 3, 4, None, 99)] == [3, 3, None, None, None]


def test_new_units_are_named_once_as_they_are_first_spelled() -> None:
    assert SUCCESSION.list_new(["六 1 局", "", "六1局", "三局(新)", "一局", "五局"]) == ["五局", "六 1 局"]
