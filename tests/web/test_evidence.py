"""Evidence files: known by their bytes, kept where nobody browses, and every download written down."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.training_records import EvidenceFile, TrainingRecord
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members
from volunteer.web.evidence import evidence_folder

SignIn = Callable[[object], FlaskClient]
FORM = {
    "name": "交通安全培训",
    "content": "手势和站位",
    "hours": "1.5",
    "organiser": "交警大队",
    "held_on": "2026-03-05",
    "volunteer_nos": "A001",
}
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path) -> Path:
    """Where evidence is kept during a test."""
    app.config["EVIDENCE_FOLDER"] = tmp_path / "evidence"
    return tmp_path / "evidence"


def send(client: FlaskClient, data: bytes, name: str, **change: str) -> int:
    """Enter the training with this file; how it was answered."""
    file = (BytesIO(data), name)
    return client.post("/admin/training/new", data={**FORM, **change, "evidence": file}).status_code


def kept() -> list[EvidenceFile]:
    return list(db.session.execute(select(EvidenceFile).order_by(EvidenceFile.id)).scalars())


def test_every_download_is_written_down_with_whom_the_file_is_about(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    other = add_member("A002", "李四", "FD01", now)
    bob = sign_in(cast.bob)
    send(bob, PDF, "签到表.pdf", volunteer_nos="A001 A002")

    bob.get(f"/admin/training/evidence/{kept()[0].id}")

    entry = db.session.execute(select(AccessEntry)).scalar_one()
    about = db.session.execute(select(AccessedMember.member_id)).scalars().all()
    assert (entry.admin_id, entry.kind, entry.count) == (cast.bob.id, "viewed_file", 2)
    assert set(about) == {cast.alice.id, other.id}
    assert f"证明文件 {kept()[0].id}" in bob.get("/admin/access-log").text
    assert "查看个人资料" in sign_in(cast.alice).get("/me/data").text


def test_the_members_own_download_is_written_down_too(sign_in: SignIn, cast: Cast) -> None:
    send(sign_in(cast.bob), PDF, "证书.pdf")

    sign_in(cast.alice).get(f"/me/training/evidence/{kept()[0].id}")

    entry = db.session.execute(select(AccessEntry)).scalar_one()
    assert (entry.member_id, entry.kind, entry.count) == (cast.alice.id, "own_data", 1)


def test_what_is_refused_or_gone_is_not_written_down(sign_in: SignIn, cast: Cast, folder: Path) -> None:
    send(sign_in(cast.bob), PDF, "证书.pdf")
    (one,) = kept()

    assert sign_in(cast.charlie).get(f"/admin/training/evidence/{one.id}").status_code == 404
    (folder / one.stored_name).unlink()
    assert sign_in(cast.bob).get(f"/admin/training/evidence/{one.id}").status_code == 404
    assert sign_in(cast.alice).get(f"/me/training/evidence/{one.id}").status_code == 404

    assert db.session.execute(select(AccessEntry)).first() is None


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<!DOCTYPE html><script>alert(1)</script>", "证书.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "图.png"),
        (b"PK\x03\x04" + PDF, "表.pdf"),
        (b"GIF89a" + PDF, "图.jpg"),
        (b" \n" + PDF, "表.pdf"),
        (b"%PDF", "短.pdf"),
        (b"", "空.pdf"),
    ],
)
def test_whatever_the_name_says_the_first_bytes_decide(
    sign_in: SignIn, cast: Cast, folder: Path, data: bytes, name: str
) -> None:
    assert send(sign_in(cast.bob), data, name) == 422
    assert kept() == []
    assert db.session.execute(select(TrainingRecord)).first() is None
    assert not folder.exists()


@pytest.mark.parametrize(
    ("data", "name", "shown", "media_type"),
    [
        (PDF + b"<script>alert(1)</script>", "证书.html", "证书.pdf", "application/pdf"),
        (PNG + b"<?php system($_GET['x']); ?>", "shell.php", "shell.png", "image/png"),
        (b"\xff\xd8\xff\xe0" + PDF, "both.pdf", "both.jpg", "image/jpeg"),
    ],
)
def test_a_file_that_is_two_things_leaves_as_what_it_begins_with_and_is_never_opened_here(
    sign_in: SignIn, cast: Cast, data: bytes, name: str, shown: str, media_type: str
) -> None:
    bob = sign_in(cast.bob)
    send(bob, data, name)

    response = bob.get(f"/admin/training/evidence/{kept()[0].id}")

    assert (kept()[0].name, response.mimetype, response.data) == (shown, media_type, data)
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "..\\..\\app.py", "/etc/cron.d/x.pdf", "a\x00b.pdf", "..", "."]
)
def test_the_name_is_never_a_path(sign_in: SignIn, cast: Cast, folder: Path, name: str) -> None:
    line = '--x\r\nContent-Disposition: form-data; name="'
    parts = [f'{line}{key}"\r\n\r\n{value}\r\n' for key, value in FORM.items()]
    # By hand: the test client would tidy what an attacker sends.
    head = f'{line}evidence"; filename="{name}"\r\n\r\n'
    body = "".join([*parts, head]).encode() + PDF + b"\r\n--x--\r\n"

    sign_in(cast.bob).post("/admin/training/new", data=body, content_type="multipart/form-data; boundary=x")

    (one,) = kept()
    assert [path.name for path in folder.parent.rglob("*") if path.is_file()] == [one.stored_name]
    assert one.stored_name.isalnum()
    assert (folder / one.stored_name).stat().st_mode & 0o777 == 0o600


def test_the_form_sent_twice_keeps_the_file_once_and_says_so(
    sign_in: SignIn, cast: Cast, folder: Path
) -> None:
    bob = sign_in(cast.bob)
    send(bob, PDF, "证书.pdf")

    send(bob, PDF, "证书.pdf")

    assert len(kept()) == len(list(folder.iterdir())) == 1
    assert "文件没有保存" in bob.get("/admin/training").text


def test_nothing_that_the_web_serves_lies_where_evidence_is_kept(app: Flask, client: FlaskClient) -> None:
    del app.config["EVIDENCE_FOLDER"]

    folder = evidence_folder()

    assert app.static_folder is not None
    assert not folder.is_relative_to(app.static_folder)
    assert not Path(app.static_folder).is_relative_to(folder)
    for address in (
        "/static/../instance/evidence/x",
        "/static/%2e%2e/instance/evidence/x",
        "/instance/evidence/x",
    ):
        assert client.get(address).status_code == 404


def test_a_file_is_openable_by_the_person_whose_rows_were_merged(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("A009", "张三", "FD01", now)
    send(sign_in(cast.bob), PDF, "证书.pdf", volunteer_nos="A001 A009")
    address = f"/me/training/evidence/{kept()[0].id}"
    before = sign_in(cast.alice).get(address).status_code

    merge_members(
        "A001", "A009", "重复登记", Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    )

    assert (before, sign_in(cast.alice).get(address).status_code) == (404, 200)
