"""What counts for a member: before and after settling the same minutes, and never one twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text, update

from tests.conftest import Cast, installation
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.domain.reviews import ReviewState
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.totals import By, Per, Period, Sum, add_up
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.corrections import Correction
from volunteer.models.ledger import LedgerEntry, MemberTotal
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.queries.hours import list_hours, sum_hours, summarise_hours
from volunteer.queries.ledger import list_wrong_totals, sum_member
from volunteer.queries.members import get_member
from volunteer.queries.total_records import Narrowed, list_total_records
from volunteer.queries.totals import Chosen, sum_totals
from volunteer.queries.unsettled import list_standings
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members, undo_merge
from volunteer.services.scans import take_scans, undo_scan
from volunteer.services.settlements import settle_days

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# 09:00 in Shenzhen on 10 September 2026; everything arrives on the 20th.
MORNING = datetime(2026, 9, 10, 1, tzinfo=UTC)
RECEIVED = MORNING + 10 * DAY
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 9, 30))


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The statements that reach the database inside the block."""
    seen: list[str] = []
    note = lambda _c, _cursor, statement, *_: seen.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


class District:
    """alice, a second row of hers with a card of its own, and three admins who are people."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast = app, cast
        add_member("A002", "张三", "FD01", MORNING - 9 * DAY)
        _, self.twin_token = issue_card("A002", installation(app).keys, MORNING - 9 * DAY)
        db.session.execute(update(Card).values(issued_at=MORNING - 9 * DAY))
        db.session.commit()
        self.bob = link(cast.bob, "B001", "FD01", MORNING)
        self.dora = add_linked_admin("dora", "朵拉", cast.brigade, MORNING)
        self.station_id = db.session.execute(select(Station.id)).scalar_one()

    def merge(self) -> None:
        """Both rows are found to be one person."""
        twin = db.session.execute(select(Member.id).where(Member.volunteer_no == "A002")).scalar_one()
        db.session.add(
            Merge(
                duplicate_id=twin,
                kept_id=self.cast.alice.id,
                merged_at=RECEIVED,
            )
        )
        db.session.commit()

    def hold(self, at: datetime, token: str | None = None) -> UUID | None:
        """Hold a card; the scan's id where it was accepted."""
        reading = Reading(uuid4(), token or self.cast.token, Medium.QR, at, RECEIVED - at)
        answer = take_scans(self.cast.sender, [reading], installation(self.app), RECEIVED)[0]
        return reading.id if answer.status == "accepted" else None

    def serve(self, start: datetime, length: timedelta, token: str | None = None) -> None:
        self.hold(start, token)
        self.hold(start + length, token)

    def settle(self) -> None:
        terminal = db.session.get_one(Terminal, self.cast.sender.terminal_id)
        terminal.last_contact_at, terminal.pending = RECEIVED + DAY, 0
        db.session.commit()
        settle_days(RECEIVED + DAY, self.app.config["TIMEZONE"])

    def approve(self, kind: str, **values: Any) -> Correction:
        """A correction that bob entered and dora approved."""
        one = Correction(
            kind=kind,
            member_id=self.cast.alice.id,
            proof="paper",
            reason="纸质签到",
            asked_by_member=False,
            asked_at=RECEIVED,
            state="approved",
            entered_by_id=self.bob.id,
            entered_person_id=self.bob.member_id,
            entered_at=RECEIVED,
            decided_by_id=self.dora.id,
            decided_person_id=self.dora.member_id,
            decided_at=RECEIVED,
            **values,
        )
        db.session.add(one)
        db.session.flush()
        return one

    def declare(self, start: datetime, length: timedelta) -> None:
        times = {"checked_in_at": start, "checked_out_at": start + length, "station_id": self.station_id}
        served_on = start.astimezone(self.app.config["TIMEZONE"]).date()
        one = self.approve("makeup_record", served_on=served_on, **times)
        db.session.add(
            ServiceRecord(
                member_id=self.cast.alice.id,
                limit_at=start + length,
                served_on=served_on,
                minutes=length // MINUTE,
                state="closed",
                proof="paper",
                correction_id=one.id,
                **times,
            )
        )
        db.session.commit()

    def void(self, record: ServiceRecord) -> None:
        by = self.approve("void", scan_id=record.opening_scan_id, corrects_id=record.correction_id)
        record.state, record.minutes, record.is_settled, record.voided_by_id = "void", 0, False, by.id
        db.session.commit()

    def accept(self) -> None:
        """Somebody accepts everything that lies on the review desk."""
        db.session.execute(
            update(ReviewItem)
            .where(ReviewItem.state == ReviewState.OPEN)
            .values(state=ReviewState.ACCEPTED, decided_by_id=self.dora.id)
        )
        db.session.execute(text("UPDATE service_records SET is_settled = false"))
        db.session.commit()

    def closed(self) -> list[ServiceRecord]:
        statement = select(ServiceRecord).where(ServiceRecord.state == "closed").order_by(ServiceRecord.id)
        return list(db.session.execute(statement).scalars())

    def served_minutes(self) -> int:
        """Every minute of a record that nobody must look at first, once."""
        db.session.expire_all()
        held = select(ReviewedRecord.record_id).join(ReviewItem, ReviewItem.id == ReviewedRecord.item_id)
        held = held.where(
            ReviewItem.kind.in_(["long_day", "two_places", "impossible_total"]),
            ReviewItem.state.in_(["open", "rejected"]),
        )
        waiting = set(db.session.execute(held).scalars())
        minutes: set[datetime] = set()
        for one in self.closed():
            if one.id not in waiting and one.minutes:
                minutes |= {one.checked_in_at + number * MINUTE for number in range(one.minutes)}
        return len(minutes)

    def total(self) -> Sum:
        """What every page says: they all say the same."""
        db.session.expire_all()
        member, team = self.cast.alice.id, self.cast.detachment.id
        overview = summarise_hours(member, 2026)
        whole = overview.total
        assert overview.by_year[2026] == whole
        assert add_up(overview.by_month.values()) == whole
        assert add_up(one.sum for one in overview.by_activity) == whole
        assert sum_hours(member) == sum_hours(member, date(2026, 9, 3), date(2026, 9, 29)) == whole
        chosen = Chosen((team,), SEPTEMBER)
        for by in (By.TEAM, By.UNIT, By.MEMBER, Per.DAY, Per.MONTH, Per.YEAR):
            assert add_up(sum_totals(chosen, by).values()) == whole, by
        found = list_total_records(chosen, Narrowed(), offset=0, limit=200)
        assert (found.count, found.minutes) == (whole.records, whole.minutes)
        standings = list_standings(row.ServiceRecord for row in found.rows)
        assert sum(one.minutes for one in standings.values()) == whole.minutes
        return whole


