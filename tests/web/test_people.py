"""A member's file as admins see it: masked, shown in full only on request, every look logged."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.web.certified import credit
from tests.web.test_certificates import code_on, issue
from volunteer.db import db
from volunteer.domain.access_log import AccessKind
from volunteer.domain.national_ids import invent_impossible
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.members import Member
from volunteer.models.people import MemberContact, Person
from volunteer.services.members import add_member

SignIn = Callable[[object], FlaskClient]
FILE = "/admin/members/A001/file"
NUMBER = "11010519491231002X"


def form(**changes: object) -> dict[str, object]:
    """The edit form as bob fills it in for alice."""
    return {
        "name": "张三", "national_id": NUMBER,
        "sex": "", "born_on": "", "residence": "龙城街道", "skills": "急救、英语",
        "service_kind": ["civil_travel"], "own_kinds": "助残", "free_time": ["6-morning", "7-evening"],
    } | changes  # fmt: skip


def logged() -> list[tuple[str, str]]:
    """What the log holds: what was done and its detail, in order."""
    rows = db.session.execute(select(AccessEntry.kind, AccessEntry.detail).order_by(AccessEntry.id))
    return [(kind, detail) for kind, detail in rows]


def test_a_file_is_kept_and_told_from_the_id_number(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    saved = client.post(f"{FILE}/edit", data=form())
    page = client.get(FILE).text

    assert saved.location == FILE
    for words in ("龙城街道", "急救、英语", "文明出行", "助残", "周六上午、周日晚上", "居民身份证", "女"):
        assert words in page
    person = db.session.get(Person, cast.alice.id)
    assert person is not None
    assert (person.sex, person.born_on) == ("female", date(1949, 12, 31))


def test_an_id_number_is_masked_everywhere_but_where_it_is_asked_for(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(f"{FILE}/edit", data=form())

    masked = client.get(FILE).text
    editing = client.get(f"{FILE}/edit").text
    shown = client.post(f"{FILE}/reveal", data={"what": "national_id"})

    assert "110***********002X" in masked
    assert NUMBER not in masked + editing
    assert NUMBER in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert (AccessKind.VIEWED_NATIONAL_ID, "") in logged()


def test_the_database_holds_no_readable_number(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(f"{FILE}/edit", data=form())
    client.post(f"{FILE}/contacts", data={"kind": "phone", "value": "138 0000 1234", "note": "工作时间"})

    member = db.session.get_one(Member, cast.alice.id, populate_existing=True)
    contact = db.session.execute(select(MemberContact)).scalar_one()

    assert NUMBER.encode() not in (member.national_id_sealed or b"")
    assert b"13800001234" not in contact.value_sealed
    assert contact.ending == "1234"


def test_a_contact_is_shown_in_full_only_on_request(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(f"{FILE}/contacts", data={"kind": "phone", "value": "13800001234", "note": ""})
    contact = db.session.execute(select(MemberContact)).scalar_one()

    masked = client.get(FILE).text
    shown = client.post(f"{FILE}/reveal", data={"what": str(contact.id)}).text

    assert "138****1234" in masked
    assert "13800001234" not in masked
    assert "13800001234" in shown
    assert logged()[-1] == (AccessKind.VIEWED_CONTACT, "phone")


def test_who_does_not_want_to_be_contacted_is_said_to(sign_in: SignIn, cast: Cast) -> None:
    before = sign_in(cast.bob).get(FILE).text
    sign_in(cast.alice).post("/me/consents/withdrawn", data={"purpose": "contact", "confirmed": "yes"})

    after = sign_in(cast.bob).get(FILE).text

    assert "请不要使用这些联系方式" in after
    assert "请不要使用这些联系方式" not in before


def test_a_contact_is_removed_after_asking(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(f"{FILE}/contacts", data={"kind": "email", "value": "zs@example.com", "note": ""})
    contact = db.session.execute(select(MemberContact)).scalar_one()

    asked = client.get(f"{FILE}/contacts/{contact.id}/remove").text
    client.post(f"{FILE}/contacts/{contact.id}/remove")

    assert "z***@example.com" in asked
    assert db.session.execute(select(MemberContact)).first() is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"national_id": "110105194912310021"}, "校验位不对"),
        ({"sex": "male"}, "性别与证件号码不一致"),
        ({"born_on": "1950-01-01"}, "出生日期与证件号码不一致"),
        ({"national_id": "", "born_on": "1949"}, "填写日期"),
        ({"national_id": "", "born_on": "2999-01-01"}, "出生日期应早于今天"),
        ({"skills": "、".join(f"技能{number}" for number in range(21))}, "最多填写 20 项"),
        ({"residence": "长" * 121}, "最多 120 个字"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_kept(
    sign_in: SignIn, cast: Cast, changes: dict[str, object], words: str
) -> None:
    response = sign_in(cast.bob).post(f"{FILE}/edit", data=form(**changes))

    assert response.status_code == 422
    assert words in response.text
    assert db.session.get(Person, cast.alice.id) is None


def test_a_later_change_must_agree_with_the_kept_number(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(f"{FILE}/edit", data=form())

    response = client.post(f"{FILE}/edit", data=form(national_id="", sex="male"))

    assert response.status_code == 422
    assert "性别与证件号码不一致" in response.text


def test_a_number_belongs_to_one_member(sign_in: SignIn, cast: Cast, now: object) -> None:
    add_member("A002", "李四", "FD01", now)  # type: ignore[arg-type]
    client = sign_in(cast.bob)
    client.post(f"{FILE}/edit", data=form())

    response = client.post("/admin/members/A002/file/edit", data=form(name="李四"))

    assert response.status_code == 422
    assert "另一位志愿者" in response.text


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("phone", "1380000", "11 位手机号"),
        ("email", "zs", "电子邮箱的格式不对"),
        ("wechat", "1a", "微信号应为"),
    ],
)
def test_a_malformed_contact_is_refused_in_words(
    sign_in: SignIn, cast: Cast, kind: str, value: str, words: str
) -> None:
    response = sign_in(cast.bob).post(f"{FILE}/contacts", data={"kind": kind, "value": value, "note": ""})

    assert response.status_code == 422
    assert words in response.text


def test_a_corrected_name_asks_for_a_reason_and_stands_everywhere(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    without = client.post(f"{FILE}/edit", data=form(name="章珊"))
    client.post(f"{FILE}/edit", data=form(name="章珊", reason="登记时写错"))

    assert (without.status_code, "请填写原因" in without.text) == (422, True)
    assert 'value="章珊"' in without.text
    assert "章珊" in client.get("/admin/members?q=zhangshan").text
    assert "张三" not in client.get("/admin/members/A001").text


def test_a_certificate_keeps_the_name_it_was_issued_with_and_holds(
    sign_in: SignIn, cast: Cast, client: FlaskClient, tmp_path: Path
) -> None:
    credit(cast, 120)
    bob = sign_in(cast.bob)
    old = issue(bob)
    address = f"/verify/{old.serial}?c={code_on(old, tmp_path)}"

    bob.post(f"{FILE}/edit", data={"name": "王小明", "reason": "登记时写错"})
    verified, old_name, new_name = client.get(address).text, old.content["name"], issue(bob).content["name"]  # type: ignore[index]

    assert "这份证明有效" in verified
    assert "张*" in verified
    assert (old_name, new_name) == ("张三", "王小明")


def test_a_wrong_number_is_replaced_or_removed_with_a_reason(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("A002", "李四", "FD01", now)
    client = sign_in(cast.bob)
    client.post(f"{FILE}/edit", data=form())
    asked = client.get(f"{FILE}/national-id/remove").text
    without = client.post(f"{FILE}/national-id/remove", data={"reason": ""})
    removed = client.post(f"{FILE}/national-id/remove", data={"reason": "号码是李四的"})

    owner = client.post("/admin/members/A002/file/edit", data=form(name="李四"))

    assert ("110***********002X" in asked, NUMBER in asked) == (True, False)
    assert (without.status_code, "请填写原因" in without.text) == (422, True)
    assert (removed.location, owner.location) == (FILE, "/admin/members/A002/file")
    assert client.get(f"{FILE}/national-id/remove").location == FILE
    assert "证件号码已移除" in client.get("/admin/members/A001/changes").text
    assert "号码是李四的" in sign_in(cast.alice).get("/me/messages").text


def test_a_number_for_demonstrations_is_refused_where_real_people_are_kept(
    sign_in: SignIn, cast: Cast
) -> None:
    response = sign_in(cast.bob).post(f"{FILE}/edit", data=form(national_id=invent_impossible(7)))

    assert (response.status_code, "演示用的虚构号码" in response.text) == (422, True)


def test_every_look_is_logged_with_whom_it_was_about(sign_in: SignIn, cast: Cast) -> None:
    sign_in(cast.bob).get(FILE)

    entry = db.session.execute(select(AccessEntry)).scalar_one()
    about = db.session.execute(select(AccessedMember.member_id)).scalars().all()

    assert (entry.kind, entry.admin_id, entry.count, about) == (
        "viewed_file",
        cast.bob.id,
        1,
        [cast.alice.id],
    )


def test_charlie_sees_and_changes_nothing(sign_in: SignIn, cast: Cast) -> None:
    sign_in(cast.bob).post(f"{FILE}/contacts", data={"kind": "phone", "value": "13800001234", "note": ""})
    contact = db.session.execute(select(MemberContact)).scalar_one()
    client = sign_in(cast.charlie)

    for path in (
        "",
        "/edit",
        "/reveal",
        "/national-id/remove",
        "/contacts",
        f"/contacts/{contact.id}/remove",
    ):
        assert client.get(FILE + path).status_code == 404, path
    for path, data in (
        ("/edit", form()),
        ("/reveal", {"what": "9" * 30}),
        ("/reveal", {"what": "national_id"}),
        ("/reveal", {"what": str(contact.id)}),
        ("/national-id/remove", {"reason": "错"}),
        ("/contacts", {"kind": "phone", "value": "13800001235"}),
        (f"/contacts/{contact.id}/remove", {}),
    ):
        assert client.post(FILE + path, data=data).status_code == 404, path
    assert [what for what, _ in logged()] == ["changed_file"]


def test_nobody_reaches_a_contact_through_another_member(sign_in: SignIn, cast: Cast, now: object) -> None:
    add_member("C001", "王五", "FD02", now)  # type: ignore[arg-type]
    sign_in(cast.bob).post(f"{FILE}/contacts", data={"kind": "phone", "value": "13800001234", "note": ""})
    contact = db.session.execute(select(MemberContact)).scalar_one()
    client = sign_in(cast.charlie)

    assert client.post("/admin/members/C001/file/reveal", data={"what": str(contact.id)}).status_code == 404
    assert client.post(f"/admin/members/C001/file/contacts/{contact.id}/remove").status_code == 404


def test_a_number_sealed_with_another_secret_is_told_and_not_shown(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post(f"{FILE}/edit", data=form())
    client.post(f"{FILE}/contacts", data={"kind": "phone", "value": "13800001234", "note": ""})
    app = client.application
    secret = app.config["SECRET_KEY"]
    app.config["SECRET_KEY"] = "another secret"
    try:
        page = sign_in(cast.bob).get(FILE)
    finally:
        app.config["SECRET_KEY"] = secret

    assert page.status_code == 200
    assert page.text.count("系统密钥已更换") == 2
