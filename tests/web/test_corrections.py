"""Corrections on the pages: asked by alice, taken up by bob, approved by dora of the brigade."""

import io
import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from tests.conftest import Cast
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.models.cards import Card
from volunteer.models.corrections import Correction, Objection
from volunteer.models.members import Admin, Member
from volunteer.models.messages import Message
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.models.teams import Unit
from volunteer.models.training_records import EvidenceFile
from volunteer.services.members import add_member
from volunteer.services.scans import close_forgotten

ZONE = ZoneInfo("Asia/Shanghai")
SignIn = Callable[[object], FlaskClient]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
TODAY = datetime.now(ZONE).date()
YESTERDAY = datetime.combine(TODAY - timedelta(days=1), time(), ZONE)
DAY = YESTERDAY.date().isoformat()


@pytest.fixture(autouse=True)
def _prepared(app: Flask, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask the real clock; alice's card is old enough for any day that they may name."""
    monkeypatch.setitem(app.config, "EVIDENCE_FOLDER", tmp_path)
    db.session.execute(update(Card).values(issued_at=YESTERDAY - timedelta(days=900)))
    db.session.commit()


@pytest.fixture
def people(cast: Cast, now: datetime) -> Cast:
    """bob is linked to a volunteer of the own team; so are the others who come in."""
    link(cast.bob, "B001", "FD01", now)
    link(cast.charlie, "C001", "FD02", now)
    return cast


@pytest.fixture
def dora(people: Cast, now: datetime) -> Admin:
    return add_linked_admin("dora", "朵拉", people.brigade, now)


def station_id() -> str:
    return str(db.session.execute(select(Station.id)).scalar_one())


def wish(**change: str) -> dict[str, Any]:
    return {
        "day": DAY,
        "came": "8",
        "left": "1030",
        "station": station_id(),
        "activity": "",
        "reason": "读卡器故障",
        **change,
    }


def only() -> Correction:
    statement = select(Correction).order_by(Correction.id.desc()).execution_options(populate_existing=True)
    found = db.session.execute(statement).scalars().first()
    assert found is not None
    return found


def records() -> list[tuple[str, int]]:
    statement = select(ServiceRecord.state, ServiceRecord.minutes).order_by(ServiceRecord.id)
    return [(row.state, row.minutes) for row in db.session.execute(statement)]


def test_a_member_asks_an_admin_takes_it_up_and_another_approves(
    sign_in: SignIn, people: Cast, dora: Admin
) -> None:
    alice = sign_in(people.alice)
    asked = alice.post("/me/corrections/new", data=wish())
    path = f"/admin/corrections/{only().id}"
    bob = sign_in(people.bob)
    listed = bob.get("/admin/corrections").text
    taken = bob.post(f"{path}/take-up", data=wish(left="10"))
    waiting = bob.get(path).text
    denied = bob.post(f"{path}/approve")

    done = sign_in(dora).post(f"{path}/approve")

    assert asked.location == f"/me/corrections/{only().id}"
    assert "张三" in listed
    assert "还剩 10 个工作日" in listed or "放假安排未知" in listed
    assert taken.location == path
    assert "本人填写的" in waiting
    assert "您是录入人" in waiting
    assert (denied.status_code, "三个不同的人" in denied.text) == (422, True)
    assert done.location == path
    assert records() == [("closed", 120)]
    shown = sign_in(people.alice).get("/me/corrections").text
    assert "已通过" in shown


def test_the_member_is_told_what_became_of_it(sign_in: SignIn, people: Cast, dora: Admin) -> None:
    sign_in(people.alice).post("/me/corrections/new", data=wish())
    path = f"/admin/corrections/{only().id}"
    bob = sign_in(people.bob)
    told = bob.get("/admin/messages").text
    without = bob.post(f"{path}/reject", data={"reply": " "})

    bob.post(f"{path}/reject", data={"reply": "当天没有您的签到"})

    day = f"{YESTERDAY.year}年{YESTERDAY.month}月{YESTERDAY.day}日"
    assert f"张三（A001）提出了{day}的更正或补录" in told
    assert (without.status_code, "请写明原因" in without.text) == (422, True)
    alice = sign_in(people.alice)
    assert "没有通过：当天没有您的签到" in alice.get("/me/messages").text
    message = db.session.execute(select(Message).where(Message.member_id == people.alice.id)).scalar_one()
    opened = alice.post(f"/me/messages/{message.id}/open")
    assert opened.location == f"/me/corrections/{only().id}"
    assert "未读 0 条" in alice.get("/me/messages").text
    assert "当天没有您的签到" in alice.get(opened.location).text
    assert records() == []


def test_a_record_is_corrected_side_by_side(
    sign_in: SignIn, people: Cast, dora: Admin, hold: Callable[[datetime], None]
) -> None:
    hold(YESTERDAY + timedelta(hours=8, seconds=10))
    hold(YESTERDAY + timedelta(hours=10))
    record = db.session.execute(select(ServiceRecord)).scalar_one()
    bob = sign_in(people.bob)
    form = bob.get(f"/admin/corrections/new?record={record.id}").text

    made = bob.post(
        f"/admin/corrections/new?record={record.id}", data=wish(kind="correction", came="08:00", left="12:00")
    )
    page = sign_in(dora).get(made.location).text
    sign_in(dora).post(f"{made.location}/approve")

    assert 'value="08:00"' in form
    assert 'value="10:00"' in form
    assert "原记录" in page
    assert "更正为" in page
    assert only().checked_in_at == record.checked_in_at
    assert records() == [("void", 0), ("closed", 239)]
    assert "由更正引起" in sign_in(dora).get(made.location).text


def test_a_void_needs_no_times(
    sign_in: SignIn, people: Cast, dora: Admin, hold: Callable[[datetime], None]
) -> None:
    hold(YESTERDAY + timedelta(hours=8))
    hold(YESTERDAY + timedelta(hours=10))
    record = db.session.execute(select(ServiceRecord)).scalar_one()

    made = sign_in(people.bob).post(
        f"/admin/corrections/new?record={record.id}", data={"kind": "void", "reason": "别人拿了他的卡"}
    )
    sign_in(dora).post(f"{made.location}/approve")

    assert records() == [("void", 0)]
    assert "已作废" in sign_in(people.alice).get("/me/records").text


def test_who_forgot_to_check_out_answers_one_question(
    sign_in: SignIn, people: Cast, dora: Admin, hold: Callable[[datetime], None]
) -> None:
    hold(YESTERDAY + timedelta(hours=8))
    close_forgotten(datetime.now(UTC))
    record = db.session.execute(select(ServiceRecord)).scalar_one()
    alice, path = sign_in(people.alice), f"/me/records/{record.id}/check-out"
    page = alice.get(path).text
    wrong = alice.post(path, data={"left": "半夜"})

    alice.post(path, data={"left": "11点半"})

    assert "几点离开的" in page
    assert (wrong.status_code, "看不懂时间" in wrong.text) == (422, True)
    assert (only().kind, only().state) == ("check_out", "asked")
    bob = sign_in(people.bob)
    bob.post(f"/admin/corrections/{only().id}/take-up", data={"left": "11:30"})
    sign_in(dora).post(f"/admin/corrections/{only().id}/approve")
    assert records() == [("void", 0), ("closed", 210)]


def test_the_first_pages_and_the_records_lead_there(
    sign_in: SignIn, people: Cast, hold: Callable[[datetime], None]
) -> None:
    hold(YESTERDAY + timedelta(hours=8))
    close_forgotten(datetime.now(UTC))
    record = db.session.execute(select(ServiceRecord)).scalar_one()
    alice = sign_in(people.alice)
    before = alice.get("/me").text
    listed = alice.get("/me/records").text
    alice.post(f"/me/records/{record.id}/check-out", data={"left": "9"})

    after = alice.get("/me").text
    bob = sign_in(people.bob)
    home, records_of_team = bob.get("/admin").text, bob.get("/admin/records").text

    assert "忘记签退。" in before
    assert f"/me/records/{record.id}/check-out" in before
    assert f"/me/corrections/new?record={record.id}" in listed
    assert "忘记签退。" not in after
    assert "有 1 项更正或补录等待处理" in home
    assert "有 1 条未读消息" in home
    assert f"/admin/corrections/new?record={record.id}" in records_of_team


def test_a_foreign_admin_or_member_finds_nothing(
    sign_in: SignIn, people: Cast, dora: Admin, hold: Callable[[datetime], None], now: datetime
) -> None:
    hold(YESTERDAY + timedelta(hours=8))
    hold(YESTERDAY + timedelta(hours=10))
    record = db.session.execute(select(ServiceRecord)).scalar_one()
    sign_in(people.alice).post("/me/corrections/new", data=wish(came="13", left="14"))
    charlie, path = sign_in(people.charlie), f"/admin/corrections/{only().id}"

    assert "张三" not in charlie.get("/admin/corrections").text
    for address in (
        path,
        f"{path}/take-up",
        f"{path}/evidence",
        f"/admin/corrections/new?record={record.id}",
    ):
        assert charlie.get(address).status_code == 404, address
    for act in ("approve", "reject", "withdraw", "notice", "take-up"):
        assert charlie.post(f"{path}/{act}", data=wish(reply="x")).status_code == 404, act
    unknown = charlie.post("/admin/corrections/new", data=wish(volunteer_no="A001"))
    assert (unknown.status_code, "没有找到“A001”" in unknown.text) == (422, True)
    stranger = sign_in(add_member("X001", "路人", "FD01", now))
    for address in (
        f"/me/corrections/{only().id}",
        f"/me/corrections/new?record={record.id}",
        f"/me/records/{record.id}/check-out",
        f"/me/corrections/{only().id}/evidence",
    ):
        assert stranger.get(address).status_code == 404, address
    assert stranger.post(f"/me/corrections/{only().id}/withdraw").status_code == 404


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": " "}, "请写明原因"),
        ({"came": "8", "left": "8"}, "离开的时间应晚于到达的时间"),
        ({"left": ""}, "请填写到达和离开的时间"),
        ({"came": "二十"}, "看不懂时间“二十”"),
        ({"station": ""}, "请选择服务站"),
        ({"station": "9" * 30}, "请选择服务站"),
        ({"day": "昨天"}, "日期"),
        ({"day": (TODAY + timedelta(days=1)).isoformat()}, "还没有到"),
        ({"day": (TODAY - timedelta(days=1200)).isoformat()}, "超过 3 年"),
        ({"volunteer_no": "B001"}, "三个不同的人"),
        ({"volunteer_no": "Q999"}, "没有找到“Q999”"),
    ],
)
def test_what_is_wrong_is_said_above_the_form(
    sign_in: SignIn, people: Cast, change: dict[str, str], sentence: str
) -> None:
    form = wish(volunteer_no="A001") | change

    response = sign_in(people.bob).post("/admin/corrections/new", data=form)

    assert (response.status_code, sentence in response.text) == (422, True)
    assert 'value="读卡器故障"' in response.text or not form["reason"].strip()
    assert db.session.execute(select(Correction)).first() is None


