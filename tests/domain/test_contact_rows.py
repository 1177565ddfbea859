"""What a list says of how a person can be reached, in all the ways offices write it."""

from datetime import UTC, date

import pytest

from volunteer.domain.cells import Cell
from volunteer.domain.contact_rows import clean_emails, clean_emergencies, clean_phones, clean_wechats
from volunteer.domain.file_contents import FileContent
from volunteer.domain.headings import Field, find_headings
from volunteer.domain.import_reports import mask_cell
from volunteer.domain.import_rows import judge_row, stage
from volunteer.domain.imports import RowState, StagedRow
from volunteer.domain.known_units import KnownUnits
from volunteer.domain.member_imports import Known, KnownMember, TeamChoice, settle_member, team_finder
from volunteer.domain.national_ids import derive_id_keys, invent_impossible, mask_national_id
from volunteer.domain.person_rows import content_of
from volunteer.services.member_imports import MemberLists

TODAY = date(2026, 11, 15)
KIND = MemberLists(derive_id_keys("test"), UTC, bytes(32), allows_invented=True)
TEAM = TeamChoice(1, "FD01", "第一分队")


def judge(headings: list[Cell], cells: list[Cell], *above: list[Cell]) -> StagedRow:
    found = find_headings([*above, headings])
    row = stage(2, cells, found, KIND)
    assert row
    judge_row(row, found.columns, KIND, TODAY)
    return row


def settle(row: StagedRow, content: FileContent, national_id: str | None = None) -> FileContent | None:
    """What the file of the only member would hold."""
    member = KnownMember(7, "A001", "张三", 1, content=content, national_id=national_id)
    known = Known({"A001": member}, {}, {}, {1: TEAM}, team_finder([TEAM], 1), KnownUnits([]))
    target = settle_member(row, known)
    return target.content if target else None


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("zhang@qq.com", "zhang@qq.com"),
        ("ｚｈａｎｇ＠ｑｑ．ｃｏｍ", "zhang@qq.com"),
        (" zhang @ qq。com ", "zhang@qq.com"),
        ("zhang@qq.com；z3@163.com", "zhang@qq.com、z3@163.com"),
        ("a***@qq.com", "a***@qq.com"),
        ("", ""),
    ],
)
def test_an_e_mail_address_is_understood_however_it_was_typed(cell: Cell, kept: str) -> None:
    assert clean_emails(cell, TODAY) == kept
    assert clean_emails(kept, TODAY) == kept


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("ｚhang_san", "zhang_san"),
        (13800138000.0, "13800138000"),
        ("13800138000.0", "13800138000"),
        ("zhang_san / li-si88", "zhang_san、li-si88"),
    ],
)
def test_a_wechat_name_is_understood_however_it_was_typed(cell: Cell, kept: str) -> None:
    assert clean_wechats(cell, TODAY) == kept


def test_a_telephone_that_was_taken_for_a_quantity_is_one_again() -> None:
    assert clean_phones("13800138000.0", TODAY) == "13800138000"


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("李四 13800138000", "李四 13800138000"),
        ("李四13800138000", "李四 13800138000"),
        ("李四（妻子）：138-0013-8000", "李四（妻子） 13800138000"),
        ("李四，电话：１３８００１３８０００", "李四 13800138000"),
        ("13800138000 李四", "李四 13800138000"),
        ("李四(0755)12345678", "李四 0755-12345678"),
        ("李四 13800138000、王五 13900139000", "李四 13800138000、王五 13900139000"),
        ("李四\n13800138000", "李四 13800138000"),
        (13800138000.0, "13800138000"),
        ("李四", "李四"),
        ("138****8000", "138****8000"),
    ],
)
def test_an_emergency_contact_is_a_name_and_a_telephone(cell: Cell, kept: str) -> None:
    assert clean_emergencies(cell, TODAY) == kept
    assert clean_emergencies(kept, TODAY) == kept


@pytest.mark.parametrize(
    ("person", "telephone", "kept"),
    [
        ("李四", 13800138000.0, ("李四 13800138000",)),
        ("李四、王五", "13800138000、13900139000", ("李四 13800138000", "王五 13900139000")),
        ("李四", "13800138000、13900139000", ("李四 13800138000", "李四 13900139000")),
        ("李四 13800138000", "13800138000", ("李四 13800138000",)),
        ("", "李四 13800138000", ("李四 13800138000",)),
        ("无", "-", ()),
    ],
)
def test_two_columns_are_one_emergency_contact(person: Cell, telephone: Cell, kept: tuple[str, ...]) -> None:
    row = judge(["姓名", "紧急联系人", "紧急联系电话"], ["张三", person, telephone])

    assert row.reasons == []
    assert content_of(row.values).emergencies == kept


