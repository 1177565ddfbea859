"""Signing in through the pages: second step, passkeys, sessions, limits – for admins and members alike."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from tests.conftest import PASSWORD, PASSWORD_HASH, Cast
from tests.web.authenticator import Authenticator
from volunteer.db import db
from volunteer.domain.attempts import Origin
from volunteer.domain.sign_in_refusals import TooManyAttempts
from volunteer.models.attempts import Attempt
from volunteer.models.members import Admin, Member
from volunteer.models.sign_ins import Passkey, SignIn
from volunteer.services.attempts import note_sign_in
from volunteer.web.clock import now as this_instant

SignInAs = Callable[[Admin | Member], FlaskClient]
BOB = {"username": "bob", "password": PASSWORD}
CHROME = "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 Safari/537.36"


def from_address(address: str) -> dict[str, Any]:
    """A request that comes from there."""
    return {"environ_overrides": {"REMOTE_ADDR": address}}


def options_in(page: str) -> dict[str, Any]:
    """What a page asks the browser's authenticator."""
    found = re.search(r'data-options="([^"]*)"', page)
    assert found
    asked: dict[str, Any] = json.loads(unescape(found[1]))
    return asked


def set_up_totp(browser: FlaskClient, place: str = "/admin") -> tuple[str, list[str]]:
    """Switch TOTP on as the pages say; the secret and the recovery codes."""
    browser.post(f"{place}/account/totp/begin", data={"current": PASSWORD})
    page = browser.get(f"{place}/account/totp").text
    secret = re.search(r'class="secret">([^<]+)', page)
    assert secret
    assert "<svg" in page
    # The half minute before: the present one is still good for signing in.
    plain = secret[1].replace(" ", "")
    earlier = pyotp.TOTP(plain).at(this_instant() - timedelta(seconds=30))
    page = browser.post(f"{place}/account/totp", data={"code": earlier}).text
    return plain, re.findall(r"<li><code>([^<]+)", page)


def add_passkey(browser: FlaskClient, place: str = "/admin") -> Authenticator:
    """Add a passkey as the pages say."""
    device = Authenticator()
    browser.post(f"{place}/account/passkeys/begin", data={"current": PASSWORD})
    asked = options_in(browser.get(f"{place}/account/passkeys/new").text)
    form = {"credential": device.create(asked), "name": "办公室电脑"}
    assert browser.post(f"{place}/account/passkeys/new", data=form).status_code in (200, 302)
    return device


@pytest.fixture
def alice(cast: Cast) -> Member:
    """alice, who has opened her account."""
    cast.alice.password_hash = PASSWORD_HASH
    db.session.commit()
    return cast.alice


def test_a_stranger_failing_does_not_shut_the_owner_out(app: Flask, client: FlaskClient, cast: Cast) -> None:
    assert client.post("/admin/sign-in", data=BOB).status_code == 302
    client.post("/admin/sign-out")
    mallory, wrong = app.test_client(), BOB | {"password": "wrong"}
    answers = [mallory.post("/admin/sign-in", data=wrong) for _ in range(200)]
    assert [one.status_code for one in answers] == [422] * 10 + [429] * 190
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900
    assert "尝试次数太多，请 15 分钟后再试" in answers[-1].text

    # Even the right password helps the stranger no more, but bob's own browser at the same address gets in.
    assert mallory.post("/admin/sign-in", data=BOB).status_code == 429
    assert client.post("/admin/sign-in", data=BOB).status_code == 302
    home = app.test_client().post("/admin/sign-in", data=BOB, **from_address("198.51.100.1"))
    assert home.status_code == 302


