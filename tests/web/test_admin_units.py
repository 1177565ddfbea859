"""Units that employ members: counted, renamed, and followed by their successors."""

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.teams import NO_PARTY
from volunteer.models.members import Admin, Member
from volunteer.models.teams import MemberTeam, Unit
from volunteer.services.units import dissolve_unit, found_unit, rename_unit

SignIn = Callable[[object], FlaskClient]
ON = date(2026, 10, 1)


@pytest.fixture
def finance(cast: Cast) -> Unit:
    """The unit that employs alice."""
    unit = found_unit("区财政局", NO_PARTY)
    db.session.get_one(Member, cast.alice.id).unit_id = unit.id
    db.session.commit()
    return unit


@pytest.fixture
def audit(cast: Cast) -> Unit:
    """A unit that employs nobody."""
    return found_unit("区审计局", NO_PARTY)


def test_units_are_listed_with_their_members(
    sign_in: SignIn, finance: Unit, audit: Unit, brigade_admin: Admin
) -> None:
    page = sign_in(brigade_admin).get("/admin/units").text

    assert page.index("区审计局") < page.index("区财政局")
    assert [page.count(f'row-end">{count} 人') for count in (0, 1)] == [1, 1]
    assert "今天共 1 人" in page


def test_a_day_without_units_says_so_and_does_not_ask_to_enter_any(
    sign_in: SignIn, finance: Unit, cast: Cast
) -> None:
    page = sign_in(cast.bob).get("/admin/units?on=2020-01-01").text

    assert "这一天您管理的队伍里没有人登记单位" in page
    assert "还没有单位" not in page


