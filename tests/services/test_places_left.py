"""Who rests or has left keeps no place and gets none; the waiting list moves and nobody is pushed out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Cast, installation
from volunteer.db import db, transaction
from volunteer.domain.activities import ActivityUnknown, RiskLevel, RiskPolicy, RiskUninsured
from volunteer.domain.member_changes import EventKind
from volunteer.domain.members import MemberStatus
from volunteer.domain.messages import PROMOTED
from volunteer.domain.participations import ActivityFull, ParticipationState, TrainingMissing
from volunteer.domain.refusals import MemberInactive
from volunteer.domain.scans import Medium, Reading
from volunteer.models.activities import Activity, Participation
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.messages import Message
from volunteer.models.training_records import TrainingRecord
from volunteer.queries.members import lock_members
from volunteer.queries.participations import find_participation, list_participants
from volunteer.services.activities import choose_risk_policy
from volunteer.services.member_changes import Actor, change_status, undo_change
from volunteer.services.members import add_member
from volunteer.services.participations import answer_substitute, ask_substitute, mark, sign_up, take_leave
from volunteer.services.scans import take_scans

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
Publish = Callable[..., Activity]


@pytest.fixture
def publish(cast: Cast, now: datetime) -> Publish:
    """An activity of alice's team tomorrow, with one place unless said otherwise."""

    def run(**more: Any) -> Activity:
        window = {"starts_at": now + 24 * HOUR, "ends_at": now + 26 * HOUR}
        values = {"name": "路口劝导", "category": "civil_travel", "team_id": cast.detachment.id, "places": 1}
        activity = Activity(**{**values, **window, **more})
        db.session.add(activity)
        db.session.commit()
        return activity

    return run


@pytest.fixture
def others(cast: Cast, now: datetime) -> list[Member]:
    """Two more members of alice's team."""
    return [add_member(number, name, "FD01", now) for number, name in (("B001", "李四"), ("B002", "王五"))]


@pytest.fixture
def hold(app: Flask, cast: Cast) -> Callable[[datetime], None]:
    """Hold alice's card to the station's terminal at an instant."""

    def run(at: datetime) -> None:
        reading = Reading(uuid4(), cast.token, Medium.QR, at, None)
        assert take_scans(cast.sender, [reading], installation(app), at)[0].status == "accepted"

    return run


def actor(cast: Cast, now: datetime) -> Actor:
    return Actor(cast.bob.id, frozenset({cast.detachment.id}), now, ZONE)


def change(cast: Cast, member: Member, kind: EventKind, now: datetime) -> None:
    change_status(member.volunteer_no, kind, now.astimezone(ZONE).date(), "调离", actor(cast, now))


def undo_newest(cast: Cast, member: Member, now: datetime) -> None:
    newest = select(MemberEvent.id).where(MemberEvent.member_id == member.id)
    event_id = db.session.execute(newest.order_by(MemberEvent.id.desc()).limit(1)).scalar_one()
    undo_change(event_id, actor(cast, now))


def states(activity: Activity) -> dict[str, str]:
    db.session.rollback()
    return {one.volunteer_no: one.Participation.state for one in list_participants(activity.id)}


def answer_of(activity: Activity, member: Member) -> Participation:
    found = find_participation(activity.id, member.id)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", [EventKind.RESTED, EventKind.RETIRED, EventKind.LEFT])
def test_who_leaves_frees_the_place_for_who_waits(
    cast: Cast, publish: Publish, others: list[Member], now: datetime, kind: EventKind
) -> None:
    activity = publish()
    for member in (cast.alice, *others):
        sign_up(activity.id, member.id, now)

    change(cast, cast.alice, kind, now + HOUR)

    assert states(activity) == {"A001": "on_leave", "B001": "signed_up", "B002": "waiting"}
    told = db.session.execute(select(Message.member_id, Message.sentence)).all()
    assert [(one.member_id, one.sentence["msgid"]) for one in told] == [(others[0].id, PROMOTED)]


