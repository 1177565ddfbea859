"""Corrections of settled days come into the ledger as new entries; and two approvals at once are one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Cast, installation
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.refusals import Refusal
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.wishes import Desk, Wish
from volunteer.models.ledger import LedgerEntry
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.services.correction_decisions import approve_correction
from volunteer.services.corrections import enter_correction
from volunteer.services.scans import take_scans
from volunteer.services.settlements import close_day, settle_days

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 9, 16)
NOW = datetime(2026, 9, 17, 2, 0, tzinfo=UTC)


def at(hour: int) -> datetime:
    return datetime(2026, 9, 16, hour, tzinfo=ZONE).astimezone(UTC)


@pytest.fixture
def desks(cast: Cast, now: datetime) -> Callable[[Admin], Desk]:
    """What an admin of the whole brigade reaches."""
    teams = frozenset({cast.brigade.id, cast.detachment.id, cast.other.id})
    link(cast.bob, "B001", "FD01", now)
    return lambda admin: Desk(admin.id, teams, frozenset(), NOW, ZONE)


def wish(kind: str, start: datetime, end: datetime) -> Wish:
    station = db.session.execute(select(Station.id)).scalar_one()
    return Wish(CorrectionKind(kind), "读卡器故障", station, start, end)


def test_the_ledger_takes_back_what_was_voided_and_credits_what_was_declared(
    app: Flask, cast: Cast, desks: Callable[[Admin], Desk], now: datetime
) -> None:
    dora = add_linked_admin("dora", "朵拉", cast.brigade, now)
    for hour in (8, 10):
        reading = Reading(uuid4(), cast.token, Medium.QR, at(hour), None)
        take_scans(cast.sender, [reading], installation(app), at(hour))
    close_day(DAY, cast.charlie.id, "终端已收回", NOW, ZONE)
    settle_days(NOW, ZONE)
    record = db.session.execute(select(ServiceRecord)).scalar_one()
    made = enter_correction("", record.id, wish("correction", at(8), at(11)), desks(cast.bob))
    approve_correction(made.id, "", desks(dora))

    settle_days(NOW + timedelta(minutes=1), ZONE)

    entries = list(db.session.execute(select(LedgerEntry).order_by(LedgerEntry.number)).scalars())
    assert [(one.kind, one.minutes, one.measure) for one in entries] == [
        ("credit", 120, "metered"),
        ("reversal", -120, "metered"),
        ("credit", 180, "declared"),
    ]
    assert [(one.correction_id, one.entered_by_id, one.approved_by_id) for one in entries] == [
        (None, None, None),
        (made.id, cast.bob.id, dora.id),
        (made.id, cast.bob.id, dora.id),
    ]


def test_two_who_approve_at_once_make_one_record(
    app: Flask, cast: Cast, desks: Callable[[Admin], Desk], now: datetime
) -> None:
    approvers = [add_linked_admin(name, name, cast.brigade, now) for name in ("dora", "eve")]
    chosen = [desks(one) for one in approvers]
    made = enter_correction("A001", None, wish("makeup_record", at(8), at(10)), desks(cast.bob)).id
    barrier, said = Barrier(2), []

    def approve(desk: Desk) -> None:
        with app.app_context():
            barrier.wait()
            try:
                approve_correction(made, "", desk)
                said.append("approved")
            except Refusal:
                said.append("refused")

    threads = [Thread(target=approve, args=(desk,)) for desk in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["approved", "refused"]
    db.session.rollback()
    assert [one.minutes for one in db.session.execute(select(ServiceRecord)).scalars()] == [120]