def test_people_without_a_unit_are_counted_too(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    page = sign_in(brigade_admin).get("/admin/units").text

    assert "今天共 1 人" in page
    assert "其中 1 人没有填写单位" in page


def test_an_admin_sees_the_units_of_the_own_members_only(
    sign_in: SignIn, cast: Cast, finance: Unit, audit: Unit
) -> None:
    bobs = sign_in(cast.bob).get("/admin/units").text
    charlies = sign_in(cast.charlie).get("/admin/units").text

    assert ("区财政局" in bobs, "区审计局" in bobs) == (True, False)
    assert "区财政局" not in charlies


@pytest.mark.parametrize("page", ["", "/name", "/end", "/end?to=none"])
def test_charlie_gets_404_for_a_foreign_unit_as_for_none(
    sign_in: SignIn, cast: Cast, finance: Unit, page: str
) -> None:
    client = sign_in(cast.charlie)

    answers = [client.get(f"/admin/units/{unit_id}{page}") for unit_id in (finance.id, 999)]
    posted = client.post(f"/admin/units/{finance.id}{page}", data={"name": "改"}) if page else answers[0]

    assert [one.status_code for one in [*answers, posted]] == [404, 404, 404]
    assert "区财政局" not in answers[0].text


@pytest.mark.parametrize("page", ["new", "{id}/name", "{id}/end?to=none"])
def test_only_the_brigade_changes_units(sign_in: SignIn, cast: Cast, finance: Unit, page: str) -> None:
    response = sign_in(cast.bob).post(f"/admin/units/{page.format(id=finance.id)}", data={"name": "改"})

    assert response.status_code == 422
    assert "单位由大队统一维护" in response.text


def test_a_unit_is_entered_with_its_party_organisation(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)
    form = {"name": " 区法院 ", "party_branch": "机关党委", "party_kind": "party_committee"}

    address = client.post("/admin/units/new", data=form).location

    page = client.get(address).text
    assert "<h1>区法院</h1>" in page
    assert "机关党委（机关党委）" in page


@pytest.mark.parametrize(("name", "words"), [("区财政局", "“区财政局”已被使用"), (" ", "请填写名称")])
def test_a_wrong_name_gets_its_sentence(
    sign_in: SignIn, finance: Unit, brigade_admin: Admin, name: str, words: str
) -> None:
    response = sign_in(brigade_admin).post("/admin/units/new", data={"name": name})

    assert (response.status_code, words in response.text) == (422, True)


def test_a_renamed_unit_keeps_its_old_name_for_the_days_before(
    sign_in: SignIn, finance: Unit, brigade_admin: Admin
) -> None:
    rename_unit(finance.id, "区财政和审计局", NO_PARTY, ON)
    client = sign_in(brigade_admin)

    before, after = (client.get(f"/admin/units?on={on}").text for on in ("2026-09-30", "2026-10-01"))

    assert ("区财政局" in before, "区财政和审计局" in before) == (True, False)
    assert "区财政和审计局" in after
    assert "区财政局" in client.get(f"/admin/units/{finance.id}").text


def test_a_new_name_through_the_page(sign_in: SignIn, finance: Unit, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)

    client.post(f"/admin/units/{finance.id}/name", data={"name": "区财政和审计局"})

    assert "<h1>区财政和审计局</h1>" in client.get(f"/admin/units/{finance.id}").text


def test_a_dissolved_unit_names_its_successor_who_takes_its_members(
    sign_in: SignIn, finance: Unit, audit: Unit, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    asked = client.get(f"/admin/units/{finance.id}/end?to={audit.id}").text
    client.post(f"/admin/units/{finance.id}/end?to={audit.id}")

    assert "1 名志愿者转入区审计局" in asked
    assert "起由区审计局承接" in client.get(f"/admin/units/{finance.id}").text
    assert "起由区审计局承接" in client.get("/admin/units").text
    assert db.session.execute(select(Member.unit_id)).scalar_one() == audit.id


FORMS = ["{gone}/name", "{gone}/end", "{gone}/end?to={heir}", "{heir}/end?to={gone}"]


@pytest.mark.parametrize("page", FORMS)
def test_a_dissolved_unit_has_no_form_any_more_and_takes_nobody_over(
    sign_in: SignIn, finance: Unit, audit: Unit, brigade_admin: Admin, page: str
) -> None:
    dissolve_unit(finance.id, audit.id, ON)

    answer = sign_in(brigade_admin).get("/admin/units/" + page.format(gone=finance.id, heir=audit.id))

    assert (answer.status_code, "“区财政局”已撤销，不能再改" in answer.text) == (422, True)
    assert "<form" not in answer.text.partition("<main")[2]


def test_a_past_day_counts_members_with_their_unit_of_that_day(
    sign_in: SignIn, finance: Unit, audit: Unit, brigade_admin: Admin
) -> None:
    dissolve_unit(finance.id, audit.id, ON)
    client = sign_in(brigade_admin)

    before = client.get("/admin/units?on=2026-09-30").text
    after = client.get("/admin/units?on=2026-10-01").text

    assert f"/admin/units/{finance.id}" in before.split("已撤销的单位")[0]
    assert f"/admin/units/{finance.id}" not in after.split("已撤销的单位")[0]
    assert "共 1 人" in before
    assert "共 1 人" in after
    assert db.session.execute(select(MemberTeam.unit_id)).scalar_one() == finance.id


def test_a_unit_with_people_never_goes_without_a_successor(
    sign_in: SignIn, finance: Unit, audit: Unit, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    with_people = client.post(f"/admin/units/{finance.id}/end?to=none")
    into_itself = client.post(f"/admin/units/{finance.id}/end?to={finance.id}")
    empty = client.post(f"/admin/units/{audit.id}/end?to=none")

    assert (with_people.status_code, into_itself.status_code) == (422, 422)
    assert "请选择由谁承接" in with_people.text
    assert empty.location == f"/admin/units/{audit.id}"


def test_more_units_take_no_more_statements(sign_in: SignIn, finance: Unit, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)

    def statements() -> int:
        with counted_statements() as seen:
            assert client.get("/admin/units").status_code == 200
        return len(seen)

    few = statements()
    for number in range(10):
        unit = found_unit(f"单位{number}", NO_PARTY)
        dissolve_unit(unit.id, finance.id, ON)

    assert statements() == few <= 12
