"""The tree of teams on pages: looking, going back in time, and changing it."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.conftest import PASSWORD_HASH, Cast
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.teams import NO_PARTY, TeamLevel
from volunteer.models.members import Admin, Member
from volunteer.models.teams import Team
from volunteer.queries.memberships import past_memberships
from volunteer.queries.teams import get_team
from volunteer.services.members import add_member
from volunteer.services.teams import TeamPlan, found_team, move_team, rename_team
from volunteer.web.dates import today

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
EARLY = date(2026, 9, 1)
NEW = {"code": "fd31", "name": "新分队", "level": "detachment", "parent": "DD", "party_branch": ""}


@pytest.fixture
def squadron(cast: Cast) -> Team:
    """A squadron that looks after alice's detachment since the first of October."""
    team = found_team(TeamPlan("ZD01", "第一中队", TeamLevel.SQUADRON), cast.brigade.id, EARLY)
    move_team(cast.detachment.id, team.id, date(2026, 10, 1))
    return team


@pytest.fixture
def eve(squadron: Team, now: datetime) -> Admin:
    """The admin of the squadron."""
    admin = Admin(
        username="eve", name="伊芙", team_id=squadron.id, password_hash=PASSWORD_HASH, created_at=now
    )
    db.session.add(admin)
    db.session.commit()
    return admin


@pytest.fixture
def no_admins(cast: Cast) -> None:
    """bob and charlie look after nothing any more."""
    for admin in (cast.bob, cast.charlie):
        db.session.get_one(Admin, admin.id).is_active = False
    db.session.commit()


def counts(page: str) -> dict[str, str]:
    """Code of each team in the tree to what its line counts."""
    lines = re.findall(r'class="soft">(\w+) · .*?class="tree-count">(.*?)</span>', page, re.DOTALL)
    return {code: " ".join(re.sub("<[^>]+>", " ", text).split()) for code, text in lines}


def test_the_tree_shows_every_team_with_its_members(
    sign_in: SignIn, cast: Cast, squadron: Team, brigade_admin: Admin
) -> None:
    page = sign_in(brigade_admin).get("/admin/teams").text

    assert counts(page) == {
        "DD": "1 人 其中本队 0 人",
        "ZD01": "1 人 其中本队 0 人",
        "FD01": "1 人",
        "FD02": "0 人",
    }
    assert "<summary>" in page


def test_a_past_day_shows_its_own_shape_names_and_people(
    sign_in: SignIn, cast: Cast, squadron: Team, brigade_admin: Admin
) -> None:
    rename_team(cast.detachment.id, "财政局分队", NO_PARTY, date(2026, 10, 5))
    client = sign_in(brigade_admin)

    before, after = (client.get(f"/admin/teams?on={on}").text for on in ("2026-09-20", "2026-10-05"))

    assert counts(before)["ZD01"] == "0 人"
    assert counts(after)["ZD01"] == "1 人 其中本队 0 人"
    assert counts(client.get("/admin/teams?on=2026-08-31").text) == {
        "DD": "0 人 其中本队 0 人",
        "FD01": "0 人",
        "FD02": "0 人",
    }
    assert ("第一分队" in before, "第一分队" in after, "财政局分队" in after) == (True, False, True)


@pytest.mark.parametrize("page", ["teams", "units"])
def test_a_day_to_come_is_told_and_today_shown(sign_in: SignIn, cast: Cast, page: str) -> None:
    response = sign_in(cast.bob).get(f"/admin/{page}?on=2099-01-01")

    assert response.status_code == 422
    assert "2099-01-01还没有到，不知道那天的队伍。下面是今天的情况。" in response.text
    assert f'value="{today().isoformat()}"' in response.text


@pytest.mark.parametrize("text", ["gestern", "2026-02-30"])
def test_a_day_that_is_none_is_told_and_today_shown(sign_in: SignIn, cast: Cast, text: str) -> None:
    response = sign_in(cast.bob).get(f"/admin/teams?on={text}")

    assert response.status_code == 422
    assert "请按 2026-01-15 这样的格式填写日期" in response.text
    assert counts(response.text) == {"FD01": "1 人"}


def test_hours_of_a_month_stay_with_the_team_of_that_day(
    sign_in: SignIn, squadron: Team, no_admins: None, brigade_admin: Admin, hold: Hold, now: datetime
) -> None:
    for hours in (24, 26):
        hold(now + timedelta(hours=hours))
    client = sign_in(brigade_admin)
    client.post("/admin/teams/FD01/merge?to=FD02")

    page = client.get("/admin/teams/hours?month=2026-09").text

    assert counts(page) == {
        "DD": "2 小时 0 分钟 其中本队 0 小时 0 分钟",
        "ZD01": "0 小时 0 分钟",
        "FD01": "2 小时 0 分钟",
        "FD02": "0 小时 0 分钟",
    }
    assert "FD01" not in counts(client.get("/admin/teams").text)


