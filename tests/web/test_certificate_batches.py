"""Certificates for a whole team: begun once, made by the job, resumed, taken along as one file."""

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.web.certified import FORM, JUNE, SUMMER, credit
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.jobs import JobName
from volunteer.jobs import run_job
from volunteer.models.access_log import AccessEntry
from volunteer.models.certificates import Certificate, CertificateBatch
from volunteer.models.members import Admin, Member
from volunteer.services import certificates as certificates_service
from volunteer.services.certificates import continue_batches
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members
from volunteer.web.admin import certificate_batches as views
from volunteer.web.certificates import draw_certificate

SignIn = Callable[[object], FlaskClient]
BATCHES = "/admin/certificates/batches"
TEAM = {"team": "FD01", **SUMMER, **FORM}
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture
def crew(cast: Cast, now: datetime) -> list[Member]:
    """alice and three more of her detachment served in June, one of them rarely; one of charlie's did too."""
    members = [add_member(f"B{number:03}", f"李四{number}", "FD01", now) for number in range(3)]
    for member in (cast.alice, *members):
        credit(cast, 60, member=member)
    credit(cast, 60, member=add_member("C001", "王五", "FD02", now))
    add_member("B009", "没有服务", "FD01", now)
    return members


def work(app: Flask, now: datetime = NOW) -> int:
    return run_job(JobName.CERTIFY, now, app.config["TIMEZONE"])


def issued() -> list[str]:
    db.session.rollback()
    statement = select(Member.volunteer_no).join(Certificate, Certificate.member_id == Member.id)
    return list(db.session.execute(statement.order_by(Member.volunteer_no)).scalars())


def test_the_page_says_for_how_many_and_changes_nothing(
    sign_in: SignIn, cast: Cast, crew: list[Member]
) -> None:
    page = sign_in(cast.bob).get(BATCHES, query_string={"team": "FD01", **SUMMER}).text

    assert "有已结算时长的有 4 人" in page
    assert (
        "没有人有已结算"
        in sign_in(cast.bob).get(f"{BATCHES}?team=FD01&first_on=2020-01-01&last_on=2020-01-31").text
    )
    assert db.session.query(CertificateBatch).count() == 0


def test_everybody_of_the_team_gets_one_and_all_come_in_one_file(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member]
) -> None:
    client = sign_in(cast.bob)
    addresses = {client.post(BATCHES, data=TEAM).location for _ in range(2)}
    (address,) = addresses
    assert "已出具 0 份，共 4 份" in client.get(address).text
    assert client.get(f"{address}/certificates.zip").status_code == 404

    assert work(app) == 4

    assert issued() == ["A001", "B000", "B001", "B002"]
    assert "出具了 4 份" in client.get(address).text
    response = client.get(f"{address}/certificates.zip")
    archive = zipfile.ZipFile(BytesIO(response.data))
    kept = db.session.execute(select(Certificate).order_by(Certificate.id)).scalars().all()
    assert [name.split("-")[0] for name in archive.namelist()] == ["A001", "B000", "B001", "B002"]
    assert [archive.read(name) for name in archive.namelist()] == [one.document for one in kept]
    assert {(one.handler, one.issued_by_id, one.batch_id) for one in kept} == {("王芳", cast.bob.id, 1)}
    assert response.headers["Cache-Control"] == "no-store"
    assert work(app) == 0


def test_beginning_and_taking_along_are_logged_for_everybody_in_it(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member]
) -> None:
    client = sign_in(cast.bob)
    address = client.post(BATCHES, data=TEAM).location
    work(app)
    client.get(f"{address}/certificates.zip")

    rows = db.session.execute(select(AccessEntry.kind, AccessEntry.count).order_by(AccessEntry.id)).all()

    assert [tuple(row) for row in rows] == [("certified", 4), ("took_certificate", 4)]


def test_an_interrupted_batch_goes_on_where_it_was(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(cast.bob)
    address = client.post(BATCHES, data=TEAM).location
    drawn = []

    def dying(content: Any, code: str) -> bytes:
        drawn.append(content["volunteer_no"])
        if len(drawn) == 3:
            raise OSError("no space left")
        return draw_certificate(content, code)

    with pytest.raises(OSError, match="no space left"):
        continue_batches(dying, NOW, app.config["TIMEZONE"])
    assert issued() == ["A001", "B000"]
    assert "已出具 2 份，共 4 份" in client.get(address).text

    monkeypatch.setattr(certificates_service, "AT_ONCE", 1)
    assert [work(app) for _ in range(4)] == [1, 1, 0, 0]
    assert issued() == ["A001", "B000", "B001", "B002"]


def test_two_workers_give_nobody_two(app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member]) -> None:
    sign_in(cast.bob).post(BATCHES, data=TEAM)
    zone, is_inside = app.config["TIMEZONE"], []

    def overtaken(content: Any, code: str) -> bytes:
        if not is_inside:
            is_inside.append(True)
            continue_batches(draw_certificate, NOW, zone)
        return draw_certificate(content, code)

    continue_batches(overtaken, NOW, zone)

    assert issued() == ["A001", "B000", "B001", "B002"]
    batch = db.session.execute(select(CertificateBatch)).scalar_one()
    assert (batch.done, batch.waiting, batch.skipped) == (4, [], [])


