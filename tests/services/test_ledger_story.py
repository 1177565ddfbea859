"""Whatever happens in whatever order: the ledger, its sums and a fresh derivation say the same."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from tests.conftest import PASSWORD_HASH, Cast, installation
from volunteer.db import db
from volunteer.domain.activities import RiskPolicy
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.refusals import Refusal
from volunteer.domain.reviews import ReviewState
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.wishes import Desk, Wish
from volunteer.models.activities import Activity, Participation
from volunteer.models.ledger import LedgerEntry, MemberTotal, TeamTotal
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewItem
from volunteer.models.stations import Terminal
from volunteer.queries.derivations import derive_credits, derive_records
from volunteer.queries.ledger import list_wrong_totals, read_lines
from volunteer.services.activities import choose_risk_policy
from volunteer.services.cards import issue_card
from volunteer.services.correction_decisions import approve_correction
from volunteer.services.corrections import enter_correction
from volunteer.services.members import add_member
from volunteer.services.scans import take_scans, undo_scan
from volunteer.services.seals import seal_ledger
from volunteer.services.settlements import settle_days
from volunteer.verify_ledger import check

FIRST = datetime(2026, 3, 2, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

# What happens, a number that says when or to which, and a twist.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["scan"] * 4
            + ["undo", "void", "correct", "declare", "decide", "settle", "plan", "sign_up", "block"]
        ),
        st.integers(0, 3 * 96),
        st.booleans(),
    ),
    min_size=3,
    max_size=25,
)

# Served, settled, late, corrected, corrected again, declared, too long, decided, void.
EVERYTHING = [
    ("scan", 4, False),
    ("scan", 16, False),
    ("settle", 1, True),
    ("scan", 12, True),
    ("settle", 1, True),
    ("correct", 5, False),
    ("settle", 2, True),
    ("correct", 9, False),
    ("declare", 40, False),
    ("settle", 2, False),
    ("decide", 0, True),
    ("settle", 3, True),
    *(("void", place, False) for place in range(5)),
]
# A watch of risk and a training in it: signed up, held late, blocked, declined, everything settled.
TRAINED = [
    ("plan", 15, False),
    ("plan", 15, True),
    ("sign_up", 0, True),
    ("scan", 16, False),
    ("scan", 20, False),
    ("settle", 1, False),
    ("block", 0, True),
    ("sign_up", 0, False),
    ("scan", 22, True),
    ("scan", 14, True),
    ("settle", 3, True),
    ("block", 0, False),
]


class Story:
    """One member's story on days of its own, told step by step."""

    def __init__(self, app: Flask, cast: Cast, admins: list[Admin], number: int) -> None:
        self.app, self.cast, self.admins = app, cast, admins
        self.start = FIRST + timedelta(days=5 * number)
        self.number = f"S{number:04}"
        self.member = add_member(self.number, "张三", "FD01", self.start)
        _, self.token = issue_card(self.number, installation(app).keys, self.start - timedelta(days=1))
        self.now = self.start
        self.scans: list[UUID] = []

    def scan(self, place: int, is_late: bool) -> None:
        """The card is held at that quarter of an hour; it comes at once, or only now."""
        at = self.start + place * QUARTER
        self.now = max(self.now, at)
        reading = Reading(uuid4(), self.token, Medium.QR, at, self.now - at if is_late else timedelta(0))
        take_scans(self.cast.sender, [reading], installation(self.app), self.now if is_late else at)
        self.scans.append(reading.id)

    def undo(self, place: int, _: bool) -> None:
        """The newest scan is taken back."""
        if self.scans:
            undo_scan(self.cast.sender, self.scans[-1], installation(self.app), self.now)

    def void(self, place: int, _: bool) -> None:
        """Two people decide against a record."""
        self._correct(CorrectionKind.VOID, place)

    def correct(self, place: int, _: bool) -> None:
        """Two people give a record other times."""
        self._correct(CorrectionKind.CORRECTION, place)

    def declare(self, place: int, _: bool) -> None:
        """Two people add service that no card was held for."""
        self._correct(CorrectionKind.MAKEUP_RECORD, place)

    def decide(self, place: int, is_right: bool) -> None:
        """Somebody looks at what lies on the review desk."""
        decider = self.admins[0].id
        items = (
            db.session.execute(select(ReviewItem).where(ReviewItem.state == ReviewState.OPEN)).scalars().all()
        )
        for item in items:
            item.decided_by_id = decider
            item.state = ReviewState.ACCEPTED if is_right else ReviewState.REJECTED
        db.session.execute(update(ServiceRecord).values(is_settled=False))
        db.session.commit()

    def settle(self, place: int, is_sealed: bool) -> None:
        """A night passes."""
        self.now = max(self.now, self.start + timedelta(days=place % 4))
        terminal = db.session.get_one(Terminal, self.cast.sender.terminal_id)
        terminal.last_contact_at, terminal.pending = self.now, 0
        db.session.commit()
        settle_days(self.now, self.app.config["TIMEZONE"])
        if is_sealed:
            seal_ledger(self.app.extensions["seal_key"], self.now)

    def plan(self, place: int, is_training: bool) -> None:
        """Something runs at the station from that quarter of an hour on: a training, or with a risk."""
        risk = {} if is_training else {"risk_level": "high", "risk_note": "水边"}
        begins_at = self.start + place * QUARTER
        db.session.add(
            Activity(
                name="文明出行",
                category="civil_travel",
                station_id=self.cast.sender.station_id,
                starts_at=begins_at,
                ends_at=begins_at + (place % 8 + 1) * QUARTER,
                is_training=is_training,
                **risk,
            )
        )
        db.session.commit()

    def sign_up(self, place: int, is_coming: bool) -> None:
        """The member says yes or no to what was planned last, whatever was said before."""
        db.session.execute(delete(Participation).where(Participation.member_id == self.member.id))
        activities = db.session.execute(select(Activity.id).order_by(Activity.id.desc()).limit(2)).scalars()
        state = "signed_up" if is_coming else "declined"
        for one in activities:
            values = {"activity_id": one, "member_id": self.member.id, "state": state}
            db.session.add(Participation(**values, state_at=self.start + place * QUARTER))
        db.session.commit()

    def block(self, place: int, is_blocking: bool) -> None:
        """The brigade decides about risks without insurance."""
        choose_risk_policy(RiskPolicy.BLOCK if is_blocking else RiskPolicy.WARN, self.start + place * QUARTER)

    def _correct(self, kind: CorrectionKind, place: int) -> None:
        records: Any = db.session.execute(
            select(ServiceRecord.id)
            .where(ServiceRecord.member_id == self.member.id)
            .order_by(ServiceRecord.id)
        ).scalars()
        ids, record_id = list(records), None
        if kind is not CorrectionKind.MAKEUP_RECORD:
            if not ids:
                return
            record_id = ids[place % len(ids)]
        begins_at = self.start + place * QUARTER
        wish = Wish(
            kind,
            "记错了",
            station_id=self.cast.sender.station_id,
            checked_in_at=begins_at,
            checked_out_at=begins_at + (place % 8 + 1) * QUARTER,
        )
        desks = [
            Desk(
                admin.id,
                frozenset({self.cast.detachment.id}),
                frozenset(),
                self.now,
                self.app.config["TIMEZONE"],
            )
            for admin in self.admins
        ]
        made = enter_correction(self.number, record_id, wish, desks[0])
        approve_correction(made.id, "属实", desks[1])


