"""The first admin: made with a one-time code, once."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.installation_refusals import SetupDone
from volunteer.models.duty_days import Setting
from volunteer.models.members import Admin
from volunteer.queries.admins import find_standing
from volunteer.queries.teams import get_brigade
from volunteer.services.members import found_brigade
from volunteer.services.setup import SETUP_SETTING, give_setup_code
from volunteer.web.dates import today as local_today

FORM = {"username": "li.ming", "name": "李明", "password": "correct horse", "brigade_name": "龙岭大队"}


@pytest.fixture
def code(app: Flask) -> str:
    """A set-up code of an installation with a brigade and nobody in it."""
    found_brigade()
    return give_setup_code(datetime.now(UTC))


def test_the_code_makes_the_first_admin_of_the_brigade(client: FlaskClient, code: str) -> None:
    assert "安装码" in client.get("/setup").text

    answer = client.post("/setup", data={**FORM, "code": code.lower()})

    assert answer.location == "/admin/sign-in"
    admin = db.session.query(Admin).one()
    standing = find_standing(admin.id, local_today())
    assert standing is not None
    assert (admin.username, standing.is_brigade, get_brigade().name) == ("li.ming", True, "龙岭大队")


def test_nobody_is_signed_in_by_it_and_the_password_opens(client: FlaskClient, code: str) -> None:
    client.post("/setup", data={**FORM, "code": code})

    assert client.get("/admin").location.startswith("/admin/sign-in")
    client.post("/admin/sign-in", data={"username": "li.ming", "password": "correct horse"})
    assert "龙岭大队" in client.get("/admin").text


def test_with_an_admin_there_is_no_such_page(client: FlaskClient, code: str) -> None:
    client.post("/setup", data={**FORM, "code": code})

    again = client.post("/setup", data={**FORM, "username": "second", "code": code})

    assert (client.get("/setup").status_code, again.status_code) == (404, 404)
    assert db.session.query(Admin).count() == 1
    assert db.session.get(Setting, SETUP_SETTING) is None
    with pytest.raises(SetupDone):
        give_setup_code(datetime.now(UTC))


def test_an_installation_with_admins_never_had_the_page(client: FlaskClient, cast: Cast) -> None:
    assert client.get("/setup").status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "0000-0000"}, "安装码不正确或已过期"),
        ({"code": ""}, "安装码不正确或已过期"),
        ({"password": "short"}, "密码至少要 8 位"),
        ({"password": "12345678"}, "太容易被人猜到"),
        ({"password": "li.ming2026"}, "太容易被人猜到"),
        ({"password": "龙岭大队2026"}, "太容易被人猜到"),
        ({"username": "李明"}, "用户名应为"),
        ({"name": " "}, "请填写姓名"),
        ({"brigade_name": ""}, "请填写大队名称"),
    ],
)
def test_what_is_wrong_is_told_and_the_code_still_works(
    client: FlaskClient, code: str, change: dict[str, str], sentence: str
) -> None:
    refused = client.post("/setup", data={**FORM, "code": code, **change})

    assert refused.status_code == 422
    assert sentence in refused.text
    assert "correct horse" not in refused.text
    assert client.post("/setup", data={**FORM, "code": code}).status_code == 302


def test_a_code_ends_after_a_day_and_when_a_newer_one_is_given(client: FlaskClient, code: str) -> None:
    old = give_setup_code(datetime.now(UTC) - timedelta(hours=24))
    for each in (code, old):
        assert client.post("/setup", data={**FORM, "code": each}).status_code == 422
    assert client.post("/setup", data=FORM).status_code == 422
    assert db.session.query(Admin).count() == 0


def test_the_code_itself_is_not_kept(code: str) -> None:
    kept = db.session.get_one(Setting, SETUP_SETTING).value
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_the_commands_give_a_code_only_while_there_is_nobody(app: Flask, client: FlaskClient) -> None:
    run = app.test_cli_runner().invoke
    first = run(args=["init-db"]).output
    second = run(args=["setup-code"]).output
    assert "安装码" in first

    client.post("/setup", data={**FORM, "code": code_in(first)})
    assert db.session.query(Admin).count() == 0
    client.post("/setup", data={**FORM, "code": code_in(second)})

    assert "安装码" not in run(args=["init-db"]).output
    assert run(args=["setup-code"]).exit_code == 1


def code_in(text: str) -> str:
    return next(word for word in text.split() if len(word) == 9 and word[4] == "-")
