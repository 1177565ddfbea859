"""Erasure: asked for by the member, decided by an admin of the team; what the law keeps stays."""

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import Cast
from tests.web.test_imports import match, upload
from volunteer.db import db
from volunteer.domain.erasures import legal_until
from volunteer.models.access_log import AccessEntry
from volunteer.models.erasures import ErasureRequest
from volunteer.models.imports import Import, ImportRow
from volunteer.models.members import Member
from volunteer.models.people import MemberContact, MemberSkill, Person
from volunteer.models.records import ServiceRecord
from volunteer.models.registrations import Registration
from volunteer.models.scans import StoredScan
from volunteer.models.training_records import EvidenceFile, TrainingRecord

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
NUMBER = "11010519491231002X"
FILE = "/admin/members/A001/file"
ALL = ["contacts", "skills", "particulars", "national_id"]


@pytest.fixture
def filled(sign_in: SignIn, cast: Cast) -> None:
    """alice's file holds something of every kind."""
    client = sign_in(cast.bob)
    client.post(f"{FILE}/edit", data={"name": "张三", "national_id": NUMBER, "skills": "急救"})
    client.post(f"{FILE}/contacts", data={"kind": "phone", "value": "13800001234", "note": ""})


def ask(sign_in: SignIn, cast: Cast, parts: list[str]) -> int:
    """alice asks for these parts to be erased; the id of her request."""
    sign_in(cast.alice).post("/me/data", data={"part": parts, "reason": "不再需要"})
    return (
        db.session.execute(select(ErasureRequest.id).order_by(ErasureRequest.id.desc())).scalars().first()
        or 0
    )


