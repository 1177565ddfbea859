"""Importing members: the list by itself, then next to who is there already."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.cells import Cell, is_blank
from volunteer.domain.file_contents import FileContent
from volunteer.domain.headings import HeadingMissing, HeadingsMissing, find_headings
from volunteer.domain.import_reports import ImportReport, report_lines
from volunteer.domain.import_rows import judge_repetitions, judge_row, stage
from volunteer.domain.imports import RowState, StagedRow
from volunteer.domain.known_units import KnownUnit, KnownUnits
from volunteer.domain.member_imports import (
    Known,
    KnownMember,
    TeamChoice,
    near_teams,
    only_near_team,
    settle_member,
    team_finder,
)
from volunteer.domain.members import MemberStatus
from volunteer.domain.national_ids import derive_id_keys, hash_national_id, invent_impossible
from volunteer.domain.refusals import Sentence
from volunteer.services.member_imports import MemberLists

TODAY = date(2026, 11, 15)
HEADINGS = ["志愿者编号", "姓名", "单位", "所属队伍", "公民身份号码"]
ALICE_ID, BOB_ID = invent_impossible(1), invent_impossible(2)
KEYS = derive_id_keys("test")
KIND = MemberLists(KEYS, UTC, bytes(32), allows_invented=True)


def read(*rows: Sequence[Cell]) -> list[StagedRow]:
    """The rows of a list judged by themselves and against each other."""
    headings = find_headings(rows)
    found = (stage(place + 1, rows[place], headings, KIND) for place in range(headings.first_row, len(rows)))
    staged = [row for row in found if row]
    for row in staged:
        judge_row(row, headings.columns, KIND, TODAY)
    judge_repetitions(staged, KIND)
    return staged


def good(rows: Sequence[StagedRow]) -> list[StagedRow]:
    return [row for row in rows if row.is_good]


def people(rows: Sequence[StagedRow]) -> list[tuple[int, str, str]]:
    return [(row.row, row.values["volunteer_no"], row.values["name"]) for row in good(rows)]


def reasons(rows: Sequence[StagedRow], state: RowState = RowState.PROBLEM) -> dict[int, str]:
    return {row.row: " ".join(map(str, row.reasons)) for row in rows if row.state is state}


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

    (row,) = draft
    texts = [row.values[name] for name in ("volunteer_no", "name", "unit", "team")]
    assert (row.row, texts) == (4, ["1001", "张三", "区法院", "ZD01"])


@pytest.mark.parametrize("word", ["志愿者编号", "编号", "工号", "义工号*", "注册号（必填）", "Volunteer No."])
def test_the_number_column_may_have_many_names(word: str) -> None:
    assert people(read(["序号", word, "姓名"], [1, "1001", "张三"])) == [(2, "1001", "张三")]


def test_the_more_telling_column_wins_and_the_others_are_named() -> None:
    headings = ["编号", "姓名", "志愿者编号", "备注"]

    assert people(read(headings, ["7", "张三", "1001", "138"])) == [(2, "1001", "张三")]
    assert find_headings([headings]).ignored == ("备注",)


def test_the_smallest_team_named_is_the_team() -> None:
    headings = ["编号", "姓名", "大队", "中队", "分队"]

    in_three = read(headings, ["1001", "张三", "区大队", "一中队", "三分队"])
    in_two = read(headings, ["1002", "李四", "区大队", "一中队", ""])

    assert [row.values["team"] for row in in_three + in_two] == ["三分队", "一中队"]


def test_a_list_without_the_needed_headings_is_refused_with_what_is_missing() -> None:
    with pytest.raises(HeadingsMissing, match="没有找到表头"):
        read(["张三", "李四"])
    with pytest.raises(HeadingMissing, match="姓名"):
        read(["编号", "单位"], ["1001", "区法院"])


@pytest.mark.parametrize(
    ("cell", "number"),
    [(1001.0, "1001"), (1001, "1001"), ("1001.0", "1001"), ("'00１2", "0012"), ("lg 001", "LG001")],
)
def test_a_number_is_tidied_as_a_clerk_would(cell: Cell, number: str) -> None:
    (row,) = read(HEADINGS[:2], [cell, "张三"])

    assert row.values["volunteer_no"] == number


def test_what_was_tidied_is_reported_and_id_numbers_stay_masked() -> None:
    (row,) = read(HEADINGS, [" 1001", "张\u3000三", "区法院", "一队", ALICE_ID[:6] + " " + ALICE_ID[6:]])

    told = {one.field: (one.was, one.now) for one in row.repairs}
    assert told["volunteer_no"] == (" 1001", "1001")
    assert told["name"] == ("张\u3000三", "张三")
    assert ALICE_ID[6:] not in str(told)


@pytest.mark.parametrize(
    ("cells", "says"),
    [
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

    assert not good(draft)
    assert says in reasons(draft)[2]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    draft = read(HEADINGS, ["?", "张*", "", "", "123"])

    assert len(draft[0].reasons) == 4


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

    assert len(good(draft)) == 2
    assert reasons(draft, RowState.SKIPPED) == {
        3: "重复的表头。",
        5: "合计行。",
        6: "合计行。",
        7: "表尾说明。",
    }


def test_the_same_row_again_is_taken_once() -> None:
    draft = read(["编号", "姓名"], ["1001", "张三"], [1001.0, "张 三"])

    assert people(draft) == [(2, "1001", "张三")]
    assert reasons(draft, RowState.SKIPPED) == {3: "与第 2 行完全相同。"}


def test_one_number_for_two_people_takes_neither() -> None:
    draft = read(["编号", "姓名"], ["1001", "张三"], ["1001", "李四"], ["1002", "王五"])

    assert people(draft) == [(4, "1002", "王五")]
    assert "与第 3 行重复，但姓名不同" in reasons(draft)[2]
    assert "与第 2 行重复，但姓名不同" in reasons(draft)[3]


def test_one_person_twice_with_different_units_takes_neither() -> None:
    draft = read(["编号", "姓名", "单位"], ["1001", "张三", "区法院"], ["1001", "张三", "财政局"])

    assert not good(draft)
    assert "其他内容不同" in reasons(draft)[2]


def test_one_id_number_for_two_volunteer_numbers_takes_neither() -> None:
    draft = read(["编号", "姓名", "身份证号"], ["1001", "张三", ALICE_ID], ["1002", "张三", ALICE_ID])

    assert not good(draft)
    assert "公民身份号码与第 3 行相同" in reasons(draft)[2]


@pytest.mark.parametrize("again", [HEADINGS, ["编号"], ["", "", "姓名"]])
def test_a_row_that_only_repeats_headings_is_passed_over(again: list[Cell]) -> None:
    draft = read(HEADINGS, again, ["1001", "张三", "", "FD01"])

    assert reasons(draft, RowState.SKIPPED) == {2: "重复的表头。"}
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

    told = [row.row for row in draft if row.is_good or row.reasons]
    filled = [place for place, row in enumerate(rows, 2) if not all(is_blank(cell) for cell in row)]
    assert sorted(told) == filled


@given(st.lists(st.tuples(st.integers(1000, 1010), st.sampled_from(["张三", "李四"])), max_size=15))
def test_reading_what_was_accepted_again_changes_nothing(rows: list[tuple[int, str]]) -> None:
    first = read(["编号", "姓名"], *rows)

    again = read(["编号", "姓名"], *[(number, name) for _, number, name in people(first)])

    assert [name for _, *name in people(again)] == [name for _, *name in people(first)]
    assert all(row.state is RowState.READY for row in again)


TEAMS = (
    TeamChoice(1, "DD", "机关志愿服务大队"),
    TeamChoice(2, "ZD01", "区法院服务中队"),
    TeamChoice(3, "FD01", "区图书馆分队"),
)
UNITS = KnownUnits([KnownUnit(1, "区法院")])
ALICE_HASH = hash_national_id(ALICE_ID, KEYS)
ALICE = KnownMember(7, "1001", "张三", 2, 1, "区法院", national_id_hash=ALICE_HASH, national_id=ALICE_ID)


def known(*members: KnownMember, teams: Sequence[TeamChoice] = TEAMS) -> Known:
    """What a list is compared with where there are these members."""
    return Known(
        {one.volunteer_no: one for one in members},
        {one.national_id_hash: one.volunteer_no for one in members if one.national_id_hash},
        {one.name: [one] for one in members if one.team_id in {team.id for team in teams}},
        {team.id: team for team in teams},
        team_finder(teams, 1),
        UNITS,
    )


def settle(there: Known, *rows: Sequence[Cell], headings: Sequence[Cell] = HEADINGS) -> list[StagedRow]:
    staged = read(headings, *rows)
    for row in good(staged):
        settle_member(row, there)
    return staged


def changes(row: StagedRow) -> dict[str, tuple[str, str]]:
    return {one.field: (one.was, one.now) for one in row.changes}


@pytest.mark.parametrize("team", ["ZD01", "zd01", " ＺＤ０１", "区法院服务中队", "区法院 服务中队"])
def test_a_team_is_found_by_code_or_by_name(team: str) -> None:
    (row,) = read(HEADINGS, ["1001", "张三", "区法院", team])

    target = settle_member(row, known())

    assert target
    assert (target.team_id, target.member, row.effect) == (2, None, RowState.ADDED)


def test_an_unknown_team_is_rejected_with_the_nearest_names() -> None:
    rows = settle(known(), ["1001", "张三", "", "区法院中队"], ["1002", "李四", "", "xyz"])

    assert "是不是：区法院服务中队" in reasons(rows)[2]
    assert "请先建立队伍" in reasons(rows)[3]


@pytest.mark.parametrize(
    ("said", "near"),
    [
        ("区教育局服务中对", ["区教育局服务中队"]),
        ("区局服务中队", ["区教育局服务中队", "区公安局服务中队", "区体育局服务中队"]),
    ],
)
def test_the_team_that_is_clearly_nearest_is_the_only_one_named(said: str, near: list[str]) -> None:
    names = ["区教育局服务中队", "区公安局服务中队", "区体育局服务中队"]
    find = team_finder([TeamChoice(n, f"ZD{n}", name) for n, name in enumerate(names)], 0)

    told = find(said)

    assert isinstance(told, Sentence)
    assert sorted(near_teams([told])) == sorted(near)
    assert only_near_team([told]) == (near[0] if len(near) == 1 else None)


def test_a_name_of_two_teams_asks_for_the_code() -> None:
    there = known(teams=(*TEAMS, TeamChoice(4, "FD02", "区图书馆分队")))

    assert "请改填队伍编码" in reasons(settle(there, ["1001", "张三", "", "区图书馆分队"]))[2]


def test_a_list_without_a_team_column_goes_to_the_importers_own_team() -> None:
    (row,) = read(HEADINGS[:2], ["1001", "张三"])
    target = settle_member(row, known())

    assert target
    assert target.team_id == 1


def test_repeating_a_list_changes_nothing() -> None:
    person = replace(ALICE, content=FileContent(sex="male", born_on="1960-01-01"))

    (row,) = settle(known(person), ["1001", "张三", "区法院", "ZD01", ALICE_ID])

    assert (row.state, row.effect, row.target_id) == (RowState.READY, RowState.UNCHANGED, 7)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["1001", "张三", "财政局", "ZD01", ""], {"unit": ("区法院", "财政局")}),
        (
            ["1001", "张三", "", "FD01", ""],
            {"team": ("区法院服务中队（ZD01）", "区图书馆分队（FD01）")},
        ),
    ],
)
def test_who_would_move_is_told_with_from_where_to_where_and_needs_a_yes(
    cells: list[Cell], told: dict[str, tuple[str, str]]
) -> None:
    (row,) = settle(known(ALICE), cells)

    assert (row.state, row.effect, changes(row)) == (RowState.PROPOSED, RowState.UPDATED, told)


def test_a_yes_holds_for_what_was_seen_and_for_nothing_else() -> None:
    (row,) = settle(known(ALICE), ["1001", "张三", "", "FD01", ""])
    row.accept()

    settle_member(row, known(ALICE))
    assert (row.state, row.is_agreed) == (RowState.READY, True)

    settle_member(row, known(replace(ALICE, team_id=1)))
    assert (row.state, row.is_agreed) == (RowState.PROPOSED, False)


def test_what_only_fills_an_empty_place_needs_no_yes() -> None:
    (row,) = settle(known(replace(ALICE, unit_id=None, unit="")), ["1001", "张三", "财政局", "ZD01", ""])

    assert (row.state, changes(row)) == (RowState.READY, {"unit": ("", "财政局")})


def test_an_empty_cell_takes_nothing_away() -> None:
    (row,) = settle(known(ALICE), ["1001", "张三", ""], headings=HEADINGS[:3])

    assert row.effect is RowState.UNCHANGED


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["1001", "李四", "", "ZD01", ""], "已属于另一个姓名"),
        (["1002", "李四", "", "ZD01", ALICE_ID], "登记在另一位志愿者名下"),
        (["1001", "张三", "", "ZD01", BOB_ID], "与已登记的不一致"),
    ],
)
def test_a_row_that_means_someone_else_is_rejected(cells: list[Cell], says: str) -> None:
    rows = settle(known(ALICE), cells)

    assert says in reasons(rows)[2]


@pytest.mark.parametrize(
    ("there", "says"),
    [
        (replace(ALICE, status=MemberStatus.LEFT), "请先在这位志愿者的“调动与状态”里恢复在册"),
        (replace(ALICE, is_merged=True), "已经合并过"),
        (replace(ALICE, is_moving=True), "正在等待接收"),
    ],
)
def test_who_left_was_merged_or_is_being_transferred_is_a_problem(there: KnownMember, says: str) -> None:
    rows = settle(known(there), ["1001", "张三", "", "FD01", ""])

    assert says in reasons(rows)[2]


def test_a_member_outside_the_scope_is_not_shown_or_moved() -> None:
    rows = settle(known(replace(ALICE, team_id=99)), ["1001", "张三", "", "ZD01", ""])

    assert reasons(rows)[2] == "志愿者编号 1001 已有人使用。"


UNNUMBERED = ["姓名", "所属队伍", "公民身份号码", "联系电话"]
REACHED = replace(ALICE, content=FileContent(phones=("13800138000",)))


@pytest.mark.parametrize(
    ("there", "cells", "how"),
    [
        (REACHED, ["张三", "ZD01", ALICE_ID, ""], "按公民身份号码认出是 1001"),
        (
            replace(REACHED, national_id_hash=None),
            ["张三", "ZD01", "", "138 0013 8000"],
            "按姓名、队伍和电话认出是 1001",
        ),
    ],
)
def test_who_has_no_number_in_the_list_is_recognised(there: KnownMember, cells: list[Cell], how: str) -> None:
    (row,) = settle(known(there), cells, headings=UNNUMBERED)

    assert (row.target_id, row.values["volunteer_no"], row.key) == (7, "1001", "1001")
    assert how in str(row.notes[0])


def test_an_id_number_tells_nothing_of_who_is_outside_the_scope() -> None:
    (row,) = settle(known(replace(ALICE, team_id=99)), ["张三", "ZD01", ALICE_ID], headings=UNNUMBERED[:3])

    assert "已登记在另一位志愿者名下" in str(row.reasons[0])
    assert "1001" not in " ".join(map(str, [*row.reasons, *row.notes]))
    assert row.values["volunteer_no"] == ""


def test_a_list_without_teams_finds_people_by_name_and_telephone_wherever_they_are() -> None:
    there = replace(REACHED, national_id_hash=None)

    (row,) = settle(known(there), ["张三", "13800138000"], headings=["姓名", "手机"])

    assert (row.target_id, row.effect) == (7, RowState.UNCHANGED)


def test_a_namesake_who_may_be_the_same_person_needs_a_yes_and_another_one_does_not() -> None:
    same, other, new = settle(
        known(ALICE),
        ["张三", "ZD01", ""],
        ["张三", "ZD01", BOB_ID],
        ["赵六", "ZD01", ""],
        headings=UNNUMBERED[:3],
    )

    assert (same.state, same.effect) == (RowState.PROPOSED, RowState.ADDED)
    assert "已有同名的张三（1001）" in str(same.notes[-1])
    assert [(row.state, str(row.notes[0])) for row in (other, new)] == [
        (RowState.READY, "没有写编号，导入时自动编号。")
    ] * 2


def test_rows_about_one_person_without_a_number_stand_once() -> None:
    rows = read(
        ["姓名", "单位", "电话"],
        ["张三", "区法院", "13800138000"],
        ["张三", "区法院", "13800138000"],
        ["张三", "财政局", "13900139000"],
        ["李四", "区法院", ""],
        ["李四", "财政局", ""],
    )

    assert [(row.row, row.rank) for row in good(rows)] == [(2, 1), (4, 1)]
    assert reasons(rows, RowState.SKIPPED) == {3: "与第 2 行完全相同。"}
    assert "像是同一个人" in reasons(rows)[5]


def test_the_report_reads_line_by_line() -> None:
    rows = settle(known(), [1001, "张 三", "财政局", "ZD01"], ["1002", "", "", "ZD01"], ["合计"])
    for row in rows:
        row.state = row.effect if row.is_good else row.state
        row.state = RowState.REJECTED if row.state is RowState.PROBLEM else row.state

    assert list(report_lines(ImportReport(rows, ("财政局",), ("备注",)))) == [
        "有行未通过，因此没有写入任何内容。改好后可以把整个文件再导入一次。",
        "新增 1 人，更新 0 人，未变 0 人，未通过 1 行，跳过 1 行。",
        "第 3 行未通过：请填写姓名。",
        "第 4 行跳过：合计行。",
        "第 2 行已整理：姓名 “张 三” → “张三”",
        "新建单位 1 个：财政局",
        "没有用到的列：备注",
    ]


def test_a_date_in_the_text_columns_is_kept_as_text() -> None:
    (row,) = read(["编号", "姓名", "单位"], ["1001", "张三", datetime(2026, 3, 5)])  # noqa: DTZ001

    assert row.values["unit"] == "2026-03-05"


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


def test_a_row_whose_name_or_unit_holds_a_symbol_says_which() -> None:
    star, face, plain = ("张三★", "财政局"), ("李四", "财政局😀"), ("㐂文武", "A+B")
    lines = [[f"A00{place}", *one, "FD01", ""] for place, one in enumerate((star, face, plain))]

    judged = read(HEADINGS, *lines)

    assert reasons(judged) == {
        2: "名字里不能有符号或表情“★”，请删去。",
        3: "名字里不能有符号或表情“😀”，请删去。",
    }
    assert people(judged) == [(4, "A002", "㐂文武")]