@pytest.mark.parametrize(
    ("headings", "cells", "says"),
    [
        (["邮箱"], ["zhang.qq.com"], "电子邮箱的格式不对"),
        (["微信"], ["张三"], "微信号应为"),
        (["微信号"], ["1.38E+10"], "微信号应为"),
        (["紧急联系人"], ["李四"], "“李四”没有电话"),
        (["紧急联系人电话"], ["12345"], "紧急联系人的电话不对"),
        (["紧急联系人", "紧急联系人电话"], ["李四、王五", "13800138000"], "对不上"),
        (["紧急联系人"], ["李" * 61 + "13800138000"], "超过 60 个字"),
        (["紧急联系人"], [invent_impossible(1)], "像是身份证号码"),
        (["电话"], ["、".join(f"138001380{last:02}" for last in range(11))], "最多保存 10 个"),
    ],
)
def test_what_is_no_contact_is_a_problem_that_names_itself(
    headings: list[Cell], cells: list[Cell], says: str
) -> None:
    row = judge(["姓名", *headings], ["张三", *cells])

    assert row.state is RowState.PROBLEM
    assert says in str(row.reasons[0])


@pytest.mark.parametrize("nothing", ["无", "-", "/", "——", "暂无", "N/A"])
def test_what_says_that_there_is_nothing_is_nothing(nothing: str) -> None:
    headings = [
        "志愿者编号",
        "姓名",
        "单位",
        "身份证号",
        "生日",
        "手机",
        "微信",
        "邮箱",
        "紧急联系人",
        "特长",
    ]
    row = judge(headings, ["A001", "张三", *[nothing] * 8])  # type: ignore[arg-type]

    assert row.reasons == []
    assert content_of(row.values) == FileContent()
    assert row.values[Field.UNIT] == ""
    assert row.state is RowState.PROPOSED


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("微 信 号", Field.WECHAT),
        ("WeChat ID", Field.WECHAT),
        ("E-mail", Field.EMAIL),
        ("电子邮箱（必填）", Field.EMAIL),
        ("QQ邮箱", Field.EMAIL),
        ("紧急联系人", Field.EMERGENCY),
        ("紧急联系人/电话", Field.EMERGENCY_PHONE),
        ("紧急联系方式", Field.EMERGENCY_PHONE),
        ("家属联系电话", Field.EMERGENCY_PHONE),
        ("Emergency contact", Field.EMERGENCY),
        ("Emergency telephone (middle hidden)", Field.EMERGENCY_PHONE),
    ],
)
def test_offices_call_a_contact_by_many_names(heading: str, field: Field) -> None:
    assert find_headings([["姓名", heading]]).columns[field] == (1,)


def test_a_name_below_emergency_contact_is_not_the_member_s() -> None:
    upper: list[Cell] = ["姓名", "紧急联系人", "", "手机"]
    lower: list[Cell] = ["", "姓名", "电话", ""]

    # As merged areas are read: the upper word stands above both.
    found = find_headings([["姓名", "紧急联系人", "紧急联系人", "手机"], lower])

    assert found.columns == {
        Field.NAME: (0,),
        Field.EMERGENCY: (1,),
        Field.EMERGENCY_PHONE: (2,),
        Field.PHONE: (3,),
    }
    assert find_headings([upper, lower]).columns[Field.NAME] == (0,)


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        (Field.PHONE, "13800138000、13900139001", "138****8000、139****9001"),
        (Field.EMAIL, "zhang@qq.com", "z***@qq.com"),
        (Field.EMAIL, "zh ang＠qq.com", "z*** ***＠qq.com"),
        (Field.WECHAT, "zhang_san", "zh****n"),
        (Field.WECHAT, "13800138000", "138****8000"),
        (Field.EMERGENCY, "李四 13800138000", "李四 138****8000"),
        (Field.EMERGENCY_PHONE, "138 0013 8000", "138****8000"),
        (Field.WECHAT, "无", "无"),
    ],
)
def test_no_contact_is_shown_in_full(field: Field, text: str, shown: str) -> None:
    assert mask_cell(field, text) == shown