def count(table: type) -> int:
    """How many rows the table holds."""
    return db.session.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_granted_request_erases_the_file_and_keeps_the_records(
    filled: None, sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    hold(now)
    request_id = ask(sign_in, cast, ALL)
    client = sign_in(cast.bob)

    listed = client.get("/admin/erasures").text
    shown = client.get(f"/admin/erasures/{request_id}").text
    client.post(f"/admin/erasures/{request_id}", data={"decision": "granted", "reply": "已删除"})

    assert "张三" in listed
    assert "不再需要" in shown
    assert [count(table) for table in (Person, MemberContact, MemberSkill)] == [0, 0, 0]
    member = db.session.get_one(Member, cast.alice.id, populate_existing=True)
    assert (member.national_id_sealed, member.national_id_hash, member.name) == (None, None, "张三")
    assert [count(table) for table in (ServiceRecord, StoredScan)] == [1, 1]
    entry = db.session.execute(select(AccessEntry).order_by(AccessEntry.id.desc())).scalars().first()
    assert entry is not None
    assert (entry.kind, entry.detail) == ("erased", "done")


def test_only_what_was_asked_for_is_erased(filled: None, sign_in: SignIn, cast: Cast) -> None:
    request_id = ask(sign_in, cast, ["skills"])

    sign_in(cast.bob).post(f"/admin/erasures/{request_id}", data={"decision": "granted", "reply": ""})

    assert [count(table) for table in (Person, MemberContact, MemberSkill)] == [1, 1, 0]


def test_a_refusal_needs_its_reason_and_reaches_the_member(filled: None, sign_in: SignIn, cast: Cast) -> None:
    request_id = ask(sign_in, cast, ALL)
    client = sign_in(cast.bob)

    silent = client.post(f"/admin/erasures/{request_id}", data={"decision": "refused", "reply": " "})
    client.post(f"/admin/erasures/{request_id}", data={"decision": "refused", "reply": "正在办理保险"})

    assert silent.status_code == 422
    assert "请写明理由" in silent.text
    assert count(MemberContact) == 1
    page = sign_in(cast.alice).get("/me/data").text
    assert "未同意" in page
    assert "答复：正在办理保险" in page


def test_a_request_is_decided_once(filled: None, sign_in: SignIn, cast: Cast) -> None:
    request_id = ask(sign_in, cast, ["skills"])
    client = sign_in(cast.bob)
    client.post(f"/admin/erasures/{request_id}", data={"decision": "refused", "reply": "不"})

    again = client.post(f"/admin/erasures/{request_id}", data={"decision": "granted", "reply": ""})

    assert again.status_code == 422
    assert "已经处理过了" in again.text
    assert count(MemberSkill) == 1


def test_one_request_waits_at_a_time_and_can_be_taken_back(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)
    client.post("/me/data", data={"part": ["skills"]})

    second = client.post("/me/data", data={"part": ["contacts"]})
    client.post("/me/data/take-back")
    page = client.get("/me/data").text
    nothing = client.post("/me/data/take-back")

    assert second.status_code == 422
    assert "已有一份删除申请" in second.text
    assert "已撤回" in page
    assert nothing.status_code == 404


def test_a_request_must_name_something(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)

    empty = client.post("/me/data", data={"reason": "x"})

    assert empty.status_code == 422
    assert "请选择要删除的内容" in empty.text
    assert client.post("/me/data", data={"part": ["records"]}).status_code == 400


def test_the_page_says_what_the_law_keeps_and_until_when(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    before = sign_in(cast.alice).get("/me/data").text
    hold(now)

    page = sign_in(cast.alice).get("/me/data").text

    assert "至少保存 10 年" in page
    assert "第 67 号" in page
    assert "一同保存" in page
    assert "至少保存到" not in before
    assert "2026年9月15日 的，至少保存到 2036年9月15日" in page


def test_what_could_recognise_the_telephone_of_the_wish_to_join_goes_with_the_contacts(
    filled: None, client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    agreed = ["recording", "contact"]
    wish = {"name": "张三", "phone": "13800001234", "unit": "", "team": "FD01", "agreed": agreed}
    client.post("/register", data=wish)
    sign_in(cast.bob).post("/admin/registrations/1", data={"decision": "approve", "volunteer_no": "A007"})
    asked = db.session.execute(select(Registration)).scalar_one()
    asked.member_id, digest = cast.alice.id, asked.phone_hash
    db.session.commit()
    request_id = ask(sign_in, cast, ["contacts"])

    sign_in(cast.bob).post(f"/admin/erasures/{request_id}", data={"decision": "granted", "reply": ""})

    db.session.expire_all()
    assert (asked.phone_sealed, asked.phone_ending) == (None, "")
    assert asked.phone_hash != digest
    assert asked.name == "张三"


def test_training_commendations_and_what_proves_them_are_kept(
    filled: None, sign_in: SignIn, cast: Cast, app: Flask, tmp_path: Path
) -> None:
    app.config["EVIDENCE_FOLDER"] = tmp_path / "evidence"
    training = {"name": "急救培训", "content": "心肺复苏", "hours": "2", "organiser": "红十字会"}
    file = {
        "evidence": (BytesIO(b"%PDF-1.7\n"), "证书.pdf"),
        "volunteer_nos": "A001",
        "held_on": "2026-03-05",
    }
    sign_in(cast.bob).post("/admin/training/new", data=training | file)
    request_id = ask(sign_in, cast, ALL)

    sign_in(cast.bob).post(f"/admin/erasures/{request_id}", data={"decision": "granted", "reply": ""})

    assert [count(table) for table in (TrainingRecord, EvidenceFile)] == [1, 1]
    assert len(list((tmp_path / "evidence").iterdir())) == 1
    assert "急救培训" in sign_in(cast.alice).get("/me/training").text


def test_ten_years_from_a_leap_day_end_on_the_day_after() -> None:
    assert legal_until(date(2026, 9, 15)) == date(2036, 9, 15)
    assert legal_until(date(2028, 2, 29)) == date(2038, 3, 1)


def test_charlie_neither_sees_nor_decides(filled: None, sign_in: SignIn, cast: Cast) -> None:
    request_id = ask(sign_in, cast, ALL)
    client = sign_in(cast.charlie)

    assert "张三" not in client.get("/admin/erasures").text
    assert client.get(f"/admin/erasures/{request_id}").status_code == 404
    form = {"decision": "granted", "reply": ""}
    assert client.post(f"/admin/erasures/{request_id}", data=form).status_code == 404
    assert count(MemberContact) == 1


DATA = "/admin/members/A001/data"


def test_who_does_not_go_online_asks_at_an_admins_desk_and_is_told(
    filled: None, sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.bob)
    shown = client.get(DATA).text

    client.post(DATA, data={"part": ["contacts"], "reason": "本人当面提出"})

    request_row = db.session.execute(select(ErasureRequest)).scalar_one()
    entry = db.session.execute(select(AccessEntry).order_by(AccessEntry.id.desc())).scalars().first()
    assert "本人当面提出</textarea>" in shown
    assert (request_row.parts, request_row.reason, request_row.state) == (
        ["contacts"], "本人当面提出", "waiting"
    )  # fmt: skip
    assert entry is not None
    assert (entry.kind, entry.detail) == ("erased", "asked_in_person")
    assert "处理删除申请" in client.get(DATA).text
    member = sign_in(cast.alice)
    assert "管理员鲍勃按您当面提出的要求" in member.get("/me/messages").text
    assert "按本人当面要求提出" in member.get("/me/data").text


def test_a_request_at_the_desk_must_name_something_and_only_one_waits(
    filled: None, sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.bob)

    empty = client.post(DATA, data={"reason": "x"})
    client.post(DATA, data={"part": ["skills"], "reason": "x"})
    second = client.post(DATA, data={"part": ["skills"], "reason": "x"})

    assert (empty.status_code, second.status_code) == (422, 422)
    assert "请选择要删除的内容" in empty.text
    assert "已有一份删除申请" in second.text
    assert client.post(DATA, data={"part": ["records"]}).status_code == 400


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF-"), ("json", b"{")])
def test_the_own_data_are_taken_for_the_member_and_the_look_is_logged(
    filled: None, sign_in: SignIn, cast: Cast, kind: str, start: bytes
) -> None:
    response = sign_in(cast.bob).get(f"{DATA}.{kind}")

    entry = db.session.execute(select(AccessEntry).order_by(AccessEntry.id.desc())).scalars().first()
    assert response.data.startswith(start)
    assert response.headers["Cache-Control"] == "no-store"
    assert b"11010519491231002X" not in response.data
    assert entry is not None
    assert (entry.kind, entry.detail, entry.admin_id) == ("own_data", kind.upper(), cast.bob.id)


def test_charlie_neither_takes_nor_asks_for_anybody_elsewhere(
    filled: None, sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.charlie)

    answers = [client.get(DATA), client.get(f"{DATA}.pdf"), client.get(f"{DATA}.json")]
    answers.append(client.post(DATA, data={"part": ["skills"], "reason": "x"}))

    assert {one.status_code for one in answers} == {404}
    assert count(ErasureRequest) == 0


def test_the_rows_of_imports_that_brought_the_id_number_go_with_it(
    filled: None, app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.bob)
    data = "编号,姓名,身份证号\nA001,张三,11010519491231002X\n1002,李四,\n".encode()
    preview = match(client, upload(client, data))
    client.post(f"{preview}/write")
    request_id = ask(sign_in, cast, ["national_id"])

    sign_in(cast.bob).post(f"/admin/erasures/{request_id}", data={"decision": "granted", "reply": ""})

    db.session.expire_all()
    one = db.session.execute(select(Import)).scalar_one()
    assert db.session.execute(select(ImportRow.key)).scalars().all() == ["1002"]
    assert (one.state, one.sealed_file, one.sealed_samples) == ("done", None, None)
    assert sign_in(cast.bob).get(preview).status_code == 200