def test_an_admin_who_is_not_linked_is_told_how(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    response = sign_in(brigade_admin).post("/admin/corrections/new", data=wish(volunteer_no="A001"))

    assert (response.status_code, "还没有关联本人的志愿者编号" in response.text) == (422, True)


def test_the_evidence_of_a_member_can_be_opened_by_who_decides(
    sign_in: SignIn, people: Cast, dora: Admin
) -> None:
    alice = sign_in(people.alice)
    file = (io.BytesIO(PNG), "照片.png")
    alice.post("/me/corrections/new", data={**wish(), "evidence": file})
    kept = db.session.execute(select(EvidenceFile)).scalar_one()

    own = alice.get(f"/me/corrections/{only().id}/evidence")
    dora_sees = sign_in(dora).get(f"/admin/corrections/{only().id}/evidence")

    assert (kept.uploaded_by_member_id, kept.uploaded_by_id) == (people.alice.id, None)
    assert (own.data, dora_sees.data) == (PNG, PNG)
    text = (io.BytesIO(b"hello"), "a.txt")
    wrong = sign_in(people.alice).post(
        "/me/corrections/new", data={**wish(came="13", left="14"), "evidence": text}
    )
    assert (wrong.status_code, "只能是 PDF" in wrong.text) == (422, True)


def test_a_notice_is_shown_inside_the_unit_with_masked_names_and_can_be_objected_to(
    sign_in: SignIn, people: Cast, dora: Admin, now: datetime
) -> None:
    unit = Unit(name="某局")
    other = add_member("U001", "李四", "FD02", now)
    db.session.add(unit)
    db.session.flush()
    for member in (people.alice, other):
        db.session.get_one(Member, member.id).unit_id = unit.id
    db.session.commit()
    bob = sign_in(people.bob)
    bob.post("/admin/corrections/new", data=wish(volunteer_no="A001"))
    path = f"/admin/corrections/{only().id}"
    off = bob.post(f"{path}/notice")
    wrong = sign_in(dora).post("/admin/corrections/settings", data={"oldest_years": "0", "notice_days": "7"})
    sign_in(dora).post("/admin/corrections/settings", data={"oldest_years": "3", "notice_days": "7"})
    sign_in(people.bob).post(f"{path}/notice")

    early = sign_in(dora).post(f"{path}/approve")
    colleague = sign_in(other)
    shown = colleague.get("/me/unit-notices").text
    empty = colleague.post(f"/me/unit-notices/{only().id}/objection", data={"text": ""})
    colleague.post(f"/me/unit-notices/{only().id}/objection", data={"text": "那天他在开会"})

    assert (off.status_code, "没有开启公示" in off.text) == (422, True)
    assert (wrong.status_code, "1 到 10" in wrong.text) == (422, True)
    assert (early.status_code, f"{TODAY + timedelta(days=7)} 起才能通过" in early.text) == (422, True)
    assert "张*" in shown
    assert "张三" not in shown
    assert (empty.status_code, "请写明异议的内容" in empty.text) == (422, True)
    assert "那天他在开会" in sign_in(dora).get(path).text
    assert db.session.execute(select(Objection.member_id)).scalar_one() == other.id
    alice = sign_in(people.alice)
    assert "张*" not in alice.get("/me/unit-notices").text
    assert alice.get(f"/me/unit-notices/{only().id}/objection").status_code == 404


def test_what_is_on_notice_elsewhere_does_not_exist(sign_in: SignIn, people: Cast, now: datetime) -> None:
    sign_in(people.bob).post("/admin/corrections/new", data=wish(volunteer_no="A001"))
    stranger = sign_in(add_member("X001", "路人", "FD01", now))

    assert stranger.get(f"/me/unit-notices/{only().id}/objection").status_code == 404
    assert stranger.post(f"/me/unit-notices/{only().id}/objection", data={"text": "x"}).status_code == 404


def test_a_pair_that_always_agrees_stands_out(sign_in: SignIn, people: Cast, dora: Admin) -> None:
    for hour in range(8, 13):
        sign_in(people.bob).post(
            "/admin/corrections/new", data=wish(volunteer_no="A001", came=f"{hour}", left=f"{hour}:50")
        )
        sign_in(dora).post(f"/admin/corrections/{only().id}/approve")

    page = sign_in(people.bob).get("/admin/corrections/chains").text

    assert page.count(">总是同一个人<") == 2
    assert "鲍勃（bob）" in page
    assert "5 次" in page
    assert "100%" in page
    assert "总是同一个人" in sign_in(dora).get(f"/admin/corrections/{only().id}").text
    assert "鲍勃" not in sign_in(people.charlie).get("/admin/corrections/chains").text


def test_lists_are_filtered_and_what_is_late_says_so(sign_in: SignIn, people: Cast, dora: Admin) -> None:
    sign_in(people.alice).post("/me/corrections/new", data=wish())
    sign_in(people.bob).post("/admin/corrections/new", data=wish(volunteer_no="A001", came="13", left="14"))
    sign_in(dora).post(f"/admin/corrections/{only().id}/approve")
    bob = sign_in(people.bob)
    counts = [
        int(re.findall(r"共 (\d+) 项", bob.get(f"/admin/corrections?{query}").text)[0])
        for query in ("", "state=approved", "state=asked", "kind=void", "late=1")
    ]
    db.session.execute(update(Correction).values(due_on=YESTERDAY.date()))
    db.session.commit()

    late = bob.get("/admin/corrections?late=1").text

    assert counts == [1, 1, 1, 0, 0]
    assert "已逾期" in late


def test_the_settings_are_the_brigades(sign_in: SignIn, people: Cast, dora: Admin) -> None:
    assert sign_in(people.bob).get("/admin/corrections/settings").status_code == 404
    assert sign_in(dora).get("/admin/corrections/settings").status_code == 200


@contextmanager
def counting() -> Any:
    statements: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_long_list_asks_no_more_than_a_short_one(sign_in: SignIn, people: Cast) -> None:
    bob = sign_in(people.bob)
    counts = []
    for hours in (range(8, 9), range(9, 16)):
        for hour in hours:
            bob.post(
                "/admin/corrections/new", data=wish(volunteer_no="A001", came=f"{hour}", left=f"{hour}:50")
            )
        # The first look is written down.
        bob.get("/admin/corrections")
        db.session.rollback()
        with counting() as statements:
            bob.get("/admin/corrections")
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 20
