"""Finding members, their pages, who is on duty, and the admin's first page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.conftest import PASSWORD, Cast
from volunteer.db import db
from volunteer.domain.cards import CardKeys
from volunteer.models.members import Member
from volunteer.models.teams import Unit
from volunteer.queries.members import find_free_numbers
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
HOUR = timedelta(hours=1)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """The statements that reach the database inside the block."""
    seen: list[str] = []

    def note(*parts: object) -> None:
        seen.append(str(parts[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_an_admin_signs_in_and_goes_on_to_the_page_asked_for(client: FlaskClient, cast: Cast) -> None:
    asked = client.get("/admin/members?q=zs").location

    form = {"username": "bob", "password": PASSWORD, "next": "/admin/members?q=zs"}
    response = client.post("/admin/sign-in", data=form)

    assert asked == "/admin/sign-in?next=/admin/members?q%3Dzs"
    assert response.location == "/admin/members?q=zs"
    assert client.get("/admin").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["//evil.example/admin", "https://evil.example/admin", "/me", "/admin\\@evil.example", "/admin/../me"],
)
def test_signing_in_never_leads_elsewhere(client: FlaskClient, cast: Cast, address: str) -> None:
    form = {"username": "bob", "password": PASSWORD, "next": address}

    assert client.post("/admin/sign-in", data=form).location == "/admin"


def test_a_wrong_password_is_told_above_the_form_and_never_repeated(client: FlaskClient, cast: Cast) -> None:
    response = client.post("/admin/sign-in", data={"username": "bob", "password": "wrong horse"})

    assert response.status_code == 422
    assert "编号或密码不正确" in response.text
    assert 'value="bob"' in response.text
    assert "wrong horse" not in response.text


def test_signing_out_ends_the_session(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.post("/admin/sign-out")

    assert client.get("/admin").status_code == 302


@pytest.mark.parametrize("text", ["张三", "A001", "a001", "zhangs", "zs", "Zhang San"])
def test_a_member_is_found_by_name_number_and_pinyin(sign_in: SignIn, cast: Cast, text: str) -> None:
    page = sign_in(cast.bob).get(f"/admin/members?q={quote(text)}").text

    assert "共 1 人" in page
    assert "/admin/members/A001" in page


def test_a_long_list_has_pages_and_a_count(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    for number in range(60):
        add_member(f"B{number:03}", "李四", "FD01", now)

    client = sign_in(cast.bob)
    first, second = (client.get(f"/admin/members?page={page}").text for page in (1, 2))

    assert "共 61 人" in first
    assert ("A001" in first, "B058" in first, "B058" in second) == (True, False, True)


def test_a_member_is_entered_once(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    form = {"name": "王五", "volunteer_no": "b777", "team": "FD01"}

    entered, again = (client.post("/admin/members/new", data=form) for _ in range(2))

    assert entered.location == "/admin/members/B777"
    assert again.status_code == 422
    assert "B777 已有人使用" in again.text
    assert 'value="王五"' in again.text


def test_a_member_is_entered_with_the_unit_that_employs_the_person(sign_in: SignIn, cast: Cast) -> None:
    kept, gone = Unit(name="区教育局"), Unit(name="旧单位", dissolved_on=date(2026, 1, 1))
    db.session.add_all([kept, gone])
    db.session.commit()
    client, form = sign_in(cast.bob), {"name": "王五", "volunteer_no": "B777", "team": "FD01"}

    shown = client.get("/admin/members/new").text
    refused = [client.post("/admin/members/new", data={**form, "unit": unit}) for unit in ("x", gone.id, 999)]
    entered = client.post("/admin/members/new", data={**form, "unit": kept.id})

    assert "区教育局" in shown
    assert "旧单位" not in shown
    assert [answer.status_code for answer in refused] == [404, 404, 404]
    assert entered.location == "/admin/members/B777"
    assert db.session.query(Member).filter_by(volunteer_no="B777").one().unit_id == kept.id


def test_nobody_enters_members_into_a_foreign_team(sign_in: SignIn, cast: Cast) -> None:
    form = {"name": "王五", "volunteer_no": "B777", "team": "FD02"}

    assert sign_in(cast.bob).post("/admin/members/new", data=form).status_code == 404


def test_the_members_page_shows_hours_and_states_in_words(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    hold(now - 6 * HOUR)
    hold(now - 4 * HOUR)
    hold(now - HOUR)

    page = sign_in(cast.bob).get("/admin/members/A001").text

    assert "2.0" in page
    assert "已签退" in page
    assert "在岗" in page


def test_everybody_on_duty_is_shown_with_the_station_and_since_when(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    hold(now)

    page = sign_in(cast.bob).get("/admin/on-duty").text

    assert "现在在岗 1 人" in page
    assert "龙城广场U站" in page
    assert "10:00 签到" in page


@pytest.mark.parametrize("address", ["/admin/members", "/admin/on-duty", "/admin/records"])
def test_a_list_needs_no_more_statements_when_it_grows(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime, keys: CardKeys, address: str
) -> None:
    client = sign_in(cast.bob)
    hold(now)
    client.get(address)
    with counted_statements() as few:
        client.get(address)
    for number in range(20):
        add_member(f"B{number:03}", "李四", "FD01", now)
        hold(now, issue_card(f"B{number:03}", keys, now)[1])
    client.get(address)

    with counted_statements() as many:
        page = client.get(address).text

    assert "B019" in page
    assert len(many) == len(few) <= 10


def test_the_first_page_counts_and_names_what_waits(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    add_member("B001", "李四", "FD01", now)
    hold(now)

    page = sign_in(cast.bob).get("/admin").text

    assert "有 1 位志愿者还没有卡" in page
    assert "有 1 台终端失去联系" in page


def test_records_are_filtered_by_day_and_state(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    hold(now)
    client = sign_in(cast.bob)

    counts = [
        "共 1 条记录" in client.get(f"/admin/records?{query}").text
        for query in ("", "day=2026-09-15", "state=open", "day=2026-09-14", "state=closed")
    ]

    assert counts == [True, True, True, False, False]
    assert client.get("/admin/records?day=yesterday").status_code == 400


def test_without_a_number_the_next_free_one_is_given(sign_in: SignIn, cast: Cast) -> None:
    form = {"volunteer_no": " ", "name": "李四", "team": "FD01", "unit": ""}

    response = sign_in(cast.bob).post("/admin/members/new", data=form, follow_redirects=True)

    assert "已登记，编号 A002" in response.text


def test_an_id_number_typed_as_a_volunteer_number_is_refused(sign_in: SignIn, cast: Cast) -> None:
    form = {"volunteer_no": "440307199001010096", "name": "李四", "team": "FD01", "unit": ""}

    response = sign_in(cast.bob).post("/admin/members/new", data=form)

    assert (response.status_code, "不能用作志愿者编号" in response.text) == (422, True)


def test_several_free_numbers_follow_one_another_and_leave_out_those_of_the_list(cast: Cast) -> None:
    assert find_free_numbers(cast.detachment, 2) == ["A002", "A003"]
    assert find_free_numbers(cast.detachment, 2, {"A007", "X-1"}) == ["A008", "A009"]
    assert find_free_numbers(cast.detachment, 2, {"A998"}) == ["A999", "A1000"]
