"""Certificates through the pages: issued from the ledger, frozen, verified by anybody, revoked, replaced."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select, update

from tests.conftest import Cast
from tests.drawing.rasters import pages, texts
from tests.web.certified import FORM, JUNE, SUMMER, admin_of, credit, take_back
from tests.web.test_admin_members import counted_statements
from volunteer.db import db, transaction
from volunteer.domain.ledger import Measure
from volunteer.models.access_log import AccessEntry
from volunteer.models.activities import Activity
from volunteer.models.certificates import Certificate
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.queries.certificates import count_ledger, list_served
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members

SignIn = Callable[[object], FlaskClient]
NEW = "/admin/members/A001/certificates"
NUMBER = "11010519491231002X"


def issue(client: FlaskClient, **more: str) -> Certificate:
    """Issue through the page; what stands in the database then."""
    response = client.post(NEW, data={**SUMMER, **FORM, **more})
    assert response.status_code == 302, response.text
    return newest()


def newest() -> Certificate:
    db.session.rollback()
    return db.session.execute(select(Certificate).order_by(Certificate.id.desc()).limit(1)).scalar_one()


def code_on(certificate: Certificate, tmp_path: Path) -> str:
    """The code as the QR symbol on the paper holds it."""
    page = pages(certificate.document, tmp_path, 200)[-1]
    address: str = zxingcpp.read_barcodes(page)[0].text
    serial, code = address.removeprefix("http://localhost/verify/").split("?c=")
    assert serial == certificate.serial
    return code


@pytest.fixture
def served(cast: Cast) -> None:
    """alice has 2 hours metered and one declared in June, and an hour in May."""
    credit(cast, 120)
    credit(cast, 60, JUNE + timedelta(days=3), measure=Measure.DECLARED)
    credit(cast, 60, date(2026, 5, 4))


def test_an_admin_issues_a_certificate_from_what_is_settled(
    sign_in: SignIn, cast: Cast, served: None, tmp_path: Path
) -> None:
    certificate = issue(sign_in(cast.bob))

    assert (certificate.metered_minutes, certificate.declared_minutes) == (120, 60)
    assert (certificate.issuer, certificate.issued_by_id) == ("大队", cast.bob.id)
    (page,) = texts(certificate.document, tmp_path)
    plain = page.replace(" ", "")
    for words in ("张三", "A001", certificate.serial, "3.0", "2.0", "1.0", "龙城广场U站", "王芳", "陈建国",
                  "由大队根据其记录出具"):  # fmt: skip
        assert words in plain, words
    assert PdfFileReader(BytesIO(certificate.document)).embedded_signatures


def test_content_names_activity_category_place_dates_organiser_and_person_in_charge(
    sign_in: SignIn, cast: Cast, tmp_path: Path
) -> None:
    day = datetime(2026, 6, 15, 1, tzinfo=UTC)
    activity = Activity(
        name="文明劝导", category="civil_travel", starts_at=day, ends_at=day + timedelta(hours=3),
        place="路口", organising_unit="交警大队", person_in_charge="李主任",
        station_id=cast.sender.station_id,
    )  # fmt: skip
    db.session.add(activity)
    db.session.commit()
    credit(cast, 90, date(2026, 6, 15), activity_id=activity.id)

    certificate = issue(sign_in(cast.bob))

    (line,) = json.loads(json.dumps(certificate.content))["activities"]
    assert line == {
        "name": "文明劝导", "category": "civil_travel", "place": "路口", "organiser": "交警大队",
        "person_in_charge": "李主任", "first_on": "2026-06-15", "last_on": "2026-06-15", "times": 1,
        "metered_minutes": 90, "declared_minutes": 0,
    }  # fmt: skip
    plain = texts(certificate.document, tmp_path)[0].replace(" ", "")
    assert all(words in plain for words in ("文明劝导", "文明出行", "路口", "交警大队", "李主任"))


def test_the_page_shows_what_it_would_say_and_that_unsettled_time_is_not_in_it(
    sign_in: SignIn, cast: Cast, served: None, hold: Callable[[datetime], None]
) -> None:
    hold(datetime(2026, 7, 1, 1, tzinfo=UTC))
    hold(datetime(2026, 7, 1, 3, tzinfo=UTC))

    page = sign_in(cast.bob).get(NEW, query_string=SUMMER).text

    assert re.findall(r'figure-number">([\d.]+)<', page) == ["3.0", "2.0", "1.0"]
    assert "还有 1 条记录没有结算，不在证明里" in page
    assert "龙城广场U站" in page


def test_nothing_settled_gives_no_certificate(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    response = client.post(NEW, data={**SUMMER, **FORM})

    assert response.status_code == 422
    assert "没有已结算的服务时长" in response.text
    assert "这段时间没有已结算的时长" in client.get(NEW).text


def test_what_was_taken_back_does_not_stand_on_the_paper(sign_in: SignIn, cast: Cast) -> None:
    credit(cast, 30)
    take_back(credit(cast, 240, JUNE + timedelta(days=1)))

    certificate = issue(sign_in(cast.bob))

    assert certificate.metered_minutes == 30
    assert [one["last_on"] for one in certificate.content["activities"]] == ["2026-06-01"]


entries = st.lists(
    st.tuples(
        st.integers(1, 600), st.integers(0, 120), st.sampled_from(list(Measure)), st.booleans(), st.booleans()
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries)
def test_hours_are_the_ledgers_sums_of_the_period_whatever_was_reversed(
    app: Flask, cast: Cast, now: datetime, generated: list[tuple[int, int, Measure, bool, bool]]
) -> None:
    first_on, last_on = JUNE, JUNE + timedelta(days=60)
    person = add_member(f"G{db.session.query(Member).count():05}", "生成", "FD01", now)
    expected = {Measure.METERED: 0, Measure.DECLARED: 0}
    for minutes, day, measure, is_reversed, is_credited_anew in generated:
        entry = credit(cast, minutes, first_on + timedelta(days=day), member=person, measure=measure)
        if is_reversed:
            take_back(entry)
        if is_reversed and is_credited_anew:
            credit(cast, minutes + 1, entry.served_on, member=person, measure=measure)
        if first_on <= entry.served_on <= last_on:
            expected[measure] += (minutes + 1) * is_credited_anew if is_reversed else minutes

    counted = count_ledger([person.id], first_on, last_on)
    lines = list_served([person.id], first_on, last_on)

    assert (counted.metered_minutes, counted.declared_minutes) == tuple(expected.values())
    assert sum(line.metered_minutes for line in lines) == counted.metered_minutes
    assert sum(line.declared_minutes for line in lines) == counted.declared_minutes
    assert sum(line.times for line in lines) == counted.times


def test_rows_merged_into_one_person_count_together(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    credit(cast, 120)
    other = add_member("A002", "张三", "FD01", now)
    credit(cast, 60, JUNE + timedelta(days=1), member=other)
    merge_members(
        "A001", "A002", "同一个人", Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    )

    certificate = issue(sign_in(cast.bob))

    assert (certificate.metered_minutes, certificate.member_id) == (180, cast.alice.id)


def test_nobody_issues_revokes_or_replaces_for_oneself(sign_in: SignIn, cast: Cast, served: None) -> None:
    certificate = issue(sign_in(admin_of(cast.detachment.id, "dan")))
    certificate_id = certificate.id
    cast.bob.member_id = cast.alice.id
    db.session.commit()
    client = sign_in(cast.bob)

    answers = [
        client.post(NEW, data={**SUMMER, **FORM}),
        client.post(NEW, data={**SUMMER, **FORM, "replaces": str(certificate_id)}),
        client.post(f"/admin/certificates/{certificate_id}/revoke", data={"reason": "有误"}),
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert all("不能给自己" in answer.text for answer in answers)
    assert db.session.query(Certificate).filter_by(revoked_at=None).count() == 1


def test_charlie_finds_none_of_it(sign_in: SignIn, cast: Cast, served: None) -> None:
    certificate = issue(sign_in(cast.bob))
    serial, base = certificate.serial, f"/admin/certificates/{certificate.id}"
    client = sign_in(cast.charlie)

    for path in (base, f"{base}/certificate.pdf", f"{base}/revoke", NEW):
        assert client.get(path).status_code == 404, path
    assert client.post(f"{base}/revoke", data={"reason": "x"}).status_code == 404
    assert client.post(NEW, data={**SUMMER, **FORM}).status_code == 404
    assert serial not in client.get("/admin/certificates").text
    assert "共 0 份" in client.get(f"/admin/certificates?q={serial}").text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"first_on": "2026-08-31", "last_on": "2026-06-01"}, "开始不晚于结束"),
        ({"last_on": "2099-01-01"}, "结束不晚于今天"),
        ({"first_on": "gestern"}, "2026-01-15 这样的格式"),
        ({"handler": " "}, "请填写出具单位、经办人和负责人"),
        ({"responsible_person": ""}, "请填写出具单位、经办人和负责人"),
        ({"handler": "长" * 121}, "最多 120 个字"),
    ],
)
def test_bad_input_gets_its_sentence(
    sign_in: SignIn, cast: Cast, served: None, wrong: dict[str, str], sentence: str
) -> None:
    response = sign_in(cast.bob).post(NEW, data={**SUMMER, **FORM, **wrong})

    assert response.status_code == 422
    assert sentence in response.text
    assert db.session.query(Certificate).count() == 0


def test_who_has_a_rare_name_is_named_before_and_gets_a_certificate_too(
    sign_in: SignIn, cast: Cast, served: None, tmp_path: Path
) -> None:
    cast.alice.name = "张𪚥"
    db.session.commit()
    client = sign_in(cast.bob)

    asked = client.get(NEW, query_string=SUMMER).text
    batch = client.get("/admin/certificates/batches", query_string={"team": "FD01", **SUMMER}).text
    paper = texts(issue(client).document, tmp_path)[0]

    for page in (asked, batch):
        assert "缺字：U+2A6A5 𪚥" in page
    assert "□=U+2A6A5" in paper.replace(" ", "")


def test_an_issuer_that_was_not_offered_is_not_taken(sign_in: SignIn, cast: Cast, served: None) -> None:
    client = sign_in(cast.bob)

    assert issue(client, issuer="公安部").issuer == "大队"
    assert issue(client, issuer="第一分队").issuer == "第一分队"


def test_the_document_stands_there_masked_and_only_where_it_is_wanted(
    sign_in: SignIn, cast: Cast, served: None, tmp_path: Path
) -> None:
    client = sign_in(cast.bob)
    client.post("/admin/members/A001/file/edit", data={"name": "张三", "national_id": NUMBER})

    without, with_document = issue(client), issue(client, with_document="1")

    assert without.content["document"] is None
    assert with_document.content["document"] == {"kind": "resident_id", "number": "110***********002X"}
    text = texts(with_document.document, tmp_path)[0]
    assert "110***********002X" in text
    assert NUMBER not in text


def test_the_list_is_searched_by_serial_name_and_number_with_few_statements(
    sign_in: SignIn, cast: Cast, served: None
) -> None:
    client = sign_in(cast.bob)
    serials = [issue(client).serial for _ in range(3)]

    with counted_statements() as seen:
        page = client.get("/admin/certificates").text

    assert all(serial in page for serial in serials)
    assert len(seen) <= 10
    for text in (serials[0], serials[0].replace("-", ""), "张三", "a001"):
        assert serials[0] in client.get("/admin/certificates", query_string={"q": text}).text, text
    assert serials[1] not in client.get(f"/admin/certificates?q={serials[0]}").text
    assert "没有找到" in client.get("/admin/certificates?q=nobody").text


def test_an_empty_list_says_what_to_do_next(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in(cast.bob).get("/admin/certificates").text

    assert "还没有出具过证明" in page
    assert "选“出具证明”" in page


def test_issue_and_download_are_logged(sign_in: SignIn, cast: Cast, served: None) -> None:
    client = sign_in(cast.bob)
    certificate = issue(client)
    serial = certificate.serial

    response = client.get(f"/admin/certificates/{certificate.id}/certificate.pdf")

    assert response.data == newest().document
    assert response.headers["Cache-Control"] == "no-store"
    kept = db.session.execute(select(AccessEntry.kind, AccessEntry.detail).order_by(AccessEntry.id)).all()
    assert [tuple(one) for one in kept] == [("certified", serial), ("took_certificate", serial)]


def test_later_corrections_leave_the_paper_and_the_page_says_that_the_record_changed(
    sign_in: SignIn, client: FlaskClient, cast: Cast, tmp_path: Path
) -> None:
    entry = credit(cast, 120)
    browser = sign_in(cast.bob)
    certificate = issue(browser)
    address, document = f"/admin/certificates/{certificate.id}", certificate.document
    assert "记录有变动" not in browser.get(address).text

    take_back(entry)
    credit(cast, 90)

    page = browser.get(address).text
    assert "现在是计时 1.5 小时" in page
    assert (newest().metered_minutes, newest().document) == (120, document)
    public = client.get(f"/verify/{newest().serial}?c={code_on(newest(), tmp_path)}").text
    assert "2.0 小时" in public
    assert "记录有变动" in public


def test_a_paper_is_not_kept_where_the_ledger_moved_on_while_it_was_drawn(
    sign_in: SignIn, cast: Cast, served: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from volunteer.web.admin import certificates as views

    real = views.draw_certificate

    def slow(*parts: object) -> bytes:
        credit(cast, 60, JUNE + timedelta(days=9))
        return real(*parts)  # type: ignore[arg-type]

    monkeypatch.setattr(views, "draw_certificate", slow)

    response = sign_in(cast.bob).post(NEW, data={**SUMMER, **FORM})

    assert response.status_code == 409
    assert db.session.query(Certificate).count() == 0


def test_anybody_with_the_paper_sees_masked_name_and_frozen_hours(
    sign_in: SignIn, client: FlaskClient, cast: Cast, served: None, tmp_path: Path
) -> None:
    certificate = issue(sign_in(cast.bob))
    serial, code = certificate.serial, code_on(certificate, tmp_path)
    stranger = client.application.test_client()

    response = stranger.get(f"/verify/{serial}?c={code}")

    page = response.text
    for words in ("这份证明有效", serial, "张*", "3.0 小时", "2.0 小时", "1.0 小时", "大队", "纸就被改过"):
        assert words in page, words
    for words in ("张三", "A001", "龙城广场", "王芳", "0755"):
        assert words not in page, words
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_without_a_camera_serial_and_code_are_typed(
    sign_in: SignIn, client: FlaskClient, cast: Cast, served: None, tmp_path: Path
) -> None:
    certificate = issue(sign_in(cast.bob))
    serial, code = certificate.serial, code_on(certificate, tmp_path)
    stranger = client.application.test_client()

    assert f'value="{serial}"' in stranger.get(f"/verify/{serial}").text
    form = {"serial": serial.replace("-", ""), "code": code.lower().replace("-", " ")}

    assert "这份证明有效" in stranger.post("/verify", data=form).text


def test_a_wrong_code_an_unknown_serial_and_nonsense_are_answered_alike(
    sign_in: SignIn, client: FlaskClient, cast: Cast, served: None, tmp_path: Path
) -> None:
    certificate = issue(sign_in(cast.bob))
    known, code = certificate.serial, code_on(certificate, tmp_path)
    other = issue(sign_in(cast.bob))
    stranger = client.application.test_client()

    answers = [
        stranger.post("/verify", data={"serial": serial, "code": typed})
        for serial, typed in (
            (known, "AAAA-BBBB-CCCC-DDDD"),
            (known, ""),
            (other.serial, code),
            ("2026-00000-00000-7", code),
            ("x" * 3000, "y" * 3000),
        )
    ]

    without_serial = {re.sub(r'value="[\d-]*"', "", answer.text) for answer in answers}
    assert {answer.status_code for answer in answers} == {422}
    assert len(without_serial) == 1
    assert "编号或验证码不正确" in without_serial.pop()


def test_guessing_is_slowed_and_right_papers_are_not(
    sign_in: SignIn, client: FlaskClient, cast: Cast, served: None, tmp_path: Path
) -> None:
    certificate = issue(sign_in(cast.bob))
    right = f"/verify/{certificate.serial}?c={code_on(certificate, tmp_path)}"
    stranger = client.application.test_client()

    assert {stranger.get(right).status_code for _ in range(35)} == {200}
    wrong = [stranger.get(f"/verify/{certificate.serial}?c=AAAA{number}").status_code for number in range(31)]

    assert wrong[:30] == [422] * 30
    assert wrong[30] == 429
    assert stranger.get(right).status_code == 429


def test_a_revoked_paper_says_so_and_why_stays_inside(
    sign_in: SignIn, client: FlaskClient, cast: Cast, served: None, tmp_path: Path
) -> None:
    browser = sign_in(cast.bob)
    certificate = issue(browser)
    base, right = f"/admin/certificates/{certificate.id}", f"/verify/{certificate.serial}"
    right += f"?c={code_on(certificate, tmp_path)}"
    assert "请写明作废的原因" in browser.post(f"{base}/revoke", data={"reason": " "}).text

    assert browser.post(f"{base}/revoke", data={"reason": "姓名写错"}).status_code == 302

    assert "姓名写错" in browser.get(base).text
    page = client.application.test_client().get(right).text
    assert "这份证明已作废" in page
    assert "姓名写错" not in page
    again = browser.post(f"{base}/revoke", data={"reason": "再来"})
    assert (again.status_code, "已经作废" in again.text) == (422, True)
    assert newest().revoke_reason == "姓名写错"


def test_a_certificate_issued_again_replaces_the_old_one_once(
    sign_in: SignIn, client: FlaskClient, cast: Cast, served: None, tmp_path: Path
) -> None:
    browser = sign_in(cast.bob)
    old = issue(browser)
    old_id, right = old.id, f"/verify/{old.serial}?c={code_on(old, tmp_path)}"
    assert old.serial in browser.get(f"{NEW}?replaces={old_id}").text

    new = issue(browser, replaces=str(old_id))
    new_serial, old_serial = new.serial, old.serial

    assert (new.replaces_id, new.content["replaces"]) == (old_id, old_serial)
    assert f"取代编号{old_serial}的证明" in texts(new.document, tmp_path)[0].replace(" ", "").replace(
        "\n", ""
    )
    assert f"已由编号 {new_serial} 的证明取代" in client.application.test_client().get(right).text
    assert new_serial in browser.get(f"/admin/certificates/{old_id}").text
    again = browser.post(NEW, data={**SUMMER, **FORM, "replaces": str(old_id)})
    assert (again.status_code, "已经重新出具过" in again.text) == (422, True)


def test_somebody_elses_certificate_is_not_replaced(
    sign_in: SignIn, cast: Cast, served: None, now: datetime
) -> None:
    client = sign_in(cast.bob)
    certificate_id = issue(client).id
    credit(cast, 60, member=add_member("A009", "李四", "FD01", now))

    form = {**SUMMER, **FORM, "replaces": str(certificate_id)}

    assert client.post("/admin/members/A009/certificates", data=form).status_code == 404
    assert client.get(f"{NEW}?replaces=nonsense").status_code == 404


def test_content_altered_in_the_database_is_no_longer_confirmed(
    sign_in: SignIn, client: FlaskClient, cast: Cast, served: None, tmp_path: Path
) -> None:
    browser = sign_in(cast.bob)
    certificate = issue(browser)
    base, right = f"/admin/certificates/{certificate.id}", f"/verify/{certificate.serial}"
    right += f"?c={code_on(certificate, tmp_path)}"
    forged = {**certificate.content, "metered_minutes": 60_000}

    with transaction():
        db.session.execute(update(Certificate).values(content=forged, metered_minutes=60_000))

    page = client.application.test_client().get(right).text
    assert "请向出具单位核实" in page
    assert "1000.0" not in page
    assert "与出具时封存的不一致" in browser.get(base).text


def test_members_print_their_own_and_the_same_again_is_the_same_paper(
    sign_in: SignIn, cast: Cast, served: None
) -> None:
    client = sign_in(cast.alice)
    page = client.get("/me/certificates?period=all").text
    assert re.findall(r'figure-number">([\d.]+)<', page) == ["4.0", "3.0", "1.0"]

    for _ in range(2):
        assert client.post("/me/certificates", data=SUMMER).status_code == 302

    certificate = db.session.execute(select(Certificate)).scalar_one()
    assert (certificate.issuer, certificate.issued_by_id) == ("大队", None)
    response = client.get(f"/me/certificates/{certificate.id}.pdf")
    assert response.data == certificate.document
    assert "%E5%BC%A0%E4%B8%89" in response.headers["Content-Disposition"]
    assert certificate.serial in client.get("/me/certificates").text


def test_a_member_opens_nobody_elses(sign_in: SignIn, cast: Cast, served: None, now: datetime) -> None:
    certificate_id = issue(sign_in(cast.bob)).id
    other = add_member("A002", "李四", "FD01", now)

    client = sign_in(other)

    assert client.get(f"/me/certificates/{certificate_id}.pdf").status_code == 404
    assert client.post("/me/certificates", data=SUMMER).status_code == 422
    assert "没有已结算的时长" in client.get("/me/certificates").text


def test_printing_every_period_there_is_has_an_end(sign_in: SignIn, cast: Cast, served: None) -> None:
    client = sign_in(cast.alice)

    answers = [
        client.post("/me/certificates", data={"first_on": "2030-01-01", "last_on": "2026-08-31"}).status_code
        for _ in range(21)
    ]

    assert answers == [422] * 20 + [429]


def test_the_brigade_sets_who_issues_and_others_do_not(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, served: None
) -> None:
    assert sign_in(cast.bob).get("/admin/certificates/settings").status_code == 404
    assert sign_in(cast.bob).post("/admin/certificates/settings", data=FORM).status_code == 404
    url = "https://zyz.example.gov.cn/verify"
    settings_form = {
        **FORM,
        "verify_url": f"{url}/",
        "issuer": "龙岗区机关志愿服务大队",
        "recording_unit": "机关工委",
    }

    client = sign_in(brigade_admin)
    assert client.post("/admin/certificates/settings", data=settings_form).status_code == 302

    assert 'value="陈建国"' in client.get("/admin/certificates/settings").text
    assert 'value="王芳"' in client.get(NEW, query_string=SUMMER).text
    sign_in(cast.alice).post("/me/certificates", data=SUMMER)
    own = newest()
    assert own.content["verify_url"] == url
    assert (own.issuer, own.handler, own.responsible_person) == ("龙岗区机关志愿服务大队", "王芳", "陈建国")
    assert own.content["recording_unit"] == "机关工委"
    for bad in ("ftp://x", "zyz.example", "https://x?c=1", "https://" + "x" * 200):
        refused = sign_in(brigade_admin).post("/admin/certificates/settings", data={"verify_url": bad})
        assert (refused.status_code, "验证网址应以" in refused.text) == (422, True)
    long = sign_in(brigade_admin).post(
        "/admin/certificates/settings", data={**settings_form, "contact": "x" * 121}
    )
    assert (long.status_code, "最多 120 个字" in long.text) == (422, True)


def test_ten_years_of_records_are_summed_with_few_statements(cast: Cast) -> None:
    base = credit(cast, 60, date(2016, 1, 1))
    record = db.session.execute(select(ServiceRecord)).scalars().first()
    assert record
    for year in range(2016, 2026):
        credit(cast, 61, date(year, 3, 5))

    with counted_statements() as seen:
        counted = count_ledger([cast.alice.id], date(2016, 1, 1), date(2025, 12, 31))
        (line,) = list_served([cast.alice.id], date(2016, 1, 1), date(2025, 12, 31))

    assert (counted.minutes, line.times) == (base.minutes + 610, 11)
    assert (line.first_on, line.last_on) == (date(2016, 1, 1), date(2025, 3, 5))
    assert len(seen) <= 4


def test_the_front_page_leads_to_the_verification(client: FlaskClient, cast: Cast) -> None:
    assert 'href="/verify"' in client.get("/").text
    assert "验证志愿服务记录证明" in client.get("/verify").text
