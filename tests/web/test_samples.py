"""Random samples: drawn by chance that anybody can repeat, looked into entry by entry, finished once."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from tests.conftest import PASSWORD_HASH, Cast
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.ledger import NO_HASH
from volunteer.domain.roles import Role
from volunteer.domain.samples import draw
from volunteer.models.admins import Appointment
from volunteer.models.audit import AuditEvent, AuditSample, AuditSampleEntry
from volunteer.models.ledger import LedgerEntry, StoredPolicy
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.queries.access_log import list_accesses_about
from volunteer.queries.ledger import read_lines
from volunteer.services.settlements import settle_days

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
DAYS = 6
FORM = {"team": "FD01", "first_on": "2026-09-01", "last_on": "2026-09-30", "size": "3"}


def auditor_of(team_id: int, username: str, now: datetime) -> Admin:
    post = Appointment(role=Role.AUDITOR, team_id=team_id, is_deputy=False, appointed_at=now)
    admin = Admin(
        username=username,
        name="安",
        team_id=team_id,
        password_hash=PASSWORD_HASH,
        created_at=now,
        appointments=[post],
    )
    db.session.add(admin)
    db.session.commit()
    return admin


@pytest.fixture
def ann(cast: Cast, now: datetime) -> Admin:
    """The brigade's auditor."""
    return auditor_of(cast.brigade.id, "ann", now)


@pytest.fixture
def ledger(app: Flask, cast: Cast, hold: Hold, now: datetime) -> None:
    """alice served two hours on each of six days, and all of them are settled."""
    from volunteer.models.stations import Terminal

    for day in range(DAYS):
        hold(now + timedelta(days=day))
        hold(now + timedelta(days=day, hours=2))
    later = now + timedelta(days=DAYS + 1)
    terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
    terminal.last_contact_at, terminal.pending = later, 0
    db.session.commit()
    settle_days(later, app.config["TIMEZONE"])


def drawn_numbers(sample_id: int) -> list[int]:
    statement = select(AuditSampleEntry.entry_number).where(AuditSampleEntry.sample_id == sample_id)
    return sorted(db.session.execute(statement).scalars())


def the_sample() -> AuditSample:
    db.session.expire_all()
    return db.session.execute(select(AuditSample)).scalar_one()


def test_an_outsider_repeats_the_draw_from_the_export(ann: Admin, ledger: None, sign_in: SignIn) -> None:
    response = sign_in(ann).post("/admin/samples/new", data=FORM)

    sample = the_sample()
    lines = list(read_lines())
    numbers = [
        line["number"]
        for line in lines
        if line["line"] == "entry"
        and line["kind"] == "credit"
        and line["team_id"] in sample.team_ids
        and "2026-09-01" <= line["served_on"] <= "2026-09-30"
        and line["number"] <= sample.last_entry
    ]
    assert response.location == f"/admin/samples/{sample.id}"
    assert len(numbers) == sample.population == DAYS
    assert drawn_numbers(sample.id) == sorted(draw(sample.seed, numbers, 3))


def test_two_draws_are_two_and_both_stay(ann: Admin, ledger: None, sign_in: SignIn) -> None:
    browser = sign_in(ann)
    for _ in range(2):
        browser.post("/admin/samples/new", data=FORM)

    seeds = set(db.session.execute(select(AuditSample.seed)).scalars())
    assert len(seeds) == 2
    assert "共 2 份" in browser.get("/admin/samples").text


def test_an_entry_shows_all_that_is_behind_it(cast: Cast, ann: Admin, ledger: None, sign_in: SignIn) -> None:
    browser = sign_in(ann)
    browser.post("/admin/samples/new", data=FORM)
    number = drawn_numbers(the_sample().id)[0]

    page = browser.get(f"/admin/samples/{the_sample().id}/entries/{number}").text

    for told in (
        "张三",
        "A001",
        "龙城广场U站",
        "10:00",
        "12:00",
        "二维码",
        "第 1 版",
        "设备计时",
    ):
        assert told in page, told


