"""Two people with the same form open: who saves second is told so, and what the first saved stays."""

import re
from collections.abc import Callable
from datetime import datetime

from flask.testing import FlaskClient

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.teams import NO_PARTY
from volunteer.models.members import Admin
from volunteer.models.people import Person
from volunteer.queries.people import get_person_file
from volunteer.queries.teams import get_team
from volunteer.services.units import found_unit, rename_unit

SignIn = Callable[[object], FlaskClient]
FILE = "/admin/members/A001/file/edit"
TOLD = "您打开这个表单之后，别人修改了其中的内容"


def shown_version(page: str) -> str:
    (version,) = re.findall(r'name="version" value="([0-9a-f]{32})"', page)
    return str(version)


def test_a_second_admin_empties_nothing_that_the_first_has_saved_in_a_file(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    opened = shown_version(sign_in(cast.bob).get(FILE).text)
    saved = {"name": "张三", "residence": "龙城街道", "skills": "急救", "free_time": ["6-morning"]}
    sign_in(brigade_admin).post(FILE, data=saved | {"version": opened})

    late = sign_in(cast.bob).post(FILE, data={"name": "张三", "born_on": "1990-05-01", "version": opened})

    file = get_person_file(cast.alice.id)
    assert (late.status_code, TOLD in late.text, 'value="1990-05-01"' in late.text) == (409, True, True)
    assert file.person is not None
    assert (file.person.residence, file.person.born_on, file.skills) == ("龙城街道", None, ["急救"])
    assert file.free_times == {(6, "morning")}


def test_who_was_told_saves_knowingly_with_the_version_that_the_page_then_carries(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    opened = shown_version(sign_in(cast.bob).get(FILE).text)
    sign_in(brigade_admin).post(FILE, data={"name": "张三", "residence": "龙城街道", "version": opened})
    mine, bob = {"name": "张三", "residence": "布吉街道"}, sign_in(cast.bob)

    told = shown_version(bob.post(FILE, data=mine | {"version": opened}).text)

    assert bob.post(FILE, data=mine | {"version": told}).status_code == 302
    assert db.session.get_one(Person, cast.alice.id, populate_existing=True).residence == "布吉街道"


def test_a_member_is_told_what_an_admin_has_saved_meanwhile(sign_in: SignIn, cast: Cast) -> None:
    opened = shown_version(sign_in(cast.alice).get("/me/file").text)
    sign_in(cast.bob).post(FILE, data={"name": "张三", "skills": "急救", "version": opened})

    late = sign_in(cast.alice).post("/me/file", data={"residence": "龙城街道", "version": opened})

    assert (late.status_code, TOLD in late.text) == (409, True)
    assert get_person_file(cast.alice.id).skills == ["急救"]


def test_a_second_admin_does_not_undo_the_new_name_of_a_team(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    dora = sign_in(brigade_admin)
    opened = shown_version(dora.get("/admin/teams/FD01/name").text)
    form = {"party_kind": "party_branch", "version": opened}
    dora.post("/admin/teams/FD01/name", data=form | {"name": "财政局分队", "party_branch": ""})

    late = dora.post("/admin/teams/FD01/name", data=form | {"name": "第一分队", "party_branch": "第一支部"})

    assert (late.status_code, TOLD in late.text) == (409, True)
    assert get_team("FD01").name == "财政局分队"


def test_a_second_admin_does_not_undo_the_new_name_of_a_unit(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    dora, unit_id = sign_in(brigade_admin), found_unit("财政局", NO_PARTY).id
    opened = shown_version(dora.get(f"/admin/units/{unit_id}/name").text)
    rename_unit(unit_id, "区财政局", NO_PARTY, now.date())

    form = {"name": "财政局", "party_branch": "第一支部", "party_kind": "party_branch", "version": opened}
    late = dora.post(f"/admin/units/{unit_id}/name", data=form)

    assert (late.status_code, TOLD in late.text) == (409, True)
    assert "区财政局" in dora.get(f"/admin/units/{unit_id}").text
