"""Who may confirm which volunteer an admin is, rule by rule, through the pages."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, PASSWORD_HASH, Cast
from tests.services.hours_people import add_linked_admin, link
from tests.web.test_admins import count_statements
from tests.web.test_imports import match, upload
from tests.web.test_registrations import ask, only
from volunteer.db import db
from volunteer.domain.national_ids import invent_impossible
from volunteer.domain.roles import Role
from volunteer.models.admins import Appointment
from volunteer.models.member_changes import Merge
from volunteer.models.members import Admin, Member
from volunteer.queries.hands import ENTERING, GIVING
from volunteer.services.members import add_admin, add_member

SignIn = Callable[[object], FlaskClient]
YOURS = "这个账号或它的密码来自您"
ENTERED = "这位志愿者是您登记、导入或更正过姓名、证件号码的，或者卡函是您打印的"


@pytest.fixture(autouse=True)
def _bob_is_known(cast: Cast, now: datetime) -> None:
    link(cast.bob, "B001", "FD01", now)


@pytest.fixture
def emma(cast: Cast, now: datetime) -> Admin:
    """Another known admin of bob's team."""
    return add_linked_admin("emma", "艾玛", cast.detachment, now)


@pytest.fixture
def eve(cast: Cast, now: datetime) -> Admin:
    """An admin of bob's team whose account was opened on the server; nobody's yet."""
    return add_admin("eve", "伊芙", "FD01", PASSWORD, now)


def claim(sign_in: SignIn, admin: Admin, number: str) -> None:
    """The admin proves to be this volunteer, whose password is known."""
    db.session.query(Member).filter_by(volunteer_no=number).update({"password_hash": PASSWORD_HASH})
    db.session.commit()
    form = {"volunteer_no": number, "proof": PASSWORD}
    assert sign_in(admin).post("/admin/account/person", data=form).status_code == 302


def confirm(browser: FlaskClient, admin: Admin) -> tuple[int, str]:
    path = f"/admin/admins/{admin.id}/person"
    shown, answer = browser.get(path), browser.post(path, data={"met": "1"})
    if answer.status_code == 422:
        # What is refused is said before anybody tries, and nothing is offered.
        assert 'name="met"' not in shown.text
    return answer.status_code, answer.text


def open_account(browser: FlaskClient, username: str, team: str) -> Admin:
    form = {"name": username, "username": username, "role": "team_admin", "team": team}
    assert browser.post("/admin/admins/new", data=form).status_code == 200
    db.session.query(Admin).filter_by(username=username).update({"start_hash": None})
    db.session.commit()
    return db.session.query(Admin).filter_by(username=username).one()


def by_hand(browser: FlaskClient) -> None:
    form = {"volunteer_no": "X001", "name": "张三丰", "team": "FD01"}
    assert browser.post("/admin/members/new", data=form).status_code == 302


def by_request(browser: FlaskClient) -> None:
    ask(browser.application.test_client(), name="张三丰")
    form = {"decision": "approve", "volunteer_no": "X001"}
    assert browser.post(f"/admin/registrations/{only().id}", data=form).status_code == 302


def by_list(browser: FlaskClient) -> None:
    preview = match(browser, upload(browser, "编号,姓名\nX001,张三丰\n".encode()))
    assert browser.post(f"{preview}/write").status_code == 302


def by_letter(browser: FlaskClient) -> None:
    add_member("X001", "张三丰", "FD01", datetime.fromisoformat("2026-09-15T02:00:00+00:00"))
    assert browser.post("/admin/members/X001/letter").status_code == 200


def by_letters(browser: FlaskClient) -> None:
    add_member("X001", "张三丰", "FD01", datetime.fromisoformat("2026-09-15T02:00:00+00:00"))
    assert browser.post("/admin/prints", data={"team": "FD01", "kind": "letters"}).status_code == 302


