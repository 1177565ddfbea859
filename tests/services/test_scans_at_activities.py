"""Which activity a check-in belongs to, and what it means: signed up, training, at risk."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.activities import RISK_POLICY_SETTING, Remark, RiskPolicy
from volunteer.domain.participations import ParticipationState
from volunteer.domain.scans import Answer, Medium, Reading, ScanStatus
from volunteer.models.activities import Activity, Participation
from volunteer.models.duty_days import Setting
from volunteer.models.records import ServiceRecord
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Terminal
from volunteer.queries.derivations import derive_credits, derive_records
from volunteer.queries.ledger import sum_member
from volunteer.services.activities import choose_risk_policy
from volunteer.services.scans import take_scans, undo_scan
from volunteer.services.settlements import settle_days

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RISKY = {"risk_level": "high", "risk_note": "水边"}


class Gate:
    """alice's card and the station's terminal, and what runs there."""

    def __init__(self, app: Flask, cast: Cast, now: datetime) -> None:
        self.app, self.cast, self.now = app, cast, now

    def run(self, name: str, begins: float, ends: float, **fields: Any) -> Activity:
        """An activity at the station, from so many hours after now to so many."""
        window = {"starts_at": self.now + begins * HOUR, "ends_at": self.now + ends * HOUR}
        station = self.cast.sender.station_id
        made = Activity(name=name, category="civil_travel", station_id=station, **window, **fields)
        db.session.add(made)
        db.session.commit()
        return made

    def sign_up(self, activity: Activity, hours: float, state: str = "signed_up") -> None:
        """alice says so, so many hours after now."""
        at = self.now + hours * HOUR
        member = self.cast.alice.id
        db.session.add(Participation(activity_id=activity.id, member_id=member, state=state, state_at=at))
        db.session.commit()

    def hold(self, hours: float, *, is_late: bool = False) -> Answer:
        """The card is held then; a late scan comes in two days after now."""
        at = self.now + hours * HOUR
        received = self.now + 2 * DAY if is_late else at
        reading = Reading(uuid4(), self.cast.token, Medium.QR, at, received - at)
        return take_scans(self.cast.sender, [reading], installation(self.app), received)[0]

    def served(self) -> list[tuple[int | None, str, int]]:
        """alice's records in order: activity, state, minutes."""
        statement = (
            select(ServiceRecord.activity_id, ServiceRecord.state, ServiceRecord.minutes)
            .where(ServiceRecord.state != "superseded")
            .order_by(ServiceRecord.checked_in_at)
        )
        return [(row.activity_id, row.state, row.minutes) for row in db.session.execute(statement)]

    def differences(self, later: datetime) -> list[str]:
        """What a fresh derivation of everything says otherwise."""
        zone = self.app.config["TIMEZONE"]
        found = [wrong for _, part in derive_records(later, zone) for wrong in part]
        return found + [wrong for _, part in derive_credits(zone) for wrong in part]


@pytest.fixture
def gate(app: Flask, cast: Cast, now: datetime) -> Gate:
    return Gate(app, cast, now)


def test_who_signed_up_for_the_training_is_at_the_training_and_not_at_the_longer_watch(gate: Gate) -> None:
    gate.run("夜间值守", -1, 4)
    training = gate.run("消防培训", 0, 2, is_training=True)
    gate.sign_up(training, -24)

    gate.hold(0.1)
    gate.hold(1.9)

    assert gate.served() == [(training.id, "closed", 0)]


def test_who_signed_up_for_nothing_is_where_most_time_is_left(gate: Gate) -> None:
    watch = gate.run("夜间值守", -1, 4)
    gate.run("消防培训", 0, 2, is_training=True)

    gate.hold(0.1)
    gate.hold(1.1)

    assert gate.served() == [(watch.id, "closed", 60)]


@pytest.mark.parametrize(
    ("state", "hours"),
    [
        (ParticipationState.WAITING, -24),
        (ParticipationState.DECLINED, -24),
        (ParticipationState.ON_LEAVE, -24),
        (ParticipationState.SIGNED_UP, 0.5),
    ],
)
def test_only_who_was_signed_up_when_the_card_was_held_is_there(
    gate: Gate, state: ParticipationState, hours: float
) -> None:
    watch = gate.run("夜间值守", -1, 4)
    gate.sign_up(gate.run("消防培训", 0, 2, is_training=True), hours, state)

    gate.hold(0.1, is_late=True)

    assert [activity for activity, _, _ in gate.served()] == [watch.id]


@pytest.mark.parametrize("order", [(0.1, 1.9), (1.9, 0.1)])
def test_a_later_change_of_mind_changes_no_record_whatever_comes_first(
    gate: Gate, order: tuple[float, float]
) -> None:
    gate.run("夜间值守", -1, 4)
    training = gate.run("消防培训", 0, 2, is_training=True)
    gate.sign_up(training, -24)
    for hours in order:
        gate.hold(hours, is_late=True)
    db.session.execute(select(Participation)).scalar_one().state = "declined"
    db.session.commit()

    # given a late scan that has everything folded anew
    gate.hold(30, is_late=True)

    assert gate.served()[0] == (training.id, "closed", 0)
    assert gate.differences(gate.now + 2 * DAY) == []