@pytest.fixture
def admins(cast: Cast, now: datetime) -> list[Admin]:
    """Two admins of alice's detachment who are two known people."""
    made = []
    for number in (1, 2):
        person = add_member(f"P00{number}", "管理", "FD01", now)
        admin = Admin(
            username=f"p{number}",
            name="管理",
            team_id=cast.detachment.id,
            password_hash=PASSWORD_HASH,
            created_at=now,
            member_id=person.id,
        )
        db.session.add(admin)
        db.session.commit()
        made.append(admin)
    return made


def test_ledger_sums_and_derivation_agree_after_any_story(
    app: Flask, cast: Cast, admins: list[Admin]
) -> None:
    numbers, zone = count(), app.config["TIMEZONE"]

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    @example(EVERYTHING)
    @example(TRAINED)
    def tell(steps: list[tuple[str, int, bool]]) -> None:
        story = Story(app, cast, admins, next(numbers))
        for what, place, twist in steps:
            try:
                getattr(story, what)(place, twist)
            except Refusal:
                db.session.rollback()
        story.settle(3, True)

        # then the ledger adds up to what the records are worth, and the sums to the ledger
        credited = {
            member: minutes
            for member, minutes in db.session.execute(
                select(LedgerEntry.member_id, func.sum(LedgerEntry.minutes)).group_by(LedgerEntry.member_id)
            )
        }
        summed = db.session.execute(
            select(func.coalesce(func.sum(MemberTotal.minutes), 0)).where(
                MemberTotal.member_id == story.member.id
            )
        ).scalar_one()
        assert credited.get(story.member.id, 0) == summed
        teams = db.session.execute(select(func.coalesce(func.sum(TeamTotal.minutes), 0))).scalar_one()
        assert teams == sum(credited.values())
        assert list_wrong_totals() == []
        # and everything follows from the scans and the decisions
        assert [wrong for _, part in derive_records(story.now, zone) for wrong in part] == []
        assert [wrong for _, part in derive_credits(zone) for wrong in part] == []
        assert check(read_lines(), app.extensions["seal_key"].public_key, {}, lambda _: None).problems == []

    tell()
    done = db.session.execute(select(LedgerEntry.kind, LedgerEntry.measure).distinct()).all()
    assert set(map(tuple, done)) == {
        (kind, measure) for kind in ("credit", "reversal") for measure in ("metered", "declared")
    }
