"""Wishes on notice inside the unit, objections against them, and the settings of both."""

from datetime import datetime, timedelta, tzinfo

from volunteer.db import db, transaction
from volunteer.domain.correction_refusals import (
    CorrectionDecided,
    NoticeOff,
    ObjectionMissing,
    UnitMissing,
)
from volunteer.domain.corrections import NOTICE_DAYS_SETTING, OLDEST_YEARS_SETTING
from volunteer.domain.members import require_length
from volunteer.domain.proposals import ProposalState
from volunteer.domain.wishes import LONGEST_REASON, Desk
from volunteer.models.corrections import Objection
from volunteer.models.duty_days import Setting
from volunteer.models.members import Member
from volunteer.queries.correction_notices import get_noticed_row
from volunteer.queries.corrections import find_notice_days, get_correction_row


def put_on_notice(correction_id: int, desk: Desk) -> None:
    """Show the wish to the member's unit; until the notice is over nobody can approve it."""
    with transaction():
        days = find_notice_days()
        if not days:
            raise NoticeOff()
        row = get_correction_row(desk.team_ids, desk.station_ids, correction_id)
        if row.Correction.state != ProposalState.PROPOSED or row.Correction.notice_until_on is not None:
            raise CorrectionDecided()
        if row.unit_id is None:
            raise UnitMissing()
        today = desk.now.astimezone(desk.zone).date()
        row.Correction.notice_until_on = today + timedelta(days=days)


def object_to(member_id: int, correction_id: int, text: str, now: datetime, zone: tzinfo) -> None:
    """Keep what somebody of the unit says against a wish on notice."""
    if not text.strip():
        raise ObjectionMissing()
    text = require_length(text.strip(), LONGEST_REASON)
    with transaction():
        member = db.session.get_one(Member, member_id, populate_existing=True)
        row = get_noticed_row(member, correction_id, now.astimezone(zone).date())
        db.session.add(
            Objection(correction_id=row.Correction.id, member_id=member.id, text=text, made_at=now)
        )


def choose_settings(oldest_years: int, notice_days: int) -> None:
    """How many years back a wish may reach, and how long it is on notice (0: not at all)."""
    with transaction():
        db.session.merge(Setting(name=OLDEST_YEARS_SETTING, value=str(oldest_years)))
        db.session.merge(Setting(name=NOTICE_DAYS_SETTING, value=str(notice_days)))
