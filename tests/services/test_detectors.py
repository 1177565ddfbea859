"""What needs a person is found, once, and goes away with its cause."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.jobs import Unclaimed
from volunteer.domain.reviews import HOLDING, ReviewKind, ReviewState
from volunteer.domain.scans import Medium, Reading, Unreadable
from volunteer.domain.stations import Direction, StationKind, TerminalKind
from volunteer.models.cards import Card
from volunteer.models.corrections import Correction
from volunteer.models.duty_days import Setting
from volunteer.models.ledger import LedgerEntry
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Terminal
from volunteer.queries.derivations import derive_credits
from volunteer.services.cards import issue_card
from volunteer.services.detectors import SEEN_SETTING, find_reviews
from volunteer.services.duty_days import confirm_duty_day
from volunteer.services.members import add_member
from volunteer.services.scans import Sender, close_forgotten, take_scans, undo_scan
from volunteer.services.settlements import close_day, settle_days
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
# A Saturday, 08:00 in Shenzhen: nobody is in an office.
SATURDAY = datetime(2026, 9, 12, 0, 0, tzinfo=UTC)
NEXT_DAY = SATURDAY + 25 * HOUR
Hold = Callable[..., UUID]


def holder(app: Flask, cast: Cast) -> Hold:
    """A hand that holds a card to a terminal; gives the scan's id."""

    def hold_card(at: datetime, token: str = "", sender: Sender | None = None, **more: Any) -> UUID:
        received = more.pop("received", at)
        age = more.pop("age", received - at)
        reading = Reading(uuid4(), token or cast.token, Medium.QR, at, age, **more)
        take_scans(sender or cast.sender, [reading], installation(app), received)
        return reading.id

    return hold_card


@pytest.fixture
def hold(app: Flask, cast: Cast) -> Hold:
    """Hold a card to a terminal."""
    return holder(app, cast)


@pytest.fixture
def other(cast: Cast, now: datetime) -> Sender:
    """A terminal at another station, which nobody's team but the brigade looks after."""
    station = add_station("CZ", "财政局机关站", StationKind.ORGAN_STATION, "", None)
    terminal, _ = enrol_terminal(prepare_terminal("CZ", now), TerminalKind.SCANNER, None, now)
    return Sender(terminal.id, station.id, Direction.BOTH)


class Later(Unclaimed):
    """A run that is not the first of its day."""

    is_first = False


@pytest.fixture(params=["first of the day", "later"])
def find(app: Flask, request: pytest.FixtureRequest) -> Callable[[datetime], int]:
    """Run the job: as the first run of a day, which looks at a month, or as a later one."""
    zone = app.config["TIMEZONE"]

    def find_later(at: datetime) -> int:
        setting = db.session.get(Setting, SEEN_SETTING)
        seen = json.loads(setting.value) if setting else {"record": 0, "quarantined": 0, "card": 0}
        seen = {"at": datetime(2026, 8, 30, tzinfo=UTC).isoformat()} | seen
        seen["again_on"] = at.astimezone(zone).date().isoformat()
        db.session.merge(Setting(name=SEEN_SETTING, value=json.dumps(seen)))
        db.session.commit()
        return find_reviews(at, zone, Later())

    return find_later if request.param == "later" else lambda at: find_reviews(at, zone)


Find = Callable[[datetime], int]


# What lies there because two rows with hours were merged has tests of its own.
OF_MERGES = ReviewItem.key.like("identity_clash:merge:%")


def items(*states: str) -> list[tuple[str, str]]:
    found = select(ReviewItem.kind, ReviewItem.state).where(~OF_MERGES).order_by(ReviewItem.id)
    rows = db.session.execute(found)
    return [(kind, state) for kind, state in rows if not states or state in states]


def only() -> ReviewItem:
    found = select(ReviewItem).where(~OF_MERGES).execution_options(populate_existing=True)
    return db.session.execute(found).scalar_one()


def held() -> set[int]:
    return set(db.session.execute(select(ReviewedRecord.record_id)).scalars())


def serve(hold: Hold, start: datetime, *hours: float, pause: timedelta = 2 * MINUTE, token: str = "") -> None:
    for length in hours:
        hold(start, token)
        hold(start + length * HOUR, token)
        start += length * HOUR + pause


