"""Importing members into the database: all or nothing, safe to repeat, quick."""

import io
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from sqlalchemy import func, select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.contacts import derive_contact_key
from volunteer.domain.headings import HeadingMissing, HeadingsMissing
from volunteer.domain.import_reports import ImportReport
from volunteer.domain.national_ids import derive_id_keys, invent_impossible, open_national_id
from volunteer.models.members import Member
from volunteer.models.teams import Team, Unit
from volunteer.queries.members import find_member, get_member, search_members
from volunteer.services.member_imports import MemberLists
from volunteer.services.member_lists import SeveralLists, import_members

KEYS = derive_id_keys("a secret for tests only")
RULES = MemberLists(
    KEYS, ZoneInfo("Asia/Shanghai"), derive_contact_key("a secret for tests only"), allows_invented=True
)
HEADINGS = ("志愿者编号", "姓名", "单位", "所属队伍", "公民身份号码")


def csv(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    return "\n".join(",".join(row) for row in (headings, *rows)).encode()


def xlsx(**sheets: Iterable[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                sheet.write_row(place, 0, row)
    return out.getvalue()


def take(data: bytes, team: Team, now: datetime, *, keep_going: bool = False) -> ImportReport:
    name = "名单.xlsx" if data.startswith(b"PK") else "名单.csv"
    return import_members(data, name, team, now, rules=RULES, keep_going=keep_going)


def count_members() -> int:
    return db.session.execute(select(func.count(Member.id))).scalar_one()


def test_a_list_becomes_members_with_unit_team_and_pinyin(cast: Cast, now: datetime) -> None:
    data = csv(("1001", "单 雄信", "区法院", "FD01"), ("1002", "李𬭎", "区法院", "第二分队"))

    report = take(data, cast.brigade, now)

    assert report.is_written
    assert report.new_units == ("区法院",)
    one, two = get_member("1001"), get_member("1002")
    assert (one.name, one.team_id, two.team_id) == ("单雄信", cast.detachment.id, cast.other.id)
    assert one.unit_id == two.unit_id is not None
    assert search_members([cast.detachment.id], "shanxiong")[0] == 1


def test_one_rejected_row_and_nothing_is_written(cast: Cast, now: datetime) -> None:
    data = csv(("1001", "李四", "新单位", "FD01"), ("1002", "", "新单位", "FD01"))

    report = take(data, cast.brigade, now)

    assert not report.is_written
    assert [one.row for one in report.rejected] == [3]
    assert find_member("1001") is None
    assert db.session.execute(select(func.count(Unit.id))).scalar_one() == 0


def test_a_rejected_row_keeps_the_number_that_it_names(cast: Cast, now: datetime) -> None:
    data = csv(("A002", "李四", "", "没有这个队"), ("", "王五", "", "FD01"))

    take(data, cast.brigade, now, keep_going=True)

    assert find_member("A002") is None
    assert get_member("A003").name == "王五"


def test_the_good_rows_are_taken_where_asked_for(cast: Cast, now: datetime) -> None:
    data = csv(("1001", "李四", "", "FD01"), ("1002", "", "", "FD01"))

    report = take(data, cast.brigade, now, keep_going=True)

    assert report.is_written
    assert find_member("1001") is not None
    assert find_member("1002") is None


def test_importing_the_same_file_again_changes_nothing(cast: Cast, now: datetime) -> None:
    data = csv(("1001", "李四", "区法院", "FD01", invent_impossible(1)))
    take(data, cast.brigade, now)

    again = take(data, cast.brigade, now)

    assert (len(again.added), len(again.updated), len(again.unchanged)) == (0, 0, 1)
    assert count_members() == 2


def test_a_known_member_moves_and_keeps_what_the_list_leaves_empty(cast: Cast, now: datetime) -> None:
    take(csv(("1001", "李四", "区法院", "FD01", invent_impossible(1))), cast.brigade, now)
    before = get_member("1001")
    unit_id, sealed = before.unit_id, before.national_id_sealed

    report = take(csv(("1001", "李四", "", "FD02", "")), cast.brigade, now)

    db.session.expire_all()
    after = get_member("1001")
    assert len(report.updated) == 1
    assert (after.team_id, after.unit_id, after.national_id_sealed) == (cast.other.id, unit_id, sealed)


def test_an_id_number_is_kept_sealed_and_added_where_it_was_missing(cast: Cast, now: datetime) -> None:
    number = invent_impossible(7)

    report = take(csv(("A001", "张三", "", "FD01", number)), cast.brigade, now)

    db.session.expire_all()
    sealed = get_member("A001").national_id_sealed
    assert len(report.updated) == 1
    assert sealed is not None
    assert number.encode() not in sealed
    assert open_national_id(sealed, KEYS) == number


def test_an_id_number_of_another_member_is_rejected(cast: Cast, now: datetime) -> None:
    take(csv(("1001", "李四", "", "FD01", invent_impossible(1))), cast.brigade, now)

    report = take(csv(("1002", "王五", "", "FD01", invent_impossible(1))), cast.brigade, now)

    assert "另一位志愿者" in str(report.rejected[0].reasons[0])


def test_an_admin_imports_only_into_the_own_teams(cast: Cast, now: datetime) -> None:
    elsewhere = take(csv(("1001", "李四", "", "FD02")), cast.detachment, now)
    taken_over = take(csv(("A001", "张三", "", "FD02")), cast.other, now)

    assert "没有队伍" in str(elsewhere.rejected[0].reasons[0])
    assert str(taken_over.rejected[0].reasons[0]) == "志愿者编号 A001 已有人使用。"
    assert get_member("A001").team_id == cast.detachment.id


def test_the_sheet_with_the_headings_is_found(cast: Cast, now: datetime) -> None:
    data = xlsx(说明=[["填写说明"]], 名单=[["花名册"], ["编号", "姓名"], [1001, "李 四"]])

    report = take(data, cast.detachment, now)

    assert [(row.row, row.key) for row in report.added] == [(3, "1001")]
    assert get_member("1001").team_id == cast.detachment.id


def test_two_lists_in_one_file_are_refused_by_name(cast: Cast, now: datetime) -> None:
    rows = [["编号", "姓名"], [1001, "李四"]]

    with pytest.raises(SeveralLists, match="甲、乙"):
        take(xlsx(甲=rows, 乙=rows), cast.brigade, now)


def test_a_file_without_headings_is_refused_with_the_most_helpful_sentence(cast: Cast, now: datetime) -> None:
    with pytest.raises(HeadingsMissing):
        take(csv(headings=("说明", "无")), cast.brigade, now)
    with pytest.raises(HeadingMissing, match="姓名"):
        take(xlsx(说明=[["填写说明"]], 名单=[["编号", "单位"], ["1001", "区法院"]]), cast.brigade, now)


def test_the_whole_district_is_imported_in_seconds(cast: Cast, now: datetime) -> None:
    rows = [
        [f"L{serial:05}", f"欧阳{chr(0x4E00 + serial)}", f"U{serial % 54}", "FD01", invent_impossible(serial)]
        for serial in range(2565)
    ]

    # Its own seconds: a busy machine makes nothing slower than it is.
    began = time.process_time()
    report = take(xlsx(名单=[HEADINGS, *rows]), cast.brigade, now)
    again = take(xlsx(名单=[HEADINGS, *rows]), cast.brigade, now)

    assert time.process_time() - began < 20
    assert (len(report.added), len(report.new_units), len(again.unchanged)) == (2565, 54, 2565)
    assert count_members() == 2566


def test_a_unit_is_found_however_it_is_spaced_and_a_dissolved_one_names_its_successor(
    cast: Cast, now: datetime
) -> None:
    unit = Unit(name="区第3局")
    db.session.add(unit)
    db.session.flush()
    db.session.add(Unit(name="区老局", dissolved_on=now.date(), successor_id=unit.id))
    db.session.commit()

    report = take(csv(("1001", "李四", "区第３ 局", "FD01")), cast.brigade, now)
    again = take(csv(("1001", "李四", "区第3 局", "FD01")), cast.brigade, now)
    take(csv(("1002", "王五", "区老局", "FD01")), cast.brigade, now)

    assert (report.new_units, get_member("1001").unit_id) == ((), unit.id)
    assert len(again.unchanged) == 1
    assert get_member("1002").unit_id == unit.id
