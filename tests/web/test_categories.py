"""Categories of activities: the brigade adds, renames and ends its own, teams choose among them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy import select

from tests.conftest import Cast
from tests.drawing.rasters import texts
from tests.web.certified import FORM as LETTERHEAD
from tests.web.certified import SUMMER, credit
from tests.web.test_activities import FORM, publish
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.models.activities import Activity, ActivityCategory
from volunteer.models.certificates import Certificate
from volunteer.models.members import Admin

SignIn = Callable[[object], FlaskClient]
PAGE = "/admin/activities/categories"


@pytest.fixture
def legal_aid(sign_in: SignIn, brigade_admin: Admin) -> str:
    """The code of a category that the brigade added."""
    sign_in(brigade_admin).post(PAGE, data={"name": "法律援助", "name_en": "Legal aid"})
    return f"own_{db.session.execute(select(ActivityCategory.id)).scalar_one()}"


def address_of(code: str, act: str) -> str:
    return f"{PAGE}/{code.removeprefix('own_')}/{act}"


def test_a_team_chooses_what_the_brigade_added_and_everybody_reads_its_name(
    sign_in: SignIn, cast: Cast, legal_aid: str
) -> None:
    client = sign_in(cast.bob)
    assert f'value="{legal_aid}">法律援助' in client.get("/admin/activities/new").text

    address = client.post("/admin/activities/new", data={**FORM, "category": legal_aid}).location
    client.post(f"{address}/publish")

    assert "法律援助" in client.get(address).text
    assert "法律援助" in client.get("/admin/activities?month=2099-09").text
    assert "法律援助" in sign_in(cast.alice).get("/me/activities").text


def test_in_english_a_category_has_its_english_name_or_else_the_chinese_one(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, legal_aid: str
) -> None:
    sign_in(brigade_admin).post(PAGE, data={"name": "助学", "name_en": ""})

    refresh()  # the test's own context remembers the language of the request before
    page = sign_in(cast.bob).get("/admin/activities/new?lang=en").text

    assert ">Legal aid</option>" in page
    assert ">助学</option>" in page
    assert ">法律援助</option>" not in page


def test_a_renamed_category_shows_its_new_name_on_old_activities(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, legal_aid: str
) -> None:
    old = publish(cast, category=legal_aid)

    done = sign_in(brigade_admin).post(
        address_of(legal_aid, "name"), data={"name": "法律服务"}, follow_redirects=True
    )

    assert "以前的活动也显示新名称" in done.text
    assert "法律服务" in sign_in(cast.bob).get(f"/admin/activities/{old.id}").text


def test_an_ended_category_stays_on_old_activities_and_is_chosen_no_more(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, legal_aid: str
) -> None:
    old = publish(cast, category=legal_aid)
    client = sign_in(brigade_admin)
    assert "停用类别“法律援助”？" in client.get(address_of(legal_aid, "end")).text
    client.post(address_of(legal_aid, "end"))

    client = sign_in(cast.bob)
    refused = client.post("/admin/activities/new", data={**FORM, "category": legal_aid})
    kept = client.post(f"/admin/activities/{old.id}/edit", data={**FORM, "category": legal_aid})
    copied = client.get(f"/admin/activities/new?copy={old.id}").text

    assert legal_aid not in client.get("/admin/activities/new").text
    assert refused.status_code == 422
    assert "已停用的类别不能再选" in refused.text
    assert kept.status_code == 302
    assert "法律援助" in client.get(f"/admin/activities/{old.id}").text
    assert '<option value="">请选择</option>' in copied


def test_an_ended_category_can_neither_be_renamed_nor_ended_again_but_its_name_is_free(
    sign_in: SignIn, brigade_admin: Admin, legal_aid: str
) -> None:
    client = sign_in(brigade_admin)
    client.post(address_of(legal_aid, "end"))

    renamed = client.post(address_of(legal_aid, "name"), data={"name": "别的"})
    ended = client.post(address_of(legal_aid, "end"))
    added = client.post(PAGE, data={"name": "法律援助"})

    assert (renamed.status_code, ended.status_code, added.status_code) == (422, 422, 302)
    assert "已停用" in client.get(PAGE).text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "请填写名称"), ("长" * 41, "最多 40 个字"), ("送温暖", "已被使用"), ("法律援助", "已被使用")],
)
def test_a_name_must_be_there_short_and_free(
    sign_in: SignIn, brigade_admin: Admin, legal_aid: str, name: str, sentence: str
) -> None:
    response = sign_in(brigade_admin).post(PAGE, data={"name": name, "name_en": "X"})

    assert response.status_code == 422
    assert sentence in response.text
    assert 'value="X"' in response.text


def test_a_team_s_admin_sees_the_categories_and_changes_none(
    sign_in: SignIn, cast: Cast, legal_aid: str
) -> None:
    client = sign_in(cast.bob)

    page = client.get(PAGE).text

    assert "法律援助" in page
    assert "添加类别" not in page
    assert client.post(PAGE, data={"name": "助老"}).status_code == 404
    for act in ("name", "end"):
        assert client.get(address_of(legal_aid, act)).status_code == 404
        assert client.post(address_of(legal_aid, act), data={"name": "x"}).status_code == 404


def test_many_lines_ask_once_what_their_categories_are_called(
    sign_in: SignIn, cast: Cast, legal_aid: str
) -> None:
    client = sign_in(cast.bob)
    for number in range(10):
        publish(cast, name=f"活动{number}", category=legal_aid)
    month = f"{publish(cast).starts_at:%Y-%m}"

    with counted_statements() as seen:
        page = client.get(f"/admin/activities?month={month}").text

    assert page.count("法律援助") == 10
    assert len([one for one in seen if "activity_categories" in one]) == 1


def test_a_certificate_keeps_the_name_of_its_day(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, legal_aid: str, tmp_path: Path
) -> None:
    credit(cast, 90, activity_id=publish(cast, category=legal_aid).id)
    client = sign_in(cast.bob)
    client.post("/admin/members/A001/certificates", data={**SUMMER, **LETTERHEAD})

    sign_in(brigade_admin).post(address_of(legal_aid, "name"), data={"name": "法律服务"})

    certificate = db.session.execute(select(Certificate)).scalar_one()
    assert certificate.content["activities"][0]["category"] == "法律援助"
    assert "法律援助" in texts(certificate.document, tmp_path)[0].replace(" ", "")


def test_the_roster_names_the_category(sign_in: SignIn, cast: Cast, legal_aid: str, tmp_path: Path) -> None:
    activity = publish(cast, category=legal_aid)

    sheet = sign_in(cast.bob).get(f"/admin/activities/{activity.id}/roster.pdf?lang=en").data

    assert "法律援助" in texts(sheet, tmp_path)[0].replace(" ", "")


def test_what_is_neither_built_in_nor_added_is_refused(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.bob).post("/admin/activities/new", data={**FORM, "category": "own_99"})

    assert response.status_code == 422
    assert db.session.execute(select(Activity)).first() is None