def duplicate_of(app: Flask, cast: Cast, now: datetime) -> tuple[Member, str]:
    """Another row of alice's, in the other team, with a card of its own."""
    other = add_member("A777", "张三", "FD02", now - timedelta(days=90))
    _, token = issue_card("A777", installation(app).keys, now - timedelta(days=90))
    db.session.add(Merge(duplicate_id=other.id, kept_id=cast.alice.id, merged_at=now))
    db.session.commit()
    return other, token


def declare(cast: Cast, start: datetime, end: datetime) -> ServiceRecord:
    """A record that two admins have declared for alice."""
    people = [add_member(f"E00{one}", "审核", "FD02", SATURDAY) for one in (1, 2)]
    correction = Correction(
        kind="makeup_record", member_id=cast.alice.id, station_id=cast.sender.station_id,
        checked_in_at=start, checked_out_at=end, served_on=start.date(), proof="leader", reason="忘带卡",
        asked_by_member=False, asked_at=end, state="approved", entered_by_id=cast.bob.id,
        entered_person_id=people[0].id, entered_at=end, decided_by_id=cast.charlie.id,
        decided_person_id=people[1].id, decided_at=end,
    )  # fmt: skip
    db.session.add(correction)
    db.session.flush()
    record = ServiceRecord(
        member_id=cast.alice.id, station_id=cast.sender.station_id, checked_in_at=start, checked_out_at=end,
        limit_at=end, served_on=start.date(), minutes=(end - start) // MINUTE, state="closed",
        proof="leader", correction_id=correction.id,
    )  # fmt: skip
    db.session.add(record)
    db.session.commit()
    return record


@pytest.mark.parametrize(
    ("hours", "kind", "level"),
    [
        ((4, 4.5), ReviewKind.LONG_DAY, "parent"),
        ((6, 6.5), ReviewKind.LONG_DAY, "brigade"),
        ((8, 8.5), ReviewKind.IMPOSSIBLE_TOTAL, "brigade"),
    ],
)
def test_a_long_day_waits_for_who_may_judge_it(
    hold: Hold, find: Find, cast: Cast, hours: tuple[float, ...], kind: ReviewKind, level: str
) -> None:
    serve(hold, SATURDAY - 6 * HOUR, *hours)

    assert find(SATURDAY + 12 * HOUR) == 1
    assert find(SATURDAY + 12 * HOUR + MINUTE) == 0

    item = only()
    assert (item.kind, item.level, item.state, item.member_id) == (kind, level, "open", cast.alice.id)
    assert (item.team_id, item.day_on) == (cast.detachment.id, date(2026, 9, 12))
    assert item.params["minutes"] == sum(hours) * 60  # type: ignore[index]
    assert len(held()) == 2


def test_eight_hours_and_three_pairs_count_by_themselves(hold: Hold, find: Find) -> None:
    serve(hold, SATURDAY, 4, 3, 1)

    assert find(NEXT_DAY) == 0


def test_a_long_day_goes_away_with_the_scan_that_made_it(
    app: Flask, cast: Cast, hold: Hold, find: Find
) -> None:
    serve(hold, SATURDAY, 5)
    hold(SATURDAY + 6 * HOUR)
    last = hold(SATURDAY + 10 * HOUR)
    find(SATURDAY + 10 * HOUR)
    assert items() == [("long_day", "open")]

    undo_scan(cast.sender, last, installation(app), SATURDAY + 10 * HOUR + timedelta(seconds=30))

    assert find(SATURDAY + 10 * HOUR + MINUTE) == 1
    assert items() == [("long_day", "gone")]


def test_an_accepted_long_day_that_grew_is_open_again(cast: Cast, hold: Hold, find: Find) -> None:
    serve(hold, SATURDAY, 5, 4)
    find(SATURDAY + 10 * HOUR)
    item = only()
    item.state, item.decided_by_id, item.decided_at = "accepted", cast.bob.id, SATURDAY
    db.session.commit()
    assert find(SATURDAY + 11 * HOUR) == 0

    serve(hold, SATURDAY + 11 * HOUR, 4)

    assert find(SATURDAY + 16 * HOUR) == 1
    assert (only().state, only().level, only().decided_by_id) == ("open", "brigade", None)


def test_merged_rows_in_two_places_are_found(
    app: Flask, cast: Cast, hold: Hold, find: Find, other: Sender, now: datetime
) -> None:
    _, token = duplicate_of(app, cast, now)
    serve(hold, SATURDAY, 2)
    hold(SATURDAY + HOUR, token, other)
    hold(SATURDAY + 3 * HOUR, token, other)

    find(NEXT_DAY)

    item = only()
    assert (item.kind, item.level, item.params["minutes"]) == ("two_places", "parent", 60)  # type: ignore[index]
    assert (item.member_id, item.team_id, len(held())) == (cast.alice.id, cast.detachment.id, 2)