def test_a_place_never_goes_to_somebody_who_left_while_waiting(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    activity = publish()
    for member in (cast.alice, *others):
        sign_up(activity.id, member.id, now)
    change(cast, others[0], EventKind.LEFT, now + HOUR)

    take_leave(activity.id, cast.alice.id, "", now + 2 * HOUR)

    assert states(activity) == {"A001": "on_leave", "B001": "on_leave", "B002": "signed_up"}


def test_who_signs_up_while_leaving_waits_for_that_and_is_refused(
    app: Flask, cast: Cast, publish: Publish, now: datetime
) -> None:
    activity_id, alice_id = publish().id, cast.alice.id

    def run() -> None:
        with app.app_context():
            try:
                sign_up(activity_id, alice_id, now)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        with transaction():
            lock_members([alice_id])
            db.session.get_one(Member, alice_id).status = MemberStatus.LEFT
            db.session.flush()
            signing_up = pool.submit(run)
            # Nothing to wait for but that it does not go on.
            assert not wait([signing_up], timeout=0.5).done
        with pytest.raises(MemberInactive):
            signing_up.result(timeout=30)


def test_a_place_never_goes_to_who_left_before_places_were_freed_at_leaving(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    activity = publish()
    for member in (cast.alice, *others):
        sign_up(activity.id, member.id, now)
    db.session.get_one(Member, others[0].id).status = MemberStatus.LEFT
    db.session.commit()

    take_leave(activity.id, cast.alice.id, "", now + HOUR)

    assert states(activity) == {"A001": "on_leave", "B001": "waiting", "B002": "signed_up"}


def test_who_has_left_is_not_signed_up_again(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    activity = publish()
    sign_up(activity.id, cast.alice.id, now)
    change(cast, cast.alice, EventKind.LEFT, now + HOUR)

    with pytest.raises(MemberInactive):
        mark(activity.id, answer_of(activity, cast.alice).id, ParticipationState.SIGNED_UP, now + 2 * HOUR)

    assert states(activity) == {"A001": "on_leave"}


def test_what_is_over_keeps_who_took_part(cast: Cast, publish: Publish, now: datetime) -> None:
    activity = publish()
    sign_up(activity.id, cast.alice.id, now)

    change(cast, cast.alice, EventKind.LEFT, now + 48 * HOUR)

    assert states(activity) == {"A001": "signed_up"}


def test_who_came_already_stays_on_the_list(
    cast: Cast, publish: Publish, now: datetime, hold: Callable[..., None]
) -> None:
    station = {"station_id": cast.sender.station_id, "starts_at": now, "ends_at": now + 5 * HOUR}
    activity = publish(**station)
    sign_up(activity.id, cast.alice.id, now)
    hold(now + HOUR)
    hold(now + 2 * HOUR)

    change(cast, cast.alice, EventKind.LEFT, now + 3 * HOUR)

    assert states(activity) == {"A001": "signed_up"}


def test_taking_the_leaving_back_takes_nobodys_place(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    full, free = publish(), publish(name="清河", places=5)
    for member in (cast.alice, *others):
        sign_up(full.id, member.id, now)
    sign_up(free.id, cast.alice.id, now)
    change(cast, cast.alice, EventKind.LEFT, now + HOUR)

    undo_newest(cast, cast.alice, now + 2 * HOUR)

    # First on the waiting list where the place was given away, back where there is one.
    assert states(full) == {"B001": "signed_up", "A001": "waiting", "B002": "waiting"}
    assert list(states(full)) == ["B001", "A001", "B002"]
    assert states(free) == {"A001": "signed_up"}


def test_taking_a_return_back_frees_the_place_again(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    activity = publish()
    change(cast, cast.alice, EventKind.RESTED, now)
    change(cast, cast.alice, EventKind.RETURNED, now + HOUR)
    sign_up(activity.id, cast.alice.id, now + HOUR)
    sign_up(activity.id, others[0].id, now + HOUR)

    undo_newest(cast, cast.alice, now + 2 * HOUR)

    assert states(activity) == {"A001": "on_leave", "B001": "signed_up"}


def test_nobody_waits_for_the_answer_of_who_left(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    activity = publish()
    sign_up(activity.id, cast.alice.id, now)
    ask_substitute(activity.id, cast.alice.id, "B001", now)

    change(cast, others[0], EventKind.LEFT, now + HOUR)

    db.session.rollback()
    assert answer_of(activity, cast.alice).substitute_id is None


def test_who_waits_is_not_marked_as_signed_up_past_the_places(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    activity = publish()
    for member in (cast.alice, others[0]):
        sign_up(activity.id, member.id, now)

    with pytest.raises(ActivityFull):
        mark(activity.id, answer_of(activity, others[0]).id, ParticipationState.SIGNED_UP, now)

    assert states(activity) == {"A001": "signed_up", "B001": "waiting"}


def test_an_answer_that_a_merge_ends_while_an_admin_marks_it_is_unknown(
    app: Flask, cast: Cast, publish: Publish, now: datetime
) -> None:
    activity_id, alice_id = publish().id, cast.alice.id
    answer_id = sign_up(activity_id, alice_id, now).id

    def run() -> None:
        with app.app_context():
            try:
                mark(activity_id, answer_id, ParticipationState.DECLINED, now)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(1) as pool:
        with transaction():
            lock_members([alice_id])
            db.session.delete(db.session.get_one(Participation, answer_id))
            db.session.flush()
            marking = pool.submit(run)
            # Nothing to wait for but that it does not go on.
            assert not wait([marking], timeout=0.5).done
        with pytest.raises(ActivityUnknown):
            marking.result(timeout=30)


def test_signing_up_again_asks_for_the_training(cast: Cast, publish: Publish, now: datetime) -> None:
    activity = publish(training_needed="急救培训")
    record = TrainingRecord(
        member_id=cast.alice.id, name="急救培训", content="包扎", learning_minutes=60, organiser="大队",
        held_on=now.date(), entered_by_id=cast.bob.id, entered_at=now,
    )  # fmt: skip
    db.session.add(record)
    db.session.commit()
    sign_up(activity.id, cast.alice.id, now)
    take_leave(activity.id, cast.alice.id, "", now)
    db.session.delete(db.session.get_one(TrainingRecord, record.id))
    db.session.commit()

    with pytest.raises(TrainingMissing):
        mark(activity.id, answer_of(activity, cast.alice).id, ParticipationState.SIGNED_UP, now)


def test_signing_up_again_asks_for_the_insurance(cast: Cast, publish: Publish, now: datetime) -> None:
    activity = publish(risk_level=RiskLevel.HIGH, risk_note="车行道旁")
    sign_up(activity.id, cast.alice.id, now)
    take_leave(activity.id, cast.alice.id, "", now)
    choose_risk_policy(RiskPolicy.BLOCK, now)

    with pytest.raises(RiskUninsured):
        mark(activity.id, answer_of(activity, cast.alice).id, ParticipationState.SIGNED_UP, now)

    assert states(activity) == {"A001": "on_leave"}


def test_a_substitute_who_has_a_place_already_leaves_one_to_who_waits(
    cast: Cast, publish: Publish, others: list[Member], now: datetime
) -> None:
    activity = publish(places=2)
    sign_up(activity.id, cast.alice.id, now)
    ask_substitute(activity.id, cast.alice.id, "B001", now)
    sign_up(activity.id, others[0].id, now)
    sign_up(activity.id, others[1].id, now)

    asked = answer_of(activity, cast.alice).id
    answer_substitute(activity.id, asked, others[0].id, now + HOUR, accepts=True)

    assert states(activity) == {"A001": "substituted", "B001": "signed_up", "B002": "signed_up"}