@pytest.mark.parametrize("enter", [by_hand, by_request, by_list, by_letter, by_letters])
def test_who_entered_the_volunteer_or_printed_the_letter_cannot_confirm(
    sign_in: SignIn, cast: Cast, eve: Admin, emma: Admin, enter: Callable[[FlaskClient], None]
) -> None:
    enter(sign_in(cast.bob))
    claim(sign_in, eve, "X001")

    refused = confirm(sign_in(cast.bob), eve)
    confirmed = confirm(sign_in(emma), eve)

    assert (refused[0], ENTERED in refused[1]) == (422, True)
    assert confirmed[0] == 302


def test_a_merged_row_of_the_volunteer_counts_as_well(
    sign_in: SignIn, cast: Cast, eve: Admin, now: datetime
) -> None:
    by_hand(sign_in(cast.bob))
    other = add_member("X002", "张三丰", "FD01", now)
    made = db.session.query(Member).filter_by(volunteer_no="X001").one()
    db.session.add(Merge(kept_id=other.id, duplicate_id=made.id, merged_at=now))
    db.session.commit()
    claim(sign_in, eve, "X002")

    status, page = confirm(sign_in(cast.bob), eve)

    assert (status, ENTERED in page) == (422, True)


def test_who_opened_the_account_or_gave_its_password_cannot_confirm(
    sign_in: SignIn, cast: Cast, eve: Admin, emma: Admin, now: datetime
) -> None:
    for number in ("X001", "X002"):
        add_member(number, "张三丰", "FD01", now)
    red = open_account(sign_in(cast.bob), "red", "FD01")
    assert sign_in(cast.bob).post(f"/admin/admins/{eve.id}/password").status_code == 200
    db.session.query(Admin).filter_by(id=eve.id).update({"start_hash": None})
    claim(sign_in, red, "X001")
    claim(sign_in, eve, "X002")

    refused = [confirm(sign_in(cast.bob), one) for one in (red, eve)]
    confirmed = [confirm(sign_in(emma), one)[0] for one in (red, eve)]

    assert [(status, YOURS in page) for status, page in refused] == [(422, True)] * 2
    assert confirmed == [302, 302]


def test_every_page_by_which_a_hand_is_known_is_there_to_be_sent_to(app: Flask) -> None:
    sent = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}

    assert {*ENTERING, GIVING} <= sent


def test_who_sent_a_list_or_changed_a_row_of_it_cannot_confirm_though_another_wrote_it(
    sign_in: SignIn, cast: Cast, eve: Admin, emma: Admin, now: datetime
) -> None:
    writer = add_linked_admin("writer", "写入人", cast.detachment, now)
    preview = match(sign_in(cast.bob), upload(sign_in(cast.bob), "编号,姓名\nX001,张三\n".encode()))
    changed = sign_in(emma).post(f"{preview}/rows/2", data={"cell-name": "张三丰"})
    written = sign_in(writer).post(f"{preview}/write")
    claim(sign_in, eve, "X001")

    refused = [confirm(sign_in(one), eve) for one in (cast.bob, emma, writer)]

    assert (changed.status_code, written.status_code) == (302, 302)
    assert [(status, ENTERED in page) for status, page in refused] == [(422, True)] * 3


def test_who_wrote_a_list_cannot_confirm_though_another_took_it_back(
    sign_in: SignIn, cast: Cast, eve: Admin, emma: Admin
) -> None:
    browser = sign_in(cast.bob)
    preview = match(browser, upload(browser, "编号,姓名\nX001,张三丰\n".encode()))
    browser.post(f"{preview}/write")
    claim(sign_in, eve, "X001")

    taken_back = sign_in(emma).post(f"{preview}/undo")

    assert taken_back.status_code == 302
    status, page = confirm(sign_in(cast.bob), eve)
    assert (status, ENTERED in page) == (422, True)