def test_a_member_moved_to_and_fro_counts_each_day_where_it_was(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, hold: Hold, now: datetime
) -> None:
    for day in (1, 2, 3):
        for hours in (0, 2):
            hold(now + timedelta(days=day, hours=hours))
    member = db.session.get_one(Member, cast.alice.id)
    for day, team in ((17, cast.other), (18, cast.detachment)):
        db.session.add_all(past_memberships([member], date(2026, 9, day)))
        member.team_id = team.id
        db.session.commit()

    page = sign_in(brigade_admin).get("/admin/teams/hours?month=2026-09").text

    found = counts(page)
    assert (found["FD01"], found["FD02"]) == ("4 小时 0 分钟", "2 小时 0 分钟")
    assert found["DD"].startswith("6 小时 0 分钟")


def test_a_month_that_is_none_is_told(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.bob).get("/admin/teams/hours?month=2026-13")

    assert response.status_code == 422
    assert "请按 2026-01 这样的格式填写月份" in response.text


def test_a_team_is_founded_and_skips_a_level(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)
    party = {"party_branch": "第一党支部", "party_kind": "general_branch"}

    response = client.post("/admin/teams/new", data={**NEW, **party})

    assert response.location == "/admin/teams/FD31"
    page = client.get("/admin/teams/FD31").text
    assert "第一党支部（党总支）" in page
    assert "新分队已设立" in page


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"code": "FD01"}, 422, "队伍编码 FD01 已被使用"),
        ({"code": "队"}, 422, "队伍编码应为"),
        ({"name": "第一分队"}, 422, "“第一分队”已被使用"),
        ({"name": " "}, 422, "请填写名称"),
        ({"parent": "FD01"}, 422, "上级队伍的级别必须更高"),
        ({"parent": "ZZ"}, 404, "没有编码为 ZZ 的队伍"),
        ({"level": "x"}, 400, "请求格式不正确"),
        ({"party_branch": "支部", "party_kind": "x"}, 400, "请求格式不正确"),
    ],
)
def test_a_wrong_form_gets_its_sentence(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, change: dict[str, str], status: int, words: str
) -> None:
    response = sign_in(brigade_admin).post("/admin/teams/new", data={**NEW, **change})

    assert (response.status_code, words in response.text) == (status, True)


