"""What an import does to who and what exists: told before, agreed to, written into histories, taken back."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Cast
from tests.services.test_imports import (
    CONTACT_KEY,
    KEYS,
    NOW,
    RULES,
    TODAY,
    csv,
    reason,
    rows_of,
    stage,
    states,
    undo,
    write,
)
from volunteer.db import db
from volunteer.domain.imports import EFFECTS, ImportKind, ImportState, NotNow, StagedRow
from volunteer.domain.member_changes import EventKind
from volunteer.domain.members import MemberStatus
from volunteer.domain.national_ids import hash_national_id, invent_impossible
from volunteer.domain.teams import TeamLevel
from volunteer.models.imports import Import, ImportRow
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Admin, Member
from volunteer.models.people import MemberContact, MemberSkill, Person
from volunteer.models.teams import MemberTeam, Team
from volunteer.queries.member_imports import list_files
from volunteer.queries.members import find_member, get_member
from volunteer.services.imports import accept_repairs, begin_writing, discard_import, edit_row, leave_out
from volunteer.services.member_changes import Actor, undo_change
from volunteer.services.members import add_member

TEAM_HEADINGS = ("队伍编码", "队伍名称", "级别", "上级队伍编码")
FILE_HEADINGS = ("编号", "姓名", "性别", "出生日期", "联系电话", "居住地", "特长", "服务意愿", "可服务时间")
FILE = (
    "A001",
    "张三",
    "男",
    "1990年5月1日",
    "138 0013 8000",
    "龙城街道",
    "急救、英语",
    "进社区、带队",
    "周六上午",
)


@pytest.fixture
def scope(cast: Cast) -> list[int]:
    """The whole brigade."""
    return [cast.brigade.id, cast.detachment.id, cast.other.id]


def changes(row: StagedRow) -> list[tuple[str, str, str]]:
    return [(str(one.field), one.was, one.now) for one in row.changes]


def effects(import_id: int) -> dict[str, int]:
    found: dict[str, int] = db.session.get_one(Import, import_id, populate_existing=True).counts[EFFECTS]
    return found


def teams(*rows: Sequence[str]) -> bytes:
    return csv(*rows, headings=TEAM_HEADINGS)


def test_a_move_is_told_needs_a_yes_and_stands_in_the_history(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("A001", "张三", "", "FD02", ""), ("1002", "新人", "", "FD02", "")), cast.bob, scope)

    assert states(found) == {2: "proposed", 3: "ready"}
    assert changes(rows_of(found)[2]) == [("team", "第一分队（FD01）", "第二分队（FD02）")]
    assert effects(found) == {"updated": 1, "added": 1}
    accept_repairs(found, KEYS)
    write(found, scope)

    event = db.session.execute(select(MemberEvent)).scalar_one()
    assert (event.member_id, event.kind, event.admin_id) == (
        cast.alice.id,
        EventKind.TRANSFERRED,
        cast.bob.id,
    )
    before, after = event.before, event.after
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (before["team"], after["team"]) == ("第一分队", "第二分队")


def test_a_move_that_nobody_agreed_to_is_not_made(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("A001", "张三", "", "FD02", ""), ("1002", "新人", "", "FD02", "")), cast.bob, scope)

    write(found, scope)

    assert states(found) == {2: "proposed", 3: "added"}
    assert get_member("A001").team_id == cast.detachment.id


def test_who_was_moved_meanwhile_is_not_moved_by_an_old_yes(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("A001", "张三", "", "FD02", "")), cast.bob, scope)
    accept_repairs(found, KEYS)
    db.session.get_one(Member, cast.alice.id).team_id = cast.brigade.id
    db.session.commit()

    write(found, scope)

    assert states(found) == {2: "rejected"}
    assert "预览之后" in reason(found, 2)
    assert get_member("A001").team_id == cast.brigade.id


def test_an_edit_of_a_row_is_no_yes_to_what_it_now_changes(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("A001", "张三", "", "FD01", "")), cast.bob, scope)
    assert states(found) == {2: "ready"}

    edit_row(found, cast.bob.id, 2, {"team": "FD02"}, RULES[ImportKind.MEMBERS], KEYS, TODAY)

    assert states(found) == {2: "proposed"}


def test_an_import_taken_back_is_taken_back_in_the_history_too(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("A001", "张三", "", "FD02", "")), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)

    undo(found)

    event = db.session.execute(select(MemberEvent)).scalar_one()
    assert (event.undone_at, event.undone_by_id) == (NOW, cast.bob.id)
    assert get_member("A001").team_id == cast.detachment.id
    assert db.session.execute(select(func.count(MemberTeam.id))).scalar_one() == 0


def test_a_move_by_import_can_be_taken_back_alone_and_then_the_import_leaves_it(
    cast: Cast, scope: list[int]
) -> None:
    found = stage(csv(("A001", "张三", "", "FD02", "")), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)
    event_id = db.session.execute(select(MemberEvent.id)).scalar_one()

    undo_change(event_id, Actor(cast.bob.id, frozenset(scope), NOW, RULES[ImportKind.MEMBERS].zone))
    undo(found)

    assert get_member("A001").team_id == cast.detachment.id
    assert states(found) == {2: "kept"}


def test_who_has_left_is_a_problem(cast: Cast, scope: list[int]) -> None:
    db.session.get_one(Member, cast.alice.id).status = MemberStatus.LEFT
    db.session.commit()

    found = stage(csv(("A001", "张三", "", "FD02", "")), cast.bob, scope)

    assert states(found) == {2: "problem"}
    assert "恢复在册" in reason(found, 2)


def test_a_file_comes_with_the_list_and_the_same_list_again_changes_nothing(
    cast: Cast, scope: list[int]
) -> None:
    data = csv(FILE, headings=FILE_HEADINGS)
    found = stage(data, cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)

    kept = list_files([cast.alice.id], CONTACT_KEY)[cast.alice.id]
    assert (kept.sex, kept.born_on, kept.residence, kept.phones) == (
        "male",
        "1990-05-01",
        "龙城街道",
        ("13800138000",),
    )
    assert (set(kept.skills), set(kept.service_kinds), kept.free_times) == (
        {"急救", "英语"},
        {"community_visit", "带队"},
        ("6-morning",),
    )
    contact = db.session.execute(select(MemberContact)).scalar_one()
    assert (contact.ending, b"13800138000" in contact.value_sealed) == ("8000", False)
    again = stage(data, cast.bob, scope)
    assert effects(again) == {"unchanged": 1}


def test_a_file_filled_by_an_import_is_emptied_again(cast: Cast, scope: list[int]) -> None:
    new = ("1002", "新人", *FILE[2:])
    found = stage(csv(FILE, new, headings=FILE_HEADINGS), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)

    undo(found)

    assert states(found) == {2: "undone", 3: "undone"}
    assert find_member("1002") is None
    assert db.session.execute(select(func.count(MemberSkill.member_id))).scalar_one() == 0
    assert db.session.execute(select(func.count(MemberContact.id))).scalar_one() == 0
    people = db.session.execute(select(Person.member_id, Person.sex, Person.born_on, Person.residence))
    assert [tuple(one) for one in people] == [(cast.alice.id, None, None, "")]


def test_a_file_changed_since_is_kept_and_named(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(FILE, headings=FILE_HEADINGS), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)
    db.session.add(MemberSkill(member_id=cast.alice.id, name="摄影"))
    db.session.commit()

    undo(found)

    assert states(found) == {2: "kept"}
    assert "个人资料又有变动" in reason(found, 2)


def test_a_number_is_given_where_none_is_written_and_nobody_comes_twice(cast: Cast, scope: list[int]) -> None:
    headings = ("姓名", "所属队伍", "公民身份号码", "手机")
    data = csv(
        ("李四", "FD01", invent_impossible(1), ""),
        ("王五", "FD01", "", "13800138000"),
        ("赵六", "FD01", "", ""),
        headings=headings,
    )
    found = stage(data, cast.bob, scope)
    assert effects(found) == {"added": 3}

    write(found, scope)

    names = dict(db.session.execute(select(Member.volunteer_no, Member.name)).all())
    assert names == {"A001": "张三", "A002": "李四", "A003": "王五", "A004": "赵六"}
    again = stage(data, cast.bob, scope)
    assert states(again) == {2: "ready", 3: "ready", 4: "proposed"}
    assert effects(again) == {"unchanged": 2, "added": 1}
    assert "已有同名的赵六（A004）" in str(rows_of(again)[4].notes[-1])


def test_two_rows_that_turn_out_to_be_one_person_change_that_person_once(
    cast: Cast, scope: list[int]
) -> None:
    number = invent_impossible(1)
    data = csv(("", "张三", "区法院", "FD01", number), ("A001", "张三", "", "FD01", ""))
    found = stage(data, cast.bob, scope)
    accept_repairs(found, KEYS)
    member = db.session.get_one(Member, cast.alice.id)
    member.national_id_hash = hash_national_id(number, KEYS)
    db.session.commit()

    write(found, scope)

    assert sorted(states(found).values()) == ["rejected", "unchanged"]
    assert db.session.execute(select(func.count(Member.id))).scalar_one() == 1


def test_a_number_that_another_row_names_is_not_given_by_itself(cast: Cast, scope: list[int]) -> None:
    data = csv(("", "李四", "", "FD01", ""), ("A002", "王五", "", "FD01", ""))

    found = stage(data, cast.bob, scope)
    write(found, scope)

    assert states(found) == {2: "added", 3: "added"}
    assert (get_member("A002").name, get_member("A003").name) == ("王五", "李四")


def test_a_number_that_a_row_with_a_fault_names_stays_free_for_whom_it_names(
    cast: Cast, scope: list[int]
) -> None:
    wrong = [(f"A{serial:03}", "王五", "", "没有这个队", "") for serial in range(2, 600)]
    found = stage(csv(("", "李四", "", "FD01", ""), *wrong), cast.bob, scope)

    write(found, scope)

    assert states(found)[2] == "added"
    names = dict(db.session.execute(select(Member.volunteer_no, Member.name)).all())
    assert names == {"A001": "张三", "A600": "李四"}


def test_nobody_is_put_back_into_a_team_that_was_dissolved_since(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("A001", "张三", "", "FD02", ""), ("1002", "新人", "", "FD02", "")), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)
    db.session.get_one(Team, cast.detachment.id).dissolved_on = TODAY
    db.session.commit()

    undo(found)

    assert states(found) == {2: "kept", 3: "undone"}
    assert "第一分队”已撤销" in reason(found, 2)
    assert get_member("A001").team_id == cast.other.id
    assert db.session.execute(select(MemberEvent.undone_at)).scalar_one() is None


def test_a_brigade_with_teams_keeps_its_code_whatever_a_list_says(cast: Cast, scope: list[int]) -> None:
    found = stage(teams(("TA10", "第二大队", "大队", "")), cast.bob, scope, ImportKind.TEAMS)
    accept_repairs(found, KEYS)

    assert states(found) == {2: "problem"}
    assert "只能有一个大队" in reason(found, 2)
    assert db.session.get_one(Team, cast.brigade.id).code == "DD"


def test_the_first_list_of_an_organisation_names_its_brigade_after_a_yes(app: Flask, now: datetime) -> None:
    brigade = Team(code="DD", name="大队", level=TeamLevel.BRIGADE)
    db.session.add(brigade)
    db.session.flush()
    admin = Admin(username="wang", name="王", team_id=brigade.id, password_hash="x", created_at=now)
    db.session.add(admin)
    db.session.commit()
    data = teams(("TA10", "第二大队", "大队", ""), ("ZD01", "第一中队", "中队", "TA10"))

    found = stage(data, admin, [brigade.id], ImportKind.TEAMS)
    told, before = changes(rows_of(found)[2]), states(found)
    accept_repairs(found, KEYS)
    write(found, [brigade.id], ImportKind.TEAMS)

    assert (before, told) == (
        {2: "proposed", 3: "ready"},
        [("code", "DD", "TA10"), ("name", "大队", "第二大队")],
    )
    codes = db.session.execute(select(Team.code, Team.parent_id).order_by(Team.id)).all()
    assert [tuple(one) for one in codes] == [("TA10", None), ("ZD01", brigade.id)]


def test_a_team_is_renamed_or_hung_elsewhere_only_after_a_yes(cast: Cast, scope: list[int]) -> None:
    squadron = Team(code="ZD01", name="第一中队", level=TeamLevel.SQUADRON, parent_id=cast.brigade.id)
    db.session.add(squadron)
    db.session.commit()
    scope = [*scope, squadron.id]
    data = teams(("FD01", "改名后的分队", "分队", "ZD01"), ("FD02", "第二分队", "分队", "DD"))

    found = stage(data, cast.bob, scope, ImportKind.TEAMS)
    told = changes(rows_of(found)[2])
    write_nothing = states(found)
    accept_repairs(found, KEYS)
    write(found, scope, ImportKind.TEAMS)

    assert write_nothing == {2: "proposed", 3: "ready"}
    assert told == [("name", "第一分队", "改名后的分队"), ("parent", "DD", "ZD01")]
    assert states(found) == {2: "updated", 3: "unchanged"}


def test_a_team_does_not_go_back_under_a_dissolved_one_nor_to_a_name_that_is_another_s(
    cast: Cast, scope: list[int]
) -> None:
    old, new = (
        Team(code=code, name=name, level=TeamLevel.SQUADRON, parent_id=cast.brigade.id)
        for code, name in (("ZD01", "第一中队"), ("ZD02", "第二中队"))
    )
    db.session.add_all([old, new])
    db.session.flush()
    cast.detachment.parent_id = old.id
    db.session.commit()
    data = teams(
        ("FD01", "第一分队", "分队", "ZD02"),
        ("FD02", "改名后的分队", "分队", "DD"),
        ("ZD01", "改名后的中队", "中队", "DD"),
    )
    found = stage(data, cast.bob, [*scope, old.id, new.id], ImportKind.TEAMS)
    accept_repairs(found, KEYS)
    write(found, [*scope, old.id, new.id], ImportKind.TEAMS)
    db.session.get_one(Team, old.id).dissolved_on = TODAY
    namesake = Team(code="FD09", name="第二分队", level=TeamLevel.DETACHMENT, parent_id=cast.brigade.id)
    db.session.add(namesake)
    db.session.commit()

    undo(found, ImportKind.TEAMS)

    assert states(found) == {2: "kept", 3: "kept", 4: "kept"}
    assert "上级队伍已撤销" in reason(found, 2)
    assert "已被别的队伍使用" in reason(found, 3)
    kept = db.session.execute(select(Team.name, Team.parent_id).order_by(Team.code).where(Team.code < "FD09"))
    assert ("第一分队", new.id) in [tuple(one) for one in kept]


def test_two_teams_that_changed_names_by_a_list_change_them_back(cast: Cast, scope: list[int]) -> None:
    data = teams(("FD01", "第二分队", "分队", "DD"), ("FD02", "第一分队", "分队", "DD"))
    found = stage(data, cast.bob, scope, ImportKind.TEAMS)
    accept_repairs(found, KEYS)
    write(found, scope, ImportKind.TEAMS)

    undo(found, ImportKind.TEAMS)

    assert states(found) == {2: "undone", 3: "undone"}
    assert db.session.get_one(Team, cast.detachment.id).name == "第一分队"


def test_a_team_keeps_its_name_where_another_row_copies_it(cast: Cast, scope: list[int]) -> None:
    data = teams(("FD01", "第一分队", "分队", "DD"), ("FD09", "第一分队", "分队", "DD"))

    found = stage(data, cast.bob, scope, ImportKind.TEAMS)

    assert states(found) == {2: "ready", 3: "problem"}
    assert "已有名为“第一分队”的队伍" in reason(found, 3)


def test_an_upload_given_up_leaves_one_line_and_nothing_else(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("1001", "李四", "", "FD01", invent_impossible(1))), cast.bob, scope)

    discard_import(found)

    one = db.session.get_one(Import, found, populate_existing=True)
    assert (one.state, one.sealed_file, one.sealed_samples, one.counts) == (
        ImportState.DISCARDED,
        None,
        None,
        {},
    )
    assert db.session.execute(select(func.count(ImportRow.id))).scalar_one() == 0
    with pytest.raises(NotNow):
        begin_writing(found, cast.bob.id, scope, NOW)


def test_what_was_written_is_taken_back_and_not_given_up(cast: Cast, scope: list[int]) -> None:
    found = stage(csv(("1001", "李四", "", "FD01", "")), cast.bob, scope)
    write(found, scope)

    with pytest.raises(NotNow):
        discard_import(found)


def test_what_rows_would_do_is_counted_anew_when_one_is_left_out(
    cast: Cast, scope: list[int], now: datetime
) -> None:
    add_member("B001", "李四", "FD02", now)
    found = stage(csv(("B001", "李四", "", "FD01", ""), ("1002", "王五", "", "FD01", "")), cast.bob, scope)
    assert effects(found) == {"updated": 1, "added": 1}

    leave_out(found, 2, True, RULES[ImportKind.MEMBERS], KEYS, TODAY)

    assert effects(found) == {"added": 1}