def test_whoever_gave_a_start_password_before_the_last_one_cannot_confirm(
    sign_in: SignIn, cast: Cast, eve: Admin, emma: Admin, now: datetime
) -> None:
    add_member("X001", "张三丰", "FD01", now)
    for giver in (cast.bob, emma):
        assert sign_in(giver).post(f"/admin/admins/{eve.id}/password").status_code == 200
    db.session.query(Admin).filter_by(id=eve.id).update({"start_hash": None})
    claim(sign_in, eve, "X001")

    refused = [confirm(sign_in(one), eve) for one in (cast.bob, emma)]

    assert [(status, YOURS in page) for status, page in refused] == [(422, True)] * 2


def save_file(browser: FlaskClient, **form: str) -> int:
    file = {"name": "老成员", "national_id": "", "sex": "", "born_on": "", "residence": "", "reason": ""}
    return browser.post("/admin/members/X001/file/edit", data=file | form).status_code


@pytest.mark.parametrize("given", [{"name": "张三丰"}, {"national_id": invent_impossible(2)}])
def test_who_makes_a_member_somebody_else_cannot_confirm(
    app: Flask, sign_in: SignIn, cast: Cast, eve: Admin, emma: Admin, now: datetime, given: dict[str, str]
) -> None:
    app.config["DEMO"] = True
    add_member("X001", "老成员", "FD01", now)
    saved = [
        save_file(sign_in(emma), national_id=invent_impossible(1)),
        save_file(sign_in(cast.bob), **given, reason="写错了"),
    ]
    claim(sign_in, eve, "X001")

    refused, confirmed = confirm(sign_in(cast.bob), eve), confirm(sign_in(emma), eve)

    assert saved == [302, 302]
    assert (refused[0], ENTERED in refused[1]) == (422, True)
    assert confirmed[0] == 302


def test_an_account_opened_by_a_puppet_comes_from_the_puppets_hand(
    sign_in: SignIn, cast: Cast, emma: Admin, now: datetime
) -> None:
    add_member("X001", "张三丰", "FD01", now)
    puppet = open_account(sign_in(cast.bob), "puppet", "FD01")
    second = open_account(sign_in(puppet), "second", "FD01")
    claim(sign_in, second, "X001")

    refused = confirm(sign_in(cast.bob), second)
    looked = sign_in(emma).get(f"/admin/admins/{second.id}/person").text

    assert (refused[0], YOURS in refused[1]) == (422, True)
    assert ("鲍勃" in looked, "puppet" in looked) == (True, True)


