"""The pages on which admins are appointed, end and hand over."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.conftest import PASSWORD_HASH, Cast
from volunteer.db import db
from volunteer.domain.roles import Role
from volunteer.domain.stations import StationKind
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.queries.admins import find_standing
from volunteer.queries.stations import get_station
from volunteer.services.stations import add_station
from volunteer.web.dates import today as local_today

SignIn = Callable[[object], FlaskClient]
NEW = {"username": "eve", "name": "伊芙", "role": "team_admin", "team": "FD02"}


def appointment_of(admin: Admin) -> Appointment:
    return db.session.query(Appointment).filter_by(admin_id=admin.id).one()


def find(username: str) -> Admin:
    return db.session.query(Admin).filter_by(username=username).one()


def test_a_team_without_an_admin_is_a_task_until_somebody_is_appointed(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)
    appointment = appointment_of(cast.charlie)
    assert "没有管理员" not in client.get("/admin").text

    client.post(f"/admin/appointments/{appointment.id}/end")

    assert "有 1 个队伍没有管理员" in client.get("/admin").text
    page = client.get("/admin/admins").text
    assert 'href="/admin/admins/new?team=FD02"' in page
    assert 'value="FD02" selected' in client.get("/admin/admins/new?team=FD02").text
    client.post("/admin/admins/new", data=NEW)
    assert "个队伍没有管理员" not in client.get("/admin").text


def test_a_new_admin_gets_a_start_password_that_opens_and_must_be_changed(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, client: FlaskClient
) -> None:
    answer = sign_in(brigade_admin).post("/admin/admins/new", data=NEW)
    shown = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", answer.text)
    assert shown is not None
    assert shown[0] not in client.get(f"/admin/admins/{find('eve').id}").text
    client.post("/admin/sign-out")

    client.post("/admin/sign-in", data={"username": "eve", "password": shown[0]})

    assert client.get("/admin/members").location == "/admin/account/password"
    assert client.get("/admin/account/password").status_code == 200
    password = {"current": shown[0], "password": "correct horse", "again": "correct horse"}
    assert client.post("/admin/account/password", data=password).status_code == 302
    assert client.get("/admin/members").status_code == 200


def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)
    for change, sentence in (
        ({"username": "bob"}, "用户名 bob 已被使用"),
        ({"username": "伊芙"}, "用户名应为"),
        ({"team": ""}, "请选择队伍"),
        ({"role": "station_leader"}, "请选择队伍；站长请选择服务站"),
        ({"from_on": "tomorrow"}, "2026-01-15"),
        ({"from_on": "2026-09-02", "last_on": "2026-09-01"}, "结束日期应晚于开始日期"),
        ({"from_on": "2025-11-01", "last_on": "2025-11-20"}, "这个任期在今天以前已经结束"),
    ):
        answer = client.post("/admin/admins/new", data={**NEW, **change})
        assert answer.status_code == 422, change
        assert sentence in answer.text
        assert 'value="伊芙"' in answer.text
    assert client.post("/admin/admins/new", data={**NEW, "role": "emperor"}).status_code == 400


def test_charlie_neither_sees_nor_touches_who_is_bobs(sign_in: SignIn, cast: Cast) -> None:
    client, bob = sign_in(cast.charlie), cast.bob.id
    appointment = appointment_of(cast.bob).id

    assert "鲍勃" not in client.get("/admin/admins").text
    for address in (
        f"/admin/admins/{bob}",
        f"/admin/admins/{bob}/appoint",
        f"/admin/admins/{bob}/close",
        f"/admin/admins/{bob}/password",
        f"/admin/appointments/{appointment}/end",
        f"/admin/appointments/{appointment}/hand-over",
    ):
        assert client.get(address).status_code == 404, address
    assert client.post("/admin/admins/new", data={**NEW, "team": "FD01"}).status_code == 404
    assert client.post(f"/admin/admins/{bob}/reopen").status_code == 404
    assert client.post("/admin/admins/new", data={**NEW, "role": "auditor"}).status_code == 422


def test_a_post_is_handed_over_to_somebody_with_an_account(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)
    address = f"/admin/appointments/{appointment_of(cast.bob).id}/hand-over"
    assert "查理" in client.get(address).text

    answer = client.post(address, data={"successor": str(cast.charlie.id)})

    assert answer.location == f"/admin/admins/{cast.charlie.id}"
    assert "第一分队" in client.get(answer.location).text
    standing = find_standing(cast.charlie.id, local_today())
    assert standing is not None
    assert set(standing.team_ids) == {cast.detachment.id, cast.other.id}


def test_whose_appointment_is_over_is_told_so_and_opens_nothing(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)
    client.post(f"/admin/appointments/{appointment_of(cast.bob).id}/end")

    answer = sign_in(cast.bob).get("/admin/members")

    assert answer.location == "/admin/sign-in"
    assert "您目前没有担任管理职务" in client.get("/admin/sign-in").text
    assert client.get("/admin/members").location.startswith("/admin/sign-in?next=")


def test_an_appointment_ends_on_a_later_day(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    client, day = sign_in(brigade_admin), local_today() + timedelta(days=9)
    address = f"/admin/appointments/{appointment_of(cast.bob).id}/end"

    assert client.post(address, data={"on": "2020-01-01"}).status_code == 422
    assert client.post(address, data={"on": day.isoformat()}).status_code == 302

    assert sign_in(cast.bob).get("/admin/members").status_code == 200
    assert appointment_of(cast.bob).until_on == day


def test_nobody_is_offered_to_end_oneself(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)
    page = client.get(f"/admin/admins/{brigade_admin.id}").text
    assert "结束任命" not in page
    assert "由另一位管理员办理" in page
    refused = client.post(f"/admin/appointments/{appointment_of(brigade_admin).id}/end")
    assert refused.status_code == 422
    assert "不能结束自己的任命" in refused.text


def test_an_account_is_closed_and_opened_again(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    client, address = sign_in(brigade_admin), f"/admin/admins/{cast.bob.id}"
    assert "立即不能登录" in client.get(f"{address}/close").text

    client.post(f"{address}/close")
    assert sign_in(cast.bob).get("/admin").location.startswith("/admin/sign-in")
    page = sign_in(brigade_admin).get("/admin/admins").text
    assert "已停用的账号" in page
    client.post(f"{address}/reopen")

    assert "任命新职务" in client.get(address).text
    client.post(f"{address}/appoint", data={"role": "team_admin", "team": "FD01"})
    assert sign_in(cast.bob).get("/admin").status_code == 200


def test_a_closed_account_opened_again_on_one_day_reads_sanely(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client, today = sign_in(brigade_admin), local_today()
    client.post("/admin/admins/new", data=NEW)
    address = f"/admin/admins/{find('eve').id}"
    client.post(f"{address}/close")

    page = client.get(address).text

    assert f"{today.year}年{today.month}月{today.day}日 起，不满一天就已结束" in " ".join(page.split())
    assert "已结束" in page
    assert " 至 " not in page


def test_a_name_is_corrected_by_whoever_could_open_the_account(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    address = f"/admin/admins/{cast.bob.id}"
    foreign = sign_in(cast.charlie).post(f"{address}/rename", data={"name": "鲍波"})
    own = sign_in(cast.bob).post(f"{address}/rename", data={"name": "鲍波"})
    client = sign_in(brigade_admin)
    empty = client.post(f"{address}/rename", data={"name": " "})

    assert f'href="{address}/rename"' in client.get(address).text
    assert 'value="鲍勃"' in client.get(f"{address}/rename").text
    done = client.post(f"{address}/rename", data={"name": " 鲍波 "})

    assert (foreign.status_code, own.status_code) == (404, 422)
    assert (empty.status_code, "请填写姓名" in empty.text) == (422, True)
    assert (done.location, find("bob").name) == (address, "鲍波")
    assert re.search(r"更正管理员姓名.*名称</th>", client.get("/admin/audit").text, re.DOTALL)


def test_what_a_link_is_called_begins_with_what_is_read_on_it(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    page = sign_in(brigade_admin).get(f"/admin/admins/{cast.bob.id}").text

    labels = re.findall(r'<a [^>]*aria-label="([^"]*)">([^<]*)</a>', page)
    assert [text for _, text in labels] == ["交接给别人", "结束任命"]
    assert all(name.startswith(text) for name, text in labels)


def test_a_forgotten_password_is_replaced_after_asking(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client, address = sign_in(brigade_admin), f"/admin/admins/{cast.bob.id}/password"
    before = find("bob").password_hash
    assert "立即失效" in client.get(address).text
    assert find("bob").password_hash == before

    assert "bob" in client.post(address).text

    db.session.expire_all()
    assert find("bob").password_hash != before


def test_a_station_leader_sees_the_own_station_and_nothing_else(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, hold: Callable[..., None]
) -> None:
    form = {**NEW, "role": "station_leader", "station": "LC", "team": ""}
    sign_in(brigade_admin).post("/admin/admins/new", data=form)
    eve = find("eve")
    eve.start_hash = None
    db.session.commit()
    assert find_standing(eve.id, local_today()).roles == {Role.STATION_LEADER}  # type: ignore[union-attr]

    client = sign_in(eve)

    assert "龙城广场" in client.get("/admin/stations").text
    assert client.get("/admin/stations/LC").status_code == 200
    terminal = cast.sender.terminal_id
    assert client.get(f"/admin/terminals/{terminal}/revoke").status_code == 200
    assert client.get("/admin/stations/new").status_code == 403
    add_station("LC2", "邻站", StationKind.U_STATION, "", cast.detachment.id)
    assert client.get("/admin/stations/LC2").status_code == 404
    assert "邻站" not in client.get("/admin/stations").text
    assert client.get("/admin/members").status_code == 403
    home = client.get("/admin").text
    assert "设立" not in home
    assert "/admin/members" not in home


def test_a_station_leader_sees_who_served_there(
    sign_in: SignIn, cast: Cast, hold: Callable[..., None], now: object
) -> None:
    leader = Admin(
        username="lead",
        name="站长",
        team_id=cast.other.id,
        password_hash=PASSWORD_HASH,
        created_at=now,
        appointments=[
            Appointment(role=Role.STATION_LEADER, station_id=get_station("LC").id, appointed_at=now)
        ],
    )
    db.session.add(leader)
    db.session.commit()
    hold(now)

    client = sign_in(leader)

    for address in ("/admin/records", "/admin/on-duty"):
        page = client.get(address).text
        assert "张三" in page
        assert "/admin/members/A001" not in page
    assert "张三" not in sign_in(cast.charlie).get("/admin/on-duty").text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSTEM_ADMIN])
def test_buttons_that_a_role_may_not_press_are_not_there(
    sign_in: SignIn, cast: Cast, now: object, role: Role
) -> None:
    person = Admin(
        username="rita",
        name="丽塔",
        team_id=cast.brigade.id,
        password_hash=PASSWORD_HASH,
        created_at=now,
        appointments=[Appointment(role=role, team_id=cast.brigade.id, appointed_at=now)],
    )
    db.session.add(person)
    db.session.commit()
    client = sign_in(person)

    pages = ["/admin", "/admin/members", "/admin/members/A001", "/admin/stations", "/admin/stations/LC"]
    pages += ["/admin/duty-days", "/admin/prints", "/admin/admins", f"/admin/admins/{cast.bob.id}"]
    for page in pages:
        answer = client.get(page)
        if answer.status_code == 403:
            continue
        for address in set(re.findall(r'href="(/admin[^"#]*)"', answer.text)):
            assert client.get(address).status_code != 403, (page, address)
        for address in set(re.findall(r'<form method="post" action="([^"]*)"', answer.text)):
            assert client.options(address).status_code != 403, (page, address)


def test_the_list_asks_as_often_for_many_admins_as_for_few(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: object
) -> None:
    client = sign_in(brigade_admin)
    client.get("/admin/admins")
    few = count_statements(lambda: client.get("/admin/admins"))
    for number in range(20):
        db.session.add(
            Admin(
                username=f"many{number}",
                name=f"多{number}",
                team_id=cast.other.id,
                password_hash=PASSWORD_HASH,
                created_at=now,
            )
        )
    db.session.commit()

    assert "多19" in client.get("/admin/admins").text
    assert count_statements(lambda: client.get("/admin/admins")) == few <= 14


def count_statements(act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
