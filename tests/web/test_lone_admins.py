"""One admin alone makes no hours, however many accounts that admin opens or holds the passwords of."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.conftest import PASSWORD, Cast
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.domain.roles import Role
from volunteer.models.admins import Appointment
from volunteer.models.cards import Card
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.services.members import add_admin, add_member, give_activation_code

SignIn = Callable[[object], FlaskClient]
OWN_PASSWORD = "correct battery horse"
DAY = datetime.now(UTC) - timedelta(days=2)


@pytest.fixture(autouse=True)
def _prepared(cast: Cast, now: datetime) -> None:
    """bob may enter hours; alice's card is old enough for them."""
    link(cast.bob, "B001", "FD01", now)
    db.session.execute(update(Card).values(issued_at=DAY - timedelta(days=900)))
    db.session.commit()


@pytest.fixture
def setter(cast: Cast, now: datetime) -> Admin:
    """Who sets the brigade's system up."""
    return add_admin("setter", "系统员", None, PASSWORD, now, Role.SYSTEM_ADMIN)


def make_up(browser: FlaskClient) -> str:
    """Enter hours for alice; the address of what now waits."""
    station = db.session.query(Station.id).scalar()
    times = {
        "day": DAY.date().isoformat(),
        "came": "8",
        "left": "1030",
        "station": str(station),
        "activity": "",
    }
    form = {"volunteer_no": "A001", "reason": "读卡器故障", **times}
    return str(browser.post("/admin/corrections/new", data=form).location)


def take_over(browser: FlaskClient, username: str, page: str) -> None:
    """Sign in as somebody with the start password that a page shows, and choose a password."""
    shown = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", page)
    assert shown is not None
    with browser.session_transaction() as cookie:
        cookie.clear()
    browser.post("/admin/sign-in", data={"username": username, "password": shown[0]})
    form = {"current": shown[0], "password": OWN_PASSWORD, "again": OWN_PASSWORD}
    assert browser.post("/admin/account/password", data=form).status_code == 302


def records() -> int:
    return db.session.query(ServiceRecord).count()


@pytest.mark.parametrize("number", ["", "A001", "Z001"])
def test_an_account_that_bob_opens_cannot_approve_what_bob_enters(
    sign_in: SignIn, cast: Cast, now: datetime, number: str
) -> None:
    add_member("Z001", "外队人", "FD02", now)
    browser = sign_in(cast.bob)
    waiting = make_up(browser)
    form = {"name": "张三丰", "username": "puppet", "role": "team_admin", "team": "FD01"}

    opened = browser.post("/admin/admins/new", data={**form, "volunteer_no": number})
    puppet = db.session.query(Admin).filter_by(username="puppet").one()
    looked = browser.get(f"/admin/admins/{puppet.id}").text
    take_over(browser, "puppet", opened.text)
    refused = browser.post(f"{waiting}/approve")

    assert "别人不能代办" in opened.text
    assert ("外队人" in looked, "还没有关联" in looked) == (False, True)
    assert (refused.status_code, "还没有关联本人的志愿者编号" in refused.text) == (422, True)
    assert (puppet.member_id, records()) == (None, 0)