def test_an_entry_that_people_made_shows_who_and_why(
    cast: Cast, ann: Admin, sign_in: SignIn, now: datetime
) -> None:
    from tests.web.test_audit_pages import correct

    made = correct(cast, cast.alice, now, cast.bob, cast.charlie)
    record = ServiceRecord(
        member_id=cast.alice.id,
        station_id=made.station_id,
        checked_in_at=made.checked_in_at,
        checked_out_at=made.checked_out_at,
        limit_at=made.checked_out_at,
        served_on=made.served_on,
        minutes=120,
        state="closed",
        proof="declared",
        correction_id=made.id,
    )
    db.session.add(record)
    db.session.flush()
    db.session.add(
        LedgerEntry(
            number=1, member_id=cast.alice.id, seq=1, kind="credit", minutes=120, measure="declared",
            proof="declared", record_id=record.id, served_on=made.served_on,
            checked_in_at=made.checked_in_at, checked_out_at=made.checked_out_at,
            station_id=made.station_id, team_id=cast.detachment.id,
            policy_id=db.session.query(StoredPolicy.id).scalar(), correction_id=made.id,
            entered_by_id=cast.bob.id, approved_by_id=cast.charlie.id, reason="", recorded_at=now,
            previous_hash=NO_HASH, hash=NO_HASH,
        )
    )  # fmt: skip
    db.session.commit()
    browser = sign_in(ann)
    browser.post("/admin/samples/new", data=FORM)

    page = browser.get(f"/admin/samples/{the_sample().id}/entries/1").text

    for told in ("没有刷卡", "忘记带卡", "录入人：鲍勃", "批准人：查理", "没有证明文件", "人工录入"):
        assert told in page, told


def test_a_sample_is_looked_into_finished_and_taken_along(ann: Admin, ledger: None, sign_in: SignIn) -> None:
    browser = sign_in(ann)
    browser.post("/admin/samples/new", data=FORM)
    sample = the_sample()
    first, second, third = drawn_numbers(sample.id)
    at = f"/admin/samples/{sample.id}"

    following = browser.post(f"{at}/entries/{first}", data={"result": "right", "note": ""})
    unexplained = browser.post(f"{at}/entries/{second}", data={"result": "wrong", "note": " "})
    early = browser.post(f"{at}/finish", data={"conclusion": "都对"})
    browser.post(f"{at}/entries/{second}", data={"result": "wrong", "note": "当天没有来"})
    last = browser.post(f"{at}/entries/{third}", data={"result": "unclear", "note": "问过站长"})
    empty = browser.post(f"{at}/finish", data={"conclusion": ""})
    finished = browser.post(f"{at}/finish", data={"conclusion": "一条有误"})
    late = browser.post(f"{at}/entries/{first}", data={"result": "unclear", "note": "反悔"})

    assert following.location == f"{at}/entries/{second}"
    assert (unexplained.status_code, "请写明情况" in unexplained.text) == (422, True)
    assert (early.status_code, "还有 2 条没有填写结果" in early.text) == (422, True)
    assert last.location == at
    assert (empty.status_code, finished.status_code) == (422, 302)
    assert (late.status_code, "不能再改" in late.text) == (422, True)
    assert the_sample().conclusion == "一条有误"
    sheet = browser.get(f"{at}/sheet.xlsx").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert [(row[0], row[13], row[14]) for row in rows[1:4]] == [
        (first, "属实", ""),
        (second, "有误", "当天没有来"),
        (third, "不清楚", "问过站长"),
    ]
    assert "抽查有误" in browser.get("/admin/audit").text
    assert "有误 1 条" in browser.get("/admin/samples?wrong=1").text


