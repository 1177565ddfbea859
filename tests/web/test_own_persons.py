"""An admin says which volunteer the own person is, and proves it; only another admin takes it back."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, PASSWORD_HASH, Cast
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.models.audit import AuditEvent
from volunteer.models.member_changes import Merge
from volunteer.models.members import Admin, Member
from volunteer.models.messages import Message
from volunteer.services.members import add_member, give_activation_code

SignIn = Callable[[object], FlaskClient]


@pytest.fixture
def person(cast: Cast, now: datetime) -> Member:
    """The volunteer that bob is, with an account."""
    member = add_member("B001", "鲍勃", "FD01", now)
    member.password_hash = PASSWORD_HASH
    db.session.commit()
    return member


def linked(admin: Admin) -> int | None:
    return db.session.get_one(Admin, admin.id, populate_existing=True).member_id


def prove(browser: FlaskClient, number: str, proof: str) -> tuple[int, str]:
    answer = browser.post("/admin/account/person", data={"volunteer_no": number, "proof": proof})
    return answer.status_code, answer.text


def confirm(browser: FlaskClient, admin: Admin, **form: str) -> tuple[int, str]:
    answer = browser.post(f"/admin/admins/{admin.id}/person", data={"met": "1", **form})
    return answer.status_code, answer.text


@pytest.fixture
def dora(brigade_admin: Admin, now: datetime) -> Admin:
    """The brigade's admin, a known person herself."""
    return link(brigade_admin, "D001", "DD", now)


def test_the_password_of_the_members_account_proves_it_and_a_second_person_confirms_it(
    sign_in: SignIn, cast: Cast, person: Member, dora: Admin
) -> None:
    bob = sign_in(cast.bob)
    before = bob.get("/admin/account").text

    wrong = prove(bob, "B001", "guess")
    right = prove(bob, "b001", PASSWORD)
    waits = (linked(cast.bob), bob.get("/admin/account/person").text)
    again = prove(bob, "B001", PASSWORD)
    confirmed = confirm(sign_in(dora), cast.bob)

    assert "未关联" in before
    assert (wrong[0], "不符" in wrong[1]) == (422, True)
    assert (right[0], waits[0]) == (302, None)
    assert all(one in waits[1] for one in ("等待确认", "B001", f"可以为您确认的管理员：{dora.name}"))
    assert (again[0], "请先撤回" in again[1]) == (422, True)
    assert (confirmed[0], linked(cast.bob)) == (302, person.id)
    bob = sign_in(cast.bob)
    assert "已关联" in bob.get("/admin/account/person").text
    later = prove(bob, "B001", PASSWORD)
    assert (later[0], "先解除" in later[1]) == (422, True)
    assert "的关联已确认" in bob.get("/admin/messages").text
    told = sign_in(person).get("/me/messages").text
    assert "提出关联您的志愿者编号" in told
    assert "管理员账号 bob（鲍勃）关联了您的志愿者编号" in told


def test_who_may_confirm_has_it_as_a_task_and_in_the_messages(
    sign_in: SignIn, cast: Cast, dora: Admin, person: Member
) -> None:
    prove(sign_in(cast.bob), "B001", PASSWORD)

    browser = sign_in(dora)
    message = db.session.query(Message).filter_by(admin_id=dora.id).one()
    opened = browser.post(f"/admin/messages/{message.id}/open")
    page = browser.get(opened.location).text

    assert "有 1 位管理员等您当面确认本人" in browser.get("/admin").text
    assert "说自己是志愿者鲍勃（B001）" in browser.get("/admin/messages").text
    assert "B001" in browser.get("/admin/admins/waiting").text
    assert ("B001" in page, "我已当面核对" in page) == (True, True)
    assert "去核对" in browser.get(f"/admin/admins/{cast.bob.id}").text
    charlie = sign_in(cast.charlie)
    assert "B001" not in charlie.get("/admin/admins/waiting").text
    assert charlie.get(opened.location).status_code == 404
    assert "当面确认本人" not in charlie.get("/admin").text


def test_the_admins_above_see_who_confirmed_and_can_undo_it(
    sign_in: SignIn, cast: Cast, dora: Admin, person: Member, now: datetime
) -> None:
    emma = add_linked_admin("emma", "艾玛", cast.brigade, now)
    prove(sign_in(cast.bob), "B001", PASSWORD)
    confirm(sign_in(emma), cast.bob)

    browser = sign_in(dora)
    told = browser.get("/admin/messages").text
    page = browser.get(f"/admin/admins/{cast.bob.id}").text

    assert "管理员账号 bob（鲍勃）关联了志愿者鲍勃（B001）" in told
    assert ("由艾玛当面确认" in page, "解除关联" in page) == (True, True)
    assert confirm(browser, cast.bob)[0] == 422


def test_nobody_confirms_without_having_met_the_person(
    sign_in: SignIn, cast: Cast, dora: Admin, person: Member
) -> None:
    prove(sign_in(cast.bob), "B001", PASSWORD)

    status, page = confirm(sign_in(dora), cast.bob, met="")

    assert (status, "请先当面核对" in page) == (422, True)
    assert linked(cast.bob) is None


def test_a_link_is_refused_with_a_reason_that_the_admin_reads(
    sign_in: SignIn, cast: Cast, dora: Admin, person: Member
) -> None:
    prove(sign_in(cast.bob), "B001", PASSWORD)

    without = confirm(sign_in(dora), cast.bob, refuse="1", reason="")
    refused = confirm(sign_in(dora), cast.bob, refuse="1", reason="不是同一个人")
    late = confirm(sign_in(dora), cast.bob)

    assert (without[0], "请填写原因" in without[1]) == (422, True)
    assert (refused[0], linked(cast.bob)) == (302, None)
    assert (late[0], "没有等待确认的关联" in late[1]) == (422, True)
    bob = sign_in(cast.bob)
    assert "没有通过：不是同一个人" in bob.get("/admin/messages").text
    assert prove(bob, "B001", PASSWORD)[0] == 302
    reasons = db.session.query(AuditEvent.reason).filter_by(act="admin.decide_person", admin_id=dora.id)
    assert [one.reason for one in reasons] == ["不是同一个人"]


