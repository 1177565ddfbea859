"""Imports of the pages: judged row by row, repaired, written in pieces, taken back for seven days."""

import io
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from sqlalchemy import func, select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.contacts import derive_contact_key
from volunteer.domain.imports import NEW, ImportKind, ImportState, ListKind, NotNow, RowState, StagedRow
from volunteer.domain.national_ids import derive_id_keys, invent_impossible
from volunteer.models.admins import Appointment
from volunteer.models.imports import Import, ImportRow
from volunteer.models.members import Admin, Member
from volunteer.models.teams import MemberTeam, Team, Unit
from volunteer.queries import imports as queries
from volunteer.queries.imports import count_rows, list_rows
from volunteer.queries.members import find_member, get_member
from volunteer.reading.workbooks import read_rows
from volunteer.services.admin_imports import AdminLists
from volunteer.services.cards import issue_card
from volunteer.services.import_work import work_on
from volunteer.services.imports import (
    ColumnMissing,
    FileTooLarge,
    NothingToWrite,
    UndoOver,
    accept_repairs,
    begin_undo,
    begin_writing,
    choose_columns,
    edit_row,
    guess_matching,
    leave_out,
    start_import,
    sweep_imports,
    take_secrets,
)
from volunteer.services.member_imports import MemberLists
from volunteer.services.team_imports import TeamLists
from volunteer.writes import imports as writes

KEYS = derive_id_keys("a secret for tests only")
CONTACT_KEY = derive_contact_key("a secret for tests only")
HEADINGS = ("志愿者编号", "姓名", "单位", "所属队伍", "公民身份号码")
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
TODAY = date(2026, 9, 15)
ZONE = ZoneInfo("Asia/Shanghai")
RULES: dict[ImportKind, ListKind] = {
    ImportKind.MEMBERS: MemberLists(KEYS, ZONE, CONTACT_KEY, allows_invented=True),
    ImportKind.TEAMS: TeamLists(ZONE),
    ImportKind.ADMINS: AdminLists(ZONE),
}


