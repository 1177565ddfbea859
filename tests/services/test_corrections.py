"""Corrections: three different people, one transaction, and the original stays to be seen."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.conftest import Cast, installation
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.domain.activities import Category, RiskPolicy
from volunteer.domain.correction_refusals import (
    CorrectionDecided,
    CorrectionUnknown,
    NotCountable,
    NothingChanged,
    NoticeRunning,
    OtherRecord,
    OtherWish,
    OutsideActivity,
    RecordChanged,
    RecordUnknown,
    RowUnknown,
    TimesBackwards,
    TimesInFuture,
    TimesTooLong,
    TimesTooOld,
)
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.ledger import Proof
from volunteer.domain.proposals import PersonUnknown, ProposalState, SamePerson
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.wishes import Desk, Wish
from volunteer.models.activities import Activity, Participation
from volunteer.models.corrections import Correction
from volunteer.models.member_changes import Merge
from volunteer.models.members import Admin
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.models.stations import Station
from volunteer.services.activities import choose_risk_policy
from volunteer.services.correction_decisions import approve_correction, reject_correction
from volunteer.services.corrections import (
    ask_correction,
    enter_correction,
    take_up,
    withdraw_entry,
    withdraw_own,
)
from volunteer.services.scans import close_forgotten, take_scans

ZONE = ZoneInfo("Asia/Shanghai")
# Thursday 17 September 2026, in the morning; what is corrected happened the day before.
NOW = datetime(2026, 9, 17, 2, 0, tzinfo=UTC)


def at(hour: int, minute: int = 0, day: int = 16) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


class Desks:
    """bob enters, dora of the brigade approves; both are linked to members of their own."""

    def __init__(self, cast: Cast, now: datetime) -> None:
        self.cast = cast
        self.bob = link(cast.bob, "B001", "FD01", now)
        self.dora = add_linked_admin("dora", "朵拉", cast.brigade, now)
        self.station = db.session.execute(select(Station)).scalar_one()

    def of(self, admin: Admin, *teams: int, now: datetime = NOW, stations: tuple[int, ...] = ()) -> Desk:
        return Desk(admin.id, frozenset(teams), frozenset(stations), now, ZONE)

    @property
    def enterer(self) -> Desk:
        return self.of(self.bob, self.cast.detachment.id)

    @property
    def approver(self) -> Desk:
        cast = self.cast
        return self.of(self.dora, cast.brigade.id, cast.detachment.id, cast.other.id)

    def wish(
        self, start: datetime | None, end: datetime | None, kind: str = "makeup_record", **more: Any
    ) -> Wish:
        return Wish(CorrectionKind(kind), "忘记带卡", self.station.id, start, end, **more)

    def makeup(self, start: datetime, end: datetime, **more: Any) -> Correction:
        return enter_correction("A001", None, self.wish(start, end, **more), self.enterer)


@pytest.fixture
def desks(cast: Cast, now: datetime) -> Desks:
    return Desks(cast, now)


@pytest.fixture
def hold(app: Flask, cast: Cast) -> Callable[[datetime], None]:
    """Hold alice's card to the station's terminal at an instant."""

    def hold_card(at: datetime) -> None:
        reading = Reading(uuid4(), cast.token, Medium.QR, at, None)
        assert take_scans(cast.sender, [reading], installation(app), at)[0].status == "accepted"

    return hold_card


@pytest.fixture
def served(hold: Callable[[datetime], None], cast: Cast) -> ServiceRecord:
    """alice served from 8:00 to 10:00 the day before, as her card says."""
    hold(at(8))
    hold(at(10))
    return records()[0]


@pytest.fixture
def forgotten(hold: Callable[[datetime], None], app: Flask, cast: Cast) -> ServiceRecord:
    """alice checked in at 8:00 the day before and forgot to check out."""
    hold(at(8))
    close_forgotten(NOW)
    return records()[0]


def records() -> list[ServiceRecord]:
    statement = select(ServiceRecord).order_by(ServiceRecord.id)
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def reread(correction: Correction) -> Correction:
    return db.session.get_one(Correction, correction.id, populate_existing=True)


def test_an_approved_makeup_record_counts_and_says_who_stands_behind_it(desks: Desks) -> None:
    made = desks.makeup(at(8), at(10, 30))

    approve_correction(made.id, "", desks.approver)

    (record,) = records()
    assert (record.minutes, record.state, record.proof) == (150, "closed", "declared")
    assert (record.correction_id, record.opening_scan_id) == (made.id, None)
    assert (record.limit_at, record.served_on) == (at(10, 30), date(2026, 9, 16))
    assert record.is_settled is False
    made = reread(made)
    assert (made.entered_by_id, made.decided_by_id) == (desks.bob.id, desks.dora.id)
    assert len({made.member_id, made.entered_person_id, made.decided_person_id}) == 3


def test_a_correction_voids_the_original_which_keeps_its_times(desks: Desks, served: ServiceRecord) -> None:
    wish = desks.wish(served.checked_in_at, at(12), "correction")
    made = enter_correction("", served.id, wish, desks.enterer)

    approve_correction(made.id, "", desks.approver)

    old, new = records()
    assert (old.state, old.minutes, old.voided_by_id, old.is_settled) == ("void", 0, made.id, False)
    assert (old.checked_in_at, old.checked_out_at) == (at(8), at(10))
    assert (new.minutes, new.correction_id) == (240, made.id)
    change = db.session.execute(select(RecordChange)).scalar_one()
    assert (change.record_id, change.scan_id) == (old.id, None)
    assert (change.before["state"], change.before["minutes"]) == ("closed", 120)  # type: ignore[index]
    assert (change.after["state"], change.after["minutes"]) == ("void", 0)  # type: ignore[index]


def test_a_void_takes_the_record_out_and_puts_nothing_in_its_place(
    desks: Desks, served: ServiceRecord
) -> None:
    made = enter_correction("", served.id, desks.wish(None, None, "void"), desks.enterer)

    approve_correction(made.id, "", desks.approver)

    (record,) = records()
    assert (record.state, record.minutes, record.voided_by_id) == ("void", 0, made.id)


def test_a_declared_record_can_be_corrected_again(desks: Desks) -> None:
    first = desks.makeup(at(8), at(10))
    approve_correction(first.id, "", desks.approver)
    wish = desks.wish(at(8), at(9), "correction")
    second = enter_correction("", records()[0].id, wish, desks.enterer)

    approve_correction(second.id, "", desks.approver)

    assert [(one.state, one.minutes) for one in records()] == [("void", 0), ("closed", 60)]
    assert (reread(second).corrects_id, reread(second).scan_id) == (first.id, None)


def test_a_later_scan_never_touches_what_people_have_voided(
    desks: Desks, served: ServiceRecord, hold: Callable[[datetime], None]
) -> None:
    made = enter_correction("", served.id, desks.wish(None, None, "void"), desks.enterer)
    approve_correction(made.id, "", desks.approver)

    hold(at(11))
    hold(at(12))

    assert [(one.state, one.minutes) for one in records()] == [("void", 0), ("closed", 60)]


def test_who_forgot_to_check_out_says_when_and_two_others_confirm(
    desks: Desks, forgotten: ServiceRecord
) -> None:
    alice, wish = desks.cast.alice, desks.wish(at(8), at(11), "check_out")
    asked = ask_correction(alice.id, forgotten.id, wish, NOW, ZONE)

    take_up(asked.id, None, desks.enterer)
    approve_correction(asked.id, "", desks.approver)

    assert [(one.state, one.minutes) for one in records()] == [("void", 0), ("closed", 180)]


def test_changed_times_stand_beside_what_the_member_asked_for(desks: Desks) -> None:
    asked = ask_correction(desks.cast.alice.id, None, desks.wish(at(8), at(12)), NOW, ZONE)

    take_up(asked.id, desks.wish(at(8), at(11)), desks.enterer)

    kept = reread(asked)
    assert (kept.checked_out_at, kept.state, kept.asked_by_member) == (at(11), "proposed", True)
    assert kept.asked_for["checked_out_at"] == at(12).isoformat()  # type: ignore[index]
    withdraw_entry(asked.id, desks.enterer)
    back = reread(asked)
    assert (back.checked_out_at, back.state, back.entered_by_id, back.asked_for) == (
        at(12),
        "asked",
        None,
        None,
    )


def test_who_entered_cannot_approve_and_neither_can_the_beneficiary(desks: Desks, now: datetime) -> None:
    made = desks.makeup(at(8), at(10))
    eve = add_linked_admin("eve", "伊芙", desks.cast.detachment, now)
    eve.member_id = desks.cast.alice.id
    db.session.commit()

    for admin in (desks.bob, eve):
        with pytest.raises(SamePerson):
            approve_correction(made.id, "", desks.of(admin, desks.cast.detachment.id))
    assert records() == []


def test_an_account_linked_to_somebody_else_since_is_still_the_enterers(desks: Desks) -> None:
    made = desks.makeup(at(8), at(10))
    link(desks.bob, "B002", "FD01", NOW)

    with pytest.raises(SamePerson):
        approve_correction(made.id, "", desks.enterer)
    assert records() == []


def test_nobody_enters_for_themselves_or_without_being_known(desks: Desks, now: datetime) -> None:
    own = desks.wish(at(8), at(10))

    with pytest.raises(SamePerson):
        enter_correction("B001", None, own, desks.enterer)
    with pytest.raises(PersonUnknown):
        enter_correction("A001", None, own, desks.of(desks.cast.charlie, desks.cast.detachment.id))


def test_an_approver_whom_nobody_knows_cannot_approve(desks: Desks) -> None:
    made = desks.makeup(at(8), at(10))

    with pytest.raises(PersonUnknown):
        approve_correction(made.id, "", desks.of(desks.cast.charlie, desks.cast.detachment.id))


def test_rows_merged_into_one_person_are_one_person(desks: Desks, now: datetime) -> None:
    """dora is linked to a duplicate of alice: she may not approve for herself."""
    made = desks.makeup(at(8), at(10))
    assert desks.dora.member_id is not None
    db.session.add(
        Merge(
            kept_id=desks.cast.alice.id,
            duplicate_id=desks.dora.member_id,
            merged_at=now,
        )
    )
    db.session.commit()

    with pytest.raises(SamePerson):
        approve_correction(made.id, "", desks.approver)


def test_a_correction_outside_the_scope_does_not_exist(desks: Desks) -> None:
    made = desks.makeup(at(8), at(10))
    foreign = desks.of(desks.dora, desks.cast.other.id)

    for act in (approve_correction, reject_correction):
        with pytest.raises(CorrectionUnknown):
            act(made.id, "不", foreign)
    with pytest.raises(CorrectionUnknown):
        withdraw_entry(made.id, foreign)


def test_a_foreign_member_or_record_cannot_be_named(desks: Desks, served: ServiceRecord) -> None:
    foreign = desks.of(desks.bob, desks.cast.other.id)

    with pytest.raises(RowUnknown):
        enter_correction("A001", None, desks.wish(at(11), at(12)), foreign)
    with pytest.raises(RecordUnknown):
        enter_correction("", served.id, desks.wish(None, None, "void"), foreign)
    with pytest.raises(RecordUnknown):
        ask_correction(desks.bob.member_id or 0, served.id, desks.wish(None, None, "void"), NOW, ZONE)


def test_a_leader_enters_for_anybody_at_the_own_station_and_nowhere_else(desks: Desks) -> None:
    leader = desks.of(desks.bob, stations=(desks.station.id,))

    made = enter_correction("A001", None, desks.wish(at(8), at(10)), leader)

    assert made.proof == Proof.LEADER
    elsewhere = Wish(CorrectionKind.MAKEUP_RECORD, "x", desks.station.id + 1, at(11), at(12))
    with pytest.raises(RowUnknown):
        enter_correction("A001", None, elsewhere, leader)


@pytest.mark.parametrize(
    ("start", "end", "refusal"),
    [
        (at(10), at(8), TimesBackwards),
        (at(9, day=17), at(11, day=17), TimesInFuture),
        (at(8, day=12), at(9, day=13), TimesTooLong),
        (at(8) - timedelta(days=4 * 365), at(10) - timedelta(days=4 * 365), TimesTooOld),
    ],
)
def test_times_that_cannot_be_are_refused(
    desks: Desks, start: datetime, end: datetime, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        desks.makeup(start, end)


def test_nobody_is_in_two_places_at_once(desks: Desks, served: ServiceRecord) -> None:
    with pytest.raises(OtherRecord) as refused:
        desks.makeup(at(9), at(11))

    assert "龙城广场U站" in str(refused.value)
    assert desks.makeup(at(10), at(11)).id


def test_two_wishes_for_the_same_time_or_record_do_not_wait_together(
    desks: Desks, served: ServiceRecord
) -> None:
    desks.makeup(at(11), at(12))
    enter_correction("", served.id, desks.wish(None, None, "void"), desks.enterer)

    with pytest.raises(OtherWish):
        desks.makeup(at(11, 30), at(12, 30))
    with pytest.raises(OtherWish):
        enter_correction("", served.id, desks.wish(None, None, "void"), desks.enterer)


def test_what_was_recorded_since_stands_in_the_way_at_approval(
    desks: Desks, hold: Callable[[datetime], None]
) -> None:
    made = desks.makeup(at(8), at(10))
    hold(at(9))
    hold(at(11))

    with pytest.raises(OtherRecord):
        approve_correction(made.id, "", desks.approver)
    assert len(records()) == 1


def test_an_original_that_changed_since_is_not_approved_over(desks: Desks, served: ServiceRecord) -> None:
    made = enter_correction("", served.id, desks.wish(None, None, "void"), desks.enterer)
    record = db.session.get_one(ServiceRecord, served.id)
    record.checked_out_at, record.minutes = at(9), 60
    db.session.commit()

    with pytest.raises(RecordChanged):
        approve_correction(made.id, "", desks.approver)
    reject_correction(made.id, "记录有变化", desks.approver)
    assert reread(made).state == ProposalState.REJECTED


def test_nothing_to_change_is_said_so(desks: Desks, served: ServiceRecord) -> None:
    same = desks.wish(served.checked_in_at, served.checked_out_at, "correction")

    with pytest.raises(NothingChanged):
        enter_correction("", served.id, same, desks.enterer)


def activity(desks: Desks, **more: object) -> int:
    fields: dict[str, object] = {
        "name": "文明劝导",
        "category": Category.CIVIL_TRAVEL,
        "station_id": desks.station.id,
        "starts_at": at(8),
        "ends_at": at(10),
        "team_id": desks.cast.detachment.id,
    }
    one = Activity(**fields | more)
    db.session.add(one)
    db.session.commit()
    return one.id


def test_the_activity_is_found_as_a_card_would_have_found_it(desks: Desks) -> None:
    activity_id = activity(desks)

    with pytest.raises(OutsideActivity):
        desks.makeup(at(8), at(13))
    made = desks.makeup(at(8), at(10))

    assert made.activity_id == activity_id


def test_who_signed_up_for_the_shorter_of_two_activities_was_there(desks: Desks) -> None:
    activity(desks, name="夜间值守")
    signed_up_for = activity(desks, name="文明出行", ends_at=at(9))
    alice = desks.cast.alice.id
    db.session.add(
        Participation(activity_id=signed_up_for, member_id=alice, state="signed_up", state_at=at(7))
    )
    db.session.commit()

    assert desks.makeup(at(8), at(9)).activity_id == signed_up_for


@pytest.mark.parametrize(("chosen_at", "is_blocked"), [(at(7), True), (at(9, 30), False)])
def test_time_without_a_named_activity_is_not_counted_under_one_that_was_blocked_then(
    desks: Desks, chosen_at: datetime, is_blocked: bool
) -> None:
    risky = activity(desks, risk_level="high", risk_note="水边")
    shorter = activity(desks, ends_at=at(9))
    alice = desks.cast.alice.id
    db.session.add(Participation(activity_id=risky, member_id=alice, state="signed_up", state_at=at(7)))
    db.session.commit()
    choose_risk_policy(RiskPolicy.BLOCK, chosen_at)

    made = desks.makeup(at(8, 15), at(9, 15))
    after = desks.makeup(at(9, 45), at(10, 15))
    approve_correction(after.id, "", desks.approver)

    assert made.activity_id == (shorter if is_blocked else risky)
    assert after.activity_id is None
    assert [one.activity_id for one in records()] == [None]


@pytest.mark.parametrize(
    "why", [{"is_countable": False, "uncountable_reason": "会议"}, {"is_training": True}]
)
def test_what_is_no_volunteer_service_is_not_recorded(desks: Desks, why: dict[str, object]) -> None:
    activity_id = activity(desks, **why)

    with pytest.raises(NotCountable):
        desks.makeup(at(8), at(10))
    with pytest.raises(NotCountable):
        desks.makeup(at(8), at(10), activity_id=activity_id)


def test_no_more_is_credited_than_the_cap(desks: Desks) -> None:
    made = desks.makeup(at(6), at(23))

    approve_correction(made.id, "", desks.approver)

    assert records()[0].minutes == 12 * 60


def test_a_decision_is_made_once(desks: Desks) -> None:
    made = desks.makeup(at(8), at(10))
    approve_correction(made.id, "", desks.approver)

    for act in (approve_correction, reject_correction):
        with pytest.raises(CorrectionDecided):
            act(made.id, "再来", desks.approver)
    assert len(records()) == 1


def test_a_wish_that_nobody_took_up_cannot_be_approved(desks: Desks) -> None:
    asked = ask_correction(desks.cast.alice.id, None, desks.wish(at(8), at(10)), NOW, ZONE)

    with pytest.raises(CorrectionDecided):
        approve_correction(asked.id, "", desks.approver)
    withdraw_own(desks.cast.alice.id, asked.id, NOW)
    assert reread(asked).state == ProposalState.WITHDRAWN
    with pytest.raises(CorrectionDecided):
        take_up(asked.id, None, desks.enterer)


def test_nobody_approves_before_the_notice_is_over(desks: Desks) -> None:
    made = desks.makeup(at(8), at(10))
    reread(made).notice_until_on = date(2026, 9, 22)
    db.session.commit()

    with pytest.raises(NoticeRunning):
        approve_correction(made.id, "", desks.approver)
    later = desks.of(desks.dora, desks.cast.detachment.id, now=NOW + timedelta(days=7))
    approve_correction(made.id, "", later)
    assert len(records()) == 1


@pytest.mark.parametrize(
    ("asked_at", "due_on"),
    [
        (datetime(2026, 2, 13, 4, tzinfo=UTC), date(2026, 3, 5)),
        (datetime(2026, 9, 28, 4, tzinfo=UTC), date(2026, 10, 16)),
        (datetime(2026, 9, 15, 4, tzinfo=UTC), date(2026, 9, 29)),
        (datetime(2026, 12, 25, 4, tzinfo=UTC), None),
    ],
)
def test_it_is_due_ten_working_days_later_or_nobody_knows(
    desks: Desks, asked_at: datetime, due_on: date | None
) -> None:
    start = asked_at - timedelta(hours=6)
    made = enter_correction(
        "A001",
        None,
        desks.wish(start, start + timedelta(hours=2)),
        desks.of(desks.bob, desks.cast.detachment.id, now=asked_at),
    )

    assert made.due_on == due_on


def insert(desks: Desks, **change: object) -> None:
    """A row past all code, as somebody with the database's own tools would write it."""
    values: dict[str, object] = {
        "kind": "makeup_record",
        "member_id": desks.cast.alice.id,
        "station_id": desks.station.id,
        "checked_in_at": at(8),
        "checked_out_at": at(10),
        "served_on": date(2026, 9, 16),
        "proof": "declared",
        "reason": "x",
        "asked_by_member": False,
        "asked_at": NOW,
        "state": "approved",
        "entered_by_id": desks.bob.id,
        "entered_person_id": desks.bob.member_id,
        "decided_by_id": desks.dora.id,
        "decided_person_id": desks.dora.member_id,
        "decided_at": NOW,
        "reply": "",
        **change,
    }
    table = Correction.__table__
    try:
        db.session.execute(table.insert().values(values))  # type: ignore[attr-defined]
    finally:
        db.session.rollback()


