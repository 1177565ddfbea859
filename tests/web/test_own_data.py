"""Taking the own data along: complete, in words and for machines, without secrets and without others."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.models.access_log import AccessEntry
from volunteer.models.activities import Activity, Participation
from volunteer.models.cards import Card
from volunteer.models.columns import Base
from volunteer.models.members import Member
from volunteer.models.registrations import Registration
from volunteer.models.stations import Terminal
from volunteer.queries.own_data import Rows, list_own_rows
from volunteer.services.cards import end_card
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members
from volunteer.services.settlements import settle_days
from volunteer.web.own_data_words import LABELS, TITLES, VALUES, WORDS, in_order, title_of

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
FILE = "/admin/members/A001/file"
NUMBER = "11010519491231002X"


@pytest.fixture
def filled(sign_in: SignIn, cast: Cast, hold: Hold, now: datetime) -> None:
    """alice has served, has a file, and has consented."""
    hold(now)
    hold(now + timedelta(hours=2))
    client = sign_in(cast.bob)
    file = {"name": "张三", "national_id": NUMBER, "skills": "急救", "free_time": ["6-morning"]}
    client.post(f"{FILE}/edit", data=file)
    client.post(f"{FILE}/contacts", data={"kind": "phone", "value": "13800001234", "note": ""})
    sign_in(cast.alice).post("/me/consents/given", data={"purpose": "photo"})


def test_the_json_file_holds_everything(filled: None, sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.alice).get("/me/data.json")

    content = json.loads(response.data)
    data = content["data"]
    assert (content["format"], content["privacy_notice_version"]) == ("volunteer-clock-own-data", 1)
    assert {"members", "people", "member_contacts", "member_skills", "member_free_times", "cards", "scans",
            "service_records", "consents", "access_log"} <= set(data)  # fmt: skip
    assert data["member_contacts"][0]["value"] == "13800001234"
    assert data["service_records"][0]["station"] == "龙城广场U站"
    assert data["service_records"][0]["minutes"] == 120
    assert [row["admin"] for row in data["access_log"]] == ["鲍勃", "鲍勃", None]
    assert response.headers["Cache-Control"] == "no-store"
    assert "A001.json" in response.headers["Content-Disposition"]


def test_it_holds_no_secret_and_no_readable_id_number(filled: None, sign_in: SignIn, cast: Cast) -> None:
    text = sign_in(cast.alice).get("/me/data.json").text

    member = db.session.get_one(Member, cast.alice.id)
    assert member.national_id_hash
    assert "110***********002X" in text
    for secret in (NUMBER, cast.token, member.national_id_hash, "_hash", "_sealed", "password", '"serial"'):
        assert secret not in text, secret


def test_it_holds_nothing_of_anybody_else(filled: None, sign_in: SignIn, cast: Cast, now: datetime) -> None:
    other = add_member("A002", "李四", "FD01", now)
    client = sign_in(other)
    client.post("/me/file/contacts", data={"kind": "phone", "value": "13900005678", "note": ""})

    text = client.get("/me/data.json").text

    assert "13900005678" in text
    for words in ("张三", "A001", "13800001234", "龙城广场"):
        assert words not in text


def test_the_pdf_says_it_in_words(filled: None, sign_in: SignIn, cast: Cast, tmp_path: Path) -> None:
    response = sign_in(cast.alice).get("/me/data.pdf")

    (tmp_path / "own.pdf").write_bytes(response.data)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "own.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout.replace(" ", "")
    for words in ("张三", "服务记录(1)", "龙城广场U站", "小时2.0", "急救", "13800001234", "周六", "使用照片",
                  "110***********002X", "修改个人资料"):  # fmt: skip
        assert words in text, words
    assert NUMBER not in text


def test_every_download_is_logged(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)
    client.get("/me/data.json")
    client.get("/me/data.pdf")

    entries = db.session.execute(select(AccessEntry).order_by(AccessEntry.id)).scalars().all()

    assert [(one.kind, one.detail, one.member_id) for one in entries] == [
        ("own_data", "JSON", cast.alice.id),
        ("own_data", "PDF", cast.alice.id),
    ]


def test_the_page_counts_what_is_stored(filled: None, sign_in: SignIn, cast: Cast) -> None:
    page = sign_in(cast.alice).get("/me/data").text

    assert "<dt>服务记录</dt><dd>1 条</dd>" in page
    assert "<dt>刷卡</dt><dd>2 条</dd>" in page


def test_what_was_merged_into_the_member_is_in_it(
    filled: None, sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    other = add_member("A002", "张三", "FD01", now)
    sign_in(other).post("/me/file/contacts", data={"kind": "phone", "value": "13900005678", "note": ""})
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    merge_members("A001", "A002", "同一个人", judge)

    data = json.loads(sign_in(cast.alice).get("/me/data.json").data)["data"]

    assert [row["volunteer_no"] for row in data["members"]] == ["A001", "A002"]
    assert [row["value"] for row in data["member_contacts"]] == ["13800001234", "13900005678"]


def test_nobody_is_in_it_without_a_sign_in(client: FlaskClient, cast: Cast) -> None:
    for address in ("/me/data", "/me/data.json", "/me/data.pdf"):
        assert client.get(address).location == "/me/sign-in"


def test_whatever_is_stored_with_a_members_id_is_in_it(filled: None, cast: Cast) -> None:
    found = list_own_rows([cast.alice.id])

    for table in Base.metadata.sorted_tables:
        column = table.c.get("member_id")
        if column is None or table.name in ("recovery_codes", "access_log_members"):
            continue
        stored = db.session.execute(select(table).where(column == cast.alice.id)).all()
        assert len(found.get(table.name, [])) >= len(stored), table.name


TRAINING = {"content": "手势", "hours": "1.5", "organiser": "交警大队", "held_on": "2026-03-05"}
HONOUR = {"name": "优秀志愿者", "granted_on": "2026-03-05", "granting_unit": "机关工委"}


@pytest.fixture
def served(filled: None, sign_in: SignIn, cast: Cast, now: datetime, app: Flask, tmp_path: Path) -> None:
    """alice joined by asking, was trained with proof, commended, took part, has a lost card, was merged."""
    app.config["EVIDENCE_FOLDER"] = tmp_path / "evidence"
    add_member("A002", "李四", "FD01", now)
    add_member("A003", "张三", "FD01", now)
    agreed = ["recording", "contact"]
    wish = {"name": "张三", "phone": "13800001234", "unit": "", "team": "FD01", "agreed": agreed}
    sign_in(cast.bob).application.test_client().post("/register", data=wish)
    asked = db.session.execute(select(Registration)).scalar_one()
    asked.member_id, asked.state, asked.decided_at, asked.phone_sealed = cast.alice.id, "approved", now, None
    activity = Activity(
        name="文明劝导", category="civil_travel", state="published", team_id=cast.detachment.id,
        starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, hours=2),
    )  # fmt: skip
    db.session.add(activity)
    db.session.flush()
    db.session.add(
        Participation(activity_id=activity.id, member_id=cast.alice.id, state="signed_up", state_at=now)
    )
    card_id = db.session.execute(select(Card.id).where(Card.member_id == cast.alice.id)).scalar_one()
    db.session.commit()
    end_card(card_id, CardState.LOST, now)
    bob = sign_in(cast.bob)
    for number, name in (("A001", "证书.pdf"), ("A001 A002", "张三李四.pdf")):
        file = (BytesIO(b"%PDF-1.7\n"), name)
        training = {**TRAINING, "name": name, "volunteer_nos": number, "evidence": file}
        bob.post("/admin/training/new", data=training)
    bob.post("/admin/training/commendations/new", data={**HONOUR, "volunteer_nos": "A001"})
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    merge_members("A001", "A003", "同一个人", judge)


def test_all_that_happens_to_a_member_is_in_both_files(
    served: None, sign_in: SignIn, cast: Cast, tmp_path: Path
) -> None:
    client = sign_in(cast.alice)

    data = json.loads(client.get("/me/data.json").data)["data"]
    (tmp_path / "own.pdf").write_bytes(client.get("/me/data.pdf").data)
    page = client.get("/me/data").text

    assert {
        "participations", "training_records", "commendations", "evidence_files", "member_contacts",
        "consents", "card_events", "registrations", "merges", "access_log", "member_events",
    } <= set(data)  # fmt: skip
    assert [row["name"] for row in data["evidence_files"]] == ["证书.pdf"]
    assert "stored_name" not in data["evidence_files"][0]
    assert "李四" not in json.dumps(data["evidence_files"], ensure_ascii=False)
    assert [row["kind"] for row in data["card_events"]] == ["issued", "lost"]
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "own.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout.replace(" ", "")
    for title in ("活动报名", "培训", "表彰奖励", "证明文件", "联系方式", "我的同意", "卡的变动", "加入申请",
                  "重复档案的合并", "谁查看过我的资料"):  # fmt: skip
        assert f"{title}(" in text, title
        assert f"<dt>{title}</dt>" in page, title
    assert "挂失" in text


def test_who_looked_at_a_merged_row_is_told_to_the_person(served: None, sign_in: SignIn, cast: Cast) -> None:
    sign_in(cast.bob).get("/admin/members/A003/consents")

    assert "查看同意书" in sign_in(cast.alice).get("/me/data").text


def test_no_kind_of_data_is_left_out_for_want_of_a_title(app: Flask) -> None:
    tables: dict[str, Rows] = {"something_new": [], "people": []}

    assert in_order(tables) == ["people", "something_new"]
    assert title_of("something_new") == "something_new"


def test_the_whole_id_number_is_written_only_where_the_member_asks_for_it(
    filled: None, sign_in: SignIn, cast: Cast, tmp_path: Path
) -> None:
    client = sign_in(cast.alice)

    masked, whole = client.get("/me/data.json").text, client.get("/me/data.json?whole=yes").text
    (tmp_path / "own.pdf").write_bytes(client.get("/me/data.pdf?whole=yes").data)

    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "own.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout
    assert NUMBER not in masked
    assert NUMBER in whole
    assert NUMBER in text
    assert "JSON，写出完整证件号码" in client.get("/me/data").text


def test_the_pdf_uses_the_words_of_the_pages(
    filled: None, app: Flask, sign_in: SignIn, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
    terminal.last_contact_at, terminal.pending = now + timedelta(days=2), 0
    db.session.commit()
    settle_days(now + timedelta(days=2), app.config["TIMEZONE"])

    (tmp_path / "own.pdf").write_bytes(sign_in(cast.alice).get("/me/data.pdf").data)

    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "own.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout.replace(" ", "")
    for words in ("台账(1)", "记入或冲正记入", "姓名张三", "状态已接收", "结果签到"):
        assert words in text, words
    for words in ("credit", "accepted", "checked_in", "名称张三"):
        assert words not in text, words


def test_every_kind_and_state_that_is_printed_has_words(app: Flask) -> None:
    tables = list_own_rows([0]).keys() | TITLES.keys()
    raw = [
        (table, column.name)
        for table in tables
        for column in Base.metadata.tables[table].columns
        if column.name in LABELS and str(column.type) == "VARCHAR(24)"
        if (table, column.name) not in WORDS.keys() | VALUES.keys()
    ]

    assert raw == []


def test_every_table_that_is_about_members_has_a_title() -> None:
    about = {table.name for table in Base.metadata.sorted_tables if "member_id" in table.c}

    assert about - TITLES.keys() == {"recovery_codes", "access_log_members"}
