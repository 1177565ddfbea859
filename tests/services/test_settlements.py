"""Settling: closed days become entries, and whatever happens later becomes more entries."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.reviews import ReviewKind, ReviewState
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.settlements import DayClosed, DayNotOver, ReasonMissing
from volunteer.models.ledger import LedgerEntry, MemberTotal, SettledDay, TeamTotal
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewItem
from volunteer.models.stations import Terminal
from volunteer.queries.derivations import derive_credits, derive_records
from volunteer.queries.ledger import list_wrong_totals, read_lines
from volunteer.services.scans import close_forgotten, take_scans
from volunteer.services.seals import seal_ledger
from volunteer.services.settlements import close_day, settle_days
from volunteer.verify_ledger import check

DAY = date(2026, 9, 15)
# 09:00 in Shenzhen on that day, and the morning after.
MORNING = datetime(2026, 9, 15, 1, tzinfo=UTC)
NEXT = datetime(2026, 9, 16, 1, tzinfo=UTC)
Serve = Report = Callable[..., None]


@pytest.fixture
def serve(app: Flask, cast: Cast) -> Serve:
    """alice holds her card at these instants; ``now`` is when the scans arrive."""

    def hold(*instants: datetime, now: datetime | None = None, token: str | None = None) -> None:
        readings = [Reading(uuid4(), token or cast.token, Medium.QR, at, (now or at) - at) for at in instants]
        for reading in readings:
            answers = take_scans(cast.sender, [reading], installation(app), now or reading.claimed_at)
            assert answers[0].status == "accepted"

    return hold


@pytest.fixture
def report(cast: Cast) -> Callable[[datetime], None]:
    """The station's terminal is in touch, with nothing left to send."""

    def touch(at: datetime, pending: int = 0) -> None:
        terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
        terminal.last_contact_at, terminal.pending = at, pending
        db.session.commit()

    return touch


def settle(app: Flask, now: datetime = NEXT) -> int:
    return settle_days(now, app.config["TIMEZONE"])


def entries() -> list[tuple[str, int]]:
    rows = db.session.execute(select(LedgerEntry).order_by(LedgerEntry.number)).scalars()
    return [(row.kind, row.minutes) for row in rows]


def ends_well(app: Flask, now: datetime = NEXT) -> None:
    """The ledger fits in itself, its sums fit the ledger, and both follow from the scans."""
    zone = app.config["TIMEZONE"]
    found = check(read_lines(), "", {}, lambda _: None)
    assert [one for one in found.problems if one != "nothing is sealed yet"] == []
    assert list_wrong_totals() == []
    assert [wrong for _, part in derive_records(now, zone) for wrong in part] == []
    assert [wrong for _, part in derive_credits(zone) for wrong in part] == []


def test_a_day_whose_stations_have_reported_is_settled_once(
    app: Flask, cast: Cast, serve: Serve, report: Report
) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    report(NEXT)

    assert settle(app) == 1
    assert settle(app) == 0

    assert entries() == [("credit", 180)]
    total = db.session.execute(select(MemberTotal)).scalar_one()
    assert (total.member_id, total.month_on, total.measure) == (cast.alice.id, date(2026, 9, 1), "metered")
    assert db.session.execute(select(TeamTotal.minutes)).scalar_one() == 180
    ends_well(app)


def test_today_is_not_settled(app: Flask, serve: Serve, report: Report) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    report(MORNING + timedelta(hours=4))
    assert settle(app, MORNING + timedelta(hours=5)) == 0


def test_a_day_waits_for_a_terminal_that_has_not_reported(app: Flask, serve: Serve, report: Report) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    report(MORNING + timedelta(hours=4))
    assert settle(app) == 0
    report(NEXT, pending=2)
    assert settle(app) == 0
    report(NEXT)
    assert settle(app) == 1


def test_an_admin_closes_a_day_with_a_reason(app: Flask, cast: Cast, serve: Serve, report: Report) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    report(MORNING + timedelta(hours=4))
    zone = app.config["TIMEZONE"]
    with pytest.raises(ReasonMissing):
        close_day(DAY, cast.bob.id, " ", NEXT, zone)
    with pytest.raises(DayNotOver):
        close_day(date(2026, 9, 16), cast.bob.id, "终端已坏", NEXT, zone)

    close_day(DAY, cast.bob.id, "终端已坏", NEXT, zone)

    assert settle(app) == 1
    assert db.session.get_one(SettledDay, DAY).reason == "终端已坏"
    with pytest.raises(DayClosed):
        close_day(DAY, cast.bob.id, "再来一次", NEXT, zone)


def test_a_late_scan_takes_back_what_was_said(app: Flask, serve: Serve, report: Report) -> None:
    # given a settled morning
    serve(MORNING, MORNING + timedelta(hours=3))
    report(NEXT)
    settle(app)

    # when a scan from between comes late, so that the check-out moves
    serve(MORNING + timedelta(hours=2), now=NEXT)
    settle(app)

    assert entries() == [("credit", 180), ("reversal", -180), ("credit", 120)]
    ends_well(app)


def test_late_service_of_a_settled_day_is_added(app: Flask, serve: Serve, report: Report) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    report(NEXT)
    settle(app)
    serve(MORNING + timedelta(hours=5), MORNING + timedelta(hours=6), now=NEXT)
    settle(app)
    assert entries() == [("credit", 180), ("credit", 60)]
    ends_well(app)