def test_the_database_itself_takes_three_different_people(desks: Desks) -> None:
    alice, bob, dora = desks.cast.alice.id, desks.bob, desks.dora
    insert(desks)

    for change in (
        {"decided_by_id": bob.id},
        {"entered_person_id": alice},
        {"decided_person_id": alice},
        {"decided_person_id": bob.member_id},
        {"entered_by_id": None},
        {"entered_person_id": None},
        {"decided_by_id": None},
        {"decided_person_id": None},
    ):
        with pytest.raises(IntegrityError):
            insert(desks, **change)
    assert dora.member_id is not None


def test_the_database_takes_no_minute_that_no_correction_declares(desks: Desks, now: datetime) -> None:
    record = (
        "INSERT INTO service_records (member_id, station_id, checked_in_at, checked_out_at, limit_at,"
        " served_on, minutes, state, proof, is_settled)"
        " VALUES (:member, :station, :start, :ends, :ends, '2026-09-16', 120, 'closed', 'declared', :no)"
    )
    values = {
        "member": desks.cast.alice.id,
        "station": desks.station.id,
        "start": "2026-09-16 00:00:00",
        "ends": "2026-09-16 02:00:00",
        "no": False,
    }

    with pytest.raises(IntegrityError):
        db.session.execute(text(record), values)
    db.session.rollback()