def test_a_flood_of_wrong_sign_ins_from_the_office_lets_its_people_in_on_a_new_browser(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    for number in range(200):
        with suppress(TooManyAttempts):
            note_sign_in(f"member:A{number}", Origin("127.0.0.1"), datetime.now(UTC))

    wrong = client.post("/admin/sign-in", data={**BOB, "password": "guess"})
    right = client.post("/admin/sign-in", data=BOB)
    guesses = [
        app.test_client().post("/admin/sign-in", data={"username": "charlie", "password": f"guess {number}"})
        for number in range(5)
    ]

    assert (wrong.status_code, right.location) == (422, "/admin")
    assert [one.status_code for one in guesses] == [422] * 3 + [429] * 2


def test_a_known_device_is_known_for_its_own_person_only(app: Flask, client: FlaskClient, cast: Cast) -> None:
    client.post("/admin/sign-in", data=BOB)
    client.post("/admin/sign-out")
    guess = {"username": "charlie", "password": "wrong"}
    for browser in (client, app.test_client()):
        for _ in range(5):
            assert browser.post("/admin/sign-in", data=guess).status_code == 422
    assert client.post("/admin/sign-in", data=guess).status_code == 429


def test_a_forged_device_cookie_is_worth_nothing(app: Flask, client: FlaskClient, cast: Cast) -> None:
    client.post("/admin/sign-in", data=BOB)
    genuine = client.get_cookie("known_device")
    assert genuine
    mallory = app.test_client()
    mallory.set_cookie("known_device", genuine.value[:-4] + "AAAA")
    wrong = BOB | {"password": "wrong"}
    assert [mallory.post("/admin/sign-in", data=wrong).status_code for _ in range(11)][-1] == 429


def test_the_second_step_stands_between_password_and_pages(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    secret, codes = set_up_totp(sign_in(cast.bob))
    assert len(codes) == 10
    browser = app.test_client()
    form = BOB | {"next": "/admin/members"}
    assert browser.post("/admin/sign-in", data=form).location == "/admin/sign-in/second-step"
    assert browser.get("/admin/members").status_code == 302
    wrong = browser.post("/admin/sign-in/second-step", data={"code": "000000"})
    assert wrong.status_code == 422
    assert "验证码不正确" in wrong.text

    right = browser.post("/admin/sign-in/second-step", data={"code": pyotp.TOTP(secret).at(this_instant())})
    assert right.location == "/admin/members"
    assert browser.get("/admin/members").status_code == 200


def test_guessing_the_second_step_is_stopped(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    _, codes = set_up_totp(sign_in(cast.bob))
    browser = app.test_client()
    browser.post("/admin/sign-in", data=BOB)
    answers = [browser.post("/admin/sign-in/second-step", data={"code": f"00000{n}"}) for n in range(8)]
    assert [one.status_code for one in answers] == [422] * 5 + [429] * 3
    # What no one can guess is still the way in.
    assert browser.post("/admin/sign-in/second-step", data={"code": codes[3]}).location == "/admin"


def test_a_recovery_code_works_for_members_once(app: Flask, sign_in: SignInAs, alice: Member) -> None:
    _, codes = set_up_totp(sign_in(alice), "/me")
    form = {"volunteer_no": "A001", "password": PASSWORD}
    browser = app.test_client()
    browser.post("/me/sign-in", data=form)
    assert browser.post("/me/sign-in/second-step", data={"code": codes[0]}).location == "/me"
    assert "还剩 9 个" in browser.get("/me/account").text
    again = app.test_client()
    again.post("/me/sign-in", data=form)
    assert again.post("/me/sign-in/second-step", data={"code": codes[0]}).status_code == 422


def test_a_second_step_without_a_first_leads_to_the_sign_in(client: FlaskClient, cast: Cast) -> None:
    for place in ("/admin", "/me"):
        answer = client.post(f"{place}/sign-in/second-step", data={"code": "123456"})
        assert answer.location == f"{place}/sign-in"


def test_totp_is_removed_only_with_the_password(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    browser = sign_in(cast.bob)
    set_up_totp(browser)
    refused = browser.post("/admin/account/totp/remove", data={"current": "wrong"})
    assert refused.status_code == 422
    assert "当前密码不正确" in refused.text

    browser.post("/admin/account/totp/remove", data={"current": PASSWORD})
    assert app.test_client().post("/admin/sign-in", data=BOB).location == "/admin"


def test_a_stolen_session_cannot_guess_the_password(sign_in: SignInAs, cast: Cast) -> None:
    browser = sign_in(cast.bob)
    path, wrong = "/admin/account/totp/remove", {"current": "wrong"}
    assert [browser.post(path, data=wrong).status_code for _ in range(11)] == [422] * 10 + [429]


def test_a_passkey_signs_in_by_itself(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    device = add_passkey(sign_in(cast.bob))
    browser = app.test_client()
    asked = options_in(browser.get("/admin/sign-in/passkey?next=/admin/members").text)
    assert asked["userVerification"] == "required"
    form = {"credential": device.get(asked), "next": "/admin/members"}
    assert browser.post("/admin/sign-in/passkey", data=form).location == "/admin/members"
    assert browser.get("/admin/members").status_code == 200
    assert "办公室电脑" in browser.get("/admin/account").text


def test_an_answer_of_a_passkey_cannot_be_sent_again(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    device = add_passkey(sign_in(cast.bob))
    browser = app.test_client()
    form = {"credential": device.get(options_in(browser.get("/admin/sign-in/passkey").text))}
    cookie = browser.get_cookie("session")
    assert cookie
    assert browser.post("/admin/sign-in/passkey", data=form).status_code == 302
    # The same cookie and the same answer, and an authenticator that does not count.
    db.session.execute(update(Passkey).values(sign_count=0))
    db.session.commit()
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.post("/admin/sign-in/passkey", data=form).status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"asks_who": False},
        {"handle": b"somebody else"},
        {"credential_id": b"never seen"},
        {"count": -1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_no_right_answer_is_refused(
    app: Flask, sign_in: SignInAs, cast: Cast, change: dict[str, Any]
) -> None:
    device = add_passkey(sign_in(cast.bob))
    db.session.execute(update(Passkey).values(sign_count=5))
    db.session.commit()
    browser, odd = app.test_client(), replace(device, **{"count": 9} | change)
    form = {"credential": odd.get(options_in(browser.get("/admin/sign-in/passkey").text))}
    answer = browser.post("/admin/sign-in/passkey", data=form)
    assert answer.status_code == 422
    assert "没有认出这个通行密钥" in answer.text


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"id": 1}', "[" * 5000, '{"id": "YQ", "response": 7}']
)
def test_rubbish_is_no_server_error(app: Flask, sign_in: SignInAs, cast: Cast, text: str) -> None:
    browser = sign_in(cast.bob)
    browser.post("/admin/account/passkeys/begin", data={"current": PASSWORD})
    browser.get("/admin/account/passkeys/new")
    assert browser.post("/admin/account/passkeys/new", data={"credential": text}).status_code == 422
    stranger = app.test_client()
    stranger.get("/me/sign-in/passkey")
    assert stranger.post("/me/sign-in/passkey", data={"credential": text}).status_code == 422


def test_a_passkey_of_an_admin_opens_no_member_account(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    device = add_passkey(sign_in(cast.bob))
    browser = app.test_client()
    form = {"credential": device.get(options_in(browser.get("/me/sign-in/passkey").text))}
    assert browser.post("/me/sign-in/passkey", data=form).status_code == 422
    assert browser.get("/me").status_code == browser.get("/admin").status_code == 302


def test_a_passkey_is_a_second_step_too_and_only_of_its_owner(
    app: Flask, sign_in: SignInAs, cast: Cast
) -> None:
    bobs = add_passkey(sign_in(cast.bob))
    browser = app.test_client()
    assert browser.post("/admin/sign-in", data=BOB).location == "/admin/sign-in/second-step"
    asked = options_in(browser.get("/admin/sign-in/second-step").text)
    assert len(asked["allowCredentials"]) == 1
    form = {"credential": bobs.get(asked)}
    assert browser.post("/admin/sign-in/second-step", data=form).location == "/admin"


def test_passkeys_are_added_only_after_the_password(sign_in: SignInAs, cast: Cast) -> None:
    browser = sign_in(cast.bob)
    assert browser.get("/admin/account/passkeys/new").location == "/admin/account/passkeys/begin"
    assert browser.post("/admin/account/passkeys/new", data={}).location == "/admin/account/passkeys/begin"


def test_a_dismissed_admin_gets_in_with_nothing(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    device = add_passkey(sign_in(cast.bob))
    db.session.execute(update(Admin).where(Admin.username == "bob").values(is_active=False))
    db.session.commit()
    browser = app.test_client()
    form = {"credential": device.get(options_in(browser.get("/admin/sign-in/passkey").text))}
    assert browser.post("/admin/sign-in/passkey", data=form).status_code == 422
    assert browser.get("/admin").status_code == 302


@pytest.mark.parametrize("place", ["/admin", "/me"])
def test_sessions_are_listed_and_ended_one_by_one(
    app: Flask, sign_in: SignInAs, cast: Cast, alice: Member, place: str
) -> None:
    here = sign_in(cast.bob if place == "/admin" else alice)
    form = BOB if place == "/admin" else {"volunteer_no": "A001", "password": PASSWORD}
    there = app.test_client()
    there.post(f"{place}/sign-in", data=form, headers={"User-Agent": CHROME})
    page = here.get(f"{place}/account").text
    assert "Chrome · Windows" in page
    assert page.count("这台设备</span>") == 1
    (path,) = re.findall(r'action="([^"]+/sessions/\d+/end)"', page)

    assert here.post(path).status_code == 302
    assert there.get(place).status_code == 302
    assert here.get(place).status_code == 200


def test_all_other_sessions_end_together(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    here, others = sign_in(cast.bob), [app.test_client() for _ in range(2)]
    for other in others:
        other.post("/admin/sign-in", data=BOB)
    here.post("/admin/account/sessions/end-others")
    assert [other.get("/admin").status_code for other in others] == [302, 302]
    assert "只有这一台设备登录着" in here.get("/admin/account").text


def test_what_belongs_to_somebody_else_is_not_there(app: Flask, sign_in: SignInAs, cast: Cast) -> None:
    add_passkey(sign_in(cast.bob))
    session_id = db.session.execute(select(SignIn.id)).scalar_one()
    passkey_id = db.session.execute(select(Passkey.id)).scalar_one()
    for place, person in (("/admin", cast.charlie), ("/me", cast.alice)):
        other = sign_in(person)
        assert other.post(f"{place}/account/sessions/{session_id}/end").status_code == 404
        remove = f"{place}/account/passkeys/{passkey_id}/remove"
        assert other.get(remove).status_code == 404
        assert other.post(remove, data={"current": PASSWORD}).status_code == 404
    assert db.session.execute(select(func.count(Passkey.id))).scalar_one() == 1


def test_a_copied_cookie_is_dead_after_signing_out(app: Flask, client: FlaskClient, cast: Cast) -> None:
    client.post("/admin/sign-in", data=BOB)
    cookie = client.get_cookie("session")
    assert cookie
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/admin").status_code == 200
    client.post("/admin/sign-out")
    assert thief.get("/admin").status_code == 302


def test_a_new_password_ends_other_sessions_and_keeps_this_one(
    app: Flask, sign_in: SignInAs, cast: Cast
) -> None:
    here, there = sign_in(cast.bob), app.test_client()
    there.post("/admin/sign-in", data=BOB)
    new = {"current": PASSWORD, "password": "battery staple", "again": "battery staple"}
    guessable = {"password": "bob20261122", "again": "bob20261122"}
    refused = here.post("/admin/account/password", data=new | guessable)
    assert (refused.status_code, "太容易被人猜到" in refused.text) == (422, True)
    assert here.post("/admin/account/password", data=new | {"again": "x"}).status_code == 422
    assert here.post("/admin/account/password", data=new | {"current": "x"}).status_code == 422
    assert here.post("/admin/account/password", data=new).location == "/admin/account"
    assert here.get("/admin").status_code == 200
    assert there.get("/admin").status_code == 302
    assert app.test_client().post("/admin/sign-in", data=BOB).status_code == 422


def test_when_a_session_was_used_last_is_kept_every_few_minutes(sign_in: SignInAs, cast: Cast) -> None:
    browser, early = sign_in(cast.bob), this_instant() - timedelta(hours=1)
    db.session.execute(update(SignIn).values(last_seen_at=early, begun_at=early))
    db.session.commit()
    assert browser.get("/admin").status_code == 200
    db.session.rollback()
    seen = db.session.execute(select(SignIn.last_seen_at)).scalar_one()
    browser.get("/admin")
    db.session.rollback()
    assert db.session.execute(select(SignIn.last_seen_at)).scalar_one() == seen > early


def test_a_session_idle_for_half_a_day_is_over(sign_in: SignInAs, cast: Cast) -> None:
    browser, early = sign_in(cast.bob), this_instant() - timedelta(hours=13)
    db.session.execute(update(SignIn).values(last_seen_at=early, begun_at=early))
    db.session.commit()
    assert browser.get("/admin").status_code == 302


def test_guessing_activation_and_enrolment_codes_is_stopped(client: FlaskClient, cast: Cast) -> None:
    form = {"volunteer_no": "A001", "code": "0000-0000", "password": PASSWORD, "again": PASSWORD}
    assert [client.post("/me/activate", data=form).status_code for _ in range(11)] == [422] * 10 + [429]
    guess = {"code": "0000-0000", "kind": "kiosk"}
    answers = [client.post("/api/v1/terminals/enrol", json=guess) for _ in range(31)]
    assert [one.status_code for one in answers] == [422] * 30 + [429]
    assert answers[-1].json
    assert answers[-1].json["error"]["code"] == "too_many_attempts"
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_no_address_stands_in_the_table_of_attempts(client: FlaskClient, cast: Cast) -> None:
    client.post("/admin/sign-in", data=BOB | {"password": "wrong"})
    rows = db.session.execute(select(Attempt.kind, Attempt.key_hash)).all()
    assert len(rows) == 3
    assert all(re.fullmatch(r"[0-9a-f]{64}", row.key_hash) for row in rows)


def test_behind_our_proxy_the_clients_own_address_counts(database_url: str, app: Flask, cast: Cast) -> None:
    from volunteer.factory import create_app

    behind = create_app(SQLALCHEMY_DATABASE_URI=database_url, TESTING=True, WTF_CSRF_ENABLED=False, PROXIES=1)
    wrong = BOB | {"password": "wrong"}
    spoofed = [{"X-Forwarded-For": f"1.2.3.{number}, 203.0.113.9"} for number in range(11)]
    browser = behind.test_client()
    answers = [browser.post("/admin/sign-in", data=wrong, headers=headers) for headers in spoofed]
    assert answers[-1].status_code == 429
    other = browser.post("/admin/sign-in", data=BOB, headers={"X-Forwarded-For": "198.51.100.7"})
    assert other.status_code == 302
    with behind.app_context():
        db.engine.dispose()


def test_a_member_who_lost_everything_is_helped_by_the_own_admin_only(
    app: Flask, sign_in: SignInAs, cast: Cast, alice: Member
) -> None:
    set_up_totp(sign_in(alice), "/me")
    path = "/admin/members/A001/second-step/remove"
    assert sign_in(cast.charlie).post(path).status_code == 404
    browser, form = app.test_client(), {"volunteer_no": "A001", "password": PASSWORD}
    assert browser.post("/me/sign-in", data=form).location == "/me/sign-in/second-step"

    assert "当面确认是本人" in sign_in(cast.bob).get(path).text
    sign_in(cast.bob).post(path)
    assert browser.post("/me/sign-in", data=form).location == "/me"


def test_everything_lost_the_second_step_is_reset_from_the_command_line(
    app: Flask, sign_in: SignInAs, cast: Cast
) -> None:
    add_passkey(sign_in(cast.bob))
    told = app.test_cli_runner().invoke(args=["reset-second-step", "bob", "--admin"])
    assert told.exit_code == 0, told.output
    assert app.test_client().post("/admin/sign-in", data=BOB).location == "/admin"
    assert app.test_cli_runner().invoke(args=["reset-second-step", "nobody", "--admin"]).exit_code == 1
