"""The duty day from proposal to the marks on the records."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Cast
from tests.services.test_scans import Desk
from volunteer.db import db
from volunteer.domain.calendar import DayKind
from volunteer.domain.calendar_entries import (
    CalendarDayTwice,
    CalendarEntry,
    CalendarRowMalformed,
    CalendarYearWrong,
    read_entries,
)
from volunteer.domain.duty_day_refusals import DutyDayDecided, DutyDayOutsideMonth
from volunteer.domain.duty_days import DutyDayPolicy
from volunteer.domain.refusals import DateMalformed
from volunteer.models.duty_days import DutyDay
from volunteer.models.records import ServiceRecord
from volunteer.queries.duty_days import (
    DutyDayView,
    find_next_duty_day,
    find_todays_notice,
    list_duty_days,
)
from volunteer.services.duty_days import (
    announce_duty_day,
    cancel_duty_day,
    confirm_duty_day,
    enter_calendar_days,
    mark_duty_days,
    propose_duty_days,
    set_duty_day_policy,
)

ZONE = ZoneInfo("Asia/Shanghai")
NEXT, PREVIOUS, KEEP = DutyDayPolicy.NEXT, DutyDayPolicy.PREVIOUS, DutyDayPolicy.KEEP
JANUARY = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def desk(app: Flask, cast: Cast, now: datetime) -> Desk:
    return Desk(app, cast, now)


@pytest.fixture
def confirm(cast: Cast) -> Callable[..., DutyDay]:
    """bob confirms a month."""

    def confirmed(month: str, now: datetime, on: date | None = None) -> DutyDay:
        return confirm_duty_day(month, cast.bob.id, on, now, ZONE)

    return confirmed


def view(month: str) -> DutyDayView:
    return list_duty_days(month, month)[0]


def marks() -> list[tuple[date, date | None]]:
    rows = select(ServiceRecord.served_on, ServiceRecord.duty_on).order_by(ServiceRecord.checked_in_at)
    return [(served_on, duty_on) for served_on, duty_on in db.session.execute(rows)]


def stored_months() -> list[str]:
    return list(db.session.execute(select(DutyDay.month).order_by(DutyDay.month)).scalars())


def test_this_month_and_the_coming_six_are_proposed_once(app: Flask) -> None:
    assert propose_duty_days(JANUARY, ZONE) == 7
    assert propose_duty_days(JANUARY, ZONE) == 0

    days = list_duty_days("2026-01", "2026-07")
    assert [day.proposed_on for day in days] == [date(2026, month, 15) for month in range(1, 8)]
    assert {day.status for day in days} == {"proposed"}


def test_february_2026_needs_a_decision_and_offers_the_days_around(app: Flask) -> None:
    set_duty_day_policy(NEXT, 7, JANUARY, ZONE)

    february = view("2026-02")

    assert (february.status, february.proposed_on) == ("needs_decision", None)
    assert "7天" in str(february.reason)
    assert str(february.day_is) == "15日是春节假期。"
    offered = [(other.on, other.shift_days) for other in february.alternatives]
    assert offered == [(date(2026, 2, 14), -1), (date(2026, 2, 24), 9), (date(2026, 2, 15), 0)]


def test_a_greater_shift_lets_february_2026_be_proposed(app: Flask) -> None:
    set_duty_day_policy(NEXT, 9, JANUARY, ZONE)

    assert view("2026-02").proposed_on == date(2026, 2, 24)


def test_the_reason_of_a_stored_month_stays_while_the_shown_policy_moves_on(app: Flask) -> None:
    before = view("2026-02")
    propose_duty_days(JANUARY, ZONE)

    stored = view("2026-02")

    assert (stored.reason, stored.proposed_on) == (before.reason, before.proposed_on)
    assert stored.alternatives == before.alternatives


def test_the_proposal_is_confirmed_by_name(confirm: Callable[..., DutyDay], cast: Cast) -> None:
    propose_duty_days(JANUARY, ZONE)

    row = confirm("2026-03", JANUARY)

    assert (row.status, row.duty_on) == ("confirmed", date(2026, 3, 15))
    assert (row.decided_by_id, row.decided_at) == (cast.bob.id, JANUARY)
    assert find_next_duty_day(JANUARY.date()) == date(2026, 3, 15)


def test_a_confirmed_day_to_come_is_moved_and_cancelled(confirm: Callable[..., DutyDay], cast: Cast) -> None:
    confirm("2026-03", JANUARY)
    confirm("2026-03", JANUARY + ONE_DAY, date(2026, 3, 13))
    assert view("2026-03").duty_on == date(2026, 3, 13)
    assert [other.on.day for other in view("2026-03").alternatives] == [16, 15]

    cancel_duty_day("2026-03", cast.bob.id, JANUARY + ONE_DAY, ZONE)

    assert (view("2026-03").status, view("2026-03").duty_on) == ("cancelled", None)
    assert confirm("2026-03", JANUARY + ONE_DAY).duty_on == date(2026, 3, 15)


@pytest.mark.parametrize("on", [date(2026, 3, 23), date(2026, 3, 7), date(2026, 4, 15), date(2025, 3, 15)])
def test_a_day_too_far_from_the_15th_or_in_another_month_is_refused(
    confirm: Callable[..., DutyDay], on: date
) -> None:
    propose_duty_days(JANUARY, ZONE)

    with pytest.raises(DutyDayOutsideMonth):
        confirm("2026-03", JANUARY, on)

    assert view("2026-03").status == "proposed"


def test_an_offered_day_can_be_chosen_though_it_is_far(confirm: Callable[..., DutyDay]) -> None:
    set_duty_day_policy(NEXT, 7, JANUARY, ZONE)
    with pytest.raises(DateMalformed):
        confirm("2026-02", JANUARY)
    with pytest.raises(DutyDayOutsideMonth):
        confirm("2026-02", JANUARY, date(2026, 2, 23))

    assert confirm("2026-02", JANUARY, date(2026, 2, 24)).duty_on == date(2026, 2, 24)


def test_a_day_that_has_passed_is_changed_no_more(
    confirm: Callable[..., DutyDay], cast: Cast, now: datetime
) -> None:
    confirm("2026-09", now)
    late_evening = datetime(2026, 9, 15, 15, 59, tzinfo=UTC)
    after = late_evening + timedelta(minutes=1)

    with pytest.raises(DutyDayDecided):
        confirm("2026-09", after, date(2026, 9, 16))
    with pytest.raises(DutyDayDecided):
        cancel_duty_day("2026-09", cast.bob.id, after, ZONE)
    assert confirm("2026-09", after).decided_at == now
    assert confirm("2026-09", late_evening, date(2026, 9, 16)).duty_on == date(2026, 9, 16)


def test_a_month_is_confirmed_late_even_if_nothing_ever_proposed_it(
    confirm: Callable[..., DutyDay], now: datetime
) -> None:
    row = confirm("2026-06", now)

    assert (row.status, row.duty_on) == ("confirmed", date(2026, 6, 15))


def test_a_new_policy_moves_only_what_nobody_has_decided(confirm: Callable[..., DutyDay], cast: Cast) -> None:
    propose_duty_days(JANUARY, ZONE)
    confirm("2026-03", JANUARY)
    cancel_duty_day("2026-02", cast.bob.id, JANUARY, ZONE)

    set_duty_day_policy(PREVIOUS, 7, JANUARY, ZONE)

    assert (view("2026-03").status, view("2026-03").proposed_on) == ("confirmed", date(2026, 3, 15))
    assert view("2026-02").status == "cancelled"
    propose_duty_days(datetime(2026, 8, 1, tzinfo=UTC), ZONE)
    assert view("2026-08").proposed_on == date(2026, 8, 14)


def test_a_month_that_has_passed_keeps_its_proposal(app: Flask) -> None:
    propose_duty_days(JANUARY, ZONE)

    set_duty_day_policy(PREVIOUS, 7, datetime(2026, 4, 1, tzinfo=UTC), ZONE)

    assert view("2026-03").proposed_on == date(2026, 3, 15)


def test_the_months_missed_in_a_long_outage_are_stored_afterwards(app: Flask) -> None:
    propose_duty_days(datetime(2025, 1, 5, tzinfo=UTC), ZONE)

    propose_duty_days(datetime(2025, 12, 5, tzinfo=UTC), ZONE)

    assert stored_months() == [f"2025-{month:02}" for month in range(1, 13)] + [
        f"2026-{month:02}" for month in range(1, 7)
    ]


def test_an_unknown_year_is_unknown_until_somebody_enters_it(app: Flask) -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC)
    set_duty_day_policy(NEXT, 7, december, ZONE)
    assert view("2027-05").status == "unknown"
    assert view("2027-05").proposed_on is None

    entries = read_entries(
        [["日期", "类型", "名称"], ["2027-05-15", "调休上班"], ["2027/6/15", "放假", "端午"]]
    )
    assert enter_calendar_days(entries, december, ZONE) == [2027]

    assert view("2027-05").proposed_on == date(2027, 5, 15)
    assert view("2027-06").proposed_on == date(2027, 6, 16)
    assert str(view("2027-06").day_is) == "15日是端午节假期。"


def test_a_year_entered_again_is_replaced_and_others_are_kept(app: Flask) -> None:
    december = datetime(2026, 12, 1, tzinfo=UTC)
    holiday = [CalendarEntry(date(2027, 1, 15), DayKind.HOLIDAY, "元旦")]
    enter_calendar_days(holiday, december, ZONE)
    enter_calendar_days([CalendarEntry(date(2028, 1, 1), DayKind.HOLIDAY, "元旦")], december, ZONE)
    assert str(view("2027-01").day_is) == "15日是元旦假期。"

    enter_calendar_days([], december, ZONE, year=2027)

    assert str(view("2027-01").day_is) == "15日是工作日。"
    assert str(view("2028-01").day_is) == "15日是周六。"


def test_a_table_with_a_mistake_is_refused_whole(app: Flask) -> None:
    with pytest.raises(CalendarRowMalformed, match="第 2 行"):
        read_entries([["2027-01-01", "holiday", "元旦"], ["2027-02-30", "holiday"]])
    with pytest.raises(CalendarRowMalformed, match="第 1 行"):
        read_entries([["2027-01-01", "party"]])
    twice = [CalendarEntry(date(2027, 1, 1), kind) for kind in (DayKind.HOLIDAY, DayKind.WORKDAY)]
    with pytest.raises(CalendarDayTwice):
        enter_calendar_days(twice, JANUARY, ZONE)
    with pytest.raises(CalendarYearWrong):
        enter_calendar_days(twice[:1], JANUARY, ZONE, year=2028)


def test_records_of_a_confirmed_duty_day_are_marked_once(
    desk: Desk, confirm: Callable[..., DutyDay], now: datetime
) -> None:
    desk.hold(now - ONE_DAY)
    desk.hold(now)
    desk.hold(now + timedelta(hours=2))
    assert mark_duty_days(now, ZONE) == 0
    confirm("2026-09", now)

    assert (mark_duty_days(now, ZONE), mark_duty_days(now, ZONE)) == (1, 0)

    duty_day = date(2026, 9, 15)
    assert marks() == [(date(2026, 9, 14), None), (duty_day, duty_day)]


def test_a_station_that_was_offline_on_the_day_is_marked_when_it_reports(
    desk: Desk, confirm: Callable[..., DutyDay], now: datetime
) -> None:
    confirm("2026-09", now)
    months_later = now + timedelta(days=70)
    assert mark_duty_days(months_later, ZONE) == 0

    desk.hold(now, received=months_later)
    desk.hold(now + timedelta(hours=1), received=months_later)

    assert mark_duty_days(months_later, ZONE) == 1
    assert marks() == [(date(2026, 9, 15), date(2026, 9, 15))]


def test_a_day_confirmed_after_an_outage_marks_what_was_served_on_it(
    desk: Desk, confirm: Callable[..., DutyDay], now: datetime
) -> None:
    desk.hold(now)
    next_month = now + timedelta(days=30)
    propose_duty_days(next_month, ZONE)

    confirm("2026-09", next_month)

    assert mark_duty_days(next_month, ZONE) == 1
    assert announce_duty_day(next_month, ZONE) == 0


def test_moving_and_cancelling_take_the_marks_back(
    desk: Desk, confirm: Callable[..., DutyDay], cast: Cast, now: datetime
) -> None:
    confirm("2026-09", now)
    desk.hold(now)
    mark_duty_days(now, ZONE)

    confirm("2026-09", now, date(2026, 9, 16))
    assert mark_duty_days(now, ZONE) == 1
    assert marks() == [(date(2026, 9, 15), None)]

    desk.hold(now + ONE_DAY)
    assert mark_duty_days(now + ONE_DAY, ZONE) == 1
    cancel_duty_day("2026-09", cast.bob.id, now + ONE_DAY, ZONE)
    assert mark_duty_days(now + ONE_DAY, ZONE) == 1
    assert {duty_on for _, duty_on in marks()} == {None}


def test_the_day_is_announced_once_on_the_local_date(confirm: Callable[..., DutyDay], now: datetime) -> None:
    confirm("2026-09", now - ONE_DAY)
    before_midnight = datetime(2026, 9, 14, 15, 59, 59, tzinfo=UTC)
    midnight = before_midnight + timedelta(seconds=1)

    assert announce_duty_day(before_midnight, ZONE) == 0
    assert (announce_duty_day(midnight, ZONE), announce_duty_day(now, ZONE)) == (1, 0)

    assert view("2026-09").announced_at == midnight
    assert str(find_todays_notice(date(2026, 9, 15))) == "今天是机关工作人员志愿服务日。"
    assert find_todays_notice(date(2026, 9, 14)) is None


def test_a_day_moved_after_its_announcement_is_announced_again(
    confirm: Callable[..., DutyDay], now: datetime
) -> None:
    confirm("2026-09", now)
    announce_duty_day(now, ZONE)

    confirm("2026-09", now, date(2026, 9, 16))

    assert find_todays_notice(date(2026, 9, 15)) is None
    assert announce_duty_day(now, ZONE) == 0
    assert announce_duty_day(now + ONE_DAY, ZONE) == 1


def test_an_undecided_day_is_neither_announced_nor_marked(desk: Desk, now: datetime) -> None:
    propose_duty_days(now, ZONE)
    desk.hold(now)

    assert (announce_duty_day(now, ZONE), mark_duty_days(now, ZONE)) == (0, 0)
    assert find_todays_notice(date(2026, 9, 15)) is None