@pytest.fixture
def night_and_morning(app: Flask, cast: Cast, hold: Hold, other: Sender, now: datetime) -> None:
    """One person from 22:00 to 02:00 at one station, and by another row from 00:30 to 03:00 at another."""
    _, token = duplicate_of(app, cast, now)
    serve(hold, SATURDAY + 14 * HOUR, 4)
    hold(SATURDAY + 16.5 * HOUR, token, other)
    hold(SATURDAY + 19 * HOUR, token, other)


@pytest.mark.usefixtures("night_and_morning")
def test_two_places_at_once_after_midnight_are_found(find: Find, now: datetime) -> None:
    find(now)

    item = only()
    assert (item.kind, item.day_on, item.params["minutes"]) == ("two_places", date(2026, 9, 13), 90)  # type: ignore[index]
    assert len(held()) == 2


def test_a_night_made_longer_without_a_scan_is_compared_with_the_morning(
    cast: Cast, hold: Hold, find: Find
) -> None:
    serve(hold, SATURDAY + 16 * HOUR, 2)
    find(SATURDAY + 19 * HOUR)

    declare(cast, SATURDAY + 14 * HOUR, SATURDAY + 17 * HOUR)

    assert find(SATURDAY + 20 * HOUR) == 1
    assert (only().kind, only().day_on) == ("two_places", date(2026, 9, 13))


@pytest.mark.usefixtures("night_and_morning")
def test_settling_both_days_credits_neither_of_two_places_after_midnight(
    app: Flask, cast: Cast, now: datetime
) -> None:
    zone = app.config["TIMEZONE"]
    for day in (12, 13):
        close_day(date(2026, 9, day), cast.bob.id, "试点", now, zone)
    settle_days(now, zone)

    assert items() == [("two_places", "open")]
    assert db.session.execute(select(func.sum(LedgerEntry.minutes))).scalar_one() == 0
    assert [wrong for _, part in derive_credits(zone) for wrong in part] == []


def test_told_apart_again_two_people_are_in_two_places(
    app: Flask, cast: Cast, hold: Hold, find: Find, now: datetime
) -> None:
    _, token = duplicate_of(app, cast, now)
    serve(hold, SATURDAY, 2)
    serve(hold, SATURDAY, 2, token=token)
    find(now)
    assert items() == [("two_places", "open")]

    db.session.execute(select(Merge)).scalar_one().undone_at = now
    db.session.commit()
    find(now + MINUTE)

    assert items() == [("two_places", "gone")]


def test_a_declared_record_over_a_metered_one_is_found_without_a_scan(
    cast: Cast, hold: Hold, find: Find
) -> None:
    serve(hold, SATURDAY, 2)
    find(SATURDAY + 3 * HOUR)

    declared = declare(cast, SATURDAY + HOUR, SATURDAY + 4 * HOUR)

    assert find(SATURDAY + 5 * HOUR) == 1
    assert (only().kind, declared.id in held()) == ("two_places", True)
    declared.state, declared.minutes, declared.voided_by_id = "void", 0, declared.correction_id
    db.session.commit()
    assert find(SATURDAY + 5 * HOUR + MINUTE) == 1
    assert items() == [("two_places", "gone")]


def test_a_month_beyond_what_anybody_serves_holds_what_came_after(cast: Cast, hold: Hold, find: Find) -> None:
    start = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)
    for day in range(27):
        serve(hold, start + timedelta(days=day), 11.5)

    find(start + timedelta(days=27))

    found = db.session.execute(select(ReviewItem).where(ReviewItem.key.like("month_total:%"))).scalar_one()
    assert (found.kind, found.level, found.day_on) == ("impossible_total", "brigade", date(2026, 9, 1))
    assert found.params == {"month": "2026-09-01", "minutes": 27 * 690, "most": 18000}
    held = db.session.execute(select(func.count()).where(ReviewedRecord.item_id == found.id)).scalar_one()
    assert held == 1
    assert {kind for kind, _ in items()} <= {"impossible_total", "long_day", "office_hours"}


