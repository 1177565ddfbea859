"""The kiosk while an admin binds cards by tapping: said in green, and nothing to take back."""

from __future__ import annotations

import subprocess
import sys

from .conftest import Kiosk
from .station_server import ROOT

BEGIN = """
from datetime import UTC, datetime
from sqlalchemy import select
from app import app
from volunteer.db import db
from volunteer.models.members import Member
from volunteer.models.stations import Terminal
from volunteer.services.card_enrolments import start_enrolments
from volunteer.services.members import add_admin
now = datetime.now(UTC)
with app.app_context():
    admin = add_admin("enid", "伊妮", None, "correct horse", now)
    enrolled = select(Terminal.id).where(Terminal.key_hash.is_not(None))
    terminal_id = db.session.execute(enrolled.order_by(Terminal.enrolled_at.desc())).scalars().first()
    member_id = db.session.execute(select(Member.id).limit(1)).scalar_one()
    start_enrolments(terminal_id, [member_id], admin.id, now)
"""


def test_a_card_that_was_bound_is_said_in_green_and_cannot_be_undone(kiosk: Kiosk) -> None:
    environment = kiosk.server.environment
    subprocess.run([sys.executable, "-c", BEGIN], cwd=ROOT, env=environment, check=True)

    kiosk.type("04A2B3C4D5E6F7")

    kiosk.wait_result("in", "卡已绑定")
    assert "再刷一次即可签到" in kiosk.page.locator(".result-words").inner_text()
    assert kiosk.page.get_by_role("button", name="撤销").is_hidden()