def csv(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    return "\n".join(",".join(row) for row in (headings, *rows)).encode()


def xlsx(*rows: Iterable[object], merged: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        if merged:
            sheet.merge_range(merged, "区法院")
    return out.getvalue()


def stage(
    data: bytes,
    admin: Admin,
    scope: Sequence[int],
    kind: ImportKind = ImportKind.MEMBERS,
    now: datetime = NOW,
) -> int:
    """Upload, match as guessed, and judge."""
    rules = RULES[kind]
    import_id = start_import(kind, io.BytesIO(data), "名单.xlsx", admin.id, scope[0], scope, KEYS, now)
    sheet = read_rows(data, "a.xlsx" if data.startswith(b"PK") else "a.csv").sheets[0]
    first_row, matching = guess_matching(list(sheet.filled_rows()), rules)
    choose_columns(import_id, sheet.name, first_row, matching, rules, now)
    work_on(import_id, rules, KEYS, lambda: now)
    return import_id


def rules_for(import_id: int, kind: ImportKind) -> ListKind:
    """The rules with whoever sent the list answering for it."""
    rules = RULES[kind]
    admin_id = db.session.get_one(Import, import_id).admin_id
    return replace(rules, by_id=admin_id) if isinstance(rules, MemberLists) else rules


def write(import_id: int, scope: Sequence[int], kind: ImportKind = ImportKind.MEMBERS) -> None:
    begin_writing(import_id, db.session.get_one(Import, import_id).admin_id, scope, NOW)
    work_on(import_id, rules_for(import_id, kind), KEYS, lambda: NOW)


def undo(import_id: int, kind: ImportKind = ImportKind.MEMBERS, at: datetime = NOW) -> None:
    begin_undo(import_id, db.session.get_one(Import, import_id).admin_id, at)
    work_on(import_id, rules_for(import_id, kind), KEYS, lambda: at)


def rows_of(import_id: int) -> dict[int, StagedRow]:
    return {row.row: row for row in list_rows(import_id, KEYS)}


def states(import_id: int) -> dict[int, str]:
    return {number: str(row.state) for number, row in rows_of(import_id).items()}


def reason(import_id: int, number: int) -> str:
    return " ".join(map(str, rows_of(import_id)[number].reasons))


def test_every_problem_stands_on_its_row(cast: Cast) -> None:
    rows = [
        ("1001", "李四", "区法院", "FD01", invent_impossible(1)),
        ("１００２ ", "王 五", "区法院", "FD01", ""),
        ("1003", "", "", "FD01", "110101199001011234"),
        ("1004", "赵六", "", "FD02", ""),
        ("1001", "钱七", "", "FD01", ""),
        ("1005", "孙八", "", "第一分对", ""),
    ]

    found = stage(csv(*rows), cast.bob, [cast.detachment.id])

    assert states(found) == {
        2: "problem", 3: "proposed", 4: "problem", 5: "problem", 6: "problem", 7: "proposed",
    }  # fmt: skip
    assert "姓名" in reason(found, 4)
    assert "没有队伍“FD02”" in reason(found, 5)
    assert "与第 6 行重复" in reason(found, 2)
    repairs = rows_of(found)[3].repairs
    assert [(one.was, one.now) for one in repairs] == [("１００２ ", "1002"), ("王 五", "王五")]
    assert [one.now for one in rows_of(found)[7].repairs] == ["第一分队"]


def test_titles_two_heading_rows_merged_cells_and_ruined_numbers_are_understood(cast: Cast) -> None:
    top = [["志愿者名单"], ["志愿者", "", "单位", "证件"], ["编号", "姓名", "名称", "身份证号"]]
    data = xlsx(*top, [1001.0, "李四", "", ""], [1002, "王五", "", 4.40301199001e17], merged="C4:C5")

    found = stage(data, cast.bob, [cast.detachment.id])

    assert states(found) == {4: "ready", 5: "problem"}
    assert rows_of(found)[4].values["unit"] == "区法院"
    assert "末几位已经丢失" in reason(found, 5)


def test_only_what_was_accepted_is_written_and_the_rest_stays_with_its_reasons(cast: Cast) -> None:
    scope = [cast.detachment.id]
    data = csv(("1001", "李四"), ("1002", "王 五"), headings=HEADINGS[:2])
    found = stage(data, cast.bob, scope)

    write(found, scope)

    assert states(found) == {2: "added", 3: "proposed"}
    assert get_member("1001").team_id == cast.detachment.id
    assert find_member("1002") is None


def test_accepted_repairs_make_rows_ready(cast: Cast) -> None:
    scope = [cast.detachment.id]
    found = stage(csv(("1002", "王 五", "", "第一分对", "")), cast.bob, scope)

    accept_repairs(found, KEYS)
    write(found, scope)

    assert states(found) == {2: "added"}
    assert get_member("1002").name == "王五"


def test_an_edited_cell_is_judged_again_with_the_rows_it_clashed_with(cast: Cast) -> None:
    scope = [cast.detachment.id]
    found = stage(csv(("1001", "李四", "", "FD01", ""), ("1001", "王五", "", "FD01", "")), cast.bob, scope)
    assert states(found) == {2: "problem", 3: "problem"}

    edit_row(found, cast.bob.id, 3, {"volunteer_no": "1002"}, RULES[ImportKind.MEMBERS], KEYS, TODAY)

    assert states(found) == {2: "ready", 3: "ready"}


def test_a_row_may_be_left_out_and_taken_in_again(cast: Cast) -> None:
    rules = RULES[ImportKind.MEMBERS]
    found = stage(
        csv(("1001", "李四", "", "FD01", ""), ("1001", "王五", "", "FD01", "")),
        cast.bob,
        [cast.detachment.id],
    )

    leave_out(found, 2, True, rules, KEYS, TODAY)
    assert states(found) == {2: "skipped", 3: "ready"}

    leave_out(found, 2, False, rules, KEYS, TODAY)
    assert states(found) == {2: "problem", 3: "problem"}


def test_a_repetition_is_passed_over_and_a_total_too(cast: Cast) -> None:
    same = ("1001", "李四", "", "FD01", "")

    found = stage(csv(same, same, ("合计", "2 人", "", "", "")), cast.bob, [cast.detachment.id])

    assert states(found) == {2: "ready", 3: "skipped", 4: "skipped"}
    assert "与第 2 行完全相同" in reason(found, 3)


def test_an_import_taken_back_leaves_nothing(cast: Cast) -> None:
    scope = [cast.detachment.id]
    number = invent_impossible(1)
    found = stage(
        csv(("1001", "李四", "新单位", "FD01", ""), ("A001", "张三", "新单位", "FD01", number)),
        cast.bob,
        scope,
    )
    write(found, scope)
    assert states(found) == {2: "added", 3: "updated"}

    undo(found)

    db.session.expire_all()
    alice = get_member("A001")
    assert find_member("1001") is None
    assert (alice.unit_id, alice.national_id_hash, alice.national_id_sealed) == (None, None, None)
    assert db.session.execute(select(func.count(Unit.id))).scalar_one() == 0
    assert db.session.get_one(Import, found).state == ImportState.UNDONE


def test_a_member_moved_by_an_import_moves_back_and_the_way_is_forgotten(cast: Cast) -> None:
    from volunteer.models.teams import MemberTeam

    scope = [cast.brigade.id, cast.detachment.id, cast.other.id]
    found = stage(csv(("A001", "张三", "", "FD02", "")), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)
    assert db.session.execute(select(MemberTeam.team_id)).scalars().all() == [cast.detachment.id]

    undo(found)

    db.session.expire_all()
    assert get_member("A001").team_id == cast.detachment.id
    assert db.session.execute(select(func.count(MemberTeam.id))).scalar_one() == 0


def test_who_got_a_card_or_served_since_is_kept_and_named(app: object, cast: Cast, now: datetime) -> None:
    scope = [cast.detachment.id]
    found = stage(csv(("1001", "李四", "", "FD01", ""), ("1002", "王五", "", "FD01", "")), cast.bob, scope)
    write(found, scope)
    issue_card("1001", installation(app).keys, now)  # type: ignore[arg-type]

    undo(found)

    assert states(found) == {2: "kept", 3: "undone"}
    assert "已发卡" in reason(found, 2)
    assert find_member("1001") is not None


def test_after_seven_days_nothing_is_taken_back_and_the_rows_are_forgotten(cast: Cast) -> None:
    scope = [cast.detachment.id]
    found = stage(csv(("1001", "李四", "", "FD01", "")), cast.bob, scope)
    write(found, scope)

    with pytest.raises(UndoOver):
        begin_undo(found, cast.bob.id, NOW + timedelta(days=7))
    sweep_imports(NOW + timedelta(days=7, seconds=1))

    assert db.session.execute(select(func.count(ImportRow.id))).scalar_one() == 0
    assert db.session.get_one(Import, found).counts == {"added": 1}


def test_what_is_kept_of_a_list_is_sealed(cast: Cast) -> None:
    number = invent_impossible(1)

    stage(csv(("1001", "李四", "", "FD01", number)), cast.bob, [cast.detachment.id])

    kept = db.session.execute(
        select(ImportRow.sealed, Import.sealed_file, Import.sealed_samples).join(Import)
    ).one()
    assert not any(number.encode() in part or "李四".encode() in part for part in kept)


def test_teams_units_and_admins_of_a_whole_organisation_come_from_lists(cast: Cast) -> None:
    scope = [cast.brigade.id, cast.detachment.id, cast.other.id]
    teams = csv(
        ("DD", "龙岗大队", "大队", "", "区机关工委"),
        ("FD９", "法院分队", "", "ZD01", "区法院、区检察院"),
        ("ZD01", "第一服务中队", "中队", "DD", ""),
        headings=("队伍编码", "队伍名称", "级别", "上级队伍编码", "单位名称"),
    )
    found = stage(teams, cast.bob, scope, ImportKind.TEAMS)
    assert states(found) == {2: "proposed", 3: "proposed", 4: "ready"}
    accept_repairs(found, KEYS)
    write(found, scope, ImportKind.TEAMS)

    db.session.expire_all()
    by_code = {team.code: team for team in db.session.execute(select(Team)).scalars()}
    assert (by_code["DD"].id, by_code["DD"].name) == (cast.brigade.id, "龙岗大队")
    assert by_code["FD9"].parent_id == by_code["ZD01"].id
    assert db.session.execute(select(func.count(Unit.id))).scalar_one() == 3

    scope = [team.id for team in by_code.values()]
    scope.sort(key=lambda one: one != cast.brigade.id)
    admins = csv(
        ("dora", "朵拉", "法院分队"), ("bob", "另一人", "FD01"), headings=("用户名", "姓名", "所属队伍")
    )
    second = stage(admins, cast.bob, scope, ImportKind.ADMINS)
    assert states(second) == {2: "ready", 3: "problem"}
    write(second, scope, ImportKind.ADMINS)
    dora = db.session.execute(select(Admin).where(Admin.username == "dora")).scalar_one()
    assert (dora.team_id, dora.start_hash) == (by_code["FD9"].id, dora.password_hash)
    assert [len(row.secret) > 8 for row in take_secrets(second, cast.bob.id, KEYS)] == [True]
    assert take_secrets(second, cast.bob.id, KEYS) == []

    undo(second, ImportKind.ADMINS)
    undo(found, ImportKind.TEAMS)
    db.session.expire_all()
    assert [team.code for team in db.session.execute(select(Team).order_by(Team.id)).scalars()] == [
        "DD",
        "FD01",
        "FD02",
    ]
    assert db.session.execute(select(func.count(Unit.id))).scalar_one() == 0


def test_a_team_outside_the_scope_and_a_parent_too_low_are_problems(cast: Cast) -> None:
    rows = (
        ("FD02", "改名", "分队", ""),
        ("ZD09", "新中队", "中队", "FD01"),
        ("FD03", "第一分队", "分队", ""),
    )
    data = csv(*rows, headings=("队伍编码", "队伍名称", "级别", "上级队伍编码"))

    found = stage(data, cast.bob, [cast.detachment.id], ImportKind.TEAMS)

    assert "已被使用" in reason(found, 2)
    assert "级别必须更高" in reason(found, 3)
    assert "已有名为" in reason(found, 4)


def test_what_cannot_be_done_is_refused(cast: Cast) -> None:
    scope = [cast.detachment.id]
    with pytest.raises(FileTooLarge):
        start_import(
            ImportKind.MEMBERS,
            io.BytesIO(b"a" * (10 * 1024 * 1024 + 1)),
            "x.csv",
            cast.bob.id,
            scope[0],
            scope,
            KEYS,
            NOW,
        )
    found = stage(csv(("1001", "", "", "FD01", "")), cast.bob, scope)
    with pytest.raises(NothingToWrite):
        begin_writing(found, cast.bob.id, scope, NOW)
    with pytest.raises(ColumnMissing, match="姓名"):
        choose_columns(found, "", 1, {"0": "volunteer_no"}, RULES[ImportKind.MEMBERS], NOW)
    with pytest.raises(NotNow):
        begin_undo(found, cast.bob.id, NOW)


def test_a_run_that_was_broken_off_goes_on_where_it_ended(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = [cast.detachment.id]
    found = stage(
        csv(*((f"M{serial:04}", "李四", "", "FD01", "") for serial in range(1200))), cast.bob, scope
    )
    begin_writing(found, cast.bob.id, scope, NOW)
    instants = iter([NOW, NOW])

    with pytest.raises(StopIteration):
        work_on(found, RULES[ImportKind.MEMBERS], KEYS, lambda: next(instants))
    assert count_rows(found) == {RowState.ADDED: 1000, RowState.READY: 200}

    work_on(found, RULES[ImportKind.MEMBERS], KEYS, lambda: NOW)
    assert count_rows(found) == {RowState.ADDED: 1200}
    assert db.session.execute(select(func.count(Member.id))).scalar_one() == 1201


def test_a_list_in_gb18030_is_read_as_written(cast: Cast) -> None:
    data = "编号,姓名\n1001,李𬭎\n".encode("gb18030")

    found = stage(data, cast.bob, [cast.detachment.id])

    assert rows_of(found)[2].values["name"] == "李𬭎"


def test_a_date_serial_in_the_number_column_is_refused_with_the_reason(cast: Cast) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("名单")
        sheet.write_row(0, 0, ["编号", "姓名"])
        sheet.write_datetime(1, 0, datetime(2026, 3, 5), book.add_format({"num_format": "yyyy-mm-dd"}))  # noqa: DTZ001
        sheet.write(1, 1, "李四")

    found = stage(out.getvalue(), cast.bob, [cast.detachment.id])

    assert "变成了日期" in reason(found, 2)


def test_the_whole_dirty_district_is_imported_in_seconds(cast: Cast) -> None:
    scope = [cast.detachment.id]
    rows = (
        [
            f"Ｌ{serial:05}" if serial % 5 == 0 else f"L{serial:05}",
            "" if serial % 100 == 7 else f"欧阳 {chr(0x4E00 + serial)}",
            f"U{serial % 54}",
            "FD01",
            invent_impossible(serial),
        ]
        for serial in range(2565)
    )
    # Its own seconds: a busy machine makes nothing slower than it is.
    began = time.process_time()

    found = stage(xlsx(HEADINGS, *rows), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)

    assert time.process_time() - began < 20
    assert count_rows(found) == {RowState.ADDED: 2539, RowState.PROBLEM: 26}


def test_changes_of_an_import_are_dated_by_the_local_day(cast: Cast) -> None:
    scope, late = (
        [cast.brigade.id, cast.detachment.id, cast.other.id],
        datetime(2026, 9, 30, 17, 0, tzinfo=UTC),
    )
    october = date(2026, 10, 1)
    teams = csv(("FD03", "第三分队", "分队", "DD"), headings=("队伍编码", "队伍名称", "级别", "上级队伍编码"))

    for kind, data in (
        (ImportKind.MEMBERS, csv(("A001", "张三", "", "FD02", ""))),
        (ImportKind.TEAMS, teams),
    ):
        found = stage(data, cast.bob, scope, kind, late)
        accept_repairs(found, KEYS)
        begin_writing(found, cast.bob.id, scope, late)
        work_on(found, RULES[kind], KEYS, lambda: late)

    past = db.session.execute(select(MemberTeam).where(MemberTeam.member_id == cast.alice.id)).scalar_one()
    assert past.until_on == october
    assert db.session.execute(select(Team.founded_on).where(Team.code == "FD03")).scalar_one() == october


@pytest.fixture
def units(cast: Cast) -> dict[str, int]:
    """One that is there, one that went into it, one that ended without anybody."""
    living = Unit(name="区第3局")
    db.session.add(living)
    db.session.flush()
    db.session.add_all(
        [
            Unit(name="区老局", dissolved_on=TODAY, successor_id=living.id),
            Unit(name="区空局", dissolved_on=TODAY),
        ]
    )
    db.session.commit()
    return {row.name: row.id for row in db.session.execute(select(Unit.name, Unit.id))}


def test_a_dissolved_unit_is_put_right_by_its_successor_or_refused(cast: Cast, units: dict[str, int]) -> None:
    scope = [cast.detachment.id]
    data = csv(("1001", "李四", "区老局", "FD01", ""), ("1002", "王五", "区空局", "FD01", ""))

    found = stage(data, cast.bob, scope)

    assert states(found) == {2: "proposed", 3: "problem"}
    assert [(one.was, one.now) for one in rows_of(found)[2].repairs] == [("区老局", "区第3局")]
    assert "单位“%(name)s”已撤销" in rows_of(found)[3].reasons[0].msgid
    accept_repairs(found, KEYS)
    write(found, scope)
    assert get_member("1001").unit_id == units["区第3局"]


def test_a_unit_dissolved_after_the_preview_is_named_with_its_successor(
    cast: Cast, units: dict[str, int]
) -> None:
    scope, heir = [cast.detachment.id], Unit(name="区新局")
    found = stage(csv(("1001", "李四", "区第3局", "FD01", "")), cast.bob, scope)
    db.session.add(heir)
    db.session.flush()
    unit = db.session.get_one(Unit, units["区第3局"])
    unit.dissolved_on, unit.successor_id = TODAY, heir.id
    db.session.commit()

    write(found, scope)

    assert states(found) == {2: "rejected"}
    assert rows_of(found)[2].reasons[0].params == {"name": "区第3局", "successor": "区新局"}
    assert find_member("1001") is None


def test_one_unit_spelled_in_several_ways_stays_one(cast: Cast, units: dict[str, int]) -> None:
    scope = [cast.detachment.id]
    spellings = ("区第3 局", "区第３局", "区 第3局", "新 9 局", "新9局", "新９局")
    rows = [(f"100{place}", "李四", unit, "FD01", "") for place, unit in enumerate(spellings)]
    found = stage(csv(*rows), cast.bob, scope)

    news = db.session.get_one(Import, found).counts[NEW]
    accept_repairs(found, KEYS)
    write(found, scope)

    of = [get_member(f"100{place}").unit_id for place in range(6)]
    assert of[:3] == [units["区第3局"]] * 3
    assert len(set(of[3:])) == 1
    assert news == {"units": ["新 9 局"]}
    assert db.session.execute(select(func.count(Unit.id))).scalar_one() == 4


def test_what_an_import_would_make_follows_what_is_edited_and_left_out(
    cast: Cast, units: dict[str, int]
) -> None:
    scope, rules = [cast.brigade.id, cast.detachment.id], RULES[ImportKind.TEAMS]
    headings = ("队伍编码", "队伍名称", "级别", "上级队伍编码", "单位名称")
    data = csv(
        ("FD08", "第八分队", "分队", "DD", "区第３局、区甲局"),
        ("FD09", "第九分队", "分队", "DD", "区老局"),
        headings=headings,
    )
    found = stage(data, cast.bob, scope, ImportKind.TEAMS)
    news = lambda: db.session.get_one(Import, found, populate_existing=True).counts[NEW]  # noqa: E731
    assert news() == {"teams": ["第八分队（FD08）", "第九分队（FD09）"], "units": ["区甲局"]}

    leave_out(found, 3, True, rules, KEYS, TODAY)
    edit_row(found, cast.bob.id, 2, {"units": "区乙局"}, rules, KEYS, TODAY)

    assert news() == {"teams": ["第八分队（FD08）"], "units": ["区乙局"]}
    write(found, scope, ImportKind.TEAMS)
    assert set(db.session.execute(select(Unit.name)).scalars()) == {*units, "区乙局"}


def test_admins_are_appointed_with_the_rights_that_whoever_writes_still_has(cast: Cast) -> None:
    dora = Admin(username="dora", name="朵拉", team_id=cast.brigade.id, password_hash="x", created_at=NOW)
    db.session.add(dora)
    db.session.commit()
    scope = [cast.brigade.id, cast.detachment.id, cast.other.id]
    data = csv(("erin", "艾琳", "FD02"), headings=("用户名", "姓名", "所属队伍"))
    found = stage(data, dora, scope, ImportKind.ADMINS)
    begin_writing(found, dora.id, scope, NOW)
    post = db.session.execute(select(Appointment).where(Appointment.admin_id == dora.id)).scalar_one()
    post.until_on = TODAY
    db.session.commit()

    work_on(found, AdminLists(ZONE, dora.id), KEYS, lambda: NOW)

    assert states(found) == {2: "rejected"}
    assert db.session.execute(select(Admin).where(Admin.username == "erin")).first() is None


def test_a_member_goes_back_to_no_unit_that_is_gone(cast: Cast, units: dict[str, int]) -> None:
    scope, new = [cast.detachment.id], Unit(name="区新局")
    old = db.session.get_one(Unit, units["区老局"])
    old.dissolved_on = None
    db.session.get_one(Member, cast.alice.id).unit_id = old.id
    db.session.add(new)
    db.session.commit()
    found = stage(csv(("A001", "张三", "区新局", "FD01", "")), cast.bob, scope)
    accept_repairs(found, KEYS)
    write(found, scope)
    old.dissolved_on = TODAY
    db.session.commit()

    undo(found)

    db.session.expire_all()
    assert states(found) == {2: "undone"}
    assert get_member("A001").unit_id == units["区第3局"]


def test_repetitions_are_found_across_the_pieces_of_a_long_list(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_AT_ONCE", 2)
    monkeypatch.setattr(writes, "_AT_ONCE", 2)
    again = [(f"M00{serial}", "李四", "", "FD01", "") for serial in range(5)]
    same_id = [(number, "张三", "", "FD01", invent_impossible(1)) for number in ("M009", "M008")]
    others = [("M000", "王五", "", "FD01", ""), *same_id]

    found = stage(csv(*again, *again, *others), cast.bob, [cast.detachment.id])

    assert states(found) == {
        2: "problem",
        **dict.fromkeys(range(3, 7), "ready"),
        **dict.fromkeys(range(7, 12), "skipped"),
        **dict.fromkeys(range(12, 15), "problem"),
    }
    assert reason(found, 14) == "公民身份号码与第 13 行相同，但志愿者编号不同。"


def test_the_work_does_not_hold_the_upload(cast: Cast) -> None:
    lines = (f"N{row:06},张三,FD01,{'x' * 6_000}\n" for row in range(1_500))
    file = io.BytesIO(("志愿者编号,姓名,队伍,备注\n" + "".join(lines)).encode())
    scope, rules = [cast.detachment.id], RULES[ImportKind.MEMBERS]
    found = start_import(ImportKind.MEMBERS, file, "a.csv", cast.bob.id, scope[0], scope, KEYS, NOW)
    size = len(file.getvalue())
    choose_columns(found, "", 1, {"0": "volunteer_no", "1": "name", "2": "team"}, rules, NOW)

    tracemalloc.start()
    work_on(found, rules, KEYS, lambda: NOW)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count_rows(found) == {"ready": 1_500}
    # Sealed and opened, it would be twice its size.
    assert most < size
