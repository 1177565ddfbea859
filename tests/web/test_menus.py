"""The menu holds what the role may open, in groups; a group of one is that entry alone."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD_HASH, Cast
from volunteer.db import db
from volunteer.domain.roles import Role
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.queries.stations import get_station
from volunteer.web.menus import ADMIN, MEMBER

SignIn = Callable[[object], FlaskClient]


def menu_of(page: str) -> str:
    """The menu's part of a page."""
    return page[page.index('class="wrap site-nav"') : page.index("</nav>")]


def groups_of(page: str) -> list[str]:
    """The headings of the menu's groups."""
    return re.findall(r"<summary[^>]*>([^<]+)</summary>", menu_of(page))


def test_every_entry_of_both_menus_opens_a_page(app: Flask) -> None:
    endpoints = [entry.endpoint for group in [*ADMIN, *MEMBER] for entry in group.entries]

    assert len(endpoints) == len(set(endpoints))
    assert set(endpoints) <= set(app.view_functions)


def test_a_teams_admin_has_every_group_and_sees_where_the_page_belongs(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in(cast.bob).get("/admin/members/A001").text

    assert groups_of(page) == ["概况", "志愿者", "服务", "组织", "系统"]
    assert '<summary aria-current="true">志愿者</summary>' in page
    assert re.search(r'<a href="/admin/members" aria-current="true">志愿者名单</a>', page)
    assert menu_of(page).count("aria-current") == 2


@pytest.mark.parametrize(
    ("role", "groups", "plain"),
    [
        (Role.STATION_LEADER, ["概况", "服务"], []),
        (Role.SYSTEM_ADMIN, ["服务", "组织"], ["/admin", "/admin/jobs"]),
    ],
)
def test_a_group_that_holds_one_entry_for_a_role_is_that_entry(
    sign_in: SignIn, cast: Cast, role: Role, groups: list[str], plain: list[str]
) -> None:
    place = (
        {"station_id": get_station("LC").id} if role is Role.STATION_LEADER else {"team_id": cast.brigade.id}
    )
    person = Admin(
        username="dora",
        name="朵拉",
        team_id=cast.other.id,
        password_hash=PASSWORD_HASH,
        created_at=cast.bob.created_at,
        appointments=[Appointment(role=role, appointed_at=cast.bob.created_at, **place)],
    )
    db.session.add(person)
    db.session.commit()

    page = sign_in(person).get("/admin").text

    assert groups_of(page) == groups
    outside = re.sub(r"<details.*?</details>", "", menu_of(page), flags=re.DOTALL)
    assert re.findall(r'href="([^"]+)"', outside) == plain
