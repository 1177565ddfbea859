"""The pages of the audit: every act in a sentence, within the own teams, exported, checked and counted."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from tests.conftest import PASSWORD_HASH, Cast
from tests.web.test_admin_members import counted_statements
from volunteer.auditing import Acting, act_as
from volunteer.db import db, transaction
from volunteer.domain.audit import NOISE, NOISE_COLUMNS
from volunteer.domain.audit_acts import ACTS, READING_COMMANDS
from volunteer.domain.roles import Role
from volunteer.models.access_log import AccessEntry
from volunteer.models.admins import Appointment
from volunteer.models.columns import Base
from volunteer.models.corrections import Correction
from volunteer.models.members import Admin, Member
from volunteer.services.members import add_member
from volunteer.verify_ledger import check
from volunteer.web.audit_columns import COLUMNS, TABLES

SignIn = Callable[[object], FlaskClient]
KEY = b"key"


@pytest.fixture
def auditor(cast: Cast, now: datetime) -> Admin:
    """ann reads everything of the brigade and changes nothing."""
    post = Appointment(role=Role.AUDITOR, team_id=cast.brigade.id, is_deputy=False, appointed_at=now)
    ann = Admin(
        username="ann",
        name="安",
        team_id=cast.brigade.id,
        password_hash=PASSWORD_HASH,
        created_at=now,
        appointments=[post],
    )
    db.session.add(ann)
    db.session.commit()
    return ann


def acts(admin: Admin, at: datetime, *member_ids: int, act: str = "admin.change_member_status") -> None:
    """The admin changes the unit's note of each of these members, one act each."""
    for member_id in member_ids:
        who = Acting(act, f"admin:{admin.username}", lambda: at, KEY, admin.id, admin.team_id)
        act_as(db.session(), who, "因为下雨")
        with transaction():
            member = db.session.get_one(Member, member_id)
            member.status = "suspended" if member.status == "active" else "active"
    act_as(db.session(), None)


def test_the_page_tells_who_did_what_to_whom_and_why(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    acts(cast.bob, now, cast.alice.id)

    page = sign_in(cast.bob).get("/admin/audit").text

    for told in ("调整志愿者状态", "张三", "A001", "鲍勃（bob）", "2026年9月15日 10:00", "原因：因为下雨"):
        assert told in page
    assert re.search(r"状态</th><td>在册</td><td>暂停</td>", page)


def test_another_teams_admin_sees_nothing_of_it_and_the_auditor_does(
    cast: Cast, sign_in: SignIn, auditor: Admin, now: datetime
) -> None:
    acts(cast.bob, now, cast.alice.id)

    foreign = sign_in(cast.charlie).get("/admin/audit").text
    named = sign_in(cast.charlie).get("/admin/audit?member=A001&admin=bob").text
    seen = sign_in(auditor).get("/admin/audit").text

    assert "共 0 条" in foreign
    assert "共 0 条" in named
    assert "张三" not in foreign + named
    assert "调整志愿者状态" in seen


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("admin=bob", 2),
        ("admin=charlie", 1),
        ("admin=nobody", 0),
        ("member=a001", 1),
        ("act=admin.lose", 1),
        ("from=2026-09-16", 1),
        ("to=2026-09-15", 2),
        ("from=2026-09-15&to=2026-09-15&admin=bob", 1),
        ("hour=10", 2),
        ("hour=22", 1),
        ("weekend=1", 1),
    ],
)
def test_events_are_found_by_admin_act_member_and_time(
    cast: Cast, sign_in: SignIn, auditor: Admin, now: datetime, query: str, count: int
) -> None:
    other = add_member("B001", "李四", "FD01", now)
    foreign = add_member("C001", "王五", "FD02", now)
    acts(cast.bob, now, cast.alice.id)
    # A Saturday evening.
    acts(cast.bob, datetime(2026, 9, 19, 14, tzinfo=UTC), other.id, act="admin.lose")
    acts(cast.charlie, now, foreign.id)

    assert f"共 {count} 条" in sign_in(auditor).get(f"/admin/audit?{query}").text


def test_a_day_that_is_none_is_refused_in_words(cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.bob)

    for path in ("/admin/audit", "/admin/audit/admins", "/admin/audit/corrections"):
        wrong = browser.get(f"{path}?from=2026-13-01")
        backwards = browser.get(f"{path}?from=2026-09-02&to=2026-09-01")
        assert (wrong.status_code, backwards.status_code) == (422, 422)
        assert "开始日期不能晚于结束日期" in backwards.text


