"""Activities past midnight, changed by two at once, moved, called off: what pages say and who is told."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from re import search

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.drawing.rasters import texts
from tests.web.test_activities import FORM, publish, state_of
from volunteer.db import db
from volunteer.models.activities import Activity
from volunteer.models.messages import Message
from volunteer.services.members import add_member
from volunteer.web.clock import now as clock
from volunteer.web.dates import today

SignIn = Callable[[object], FlaskClient]
NIGHT = {**FORM, "begins": "23:00", "ends": "03:00"}


def only_activity() -> Activity:
    db.session.rollback()
    return db.session.execute(select(Activity)).scalar_one()


def version_in(page: str) -> str:
    found = search(r'name="version" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("ends", "hours", "told"),
    [("03:00", 4, "23:00–次日03:00"), ("00:00", 1, "23:00–次日00:00"), ("23:00", 24, "23:00–次日23:00")],
)
def test_an_end_not_later_than_the_start_is_on_the_next_day(
    sign_in: SignIn, cast: Cast, ends: str, hours: int, told: str
) -> None:
    client = sign_in(cast.bob)

    address = client.post("/admin/activities/new", data={**NIGHT, "ends": ends}).location

    made = only_activity()
    assert made.ends_at - made.starts_at == timedelta(hours=hours)
    assert told in client.get(address).text
    assert told in client.get("/admin/activities?month=2099-09").text
    assert "结束时间不晚于开始时间时，算第二天" in client.get(f"{address}/edit").text


def test_an_activity_past_midnight_is_edited_and_stays_where_it_was(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/activities/new", data=NIGHT).location
    before = only_activity().ends_at

    changed = client.post(f"{address}/edit", data={**NIGHT, "place": "I城"})

    assert changed.status_code == 302
    assert (only_activity().place, only_activity().ends_at) == ("I城", before)


def test_who_saves_second_is_told_first_and_then_saves_knowingly(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/activities/new", data=FORM).location
    shown = version_in(client.get(f"{address}/edit").text)
    client.post(f"{address}/edit", data={**FORM, "place": "新地点", "version": shown})

    second = {**FORM, "person_in_charge": "王五", "version": shown}
    told = client.post(f"{address}/edit", data=second)

    assert told.status_code == 409
    assert "别人修改了其中的内容" in told.text
    assert 'value="王五"' in told.text
    assert f'<a href="{address}" target="_blank"' in told.text
    assert (only_activity().place, only_activity().person_in_charge) == ("新地点", "李四")
    assert (
        client.post(f"{address}/edit", data={**second, "version": version_in(told.text)}).status_code == 302
    )
    assert (only_activity().place, only_activity().person_in_charge) == ("龙城大道路口", "王五")


def test_a_form_that_was_refused_still_knows_what_it_showed_first(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/activities/new", data=FORM).location
    shown = version_in(client.get(f"{address}/edit").text)
    client.post(f"{address}/edit", data={**FORM, "place": "新地点", "version": shown})

    refused = client.post(f"{address}/edit", data={**FORM, "name": "", "version": shown})
    again = client.post(f"{address}/edit", data={**FORM, "version": version_in(refused.text)})

    assert (refused.status_code, again.status_code) == (422, 409)


def test_somebody_elses_change_elsewhere_is_in_nobodys_way(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/activities/new", data=FORM).location
    shown = version_in(client.get(f"{address}/edit").text)
    client.post(f"{address}/publish", data={})

    assert client.post(f"{address}/edit", data={**FORM, "version": shown}).status_code == 302


@pytest.fixture
def promised(app: Flask, cast: Cast, sign_in: SignIn) -> Activity:
    """A published activity with one place, which alice has; 李四 waits."""
    activity = publish(cast)
    other = add_member("B001", "李四", "FD01", clock())
    for member in (cast.alice, other):
        sign_in(member).post(f"/me/activities/{activity.id}", data={"answer": "sign_up"})
    return activity


def inbox(client: FlaskClient) -> str:
    return unescape(client.get("/me/messages").text)


def test_who_signed_up_or_waits_is_told_that_it_is_called_off(
    sign_in: SignIn, cast: Cast, promised: Activity
) -> None:
    sign_in(cast.bob).post(f"/admin/activities/{promised.id}/cancel", data={"reason": "暴雨预警"})

    text = inbox(sign_in(cast.alice))
    assert "您报名的“路口劝导”" in text
    assert "取消了。原因：暴雨预警" in text
    assert len(db.session.execute(select(Message)).all()) == 2


def test_who_signed_up_is_told_of_another_place_and_only_of_that(
    sign_in: SignIn, cast: Cast, promised: Activity
) -> None:
    client, address = sign_in(cast.bob), f"/admin/activities/{promised.id}/edit"
    held_on = (today() + timedelta(days=3)).isoformat()
    client.post(address, data={**FORM, "held_on": held_on, "place": "东门"})
    assert "“路口文明劝导”有变化" in (text := inbox(sign_in(cast.alice)))
    assert "地点：东门" in text

    sign_in(cast.bob).post(
        address, data={**FORM, "held_on": held_on, "place": "东门", "person_in_charge": "王五"}
    )

    told = db.session.execute(select(Message.id).where(Message.member_id == cast.alice.id))
    assert len(told.all()) == 1


def test_who_gets_a_place_is_told(sign_in: SignIn, cast: Cast, promised: Activity) -> None:
    sign_in(cast.alice).post(f"/me/activities/{promised.id}", data={"answer": "leave"})

    waited = db.session.execute(select(Message)).scalar_one()
    assert waited.path == f"/me/activities/{promised.id}"
    assert waited.member_id != cast.alice.id
    assert "您已从候补转为已报名" in str(waited.sentence)


def test_what_is_over_cannot_be_called_off(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    over = publish(cast, starts_at=clock() - timedelta(hours=3), ends_at=clock() - timedelta(hours=1))
    client, address = sign_in(cast.bob), f"/admin/activities/{over.id}"

    refused = client.post(f"{address}/cancel", data={"reason": "记错了"})

    assert f"{address}/cancel" not in client.get(address).text
    assert client.get(f"{address}/cancel").status_code == 422
    assert refused.status_code == 422
    assert "这个活动已经结束，不能再取消" in refused.text
    assert only_activity().state == "published"


def test_what_is_over_is_put_right_but_nothing_is_moved_into_the_past(
    app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    begun = (clock() - timedelta(days=2)).replace(microsecond=0)
    over, coming = publish(cast, starts_at=begun, ends_at=begun + timedelta(hours=1)), publish(cast)
    client, past = sign_in(cast.bob), {**FORM, "held_on": "2020-01-01"}

    assert client.post(f"/admin/activities/{over.id}/edit", data=past).status_code == 302
    refused = client.post(f"/admin/activities/{coming.id}/edit", data=past)

    assert refused.status_code == 422
    assert "这个时间已经过去" in refused.text


def test_the_roster_leaves_out_who_has_left(
    sign_in: SignIn, cast: Cast, promised: Activity, tmp_path: Path
) -> None:
    leaving = {"on": today().isoformat(), "reason": "调离"}

    page = sign_in(cast.bob).post("/admin/members/A001/left", data=leaving)

    assert page.status_code == 302
    assert state_of(cast.alice) == "on_leave"
    shown = sign_in(cast.bob).get(f"/admin/activities/{promised.id}").text
    assert "已离队" in shown
    assert 'aria-label="张三 重新报名"' not in shown
    roster = sign_in(cast.bob).get(f"/admin/activities/{promised.id}/roster.pdf")
    (sheet,) = texts(roster.data, tmp_path)
    assert ("A001" in sheet, "B001" in sheet) == (False, True)


def test_the_roster_says_the_next_day(sign_in: SignIn, cast: Cast, tmp_path: Path) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/activities/new", data=NIGHT).location

    (sheet,) = texts(client.get(f"{address}/roster.pdf").data, tmp_path)

    assert "次日03:00" in sheet.replace(" ", "")


def test_signing_up_again_after_leaving_is_refused_in_words(
    sign_in: SignIn, cast: Cast, promised: Activity
) -> None:
    leaving = {"on": today().isoformat(), "reason": "调离"}
    sign_in(cast.bob).post("/admin/members/A001/left", data=leaving)
    form = search(
        rf'action="(/admin/activities/{promised.id}/participants/\d+)"(?:(?!</form>).)*张三',
        sign_in(cast.bob).get(f"/admin/activities/{promised.id}").text.replace("\n", ""),
    )
    assert form

    refused = sign_in(cast.bob).post(form[1], data={"state": "signed_up"})

    assert refused.status_code == 422
    assert "没有完成" in refused.text


def test_another_teams_admin_finds_none_of_it(sign_in: SignIn, cast: Cast, promised: Activity) -> None:
    client, base = sign_in(cast.charlie), f"/admin/activities/{promised.id}"

    assert client.post(f"{base}/edit", data={**FORM, "version": "0"}).status_code == 404
    assert client.post(f"{base}/cancel", data={"reason": "不该"}).status_code == 404
