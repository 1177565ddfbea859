"""On the duty day pages and terminals say so; on other days they do not."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Cast
from volunteer.db import db
from volunteer.models.duty_days import DutyDay
from volunteer.models.members import Admin, Member

WORDS = "今天是机关工作人员志愿服务日"


def confirm_today(app: Flask) -> None:
    today = datetime.now(UTC).astimezone(app.config["TIMEZONE"]).date()
    db.session.add(
        DutyDay(
            month=f"{today:%Y-%m}",
            status="confirmed",
            duty_on=today,
            proposed_on=today,
            reason={"msgid": "15日是工作日。", "params": {}},
        )
    )
    db.session.commit()


def said(client: FlaskClient, cast: Cast, sign_in: Callable[[Admin | Member], FlaskClient]) -> list[bool]:
    key = {"Authorization": f"Bearer {cast.key}"}
    return [
        WORDS in client.get("/").text,
        WORDS in (client.get("/api/v1/station", headers=key).json["notice"] or ""),
        WORDS in sign_in(cast.alice).get("/me").text,
    ]


def test_the_duty_day_is_announced_where_people_look(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: Callable[[Admin | Member], FlaskClient]
) -> None:
    assert said(client, cast, sign_in) == [False, False, False]
    confirm_today(app)
    assert said(client, cast, sign_in) == [True, True, True]


def test_admins_see_it_too(app: Flask, cast: Cast, sign_in: Callable[[Admin | Member], FlaskClient]) -> None:
    confirm_today(app)
    assert WORDS in sign_in(cast.bob).get("/admin").text
