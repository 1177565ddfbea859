"""Transfers, rest, return, retirement: cards end by themselves, history stays, the newest is taken back."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.domain.member_change_refusals import (
    ChangeNotNewest,
    ChangeTooEarly,
    ChangeTooLate,
    StatusUnfit,
    TransferDecided,
    TransferToSame,
    TransferWaiting,
    UndoOutsideScope,
)
from volunteer.domain.member_changes import EventKind, MemberOnDuty, MoveBeforeEntry
from volunteer.domain.members import MemberStatus
from volunteer.domain.refusals import NotFound, ReasonMissing
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.unit_refusals import UnitDissolved, UnitSucceeded
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Admin, Member
from volunteer.models.teams import MemberTeam, Unit
from volunteer.queries.member_changes import find_waiting_transfer
from volunteer.queries.members import get_member, list_cards
from volunteer.services.cards import issue_card
from volunteer.services.member_changes import (
    Actor,
    Move,
    accept_transfer,
    change_status,
    decline_transfer,
    transfer_member,
    undo_change,
    withdraw_transfer,
)
from volunteer.services.scans import take_scans

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
TODAY = date(2026, 9, 15)


def acting(admin: Admin, now: datetime, *more: int) -> Actor:
    return Actor(admin.id, frozenset({admin.team_id, *more}), now, ZONE)


def move(team_code: str, on: date = TODAY, unit_id: int | None = None) -> Move:
    return Move(team_code, unit_id, on, "工作调动")


def hold(app: Flask, cast: Cast, at: datetime, received: datetime | None = None) -> str:
    reading = Reading(uuid4(), cast.token, Medium.QR, at, None)
    return take_scans(cast.sender, [reading], installation(app), received or at)[0].outcome


def newest_event() -> MemberEvent:
    return db.session.execute(select(MemberEvent).order_by(MemberEvent.id.desc()).limit(1)).scalar_one()


def alice() -> Member:
    return get_member("A001")


def test_a_transfer_inside_the_scope_is_done_at_once_and_keeps_where_one_was(
    cast: Cast, now: datetime
) -> None:
    unit = Unit(name="财政局")
    db.session.add(unit)
    db.session.commit()

    waits = transfer_member("A001", move("FD02", unit_id=unit.id), acting(cast.bob, now, cast.other.id))

    past = db.session.execute(select(MemberTeam)).scalar_one()
    assert waits is None
    assert (alice().team_id, alice().unit_id) == (cast.other.id, unit.id)
    assert (past.team_id, past.unit_id, past.from_on, past.until_on) == (
        cast.detachment.id,
        None,
        None,
        TODAY,
    )
    assert newest_event().reason == "工作调动"


def test_a_transfer_to_a_foreign_team_waits_until_that_team_accepts(cast: Cast, now: datetime) -> None:
    transfer = transfer_member("A001", move("FD02"), acting(cast.bob, now))
    assert transfer is not None
    stayed = alice().team_id

    accept_transfer(transfer.id, acting(cast.charlie, now + DAY))

    assert stayed == cast.detachment.id
    assert alice().team_id == cast.other.id
    assert newest_event().effective_on == TODAY
    with pytest.raises(TransferDecided):
        accept_transfer(transfer.id, acting(cast.charlie, now + DAY))


def test_only_the_receiving_side_accepts_and_only_the_giving_side_withdraws(
    cast: Cast, now: datetime
) -> None:
    transfer = transfer_member("A001", move("FD02"), acting(cast.bob, now))
    assert transfer is not None
    for act, who in ((accept_transfer, cast.bob), (withdraw_transfer, cast.charlie)):
        with pytest.raises(NotFound):
            act(transfer.id, acting(who, now))

    withdraw_transfer(transfer.id, acting(cast.bob, now))

    assert find_waiting_transfer(cast.alice.id) is None
    assert alice().team_id == cast.detachment.id


def test_a_declined_transfer_changes_nothing_and_another_may_be_proposed(cast: Cast, now: datetime) -> None:
    transfer = transfer_member("A001", move("FD02"), acting(cast.bob, now))
    assert transfer is not None
    with pytest.raises(TransferWaiting):
        transfer_member("A001", move("FD02"), acting(cast.bob, now))

    decline_transfer(transfer.id, "编制已满", acting(cast.charlie, now))

    assert alice().team_id == cast.detachment.id
    assert transfer_member("A001", move("FD02"), acting(cast.bob, now)) is not None


@pytest.mark.parametrize(
    ("team", "on", "reason", "refusal"),
    [
        ("FD01", TODAY, "x", TransferToSame),
        ("FD02", TODAY + DAY, "x", ChangeTooLate),
        ("FD02", TODAY - DAY, "x", MoveBeforeEntry),
        ("FD02", TODAY, "  ", ReasonMissing),
        ("FD99", TODAY, "x", NotFound),
    ],
)
def test_a_transfer_that_makes_no_sense_is_refused(
    cast: Cast, now: datetime, team: str, on: date, reason: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        transfer_member("A001", Move(team, None, on, reason), acting(cast.bob, now))


def test_a_transfer_may_not_be_dated_before_the_last_one(cast: Cast, now: datetime) -> None:
    both = acting(cast.bob, now + DAY, cast.other.id)
    transfer_member("A001", move("FD02", TODAY + DAY), both)

    with pytest.raises(ChangeTooEarly):
        transfer_member("A001", move("FD01"), both)


def test_a_transfer_is_taken_back_with_its_history(cast: Cast, now: datetime) -> None:
    both = acting(cast.bob, now + DAY, cast.other.id)
    transfer_member("A001", move("FD02"), both)
    event_id = newest_event().id

    with pytest.raises(UndoOutsideScope):
        undo_change(event_id, acting(cast.charlie, now))
    undo_change(event_id, both)

    assert alice().team_id == cast.detachment.id
    assert db.session.execute(select(MemberTeam)).first() is None
    assert newest_event().undone_by_id == cast.bob.id


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (EventKind.RESTED, MemberStatus.SUSPENDED),
        (EventKind.RETIRED, MemberStatus.LEFT),
        (EventKind.LEFT, MemberStatus.LEFT),
    ],
)
def test_who_rests_or_leaves_loses_all_cards_by_itself(
    app: Flask, cast: Cast, now: datetime, kind: EventKind, status: MemberStatus
) -> None:
    ended = change_status("A001", kind, TODAY, "到龄", acting(cast.bob, now))

    assert ended == 1
    assert alice().status == status
    assert [(card.state, card.ended_at) for card in list_cards(cast.alice.id)] == [(CardState.EXPIRED, now)]
    assert hold(app, cast, now + DAY) == "card_expired"


def test_scans_held_before_the_date_still_count_when_they_come_late(
    app: Flask, cast: Cast, now: datetime
) -> None:
    change_status("A001", EventKind.LEFT, TODAY, "离职", acting(cast.bob, now))

    outcomes = [hold(app, cast, now + delta, now + DAY) for delta in (-3 * DAY / 24, -DAY / 24, DAY / 24)]

    assert outcomes == ["checked_in", "checked_out", "card_expired"]


def test_a_leave_dated_back_ends_the_cards_when_that_day_began(app: Flask, cast: Cast, now: datetime) -> None:
    alice().created_at = now - 2 * DAY
    db.session.commit()

    change_status("A001", EventKind.RESTED, TODAY - DAY, "生病", acting(cast.bob, now))

    began = datetime(2026, 9, 14, tzinfo=ZONE)
    # The card was issued later than that day began: it never counted.
    assert alice().status_at == began
    assert list_cards(cast.alice.id)[0].ended_at == now


@pytest.mark.parametrize("kind", [EventKind.RESTED, EventKind.RETIRED, EventKind.LEFT])
def test_nobody_rests_or_leaves_while_on_duty_so_that_the_check_out_still_counts(
    app: Flask, cast: Cast, now: datetime, kind: EventKind
) -> None:
    hold(app, cast, now)

    with pytest.raises(MemberOnDuty):
        change_status("A001", kind, TODAY, "离职", acting(cast.bob, now + DAY / 24))

    assert hold(app, cast, now + DAY / 12) == "checked_out"
    change_status("A001", kind, TODAY, "离职", acting(cast.bob, now + DAY / 8))
    assert alice().status != MemberStatus.ACTIVE


@pytest.mark.parametrize("kind", [EventKind.RESTED, EventKind.RETIRED, EventKind.LEFT])
def test_nobody_rests_or_leaves_before_being_entered(cast: Cast, now: datetime, kind: EventKind) -> None:
    with pytest.raises(MoveBeforeEntry):
        change_status("A001", kind, TODAY - DAY, "生病", acting(cast.bob, now))

    assert alice().status == MemberStatus.ACTIVE


def test_coming_back_revives_no_card_and_a_new_one_works(app: Flask, cast: Cast, now: datetime) -> None:
    change_status("A001", EventKind.RESTED, TODAY, "生病", acting(cast.bob, now))
    change_status("A001", EventKind.RETURNED, TODAY + 2 * DAY, "康复", acting(cast.bob, now + 2 * DAY))
    # Held while resting, delivered after coming back.
    resting = hold(app, cast, now + DAY, now + 3 * DAY)
    old = hold(app, cast, now + 3 * DAY)
    cast.token = issue_card("A001", installation(app).keys, now + 2 * DAY)[1]

    assert (resting, old) == ("card_expired", "card_expired")
    assert hold(app, cast, now + 3 * DAY) == "checked_in"


def test_a_leave_is_taken_back_with_its_cards(app: Flask, cast: Cast, now: datetime) -> None:
    since = alice().status_at
    change_status("A001", EventKind.LEFT, TODAY, "误操作", acting(cast.bob, now + DAY / 24))

    undo_change(newest_event().id, acting(cast.bob, now + DAY / 12))

    assert (alice().status, alice().status_at) == (MemberStatus.ACTIVE, since)
    assert hold(app, cast, now + DAY) == "checked_in"


def test_only_the_newest_change_is_taken_back(cast: Cast, now: datetime) -> None:
    change_status("A001", EventKind.RESTED, TODAY, "生病", acting(cast.bob, now))
    first = newest_event().id
    change_status("A001", EventKind.RETURNED, TODAY, "康复", acting(cast.bob, now))

    with pytest.raises(ChangeNotNewest):
        undo_change(first, acting(cast.bob, now))
    undo_change(newest_event().id, acting(cast.bob, now))
    undo_change(first, acting(cast.bob, now))

    assert alice().status == MemberStatus.ACTIVE
    assert [card.state for card in list_cards(cast.alice.id)] == [CardState.ACTIVE]


def test_a_return_is_not_taken_back_once_a_new_card_was_given(app: Flask, cast: Cast, now: datetime) -> None:
    change_status("A001", EventKind.RESTED, TODAY, "生病", acting(cast.bob, now))
    change_status("A001", EventKind.RETURNED, TODAY, "康复", acting(cast.bob, now))
    issue_card("A001", installation(app).keys, now)

    with pytest.raises(ChangeNotNewest):
        undo_change(newest_event().id, acting(cast.bob, now))


@pytest.mark.parametrize("kind", [EventKind.RETURNED])
def test_a_step_that_does_not_fit_the_status_is_refused(cast: Cast, now: datetime, kind: EventKind) -> None:
    with pytest.raises(StatusUnfit):
        change_status("A001", kind, TODAY, "x", acting(cast.bob, now))


def test_nobody_changes_members_of_a_foreign_team(cast: Cast, now: datetime) -> None:
    with pytest.raises(NotFound):
        change_status("A001", EventKind.LEFT, TODAY, "x", acting(cast.charlie, now))
    with pytest.raises(NotFound):
        transfer_member("A001", move("FD02"), acting(cast.charlie, now))


@pytest.fixture
def gone(cast: Cast, now: datetime) -> Unit:
    """A unit that went into another one."""
    heir = Unit(name="新局")
    db.session.add(heir)
    db.session.flush()
    unit = Unit(name="老局", dissolved_on=TODAY, successor_id=heir.id)
    db.session.add(unit)
    db.session.commit()
    return unit


def test_nobody_is_transferred_to_a_dissolved_unit(cast: Cast, gone: Unit, now: datetime) -> None:
    with pytest.raises(UnitSucceeded) as refused:
        transfer_member("A001", move("FD01", unit_id=gone.id), acting(cast.bob, now))

    assert refused.value.sentence.params == {"name": "老局", "successor": "新局"}
    with pytest.raises(NotFound):
        transfer_member("A001", move("FD01", unit_id=0), acting(cast.bob, now))
    assert get_member("A001").unit_id is None


def test_a_transfer_follows_a_unit_dissolved_while_it_waited(cast: Cast, gone: Unit, now: datetime) -> None:
    gone.dissolved_on, heir_id = None, gone.successor_id
    db.session.commit()
    waiting = transfer_member("A001", move("FD02", unit_id=gone.id), acting(cast.bob, now))
    assert waiting is not None
    gone.dissolved_on = TODAY
    db.session.commit()

    accept_transfer(waiting.id, acting(cast.charlie, now))

    assert get_member("A001").unit_id == heir_id


def test_a_transfer_into_a_unit_that_ended_for_good_is_refused(cast: Cast, gone: Unit, now: datetime) -> None:
    gone.dissolved_on = None
    db.session.commit()
    waiting = transfer_member("A001", move("FD02", unit_id=gone.id), acting(cast.bob, now))
    assert waiting is not None
    gone.dissolved_on, gone.successor_id = TODAY, None
    db.session.commit()

    with pytest.raises(UnitDissolved):
        accept_transfer(waiting.id, acting(cast.charlie, now))


def test_a_transfer_taken_back_leads_to_no_unit_that_is_gone(cast: Cast, gone: Unit, now: datetime) -> None:
    gone.dissolved_on, heir_id = None, gone.successor_id
    db.session.get_one(Member, cast.alice.id).unit_id = gone.id
    db.session.commit()
    transfer_member("A001", move("FD01"), acting(cast.bob, now))
    gone.dissolved_on = TODAY
    db.session.commit()
    event = db.session.execute(select(MemberEvent)).scalar_one()

    undo_change(event.id, acting(cast.bob, now))

    assert get_member("A001").unit_id == heir_id