def test_a_volunteer_that_bob_invents_for_an_account_that_bob_opens_is_no_second_person(
    sign_in: SignIn, cast: Cast
) -> None:
    browser = sign_in(cast.bob)
    waiting = make_up(browser)
    browser.post("/admin/members/new", data={"volunteer_no": "X001", "name": "张三丰", "team": "FD01"})
    assert browser.post("/admin/members/X001/letter").mimetype == "application/pdf"
    # What stands on the letter; it is drawn there as a picture.
    code = give_activation_code("X001")
    form = {"name": "张三丰", "username": "puppet", "role": "team_admin", "team": "FD01"}
    opened = browser.post("/admin/admins/new", data=form)
    puppet = db.session.query(Admin).filter_by(username="puppet").one()
    take_over(browser, "puppet", opened.text)

    proved = browser.post("/admin/account/person", data={"volunteer_no": "X001", "proof": code})
    own = browser.post(f"/admin/admins/{puppet.id}/person", data={"met": "1"})
    refused = browser.post(f"{waiting}/approve")
    bobs = sign_in(cast.bob).post(f"/admin/admins/{puppet.id}/person", data={"met": "1"})

    assert (proved.status_code, own.status_code) == (302, 422)
    assert (refused.status_code, "还没有经另一位管理员确认" in refused.text) == (422, True)
    assert (bobs.status_code, "这个账号或它的密码来自您" in bobs.text) == (422, True)
    assert db.session.get_one(Admin, puppet.id, populate_existing=True).member_id is None
    assert records() == 0


def test_a_new_start_password_for_a_colleague_does_not_make_two_people_of_one(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    colleague = add_linked_admin("colleague", "同事", cast.detachment, now)
    browser = sign_in(cast.bob)
    waiting, path = make_up(browser), f"/admin/admins/{colleague.id}/password"
    asked = browser.get(path).text

    take_over(browser, "colleague", browser.post(path).text)
    refused = browser.post(f"{waiting}/approve")

    assert "关联也会解除" in asked
    assert (refused.status_code, "还没有关联本人的志愿者编号" in refused.text) == (422, True)
    assert records() == 0


@pytest.mark.parametrize("role", [Role.TEAM_ADMIN, Role.STATION_LEADER])
def test_who_sets_the_system_up_gives_nobody_a_right_about_hours(
    sign_in: SignIn, cast: Cast, setter: Admin, role: Role
) -> None:
    browser = sign_in(setter)
    place = {"role": role, "team": "FD01", "station": "LC"}
    offered = browser.get("/admin/admins/new").text
    bobs = db.session.query(Appointment).filter_by(admin_id=cast.bob.id).one().id

    answers = [
        browser.post("/admin/admins/new", data={"name": "木偶", "username": "puppet", **place}),
        browser.post(f"/admin/admins/{cast.charlie.id}/appoint", data={**place, "is_deputy": "1"}),
        browser.post(f"/admin/appointments/{bobs}/hand-over", data={"name": "木偶", "username": "puppet"}),
        browser.post(f"/admin/admins/{cast.bob.id}/password"),
    ]

    assert set(re.findall(r'<option value="(\w+_admin|auditor|station_leader)"', offered)) == {
        "auditor",
        "system_admin",
    }
    assert "系统管理员不接触时长" in offered
    assert [one.status_code for one in answers] == [422] * 4
    assert all("请由大队的队伍管理员办理" in one.text for one in answers)
    page = browser.get(f"/admin/admins/{cast.bob.id}").text
    assert ("hand-over" in page, f"/admin/appointments/{bobs}/end" in page) == (False, True)
    assert db.session.query(Admin).filter_by(username="puppet").count() == 0
    assert db.session.query(Appointment).count() == 3


def test_who_sets_the_system_up_still_appoints_auditors_and_those_who_do_the_same(
    sign_in: SignIn, cast: Cast, setter: Admin
) -> None:
    browser = sign_in(setter)
    for role in (Role.AUDITOR, Role.SYSTEM_ADMIN):
        form = {"name": "新人", "username": f"new-{role}", "role": role, "team": "DD"}
        assert browser.post("/admin/admins/new", data=form).status_code == 200


def test_a_system_admin_below_the_brigade_is_told_why_there_is_nobody_to_appoint(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    browser = sign_in(add_admin("sam", "小山", "FD01", PASSWORD, now, Role.SYSTEM_ADMIN))

    page = browser.get("/admin/admins/new").text

    assert "审计员和系统管理员只能由大队任命" in page
    assert 'name="username"' not in page
    assert "/admin/admins/new" not in browser.get("/admin/admins").text
