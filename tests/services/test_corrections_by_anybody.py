"""Whatever anybody does in whatever order: no minute without three different people behind it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import Cast
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.refusals import Refusal
from volunteer.domain.wishes import Desk, Wish
from volunteer.models.corrections import Correction
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.services.correction_decisions import approve_correction, reject_correction
from volunteer.services.corrections import (
    ask_correction,
    enter_correction,
    take_up,
    withdraw_entry,
    withdraw_own,
)

ZONE = UTC
NOW = datetime(2026, 9, 17, 23, 0, tzinfo=UTC)
OPERATIONS = ["ask", "enter", "take_up", "approve", "reject", "withdraw", "withdraw_own", "void", "change"]
STEPS = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)),
    min_size=4,
    max_size=14,
)


class World:
    """Three admins who are volunteers too, and a volunteer; every example has a day of its own."""

    def __init__(self, cast: Cast, now: datetime) -> None:
        link(cast.bob, "B001", "FD01", now)
        link(cast.charlie, "C001", "FD02", now)
        add_linked_admin("dora", "朵拉", cast.brigade, now)
        self.admins = list(db.session.execute(select(Admin).order_by(Admin.id)).scalars())
        self.persons = [cast.alice.id, *(admin.member_id or 0 for admin in self.admins)]
        self.numbers = ["A001", "B001", "C001", "P-DORA"]
        self.teams = frozenset({cast.brigade.id, cast.detachment.id, cast.other.id})
        self.station_id = db.session.execute(select(Station.id)).scalar_one()
        self.days = count(1)

    def wish(self, kind: str, slot: int) -> Wish:
        start = self.day + timedelta(hours=8 + 3 * slot)
        return Wish(CorrectionKind(kind), "x", self.station_id, start, start + timedelta(hours=2))

    def begin(self) -> None:
        self.day = datetime(2026, 9, 17, tzinfo=UTC) - timedelta(days=next(self.days))

    def desk(self, who: int) -> Desk:
        return Desk(self.admins[who % 3].id, self.teams, frozenset(), NOW, ZONE)

    def corrections(self) -> list[Correction]:
        statement = select(Correction).where(Correction.served_on == self.day.date())
        found = db.session.execute(
            statement.order_by(Correction.id).execution_options(populate_existing=True)
        )
        return list(found.scalars())

    def records(self) -> list[ServiceRecord]:
        statement = select(ServiceRecord).where(ServiceRecord.served_on == self.day.date())
        found = db.session.execute(
            statement.order_by(ServiceRecord.id).execution_options(populate_existing=True)
        )
        return list(found.scalars())

    def act(self, operation: str, who: int, whom: int, slot: int) -> None:
        corrections, records = self.corrections(), self.records()
        chosen = corrections[(whom + slot) % len(corrections)].id if corrections else 0
        record = records[(whom + slot) % len(records)].id if records else None
        person = self.persons[whom]
        acts: dict[str, Any] = {
            "ask": lambda: ask_correction(person, None, self.wish("makeup_record", slot), NOW, ZONE),
            "enter": lambda: enter_correction(
                self.numbers[whom], None, self.wish("makeup_record", slot), self.desk(who)
            ),
            "take_up": lambda: take_up(chosen, None, self.desk(who)),
            "approve": lambda: approve_correction(chosen, "", self.desk(who)),
            "reject": lambda: reject_correction(chosen, "nein", self.desk(who)),
            "withdraw": lambda: withdraw_entry(chosen, self.desk(who)),
            "withdraw_own": lambda: withdraw_own(person, chosen, NOW),
        }
        for name, kind in (("void", "void"), ("change", "correction")):
            acts[name] = lambda kind=kind: (
                enter_correction("", record, self.wish(kind, slot), self.desk(who)) if record else None
            )
        with suppress(Refusal):
            acts[operation]()


@pytest.fixture
def world(cast: Cast, now: datetime) -> World:
    return World(cast, now)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(steps=STEPS)
def test_no_order_of_acts_makes_a_minute_without_three_people(
    world: World, steps: list[tuple[str, int, int, int]]
) -> None:
    world.begin()
    for step in steps:
        world.act(*step)

    corrections, records = world.corrections(), world.records()
    approved = {one.id: one for one in corrections if one.state == "approved"}
    for one in approved.values():
        assert len({one.member_id, one.entered_person_id, one.decided_person_id, None}) == 4
        assert one.entered_by_id != one.decided_by_id
    # The records say exactly what the approved corrections say.
    declaring = {number for number, one in approved.items() if one.kind != CorrectionKind.VOID}
    assert {record.correction_id for record in records} == declaring
    voided = {record.correction_id: record.voided_by_id for record in records if record.state == "void"}
    assert voided == {one.corrects_id: one.id for one in approved.values() if one.corrects_id is not None}
    for record in records:
        assert record.minutes == (0 if record.state == "void" else 120)
    counted = sorted((one.member_id, one.checked_in_at) for one in records if one.minutes)
    assert len(counted) == len(set(counted))
