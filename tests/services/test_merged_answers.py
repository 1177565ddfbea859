"""Rows of one person have one answer to an activity: for cards, places, rosters; apart again after undo."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.merge_refusals import MergedAway
from volunteer.domain.scans import Medium, Reading
from volunteer.models.activities import Activity, Participation
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.queries.members import get_member
from volunteer.queries.participations import list_participants, list_substitute_requests
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members, undo_merge
from volunteer.services.participations import (
    answer_substitute,
    ask_substitute,
    decline,
    sign_up,
    take_leave,
)
from volunteer.services.scans import close_forgotten, take_scans

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Run = Callable[..., Activity]
Serve = Callable[..., int | None]


@pytest.fixture
def twin(app: Flask, cast: Cast, now: datetime) -> Member:
    """alice a second time, under another number."""
    return add_member("B001", "张三", "FD01", now)


@pytest.fixture
def twin_token(app: Flask, twin: Member, now: datetime) -> str:
    return issue_card("B001", installation(app).keys, now)[1]


@pytest.fixture
def run(cast: Cast, now: datetime) -> Run:
    """An activity at the station tomorrow, from so many hours after now to so many."""

    def publish(name: str, begins: float = 24, ends: float = 26, **fields: Any) -> Activity:
        window = {"starts_at": now + begins * HOUR, "ends_at": now + ends * HOUR}
        station = cast.sender.station_id
        made = Activity(name=name, category="civil_travel", station_id=station, **window, **fields)
        db.session.add(made)
        db.session.commit()
        return made

    return publish


@pytest.fixture
def serve(app: Flask, cast: Cast) -> Serve:
    """Check in with a card; gives the activity of the record. Received at once unless said otherwise."""

    def check_in(token: str, at: datetime, received: datetime | None = None) -> int | None:
        reading = Reading(uuid4(), token, Medium.QR, at, None)
        answer = take_scans(cast.sender, [reading], installation(app), received or at)[0]
        assert answer.outcome == "checked_in"
        chosen = select(ServiceRecord.activity_id).where(ServiceRecord.opening_scan_id == reading.id)
        return db.session.execute(chosen).scalar_one()

    return check_in


def judge(cast: Cast, now: datetime) -> Judge:
    return Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())


def answers(activity: Activity) -> list[tuple[str, str]]:
    """Who answered what, in the order of the page."""
    db.session.expire_all()
    return [(row.volunteer_no, row.Participation.state) for row in list_participants(activity.id)]


@pytest.mark.parametrize("signed_up", ["A001", "B001"])
@pytest.mark.parametrize("held", ["A001", "B001"])
def test_the_card_of_either_row_is_at_the_activity_that_either_row_signed_up_for(
    cast: Cast,
    twin: Member,
    twin_token: str,
    run: Run,
    serve: Serve,
    now: datetime,
    signed_up: str,
    held: str,
) -> None:
    run("夜间值守", 23, 30)
    training = run("消防培训", is_training=True)
    sign_up(training.id, twin.id if signed_up == "B001" else cast.alice.id, now)

    merge_members("A001", "B001", "同一人", judge(cast, now + HOUR))

    assert serve(twin_token if held == "B001" else cast.token, training.starts_at) == training.id


@pytest.mark.parametrize("signed_up", ["A001", "B001"])
def test_a_card_held_before_the_merge_and_told_after_it_is_at_the_activity_too(
    cast: Cast, twin: Member, twin_token: str, run: Run, serve: Serve, now: datetime, signed_up: str
) -> None:
    run("夜间值守", 23, 30)
    training = run("消防培训", is_training=True)
    sign_up(training.id, twin.id if signed_up == "B001" else cast.alice.id, now)
    # Up to its last known scan the card stays the duplicate's.
    serve(twin_token, now + 2 * DAY)
    close_forgotten(now + 4 * DAY)

    merge_members("A001", "B001", "同一人", judge(cast, now + 4 * DAY))
    told = serve(twin_token, training.starts_at, now + 5 * DAY)

    assert told == training.id
    owner = select(ServiceRecord.member_id).where(ServiceRecord.activity_id == training.id)
    assert db.session.execute(owner).scalar_one() == twin.id


def test_who_signed_up_under_both_numbers_takes_one_place_and_gives_the_other_to_who_waits(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    walk = run("巡河", places=2)
    add_member("C001", "李四", "FD01", now)
    for person in (cast.alice.id, twin.id, get_member("C001").id):
        sign_up(walk.id, person, now)

    merge_members("A001", "B001", "同一人", judge(cast, now + HOUR))

    assert answers(walk) == [("A001", "signed_up"), ("C001", "signed_up")]


@pytest.mark.parametrize("coming", ["A001", "B001"])
def test_of_two_answers_the_one_that_comes_stays(
    cast: Cast, twin: Member, run: Run, now: datetime, coming: str
) -> None:
    walk = run("巡河")
    for number in ("A001", "B001"):
        act = sign_up if number == coming else decline
        act(walk.id, get_member(number).id, now)

    merge_members("A001", "B001", "同一人", judge(cast, now + HOUR))

    assert answers(walk) == [("A001", "signed_up")]


def test_undoing_the_merge_gives_each_row_its_own_answers_back(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    both, only_twin, left = run("巡河"), run("植树"), run("义卖")
    for activity in (both, only_twin, left):
        sign_up(activity.id, twin.id, now)
    sign_up(both.id, cast.alice.id, now - HOUR)
    sign_up(left.id, cast.alice.id, now)
    take_leave(left.id, twin.id, "有事", now)
    asked = sign_up(run("导览").id, cast.alice.id, now)
    ask_substitute(asked.activity_id, cast.alice.id, "B001", now)
    before = stored()
    merge_members("A001", "B001", "认错了", judge(cast, now + HOUR))
    merged = stored()

    undo_merge("B001", judge(cast, now + 2 * HOUR))

    assert {row[1] for row in merged} == {cast.alice.id}
    assert [row[-1] for row in merged] == [None] * 4
    assert stored() == before


def test_what_the_kept_row_said_since_the_merge_stays_with_it_after_the_undo(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    declined, left = run("巡河", places=1), run("植树", places=1)
    decline(declined.id, twin.id, now)
    sign_up(left.id, twin.id, now)
    merge_members("A001", "B001", "认错了", judge(cast, now + HOUR))
    sign_up(declined.id, cast.alice.id, now + 2 * HOUR)
    take_leave(left.id, cast.alice.id, "有事", now + 2 * HOUR)

    undo_merge("B001", judge(cast, now + 3 * HOUR))

    assert answers(declined) == [("A001", "signed_up"), ("B001", "declined")]
    assert answers(left) == [("B001", "signed_up"), ("A001", "on_leave")]


def test_a_place_given_away_since_the_merge_stays_given_and_the_duplicate_waits(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    walk = run("巡河", places=1)
    add_member("C001", "李四", "FD01", now)
    sign_up(walk.id, twin.id, now)
    merge_members("A001", "B001", "认错了", judge(cast, now + HOUR))
    decline(walk.id, cast.alice.id, now + 2 * HOUR)
    sign_up(walk.id, get_member("C001").id, now + 2 * HOUR)

    undo_merge("B001", judge(cast, now + 3 * HOUR))

    assert answers(walk) == [("C001", "signed_up"), ("B001", "waiting"), ("A001", "declined")]


def test_a_duplicate_that_waited_gets_the_place_that_came_to_it_or_is_free_after_the_undo(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    came, free = run("巡河", places=1), run("植树", places=1)
    third = add_member("C001", "李四", "FD01", now).id
    for activity in (came, free):
        sign_up(activity.id, third, now)
        sign_up(activity.id, twin.id, now)
    merge_members("A001", "B001", "认错了", judge(cast, now + HOUR))
    decline(free.id, cast.alice.id, now + 2 * HOUR)
    for activity in (came, free):
        decline(activity.id, third, now + 2 * HOUR)

    undo_merge("B001", judge(cast, now + 3 * HOUR))

    assert answers(came) == [("B001", "signed_up"), ("C001", "declined")]
    assert ("B001", "signed_up") in answers(free)
    assert ("A001", "declined") in answers(free)


def test_nobody_is_asked_to_stand_in_for_oneself_after_the_undo(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    walk = run("巡河")
    sign_up(walk.id, twin.id, now)
    ask_substitute(walk.id, twin.id, "A001", now)
    merge_members("A001", "B001", "认错了", judge(cast, now + HOUR))
    for act in (decline, sign_up):
        act(walk.id, cast.alice.id, now + 2 * HOUR)

    undo_merge("B001", judge(cast, now + 3 * HOUR))

    assert {(row[1], row[-1]) for row in stored()} == {(cast.alice.id, None), (twin.id, cast.alice.id)}


def test_undoing_a_merge_takes_nobody_a_place_that_was_given_since(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    walk = run("巡河", places=2)
    add_member("C001", "李四", "FD01", now)
    for person in (cast.alice.id, twin.id, get_member("C001").id):
        sign_up(walk.id, person, now)
    merge_members("A001", "B001", "认错了", judge(cast, now + HOUR))

    undo_merge("B001", judge(cast, now + 2 * HOUR))

    assert answers(walk) == [("A001", "signed_up"), ("C001", "signed_up"), ("B001", "waiting")]


def test_who_asked_the_duplicate_to_stand_in_asks_the_kept_row(
    cast: Cast, twin: Member, run: Run, now: datetime
) -> None:
    walk = run("巡河")
    add_member("C001", "李四", "FD01", now)
    sign_up(walk.id, get_member("C001").id, now)
    ask_substitute(walk.id, get_member("C001").id, "B001", now)

    merge_members("A001", "B001", "同一人", judge(cast, now + HOUR))

    [asked] = list_substitute_requests(cast.alice.id, now)
    answer_substitute(walk.id, asked.Participation.id, cast.alice.id, now, accepts=True)
    assert answers(walk) == [("A001", "signed_up"), ("C001", "substituted")]


def test_a_duplicate_row_answers_no_more(cast: Cast, twin: Member, run: Run, now: datetime) -> None:
    walk = run("巡河")
    merge_members("A001", "B001", "同一人", judge(cast, now))

    for act in (sign_up, decline):
        with pytest.raises(MergedAway):
            act(walk.id, twin.id, now)

    assert answers(walk) == []


def stored() -> list[tuple[Any, ...]]:
    """Every answer as it is kept, in one order."""
    names = ("activity_id", "member_id", "state", "reason", "state_at", "substitute_id")
    chosen = [getattr(Participation, name) for name in names]
    found = db.session.execute(select(*chosen).order_by(Participation.activity_id, Participation.member_id))
    return [tuple(row) for row in found]
