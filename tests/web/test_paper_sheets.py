"""Paper sheets: typed in by bob, approved by dora in one press."""

import io
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast, installation
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.domain.activities import Category
from volunteer.domain.participations import ParticipationState
from volunteer.domain.roles import Role
from volunteer.domain.scans import Medium, Reading
from volunteer.models.activities import Activity, Participation
from volunteer.models.admins import Appointment
from volunteer.models.corrections import Correction, PaperSheet
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.scans import take_scans

ZONE = ZoneInfo("Asia/Shanghai")
SignIn = Callable[[object], FlaskClient]
YESTERDAY = datetime.combine(datetime.now(ZONE).date() - timedelta(days=1), time(), ZONE)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def people(cast: Cast, app: Flask, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    monkeypatch.setitem(app.config, "EVIDENCE_FOLDER", tmp_path)
    link(cast.bob, "B001", "FD01", now)
    for number, name in (("A002", "李四"), ("A003", "王五"), ("A004", "王五")):
        add_member(number, name, "FD01", now)
    return cast


@pytest.fixture
def dora(people: Cast, now: datetime) -> Admin:
    return add_linked_admin("dora", "朵拉", people.brigade, now)


def address() -> str:
    station = db.session.execute(select(Station.id)).scalar_one()
    return f"/admin/paper-sheets/new?station={station}&day={YESTERDAY.date()}"


def sheet(*rows: tuple[str, str, str]) -> dict[str, object]:
    return {name: [row[index] for row in rows] for index, name in enumerate(("who", "came", "left"))}


def entered() -> list[Correction]:
    statement = select(Correction).order_by(Correction.id).execution_options(populate_existing=True)
    return list(db.session.execute(statement).scalars())


def minutes() -> list[int]:
    return list(db.session.execute(select(ServiceRecord.minutes).order_by(ServiceRecord.id)).scalars())


def test_a_sheet_is_typed_in_and_approved_in_one_press(sign_in: SignIn, people: Cast, dora: Admin) -> None:
    bob = sign_in(people.bob)
    rows = sheet(("a001 张三", "8", "1030"), ("李四", "8：30", "10点半"), ("A003", "", ""), ("", "", ""))
    file = (io.BytesIO(PNG), "签到表.png")

    made = bob.post(address(), data={**rows, "evidence": file})
    ids = [str(one.id) for one in entered()]
    denied = bob.post(f"{made.location}/approve", data={"row": ids})
    page = sign_in(dora).get(made.location).text
    sign_in(dora).post(f"{made.location}/approve", data={"row": ids})

    assert [(one.kind, one.proof, one.reason) for one in entered()] == [("paper", "paper", "纸质签到表")] * 2
    assert (denied.status_code, "三个不同的人" in denied.text) == (422, True)
    assert page.count("checked") == 2
    assert "纸质" in page
    assert minutes() == [150, 120]
    assert {one.state for one in entered()} == {"approved"}
    photo = sign_in(dora).get(f"/admin/corrections/{ids[0]}/evidence")
    assert photo.data == PNG


def test_a_row_can_be_left_out_and_decided_alone(sign_in: SignIn, people: Cast, dora: Admin) -> None:
    made = sign_in(people.bob).post(address(), data=sheet(("A001", "8", "10"), ("A002", "8", "11")))
    first, second = entered()

    sign_in(dora).post(f"{made.location}/approve", data={"row": [str(first.id)]})
    nothing = sign_in(dora).post(f"{made.location}/approve", data={})

    assert minutes() == [120]
    assert (nothing.status_code, "请至少选择一行" in nothing.text) == (422, True)
    sign_in(dora).post(f"/admin/corrections/{second.id}/reject", data={"reply": "照片上没有"})
    assert [one.state for one in entered()] == ["approved", "rejected"]
    assert "行待审核" not in sign_in(dora).get("/admin/paper-sheets").text


def test_either_all_rows_are_kept_or_none_and_each_says_what_is_wrong(sign_in: SignIn, people: Cast) -> None:
    rows = (
        ("A001", "8", "10"),
        ("王五", "8", "10"),
        ("赵六", "8", "10"),
        ("A002", "8", ""),
        ("", "8", "10"),
        ("A001", "9", "11"),
        ("B001", "8", "10"),
        ("A002", "25", "26"),
    )

    response = sign_in(people.bob).post(address(), data=sheet(*rows))

    wrong = dict(re.findall(r"第 (\d+) 行：([^<]+)</p>", response.text))
    assert response.status_code == 422
    assert "有 7 行需要修改" in response.text
    assert wrong["2"].startswith("有 2 位叫“王五”")
    assert wrong["3"].startswith("没有找到“赵六”")
    assert wrong["4"].startswith("请填写到达和离开的时间")
    assert wrong["5"].startswith("请填写志愿者编号或姓名")
    assert wrong["6"].startswith("与第 1 行是同一个人")
    assert "三个不同的人" in wrong["7"]
    assert "看不懂时间“25”" in wrong["8"]
    assert 'value="赵六"' in response.text
    assert entered() == []
    assert db.session.execute(select(PaperSheet)).first() is None


def test_an_empty_sheet_says_so_and_rows_can_be_added(sign_in: SignIn, people: Cast) -> None:
    bob = sign_in(people.bob)

    empty = bob.post(address(), data=sheet(("A001", "", "")))
    more = bob.post(address(), data={**sheet(*[("A001", "8", "10")] * 12), "more": "1"})

    assert (empty.status_code, "还没有填写任何一行" in empty.text) == (422, True)
    assert (more.status_code, more.text.count('name="who"')) == (200, 22)
    assert entered() == []


def test_the_participants_of_an_activity_stand_there_already(
    sign_in: SignIn, people: Cast, dora: Admin, now: datetime
) -> None:
    one = Activity(
        name="文明劝导",
        category=Category.CIVIL_TRAVEL,
        station_id=db.session.execute(select(Station.id)).scalar_one(),
        starts_at=YESTERDAY + timedelta(hours=8),
        ends_at=YESTERDAY + timedelta(hours=10),
        team_id=people.detachment.id,
    )
    db.session.add(one)
    db.session.flush()
    db.session.add(
        Participation(
            activity_id=one.id, member_id=people.alice.id, state=ParticipationState.SIGNED_UP, state_at=now
        )
    )
    db.session.commit()
    bob, path = sign_in(people.bob), f"/admin/paper-sheets/new?activity={one.id}"
    page = bob.get(path).text

    outside = bob.post(path, data=sheet(("A001", "8", "13")))
    made = bob.post(path, data=sheet(("A001", "8", "10")))

    assert 'value="A001 张三"' in page
    assert (outside.status_code, "只能从" in outside.text) == (422, True)
    assert entered()[0].activity_id == one.id
    assert "文明劝导" in sign_in(dora).get(made.location).text
    assert sign_in(people.bob).get("/admin/paper-sheets/new?activity=99").status_code == 404


def test_a_stranger_finds_no_sheet(sign_in: SignIn, people: Cast, dora: Admin) -> None:
    made = sign_in(people.bob).post(address(), data=sheet(("A001", "8", "10")))
    charlie = sign_in(people.charlie)

    assert charlie.get(made.location).status_code == 404
    assert charlie.post(f"{made.location}/approve", data={"row": ["1"]}).status_code == 404
    assert "共 0 张" in charlie.get("/admin/paper-sheets").text
    unknown = charlie.post(address(), data=sheet(("A001", "8", "10")))
    assert (unknown.status_code, "没有找到“A001”" in unknown.text) == (422, True)
    assert "共 1 张" in sign_in(dora).get("/admin/paper-sheets").text


def test_one_row_that_cannot_be_stops_the_whole_press_and_is_named(
    app: Flask, sign_in: SignIn, people: Cast, dora: Admin
) -> None:
    made = sign_in(people.bob).post(address(), data=sheet(("A001", "8", "10"), ("A002", "8", "10")))
    ids = [str(one.id) for one in entered()]
    add_record(app, people)

    refused = sign_in(dora).post(f"{made.location}/approve", data={"row": ids})

    assert refused.status_code == 422
    assert "李四（A002）：与另一条记录的时间重叠" in refused.text
    assert {one.state for one in entered()} == {"proposed"}


def add_record(app: Flask, people: Cast) -> None:
    """A measured record of A002 meanwhile, as a late scan would leave it."""
    here = installation(app)
    _, token = issue_card("A002", here.keys, YESTERDAY)
    for hour in (8, 9):
        at = YESTERDAY + timedelta(hours=hour, minutes=15)
        take_scans(people.sender, [Reading(uuid4(), token, Medium.QR, at, None)], here, at)


def test_a_stations_leader_enters_people_of_any_team_but_decides_nothing(
    sign_in: SignIn, people: Cast, dora: Admin, now: datetime
) -> None:
    add_member("F001", "别队的人", "FD02", now)
    leader = add_linked_admin("lily", "莉莉", people.other, now)
    station = db.session.execute(select(Station.id)).scalar_one()
    db.session.query(Appointment).filter_by(admin_id=leader.id).update(
        {"role": Role.STATION_LEADER, "team_id": None, "station_id": station}
    )
    db.session.commit()
    lily = sign_in(leader)

    made = lily.post(address(), data=sheet(("F001", "8", "10"), ("A001", "8", "10")))

    assert made.status_code == 302
    assert "别队的人" in lily.get(made.location).text
    assert lily.post(f"{made.location}/approve", data={}).status_code == 403
    assert "张三" in sign_in(people.bob).get(made.location).text
    assert "别队的人" not in sign_in(people.bob).get(made.location).text