def test_a_forgotten_check_out_credits_nothing(app: Flask, serve: Serve, report: Report) -> None:
    serve(MORNING)
    report(NEXT)
    close_forgotten(NEXT + timedelta(hours=12))
    assert settle(app, NEXT + timedelta(hours=12)) == 0
    ends_well(app, NEXT + timedelta(hours=12))


def test_over_eight_hours_wait_for_a_person(app: Flask, cast: Cast, serve: Serve, report: Report) -> None:
    # given nine hours in two parts
    for first, hours in ((0, 5), (6, 4)):
        serve(MORNING + timedelta(hours=first), MORNING + timedelta(hours=first + hours))
    report(NEXT)

    # when the day is settled, then nothing counts before somebody has looked
    assert settle(app) == 0
    item = db.session.execute(select(ReviewItem)).scalar_one()
    assert (item.kind, item.level, item.state) == (ReviewKind.LONG_DAY, "parent", ReviewState.OPEN)
    ends_well(app)

    # and when somebody accepts it, all of it counts
    item.state, item.decided_by_id = ReviewState.ACCEPTED, cast.charlie.id
    db.session.execute(text("UPDATE service_records SET is_settled = false"))
    db.session.commit()
    settle(app)
    assert sum(minutes for _, minutes in entries()) == 9 * 60
    ends_well(app)


def test_a_late_hour_too_many_takes_back_the_day_until_somebody_looks(
    app: Flask, serve: Serve, report: Report
) -> None:
    serve(MORNING, MORNING + timedelta(hours=5))
    report(NEXT)
    settle(app)
    serve(MORNING + timedelta(hours=6), MORNING + timedelta(hours=10), now=NEXT)
    settle(app)
    assert entries() == [("credit", 300), ("reversal", -300)]
    ends_well(app)


def test_a_seal_covers_what_came_since_the_last(app: Flask, serve: Serve, report: Report) -> None:
    key = app.extensions["seal_key"]
    assert seal_ledger(key, NEXT) == 0
    serve(MORNING, MORNING + timedelta(hours=3))
    report(NEXT)
    settle(app)
    assert seal_ledger(key, NEXT) == 1
    assert seal_ledger(key, NEXT) == 0
    serve(MORNING + timedelta(hours=5), MORNING + timedelta(hours=6), now=NEXT)
    settle(app)
    assert seal_ledger(key, NEXT + timedelta(days=1)) == 1
    found = check(read_lines(), key.public_key, {}, lambda _: None)
    assert (found.problems, found.entries, found.seals, found.sealed) == ([], 2, 2, 2)


@pytest.mark.parametrize("table", ["scans", "ledger_entries", "ledger_seals"])
def test_no_statement_changes_what_only_grows(app: Flask, serve: Serve, report: Report, table: str) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    report(NEXT)
    settle(app)
    seal_ledger(app.extensions["seal_key"], NEXT)
    column = "outcome" if table == "scans" else "hash"
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_one_settlement_is_as_many_statements_for_many_records_as_for_one(
    app: Flask, cast: Cast, serve: Serve, report: Report
) -> None:
    for hour in range(0, 8, 2):
        serve(MORNING + timedelta(hours=hour), MORNING + timedelta(hours=hour + 1))
    report(NEXT)
    statements: list[str] = []
    listener = lambda _c, _cursor, statement, *_: statements.append(statement)  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        settle(app)
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert len(statements) <= 45
    assert db.session.execute(select(func.count(LedgerEntry.number))).scalar_one() == 4


def test_a_record_without_a_scan_or_a_correction_cannot_be(app: Flask, cast: Cast, serve: Serve) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    row = db.session.execute(select(ServiceRecord)).scalar_one()
    made_up = {"opening_scan_id": None, "closing_scan_id": None}
    with pytest.raises(DBAPIError):
        db.session.execute(
            ServiceRecord.__table__.insert().values(
                member_id=row.member_id,
                station_id=row.station_id,
                checked_in_at=row.checked_in_at,
                checked_out_at=row.checked_out_at,
                limit_at=row.limit_at,
                served_on=row.served_on,
                minutes=300,
                state="closed",
                **made_up,
            )
        )
    db.session.rollback()


def test_commands_check_the_ledger_and_hand_it_out(
    app: Flask, serve: Serve, report: Report, tmp_path: Path
) -> None:
    serve(MORNING, MORNING + timedelta(hours=3))
    report(NEXT)
    settle(app)
    key = app.extensions["seal_key"]
    seal_ledger(key, NEXT)
    runner, file = app.test_cli_runner(), tmp_path / "ledger.ndjson"

    exported = runner.invoke(args=["export-ledger", str(file)])
    good = runner.invoke(args=["verify-ledger", "--derive", "--key", key.public_key, "--seals", str(file)])
    stranger = runner.invoke(args=["verify-ledger", "--key", "00" * 32])
    db.session.execute(text("UPDATE member_totals SET minutes = 300"))
    db.session.commit()
    wrong = runner.invoke(args=["verify-ledger"])

    assert key.public_key in exported.output
    assert (good.exit_code, good.output.splitlines()[-1]) == (0, "EVERYTHING FITS")
    assert (stranger.exit_code, "another key" in stranger.output) == (1, True)
    assert (wrong.exit_code, "the sum differs" in wrong.output) == (1, True)
