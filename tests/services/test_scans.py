"""The story of scans in the database."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.domain.scans import Answer, Medium, Reading, ScanStatus, Unreadable
from volunteer.domain.station_refusals import UndoTooLate
from volunteer.domain.stations import StationKind, TerminalKind
from volunteer.models.activities import Activity
from volunteer.models.members import Member
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.models.reviews import ReviewItem
from volunteer.models.scans import QuarantinedScan, StoredScan
from volunteer.queries.hours import list_hours, summarise_hours
from volunteer.services.cards import bind_nfc, end_card, issue_card
from volunteer.services.detectors import find_reviews
from volunteer.services.scans import Sender, close_forgotten, take_scans, undo_scan
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal


class Desk:
    """Holds cards to the station's terminal at given instants."""

    def __init__(self, app: Flask, cast: Cast, now: datetime) -> None:
        self.app, self.cast, self.now = app, cast, now

    def hold(
        self,
        at: datetime,
        *,
        token: str | None = None,
        received: datetime | None = None,
        sender: Sender | None = None,
        scan_id: UUID | None = None,
    ) -> Answer:
        received = received or at
        reading = Reading(scan_id or uuid4(), token or self.cast.token, Medium.QR, at, received - at)
        return take_scans(sender or self.cast.sender, [reading], installation(self.app), received)[0]

    def records(self) -> list[tuple[object, ...]]:
        return [
            (record["checked_in_at"], record["checked_out_at"], record["minutes"], record["state"])
            for record in list_hours(self.cast.alice.id)["records"]
        ]


@pytest.fixture
def desk(app: Flask, cast: Cast, now: datetime) -> Desk:
    return Desk(app, cast, now)


@pytest.fixture
def other_station(cast: Cast, now: datetime) -> Sender:
    station = add_station("CZ", "财政局机关站", StationKind.ORGAN_STATION, "", None)
    terminal, _ = enrol_terminal(prepare_terminal("CZ", now), TerminalKind.SCANNER, None, now)
    return Sender(terminal.id, station.id, cast.sender.direction)


def test_a_card_held_twice_becomes_hours(desk: Desk, now: datetime) -> None:
    came = desk.hold(now)
    went = desk.hold(now + timedelta(minutes=90, seconds=59))

    assert (came.outcome, came.status) == ("checked_in", ScanStatus.ACCEPTED)
    assert went.outcome == "checked_out"
    assert went.record is not None
    assert went.record["minutes"] == 90
    assert went.totals == {"today_minutes": 90, "year_minutes": 90}


def test_the_same_id_again_gets_the_first_answer_again(desk: Desk, now: datetime) -> None:
    scan_id = uuid4()
    first = desk.hold(now, scan_id=scan_id)
    desk.hold(now + timedelta(hours=1))

    again = desk.hold(now, received=now + timedelta(hours=2), scan_id=scan_id)

    assert again.status is ScanStatus.DUPLICATE
    assert (again.outcome, again.record, again.totals) == (first.outcome, first.record, first.totals)
    assert len(desk.records()) == 1


def test_an_id_twice_in_one_request_counts_once(desk: Desk, cast: Cast, app: Flask, now: datetime) -> None:
    reading = Reading(uuid4(), cast.token, Medium.QR, now, timedelta(0))

    first, second = take_scans(cast.sender, [reading, reading], installation(app), now)

    assert (first.status, second.status) == (ScanStatus.ACCEPTED, ScanStatus.DUPLICATE)
    assert db.session.execute(select(func.count()).select_from(StoredScan)).scalar_one() == 1


def test_a_used_id_with_another_card_is_kept_for_a_person(
    desk: Desk, cast: Cast, app: Flask, now: datetime
) -> None:
    bind_nfc("A001", "04A2B3C4D5E680", installation(app).keys, now)
    scan_id = uuid4()
    desk.hold(now, scan_id=scan_id)

    answer = desk.hold(now + timedelta(hours=1), token="04A2B3C4D5E680", scan_id=scan_id)

    assert (answer.status, answer.outcome) == (ScanStatus.QUARANTINED, "id_reused")
    assert db.session.execute(select(QuarantinedScan.reason)).scalars().all() == ["id_reused"]


