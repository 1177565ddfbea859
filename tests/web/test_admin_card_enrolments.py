"""Binding cards by tapping, from the admin's page to the terminal's request and back."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Cast, scan
from volunteer.db import db
from volunteer.domain.stations import StationKind, TerminalKind
from volunteer.models.card_events import CardEnrolment
from volunteer.models.records import ServiceRecord
from volunteer.queries.members import list_cards
from volunteer.services.members import add_member
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal
from volunteer.web.dates import today as local_today

SignIn = Callable[[object], FlaskClient]
Tap = Callable[[str], dict[str, Any]]
UID, OTHER = "04A2B3C4D5E680", "04A2B3C4D5E681"


@pytest.fixture
def tap(client: FlaskClient, cast: Cast) -> Tap:
    """Send one NFC scan over the terminal API; its answer."""

    def send(uid: str, **more: Any) -> dict[str, Any]:
        response = client.post(
            "/api/v1/scans",
            json={"scans": [scan(uid, medium="nfc", **more)]},
            headers={"Authorization": f"Bearer {cast.key}"},
        )
        answer: dict[str, Any] = response.get_json()["answers"][0]
        return answer

    return send


def begin(client: FlaskClient, cast: Cast, numbers: str, **more: str) -> Any:
    form = {"terminal": str(cast.sender.terminal_id), "numbers": numbers, **more}
    return client.post("/admin/cards/enrol", data=form)


def test_from_the_members_page_to_the_bound_card(sign_in: SignIn, cast: Cast, tap: Tap) -> None:
    client = sign_in(cast.bob)
    assert ">A001</textarea>" in client.get("/admin/cards/enrol?member=A001").text
    address = begin(client, cast, "A001").location
    assert "请 张三（A001）现在刷卡" in client.get(address).text

    answer = tap(UID)

    assert (answer["status"], answer["outcome"]) == ("accepted", "card_enrolled")
    assert answer["message"] == "张*，卡已绑定，再刷一次即可签到"
    assert (answer["record"], answer["totals"]) == (None, None)
    page = client.get(address).text
    assert "已绑定 …E680" in page
    assert "data-refresh-every" not in page
    assert "在终端上刷卡绑定" in client.get("/admin/members/A001/cards").text
    assert db.session.query(ServiceRecord).count() == 0
    assert tap(UID)["outcome"] == "checked_in"


def test_without_a_request_an_unknown_card_stays_unknown(cast: Cast, tap: Tap) -> None:
    assert tap(UID)["outcome"] == "card_unknown"


def test_a_list_goes_on_with_the_next_and_can_be_skipped_and_ended(
    sign_in: SignIn, cast: Cast, tap: Tap, now: datetime
) -> None:
    for number in ("B001", "B002"):
        add_member(number, "李四", "FD01", now)
    client = sign_in(cast.bob)
    filled = client.get("/admin/cards/enrol?team=FD01").text
    assert "A001\nB001\nB002" in filled
    address = begin(client, cast, "A001, B001，B002").location

    tap(UID)
    assert "请 李四（B001）现在刷卡" in client.get(address).text
    current = db.session.query(CardEnrolment).filter_by(finished_at=None).order_by(CardEnrolment.id).first()
    assert current is not None
    client.post(f"{address}/skip", data={"enrolment": current.id})
    assert "请 李四（B002）现在刷卡" in client.get(address).text
    client.post(f"{address}/stop")

    assert tap(OTHER)["outcome"] == "card_unknown"
    assert "已经结束" in client.get(address).text


def test_a_window_that_has_passed_is_said_and_opened_again(sign_in: SignIn, cast: Cast, tap: Tap) -> None:
    client = sign_in(cast.bob)
    address = begin(client, cast, "A001").location
    row = db.session.query(CardEnrolment).one()
    row.opened_at = row.ends_at = datetime(2026, 1, 1, tzinfo=UTC)
    db.session.commit()

    assert "没有在三分钟内刷卡" in client.get(address).text
    assert tap(UID)["outcome"] == "card_unknown"
    client.post(f"{address}/renew", data={"enrolment": row.id})

    assert tap(UID)["outcome"] == "card_enrolled"


def test_a_lent_card_gets_its_last_day(sign_in: SignIn, cast: Cast, tap: Tap) -> None:
    begin(sign_in(cast.bob), cast, "A001", until=local_today().isoformat())

    tap(UID)

    card = max(list_cards(cast.alice.id), key=lambda card: card.id)
    assert card.valid_until is not None
    assert (card.kind, card.hint) == ("nfc", "…E680")


@pytest.mark.parametrize(("numbers", "words"), [("X999", "X999"), ("", "没有可以绑卡的"), ("C001", "C001")])
def test_numbers_that_are_no_member_of_bobs_are_named(
    sign_in: SignIn, cast: Cast, now: datetime, numbers: str, words: str
) -> None:
    add_member("C001", "王五", "FD02", now)

    response = begin(sign_in(cast.bob), cast, numbers)

    assert response.status_code == 422
    assert words in response.text
    assert db.session.query(CardEnrolment).count() == 0


def test_charlie_reaches_neither_bobs_terminal_nor_his_list(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    address = begin(sign_in(cast.bob), cast, "A001").location
    add_member("C001", "王五", "FD02", now)
    client = sign_in(cast.charlie)

    statuses = [
        client.get(address).status_code,
        client.post(f"{address}/stop").status_code,
        begin(client, cast, "C001").status_code,
        client.get("/admin/cards/enrol?team=FD01").status_code,
    ]

    assert statuses == [404] * 4
    assert "没有可用的终端" in client.get("/admin/cards/enrol").text
    assert db.session.query(CardEnrolment).one().result is None


def test_a_request_at_one_terminal_opens_no_other(
    sign_in: SignIn, client: FlaskClient, cast: Cast, tap: Tap, now: datetime
) -> None:
    add_station("L2", "龙城公园U站", StationKind.U_STATION, "", cast.detachment.id)
    other, _key = enrol_terminal(prepare_terminal("L2", now), TerminalKind.KIOSK, None, now)
    sign_in(cast.bob).post("/admin/cards/enrol", data={"terminal": str(other.id), "numbers": "A001"})

    assert tap(UID)["outcome"] == "card_unknown"
