"""The ledger's pages: days, closing one, a member's entries, and what an auditor takes home."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Cast
from tests.web.certified import credit
from volunteer.db import db
from volunteer.models.ledger import MemberTotal
from volunteer.models.members import Admin
from volunteer.models.stations import Terminal
from volunteer.services.seals import seal_ledger
from volunteer.services.settlements import settle_days

MORNING = datetime(2026, 9, 15, 1, tzinfo=UTC)
NEXT = datetime(2026, 9, 16, 1, tzinfo=UTC)
Hold = Callable[..., None]
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def served(cast: Cast, hold: Hold) -> Callable[..., None]:
    """alice served three hours; the station's terminal was in touch for the last time at ``reported_at``."""

    def serve(reported_at: datetime) -> None:
        hold(MORNING)
        hold(MORNING + timedelta(hours=3))
        terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
        terminal.last_contact_at, terminal.pending = reported_at, 0
        db.session.commit()

    return serve


def test_a_settled_day_and_its_entry_are_shown(
    app: Flask, cast: Cast, served: Callable[..., None], sign_in: SignIn
) -> None:
    served(NEXT)
    settle_days(NEXT, app.config["TIMEZONE"])

    bob = sign_in(cast.bob)
    days = bob.get("/admin/ledger?month=2026-09").text
    entries = bob.get("/admin/members/A001/ledger").text

    assert "已结算" in days
    assert "3.0 小时" in days
    assert "记入 180 分钟" in entries
    assert "本人刷卡" in entries
    assert sign_in(cast.charlie).get("/admin/members/A001/ledger").status_code == 404
    assert "记入 180 分钟" in sign_in(cast.alice).get("/me/ledger").text


def test_a_day_that_waits_names_the_station_and_is_closed_with_a_reason(
    app: Flask, cast: Cast, served: Callable[..., None], sign_in: SignIn, brigade_admin: Admin
) -> None:
    served(MORNING + timedelta(hours=4))
    dora = sign_in(brigade_admin)
    assert "还没有上报：龙城广场U站" in dora.get("/admin/ledger?month=2026-09").text

    refused = dora.post("/admin/ledger/days/2026-09-15/close", data={"reason": " "})
    assert refused.status_code == 422
    assert "请写明为什么" in refused.text
    dora.post("/admin/ledger/days/2026-09-15/close", data={"reason": "终端送修"})

    settle_days(NEXT, app.config["TIMEZONE"])
    page = dora.get("/admin/ledger?month=2026-09").text
    assert "终端送修" in page
    assert "已结算" in page


@pytest.mark.parametrize("day", ["2026-13-01", "heute", "0000-00-00"])
def test_an_odd_day_is_not_found(sign_in: SignIn, brigade_admin: Admin, day: str) -> None:
    assert sign_in(brigade_admin).get(f"/admin/ledger/days/{day}/close").status_code == 404
    assert sign_in(brigade_admin).get(f"/admin/ledger?month={day}").status_code == 404


def test_only_the_brigade_closes_days_and_takes_everything_home(cast: Cast, sign_in: SignIn) -> None:
    bob = sign_in(cast.bob)
    assert bob.get("/admin/ledger/days/2026-09-15/close").status_code == 404
    assert bob.get("/admin/ledger/export.ndjson").status_code == 404
    assert "由大队管理员或审计员下载" in bob.get("/admin/ledger/seals").text


def test_an_auditor_checks_the_export_with_the_script_alone(
    app: Flask, served: Callable[..., None], sign_in: SignIn, brigade_admin: Admin, tmp_path: Path
) -> None:
    # given a settled and sealed day
    served(NEXT)
    settle_days(NEXT, app.config["TIMEZONE"])
    key = app.extensions["seal_key"]
    seal_ledger(key, NEXT)

    # when the auditor downloads the entries and the script
    client = sign_in(brigade_admin)
    assert key.public_key in client.get("/admin/ledger/seals").text
    export, script = tmp_path / "ledger.ndjson", tmp_path / "verify_ledger.py"
    export.write_bytes(client.get("/admin/ledger/export.ndjson").data)
    script.write_bytes(app.test_client().get("/verify_ledger.py").data)

    # then it fits as it is, and not with one minute more
    check = [executable, "-I", "-S", script, export, "--key", key.public_key]
    assert "EVERYTHING FITS" in run(check, capture_output=True, text=True, check=True).stdout
    lines = [json.loads(line) for line in export.read_text().splitlines()]
    next(one for one in lines if one["line"] == "entry")["minutes"] += 1
    export.write_text("\n".join(map(json.dumps, lines)))
    assert "PROBLEM" in run(check, capture_output=True, text=True, check=False).stdout


def test_an_empty_month_says_what_comes(cast: Cast, sign_in: SignIn) -> None:
    assert "这个月还没有服务记录" in sign_in(cast.bob).get("/admin/ledger?month=2026-01").text
    assert "台账里还没有条目" in sign_in(cast.alice).get("/me/ledger").text


def test_a_ledger_of_years_opens_a_year_at_a_time(cast: Cast, sign_in: SignIn) -> None:
    for year in (2024, 2025, 2026):
        credit(cast, 60, date(year, 6, 1))
        total = MemberTotal(
            member_id=cast.alice.id, month_on=date(year, 6, 1), measure="metered", minutes=60, records=1
        )
        db.session.add(total)
    db.session.commit()

    alice = sign_in(cast.alice)
    newest, older, odd = (alice.get(f"/me/ledger{asked}").text for asked in ("", "?year=2024", "?year=x"))

    assert "2026年6月1日" in newest
    assert "2024年6月1日" not in newest
    assert "2024年6月1日" in older
    assert "3.0 小时" in older
    assert "2026年6月1日" in odd
