"""Any order of arrival, repetition, batching and interleaving of terminals gives the same records."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.activities import RiskPolicy
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.stations import Direction, StationKind, TerminalKind
from volunteer.models.activities import Activity, Participation
from volunteer.models.records import ServiceRecord
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Station
from volunteer.services.activities import choose_risk_policy
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.scans import Sender, close_forgotten, take_scans, undo_scan
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal

EDGES = [0, 1, 59, 60, 61, 43_199, 43_200, 43_201, 86_400]


@pytest.fixture
def senders(cast: Cast, now: datetime) -> list[Sender]:
    """Four terminals at two stations, one of them out-only, with plans on each of three days.

    At LC a longer plan runs together with a training, at CZ one that nobody may check in to.
    """
    add_station("CZ", "财政局机关站", StationKind.ORGAN_STATION, "", None)
    found = [cast.sender]
    for code, direction in (("LC", Direction.BOTH), ("CZ", Direction.BOTH), ("CZ", Direction.OUT)):
        code_for = prepare_terminal(code, now, direction=direction)
        terminal, _ = enrol_terminal(code_for, TerminalKind.KIOSK, None, now)
        found.append(Sender(terminal.id, terminal.station_id, direction))
    station = db.session.execute(select(Station.id).where(Station.code == "LC")).scalar_one()
    for day in range(3):
        starts = now + timedelta(days=day, hours=1)
        ends = starts + timedelta(hours=3)
        long = {"station_id": station, "starts_at": starts, "ends_at": ends}
        short = {"station_id": station, "starts_at": starts, "ends_at": ends - timedelta(hours=1)}
        there = {**long, "station_id": found[2].station_id, "risk_level": "high"}
        for fields in (long, {**short, "is_training": True}, there):
            db.session.add(Activity(name="文明出行", category="civil_travel", **fields))
    db.session.commit()
    choose_risk_policy(RiskPolicy.BLOCK, now)
    return found


def sign_up(member_ids: list[int], random: Random, now: datetime) -> None:
    """Twins sign up for the same trainings, at the same instants of the three days."""
    trainings = db.session.execute(select(Activity.id).where(Activity.is_training)).scalars().all()
    for activity in trainings:
        at = now + timedelta(minutes=random.randint(0, 3 * 24 * 60))
        for member in member_ids:
            values = {"activity_id": activity, "member_id": member, "state_at": at}
            db.session.add(Participation(state="signed_up", **values))
    db.session.commit()


def rows(member_id: int) -> list[tuple[Any, ...]]:
    """What the records say, without the ids that arrival hands out."""
    statement = (
        select(
            ServiceRecord.opening_scan_id,
            ServiceRecord.closing_scan_id,
            ServiceRecord.station_id,
            ServiceRecord.activity_id,
            ServiceRecord.checked_in_at,
            ServiceRecord.checked_out_at,
            ServiceRecord.minutes,
            ServiceRecord.state,
        )
        .where(ServiceRecord.member_id == member_id, ServiceRecord.state != "superseded")
        .order_by(ServiceRecord.checked_in_at, ServiceRecord.opening_scan_id)
    )
    return [tuple(row) for row in db.session.execute(statement)]


def draw_history(random: Random, start: datetime, serial: int) -> list[tuple[int, Reading]]:
    """Up to ten scans over three days, crowded around the edges of the rules, each at one terminal."""
    history = []
    instant = start
    for number in range(random.randint(1, 10)):
        step = random.choice(EDGES) if random.random() < 0.4 else random.randint(0, 40_000)
        instant = instant + timedelta(seconds=step)
        scan_id = UUID(int=serial * 1000 + random.randint(0, 40) * 20 + number)
        history.append((random.randint(0, 3), Reading(scan_id, "", Medium.QR, instant)))
    return history


def test_any_delivery_gives_the_records_of_delivery_in_order(
    app: Flask, cast: Cast, senders: list[Sender], now: datetime
) -> None:
    """1,000 generated histories on each database, each delivered twice: in order to one member,
    and shuffled, repeated and cut into batches to another."""
    here = installation(app)
    random = Random(20260915)
    people = 40
    cards = {}
    for number in range(people):
        for twin in "XY":
            member = add_member(f"{twin}{number:04}", "李四", "FD01", now)
            _, token = issue_card(member.volunteer_no, here.keys, now)
            cards[twin, number] = (member.id, token)
        sign_up([cards[twin, number][0] for twin in "XY"], random, now)
    received = now + timedelta(days=100 * 30)
    posts: dict[str, list[tuple[int, Reading]]] = {}
    for round_ in range(1000 // people):
        # Each round lies in its own week, far from the others, except for its edges.
        start = now + timedelta(days=7 * round_)
        posts = {"X": [], "Y": []}
        for number in range(people):
            history = draw_history(random, start, serial=(round_ * people + number) * 2 + 1)
            for twin in "XY":
                for place, reading in history:
                    twin_id = UUID(int=reading.id.int * 2 + (twin == "Y"))
                    token = cards[twin, number][1]
                    age = received - reading.claimed_at
                    posts[twin].append((place, Reading(twin_id, token, Medium.QR, reading.claimed_at, age)))
        in_order = sorted(posts["X"], key=lambda post: (post[1].claimed_at, post[1].id))
        deliver(
            senders, in_order, [1] * len(in_order) if round_ == 0 else [50] * len(in_order), app, received
        )
        shuffled = posts["Y"] + random.sample(posts["Y"], len(posts["Y"]) // 3)
        random.shuffle(shuffled)
        deliver(senders, shuffled, [random.randint(1, 40) for _ in shuffled], app, received)
    undo_some(senders, posts, random, app, received)
    close_forgotten(received)
    for number in range(people):
        expected = [twinned(row) for row in rows(cards["X", number][0])]
        assert rows(cards["Y", number][0]) == expected
        assert expected
    # and there were scans of each kind of plan
    kinds = select(StoredScan.plan_is_countable, StoredScan.plan_is_blocked).distinct()
    assert {tuple(row) for row in db.session.execute(kinds)} >= {(True, False), (False, False), (True, True)}


def undo_some(
    senders: list[Sender],
    posts: dict[str, list[tuple[int, Reading]]],
    random: Random,
    app: Flask,
    received: datetime,
) -> None:
    """Undo some scans of the last round, the same ones of both twins, each in an order of its own."""
    for twin in "XY":
        chosen = sorted(posts[twin], key=lambda post: post[1].id)[::5]
        random.shuffle(chosen)
        for place, reading in chosen:
            undo_scan(senders[place], reading.id, installation(app), received)


def twinned(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of the first twin with the scan ids of the second."""
    opening, closing, *rest = row
    return (UUID(int=opening.int + 1), closing and UUID(int=closing.int + 1), *rest)


def deliver(
    senders: list[Sender], posts: list[tuple[int, Reading]], sizes: list[int], app: Flask, received: datetime
) -> None:
    """Send runs of the same terminal as one batch, at most as long as ``sizes`` says."""
    queue = list(posts)
    while queue:
        place = queue[0][0]
        batch = [queue.pop(0)[1]]
        size = sizes[len(queue) % len(sizes)]
        while queue and queue[0][0] == place and len(batch) < size:
            batch.append(queue.pop(0)[1])
        answers = take_scans(senders[place], batch, installation(app), received)
        assert {answer.outcome for answer in answers if answer.status == "refused"} <= {"activity_blocked"}
        assert {answer.status for answer in answers} <= {"accepted", "duplicate", "refused"}