def test_more_pairs_than_usual_at_one_place_are_found(hold: Hold, find: Find) -> None:
    serve(hold, SATURDAY, 0.5, 0.5, 0.5, 0.5)

    assert (find(NEXT_DAY), find(NEXT_DAY)) == (1, 0)

    assert (only().kind, only().params["pairs"], only().params["most"]) == ("many_pairs", 4, 3)  # type: ignore[index]


@pytest.mark.parametrize(
    ("day", "hour", "length", "minutes"),
    [
        (16, 0, 2, 60),  # a Wednesday from eight to ten
        (16, 3, 4, 120),  # over lunch: eleven to twelve, two to three
        (20, 6, 2, 120),  # a Sunday on which people work
        (16, 11, 2, 0),  # seven in the evening
        (12, 2, 2, 0),  # a Saturday
        (15, 2, 2, 0),  # the duty day
    ],
)
def test_service_in_office_hours_is_found(
    app: Flask, cast: Cast, hold: Hold, find: Find, day: int, hour: int, length: int, minutes: int
) -> None:
    start = datetime(2026, 9, day, hour, tzinfo=UTC)
    confirm_duty_day("2026-09", cast.bob.id, None, start - timedelta(days=20), app.config["TIMEZONE"])
    serve(hold, start, length)

    find(start + timedelta(days=1))

    expected = [("office_hours", minutes)] if minutes else []
    rows = db.session.execute(select(ReviewItem.kind, ReviewItem.params))
    assert [(kind, params["minutes"]) for kind, params in rows] == expected  # type: ignore[index]


def test_a_team_in_office_hours_is_one_item_with_everybody_in_it(
    app: Flask, cast: Cast, hold: Hold, find: Find
) -> None:
    start = datetime(2026, 9, 16, 2, tzinfo=UTC)
    add_member("A002", "李四", "FD01", SATURDAY)
    _, token = issue_card("A002", installation(app).keys, SATURDAY)
    serve(hold, start, 1)
    find(start + HOUR)
    assert (only().member_id, only().params["people"]) == (cast.alice.id, 1)  # type: ignore[index]

    second = hold(start, token)
    last = hold(start + 2 * HOUR, token)
    find(start + 2 * HOUR)
    assert (only().member_id, only().params["people"], len(held())) == (None, 2, 2)  # type: ignore[index]

    undo_scan(cast.sender, last, installation(app), start + 2 * HOUR + timedelta(seconds=30))
    find(start + 2 * HOUR + MINUTE)
    assert (only().params["people"], len(held()), second is None) == (1, 1, False)  # type: ignore[index]


def test_a_forgotten_check_out_waits_until_it_comes_late(hold: Hold, find: Find) -> None:
    hold(SATURDAY)
    later = SATURDAY + 13 * HOUR
    close_forgotten(later)
    assert (find(later), find(later + MINUTE)) == (1, 0)
    assert items() == [("forgotten", "open")]

    hold(SATURDAY + 2 * HOUR, received=later + 2 * MINUTE)
    find(later + 3 * MINUTE)

    assert items() == [("forgotten", "gone"), ("late_scan", "open")]


def test_who_left_without_check_out_is_found(hold: Hold, find: Find, other: Sender) -> None:
    hold(SATURDAY)
    hold(SATURDAY + HOUR, sender=other)
    hold(SATURDAY + 2 * HOUR, sender=other)

    assert (find(NEXT_DAY), find(NEXT_DAY)) == (1, 0)
    assert items() == [("left", "open")]

    hold(SATURDAY + 30 * MINUTE, received=NEXT_DAY)
    find(NEXT_DAY + MINUTE)
    assert items() == [("left", "gone"), ("late_scan", "open")]


def test_scans_whose_time_is_only_reckoned_are_one_item(
    app: Flask, cast: Cast, hold: Hold, find: Find
) -> None:
    hold(SATURDAY, age=None)
    last = hold(SATURDAY + HOUR, age=None)

    assert (find(SATURDAY + HOUR), find(SATURDAY + HOUR)) == (1, 0)
    item = only()
    assert (item.kind, item.terminal_id, item.params["scans"]) == (  # type: ignore[index]
        "suspect_clock", cast.sender.terminal_id, 2,
    )  # fmt: skip
    assert (item.team_id, len(held())) == (cast.detachment.id, 1)

    undo_scan(cast.sender, last, installation(app), SATURDAY + HOUR + timedelta(seconds=20))
    find(SATURDAY + HOUR + MINUTE)
    assert only().params["scans"] == 1  # type: ignore[index]


