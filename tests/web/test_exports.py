"""Exports: the own teams only, numbers masked, formulas harmless, every one in the access log."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.web.test_admin_members import counted_statements
from tests.web.test_imports import match, upload
from volunteer.db import db
from volunteer.domain.cells import Cell
from volunteer.domain.contacts import ContactKind, derive_contact_key
from volunteer.domain.national_ids import derive_id_keys, invent_impossible
from volunteer.domain.teams import TeamLevel
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.activities import Activity
from volunteer.models.imports import Import
from volunteer.models.members import Admin, Member
from volunteer.models.training_records import TrainingRecord
from volunteer.queries.member_imports import list_files
from volunteer.queries.members import find_member
from volunteer.reading.workbooks import read_rows
from volunteer.services.member_imports import MemberLists
from volunteer.services.member_lists import import_members
from volunteer.services.members import add_member
from volunteer.services.people import add_contact
from volunteer.services.teams import TeamPlan, dissolve_team, found_team
from volunteer.web.admin.export_rows import MEMBER_COLUMNS

SignIn = Callable[[Admin | Member], FlaskClient]
COLUMNS = ["volunteer_no", "name", "team", "national_id"]


def rows_of(data: bytes) -> list[Sequence[Cell]]:
    return list(read_rows(data, "a.xlsx").sheets[0].rows)


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


@pytest.fixture
def browser(cast: Cast, sign_in: SignIn, now: datetime) -> FlaskClient:
    """bob's browser; charlie's team has somebody too, and somebody is called like a formula."""
    add_member("B001", "外人", "FD02", now)
    # Nobody is entered by such a name any more, but a long-standing file may still have one.
    add_member("A002", "钱七", "FD01", now).name = "=1+1"
    db.session.commit()
    line = f"编号,姓名,身份证号\nA003,李四,{invent_impossible(1)}".encode()
    secret = "a secret for tests only"
    rules = MemberLists(derive_id_keys(secret), UTC, derive_contact_key(secret), allows_invented=True)
    import_members(line, "a.csv", cast.detachment, now, rules=rules)
    return sign_in(cast.bob)


def test_members_become_a_workbook_with_masked_numbers(browser: FlaskClient) -> None:
    response = browser.post("/admin/exports", data={"kind": "members", "file": "xlsx", "columns": COLUMNS})

    rows = rows_of(response.data)
    assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert [row[0] for row in rows] == ["志愿者编号", "A001", "A002", "A003"]
    assert rows[2][1] == "=1+1"
    number = invent_impossible(1)
    assert rows[3][3] == f"{number[:3]}{'*' * 11}{number[-4:]}"


def test_a_name_like_a_formula_stays_a_name(browser: FlaskClient) -> None:
    xlsx = browser.post("/admin/exports", data={"kind": "members", "file": "xlsx", "columns": COLUMNS}).data
    text = browser.post("/admin/exports", data={"kind": "members", "file": "csv", "columns": COLUMNS}).data

    assert rows_of(xlsx)[2][1] == "=1+1"
    assert "<f>" not in part(xlsx, "xl/worksheets/sheet1.xml")
    assert 'quotePrefix="1"' in part(xlsx, "xl/styles.xml")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[2][1] == "'=1+1"
    assert text.startswith(b"\xef\xbb\xbf")


def test_records_of_a_period_and_teams_are_exported(
    browser: FlaskClient, hold: Callable[[datetime], None], now: datetime
) -> None:
    hold(now)
    days = {"first_on": "2026-09-15", "last_on": "2026-09-15"}

    records = rows_of(browser.post("/admin/exports", data={"kind": "records", "file": "xlsx", **days}).data)
    none = browser.post("/admin/exports", data={"kind": "records", "file": "xlsx", "first_on": "2026-09-16"})
    teams = rows_of(browser.post("/admin/exports", data={"kind": "teams", "file": "xlsx"}).data)

    assert [row[1] for row in records[1:]] == ["A001"]
    assert records[1][0] == date(2026, 9, 15)
    assert records[1][6] == datetime(2026, 9, 15, 10)  # noqa: DTZ001
    assert len(rows_of(none.data)) == 1
    assert [(row[0], row[5]) for row in teams[1:]] == [("FD01", 3)]


def test_a_dissolved_team_names_the_day_and_the_team_that_took_it_over(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    plan = TeamPlan("FD09", "第九分队", TeamLevel.DETACHMENT)
    gone = found_team(plan, cast.brigade.id, date(2026, 9, 1))
    dissolve_team(gone.id, cast.detachment.id, date(2026, 9, 20), now)

    rows = rows_of(sign_in(brigade_admin).post("/admin/exports", data={"kind": "teams", "file": "xlsx"}).data)

    assert rows[0][6:] == ["撤销日期", "承接队伍编码"]
    assert {row[0]: row[6:] for row in rows[1:]}["FD09"] == [date(2026, 9, 20), "FD01"]
    assert {row[0]: row[6:] for row in rows[1:]}["FD01"] == ["", ""]


def test_every_export_is_written_down_with_whom_it_was_about(browser: FlaskClient, cast: Cast) -> None:
    browser.post("/admin/exports", data={"kind": "members", "file": "csv", "columns": ["name"]})

    entry = db.session.execute(select(AccessEntry).where(AccessEntry.kind == "exported")).scalar_one()
    about = db.session.execute(select(AccessedMember.member_id)).scalars().all()
    assert (entry.admin_id, entry.count, entry.detail) == (cast.bob.id, 3, "members: name")
    assert cast.alice.id in about


def test_a_foreign_team_is_as_unknown_as_none_and_bad_dates_are_told(browser: FlaskClient) -> None:
    form = {"kind": "members", "file": "csv", "columns": ["name"]}

    assert browser.post("/admin/exports", data={**form, "team": "FD02"}).status_code == 404
    assert browser.post("/admin/exports", data={**form, "team": "NO"}).status_code == 404
    assert "格式填写日期" in browser.post("/admin/exports", data={**form, "first_on": "gestern"}).text
    backwards = {**form, "first_on": "2026-09-16", "last_on": "2026-09-15"}
    assert "不能晚于" in browser.post("/admin/exports", data=backwards).text
    assert "至少选一列" in browser.post("/admin/exports", data={"kind": "members", "file": "csv"}).text


TRAINING = {
    "name": "=急救培训",
    "content": "心肺复苏",
    "hours": "1.5",
    "organiser": "红十字会",
    "held_on": "2026-03-05",
    "volunteer_nos": "A001",
}
HONOUR = {"name": "优秀志愿者", "granted_on": "2026-03-05", "granting_unit": "区委", "volunteer_nos": "A001"}
MARCH = {"file": "xlsx", "first_on": "2026-03-01", "last_on": "2026-03-31"}


@pytest.fixture
def entered(browser: FlaskClient, cast: Cast, sign_in: SignIn) -> FlaskClient:
    """bob's browser; both teams have a training and a commendation, and one of bob's was voided."""
    client = sign_in(cast.charlie)
    client.post("/admin/training/new", data=TRAINING | {"volunteer_nos": "B001"})
    client.post("/admin/training/commendations/new", data=HONOUR | {"volunteer_nos": "B001"})
    client = sign_in(cast.bob)
    client.post("/admin/training/new", data=TRAINING)
    client.post("/admin/training/commendations/new", data=HONOUR)
    client.post("/admin/training/new", data=TRAINING | {"name": "作废的培训"})
    voided = db.session.execute(
        select(TrainingRecord).where(TrainingRecord.name == "作废的培训")
    ).scalar_one()
    client.post(f"/admin/training/{voided.id}/void")
    return client


def test_training_and_commendations_of_a_period_are_exported_from_the_own_teams_only(
    entered: FlaskClient,
) -> None:
    training = rows_of(entered.post("/admin/exports", data={"kind": "training", **MARCH}).data)
    honours = rows_of(entered.post("/admin/exports", data={"kind": "commendations", **MARCH}).data)
    april = {"kind": "training", "file": "xlsx", "first_on": "2026-04-01", "last_on": "2026-04-30"}

    assert training[0][:8] == [
        "日期",
        "志愿者编号",
        "姓名",
        "所属队伍",
        "培训名称",
        "主要内容",
        "学时",
        "组织单位",
    ]
    assert [row[:9] for row in training[1:]] == [
        [date(2026, 3, 5), "A001", "张三", "第一分队", "=急救培训", "心肺复苏", 1.5, "红十字会", "人工登记"]
    ]
    assert honours[0][4:6] == ["表彰奖励的名称", "授予单位"]
    assert [row[:6] for row in honours[1:]] == [
        [date(2026, 3, 5), "A001", "张三", "第一分队", "优秀志愿者", "区委"]
    ]
    assert len(rows_of(entered.post("/admin/exports", data=april).data)) == 1


def test_a_training_called_like_a_formula_stays_a_name_in_a_text_table(entered: FlaskClient) -> None:
    data = entered.post("/admin/exports", data={"kind": "training", **MARCH, "file": "csv"}).data

    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[1][:5] == ["2026-03-05", "A001", "张三", "第一分队", "'=急救培训"]


@pytest.mark.parametrize(("kind", "words"), [("training", "培训记录"), ("commendations", "表彰奖励")])
def test_who_exported_whose_entries_is_written_down_in_words(
    entered: FlaskClient, cast: Cast, kind: str, words: str
) -> None:
    entered.post("/admin/exports", data={"kind": kind, **MARCH})

    entry = db.session.execute(select(AccessEntry).where(AccessEntry.kind == "exported")).scalar_one()
    about = db.session.execute(
        select(AccessedMember.member_id).where(AccessedMember.entry_id == entry.id)
    ).scalars()
    assert (entry.admin_id, set(about)) == (cast.bob.id, {cast.alice.id})
    assert f"{words}：2026年3月1日 – 2026年3月31日" in entered.get("/admin/exports").text


def test_headings_are_in_the_language_of_the_page(sign_in: SignIn, cast: Cast) -> None:
    data = sign_in(cast.bob).post("/admin/exports?lang=en", data={"kind": "training", **MARCH}).data

    assert rows_of(data)[0][:7] == [
        "Date", "Volunteer number", "Name", "Team", "Training name", "Main content", "Learning hours",
    ]  # fmt: skip


def test_an_exported_training_list_is_understood_by_the_import(entered: FlaskClient) -> None:
    data = entered.post("/admin/exports", data={"kind": "training", **MARCH}).data

    preview = match(entered, upload(entered, data, "training", "training.xlsx"))

    assert "已经登记过，没有变化" in entered.get(f"{preview}?show=skipped").text


def test_records_name_place_content_organising_unit_and_person_in_charge(
    browser: FlaskClient, hold: Callable[[datetime], None], now: datetime, cast: Cast
) -> None:
    planned = Activity(
        name="文明出行", category="civil_travel", content="路口劝导", place="", organising_unit="",
        person_in_charge="赵六", station_id=cast.sender.station_id, team_id=cast.brigade.id,
        starts_at=now, ends_at=now + timedelta(hours=2),
    )  # fmt: skip
    db.session.add(planned)
    db.session.commit()
    hold(now)
    hold(now + timedelta(hours=2))
    hold(now + timedelta(hours=5))
    form = {"kind": "records", "file": "xlsx", "first_on": "2026-09-15", "last_on": "2026-09-15"}

    rows = rows_of(browser.post("/admin/exports", data=form).data)

    station = rows[1][4]
    assert rows[0][13:] == ["地点", "服务内容", "组织单位", "负责人"]
    assert rows[1][5] == "文明出行"
    assert rows[1][13:] == [station, "路口劝导", cast.brigade.name, "赵六"]
    assert rows[2][13:14] == [station]
    assert rows[2][15] == "第一分队"


def test_an_export_of_records_costs_the_same_however_many_activities_there_are(
    browser: FlaskClient, hold: Callable[[datetime], None], now: datetime, cast: Cast
) -> None:
    def cost() -> int:
        form = {"kind": "records", "file": "csv", "first_on": "2026-09-01", "last_on": "2026-09-30"}
        with counted_statements() as seen:
            browser.post("/admin/exports", data=form)
        return len(seen)

    def serve(day: int) -> None:
        at = now + timedelta(days=day)
        ends_at = at + timedelta(hours=1)
        station = {"station_id": cast.sender.station_id, "team_id": cast.detachment.id}
        db.session.add(
            Activity(name=f"活动{day}", category="warmth", starts_at=at, ends_at=ends_at, **station)
        )
        db.session.commit()
        hold(at)
        hold(ends_at)

    serve(0)
    few = cost()
    for day in range(1, 5):
        serve(day)

    assert cost() == few


CONTACTS = ["phone", "wechat", "email", "emergency", "emergency_phone"]


@pytest.fixture
def reached(browser: FlaskClient, cast: Cast, now: datetime) -> FlaskClient:
    """bob's browser; alice can be reached in every way, and so can somebody of charlie's team."""
    key = derive_contact_key("a secret for tests only")
    foreign = find_member("B001")
    assert foreign
    add_contact(foreign.id, ContactKind.EMAIL, "foreign@qq.com", "", key, now)
    for kind, text, note in (
        (ContactKind.PHONE, "13800138000", ""),
        (ContactKind.PHONE, "13900139000", "单位"),
        (ContactKind.WECHAT, "zhang_san", ""),
        (ContactKind.EMAIL, "zhang@qq.com", ""),
        (ContactKind.EMERGENCY, "13700137000", "李四"),
    ):
        add_contact(cast.alice.id, kind, text, note, key, now)
    return browser


def test_contacts_of_every_kind_are_exported_masked_and_written_down(
    reached: FlaskClient, cast: Cast
) -> None:
    form = {"kind": "members", "file": "xlsx", "columns": ["volunteer_no", *CONTACTS]}

    rows = rows_of(reached.post("/admin/exports", data=form).data)

    assert rows[0][1:] == [
        "电话（隐去中间）",
        "微信号（隐去中间）",
        "电子邮箱（隐去中间）",
        "紧急联系人",
        "紧急联系人电话（隐去中间）",
    ]
    assert rows[1] == ["A001", "138****8000", "zh****n", "z***@qq.com", "李四", "137****7000"]
    assert all(set(row[1:]) == {""} for row in rows[2:])
    entry = db.session.execute(select(AccessEntry).where(AccessEntry.kind == "exported")).scalar_one()
    assert (entry.admin_id, entry.count) == (cast.bob.id, 3)
    assert "紧急联系人电话（隐去中间）" in reached.get("/admin/exports").text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("file", ["xlsx", "csv"])
def test_an_exported_list_of_members_changes_nothing_when_it_comes_back(
    reached: FlaskClient, cast: Cast, file: str, language: str
) -> None:
    db.session.delete(db.session.execute(select(Member).where(Member.volunteer_no == "A002")).scalar_one())
    db.session.commit()
    key = derive_contact_key("a secret for tests only")
    before = list_files([cast.alice.id], key)
    form = {"kind": "members", "file": file, "columns": list(MEMBER_COLUMNS)}
    data = reached.post(f"/admin/exports?lang={language}", data=form).data

    address = upload(reached, data, "members", f"members.{file}")
    preview = match(reached, address, told="team")
    import_id = int(preview.rpartition("/")[2])

    counts = db.session.get_one(Import, import_id).counts
    assert counts == {"ready": 2, "new": {"units": []}, "effects": {"unchanged": 2}}
    reached.post(f"{preview}/write")
    assert list_files([cast.alice.id], key) == before
