"""Training records and commendations: entered, imported, confirmed from scans, proved, seen by the member."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast, installation
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.models.activities import Activity
from volunteer.models.members import Admin
from volunteer.models.training_records import Commendation, EvidenceFile, TrainingRecord
from volunteer.queries.members import get_member
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members

SignIn = Callable[[object], FlaskClient]
FORM = {
    "name": "交通安全培训",
    "content": "手势和站位",
    "hours": "1.5",
    "organiser": "交警大队",
    "held_on": "2026-03-05",
    "volunteer_nos": "a001",
}
HONOUR = {
    "name": "优秀志愿者",
    "granted_on": "2026-03-05",
    "granting_unit": "机关工委",
    "volunteer_nos": "A001",
}
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n"


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path) -> Path:
    """Where evidence is kept during a test."""
    app.config["EVIDENCE_FOLDER"] = tmp_path / "evidence"
    return tmp_path / "evidence"


def records() -> list[TrainingRecord]:
    db.session.rollback()
    return list(db.session.execute(select(TrainingRecord).order_by(TrainingRecord.id)).scalars())


def upload(data: bytes, name: str) -> tuple[BytesIO, str]:
    return BytesIO(data), name


def test_a_training_is_entered_for_many_and_seen_by_the_member(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("A002", "王五", "FD01", now)

    sign_in(cast.bob).post("/admin/training/new", data={**FORM, "volunteer_nos": "A001, a002\nA001"})

    kept = records()
    assert [one.learning_minutes for one in kept] == [90, 90]
    assert kept[0].held_on == date(2026, 3, 5)
    page = sign_in(cast.alice).get("/me/training").text
    for told in ("交通安全培训", "手势和站位", "1.5 学时", "交警大队", "2026年3月5日"):
        assert told in page


def test_what_is_entered_twice_is_kept_once(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    for _again in range(2):
        client.post("/admin/training/new", data=FORM)
        client.post("/admin/training/commendations/new", data=HONOUR)

    assert len(records()) == 1
    assert len(db.session.execute(select(Commendation)).all()) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "请填写培训名称"),
        ({"hours": "1.55"}, "学时应大于 0"),
        ({"hours": "0"}, "学时应大于 0"),
        ({"hours": "24.1"}, "一天的培训最多 24 学时"),
        ({"hours": "999"}, "一天的培训最多 24 学时"),
        ({"held_on": "2126-01-01"}, "2026-01-15 这样的格式"),
        ({"held_on": "2099-01-01"}, "日期不能晚于今天"),
        ({"volunteer_nos": " "}, "至少填写一位"),
        ({"volunteer_nos": "A001 B001"}, "没有找到这些编号，或不在您的管理范围内：B001"),
        ({"content": "长" * 501}, "最多 500 个字"),
    ],
)
def test_a_training_that_the_law_would_not_accept_is_refused(
    sign_in: SignIn, cast: Cast, now: datetime, change: dict[str, str], sentence: str
) -> None:
    add_member("B001", "李四", "FD02", now)

    response = sign_in(cast.bob).post("/admin/training/new", data={**FORM, **change})

    assert response.status_code == 422
    assert sentence in response.text
    assert records() == []


def test_an_admin_of_another_team_finds_nothing(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    client = sign_in(cast.bob)
    client.post("/admin/training/new", data={**FORM, "evidence": upload(PDF, "表.pdf")})
    client.post("/admin/training/commendations/new", data=HONOUR)
    training = Activity(
        name="培训",
        category="civil_travel",
        starts_at=now,
        ends_at=now + timedelta(hours=1),
        team_id=cast.detachment.id,
        is_training=True,
    )
    db.session.add(training)
    db.session.commit()

    other = sign_in(cast.charlie)

    for address in (
        "/admin/members/A001/training",
        "/admin/training/1/void",
        "/admin/training/commendations/1/void",
        "/admin/training/evidence/1",
        f"/admin/training/activities/{training.id}",
    ):
        assert other.get(address).status_code == 404, address
    assert other.post("/admin/training/1/void").status_code == 404
    assert "交通安全培训" not in other.get("/admin/training").text
    assert "优秀志愿者" not in other.get("/admin/training/commendations").text


def test_a_commendation_is_entered_and_seen_by_the_member(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    client.post("/admin/training/commendations/new", data=HONOUR)

    assert "优秀志愿者" in client.get("/admin/training/commendations?q=优秀").text
    assert "优秀志愿者" in client.get("/admin/members/A001/training").text
    page = sign_in(cast.alice).get("/me/training").text
    for told in ("优秀志愿者", "机关工委", "2026年3月5日"):
        assert told in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"granting_unit": ""}, "请填写表彰奖励的名称"), ({"granted_on": "x"}, "这样的格式填写日期")],
)
def test_a_commendation_without_its_fields_is_refused(
    sign_in: SignIn, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    response = sign_in(cast.bob).post("/admin/training/commendations/new", data={**HONOUR, **change})

    assert response.status_code == 422
    assert sentence in response.text


def test_what_is_voided_is_gone_from_pages_and_kept_in_the_table(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post("/admin/training/new", data=FORM)
    client.post("/admin/training/commendations/new", data=HONOUR)

    assert "作废的人和时间会留底" in client.get("/admin/training/1/void").text
    client.post("/admin/training/1/void")
    client.post("/admin/training/commendations/1/void")
    client.post("/admin/training/new", data=FORM)

    first, second = records()
    assert (first.voided_by_id, second.voided_at) == (cast.bob.id, None)
    assert "优秀志愿者" not in sign_in(cast.alice).get("/me/training").text


@pytest.mark.parametrize("typed", ["１．５", " 1.5 小时", "1.5课时"])
def test_learning_hours_are_understood_as_an_input_method_types_them(
    sign_in: SignIn, cast: Cast, typed: str
) -> None:
    sign_in(cast.bob).post("/admin/training/new", data={**FORM, "hours": typed})

    assert [one.learning_minutes for one in records()] == [90]


def test_who_scans_the_card_at_a_training_is_proposed_and_confirmed(
    sign_in: SignIn, cast: Cast, now: datetime, hold: Callable[[datetime], None]
) -> None:
    training = Activity(
        name="急救培训",
        category="warmth",
        starts_at=now,
        ends_at=now + timedelta(hours=2),
        station_id=cast.sender.station_id,
        team_id=cast.detachment.id,
        is_training=True,
        content="心肺复苏",
        organising_unit="红十字会",
    )
    db.session.add(training)
    db.session.commit()
    hold(now)
    client, address = sign_in(cast.bob), f"/admin/training/activities/{training.id}"

    assert "急救培训" in client.get("/admin/training").text
    page = client.get(address).text
    assert 'value="2.0"' in page
    form = {
        "name": "急救培训",
        "content": "心肺复苏",
        "hours": "2",
        "organiser": "红十字会",
        "held_on": "2026-09-15",
    }
    nobody = client.post(address, data=form)
    client.post(address, data={**form, "member": str(cast.alice.id)})

    assert nobody.status_code == 422
    (kept,) = records()
    assert (kept.member_id, kept.activity_id, kept.learning_minutes) == (cast.alice.id, training.id, 120)
    assert "没有待确认的人" in client.get(address).text
    assert "刷卡签到" in sign_in(cast.alice).get("/me/training").text


def test_nobody_is_confirmed_who_did_not_check_in(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    window = {"starts_at": now, "ends_at": now + timedelta(hours=2), "team_id": cast.detachment.id}
    training = Activity(name="急救培训", category="warmth", is_training=True, **window)
    db.session.add(training)
    db.session.commit()

    sign_in(cast.bob).post(
        f"/admin/training/activities/{training.id}",
        data={**FORM, "held_on": "2026-09-15", "member": str(cast.alice.id)},
    )

    assert records() == []


def test_evidence_is_kept_outside_and_downloaded_as_it_was(sign_in: SignIn, cast: Cast, folder: Path) -> None:
    client = sign_in(cast.bob)

    client.post("/admin/training/new", data={**FORM, "evidence": upload(PDF, "../../签到表.pdf")})

    kept = db.session.execute(select(EvidenceFile)).scalar_one()
    assert (folder / kept.stored_name).read_bytes() == PDF
    assert (kept.name, kept.media_type, len(kept.sha256)) == ("签到表.pdf", "application/pdf", 64)
    for address in ("/admin/training/evidence", "/me/training/evidence"):
        person = cast.bob if "admin" in address else cast.alice
        response = sign_in(person).get(f"{address}/{kept.id}")
        assert response.data == PDF
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.mimetype == "application/pdf"


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"<html><script>", "proof.pdf", "只能是 PDF、PNG 或 JPG"),
        (b"MZ\x90", "proof.png", "只能是 PDF、PNG 或 JPG"),
    ],
)
def test_only_documents_and_pictures_are_evidence(
    sign_in: SignIn, cast: Cast, folder: Path, data: bytes, name: str, sentence: str
) -> None:
    response = sign_in(cast.bob).post("/admin/training/new", data={**FORM, "evidence": upload(data, name)})

    assert response.status_code == 422
    assert sentence in response.text
    assert records() == []
    assert not folder.exists()


def test_a_large_file_is_no_evidence(sign_in: SignIn, cast: Cast, folder: Path) -> None:
    # Written out by hand: the test client would leave a temporary file of its own open.
    line = "--x\r\nContent-Disposition: form-data; name="
    parts = [f'{line}"{name}"\r\n\r\n{value}\r\n' for name, value in FORM.items()]
    head = f'{line}"evidence"; filename="a.pdf"\r\n\r\n'
    body = "".join([*parts, head]).encode() + PDF + bytes(5 * 1024 * 1024) + b"\r\n--x--\r\n"

    response = sign_in(cast.bob).post(
        "/admin/training/new", data=body, content_type="multipart/form-data; boundary=x"
    )

    assert response.status_code == 422
    assert "超过 5 MB" in response.text
    assert not folder.exists()


def test_a_file_about_others_too_is_not_shown_to_one_of_them(
    sign_in: SignIn, cast: Cast, now: datetime, brigade_admin: Admin
) -> None:
    add_member("B001", "李四", "FD02", now)
    form = {**FORM, "volunteer_nos": "A001 B001", "evidence": upload(PDF, "签到表.pdf")}

    sign_in(brigade_admin).post("/admin/training/new", data=form)

    evidence_id = db.session.execute(select(EvidenceFile.id)).scalar_one()
    assert sign_in(brigade_admin).get(f"/admin/training/evidence/{evidence_id}").status_code == 200
    assert sign_in(cast.bob).get(f"/admin/training/evidence/{evidence_id}").status_code == 404
    assert sign_in(cast.alice).get(f"/me/training/evidence/{evidence_id}").status_code == 404
    assert "签到表.pdf" not in sign_in(cast.alice).get("/me/training").text


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out(
    sign_in: SignIn, cast: Cast, folder: Path
) -> None:
    client = sign_in(cast.bob)
    client.post("/admin/training/new", data={**FORM, "evidence": upload(PDF, "a.pdf")})
    kept = db.session.execute(select(EvidenceFile)).scalar_one()

    (folder / kept.stored_name).write_bytes(PDF + b"more")

    assert client.get(f"/admin/training/evidence/{kept.id}").status_code == 404


def test_long_lists_take_few_statements(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    numbers = [f"A1{number:02}" for number in range(30)]
    for number in numbers:
        add_member(number, "王五", "FD01", now)
    client = sign_in(cast.bob)
    client.post("/admin/training/new", data={**FORM, "volunteer_nos": " ".join(numbers)})

    with counted_statements() as seen:
        page = client.get("/admin/training?q=交通").text

    assert "共 30 条" in page
    assert len([one for one in seen if one.startswith(("SELECT", "WITH"))]) <= 11


def test_what_a_merged_duplicate_was_trained_in_is_shown_with_the_kept_row(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("A009", "张三", "FD01", now)
    client = sign_in(cast.bob)
    client.post("/admin/training/new", data={**FORM, "volunteer_nos": "A009"})
    client.post("/admin/training/commendations/new", data={**HONOUR, "volunteer_nos": "A009"})

    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    merge_members("A001", "A009", "重复登记", judge)

    page = sign_in(cast.alice).get("/me/training").text
    assert "交通安全培训" in page
    assert "优秀志愿者" in page


@pytest.fixture
def twice(cast: Cast, hold: Callable[..., None], app: Flask, now: datetime) -> Activity:
    """A training at which alice held her card, then that of her second row; both are merged since."""
    window = {"starts_at": now, "ends_at": now + timedelta(hours=2), "team_id": cast.detachment.id}
    station = cast.sender.station_id
    training = Activity(name="急救培训", category="training", station_id=station, is_training=True, **window)
    db.session.add(training)
    db.session.commit()
    add_member("A009", "张三", "FD01", now)
    _, token = issue_card("A009", installation(app).keys, now)
    for minutes, card in ((0, None), (30, None), (45, token), (75, token)):
        hold(now + timedelta(minutes=minutes), card)
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now + timedelta(hours=2), now.date())
    merge_members("A001", "A009", "重复登记", judge)
    return training


def test_who_came_under_two_numbers_is_confirmed_as_one_person(
    sign_in: SignIn, cast: Cast, twice: Activity
) -> None:
    client, address = sign_in(cast.bob), f"/admin/training/activities/{twice.id}"

    listed, page = client.get("/admin/training").text, client.get(address).text
    chosen = re.findall(r'name="member" value="(\d+)"', page)
    client.post(address, data={**FORM, "name": "急救培训", "held_on": "2026-09-15", "member": chosen})

    assert "急救培训 · 1 人" in listed
    assert chosen == [str(cast.alice.id)]
    assert [one.member_id for one in records()] == [cast.alice.id]
    assert "没有待确认的人" in client.get(address).text
    assert "刷卡签到，待确认" not in client.get("/admin/training").text
    assert sign_in(cast.charlie).get(address).status_code == 404


def test_what_one_row_was_trained_in_is_not_entered_again_for_the_other(
    sign_in: SignIn, cast: Cast, twice: Activity
) -> None:
    client = sign_in(cast.bob)
    entered = {**FORM, "name": "急救培训", "held_on": "2026-09-15"}
    client.post("/admin/training/new", data={**entered, "volunteer_nos": "A009"})

    client.post("/admin/training/new", data={**entered, "volunteer_nos": "A009 A001"})
    client.post("/admin/training/new", data={**FORM, "volunteer_nos": "A009 A001"})
    chosen = {**entered, "member": str(cast.alice.id)}
    client.post(f"/admin/training/activities/{twice.id}", data=chosen)

    kept = [(one.name, one.member_id, one.activity_id) for one in records()]
    twin = get_member("A009").id
    assert kept == [("急救培训", twin, twice.id), ("交通安全培训", cast.alice.id, None)]
    assert "没有待确认的人" in client.get(f"/admin/training/activities/{twice.id}").text
