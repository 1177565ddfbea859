"""Consents as admins see them: entered from paper, with their history, asked again when a text changes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.consents import Purpose
from volunteer.models.access_log import AccessEntry
from volunteer.models.audit import AuditEvent
from volunteer.models.consents import Consent
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.people import MemberContact, MemberSkill
from volunteer.models.records import ServiceRecord
from volunteer.services.consents import decide_consent
from volunteer.services.members import add_member
from volunteer.web.dates import today

SignIn = Callable[[object], FlaskClient]
PAGE, LIST = "/admin/members/A001/consents", "/admin/consents/withdrawn"
PAPER = {"purpose": "name", "decision": "given", "decided_on": "2026-03-05", "note": "档案柜 3"}


def test_a_paper_consent_is_entered_with_its_date_and_who_entered_it(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    saved = client.post(PAGE, data=PAPER)
    page = client.get(PAGE).text

    row = db.session.execute(select(Consent)).scalar_one()
    assert saved.location == PAGE
    assert (row.purpose, row.version, row.is_given, row.admin_id) == ("name", 1, True, cast.bob.id)
    for words in ("2026年3月5日，第 1 版", "鲍勃", "档案柜 3", "已同意"):
        assert words in page


def test_looks_and_entries_are_logged(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.get(PAGE)
    client.post(PAGE, data=PAPER)

    kinds = db.session.execute(select(AccessEntry.kind).order_by(AccessEntry.id)).scalars().all()

    assert kinds == ["viewed_consents", "recorded_consent"]


@pytest.mark.parametrize(("day", "words"), [("5.3.", "填写日期"), (None, "不能在将来"), ("", "填写日期")])
def test_a_day_that_cannot_be_is_refused(sign_in: SignIn, cast: Cast, day: str | None, words: str) -> None:
    tomorrow = (today() + timedelta(days=1)).isoformat() if day is None else day

    response = sign_in(cast.bob).post(PAGE, data=PAPER | {"decided_on": tomorrow})

    assert response.status_code == 422
    assert words in response.text


def test_a_withdrawal_of_recording_tells_the_admin_what_to_do(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(PAGE, data=PAPER | {"purpose": "recording"})
    client.post(PAGE, data=PAPER | {"purpose": "recording", "decision": "withdrawn", "confirmed": "yes"})

    assert "本人已撤回“记录志愿服务”的同意" in client.get(PAGE).text


def test_a_new_text_asks_again_and_the_old_yes_stays(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    older = Consent(
        member_id=cast.alice.id, purpose=Purpose.NAME, version=0, is_given=True,
        decided_on=now.date(), recorded_at=now, admin_id=cast.bob.id,
    )  # fmt: skip
    db.session.add(older)
    db.session.commit()
    client = sign_in(cast.bob)

    outdated = client.get(PAGE).text
    client.post(PAGE, data=PAPER)

    assert "同意的是旧版本" in outdated
    assert "同意的是旧版本" not in client.get(PAGE).text
    assert db.session.execute(select(Consent.version).order_by(Consent.id)).scalars().all() == [0, 1]


def test_charlie_reads_and_enters_nothing(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.charlie)

    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, data=PAPER).status_code == 404
    assert db.session.execute(select(Consent)).first() is None


def withdraw(client: FlaskClient, purpose: str) -> str:
    """The member takes the consent back; what was asked before it was done."""
    asked = client.post("/me/consents/withdrawn", data={"purpose": purpose}).text
    client.post("/me/consents/withdrawn", data={"purpose": purpose, "confirmed": "yes"})
    return asked


def contacts() -> list[int]:
    """The ids of all contacts that are kept."""
    db.session.expire_all()
    return list(db.session.execute(select(MemberContact.id)).scalars())


@pytest.fixture
def with_contact(sign_in: SignIn, cast: Cast) -> None:
    """alice agreed to be contacted and has a telephone and a skill in her file."""
    client = sign_in(cast.alice)
    client.post("/me/consents/given", data={"purpose": "contact"})
    client.post("/me/consents/given", data={"purpose": "recording"})
    client.post("/me/file/contacts", data={"kind": "phone", "value": "13800001234", "note": ""})
    client.post("/me/file", data={"residence": "龙城街道", "skills": "急救"})


def test_with_the_consent_to_be_contacted_the_contacts_go_after_the_member_was_told(
    with_contact: None, sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.alice)

    asked = client.post("/me/consents/withdrawn", data={"purpose": "contact"})
    kept = contacts()
    withdraw(client, "contact")

    assert asked.status_code == 200
    for words in ("立即永久删除", "联系方式", "撤回并删除"):
        assert words in asked.text
    assert (len(kept), contacts()) == (1, [])
    assert "已撤回" in client.get("/me/file").text
    assert db.session.execute(select(MemberSkill.name)).scalars().all() == ["急救"]


def test_the_audit_has_the_contacts_that_went_with_the_consent(
    with_contact: None, sign_in: SignIn, cast: Cast
) -> None:
    withdraw(sign_in(cast.alice), "contact")

    event = db.session.execute(select(AuditEvent).order_by(AuditEvent.number.desc())).scalars().first()

    assert event is not None
    assert (event.act, event.member_id) == ("member.decide", cast.alice.id)
    assert {"consents", "member_contacts"} <= {change["table"] for change in event.changes}


def test_with_the_consent_to_be_recorded_goes_what_was_given_freely_and_the_records_stay(
    with_contact: None, sign_in: SignIn, cast: Cast, hold: Callable[[datetime], None], now: datetime
) -> None:
    hold(now)
    member = db.session.get_one(Member, cast.alice.id)
    member.national_id_sealed, member.national_id_hash = b"x" * 40, "0" * 64
    db.session.commit()

    asked = withdraw(sign_in(cast.alice), "recording")

    assert "证件号码" in asked
    assert "依法继续保存" in asked
    db.session.expire_all()
    assert member.national_id_sealed is None
    assert db.session.execute(select(MemberSkill)).first() is None
    assert len(contacts()) == 1
    assert db.session.execute(select(ServiceRecord.id)).scalars().all() == [1]


def test_who_withdrew_is_a_task_on_the_home_page_until_it_is_done(
    with_contact: None, sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.bob)
    before = client.get("/admin").text
    withdraw(sign_in(cast.alice), "recording")

    client = sign_in(cast.bob)
    home, listed = client.get("/admin").text, client.get(LIST).text
    shown = client.get("/admin/members/A001").text
    inbox = client.get("/admin/messages").text
    client.post(
        "/admin/members/A001/left", data={"on": today().isoformat(), "reason": "撤回同意", "confirmed": "yes"}
    )

    assert "撤回了“记录志愿服务”的同意" not in before
    assert "1 人撤回了“记录志愿服务”的同意，请处理" in home
    assert 'href="/admin/members/A001"' in listed
    assert "停用卡并办理离队" in shown
    assert "张三（A001）撤回了“记录志愿服务”的同意" in inbox
    assert db.session.get_one(Member, cast.alice.id, populate_existing=True).status == "left"
    assert "撤回了“记录志愿服务”的同意" not in client.get("/admin").text
    assert "没有需要处理的人" in client.get(LIST).text


def test_who_agrees_again_is_no_task_any_more(with_contact: None, sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.alice)
    withdraw(client, "recording")
    told = client.get("/me").text
    client.post("/me/consents/given", data={"purpose": "recording"})

    assert "您已撤回“记录志愿服务”的同意" in told
    assert "您已撤回“记录志愿服务”的同意" not in client.get("/me").text
    assert "没有需要处理的人" in sign_in(cast.bob).get(LIST).text


def test_a_withdrawal_on_paper_asks_and_erases_too(with_contact: None, sign_in: SignIn, cast: Cast) -> None:
    client, paper = sign_in(cast.bob), PAPER | {"purpose": "contact", "decision": "withdrawn"}

    asked = client.post(PAGE, data=paper)
    kept = contacts()
    client.post(PAGE, data=paper | {"confirmed": "yes"})

    assert "立即永久删除" in asked.text
    assert 'name="decided_on" value="2026-03-05"' in asked.text
    assert (len(kept), contacts()) == (1, [])
    assert client.post(PAGE, data=paper | {"decided_on": "5.3."}).status_code == 422


def test_an_id_number_that_goes_by_an_admins_hand_stands_in_the_history_and_the_member_is_told(
    sign_in: SignIn, cast: Cast
) -> None:
    client, paper = sign_in(cast.bob), PAPER | {"purpose": "recording"}
    client.post(PAGE, data=paper)
    client.post("/admin/members/A001/file/edit", data={"name": "张三", "national_id": "11010519491231002X"})

    for _ in range(2):
        client.post(PAGE, data=paper | {"decision": "withdrawn", "confirmed": "yes"})

    event = db.session.execute(select(MemberEvent)).scalar_one()
    assert (event.kind, event.member_id, event.admin_id) == ("id_removed", cast.alice.id, cast.bob.id)
    history = client.get("/admin/members/A001/changes").text
    assert "证件号码已移除" in history
    assert "档案柜 3" in history
    assert "您登记的证件号码已删除" in sign_in(cast.alice).get("/me/messages").text


def test_who_takes_it_back_alone_is_not_told_and_what_erases_no_number_is_no_event(
    with_contact: None, sign_in: SignIn, cast: Cast
) -> None:
    withdraw(sign_in(cast.alice), "recording")
    sign_in(cast.bob).post(
        PAGE, data=PAPER | {"purpose": "contact", "decision": "withdrawn", "confirmed": "yes"}
    )

    assert db.session.execute(select(MemberEvent)).first() is None


@pytest.mark.parametrize("decision", ["", "xyz"])
def test_a_decision_that_was_never_offered_is_none(
    with_contact: None, sign_in: SignIn, cast: Cast, decision: str
) -> None:
    paper = PAPER | {"purpose": "contact", "decision": decision, "confirmed": "yes"}
    own = {"purpose": "contact", "confirmed": "yes"}

    assert sign_in(cast.bob).post(PAGE, data=paper).status_code == 400
    assert sign_in(cast.alice).post("/me/consents/xyz", data=own).status_code == 404
    assert len(contacts()) == 1


def test_charlie_sees_nobody_who_withdrew_elsewhere(with_contact: None, sign_in: SignIn, cast: Cast) -> None:
    withdraw(sign_in(cast.alice), "recording")

    client = sign_in(cast.charlie)

    assert "张三" not in client.get(LIST).text
    assert "撤回了“记录志愿服务”的同意，请处理" not in client.get("/admin").text
    assert "张三" not in client.get("/admin/messages").text


def test_the_list_needs_no_more_statements_when_it_grows(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    client = sign_in(cast.bob)
    counts = []
    for number in (1, 20):
        for one in range(number):
            member = add_member(f"B{number}{one:03}", "李四", "FD01", now)
            decide_consent(member.id, Purpose.RECORDING, now, now.date(), is_given=False)
        client.get(LIST)
        with counted_statements() as seen:
            page = client.get(LIST).text
        counts.append(len(seen))

    assert "共 21 人" in page
    assert counts[0] == counts[1] <= 10