def test_undoing_the_only_suspect_scan_takes_the_item_away(
    app: Flask, cast: Cast, hold: Hold, find: Find
) -> None:
    scan = hold(SATURDAY, age=None)
    find(SATURDAY)

    undo_scan(cast.sender, scan, installation(app), SATURDAY + timedelta(seconds=20))
    find(SATURDAY + MINUTE)

    assert items() == [("suspect_clock", "gone")]


def test_a_terminal_with_a_wrong_clock_is_found_until_it_is_right(cast: Cast, find: Find) -> None:
    terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
    terminal.clock_offset_ms = -7 * 3600 * 1000
    db.session.commit()
    assert (find(SATURDAY), find(SATURDAY)) == (1, 0)
    assert (only().kind, only().params) == ("suspect_clock", {"offset_minutes": 60})

    item = only()
    item.state, item.decided_by_id, item.decided_at = "accepted", cast.bob.id, SATURDAY
    terminal.clock_offset_ms = 900
    db.session.commit()
    find(SATURDAY + MINUTE)
    assert items() == [("suspect_clock", "gone")]

    terminal.clock_offset_ms = 3 * 86_400_000
    db.session.commit()
    find(SATURDAY + 2 * MINUTE)
    assert (only().state, only().params) == ("open", {"offset_minutes": 1440})


def test_a_late_scan_that_changed_an_answer_is_found(cast: Cast, hold: Hold, find: Find) -> None:
    serve(hold, SATURDAY, 3)
    scan = hold(SATURDAY + HOUR, received=SATURDAY + 5 * HOUR)

    assert (find(NEXT_DAY), find(NEXT_DAY)) == (1, 0)

    item = only()
    assert (item.kind, item.key) == ("late_scan", f"late_scan:{scan.hex}")
    assert (item.params["late_minutes"], item.params["before"]) == (240, 180)  # type: ignore[index]


def test_an_undone_late_scan_is_no_case(app: Flask, cast: Cast, hold: Hold, find: Find) -> None:
    serve(hold, SATURDAY, 3)
    at = SATURDAY + 5 * HOUR
    scan = hold(SATURDAY + HOUR, received=at)
    find(at)

    undo_scan(cast.sender, scan, installation(app), at + timedelta(seconds=30))
    find(at + MINUTE)

    assert items() == [("late_scan", "gone")]


def test_a_number_used_twice_within_one_start_is_found(cast: Cast, hold: Hold, find: Find) -> None:
    boot = uuid4()
    hold(SATURDAY, seq=7, boot=boot)
    hold(SATURDAY + HOUR, seq=8, boot=boot)
    assert find(SATURDAY + HOUR) == 0

    hold(SATURDAY + 2 * HOUR, seq=8, boot=boot)
    hold(SATURDAY + 3 * HOUR, seq=8, boot=uuid4())

    assert (find(SATURDAY + 4 * HOUR), find(SATURDAY + 4 * HOUR)) == (1, 0)
    assert (only().kind, only().params["scans"]) == ("repeated_seq", 2)  # type: ignore[index]


def test_a_number_that_goes_backward_within_one_start_is_found(hold: Hold, find: Find) -> None:
    boot = uuid4()
    hold(SATURDAY, seq=7, boot=boot)
    # Sent late but held in order: nothing is wrong with that.
    hold(SATURDAY + HOUR, seq=9, boot=boot)
    hold(SATURDAY + 30 * MINUTE, seq=8, boot=boot, received=SATURDAY + 2 * HOUR)
    assert find(SATURDAY + 2 * HOUR) >= 0
    assert "repeated_seq" not in dict(items())

    hold(SATURDAY + 3 * HOUR, seq=3, boot=boot)

    find(SATURDAY + 3 * HOUR)
    assert dict(items())["repeated_seq"] == "open"


def test_a_replay_weeks_later_is_found(hold: Hold, find: Find) -> None:
    boot = uuid4()
    hold(SATURDAY, seq=7, boot=boot)
    find(SATURDAY)

    hold(SATURDAY + timedelta(days=60), seq=7, boot=boot)
    find(SATURDAY + timedelta(days=60))

    assert dict(items())["repeated_seq"] == "open"


