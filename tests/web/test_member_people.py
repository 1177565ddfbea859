"""A member's own file, consents included: seen and changed by nobody but the member here."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.consents import Purpose
from volunteer.models.access_log import AccessEntry
from volunteer.models.consents import Consent
from volunteer.models.people import MemberContact
from volunteer.queries.consents import has_consent
from volunteer.queries.people import get_person_file
from volunteer.services.members import add_member

SignIn = Callable[[object], FlaskClient]
PHONE = {"kind": "phone", "value": "13800001234", "note": "工作时间"}


def decisions() -> list[tuple[str, int, bool]]:
    """Every consent row there is, in order."""
    rows = db.session.execute(select(Consent).order_by(Consent.id)).scalars()
    return [(row.purpose, row.version, row.is_given) for row in rows]


def test_a_member_keeps_the_own_file(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)
    form = {"residence": "龙城街道", "skills": "急救、摄影", "service_kind": ["warmth"], "own_kinds": "助学",
            "free_time": ["1-morning"]}  # fmt: skip

    saved = client.post("/me/file", data=form)
    page = client.get("/me/file").text
    again = client.post("/me/file", data={"residence": "", "skills": ""})

    assert (saved.location, again.location) == ("/me/file", "/me/file")
    for words in ('value="龙城街道"', 'value="急救、摄影"', 'value="助学"', 'value="1-morning" checked'):
        assert words in page
    file = get_person_file(cast.alice.id)
    assert (file.skills, file.service_kinds, file.free_times) == ([], [], set())


def test_what_is_too_long_is_refused_and_kept_in_the_form(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.alice).post("/me/file", data={"skills": "长" * 41, "residence": "坂田"})

    assert response.status_code == 422
    assert "最多 40 个字" in response.text
    assert 'value="坂田"' in response.text


@pytest.mark.parametrize(
    "form", [{"service_kind": ["spying"]}, {"free_time": ["8-morning"]}, {"free_time": ["1-night"]}]
)
def test_boxes_that_the_form_never_had_are_a_bad_request(
    sign_in: SignIn, cast: Cast, form: dict[str, list[str]]
) -> None:
    assert sign_in(cast.alice).post("/me/file", data=form).status_code == 400


def test_a_contact_comes_masked_shows_itself_on_request_and_goes(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)
    client.post("/me/file/contacts", data=PHONE)
    contact = db.session.execute(select(MemberContact)).scalar_one()

    masked = client.get("/me/file").text
    shown = client.post("/me/file/reveal", data={"what": str(contact.id)}).text
    asked = client.get(f"/me/file/contacts/{contact.id}/remove").text
    client.post(f"/me/file/contacts/{contact.id}/remove")

    assert "138****1234" in masked + asked
    assert "13800001234" not in masked + asked
    assert "13800001234" in shown
    entry = db.session.execute(select(AccessEntry)).scalar_one()
    assert (entry.kind, entry.member_id, entry.admin_id) == ("viewed_contact", cast.alice.id, None)
    assert db.session.execute(select(MemberContact)).first() is None


def test_the_same_contact_twice_is_kept_once_and_ten_are_enough(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)
    for number in (*range(10), 0):
        client.post("/me/file/contacts", data=PHONE | {"value": f"1380000123{number}"})

    response = client.post("/me/file/contacts", data=PHONE | {"value": "13900001234"})

    assert response.status_code == 422
    assert "最多保存 10 个" in response.text


def test_nobody_reaches_another_members_contact(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    other = add_member("A002", "李四", "FD01", now)
    sign_in(cast.alice).post("/me/file/contacts", data=PHONE)
    contact = db.session.execute(select(MemberContact)).scalar_one()
    client = sign_in(other)

    assert client.get(f"/me/file/contacts/{contact.id}/remove").status_code == 404
    assert client.post(f"/me/file/contacts/{contact.id}/remove").status_code == 404
    assert client.post("/me/file/reveal", data={"what": str(contact.id)}).status_code == 404


def test_a_consent_is_given_withdrawn_and_given_again_without_a_trace_lost(
    sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.alice)

    for decision in ("given", "given", "withdrawn", "withdrawn", "given"):
        client.post(f"/me/consents/{decision}", data={"purpose": "photo"})

    assert decisions() == [("photo", 1, True), ("photo", 1, False), ("photo", 1, True)]
    assert has_consent([cast.alice.id], Purpose.PHOTO) == {cast.alice.id}
    assert has_consent([cast.alice.id], Purpose.NAME) == set()


def test_the_page_says_what_was_decided_and_what_withdrawing_means(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)
    before = client.get("/me/file").text
    client.post("/me/consents/given", data={"purpose": "recording"})
    client.post("/me/consents/withdrawn", data={"purpose": "recording", "confirmed": "yes"})

    after = client.get("/me/file").text

    assert before.count("未决定") == 5
    assert "此前已作的记录不受影响" in after
    assert "请不要再刷卡" in after


def test_an_unknown_purpose_is_a_bad_request(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)

    assert client.post("/me/consents/given", data={"purpose": "selling"}).status_code == 400
    assert client.post("/me/consents/maybe", data={"purpose": "photo"}).status_code == 404
