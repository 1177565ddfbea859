"""Taking the own data along: complete, in words and for machines, without secrets and without others."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.models.access_log import AccessEntry
from volunteer.models.columns import Base
from volunteer.models.members import Member
from volunteer.queries.own_data import list_own_rows
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members

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
    client.post(f"{FILE}/edit", data={"national_id": NUMBER, "skills": "急救", "free_time": ["6-morning"]})
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
        if column is None or table.name in ("recovery_codes", "second_factors", "access_log_members"):
            continue
        stored = db.session.execute(select(table).where(column == cast.alice.id)).all()
        assert len(found.get(table.name, [])) >= len(stored), table.name
