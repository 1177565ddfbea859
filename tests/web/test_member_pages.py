"""A member's own pages: opening the account, hours that lead to their records, the QR code."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from tests.conftest import Cast
from volunteer.domain.cards import CardState
from volunteer.queries.cards import find_printable_card
from volunteer.services.cards import end_card
from volunteer.services.members import add_member, give_activation_code

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
HOUR = timedelta(hours=1)
PASSWORD = "battery staple"


def form(code: str) -> dict[str, str]:
    """The activation form as alice fills it in."""
    return {"volunteer_no": "a001", "code": code, "password": PASSWORD, "again": PASSWORD}


@pytest.mark.parametrize("address", ["/me", "/me/records", "/me/card", "/me/card.png"])
def test_every_page_of_a_member_asks_for_a_sign_in(client: FlaskClient, cast: Cast, address: str) -> None:
    assert client.get(address).location == "/me/sign-in"


def test_an_admin_is_no_member(sign_in: SignIn, cast: Cast) -> None:
    assert sign_in(cast.bob).get("/me").location == "/me/sign-in"


def test_the_code_of_the_letter_opens_the_account_once(client: FlaskClient, cast: Cast) -> None:
    code = give_activation_code("A001")

    first = client.post("/me/activate", data=form(code.lower().replace("-", " ")))
    client.post("/me/sign-out")
    again = client.post("/me/activate", data=form(code))
    signed_in = client.post("/me/sign-in", data={"volunteer_no": "a001 ", "password": PASSWORD})

    assert (first.location, again.status_code, signed_in.location) == ("/me", 422, "/me")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"again": "something else"}, "两次输入的密码不一样"),
        ({"password": "short", "again": "short"}, "密码至少要 8 位"),
        ({"password": "12345678", "again": "12345678"}, "太容易被人猜到"),
        ({"password": "张三19900101", "again": "张三19900101"}, "太容易被人猜到"),
        ({"password": "a0012026!", "again": "a0012026!"}, "太容易被人猜到"),
        ({"code": "0000-0000"}, "激活码不正确"),
        ({"volunteer_no": "Z999"}, "激活码不正确"),
    ],
)
def test_a_refused_activation_keeps_what_was_typed_but_no_password(
    client: FlaskClient, cast: Cast, changes: dict[str, str], words: str
) -> None:
    filled = form(give_activation_code("A001")) | changes

    response = client.post("/me/activate", data=filled)

    assert response.status_code == 422
    assert words in response.text
    assert f'value="{filled["volunteer_no"]}"' in response.text
    assert filled["password"] not in response.text


def test_a_wrong_password_and_an_unknown_number_sound_the_same(client: FlaskClient, cast: Cast) -> None:
    answers = [
        client.post("/me/sign-in", data={"volunteer_no": number, "password": "wrong horse"})
        for number in ("A001", "Z999")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("编号或密码不正确" in answer.text for answer in answers)


def test_hours_are_shown_with_the_records_they_come_from(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    hold(now)
    hold(now + 2 * HOUR)
    client = sign_in(cast.alice)

    page = client.get("/me?year=2026").text
    listed = client.get("/me/records?year=2026&month=9").text

    assert "2026年9月 2.0 小时，查看记录" in page
    assert "/me/records?year=2026&amp;month=9" in page
    assert "共 1 条记录，合计 2.0 小时" in listed
    assert "已签退" in listed


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 1), ("year=2026", 1), ("year=2025", 0), ("year=2026&month=9", 1), ("year=2026&month=8", 0),
        ("day=2026-09-15", 1), ("day=2026-09-14", 0), ("activity=none", 1), ("activity=1", 0),
    ],
)  # fmt: skip
def test_a_list_holds_exactly_what_was_asked_for(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime, query: str, count: int
) -> None:
    hold(now)

    assert f"共 {count} 条记录" in sign_in(cast.alice).get(f"/me/records?{query}").text


@pytest.mark.parametrize(
    "query", ["year=x", "year=2026&month=13", "day=15.9.", "activity=all", "year=99999", "year=²"]
)
def test_an_address_that_makes_no_sense_is_a_bad_request(sign_in: SignIn, cast: Cast, query: str) -> None:
    assert sign_in(cast.alice).get(f"/me/records?{query}").status_code == 400


def test_a_member_on_duty_sees_since_when(sign_in: SignIn, cast: Cast, hold: Hold, now: datetime) -> None:
    hold(now)

    page = sign_in(cast.alice).get("/me").text

    assert "10:00 签到" in page
    assert "在岗" in page


def test_a_forgotten_check_out_counts_nothing_and_says_so(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    hold(now)
    hold(now + 30 * HOUR)
    client = sign_in(cast.alice)

    assert "忘记签退 · 待确认（计 0）" in client.get("/me/records").text
    assert "有 1 条记录待确认" in client.get("/me").text


def test_nobody_sees_another_members_records(sign_in: SignIn, cast: Cast, hold: Hold, now: datetime) -> None:
    hold(now)
    other = add_member("B001", "李四", "FD01", now)

    text = sign_in(other).get("/me/records").text

    assert "共 0 条记录" in text
    assert "龙城广场" not in text


def test_without_records_the_page_says_what_to_do(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in(cast.alice).get("/me").text

    assert "还没有服务记录" in page
    assert "打开我的二维码" in page


def test_the_members_own_code_can_be_read_from_the_picture(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.alice).get("/me/card.png")

    (symbol,) = zxingcpp.read_barcodes(Image.open(BytesIO(response.data)))
    assert symbol.text == cast.token
    assert response.headers["Cache-Control"] == "no-store"


def test_a_lost_card_is_shown_no_more(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    card = find_printable_card(cast.alice.id)
    assert card is not None
    end_card(card.id, CardState.LOST, now)
    client = sign_in(cast.alice)

    page = client.get("/me/card").text

    assert "您还没有可用的二维码" in page
    assert "请联系本队（第一分队）管理员发卡" in page
    assert client.get("/me/card.png").status_code == 422