def test_training_is_recorded_and_no_minute_of_it_is_credited(gate: Gate) -> None:
    gate.run("急救", 0, 2, is_training=True)

    came, went = gate.hold(0), gate.hold(1.5)

    assert (came.remark, went.remark) == (Remark.TRAINING, Remark.TRAINING)
    assert list(map(str, went.sentences)) == ["张*，签退成功", "这是培训，不计入服务时长"]
    assert went.totals == {"today_minutes": 0, "year_minutes": 0}
    terminal = db.session.get_one(Terminal, gate.cast.sender.terminal_id)
    terminal.last_contact_at = gate.now + 2 * DAY
    db.session.commit()
    settle_days(gate.now + 2 * DAY, gate.app.config["TIMEZONE"])
    assert sum(sum_member(gate.cast.alice.id).values()) == 0
    assert gate.differences(gate.now + 2 * DAY) == []


def test_what_was_held_before_an_activity_became_a_training_keeps_its_hours(gate: Gate) -> None:
    activity = gate.run("急救", 0, 2)
    gate.hold(0)
    activity.is_training = True
    db.session.commit()

    gate.hold(1.5)

    assert gate.served() == [(activity.id, "closed", 90)]


@pytest.mark.parametrize("was_training", [True, False])
def test_who_checks_out_hears_what_the_activity_was_at_the_check_in(gate: Gate, was_training: bool) -> None:
    activity = gate.run("急救", 0, 2, is_training=was_training)
    gate.hold(0)
    activity.is_training = not was_training
    db.session.commit()

    went = gate.hold(1.5)

    assert gate.served() == [(activity.id, "closed", 0 if was_training else 90)]
    assert went.remark == (Remark.TRAINING if was_training else None)


def test_who_checks_out_of_a_training_that_was_called_off_meanwhile_hears_that_it_does_not_count(
    gate: Gate,
) -> None:
    training = gate.run("急救", 0, 2, is_training=True)
    gate.hold(0)
    training.state = "cancelled"
    db.session.commit()

    assert gate.hold(1.5).remark is Remark.TRAINING


def test_a_risk_without_insurance_is_told_to_whoever_checks_in(gate: Gate) -> None:
    activity = gate.run("水上救援", 0, 2, **RISKY)

    came, went = gate.hold(0), gate.hold(1)

    assert (came.outcome, came.remark) == ("checked_in", Remark.UNINSURED)
    assert list(map(str, came.sentences)) == ["张*，签到成功", "本活动有风险，没有登记保险，请找负责人"]
    assert (went.outcome, went.remark) == ("checked_out", None)
    assert gate.served() == [(activity.id, "closed", 60)]


def test_the_same_scan_again_is_warned_again(gate: Gate) -> None:
    gate.run("水上救援", 0, 2, **RISKY)
    reading = Reading(uuid4(), gate.cast.token, Medium.QR, gate.now, timedelta(0))
    here = installation(gate.app)

    first = take_scans(gate.cast.sender, [reading], here, gate.now)[0]
    again = take_scans(gate.cast.sender, [reading], here, gate.now)[0]

    assert again.status is ScanStatus.DUPLICATE
    assert first.sentences == again.sentences
    assert len(again.sentences) == 2


def test_blocked_means_that_nobody_checks_in_and_that_the_scan_is_kept(gate: Gate) -> None:
    gate.run("水上救援", 0, 2, **RISKY)
    choose_risk_policy(RiskPolicy.BLOCK, gate.now - 3 * HOUR)

    came, went = gate.hold(0), gate.hold(1)

    assert {came.status, went.status} == {ScanStatus.REFUSED}
    assert str(came.sentences[0]) == "未能签到：本活动有风险，没有登记保险，请找负责人"
    assert went.totals == {"today_minutes": 0, "year_minutes": 0}
    assert gate.served() == []
    kept = db.session.execute(select(StoredScan.member_id, StoredScan.outcome)).all()
    assert set(map(tuple, kept)) == {(gate.cast.alice.id, "activity_blocked")}


def test_once_the_insurance_is_entered_the_next_tap_checks_in(gate: Gate) -> None:
    activity = gate.run("水上救援", 0, 2, **RISKY)
    choose_risk_policy(RiskPolicy.BLOCK, gate.now - 3 * HOUR)
    gate.hold(0)
    activity.insurance_no = "P-1"
    db.session.commit()

    gate.hold(0.01)
    gate.hold(1.01)

    assert gate.served() == [(activity.id, "closed", 60)]
    assert gate.differences(gate.now + DAY) == []


@pytest.mark.parametrize("order", [(-2, 1), (1, -2)])
def test_a_blocked_activity_keeps_nobody_from_checking_out_whatever_comes_first(
    gate: Gate, order: tuple[float, float]
) -> None:
    gate.run("水上救援", 0, 2, **RISKY)
    choose_risk_policy(RiskPolicy.BLOCK, gate.now - 3 * HOUR)

    for hours in order:
        gate.hold(hours, is_late=True)

    assert gate.served() == [(None, "closed", 180)]
    assert gate.differences(gate.now + 2 * DAY) == []