@pytest.fixture
def district(app: Flask, cast: Cast) -> District:
    return District(app, cast)


def test_the_same_minutes_count_before_and_after_settling_and_say_which_they_are(district: District) -> None:
    district.serve(MORNING, 3 * HOUR)
    district.declare(MORNING + DAY, 2 * HOUR)
    before = district.total()

    district.settle()

    assert before == Sum(300, 2, declared=120, waiting=300)
    assert district.total() == Sum(300, 2, declared=120)
    assert sum_member(district.cast.alice.id) == {"metered": 180, "declared": 120}


def test_a_settled_record_that_changed_counts_once_until_it_is_settled_again(district: District) -> None:
    district.serve(MORNING, 3 * HOUR)
    district.serve(MORNING + DAY, HOUR)
    district.settle()

    # when a scan comes late, so that the first check-out moves
    district.hold(MORNING + 2 * HOUR)

    assert district.total() == Sum(180, 2, waiting=120)
    assert list_hours(district.cast.alice.id)["settled_minutes"] == 60
    district.settle()
    assert district.total() == Sum(180, 2)


def test_a_record_taken_out_of_account_counts_nothing_at_once(district: District) -> None:
    district.serve(MORNING, 3 * HOUR)
    district.settle()

    district.void(district.closed()[0])

    assert district.total() == Sum()
    district.settle()
    assert district.total() == Sum()
    assert sum_member(district.cast.alice.id) == {"metered": 0}


def test_what_waits_for_a_decision_counts_nothing_until_it_is_made(district: District) -> None:
    district.serve(MORNING, 9 * HOUR)
    district.settle()
    held = district.total()

    district.accept()

    assert held == Sum()
    assert district.total() == Sum(540, 1, waiting=540)
    district.settle()
    assert district.total() == Sum(540, 1)


def test_time_claimed_in_two_places_counts_once_and_is_held_when_settled(district: District) -> None:
    district.serve(MORNING, 2 * HOUR)
    district.settle()
    district.serve(MORNING + HOUR, 2 * HOUR, district.twin_token)
    district.merge()

    assert district.total() == Sum(180, 2, waiting=60)
    district.settle()
    assert district.total() == Sum()


def test_a_merge_has_days_settled_anew_on_which_both_rows_served_and_undoing_it_too(
    district: District,
) -> None:
    # given three hours of each row, an hour of them at the same time, and all of it settled
    district.serve(MORNING, 3 * HOUR)
    district.serve(MORNING + 2 * HOUR, 3 * HOUR, district.twin_token)
    district.settle()
    alice, scope = district.cast.alice.id, frozenset({district.cast.detachment.id})
    judge = Judge(district.bob.id, scope, RECEIVED + DAY, (RECEIVED + DAY).date())

    merge_members("A001", "A002", "同一人", judge)
    merged = district.total()
    district.settle()
    held = district.total()
    undo_merge("A002", judge)
    district.settle()

    assert merged == Sum(300, 2, waiting=300)
    assert held == Sum()
    assert sum_hours(alice) == sum_hours(get_member("A002").id) == Sum(180, 1)