def test_what_the_auditor_does_stands_in_the_audit_itself(ann: Admin, ledger: None, sign_in: SignIn) -> None:
    browser = sign_in(ann)
    browser.post("/admin/samples/new", data=FORM)
    number = drawn_numbers(the_sample().id)[0]
    browser.post(
        f"/admin/samples/{the_sample().id}/entries/{number}", data={"result": "wrong", "note": "没来"}
    )

    acts = list(db.session.execute(select(AuditEvent.act, AuditEvent.reason).order_by(AuditEvent.number)))
    assert acts == [("admin.new_sample", ""), ("admin.note_sample", "没来")]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"size": "0"}, "抽查条数应为 1 到 200"),
        ({"size": "201"}, "抽查条数应为 1 到 200"),
        ({"size": "x"}, "抽查条数应为 1 到 200"),
        ({"first_on": ""}, "日期"),
        ({"first_on": "2026-10-01"}, "开始日期不能晚于结束日期"),
        ({"first_on": "2026-10-01", "last_on": "2026-10-02"}, "无法抽查"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(
    ann: Admin, ledger: None, sign_in: SignIn, change: dict[str, str], sentence: str
) -> None:
    response = sign_in(ann).post("/admin/samples/new", data=FORM | change)

    assert (response.status_code, sentence in response.text) == (422, True)
    assert db.session.query(AuditSample).count() == 0


def test_another_teams_sample_is_not_there(
    cast: Cast, ann: Admin, ledger: None, sign_in: SignIn, now: datetime
) -> None:
    sign_in(ann).post("/admin/samples/new", data=FORM)
    at = f"/admin/samples/{the_sample().id}"
    number = drawn_numbers(the_sample().id)[0]
    foreign = sign_in(auditor_of(cast.other.id, "zoe", now))

    assert "共 0 份" in foreign.get("/admin/samples").text
    for path in (at, f"{at}/entries/{number}", f"{at}/sheet.xlsx"):
        assert foreign.get(path).status_code == 404
    assert foreign.post(f"{at}/finish", data={"conclusion": "x"}).status_code == 404
    assert foreign.post(f"{at}/entries/{number}", data={"result": "right"}).status_code == 404
    assert foreign.post("/admin/samples/new", data=FORM).status_code == 404


def test_an_entry_that_was_not_drawn_is_not_there(ann: Admin, ledger: None, sign_in: SignIn) -> None:
    browser = sign_in(ann)
    browser.post("/admin/samples/new", data=FORM)
    at, drawn = f"/admin/samples/{the_sample().id}/entries", drawn_numbers(the_sample().id)
    other = next(number for number in range(1, DAYS + 1) if number not in drawn)

    assert browser.get(f"{at}/{other}").status_code == 404
    assert browser.post(f"{at}/{other}", data={"result": "right"}).status_code == 404


def test_a_look_at_a_drawn_entry_is_logged_for_its_member(
    ann: Admin, cast: Cast, ledger: None, sign_in: SignIn
) -> None:
    browser = sign_in(ann)
    browser.post("/admin/samples/new", data=FORM)
    number = drawn_numbers(the_sample().id)[0]

    browser.get(f"/admin/samples/{the_sample().id}/entries/{number}")
    browser.get(f"/admin/samples/{the_sample().id}/sheet.xlsx")

    lines = [(row.AccessEntry.kind, row.AccessEntry.detail) for row in list_accesses_about([cast.alice.id])]
    assert lines[:2] == [
        ("exported", f"sample_sheet {the_sample().id}"),
        ("viewed_file", f"sample_entry {number}"),
    ]


def test_who_may_change_hours_draws_no_samples(cast: Cast, ledger: None, sign_in: SignIn) -> None:
    browser = sign_in(cast.bob)

    assert browser.get("/admin/samples").status_code == 200
    assert browser.get("/admin/samples/new").status_code == 403
    assert browser.post("/admin/samples/new", data=FORM).status_code == 403


def test_a_sample_takes_few_statements_however_many_entries(
    ann: Admin, ledger: None, sign_in: SignIn
) -> None:
    browser = sign_in(ann)
    browser.post("/admin/samples/new", data=FORM | {"size": "6"})
    at = f"/admin/samples/{the_sample().id}"
    browser.get(at)

    with counted_statements() as seen:
        browser.get(at)

    assert len(seen) <= 8, seen