def test_with_its_check_in_undone_a_check_out_at_a_blocked_activity_checks_in_nobody(gate: Gate) -> None:
    gate.run("水上救援", 0, 2, **RISKY)
    choose_risk_policy(RiskPolicy.BLOCK, gate.now - 3 * HOUR)
    came = gate.hold(-2, is_late=True)
    gate.hold(1, is_late=True)

    undo_scan(gate.cast.sender, UUID(str(came.id)), installation(gate.app), gate.now + 2 * DAY)

    assert gate.served() == []
    assert gate.differences(gate.now + 2 * DAY) == []


def test_a_blocked_activity_keeps_nobody_out_of_another_one_there(gate: Gate) -> None:
    watch = gate.run("夜间值守", -1, 1)
    gate.run("水上救援", 0, 2, **RISKY)
    choose_risk_policy(RiskPolicy.BLOCK, gate.now - 3 * HOUR)

    assert gate.hold(0).outcome == "checked_in"
    assert [activity for activity, _, _ in gate.served()] == [watch.id]


def test_who_was_let_in_before_the_brigade_chose_to_block_keeps_the_record(gate: Gate) -> None:
    activity = gate.run("水上救援", 0, 4, **RISKY)
    choose_risk_policy(RiskPolicy.BLOCK, gate.now + 2 * HOUR)

    # The terminal had been cut off, and said welcome.
    came, went = gate.hold(1, is_late=True), gate.hold(3, is_late=True)
    later = gate.hold(3.5, is_late=True)

    assert (came.outcome, came.remark) == ("checked_in", Remark.UNINSURED)
    assert (went.outcome, later.outcome) == ("checked_out", "activity_blocked")
    assert gate.served() == [(activity.id, "closed", 120)]
    assert gate.differences(gate.now + 2 * DAY) == []


def test_choosing_to_block_once_more_lets_nobody_in_who_was_kept_out_before(gate: Gate) -> None:
    gate.run("水上救援", 0, 4, **RISKY)
    for hours in (-1, 2):
        choose_risk_policy(RiskPolicy.BLOCK, gate.now + hours * HOUR)

    assert gate.hold(1, is_late=True).outcome == "activity_blocked"


def test_a_rule_chosen_before_its_time_was_kept_holds_for_any_time(gate: Gate) -> None:
    gate.run("水上救援", 0, 4, **RISKY)
    db.session.add(Setting(name=RISK_POLICY_SETTING, value="block"))
    db.session.commit()

    assert gate.hold(1).outcome == "activity_blocked"


def test_once_the_brigade_only_warns_again_nobody_is_kept_out(gate: Gate) -> None:
    gate.run("水上救援", 0, 4, **RISKY)
    for policy, hours in ((RiskPolicy.BLOCK, -1), (RiskPolicy.WARN, 2)):
        choose_risk_policy(policy, gate.now + hours * HOUR)

    assert [gate.hold(hours).outcome for hours in (2, 3)] == ["checked_in", "checked_out"]


@pytest.mark.parametrize(
    ("hours", "outcome"),
    [
        (0.5, "checked_in"),
        (1.5, "activity_blocked"),
        (2.5, "checked_in"),
        (3.5, "activity_blocked"),
    ],
)
def test_a_late_card_is_judged_by_the_rule_of_its_moment_however_often_it_changed(
    gate: Gate, hours: float, outcome: str
) -> None:
    gate.run("水上救援", 0, 6, **RISKY)
    for policy, at in (
        (RiskPolicy.BLOCK, 1),
        (RiskPolicy.WARN, 2),
        (RiskPolicy.BLOCK, 3),
        (RiskPolicy.WARN, 4),
    ):
        choose_risk_policy(policy, gate.now + at * HOUR)

    assert gate.hold(hours, is_late=True).outcome == outcome


def test_of_very_many_choices_the_latest_that_the_setting_has_room_for_are_kept(gate: Gate) -> None:
    gate.run("水上救援", 0, 20, **RISKY)
    choices = [RiskPolicy.BLOCK, RiskPolicy.WARN] * 6
    for hours, policy in enumerate(choices):
        choose_risk_policy(policy, gate.now + hours * HOUR + timedelta(microseconds=1))

    kept = db.session.get_one(Setting, RISK_POLICY_SETTING).value

    assert len(kept) <= Setting.__table__.c.value.type.length
    assert gate.hold(10.5, is_late=True).outcome == "activity_blocked"
    assert gate.hold(2.5, is_late=True).outcome == "checked_in"


def test_a_training_with_a_risk_warns_at_the_check_in_and_says_at_the_check_out_that_it_is_training(
    gate: Gate,
) -> None:
    gate.run("水上救生培训", 0, 2, is_training=True, **RISKY)
    gate.run("水上会议", 4, 6, is_countable=False, **RISKY)

    remarks = [gate.hold(hours).remark for hours in (0, 1, 4, 5)]

    assert remarks == [Remark.UNINSURED, Remark.TRAINING, Remark.UNINSURED, None]