def test_other_programs_read_the_same_keys_as_before_and_how_much_is_which(district: District) -> None:
    district.serve(MORNING, 3 * HOUR)
    district.declare(MORNING + DAY, 2 * HOUR)

    hours = list_hours(district.cast.alice.id)

    assert {name: hours[name] for name in hours if name != "records"} == {
        "total_minutes": 300,
        "metered_minutes": 180,
        "declared_minutes": 120,
        "settled_minutes": 0,
    }
    assert set(hours["records"][0]) == {"checked_in_at", "checked_out_at", "minutes", "state", "station"}


Act = Callable[[District, Random, list[UUID]], None]


def _serve(district: District, random: Random, scans: list[UUID]) -> None:
    start = MORNING + random.randint(0, 3) * DAY + random.randint(0, 600) * MINUTE
    token = random.choice([district.cast.token, district.twin_token])
    for at in (start, start + random.randint(2, 300) * MINUTE):
        if scan := district.hold(at, token):
            scans.append(scan)


def _late_scan(district: District, random: Random, scans: list[UUID]) -> None:
    at = MORNING + random.randint(0, 3) * DAY + random.randint(0, 800) * MINUTE
    if scan := district.hold(at):
        scans.append(scan)


def _undo(district: District, random: Random, scans: list[UUID]) -> None:
    if scans:
        undo_scan(district.cast.sender, scans.pop(), installation(district.app), RECEIVED)


def _declare(district: District, random: Random, scans: list[UUID]) -> None:
    start = MORNING + random.randint(0, 3) * DAY + random.randint(0, 600) * MINUTE
    district.declare(start, random.randint(1, 240) * MINUTE)


def _void(district: District, random: Random, scans: list[UUID]) -> None:
    if closed := district.closed():
        district.void(random.choice(closed))


def _settle(district: District, random: Random, scans: list[UUID]) -> None:
    district.settle()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_no_minute_counts_twice_and_settling_changes_no_sum(
    district: District, seed: int
) -> None:
    random, scans = Random(seed), []
    district.merge()
    acts: list[Act] = [_serve, _serve, _serve, _late_scan, _undo, _declare, _void, _settle]
    for _ in range(14):
        random.choice(acts)(district, random, scans)
        assert district.total().minutes == district.served_minutes()

    district.settle()

    total = district.total()
    entries = db.session.execute(select(LedgerEntry.minutes)).scalars()
    assert total.minutes == sum(entries) == sum(sum_member(district.cast.alice.id).values())
    assert (total.minutes, total.waiting) == (district.served_minutes(), 0)
    assert list_wrong_totals() == []


def lengthen(days: int, since: int = 1) -> None:
    """The first settled record once more for each of so many days before it: scan, record, entry and sum."""
    tables = {model: table_of(model) for model in (StoredScan, ServiceRecord, LedgerEntry)}
    scan, record, entry = (
        dict(db.session.execute(select(table).order_by(*table.primary_key).limit(1)).mappings().one())
        for table in tables.values()
    )
    rows: dict[Any, list[dict[str, Any]]] = {model: [] for model in tables}
    months: Counter[date] = Counter()
    for number in range(since, since + days):
        scan_id, start = uuid4(), record["checked_in_at"] - number * DAY
        times = {"checked_in_at": start, "checked_out_at": start + HOUR, "served_on": start.date()}
        months[start.date().replace(day=1)] += 60
        rows[StoredScan].append(scan | {"id": scan_id, "at": start, "claimed_at": start})
        rows[ServiceRecord].append(
            record
            | times
            | {
                "id": record["id"] + number,
                "opening_scan_id": scan_id,
                "closing_scan_id": None,
                "minutes": 60,
            }
        )
        place = {"number": entry["number"] + number, "seq": entry["seq"] + number}
        rows[LedgerEntry].append(entry | times | place | {"record_id": record["id"] + number, "minutes": 60})
    for model, some in rows.items():
        db.session.execute(tables[model].insert(), some)
    for month_on, minutes in months.items():
        key = {"member_id": record["member_id"], "month_on": month_on, "measure": "metered"}
        total = db.session.get(MemberTotal, key) or MemberTotal(**key, minutes=0, records=0)
        total.minutes, total.records = total.minutes + minutes, total.records + minutes // 60
        db.session.add(total)
    db.session.commit()


def test_the_page_of_ten_years_takes_as_many_statements_as_that_of_ten_days(
    district: District, sign_in: Callable[[object], FlaskClient]
) -> None:
    district.serve(MORNING, HOUR)
    district.settle()
    lengthen(9)
    addresses = ["/me", "/me?year=2026", "/me/records", "/me/records?year=2026"]

    def statements() -> list[int]:
        client = sign_in(district.cast.alice)
        counts = []
        for address in addresses:
            with counted_statements() as seen:
                page = client.get(address)
            assert page.status_code == 200
            counts.append(len(seen))
        return counts

    assert summarise_hours(district.cast.alice.id, 2026).total == Sum(600, 10)
    days = statements()

    lengthen(3640, since=10)

    assert summarise_hours(district.cast.alice.id, 2026).total.records == 3650
    assert statements() == days
    assert max(days) <= 18
