"""Forgotten check-outs are asked about the same evening, once, of the member and of the team's admin."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import PASSWORD_HASH, Cast, installation
from volunteer.db import db
from volunteer.domain.jobs import JobName
from volunteer.domain.messages import ask_from
from volunteer.domain.scans import Medium, Reading
from volunteer.jobs import run_job
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.models.messages import Message
from volunteer.models.records import ServiceRecord
from volunteer.queries.messages import list_responsible
from volunteer.queries.wishes import find_forgotten
from volunteer.services.messages import ask_forgotten
from volunteer.services.scans import close_forgotten, take_scans

ZONE = ZoneInfo("Asia/Shanghai")
SignIn = Callable[[object], FlaskClient]


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def forget(app: Flask, cast: Cast) -> Callable[[datetime], None]:
    """alice holds her card once and goes home."""

    def check_in(at: datetime) -> None:
        take_scans(cast.sender, [Reading(uuid4(), cast.token, Medium.QR, at, None)], installation(app), at)

    return check_in


def sent() -> list[tuple[int | None, int | None]]:
    statement = select(Message.member_id, Message.admin_id).order_by(Message.id)
    return [(row.member_id, row.admin_id) for row in db.session.execute(statement)]


def test_member_and_admin_are_asked_the_same_evening_and_once(
    cast: Cast, forget: Callable[[datetime], None]
) -> None:
    forget(local(16, 6))
    close_forgotten(local(16, 18, 30))

    before = ask_forgotten(local(16, 18, 59), ZONE)
    evening = ask_forgotten(local(16, 19), ZONE)
    again = ask_forgotten(local(16, 19, 1), ZONE) + ask_forgotten(local(17, 19), ZONE)

    assert (before, evening, again) == (0, 2, 0)
    assert sent() == [(cast.alice.id, None), (None, cast.bob.id)]


def test_later_than_the_evening_it_is_asked_at_once(cast: Cast, forget: Callable[[datetime], None]) -> None:
    forget(local(16, 13))
    close_forgotten(local(17, 1, 1))

    assert ask_forgotten(local(17, 1, 1), ZONE) == 2


def test_a_record_that_is_still_open_or_long_gone_is_not_asked_about(
    cast: Cast, forget: Callable[[datetime], None]
) -> None:
    forget(local(16, 13))

    assert ask_forgotten(local(16, 20), ZONE) == 0
    close_forgotten(local(17, 2))
    assert ask_forgotten(local(17, 2) + timedelta(days=40), ZONE) == 0


def test_the_job_sends_and_the_pages_lead_to_the_question(
    cast: Cast, forget: Callable[[datetime], None], sign_in: SignIn
) -> None:
    forget(local(16, 6))
    close_forgotten(local(16, 18, 30))
    assert run_job(JobName.ASK, local(16, 19, 5), ZONE) == 2
    record = db.session.execute(select(ServiceRecord)).scalar_one()
    messages = list(db.session.execute(select(Message).order_by(Message.id)).scalars())

    alice = sign_in(cast.alice)
    shown = alice.get("/me/messages").text
    opened = alice.post(f"/me/messages/{messages[0].id}/open")
    page = alice.get(opened.location).text
    bob = sign_in(cast.bob)
    to_bob = bob.get("/admin/messages").text
    form = bob.get(bob.post(f"/admin/messages/{messages[1].id}/open").location)

    assert "您 2026年9月16日 在龙城广场U站忘记签退" in shown
    assert opened.location == f"/me/records/{record.id}/check-out"
    assert "几点离开的" in page
    assert "张三（A001）2026年9月16日 在龙城广场U站忘记签退" in to_bob
    assert (form.status_code, "补签退" in form.text) == (200, True)


def test_nobody_opens_or_reads_the_messages_of_others(
    cast: Cast, forget: Callable[[datetime], None], sign_in: SignIn
) -> None:
    forget(local(16, 6))
    close_forgotten(local(16, 18, 30))
    ask_forgotten(local(16, 19), ZONE)
    to_alice, to_bob = db.session.execute(select(Message).order_by(Message.id)).scalars()

    charlie = sign_in(cast.charlie)
    assert charlie.post(f"/admin/messages/{to_bob.id}/open").status_code == 404
    assert "没有消息" in charlie.get("/admin/messages").text
    charlie.post("/admin/messages/read-all")
    alice = sign_in(cast.alice)
    assert alice.post(f"/me/messages/{to_bob.id}/open").status_code == 404
    alice.post("/me/messages/read-all")
    read = {row.id: row.read_at is not None for row in db.session.execute(select(Message)).scalars()}
    assert read == {to_alice.id: True, to_bob.id: False}


def test_a_team_without_an_admin_is_its_parents(cast: Cast, now: datetime) -> None:
    dora = Admin(
        username="dora", name="朵拉", team_id=cast.brigade.id, password_hash=PASSWORD_HASH, created_at=now
    )
    db.session.add(dora)
    db.session.query(Appointment).filter_by(admin_id=cast.bob.id).update({"until_on": date(2026, 9, 1)})
    db.session.query(Appointment).filter_by(admin_id=cast.charlie.id).update({"is_deputy": True})
    db.session.commit()

    found = list_responsible([cast.detachment.id, cast.other.id], date(2026, 9, 16))

    assert found == {cast.detachment.id: [dora.id], cast.other.id: [cast.charlie.id]}


def test_what_was_forgotten_is_found_for_the_next_tap(cast: Cast, forget: Callable[[datetime], None]) -> None:
    forget(local(16, 6))
    close_forgotten(local(16, 18, 30))

    found = find_forgotten(cast.alice.id, date(2026, 9, 1))

    assert found is not None
    assert found.station_name == "龙城广场U站"
    assert find_forgotten(cast.alice.id, date(2026, 9, 17)) is None


@pytest.mark.parametrize(
    ("limit_at", "expected"),
    [
        (local(16, 18, 30), local(16, 19)),
        (local(16, 23), local(16, 23)),
        (local(17, 8), local(17, 8)),
    ],
)
def test_it_is_asked_from_the_evening_on(limit_at: datetime, expected: datetime) -> None:
    assert ask_from(date(2026, 9, 16), limit_at, ZONE) == expected