def test_a_double_tap_changes_nothing(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    assert desk.hold(now + timedelta(seconds=59)).outcome == "double_tap"
    assert desk.hold(now + timedelta(seconds=60)).outcome == "checked_out"


def test_a_late_scan_changes_the_record_and_the_change_stays_visible(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    desk.hold(now + timedelta(hours=2))
    late = desk.hold(now + timedelta(hours=1), received=now + timedelta(hours=3))

    assert late.outcome == "checked_out"
    assert [record[2] for record in desk.records()] == [60, 0]
    trace = db.session.execute(select(RecordChange)).scalars().one()
    assert trace.scan_id is not None
    assert (trace.before["minutes"], trace.after["minutes"]) == (120, 60)  # type: ignore[index]


def test_an_earlier_late_scan_supersedes_but_never_deletes(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    desk.hold(now - timedelta(hours=1), received=now + timedelta(minutes=5))

    states = db.session.execute(select(ServiceRecord.state).order_by(ServiceRecord.id)).scalars().all()
    assert states == ["superseded", "closed"]
    assert [record[2] for record in desk.records()] == [60]


def test_a_forgotten_check_out_is_closed_at_the_cap_with_nothing_credited(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    assert close_forgotten(now + timedelta(hours=12)) == 0
    assert close_forgotten(now + timedelta(hours=12, seconds=1)) == 1
    assert close_forgotten(now + timedelta(hours=13)) == 0

    cap = (now + timedelta(hours=12)).isoformat()
    assert desk.records() == [(now.isoformat(), cap, 0, "forgotten")]


def test_the_tap_after_a_forgotten_check_out_opens_a_new_record(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    assert desk.hold(now + timedelta(days=1)).outcome == "checked_in"
    assert [record[3] for record in desk.records()] == ["forgotten", "open"]


def test_the_next_tap_asks_when_the_member_left(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    close_forgotten(now + timedelta(hours=13))

    asked = desk.hold(now + timedelta(days=1))
    gone = desk.hold(now + timedelta(days=1, hours=2))

    assert asked.forgotten_on == "2026-09-15"
    assert list(map(str, asked.sentences)) == ["张*，签到成功。9月15日忘记签退，请告诉我们几点离开的"]
    assert (gone.outcome, gone.forgotten_on) == ("checked_out", None)
    # and not for ever
    assert desk.hold(now + timedelta(days=9)).forgotten_on is None


def test_a_record_left_open_for_weeks_does_not_hinder_the_next(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    assert desk.hold(now + timedelta(days=40)).outcome == "checked_in"
    assert [record[3] for record in desk.records()] == ["forgotten", "open"]


def test_a_tap_elsewhere_leaves_the_first_record_for_review(
    desk: Desk, other_station: Sender, now: datetime
) -> None:
    desk.hold(now)
    desk.hold(now + timedelta(hours=1), sender=other_station)
    assert [record[3] for record in desk.records()] == ["left", "open"]


def test_a_scan_made_before_the_loss_still_counts(desk: Desk, cast: Cast, app: Flask, now: datetime) -> None:
    card, _ = issue_card("A001", installation(app).keys, now)
    end_card(card.id, CardState.LOST, now + timedelta(hours=1))

    before = desk.hold(now, received=now + timedelta(hours=5))
    after = desk.hold(now + timedelta(hours=2), received=now + timedelta(hours=5))

    assert (before.outcome, after.outcome) == ("checked_in", "card_lost")
    assert after.member is None


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        ("04112233445566", "card_unknown"),
        ("08AABBCC", "uid_random"),
        ("00000000", "uid_zero"),
        ("PUPI-00000000", "uid_zero"),
        ("PUPI-11223344", "uid_not_identity"),
        ("FFFFFFFF", "uid_blank"),
        ("01020304", "uid_shared"),
        ("0411223", "uid_malformed"),
        ("hello", "uid_malformed"),
        ("VC1-0000000000000000" + "00000000", "token_invalid"),
        ("VC1-", "token_invalid"),
    ],
)
def test_a_refused_scan_is_stored_with_its_reason(
    desk: Desk, now: datetime, token: str, outcome: str
) -> None:
    answer = desk.hold(now, token=token)

    assert (answer.status, answer.outcome) == (ScanStatus.REFUSED, outcome)
    assert db.session.execute(select(StoredScan.outcome)).scalars().all() == [outcome]
    assert desk.records() == []


@pytest.mark.parametrize("state", [CardState.REVOKED, CardState.EXPIRED, CardState.LOST])
def test_an_ended_card_is_refused_in_its_own_words(
    desk: Desk, app: Flask, cast: Cast, now: datetime, state: CardState
) -> None:
    card, _ = issue_card("A001", installation(app).keys, now)
    end_card(card.id, state, now)
    assert desk.hold(now).outcome == f"card_{state}"


def test_a_member_who_left_is_refused_from_then_on(desk: Desk, cast: Cast, now: datetime) -> None:
    member = db.session.get_one(Member, cast.alice.id)
    member.status, member.status_at = "left", now + timedelta(hours=1)
    db.session.commit()

    assert desk.hold(now, received=now + timedelta(hours=3)).outcome == "checked_in"
    assert desk.hold(now + timedelta(hours=2), received=now + timedelta(hours=3)).outcome == "member_inactive"


def test_an_undone_scan_does_not_exist(desk: Desk, app: Flask, cast: Cast, now: datetime) -> None:
    desk.hold(now)
    scan_id = uuid4()
    desk.hold(now + timedelta(hours=1), scan_id=scan_id)

    answer = undo_scan(cast.sender, scan_id, installation(app), now + timedelta(hours=1, seconds=30))

    assert answer.outcome == "undone"
    assert [record[3] for record in desk.records()] == ["open"]


def test_only_the_same_station_within_a_minute_may_undo(
    desk: Desk, app: Flask, cast: Cast, other_station: Sender, now: datetime
) -> None:
    scan_id = uuid4()
    desk.hold(now, scan_id=scan_id)
    with pytest.raises(UndoTooLate):
        undo_scan(other_station, scan_id, installation(app), now)
    with pytest.raises(UndoTooLate):
        undo_scan(cast.sender, scan_id, installation(app), now + timedelta(seconds=61))


def test_undoing_twice_is_undone_once(desk: Desk, app: Flask, cast: Cast, now: datetime) -> None:
    scan_id = uuid4()
    desk.hold(now, scan_id=scan_id)
    answers = [
        undo_scan(cast.sender, scan_id, installation(app), now + timedelta(seconds=age)) for age in (50, 90)
    ]
    assert [answer.outcome for answer in answers] == ["undone", "undone"]
    assert desk.records() == []


def test_undoing_a_check_out_takes_its_minutes_back_whatever_came_later(
    desk: Desk, app: Flask, cast: Cast, now: datetime
) -> None:
    later = now + timedelta(days=1)
    scan_id = uuid4()
    desk.hold(now, received=later)
    desk.hold(now + timedelta(hours=4), received=later, scan_id=scan_id)
    desk.hold(later)

    answer = undo_scan(cast.sender, scan_id, installation(app), later + timedelta(seconds=30))

    assert answer.totals == {"today_minutes": 0, "year_minutes": 0}
    assert [(record[2], record[3]) for record in desk.records()] == [(0, "forgotten"), (0, "open")]


def test_who_comes_early_for_the_second_shift_serves_the_second(
    desk: Desk, cast: Cast, now: datetime
) -> None:
    for start in (0, 4, 8):
        starts_at = now + timedelta(hours=start)
        ends_at = starts_at + timedelta(hours=4)
        shift = Activity(name="值守", category="civil_travel", starts_at=starts_at, ends_at=ends_at)
        shift.station_id = cast.sender.station_id
        db.session.add(shift)
    db.session.commit()

    desk.hold(now + timedelta(hours=3, minutes=45))
    went = desk.hold(now + timedelta(hours=8, minutes=5))

    assert went.outcome == "checked_out"
    assert desk.records()[0][2] == 260


def test_an_id_used_twice_in_one_request_by_two_cards_is_kept_for_a_person(
    desk: Desk, cast: Cast, app: Flask, now: datetime
) -> None:
    bind_nfc("A001", "04A2B3C4D5E680", installation(app).keys, now)
    scan_id = uuid4()
    readings = [
        Reading(scan_id, token, Medium.QR, now, timedelta(0)) for token in (cast.token, "04A2B3C4D5E680")
    ]
    for _again in range(2):
        answers = take_scans(cast.sender, readings, installation(app), now)
        assert answers[1].outcome == "id_reused"
    assert db.session.execute(select(QuarantinedScan.reason)).scalars().all() == ["id_reused"]


def test_an_id_used_again_hours_later_is_kept_once_for_a_person(desk: Desk, now: datetime) -> None:
    scan_id = uuid4()
    desk.hold(now, scan_id=scan_id)
    for minutes in (0, 1):
        late = now + timedelta(hours=5)
        answer = desk.hold(late, received=late + timedelta(minutes=minutes), scan_id=scan_id)
        assert answer.outcome == "id_reused"
    assert db.session.execute(select(func.count()).select_from(QuarantinedScan)).scalar_one() == 1


def test_what_cannot_be_read_is_kept_once(app: Flask, cast: Cast, now: datetime) -> None:
    broken = Unreadable("x", "token: missing", {"id": "x", "age_ms": 1})
    again = Unreadable("x", "token: missing", {"id": "x", "age_ms": 2})

    for entry in (broken, again):
        answer = take_scans(cast.sender, [entry], installation(app), now)[0]
        assert (answer.id, answer.status) == ("x", ScanStatus.QUARANTINED)

    assert db.session.execute(select(func.count()).select_from(QuarantinedScan)).scalar_one() == 1


@pytest.mark.parametrize("days", [1, 5])
def test_the_station_counts_no_hours_that_wait_for_a_person(
    desk: Desk, cast: Cast, app: Flask, now: datetime, days: int
) -> None:
    for start, end in ((0, 5), (5.1, 9.1)):
        desk.hold(now + timedelta(hours=start))
        desk.hold(now + timedelta(hours=end))
    find_reviews(now + timedelta(hours=10), app.config["TIMEZONE"])

    # given the records are looked at one by one, or only in sums
    desk.hold(now + timedelta(days=days))
    went = desk.hold(now + timedelta(days=days, hours=1))

    assert went.totals == {"today_minutes": 60, "year_minutes": 60}
    assert summarise_hours(cast.alice.id, now.year).total.minutes == 60
    told = app.test_cli_runner().invoke(args=["hours", "A001"]).output
    assert "合计 60 分钟" in told
    assert "另有 540 分钟待审核" in told
    db.session.execute(update(ReviewItem).values(state="muted", decided_by_id=cast.bob.id, reason="看过"))
    db.session.commit()
    desk.hold(now + timedelta(days=days, hours=2))
    again = desk.hold(now + timedelta(days=days, hours=3))
    assert again.totals == {"today_minutes": 120, "year_minutes": 120 + 9 * 60}


def test_one_scan_takes_few_statements(desk: Desk, now: datetime) -> None:
    desk.hold(now)
    statements: list[str] = []
    listener = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        desk.hold(now + timedelta(hours=1))
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert len([text for text in statements if not text.startswith("BEGIN")]) <= 6
