"""Cards bound by tapping: only in time, only free ones, one member after the other, and never counted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.card_refusals import CardEndWrong, NobodyToEnrol, TerminalBusy
from volunteer.domain.cards import CardState
from volunteer.domain.scans import Answer, Medium, Reading
from volunteer.models.card_events import CardEnrolment, CardEvent
from volunteer.models.cards import Card
from volunteer.models.records import ServiceRecord
from volunteer.models.scans import StoredScan
from volunteer.services.card_enrolments import (
    bind_tap,
    renew_enrolment,
    skip_enrolment,
    start_enrolments,
    stop_enrolments,
)
from volunteer.services.cards import bind_nfc
from volunteer.services.members import add_member
from volunteer.services.scans import take_scans

UID, OTHER = "04A2B3C4D5E680", "04A2B3C4D5E681"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
Tap = Callable[..., Answer]


@pytest.fixture
def tap(app: Flask, cast: Cast) -> Tap:
    """Hold a card to the terminal at ``at``; the scan arrives at ``received``."""

    def hold(uid: str, at: datetime, received: datetime | None = None, scan_id: UUID | None = None) -> Answer:
        received = received or at + SECOND
        reading = Reading(scan_id or uuid4(), uid, Medium.NFC, at, received - at)
        return take_scans(cast.sender, [reading], installation(app), received, bind_tap)[0]

    return hold


def start(cast: Cast, now: datetime, *members: int, valid_until: datetime | None = None) -> None:
    start_enrolments(
        cast.sender.terminal_id, members or [cast.alice.id], cast.bob.id, now, valid_until=valid_until
    )


def rows() -> list[CardEnrolment]:
    db.session.expire_all()
    return list(db.session.execute(select(CardEnrolment).order_by(CardEnrolment.id)).scalars())


def card_of(uid_end: str) -> Card:
    statement = select(Card).where(Card.hint == "…" + uid_end).order_by(Card.id.desc()).limit(1)
    return db.session.execute(statement).scalar_one()


def test_the_next_free_card_is_bound_and_not_counted(cast: Cast, tap: Tap, now: datetime) -> None:
    start(cast, now)

    answer = tap(UID, now + MINUTE)

    assert (answer.outcome, answer.status) == ("card_enrolled", "accepted")
    assert answer.member == {"name": "张*", "volunteer_no": "A001"}
    assert (rows()[0].result, card_of("E680").member_id) == ("bound", cast.alice.id)
    assert db.session.query(ServiceRecord).count() == 0
    assert db.session.query(StoredScan).one().member_id is None


def test_the_scan_after_that_checks_in(cast: Cast, tap: Tap, now: datetime) -> None:
    start(cast, now)
    tap(UID, now + MINUTE)

    assert tap(UID, now + 2 * MINUTE).outcome == "checked_in"


def test_sent_again_it_is_answered_as_before_and_bound_once(cast: Cast, tap: Tap, now: datetime) -> None:
    start(cast, now, cast.alice.id, add_member("B001", "李四", "FD01", now).id)
    scan_id = uuid4()

    first, again = (tap(UID, now + MINUTE, now + seconds * MINUTE, scan_id) for seconds in (2, 2.5))

    assert (first.status, again.status) == ("accepted", "duplicate")
    assert first.sentences == again.sentences
    assert [row.result for row in rows()] == ["bound", None]


@pytest.mark.parametrize("offset", [-SECOND, 3 * MINUTE])
def test_a_card_held_before_or_after_the_window_is_unknown(
    cast: Cast, tap: Tap, now: datetime, offset: timedelta
) -> None:
    start(cast, now)

    assert tap(UID, now + offset).outcome == "card_unknown"
    assert rows()[0].result is None


def test_a_scan_that_arrives_late_but_was_held_in_time_is_bound(cast: Cast, tap: Tap, now: datetime) -> None:
    start(cast, now)

    answer = tap(UID, now + MINUTE, received=now + timedelta(hours=5))

    assert answer.outcome == "card_enrolled"
    assert card_of("E680").issued_at == now + MINUTE


def test_a_scan_of_uncertain_time_binds_nothing(app: Flask, cast: Cast, now: datetime) -> None:
    start(cast, now)
    reading = Reading(uuid4(), UID, Medium.NFC, now + MINUTE, None)

    (answer,) = take_scans(cast.sender, [reading], installation(app), now + MINUTE, bind_tap)

    assert answer.outcome == "card_unknown"


def test_a_card_of_somebody_else_is_counted_for_that_person(
    app: Flask, cast: Cast, tap: Tap, now: datetime
) -> None:
    add_member("B001", "李四", "FD01", now)
    bind_nfc("B001", UID, installation(app).keys, now)
    start(cast, now)

    assert tap(UID, now + MINUTE).outcome == "checked_in"
    assert rows()[0].result is None


def test_numbers_that_say_nothing_are_refused_as_always(cast: Cast, tap: Tap, now: datetime) -> None:
    start(cast, now)

    assert tap("08123456", now + MINUTE).outcome == "uid_random"
    assert rows()[0].result is None


def test_a_list_is_gone_through_one_after_the_other(cast: Cast, tap: Tap, now: datetime) -> None:
    members = [cast.alice.id, *(add_member(f"B{n}00", "李四", "FD01", now).id for n in (1, 2))]
    start(cast, now, *members)

    tap(UID, now + MINUTE)
    skip_enrolment(cast.sender.terminal_id, rows()[1].id, cast.bob.id, now + 2 * MINUTE)
    skip_enrolment(cast.sender.terminal_id, rows()[1].id, cast.bob.id, now + 2 * MINUTE)
    tap(OTHER, now + 4 * MINUTE)

    assert [row.result for row in rows()] == ["bound", "skipped", "bound"]
    assert card_of("E681").member_id == members[2]


def test_two_cards_in_one_request_bind_one_member_only(app: Flask, cast: Cast, now: datetime) -> None:
    start(cast, now, cast.alice.id, add_member("B001", "李四", "FD01", now).id)
    at = now + MINUTE
    readings = [Reading(uuid4(), uid, Medium.NFC, at, timedelta(0)) for uid in (UID, OTHER)]

    answers = take_scans(cast.sender, readings, installation(app), at, bind_tap)

    assert [answer.outcome for answer in answers] == ["card_enrolled", "card_unknown"]


def test_the_same_card_twice_in_one_request_is_bound_and_then_counted(
    app: Flask, cast: Cast, now: datetime
) -> None:
    start(cast, now)
    received = now + 5 * MINUTE
    readings = [Reading(uuid4(), UID, Medium.NFC, received, age) for age in (4 * MINUTE, 2 * MINUTE)]

    answers = take_scans(cast.sender, readings, installation(app), received, bind_tap)

    assert [answer.outcome for answer in answers] == ["card_enrolled", "checked_in"]


def test_waiting_can_be_prolonged_and_stopped(cast: Cast, tap: Tap, now: datetime) -> None:
    start(cast, now)
    renew_enrolment(cast.sender.terminal_id, rows()[0].id, cast.bob.id, now + 4 * MINUTE)
    assert rows()[0].ends_at == now + 7 * MINUTE

    stop_enrolments(cast.sender.terminal_id, cast.bob.id, now + 5 * MINUTE)

    assert tap(UID, now + 6 * MINUTE).outcome == "card_unknown"
    assert rows()[0].result == "stopped"


def test_a_terminal_serves_one_admin_at_a_time(cast: Cast, now: datetime) -> None:
    start(cast, now)
    terminal = cast.sender.terminal_id

    with pytest.raises(TerminalBusy):
        start_enrolments(terminal, [cast.alice.id], cast.charlie.id, now + MINUTE)
    start_enrolments(terminal, [cast.alice.id], cast.charlie.id, now + 3 * MINUTE)

    assert [row.result for row in rows()] == ["stopped", None]


def test_nobody_and_an_end_far_off_are_refused(cast: Cast, now: datetime) -> None:
    with pytest.raises(NobodyToEnrol):
        start_enrolments(cast.sender.terminal_id, [], cast.bob.id, now)
    with pytest.raises(CardEndWrong):
        start(cast, now, valid_until=now + timedelta(days=40))


def test_a_lent_card_goes_to_the_next_person_when_its_day_is_over(
    cast: Cast, tap: Tap, now: datetime
) -> None:
    other = add_member("B001", "李四", "FD01", now)
    start(cast, now, valid_until=now + timedelta(hours=8))
    tap(UID, now + MINUTE)
    day = timedelta(days=1)

    assert tap(UID, now + day).outcome == "card_expired"
    start(cast, now + day, other.id, valid_until=now + day + timedelta(hours=8))
    assert tap(UID, now + day + MINUTE).outcome == "card_enrolled"

    cards = db.session.execute(select(Card).where(Card.hint == "…E680").order_by(Card.id)).scalars().all()
    assert [(card.state, card.member_id) for card in cards] == [
        (CardState.EXPIRED, cast.alice.id),
        (CardState.ACTIVE, other.id),
    ]
    assert tap(UID, now + 5 * MINUTE, received=now + 2 * day).outcome == "checked_in"


def test_who_did_it_stands_in_the_history(cast: Cast, tap: Tap, now: datetime) -> None:
    start(cast, now)
    tap(UID, now + MINUTE)

    (line,) = db.session.execute(select(CardEvent).where(CardEvent.card_id == card_of("E680").id)).scalars()

    assert (line.kind, line.admin_id, line.at) == ("enrolled", cast.bob.id, now + MINUTE)


def test_known_cards_cost_no_statement_more_while_a_terminal_waits(
    app: Flask, cast: Cast, now: datetime
) -> None:
    start(cast, now)
    statements: list[str] = []
    listener = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        reading = Reading(uuid4(), cast.token, Medium.QR, now, timedelta(0))
        take_scans(cast.sender, [reading], installation(app), now + SECOND, bind_tap)
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert not any("card_enrolments" in text for text in statements)