def test_a_link_that_waits_is_withdrawn_by_its_admin(
    sign_in: SignIn, cast: Cast, dora: Admin, person: Member
) -> None:
    bob = sign_in(cast.bob)
    prove(bob, "B001", PASSWORD)

    done = bob.post("/admin/account/person/withdraw")
    twice = bob.post("/admin/account/person/withdraw")

    assert (done.status_code, twice.status_code) == (302, 422)
    assert "B001" not in sign_in(dora).get("/admin/admins/waiting").text


def test_the_code_of_the_card_letter_proves_it_too(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    member = add_member("B001", "鲍勃", "FD01", now)
    code = give_activation_code("B001")

    assert prove(sign_in(cast.bob), "B001", code)[0] == 302
    assert db.session.get_one(Admin, cast.bob.id).waiting_member_id == member.id


def test_the_first_person_is_confirmed_on_the_server(
    app: Flask, sign_in: SignIn, cast: Cast, person: Member
) -> None:
    run = app.test_cli_runner()
    early = run.invoke(args=["confirm-person", "bob", "B001"])
    prove(sign_in(cast.bob), "B001", PASSWORD)

    asked = sign_in(cast.bob).get("/admin/account/person").text
    other = run.invoke(args=["confirm-person", "bob", "A001"])
    done = run.invoke(args=["confirm-person", "bob", "b001"])

    assert "flask --app app confirm-person bob B001" in asked
    assert (early.exit_code, "没有等待确认的关联" in early.output) == (1, True)
    assert (other.exit_code, done.exit_code) == (1, 0)
    admin = db.session.get_one(Admin, cast.bob.id, populate_existing=True)
    assert (admin.member_id, admin.person_confirmed_by_id) == (person.id, None)
    assert admin.person_confirmed_at is not None
    assert db.session.query(AuditEvent).filter_by(act="cli.confirm-person").one().actor.startswith("cli:")


@pytest.mark.parametrize("number", ["Q999", "A001"])
def test_an_unknown_number_and_one_without_account_are_told_in_the_same_words(
    sign_in: SignIn, cast: Cast, number: str
) -> None:
    status, page = prove(sign_in(cast.bob), number, "guess")

    assert (status, "编号与密码（或卡函上的激活码）不符" in page) == (422, True)


def test_one_person_is_one_account_also_under_a_merged_number(
    sign_in: SignIn, cast: Cast, person: Member, now: datetime
) -> None:
    link(cast.charlie, "C001", "FD02", now)
    kept = db.session.get_one(Admin, cast.charlie.id).member_id
    assert kept is not None
    db.session.add(Merge(kept_id=kept, duplicate_id=person.id, merged_at=now))
    db.session.commit()

    status, page = prove(sign_in(cast.bob), "B001", PASSWORD)

    assert (status, "已关联另一个管理员账号" in page) == (422, True)
    assert linked(cast.bob) is None


def test_guessing_is_slowed(sign_in: SignIn, cast: Cast, person: Member) -> None:
    bob = sign_in(cast.bob)

    answers = [prove(bob, "B001", f"guess {number}")[0] for number in range(30)]

    assert answers[-1] == 429
    assert linked(cast.bob) is None


def test_another_admin_takes_it_back_with_a_reason_and_nobody_else(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    link(cast.bob, "B001", "FD01", now)
    path = f"/admin/admins/{cast.bob.id}/unlink"

    own = sign_in(cast.bob).post(path, data={"reason": "x"})
    foreign = sign_in(cast.charlie).post(path, data={"reason": "x"})
    dora = sign_in(brigade_admin)
    page = dora.get(f"/admin/admins/{cast.bob.id}").text
    without = dora.post(path, data={"reason": ""})
    done = dora.post(path, data={"reason": "关联错了人"})

    assert own.status_code == 422
    assert foreign.status_code == 404
    # Linked as under the older rule: it counts, and it is said.
    assert ("B001" in page, "那时还不需要别人确认" in page) == (True, True)
    assert (without.status_code, "请写明解除关联的原因" in without.text) == (422, True)
    assert (done.status_code, linked(cast.bob)) == (302, None)


def test_a_name_that_does_not_fit_is_seen(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    link(cast.bob, "B001", "FD01", now)
    db.session.query(Member).filter_by(volunteer_no="B001").update({"name": "别人"})
    db.session.commit()

    assert "与账号姓名不同" in sign_in(brigade_admin).get(f"/admin/admins/{cast.bob.id}").text


def test_the_command_names_the_person_at_once(app: Flask, cast: Cast, now: datetime) -> None:
    run = app.test_cli_runner()

    done = run.invoke(args=["add-admin", "eve", "--team", "FD01", "--member", "a001"])
    taken = run.invoke(args=["add-admin", "mallory", "--team", "FD01", "--member", "A001"])
    unknown = run.invoke(args=["add-admin", "oscar", "--member", "Q999"])

    assert done.exit_code == 0
    assert db.session.query(Admin).filter_by(username="eve").one().member_id == cast.alice.id
    assert (taken.exit_code, "已关联另一个管理员账号" in taken.output) == (1, True)
    assert (unknown.exit_code, "Q999" in unknown.output) == (1, True)