def test_what_lies_in_quarantine_is_one_item_a_day(app: Flask, cast: Cast, find: Find) -> None:
    for content in ({"id": "x"}, {"id": "y"}):
        take_scans(cast.sender, [Unreadable(None, "no token", content)], installation(app), SATURDAY)

    assert (find(SATURDAY), find(SATURDAY)) == (1, 0)

    assert (only().kind, only().params["scans"], only().terminal_id) == (  # type: ignore[index]
        "quarantined", 2, cast.sender.terminal_id,
    )  # fmt: skip


def test_one_card_at_two_stations_within_minutes_is_a_clash(
    cast: Cast, hold: Hold, find: Find, other: Sender
) -> None:
    hold(SATURDAY)
    hold(SATURDAY + 4 * MINUTE, sender=other)

    find(SATURDAY + 5 * MINUTE)

    found = db.session.execute(select(ReviewItem).where(ReviewItem.kind == "identity_clash")).scalar_one()
    assert (found.member_id, found.params["minutes"]) == (cast.alice.id, 4)  # type: ignore[index]


def test_one_card_bound_to_two_people_is_a_clash_until_they_are_one(
    cast: Cast, find: Find, now: datetime
) -> None:
    second = add_member("A002", "李四", "FD01", now)
    for member, ended in ((cast.alice, now), (second, None)):
        db.session.add(
            Card(
                member_id=member.id,
                kind=CardKind.NFC,
                assurance="low",
                identity_hash="f" * 64,
                state=CardState.REVOKED if ended else CardState.ACTIVE,
                issued_at=now,
                ended_at=ended,
            )
        )
    db.session.commit()
    assert (find(now), find(now)) == (1, 0)
    assert (only().kind, only().member_id, only().params) == ("identity_clash", second.id, {"people": 2})

    db.session.add(Merge(duplicate_id=second.id, kept_id=cast.alice.id, merged_at=now))
    db.session.commit()
    find(now + MINUTE)

    assert items() == [("identity_clash", "gone")]


def test_what_slipped_by_is_found_at_the_first_run_of_the_next_day(
    app: Flask, hold: Hold, cast: Cast
) -> None:
    serve(hold, SATURDAY, 5, 4)
    seen = {"at": "2026-09-14T00:00:00+00:00", "again_on": "2026-09-14", "record": 9999}
    db.session.add(Setting(name=SEEN_SETTING, value=json.dumps(seen | {"quarantined": 0, "card": 0})))
    db.session.commit()
    zone, monday = app.config["TIMEZONE"], datetime(2026, 9, 14, 2, tzinfo=UTC)
    assert find_reviews(monday, zone, Later()) == 0

    # The first run of the day may have been another one that never came to its end.
    assert find_reviews(monday + timedelta(days=1), zone, Later()) == 1

    assert items() == [("long_day", "open")]


def test_settling_and_the_job_find_the_same_and_keep_quiet(
    app: Flask, cast: Cast, hold: Hold, find: Find, now: datetime
) -> None:
    zone = app.config["TIMEZONE"]
    serve(hold, SATURDAY, 5, 4)
    close_day(date(2026, 9, 12), cast.bob.id, "试点", now, zone)
    settle_days(now, zone)
    assert items() == [("long_day", "open")]

    found = [(find(now + run * MINUTE), settle_days(now + run * MINUTE, zone)) for run in range(3)]

    assert found == [(0, 0)] * 3
    assert db.session.execute(select(ServiceRecord.is_settled)).scalars().all() == [True, True]


def test_only_kinds_that_hold_hours_make_the_ledger_look_again(cast: Cast, hold: Hold, find: Find) -> None:
    serve(hold, SATURDAY, 0.5, 0.5, 0.5, 0.5)
    for record in db.session.query(ServiceRecord):
        record.is_settled = True
    db.session.commit()

    find(NEXT_DAY)

    assert only().kind not in HOLDING
    assert set(db.session.execute(select(ServiceRecord.is_settled)).scalars()) == {True}


def test_muted_stays_muted_though_there_is_more_of_it(app: Flask, cast: Cast, hold: Hold, find: Find) -> None:
    hold(SATURDAY, age=None)
    find(SATURDAY)
    item = only()
    item.state, item.decided_by_id, item.reason = ReviewState.MUTED, cast.bob.id, "终端待修"
    db.session.commit()

    hold(SATURDAY + HOUR, age=None)

    assert find(SATURDAY + HOUR) == 0
    assert items() == [("suspect_clock", "muted")]
    assert db.session.execute(select(func.count(StoredScan.id))).scalar_one() == 2