def test_on_the_first_day_the_server_confirms_two_and_they_confirm_the_others(
    app: Flask, sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    for number in ("D001", "E001", "F001"):
        add_member(number, number, "DD", now)
    second = open_account(sign_in(brigade_admin), "second", "DD")
    run = app.test_cli_runner()
    for admin, username, number in ((brigade_admin, "dora", "D001"), (second, "second", "E001")):
        claim(sign_in, admin, number)
        assert run.invoke(args=["confirm-person", username, number]).exit_code == 0

    third = open_account(sign_in(brigade_admin), "third", "FD01")
    claim(sign_in, third, "F001")

    assert confirm(sign_in(brigade_admin), third)[0] == 422
    assert confirm(sign_in(second), third)[0] == 302


def test_nobody_confirms_oneself_and_nobody_unknown_confirms_anybody(
    sign_in: SignIn, cast: Cast, eve: Admin, now: datetime
) -> None:
    add_member("X001", "伊芙", "FD01", now)
    unknown = add_admin("una", "乌娜", "FD01", PASSWORD, now)
    claim(sign_in, eve, "X001")

    own, by_unknown = confirm(sign_in(eve), eve), confirm(sign_in(unknown), eve)

    assert (own[0], "自己的关联不能自己确认" in own[1]) == (422, True)
    assert (by_unknown[0], "您本人的关联还没有得到确认" in by_unknown[1]) == (422, True)


def test_one_person_is_not_two_by_way_of_a_merged_row(
    sign_in: SignIn, cast: Cast, eve: Admin, now: datetime
) -> None:
    twin = add_member("X001", "伊芙", "FD01", now)
    claim(sign_in, eve, "X001")
    kept = db.session.get_one(Admin, cast.bob.id).member_id
    db.session.add(Merge(kept_id=kept, duplicate_id=twin.id, merged_at=now))
    db.session.commit()

    status, page = confirm(sign_in(cast.bob), eve)

    assert (status, "已关联另一个管理员账号" in page) == (422, True)


def test_what_an_account_does_elsewhere_is_for_those_above(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, eve: Admin, now: datetime
) -> None:
    link(brigade_admin, "D001", "DD", now)
    add_member("X001", "伊芙", "FD01", now)
    post = {"role": Role.TEAM_ADMIN, "team_id": cast.other.id, "appointed_at": now}
    db.session.add(Appointment(admin_id=eve.id, **post))
    db.session.commit()
    claim(sign_in, eve, "X001")

    asked = sign_in(eve).get("/admin/account/person").text
    refused = confirm(sign_in(cast.bob), eve)
    confirmed = confirm(sign_in(brigade_admin), eve)

    assert "可以为您确认的管理员：朵拉" in asked
    assert (refused[0], "请由上级队伍的管理员确认" in refused[1]) == (422, True)
    assert confirmed[0] == 302


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SYSTEM_ADMIN])
def test_who_may_not_approve_hours_makes_nobody_known(
    sign_in: SignIn, cast: Cast, eve: Admin, now: datetime, role: Role
) -> None:
    add_member("X001", "伊芙", "FD01", now)
    rita = link(add_admin("rita", "丽塔", None, PASSWORD, now, role), "R001", "DD", now)
    claim(sign_in, eve, "X001")
    browser = sign_in(rita)

    answers = [browser.post(f"/admin/admins/{eve.id}/person", data={"met": "1"})]
    answers.append(browser.get("/admin/admins/waiting"))

    assert [one.status_code for one in answers] == [403, 403]
    assert "当面确认本人" not in browser.get("/admin").text


def test_of_two_accounts_that_claim_one_volunteer_only_one_is_confirmed(
    sign_in: SignIn, cast: Cast, eve: Admin, now: datetime
) -> None:
    add_member("X001", "伊芙", "FD01", now)
    other = add_admin("evil", "伊维", "FD01", PASSWORD, now)
    claim(sign_in, eve, "X001")
    claim(sign_in, other, "X001")

    browser = sign_in(cast.bob)
    first, second = (
        browser.post(f"/admin/admins/{one.id}/person", data={"met": "1"}) for one in (eve, other)
    )

    assert first.status_code == 302
    assert (second.status_code, "已关联另一个管理员账号" in second.text) == (422, True)


def test_a_new_start_password_ends_a_link_that_waits(
    sign_in: SignIn, cast: Cast, eve: Admin, emma: Admin, now: datetime
) -> None:
    add_member("X001", "伊芙", "FD01", now)
    claim(sign_in, eve, "X001")

    sign_in(cast.bob).post(f"/admin/admins/{eve.id}/password")
    status, page = confirm(sign_in(emma), eve)

    assert (status, "没有等待确认的关联" in page) == (422, True)
    assert db.session.get_one(Admin, eve.id, populate_existing=True).waiting_at is None


def test_the_start_page_asks_as_often_for_many_links_as_for_few(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    def wait(number: int) -> None:
        admin = add_admin(f"many{number}", f"多{number}", "FD01", PASSWORD, now)
        member = add_member(f"Y{number:03}", f"多{number}", "FD01", now)
        admin = db.session.get_one(Admin, admin.id)
        admin.waiting_member_id, admin.waiting_at = member.id, now
        db.session.commit()

    browser, pages = sign_in(cast.bob), ("/admin", "/admin/admins/waiting")
    wait(0)
    browser.get("/admin")
    few = [count_statements(lambda page=page: browser.get(page)) for page in pages]
    for number in range(1, 9):
        wait(number)

    assert "有 9 位管理员等您当面确认本人" in browser.get("/admin").text
    assert [count_statements(lambda page=page: browser.get(page)) for page in pages] == few
    assert few[1] <= 20
