"""The duty day on the admin's pages: everybody sees it, the brigade decides."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.conftest import Cast
from volunteer.models.members import Admin
from volunteer.queries.duty_days import find_duty_day_rule, find_next_duty_day, list_duty_days
from volunteer.web import clock, dates
from volunteer.web.admin import duty_days

SignIn = Callable[[object], FlaskClient]
JANUARY = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def january(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is January 2026 for the pages: February's 15th is a holiday."""
    for module in (clock, dates, duty_days):
        monkeypatch.setattr(module, "now", lambda: JANUARY)


def test_the_proposed_day_is_confirmed_after_asking(sign_in: SignIn, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)

    asked = client.get("/admin/duty-days/2026-03/confirm")
    undecided = find_next_duty_day(date(2026, 3, 1))
    client.post("/admin/duty-days/2026-03/confirm")

    assert "2026年3月15日 星期日" in asked.text
    assert undecided is None
    assert find_next_duty_day(date(2026, 3, 1)) == date(2026, 3, 15)


def test_a_holiday_is_named_and_alternatives_are_offered(sign_in: SignIn, brigade_admin: Admin) -> None:
    page = sign_in(brigade_admin).get("/admin/duty-days").text

    assert "15日是春节假期" in page
    assert "/admin/duty-days/2026-02/confirm?on=2026-02-14" in page
    assert "/admin/duty-days/2026-02/confirm?on=2026-02-24" in page


def test_an_alternative_is_chosen_with_one_question(sign_in: SignIn, brigade_admin: Admin) -> None:
    sign_in(brigade_admin).post("/admin/duty-days/2026-02/confirm?on=2026-02-14")

    assert find_next_duty_day(date(2026, 2, 1)) == date(2026, 2, 14)


def test_a_day_too_far_away_is_refused_and_kept_in_the_field(sign_in: SignIn, brigade_admin: Admin) -> None:
    response = sign_in(brigade_admin).post("/admin/duty-days/2026-03/move", data={"on": "2026-03-31"})

    assert response.status_code == 422
    assert "不能超过 7 天" in response.text
    assert 'value="2026-03-31"' in response.text


def test_a_day_is_moved_and_cancelled(sign_in: SignIn, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)

    client.post("/admin/duty-days/2026-03/move", data={"on": "2026-03-16"})
    moved = find_next_duty_day(date(2026, 3, 1))
    client.post("/admin/duty-days/2026-03/cancel")

    assert moved == date(2026, 3, 16)
    assert list_duty_days("2026-03", "2026-03")[0].status == "cancelled"


def test_a_new_policy_moves_what_is_undecided(sign_in: SignIn, brigade_admin: Admin) -> None:
    sign_in(brigade_admin).post("/admin/duty-days/policy", data={"policy": "next", "max_shift_days": "5"})

    assert find_duty_day_rule() == ("next", 5)
    assert list_duty_days("2026-03", "2026-03")[0].proposed_on == date(2026, 3, 16)


@pytest.mark.parametrize("days", ["-1", "32", "seven", ""])
def test_an_impossible_limit_is_refused(sign_in: SignIn, brigade_admin: Admin, days: str) -> None:
    form = {"policy": "next", "max_shift_days": days}

    assert sign_in(brigade_admin).post("/admin/duty-days/policy", data=form).status_code == 422


def test_other_admins_see_the_days_but_decide_nothing(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    form = SimpleNamespace(policy="next", max_shift_days="5", on="2026-03-16")
    posts = ["2026-03/confirm", "2026-03/move", "2026-03/cancel", "policy"]

    page = client.get("/admin/duty-days")
    statuses = {client.post(f"/admin/duty-days/{post}", data=vars(form)).status_code for post in posts}

    assert page.status_code == 200
    assert "/confirm" not in page.text
    assert statuses == {404}


@pytest.mark.parametrize("month", ["2026-13", "202603", "never"])
def test_what_is_no_month_is_not_found(sign_in: SignIn, brigade_admin: Admin, month: str) -> None:
    assert sign_in(brigade_admin).get(f"/admin/duty-days/{month}/cancel").status_code == 404


def test_a_confirmed_day_stands_on_the_front_page(
    sign_in: SignIn, client: FlaskClient, brigade_admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(brigade_admin).post("/admin/duty-days/2026-03/confirm")

    assert "2026年3月15日" in client.get("/").text
