"""Stations, terminals and the jobs page."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.conftest import PASSWORD_HASH, Cast
from volunteer.db import db
from volunteer.domain.roles import Role
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.models.stations import Terminal
from volunteer.queries.stations import get_station

SignIn = Callable[[object], FlaskClient]
STATION = {"code": "u7", "name": "大运U站", "kind": "u_station", "address": "大运路1号", "team": "FD01"}
TERMINAL = {"name": "东门平板", "direction": "in", "reader_profile": "decimal10"}


def test_a_station_is_set_up(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    response = client.post("/admin/stations/new", data=STATION)

    assert response.location == "/admin/stations/U7"
    page = client.get("/admin/stations/U7").text
    assert "大运U站" in page
    assert "还没有终端" in page


def test_a_stations_leader_reads_which_team_looks_after_it(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    place = {"role": Role.STATION_LEADER, "station_id": get_station("LC").id, "appointed_at": now}
    leader = Admin(
        username="leo", name="站长", team_id=cast.detachment.id, password_hash=PASSWORD_HASH, created_at=now,
        appointments=[Appointment(**place)],
    )  # fmt: skip
    db.session.add(leader)
    db.session.commit()
    client = sign_in(leader)

    pages = [client.get(path).text for path in ("/admin/stations", "/admin/stations/LC")]

    assert ["第一分队" in page for page in pages] == [True, True]
    assert not any("大队直管" in page for page in pages)


def test_a_taken_code_is_told_and_what_was_typed_is_kept(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.bob).post("/admin/stations/new", data={**STATION, "code": "LC"})

    assert response.status_code == 422
    assert "编码 LC 已被使用" in response.text
    assert 'value="大运U站"' in response.text


@pytest.mark.parametrize(
    ("change", "status"), [({"team": "FD02"}, 404), ({"team": ""}, 404), ({"kind": "x"}, 400)]
)
def test_a_station_needs_a_team_of_the_admin_and_a_known_kind(
    sign_in: SignIn, cast: Cast, change: dict[str, str], status: int
) -> None:
    assert sign_in(cast.bob).post("/admin/stations/new", data={**STATION, **change}).status_code == status


def test_a_terminal_is_admitted_with_the_code_on_the_page(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/stations/LC/terminals/new", data=TERMINAL).location
    waiting = client.get(address).text
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", waiting)
    assert code is not None

    answer = client.post("/api/v1/terminals/enrol", json={"code": code[0], "kind": "kiosk"})

    assert answer.status_code == 201
    assert "等待终端登记" in waiting
    assert code[0] not in client.get(address).text


def test_reloading_the_code_page_makes_no_second_terminal(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/stations/LC/terminals/new", data=TERMINAL).location

    codes = {re.search(r"enrolment-code\"[^>]*>([^<]+)", client.get(address).text)[1] for _ in range(2)}

    assert len(codes) == 1
    assert db.session.query(Terminal).count() == 2


def test_an_old_code_is_called_too_old(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/stations/LC/terminals/new", data=TERMINAL).location
    terminal = db.session.query(Terminal).filter_by(name="东门平板").one()
    terminal.enrolment_ends_at -= timedelta(hours=1)
    db.session.commit()

    assert "登记码已过期" in client.get(address).text


def test_a_terminal_that_lost_its_key_gets_a_new_code(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    address = client.post(f"/admin/terminals/{cast.sender.terminal_id}/code").location

    assert "等待终端登记" in client.get(address).text


def test_a_revoked_key_opens_nothing(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = f"/admin/terminals/{cast.sender.terminal_id}/revoke"

    asked = client.get(address)
    before = client.get("/api/v1/station", headers={"Authorization": f"Bearer {cast.key}"})
    client.post(address)
    after = client.get("/api/v1/station", headers={"Authorization": f"Bearer {cast.key}"})

    assert "立即不能再上传" in asked.text
    assert (before.status_code, after.status_code) == (200, 401)


def test_what_a_terminal_said_last_is_shown(sign_in: SignIn, cast: Cast) -> None:
    terminal = db.session.query(Terminal).one()
    terminal.pending, terminal.version, terminal.clock_offset_ms = 12, "1.2.3", -2500
    db.session.commit()

    page = sign_in(cast.bob).get("/admin/stations/LC").text

    assert "12 条" in page
    assert "1.2.3" in page
    assert "-2.5 秒" in page
    assert "失去联系" in page


def test_jobs_show_every_job_before_the_first_run(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in(cast.bob).get("/admin/jobs").text

    assert "推算服务日" in page
    assert "还没有运行过" in page