def test_the_admins_own_is_named_with_the_reason_and_a_rare_name_is_no_reason(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member]
) -> None:
    cast.bob.member_id = cast.alice.id
    db.session.get_one(Member, crew[0].id).name = "张\ue000"
    db.session.commit()
    client = sign_in(cast.bob)
    address = client.post(BATCHES, data=TEAM).location

    assert work(app) == 4

    assert issued() == ["B000", "B001", "B002"]
    page = client.get(address).text
    assert "出具了 3 份" in page
    assert "不能给自己出具" in page
    assert "U+E000" not in page


def test_merged_rows_get_one_certificate_and_who_left_gets_none(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member], now: datetime
) -> None:
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    merge_members("B000", "B001", "同一个人", judge)
    db.session.get_one(Member, crew[2].id).status = "left"
    db.session.commit()

    sign_in(cast.bob).post(BATCHES, data=TEAM)
    work(app)

    assert issued() == ["A001", "B000"]
    merged = db.session.execute(select(Certificate).where(Certificate.member_id == crew[0].id)).scalar_one()
    assert merged.metered_minutes == 120


def test_time_that_was_taken_back_entitles_nobody(sign_in: SignIn, cast: Cast) -> None:
    from tests.web.certified import take_back

    take_back(credit(cast, 60))

    response = sign_in(cast.bob).post(BATCHES, data=TEAM)

    assert response.status_code == 422
    assert "没有人有已结算的服务时长" in response.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"handler": ""}, "请填写出具单位、经办人和负责人"),
        ({"last_on": "2099-01-01"}, "结束不晚于今天"),
        ({"first_on": "x"}, "2026-01-15 这样的格式"),
    ],
)
def test_bad_input_gets_its_sentence(
    sign_in: SignIn, cast: Cast, crew: list[Member], wrong: dict[str, str], sentence: str
) -> None:
    response = sign_in(cast.bob).post(BATCHES, data={**TEAM, **wrong})

    assert response.status_code == 422
    assert sentence in response.text


def test_charlie_neither_begins_nor_sees_bobs_batch(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member]
) -> None:
    address = sign_in(cast.bob).post(BATCHES, data=TEAM).location
    work(app)
    client = sign_in(cast.charlie)

    assert client.get(address).status_code == 404
    assert client.get(f"{address}/certificates.zip").status_code == 404
    assert client.get(f"{BATCHES}?team=FD01").status_code == 404
    assert client.post(BATCHES, data=TEAM).status_code == 404


def test_the_brigade_takes_the_teams_below_along_or_not(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member], brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)
    alone = client.post(BATCHES, data={**TEAM, "team": "DD", "only": "1"})
    assert alone.status_code == 422

    client.post(BATCHES, data={**TEAM, "team": "DD"})
    work(app)

    assert "C001" in issued()


def test_the_list_of_those_entitled_is_one_statement(
    sign_in: SignIn, cast: Cast, crew: list[Member], now: datetime
) -> None:
    client = sign_in(cast.bob)
    with counted_statements() as few:
        client.get(BATCHES, query_string={"team": "FD01", **SUMMER})
    for number in range(10):
        credit(
            cast, 60, JUNE + timedelta(days=number), member=add_member(f"D{number:03}", "赵六", "FD01", now)
        )

    with counted_statements() as many:
        page = client.get(BATCHES, query_string={"team": "FD01", **SUMMER}).text

    assert "有 14 人" in page
    assert len(many) <= len(few)


def test_a_large_batch_comes_in_parts(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 3)
    client = sign_in(cast.bob)
    address = client.post(BATCHES, data=TEAM).location
    work(app)

    page = client.get(address).text
    answers = [client.get(f"{address}/certificates.zip?part={part}") for part in (1, 2, 3)]

    assert "下载第 2 部分，共 2 部分" in page
    assert [answer.status_code for answer in answers] == [200, 200, 404]
    names = [zipfile.ZipFile(BytesIO(answer.data)).namelist() for answer in answers[:2]]
    assert [len(each) for each in names] == [3, 1]