def test_an_act_without_a_sentence_is_shown_by_its_name(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    acts(cast.bob, now, cast.alice.id, act="admin.something_new")

    assert "其他操作（admin.something_new）" in sign_in(cast.bob).get("/admin/audit").text


def test_every_page_and_command_that_changes_something_has_its_sentence(app: Flask) -> None:
    posts = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in ("admin", "member", "public") and "POST" in (rule.methods or ())
    }
    commands = {f"cli.{name}" for name in app.cli.commands if name not in READING_COMMANDS}

    assert (posts | commands) - set(ACTS) == set()


def test_no_sentence_is_kept_for_what_is_no_longer_there(app: Flask) -> None:
    there = set(app.view_functions) | {f"cli.{name}" for name in app.cli.commands}
    named = {act for act in ACTS if not act.startswith("job.")} - {"admin.import"}

    assert named - there == set()


def test_the_table_holds_every_chosen_event(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    acts(cast.bob, now, cast.alice.id, cast.alice.id)
    browser = sign_in(cast.bob)

    response = browser.get("/admin/audit/export?kind=xlsx&act=admin.change_member_status")

    rows = CalamineWorkbook.from_filelike(io.BytesIO(response.data)).get_sheet_by_index(0).to_python()
    assert [row[2:5] for row in rows[1:]] == [["鲍勃（bob）", "调整志愿者状态", "A001"]] * 2
    assert db.session.query(AccessEntry.detail).one() == ("audit.xlsx",)
    assert browser.get("/admin/audit/export?kind=ndjson").status_code == 400
    assert browser.get("/admin/audit/export?kind=xlsx&from=x").status_code == 422


def test_an_outsider_can_verify_the_exported_chain(
    cast: Cast, sign_in: SignIn, auditor: Admin, now: datetime
) -> None:
    acts(cast.bob, now, cast.alice.id, cast.alice.id, cast.alice.id)

    response = sign_in(auditor).get("/admin/audit/export?kind=ndjson")

    lines = [json.loads(line) for line in response.data.splitlines()]
    assert [line["line"] for line in lines] == ["event"] * 3
    assert check(lines, "", {}, lambda _: None).problems == []
    assert check([lines[0], lines[2]], "", {}, lambda _: None).problems != []


def test_the_whole_chain_is_checked_on_the_page(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    acts(cast.bob, now, cast.alice.id, cast.alice.id)

    assert "整条链完整：共 2 条" in sign_in(cast.bob).get("/admin/audit/check").text


def test_a_page_of_fifty_events_takes_few_statements(
    cast: Cast, sign_in: SignIn, auditor: Admin, now: datetime
) -> None:
    members = [add_member(f"Z{one:03}", "李四", "FD01", now).id for one in range(60)]
    acts(cast.bob, now, *members)
    browser = sign_in(auditor)
    browser.get("/admin/audit")

    with counted_statements() as seen:
        page = browser.get("/admin/audit").text

    assert "第 1 页，共 2 页" in page
    assert len(seen) <= 14, seen


# --- What each admin did


def correct(cast: Cast, member: Member, now: datetime, enterer: Admin, approver: Admin) -> Correction:
    """A make-up record for the member, entered by one and approved by the other."""
    people = [add_member(f"P{member.id}{one.username}", one.name, "FD02", now) for one in (enterer, approver)]
    made = Correction(
        kind="makeup_record",
        member_id=member.id,
        station_id=cast.sender.station_id,
        checked_in_at=now,
        checked_out_at=now + timedelta(hours=2),
        served_on=now.date(),
        proof="declared",
        reason="忘记带卡",
        asked_by_member=False,
        asked_at=now,
        state="approved",
        entered_by_id=enterer.id,
        entered_person_id=people[0].id,
        entered_at=now,
        decided_by_id=approver.id,
        decided_person_id=people[1].id,
        decided_at=now,
    )
    db.session.add(made)
    db.session.commit()
    return made


PERIOD = "from=2026-09-01&to=2026-09-30"


def test_the_statistics_tell_hours_weekends_and_pairs_and_lead_to_the_rows(
    cast: Cast, sign_in: SignIn, auditor: Admin, now: datetime
) -> None:
    other = add_member("B001", "李四", "FD01", now)
    acts(cast.bob, now, cast.alice.id)
    acts(cast.bob, datetime(2026, 9, 19, 14, tzinfo=UTC), cast.alice.id)
    for member in (cast.alice, other):
        correct(cast, member, now, cast.bob, cast.charlie)
    browser = sign_in(auditor)

    page = browser.get(f"/admin/audit/admins?{PERIOD}").text

    for told in ("2 次", "1 次，占 50%", "2 份，为 2 人", "录入后由查理批准", "10 时 1 次", "22 时 1 次"):
        assert told in page, told
    for path in re.findall(r'href="(/admin/audit[^"]*(?:enterer|approver|hour|weekend)[^"]*)"', page):
        assert browser.get(path.replace("&amp;", "&")).status_code == 200
    rows = browser.get(
        f"/admin/audit/corrections?enterer={cast.bob.id}&approver={cast.charlie.id}&{PERIOD}"
    ).text
    assert "共 2 份" in rows
    assert "忘记带卡" in rows
    assert "共 2 份" in browser.get(f"/admin/audit/corrections?approver={cast.charlie.id}&{PERIOD}").text
    assert "共 0 份" in browser.get(f"/admin/audit/corrections?approver={cast.bob.id}&{PERIOD}").text


def test_another_teams_corrections_are_not_counted(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    correct(cast, cast.alice, now, cast.bob, cast.charlie)
    browser = sign_in(cast.charlie)

    assert "这段时间没有管理操作" in browser.get(f"/admin/audit/admins?{PERIOD}").text
    assert "共 0 份" in browser.get(f"/admin/audit/corrections?enterer={cast.bob.id}&{PERIOD}").text


def test_the_statistics_take_few_statements_however_many_admins(
    cast: Cast, sign_in: SignIn, auditor: Admin, now: datetime
) -> None:
    for admin in (cast.bob, cast.charlie, auditor):
        acts(admin, now, cast.alice.id)
    browser = sign_in(auditor)
    browser.get(f"/admin/audit/admins?{PERIOD}")

    with counted_statements() as seen:
        browser.get(f"/admin/audit/admins?{PERIOD}")

    assert len(seen) <= 10, seen


def test_a_leader_of_a_station_may_not_read_the_audit(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    post = Appointment(
        role=Role.STATION_LEADER, station_id=cast.sender.station_id, is_deputy=False, appointed_at=now
    )
    leo = Admin(
        username="leo",
        name="利奥",
        team_id=cast.detachment.id,
        password_hash=PASSWORD_HASH,
        created_at=now,
        appointments=[post],
    )
    db.session.add(leo)
    db.session.commit()

    assert sign_in(leo).get("/admin/audit").status_code == 403
    assert sign_in(leo).get("/admin/samples").status_code == 403


# --- Triggers


def test_the_first_page_warns_where_a_trigger_is_missing(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    from tests.services.test_append_only import BROKEN, _break
    from volunteer.services.append_only import restore_triggers

    browser = sign_in(cast.bob)
    assert "触发器" not in browser.get("/admin").text

    db.session.rollback()
    _break(*BROKEN[0])
    try:
        assert "scans_no_update" in browser.get("/admin").text
    finally:
        db.session.rollback()
        restore_triggers(now)


def test_jobs_that_decide_have_their_sentence() -> None:
    from volunteer.jobs import DECIDING

    assert {f"job.{name}" for name in DECIDING} == {act for act in ACTS if act.startswith("job.")}


def test_every_table_and_column_that_an_event_tells_of_has_a_name() -> None:
    told = [table for table in Base.metadata.sorted_tables if table.name not in NOISE]
    columns = {column.name for table in told for column in table.columns} - {"id"} - NOISE_COLUMNS

    assert {table.name for table in told} - set(TABLES) == set()
    assert columns - set(COLUMNS) == set()


def test_an_act_names_whose_row_it_was_and_no_number_of_the_database(
    sign_in: SignIn, cast: Cast, auditor: Admin
) -> None:
    bob = sign_in(cast.bob)
    for skills in ("急救", ""):
        form = {"name": "张三", "skills": skills}
        assert bob.post("/admin/members/A001/file/edit", data=form).status_code == 302

    page = sign_in(auditor).get("/admin/audit").text

    assert f"#{cast.alice.id}" not in page
    assert re.search(r"<strong>技能</strong> · 删除 <span class=\"soft\">A001</span>", page)
