"""Consents as admins see them: entered from paper, with their history, asked again when a text changes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.consents import Purpose
from volunteer.models.access_log import AccessEntry
from volunteer.models.consents import Consent
from volunteer.web.dates import today

SignIn = Callable[[object], FlaskClient]
PAGE = "/admin/members/A001/consents"
PAPER = {"purpose": "name", "decision": "given", "decided_on": "2026-03-05", "note": "档案柜 3"}


def test_a_paper_consent_is_entered_with_its_date_and_who_entered_it(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    saved = client.post(PAGE, data=PAPER)
    page = client.get(PAGE).text

    row = db.session.execute(select(Consent)).scalar_one()
    assert saved.location == PAGE
    assert (row.purpose, row.version, row.is_given, row.admin_id) == ("name", 1, True, cast.bob.id)
    for words in ("2026年3月5日，第 1 版", "鲍勃", "档案柜 3", "已同意"):
        assert words in page


def test_looks_and_entries_are_logged(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.get(PAGE)
    client.post(PAGE, data=PAPER)

    kinds = db.session.execute(select(AccessEntry.kind).order_by(AccessEntry.id)).scalars().all()

    assert kinds == ["viewed_consents", "recorded_consent"]


@pytest.mark.parametrize(("day", "words"), [("5.3.", "填写日期"), (None, "不能在将来"), ("", "填写日期")])
def test_a_day_that_cannot_be_is_refused(sign_in: SignIn, cast: Cast, day: str | None, words: str) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat() if day is None else day

    response = sign_in(cast.bob).post(PAGE, data=PAPER | {"decided_on": tomorrow})

    assert response.status_code == 422
    assert words in response.text


def test_a_withdrawal_of_recording_tells_the_admin_what_to_do(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(PAGE, data=PAPER | {"purpose": "recording"})
    client.post(PAGE, data=PAPER | {"purpose": "recording", "decision": "withdrawn"})

    assert "本人已撤回记录的同意" in client.get(PAGE).text


def test_a_new_text_asks_again_and_the_old_yes_stays(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    older = Consent(
        member_id=cast.alice.id, purpose=Purpose.NAME, version=0, is_given=True,
        decided_on=now.date(), recorded_at=now, admin_id=cast.bob.id,
    )  # fmt: skip
    db.session.add(older)
    db.session.commit()
    client = sign_in(cast.bob)

    outdated = client.get(PAGE).text
    client.post(PAGE, data=PAPER)

    assert "同意的是旧版本" in outdated
    assert "同意的是旧版本" not in client.get(PAGE).text
    assert db.session.execute(select(Consent.version).order_by(Consent.id)).scalars().all() == [0, 1]


def test_charlie_reads_and_enters_nothing(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.charlie)

    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, data=PAPER).status_code == 404
    assert db.session.execute(select(Consent)).first() is None