def test_a_masked_contact_is_the_kept_one_that_looks_so() -> None:
    number = invent_impossible(1)
    kept = FileContent(
        phones=("13800138000", "13900139000"),
        wechats=("zhang_san",),
        emails=("zhang@qq.com",),
        emergencies=("李四 13700137000",),
    )
    headings: list[Cell] = [
        "编号",
        "姓名",
        "身份证号",
        "手机",
        "微信",
        "邮箱",
        "紧急联系人",
        "紧急联系人电话",
    ]
    row = judge(
        headings,
        [
            "A001",
            "张三",
            mask_national_id(number),
            "138****8000",
            "zh****n",
            "z***@qq.com",
            "李四",
            "137****7000",
        ],
    )

    assert settle(row, kept, number) == kept
    assert (row.state, row.changes, row.notes) == (RowState.READY, [], [])


def test_a_masked_contact_that_nobody_has_changes_nothing_and_is_told() -> None:
    row = judge(["编号", "姓名", "手机"], ["A001", "张三", "138****8000"])

    assert settle(row, FileContent(phones=("13900139000",))) == FileContent(phones=("13900139000",))
    assert (row.state, row.changes) == (RowState.READY, [])
    assert "没有读进来" in str(row.notes[0])


@pytest.mark.parametrize(
    ("heading", "cell"), [("手机", "138****8000"), ("身份证号", mask_national_id(invent_impossible(1)))]
)
def test_nobody_is_entered_with_a_masked_number(heading: str, cell: str) -> None:
    row = judge(["编号", "姓名", heading], ["A002", "新人", cell])

    assert settle(row, FileContent()) is None
    assert "隐去了中间几位，请填写完整的" in str(row.reasons[0])


def test_another_name_for_an_emergency_contact_needs_a_yes_and_a_new_contact_does_not() -> None:
    row = judge(["编号", "姓名", "紧急联系人"], ["A001", "张三", "李四 13700137000"])
    new = judge(["编号", "姓名", "紧急联系人"], ["A001", "张三", "李四 13600136000"])
    kept = FileContent(emergencies=("配偶 13700137000",))

    assert settle(row, kept) == FileContent(emergencies=("李四 13700137000",))
    assert row.state is RowState.PROPOSED
    assert settle(new, kept) == FileContent(emergencies=("配偶 13700137000", "李四 13600136000"))
    assert new.state is RowState.READY


@pytest.mark.parametrize("note", ["爱人2号", "妈妈、爸爸", "妻子/李四", "住3栋502"])
def test_whatever_was_noted_beside_an_emergency_telephone_comes_back_as_it_was_exported(note: str) -> None:
    row = judge(["编号", "姓名", "紧急联系人", "紧急联系人电话"], ["A001", "张三", note, "137****7000"])
    kept = FileContent(emergencies=(f"{note} 13700137000",))

    assert settle(row, kept) == kept
    assert (row.state, row.repairs, row.changes, row.notes) == (RowState.READY, [], [], [])


def test_another_note_beside_a_masked_telephone_is_passed_over_and_that_is_told() -> None:
    row = judge(["编号", "姓名", "紧急联系人", "紧急联系人电话"], ["A001", "张三", "爱人3号", "137****7000"])
    kept = FileContent(emergencies=("爱人2号 13700137000",))

    assert settle(row, kept) == kept
    assert (row.state, row.changes) == (RowState.READY, [])
    assert "不像一个姓名" in str(row.notes[0])


def test_a_digit_beside_a_whole_telephone_is_refused_as_ever() -> None:
    row = judge(["编号", "姓名", "紧急联系人", "紧急联系人电话"], ["A001", "张三", "爱人2号", "13700137000"])

    assert row.state is RowState.PROBLEM
    assert "紧急联系人的电话不对" in str(row.reasons[0])


def test_another_name_for_a_masked_telephone_renames_none_where_two_look_alike() -> None:
    headings: list[Cell] = ["编号", "姓名", "紧急联系人"]
    row = judge(headings, ["A001", "张三", "赵六 138****8000"])
    same = judge(headings, ["A001", "张三", "王五 138****8000"])
    two = FileContent(emergencies=("李四 13800138000", "王五 13811118000"))
    one = FileContent(emergencies=("李四 13800138000",))

    assert settle(row, two) == two
    assert (row.state, row.changes) == (RowState.READY, [])
    assert "没有读进来" in str(row.notes[0])
    assert settle(same, two) == two
    assert same.notes == []
    assert settle(row, one) == FileContent(emergencies=("赵六 13800138000",))
