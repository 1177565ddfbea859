"""Ids out of forms, and pages that count without loading: whatever is sent and however many there are."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Cast
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.teams import NO_PARTY
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.services.members import add_member
from volunteer.services.units import found_unit
from volunteer.web.admin import card_enrolments
from volunteer.web.dates import today as local_today
from volunteer.web.forms import typed_id
from volunteer.web.guards import LARGEST_ID

SignIn = Callable[[object], FlaskClient]
NO_IDS = ["x", "0", "-1", "1.0", "１", "²", "1 2", str(LARGEST_ID + 1), "9" * 19, "9" * 5000]


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (" 7 ", 7), ("007", 7), (str(LARGEST_ID), LARGEST_ID), ("", None), (" ", None)],
)
def test_an_id_is_read_as_sent(app: Flask, text: str, number: int | None) -> None:
    with app.test_request_context(method="POST", data={"id": text}):
        assert (typed_id("id"), typed_id("other")) == (number, None)


@pytest.mark.parametrize("text", NO_IDS)
def test_what_can_be_no_id_is_an_id_that_nothing_has(app: Flask, text: str) -> None:
    with app.test_request_context(method="POST", data={"id": text}):
        assert typed_id("id") == 0


@pytest.mark.parametrize("text", NO_IDS)
def test_no_page_stumbles_over_an_id_that_nothing_has(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, text: str
) -> None:
    post = db.session.query(Appointment).filter_by(admin_id=cast.bob.id).one()
    unit = found_unit("区审计局", NO_PARTY)
    bob, dora = sign_in(cast.bob), sign_in(brigade_admin)
    move = {"team": "FD01", "reason": "调动", "from_on": local_today().isoformat()}

    handed = dora.post(f"/admin/appointments/{post.id}/hand-over", data={"successor": text})
    moved = bob.post("/admin/members/A001/transfer", data={**move, "unit": text})
    ended = dora.get(f"/admin/units/{unit.id}/end", query_string={"to": text})
    tapped = bob.post("/admin/cards/enrol", data={"terminal": text, "numbers": "A001"})
    skipped = bob.post(f"/admin/terminals/{cast.sender.terminal_id}/cards/skip", data={"enrolment": text})

    codes = [answer.status_code for answer in (handed, moved, ended, tapped, skipped)]
    assert codes == [422, 404, 404, 404, 302]


def loading(statements: list[str]) -> list[str]:
    """Those of the statements that read members one by one and not only the first of them."""
    reading = [text for text in statements if "FROM members" in text and "LIMIT" not in text]
    # Which numbers stand in the page is asked for the access log.
    reading = [text for text in reading if "WHERE members.volunteer_no IN" not in text]
    return [text for text in reading if "count(" not in text.lower()]


@pytest.fixture
def crowd(cast: Cast, now: datetime) -> int:
    """Twelve more members of bob's team, all of one unit; its id."""
    unit = found_unit("区财政局", NO_PARTY)
    for number in range(12):
        add_member(f"B{number:03}", f"李{number}", "FD01", now, unit.id)
    return unit.id


def test_pages_that_only_count_load_nobody(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, crowd: int
) -> None:
    heir, browser = found_unit("区审计局", NO_PARTY), sign_in(brigade_admin)

    with counted_statements() as seen:
        batches = browser.get("/admin/cards/batches?team=FD01").text
        ended = browser.get("/admin/teams/FD01/end?to=FD02").text
        dissolved = browser.get(f"/admin/units/{crowd}/end?to={heir.id}").text

    assert "在册 13 人，其中 12 人还没有卡。" in batches
    assert [f"李{number}" in batches for number in (0, 9, 10, 11)] == [True, True, False, False]
    assert "13 名志愿者" in ended
    assert "12 名志愿者" in dissolved
    assert loading(seen) == []


def test_a_team_of_thousands_fills_the_form_with_as_many_as_it_takes(
    sign_in: SignIn, cast: Cast, crowd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card_enrolments, "MOST", 3)

    with counted_statements() as seen:
        page = sign_in(cast.bob).get("/admin/cards/enrol?team=FD01").text

    assert ">A001\nB000\nB001</textarea>" in page
    assert loading(seen) == []
