"""Who may see what: every admin page asks for a sign-in, and nothing outside the admin's teams exists."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Cast
from tests.web.test_guards import SIGN_IN, routes
from volunteer.db import db
from volunteer.domain.stations import StationKind
from volunteer.models.members import Admin
from volunteer.queries.cards import find_printable_card
from volunteer.queries.stations import get_station
from volunteer.queries.terminals import list_terminals
from volunteer.services.stations import add_station

SignIn = Callable[[object], FlaskClient]

ALICES = [
    "/admin/members/A001",
    "/admin/members/A001/records",
    "/admin/members/A001/card.png",
    "/admin/members/A001/card.pdf",
    "/admin/members/A001/letter",
    "/admin/members/A001/nfc",
    "/admin/cards/{card}/lost",
    "/admin/cards/{card}/found",
    "/admin/cards/{card}/revoke",
    "/admin/stations/LC",
    "/admin/stations/LC/terminals/new",
    "/admin/terminals/{terminal}/revoke",
]
ALICES_POSTS = [
    "/admin/members/A001/cards",
    "/admin/members/A001/letter",
    "/admin/members/A001/nfc",
    "/admin/cards/{card}/lost",
    "/admin/cards/{card}/found",
    "/admin/cards/{card}/revoke",
    "/admin/terminals/{terminal}/code",
    "/admin/terminals/{terminal}/revoke",
]


@pytest.fixture
def fill(cast: Cast) -> Callable[[str], str]:
    """Put the ids of alice's card and of her station's terminal into an address."""
    card = find_printable_card(cast.alice.id)
    assert card is not None
    ids = {"card": card.id, "terminal": list_terminals([get_station("LC").id])[0].id}
    return lambda address: address.format(**ids)


def admin_rules(app: Flask) -> list[tuple[str, str]]:
    """Method and an address of every admin route but the sign-in pages."""
    return [(method, path) for endpoint, method, path in routes(app, "admin") if endpoint not in SIGN_IN]


def test_every_admin_page_sends_a_stranger_to_the_sign_in_page(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    rules = admin_rules(app)
    answers = {(rule, client.open(rule[1], method=rule[0]).location or "no") for rule in rules}

    assert len(rules) > 25
    assert [one for one in answers if not one[1].startswith("/admin/sign-in")] == []


def test_a_member_is_no_admin(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.alice).get("/admin/members")

    assert response.status_code == 302
    assert response.location.startswith("/admin/sign-in")


@pytest.mark.parametrize("address", ALICES)
def test_bob_sees_alice_and_her_station(
    sign_in: SignIn, cast: Cast, fill: Callable[[str], str], address: str
) -> None:
    assert sign_in(cast.bob).get(fill(address)).status_code == 200


@pytest.mark.parametrize("address", ALICES)
def test_charlie_gets_the_same_404_for_alice_as_for_nobody(
    sign_in: SignIn, cast: Cast, fill: Callable[[str], str], address: str
) -> None:
    client = sign_in(cast.charlie)

    foreign = client.get(fill(address))
    absent = client.get("/admin/members/NOBODY")

    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert "张三" not in foreign.text


@pytest.mark.parametrize("address", ALICES_POSTS)
def test_charlie_can_do_nothing_to_alice_or_her_station(
    sign_in: SignIn, cast: Cast, fill: Callable[[str], str], address: str
) -> None:
    response = sign_in(cast.charlie).post(fill(address), data={"uid": "04A2B3C4D5E680"})

    assert response.status_code == 404
    db.session.expire_all()
    card = find_printable_card(cast.alice.id)
    assert card is not None
    assert card.state == "active"


def test_lists_leave_out_what_belongs_to_others(sign_in: SignIn, cast: Cast) -> None:
    pages = ["/admin/members", "/admin/members?q=A001", "/admin/records", "/admin/on-duty", "/admin/stations"]

    texts = [sign_in(cast.charlie).get(page).text for page in pages]

    assert not any("members/A001" in text or "龙城广场" in text for text in texts)


def test_asking_for_a_foreign_team_shows_nobody(sign_in: SignIn, cast: Cast) -> None:
    text = sign_in(cast.charlie).get(f"/admin/members?team={cast.detachment.id}").text

    assert "共 0 人" in text


@pytest.mark.parametrize(("who", "status"), [("bob", 404), ("dora", 200)])
def test_only_the_brigade_looks_after_a_station_without_a_team(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, who: str, status: int
) -> None:
    add_station("U9", "无主U站", StationKind.U_STATION, "", None)

    person = brigade_admin if who == "dora" else cast.bob

    assert sign_in(person).get("/admin/stations/U9").status_code == status


def test_a_form_without_proof_of_its_origin_is_refused(
    app: Flask, sign_in: SignIn, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    posts = [one[1] for one in admin_rules(app) if one[0] == "POST"]
    statuses = {sign_in(cast.bob).post(address).status_code for address in posts}

    assert statuses == {400}
