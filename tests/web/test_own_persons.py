"""An admin says which volunteer the own person is, and proves it; only another admin takes it back."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, PASSWORD_HASH, Cast
from tests.services.hours_people import link
from volunteer.db import db
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


def test_the_password_of_the_members_account_proves_it(sign_in: SignIn, cast: Cast, person: Member) -> None:
    bob = sign_in(cast.bob)
    before = bob.get("/admin/account").text

    wrong = prove(bob, "B001", "guess")
    right = prove(bob, "b001", PASSWORD)

    assert "未关联" in before
    assert (wrong[0], "不符" in wrong[1]) == (422, True)
    assert (right[0], linked(cast.bob)) == (302, person.id)
    assert "B001" in bob.get("/admin/account/person").text
    again = prove(bob, "B001", PASSWORD)
    assert (again[0], "先解除" in again[1]) == (422, True)
    told = sign_in(person).get("/me/messages").text
    assert "管理员账号 bob（鲍勃）关联了您的志愿者编号" in told


def test_the_admins_above_are_told_and_can_undo_it(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, person: Member
) -> None:
    prove(sign_in(cast.bob), "B001", PASSWORD)

    dora = sign_in(brigade_admin)
    told = dora.get("/admin/messages").text
    number = db.session.query(Message).filter_by(admin_id=brigade_admin.id).one().id
    opened = dora.post(f"/admin/messages/{number}/open")

    assert "管理员账号 bob（鲍勃）关联了志愿者鲍勃（B001）" in told
    assert opened.location == f"/admin/admins/{cast.bob.id}"
    assert "解除关联" in dora.get(opened.location).text
    assert "B001" not in sign_in(cast.charlie).get("/admin/messages").text


def test_the_code_of_the_card_letter_proves_it_too(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    member = add_member("B001", "鲍勃", "FD01", now)
    code = give_activation_code("B001")

    assert prove(sign_in(cast.bob), "B001", code)[0] == 302
    assert linked(cast.bob) == member.id


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
    assert "B001" in page
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