def test_a_new_name_is_kept_with_the_old_one_in_the_history(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    client.post("/admin/teams/FD01/name", data={"name": "财政局分队"})

    page = client.get("/admin/teams/FD01").text
    assert "<h1>财政局分队</h1>" in page
    assert "第一分队" in page


def test_another_party_organisation_stands_in_the_teams_history_and_in_the_audit(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client, address = sign_in(brigade_admin), "/admin/teams/FD01/name"
    party = {"name": "第一分队", "party_kind": "party_branch"}

    for branch in ("第一党支部", "联合党支部"):
        client.post(address, data={**party, "party_branch": branch})

    page = client.get("/admin/teams/FD01").text
    assert page.index("由“第一党支部”改为“联合党支部”") < page.index("由“未填写”改为“第一党支部”")
    assert "联合党支部" in client.get("/admin/audit?act=admin.rename_team").text


def test_moving_asks_first_with_counts(
    sign_in: SignIn, cast: Cast, squadron: Team, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    choice = client.get("/admin/teams/FD02/parent").text
    asked = client.get("/admin/teams/FD02/parent?to=ZD01").text
    untouched = get_team("FD02").parent_id
    answer = client.post("/admin/teams/FD02/parent?to=ZD01")

    assert 'value="ZD01"' in choice
    assert 'value="FD01"' not in choice
    assert "第二分队连同 0 个下级队伍、共 0 名志愿者，从今天起归第一中队" in asked
    assert (untouched, answer.location) == (cast.brigade.id, "/admin/teams/FD02")
    assert get_team("FD02").parent_id == squadron.id


def test_merging_says_what_moves_and_names_the_successor_afterwards(
    sign_in: SignIn, cast: Cast, no_admins: None, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    asked = client.get("/admin/teams/FD01/merge?to=FD02").text
    client.post("/admin/teams/FD01/merge?to=FD02")

    assert "1 名志愿者、0 个下级队伍、1 个服务站转入第二分队" in asked
    assert '/admin/teams/FD02">第二分队</a>' in client.get("/admin/teams/FD01").text
    assert '/admin/teams/FD01">第一分队</a>' in client.get("/admin/teams/FD02").text
    assert "/admin/members/A001" in client.get(f"/admin/members?team={cast.other.id}").text
    assert counts(client.get("/admin/teams").text) == {"DD": "1 人 其中本队 0 人", "FD02": "1 人"}


def test_dissolving_with_people_or_admins_needs_somebody_else_first(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    with_admins = client.post("/admin/teams/FD01/end?to=FD02")
    db.session.get_one(Admin, cast.bob.id).is_active = False
    db.session.commit()
    with_people = client.post("/admin/teams/FD01/end?to=none")

    assert (with_admins.status_code, with_people.status_code) == (422, 422)
    assert "还有 1 名管理员在管理本队" in with_admins.text
    assert "还有 1 名志愿者、0 个下级队伍" in with_people.text


def test_an_empty_team_is_dissolved_without_a_successor(
    sign_in: SignIn, cast: Cast, no_admins: None, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    client.post("/admin/teams/FD02/end?to=none")

    page = client.get("/admin/teams/FD02").text
    assert "没有承接队伍" in page
    assert "撤销队伍" not in page
    assert "第二分队" not in client.get("/admin/members/new").text


@pytest.mark.parametrize("page", ["name", "parent", "merge", "merge?to=FD01", "end", "end?to=none"])
def test_a_dissolved_team_has_no_form_any_more(
    sign_in: SignIn, cast: Cast, no_admins: None, brigade_admin: Admin, page: str
) -> None:
    client = sign_in(brigade_admin)
    client.post("/admin/teams/FD02/end?to=none")

    answer = client.get(f"/admin/teams/FD02/{page}")

    assert (answer.status_code, "“第二分队”已撤销，不能再改" in answer.text) == (422, True)
    assert "<form" not in answer.text.partition("<main")[2]


@pytest.mark.parametrize("page", ["parent?to=FD02", "merge?to=FD02", "end?to=FD02"])
def test_a_dissolved_team_takes_nothing_over(
    sign_in: SignIn, cast: Cast, no_admins: None, brigade_admin: Admin, page: str
) -> None:
    client = sign_in(brigade_admin)
    client.post("/admin/teams/FD02/end?to=none")

    answer = client.get(f"/admin/teams/FD01/{page}")

    assert (answer.status_code, "“第二分队”已撤销" in answer.text) == (422, True)


@pytest.mark.parametrize("page", ["", "/name", "/parent", "/merge", "/end", "/merge?to=FD02", "/end?to=none"])
def test_charlie_gets_404_for_a_foreign_team_as_for_none(sign_in: SignIn, cast: Cast, page: str) -> None:
    client = sign_in(cast.charlie)

    answers = [client.get(f"/admin/teams/{code}{page}") for code in ("FD01", "DD", "NONE")]
    posted = client.post(f"/admin/teams/FD01{page}", data={"name": "改"}) if page else answers[0]

    assert {one.status_code for one in [*answers, posted]} == {404}
    assert "第一分队" not in answers[0].text
    assert get_team("FD01").name == "第一分队"


def test_charlie_sees_nobody_elses_teams(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.charlie)

    assert counts(client.get("/admin/teams").text) == {"FD02": "0 人"}
    assert counts(client.get("/admin/teams/hours").text) == {"FD02": "0 小时 0 分钟"}


@pytest.mark.parametrize("page", ["name", "parent?to=DD", "merge?to=FD01", "end?to=none"])
def test_the_own_team_is_changed_from_above_only(sign_in: SignIn, eve: Admin, page: str) -> None:
    response = sign_in(eve).post(f"/admin/teams/ZD01/{page}", data={"name": "我的中队"})

    assert response.status_code == 422
    assert "本队由上级管理员调整" in response.text


def test_the_brigades_admins_may_rename_the_brigade_and_nothing_more(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    assert client.post("/admin/teams/DD/name", data={"name": "新大队"}).location == "/admin/teams/DD"
    assert client.post("/admin/teams/DD/end?to=FD01").status_code == 422
    assert get_team("DD").name == "新大队"


def test_an_admin_between_changes_only_what_is_below(sign_in: SignIn, cast: Cast, eve: Admin) -> None:
    client = sign_in(eve)

    renamed = client.post("/admin/teams/FD01/name", data={"name": "财政局分队"})
    founded = client.post("/admin/teams/new", data={**NEW, "parent": "ZD01"})
    outside = [
        client.post("/admin/teams/new", data={**NEW, "parent": "DD"}),
        client.post("/admin/teams/FD01/merge?to=FD02"),
        client.post("/admin/teams/FD01/parent?to=DD"),
    ]

    assert (renamed.location, founded.location) == ("/admin/teams/FD01", "/admin/teams/FD31")
    assert {one.status_code for one in outside} == {404}


def test_an_admin_sees_the_past_of_the_own_teams(sign_in: SignIn, cast: Cast, eve: Admin) -> None:
    client = sign_in(eve)

    assert counts(client.get("/admin/teams?on=2026-09-20").text) == {"ZD01": "0 人"}
    assert counts(client.get("/admin/teams?on=2026-10-20").text)["ZD01"] == "1 人 其中本队 0 人"


def test_a_larger_tree_takes_no_more_statements(
    sign_in: SignIn, cast: Cast, squadron: Team, brigade_admin: Admin, now: datetime
) -> None:
    client = sign_in(brigade_admin)
    pages = ["/admin/teams", "/admin/teams?on=2026-09-20", "/admin/teams/hours", "/admin/teams/DD"]

    def statements() -> list[int]:
        found = []
        for page in pages:
            with counted_statements() as seen:
                assert client.get(page).status_code == 200
            found.append(len(seen))
        return found

    few = statements()
    for number in range(12):
        found_team(TeamPlan(f"X{number}", f"队{number}", TeamLevel.DETACHMENT), squadron.id, EARLY)
        add_member(f"B{number:03}", "李四", f"X{number}", now)

    assert statements() == few
    assert max(few) <= 12
