"""Asking to join without an account: kept sealed, answered by the team's admin, seen with a code."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.contacts import derive_contact_key, open_contact
from volunteer.models.access_log import AccessEntry
from volunteer.models.consents import Consent
from volunteer.models.people import MemberContact
from volunteer.models.registrations import Registration
from volunteer.models.teams import Unit
from volunteer.queries.members import find_member, get_member
from volunteer.services.members import add_member

SignIn = Callable[[object], FlaskClient]
WISH = {
    "name": "李四",
    "phone": "138 1234 5678",
    "unit": "",
    "team": "FD01",
    "agreed": ["recording", "contact"],
}


def ask(client: FlaskClient, **change: str) -> str:
    """Send the form; the code that the next page shows."""
    response = client.post("/register", data=WISH | change)
    assert response.location == "/register/sent", response.text
    with client.session_transaction() as cookie:
        return str(cookie["registration_code"])


def only() -> Registration:
    return db.session.execute(select(Registration).order_by(Registration.id.desc())).scalars().first()  # type: ignore[return-value]


def state_of(client: FlaskClient, code: str) -> str:
    return client.post("/register/state", data={"code": code}).text


def test_somebody_asks_is_taken_in_and_sees_the_number(
    client: FlaskClient, sign_in: SignIn, cast: Cast, app: Flask
) -> None:
    code = ask(client)
    waiting = state_of(client, code.lower().replace("-", " "))
    bob = sign_in(cast.bob)
    listed = bob.get("/admin/registrations").text
    page = bob.get(f"/admin/registrations/{only().id}").text

    done = bob.post(f"/admin/registrations/{only().id}", data={"decision": "approve", "volunteer_no": ""})

    assert "管理员还没有处理" in waiting
    assert "李四" in listed
    assert 'value="A002"' in page
    assert "138****5678" in page
    assert done.location == "/admin/members/A002"
    assert "志愿者编号是 A002" in state_of(client, code)


def test_the_telephone_is_masked_until_it_is_asked_for_and_that_is_logged(
    client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    ask(client)
    bob, path = sign_in(cast.bob), f"/admin/registrations/{only().id}"
    masked = bob.get("/admin/registrations").text + bob.get(path).text
    refused = bob.post(path, data={"decision": "reject", "reply": ""}).text
    looks = select(AccessEntry).where(AccessEntry.kind == "viewed_contact")
    before = db.session.execute(looks).all()

    shown = bob.post(f"{path}/reveal")

    assert "13812345678" not in masked + refused
    assert ("138****5678" in refused, before) == (True, [])
    assert "13812345678" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    entry = db.session.execute(looks).scalar_one()
    assert (entry.admin_id, entry.count) == (cast.bob.id, 0)
    log = bob.get("/admin/access-log").text
    assert (f"加入申请 {only().id}" in log, "0 人" in log) == (True, False)
    assert bob.get(f"{path}/reveal").location == path


def test_from_the_page_with_the_full_number_the_decision_goes_where_it_should(
    client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    ask(client)
    bob, path = sign_in(cast.bob), f"/admin/registrations/{only().id}"

    shown = bob.post(f"{path}/reveal").text

    assert shown.count(f'<form method="post" action="{path}">') == 2


def test_the_telephone_is_sealed_and_goes_into_the_file_with_the_consents(
    client: FlaskClient, sign_in: SignIn, cast: Cast, app: Flask
) -> None:
    ask(client)
    sealed = only().phone_sealed or b""
    sign_in(cast.bob).post(f"/admin/registrations/{only().id}", data={"decision": "approve"})

    contact = db.session.execute(select(MemberContact)).scalar_one()
    consents = db.session.execute(select(Consent.purpose).order_by(Consent.purpose)).scalars().all()
    assert b"5678" not in sealed
    assert open_contact(contact.value_sealed, derive_contact_key(app.config["SECRET_KEY"])) == "13812345678"
    assert contact.ending == "5678"
    assert consents == ["contact", "recording"]
    assert only().phone_sealed is None
    found = sign_in(cast.bob).get("/admin/members?q=5678").text
    assert "/admin/members/A002" in found


def test_who_is_turned_away_reads_why_and_the_telephone_is_erased(
    client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    code = ask(client)
    bob, path = sign_in(cast.bob), f"/admin/registrations/{only().id}"
    without = bob.post(path, data={"decision": "reject", "reply": " "})

    bob.post(path, data={"decision": "reject", "reply": "请到所在社区报名"})

    assert (without.status_code, "请写一句回复" in without.text) == (422, True)
    assert "请到所在社区报名" in state_of(client, code)
    assert only().phone_sealed is None
    again = bob.post(path, data={"decision": "approve"})
    assert (again.status_code, "已经处理过" in again.text) == (422, True)


def test_who_only_agrees_to_be_recorded_is_taken_in_without_a_telephone(
    client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    form = client.get("/register").text
    client.post("/register", data=WISH | {"agreed": "recording"})

    sign_in(cast.bob).post(f"/admin/registrations/{only().id}", data={"decision": "approve"})

    assert form.count('name="agreed"') == 2
    assert db.session.execute(select(Consent.purpose)).scalars().all() == ["recording"]
    assert db.session.execute(select(MemberContact)).first() is None
    assert only().phone_sealed is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"agreed": "contact"}, "请先阅读并同意"),
        ({"name": " "}, "请填写姓名"),
        ({"phone": "12"}, "手机号"),
        ({"team": ""}, "请选择一个队伍"),
        ({"agreed": ""}, "请先阅读并同意"),
    ],
)
def test_a_form_that_lacks_something_says_so_and_keeps_what_was_typed(
    client: FlaskClient, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    response = client.post("/register", data=WISH | change)

    assert response.status_code == 422
    assert sentence in response.text
    assert ('value="李四"' in response.text) == ("name" not in change)
    assert db.session.execute(select(Registration)).first() is None


def test_the_code_stays_through_reloads_until_it_is_noted_down(client: FlaskClient, cast: Cast) -> None:
    code = ask(client)

    reloaded = client.get("/register/sent").text
    put_away = client.post("/register/sent")

    assert code in reloaded
    assert (put_away.location, client.get("/register/sent").location) == (
        "/register/state",
        "/register/state",
    )
    assert "管理员还没有处理" in state_of(client, code)


def test_nobody_else_sees_the_code_and_sending_it_once_more_gives_nothing_away(
    client: FlaskClient, cast: Cast
) -> None:
    code, stranger = ask(client), client.application.test_client()

    again = stranger.post("/register", data=WISH)

    assert stranger.get("/register/sent").location == "/register/state"
    assert (again.status_code, "请联系想加入的队伍的管理员" in again.text, code in again.text) == (
        422,
        True,
        False,
    )
    assert "请联系想加入的队伍的管理员" in stranger.get("/register/state").text


def test_who_lost_the_code_gets_another_from_the_admin_and_the_old_one_ends(
    client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    old = ask(client)
    bob, path = sign_in(cast.bob), f"/admin/registrations/{only().id}"

    asked = bob.get(f"{path}/code").text
    page = bob.post(f"{path}/code", follow_redirects=True).text

    found = re.search(r"新的查询码：([0-9A-Z-]+)。", page)
    assert found is not None, page
    assert "拨打申请里登记的电话" in asked
    assert "管理员还没有处理" in state_of(client, found[1])
    assert "没有这个查询码" in state_of(client, old)
    assert sign_in(cast.charlie).post(f"{path}/code").status_code == 404


def test_a_decided_request_gets_no_other_code(client: FlaskClient, sign_in: SignIn, cast: Cast) -> None:
    ask(client)
    bob, path = sign_in(cast.bob), f"/admin/registrations/{only().id}"
    bob.post(path, data={"decision": "approve", "volunteer_no": "A009"})

    late = bob.post(f"{path}/code")

    assert (late.status_code, "已经处理过" in late.text) == (422, True)


def test_sending_twice_keeps_one_request(client: FlaskClient, cast: Cast) -> None:
    ask(client)

    again = client.post("/register", data=WISH)

    assert (again.status_code, "已经提交过" in again.text) == (422, True)


def test_an_unknown_code_says_so(client: FlaskClient, cast: Cast) -> None:
    response = client.post("/register/state", data={"code": "0000-0000-0000-0000"})

    assert response.status_code == 422
    assert "没有这个查询码的申请" in response.text


def test_who_may_be_a_member_already_is_named(
    client: FlaskClient, sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    ask(client, name="张三")

    bob = sign_in(cast.bob)

    assert "已有同名的志愿者：A001" in bob.get("/admin/registrations").text
    assert "也许已经是志愿者" in bob.get(f"/admin/registrations/{only().id}").text


def test_a_typed_number_is_taken_and_a_used_one_refused(
    client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    ask(client)
    bob, path = sign_in(cast.bob), f"/admin/registrations/{only().id}"

    used = bob.post(path, data={"decision": "approve", "volunteer_no": "a001"})
    done = bob.post(path, data={"decision": "approve", "volunteer_no": "x-77"})

    assert (used.status_code, "A001 已有人使用" in used.text) == (422, True)
    assert done.location == "/admin/members/X-77"


def test_the_free_number_passes_over_those_of_other_teams(
    client: FlaskClient, sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("A009", "王五", "FD02", now)
    ask(client)

    sign_in(cast.bob).post(f"/admin/registrations/{only().id}", data={"decision": "approve"})

    assert get_member("A010").name == "李四"


def test_numbers_go_on_with_one_digit_more_when_all_are_given_out(
    client: FlaskClient, sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    for number in ("A998", "A999", "A1000"):
        add_member(number, "王五", "FD01", now)
    ask(client)

    sign_in(cast.bob).post(f"/admin/registrations/{only().id}", data={"decision": "approve"})

    assert get_member("A1001").name == "李四"


def test_a_team_without_members_begins_its_own_numbers(
    client: FlaskClient, sign_in: SignIn, cast: Cast
) -> None:
    ask(client, team="FD02")

    sign_in(cast.charlie).post(f"/admin/registrations/{only().id}", data={"decision": "approve"})

    assert find_member("FD02-0001") is not None


def test_a_foreign_admin_sees_no_request(client: FlaskClient, sign_in: SignIn, cast: Cast) -> None:
    ask(client)
    charlie, path = sign_in(cast.charlie), f"/admin/registrations/{only().id}"

    assert "李四" not in charlie.get("/admin/registrations").text
    assert charlie.get(path).status_code == 404
    assert charlie.post(path, data={"decision": "approve"}).status_code == 404
    assert charlie.post(f"{path}/reveal").status_code == 404
    lines = db.session.execute(select(AccessEntry.detail, AccessEntry.count)).all()
    assert [tuple(line) for line in lines] == [("registrations", 0)]


def test_a_machine_that_guesses_codes_is_slowed(client: FlaskClient, cast: Cast) -> None:
    answers = [client.post("/register/state", data={"code": str(number)}) for number in range(61)]

    assert {answer.status_code for answer in answers[:60]} == {422}
    assert "没有这个查询码" not in answers[60].text
    assert "再试" in answers[60].text


@pytest.mark.parametrize("has_heir", [True, False])
def test_who_asked_for_a_unit_dissolved_since_joins_its_successor(
    client: FlaskClient, sign_in: SignIn, cast: Cast, has_heir: bool
) -> None:
    heir, unit = Unit(name="新局"), Unit(name="老局")
    db.session.add_all([heir, unit])
    db.session.commit()
    ask(client, unit=str(unit.id))
    heir_id = heir.id if has_heir else None
    unit.dissolved_on, unit.successor_id = date(2026, 9, 1), heir_id
    db.session.commit()

    refused = client.post("/register", data=WISH | {"name": "王五", "unit": str(unit.id)})
    sign_in(cast.bob).post(
        f"/admin/registrations/{only().id}", data={"decision": "approve", "volunteer_no": "A009"}
    )

    assert refused.status_code == 422
    assert ("请改选承接单位“新局”" if has_heir else "请改选别的单位") in refused.text
    assert get_member("A009").unit_id == heir_id


@pytest.mark.parametrize("unit", ["x", "0", "９", str(2**63), "9" * 30])
def test_a_unit_that_was_never_offered_is_unknown(client: FlaskClient, cast: Cast, unit: str) -> None:
    assert client.post("/register", data=WISH | {"unit": unit}).status_code == 404
