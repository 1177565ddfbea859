"""Totals on the pages: every figure opens its records, metered and declared apart, own teams only."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.services.test_hours import MORNING, District, counted_statements
from volunteer.db import db
from volunteer.domain.roles import Role
from volunteer.models.access_log import AccessEntry
from volunteer.reading.workbooks import read_rows
from volunteer.services.members import add_admin

SignIn = Callable[[object], FlaskClient]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEPTEMBER = "per=month&on=2026-09-10"


@pytest.fixture
def district(app: Flask, cast: Cast) -> District:
    """Three settled hours of alice on the 10th; two declared ones on the 11th wait to be settled."""
    made = District(app, cast)
    made.serve(MORNING, 3 * HOUR)
    made.settle()
    made.declare(MORNING + DAY, 2 * HOUR)
    return made


def figures(text: str) -> list[str]:
    """The labels of the figures that open records."""
    return [part.split('"')[0].removesuffix("，查看记录") for part in text.split('aria-label="')[1:]]


def test_totals_of_a_month_by_team_show_all_kinds_apart(sign_in: SignIn, district: District) -> None:
    page = sign_in(district.bob).get(f"/admin/totals?{SEPTEMBER}").text

    shown = figures(page)
    for what, hours in (
        ("系统计时", "3.0"), ("人工补录", "2.0"), ("合计", "5.0"), ("已结算", "3.0"), ("未结算", "2.0"),
    ):  # fmt: skip
        assert f"第一分队 {what} {hours}" in shown
    assert "第一分队 人次 2" in shown
    assert "第一分队 1 人，按志愿者查看" in page


@pytest.mark.parametrize(
    ("query", "count", "hours"),
    [
        ("", 2, "5.0"), ("&measure=metered", 1, "3.0"), ("&measure=declared", 1, "2.0"),
        ("&settled=yes", 1, "3.0"), ("&settled=no", 1, "2.0"), ("&member=A001", 2, "5.0"),
        ("&team=FD01", 2, "5.0"), ("&unit=0", 2, "5.0"), ("&per=day&on=2026-09-11", 1, "2.0"),
        ("&per=year", 2, "5.0"), ("&on=2026-08-01", 0, "0.0"),
    ],
)  # fmt: skip
def test_a_figure_opens_the_records_that_it_adds_up(
    sign_in: SignIn, district: District, query: str, count: int, hours: str
) -> None:
    asked = dict(part.split("=") for part in f"{SEPTEMBER}{query}".split("&"))

    page = sign_in(district.bob).get("/admin/totals/records", query_string=asked).text

    assert f"共 {count} 条记录，合计 {hours} 小时" in page


@pytest.mark.parametrize(("by", "name"), [("unit", "没有填写单位"), ("member", "张三")])
@pytest.mark.parametrize("per", ["day", "month", "year"])
def test_totals_are_by_unit_and_member_and_by_day_month_and_year(
    sign_in: SignIn, district: District, by: str, name: str, per: str
) -> None:
    page = sign_in(district.bob).get(f"/admin/totals?per={per}&on=2026-09-10&by={by}").text

    assert f"{name} 系统计时 3.0" in figures(page)


def test_another_teams_admin_sees_none_of_it(sign_in: SignIn, district: District) -> None:
    charlie = sign_in(district.cast.charlie)

    page = charlie.get(f"/admin/totals?{SEPTEMBER}").text

    assert "第一分队" not in page
    assert "共 0 条记录" in charlie.get(f"/admin/totals/records?{SEPTEMBER}").text
    assert charlie.get("/admin/totals?team=FD01").status_code == 404
    assert charlie.get("/admin/totals?unit=7").status_code == 404
    for number in ("A001", "Z999"):
        assert charlie.get(f"/admin/totals/records?{SEPTEMBER}&member={number}").status_code == 404
    assert charlie.post("/admin/totals", data={"team": "FD01"}).status_code == 404


@pytest.mark.parametrize("query", ["by=star", "per=week", "on=heute", "unit=x", "measure=guessed"])
def test_an_address_that_makes_no_sense_is_a_bad_request(
    sign_in: SignIn, district: District, query: str
) -> None:
    assert sign_in(district.bob).get(f"/admin/totals/records?{query}").status_code == 400


def test_totals_become_a_workbook_and_it_is_written_down(sign_in: SignIn, district: District) -> None:
    form: dict[str, Any] = {"by": "member", "per": "month", "on": "2026-09-10"}

    response = sign_in(district.bob).post("/admin/totals", data=form)

    heading, line = (list(row) for row in read_rows(response.data, "a.xlsx").sheets[0].rows)
    assert heading[1:8] == [
        "编号", "名称", "系统计时（小时）", "人工补录（小时）", "合计（小时）",
        "已结算（小时）", "未结算（小时）",
    ]  # fmt: skip
    assert line[1:] == ["A001", "张三", 3, 2, 5, 3, 2, 1, 2]
    entry = db.session.execute(select(AccessEntry).where(AccessEntry.kind == "exported")).scalar_one()
    assert (entry.admin_id, entry.count) == (district.bob.id, 1)


def test_who_may_read_but_not_export_is_offered_no_file(
    sign_in: SignIn, district: District, now: datetime
) -> None:
    auditor = add_admin("ada", "审计", None, "correct horse", now, Role.AUDITOR)
    client = sign_in(auditor)

    page = client.get(f"/admin/totals?{SEPTEMBER}")

    assert (page.status_code, "导出 Excel" in page.text) == (200, False)
    assert client.post("/admin/totals", data={"by": "team"}).status_code == 403


def test_many_members_cost_as_many_statements_as_few(sign_in: SignIn, district: District) -> None:
    client = sign_in(district.bob)
    addresses = [f"/admin/totals?{SEPTEMBER}&by={by}" for by in ("team", "unit", "member")]
    addresses.append(f"/admin/totals/records?{SEPTEMBER}")

    def statements() -> list[int]:
        counts = []
        for address in addresses:
            with counted_statements() as seen:
                assert client.get(address).status_code == 200
            counts.append(len(seen))
        return counts

    few = statements()
    for day in range(2, 8):
        district.serve(MORNING + day * DAY, HOUR, district.twin_token)

    assert statements() == few
    assert max(few) <= 26


def test_every_record_says_how_it_was_measured_what_proves_it_and_whether_it_is_settled(
    sign_in: SignIn, district: District
) -> None:
    for person, address in (
        (district.cast.alice, "/me/records"),
        (district.bob, "/admin/members/A001/records"),
        (district.bob, "/admin/records"),
    ):
        page = sign_in(person).get(address).text

        assert all(
            words in page for words in ("系统计时 · 证明方式：", "人工补录 · 证明方式：", "纸质签到表")
        )
        assert ">已结算</span>" in page
        assert ">未结算</span>" in page


def test_a_void_record_is_struck_out_beside_the_correction_that_did_it(
    sign_in: SignIn, district: District
) -> None:
    record = district.closed()[0]
    district.void(record)

    mine = sign_in(district.cast.alice).get("/me/records").text
    admins = sign_in(district.bob).get("/admin/members/A001/records").text

    for page, path in ((mine, "/me"), (admins, "/admin")):
        assert '<p class="record-when"><s>' in page
        assert "已作废" in page
        assert f'href="{path}/corrections/{record.voided_by_id}"' in page
        assert "合计 2.0 小时" in page
    assert sign_in(district.cast.alice).get(f"/me/corrections/{record.voided_by_id}").status_code == 200


def test_a_held_record_says_that_it_does_not_count_yet(sign_in: SignIn, district: District) -> None:
    district.serve(MORNING + 2 * DAY, 9 * HOUR)
    district.settle()

    page = sign_in(district.cast.alice).get("/me/records?day=2026-09-12").text

    assert "待审核，暂不计入" in page
    assert "合计 0.0 小时" in page
    assert "记录 9.0 小时" in page


@pytest.mark.parametrize(
    ("query", "count"),
    [("measure=metered", 1), ("measure=declared", 1), ("settled=yes", 1), ("settled=no", 1)],
)
def test_records_are_narrowed_by_measure_and_settlement(
    sign_in: SignIn, district: District, query: str, count: int
) -> None:
    assert f"共 {count} 条记录" in sign_in(district.bob).get(f"/admin/records?{query}").text


def test_the_export_of_records_says_the_same(sign_in: SignIn, district: District) -> None:
    days = {"first_on": "2026-09-01", "last_on": "2026-09-30"}

    data = sign_in(district.bob).post("/admin/exports", data={"kind": "records", "file": "xlsx", **days}).data

    heading, *lines = (list(row) for row in read_rows(data, "a.xlsx").sheets[0].rows)
    assert heading[8:13] == ["服务时长（小时）", "状态", "计时方式", "证明方式", "是否已结算"]
    assert [(line[8], line[10], line[12]) for line in lines] == [
        (3, "系统计时", "已结算"),
        (2, "人工补录", "未结算"),
    ]


def test_the_tree_and_the_first_page_show_the_parts_of_a_months_hours(
    sign_in: SignIn, district: District
) -> None:
    client = sign_in(district.bob)

    tree = client.get("/admin/teams/hours?month=2026-09").text

    assert "系统计时 3.0 小时，人工补录 2.0 小时；已结算 3.0 小时，未结算 2.0 小时" in tree
    assert "/admin/totals?per=month&amp;on=" in client.get("/admin").text


def test_the_own_data_of_a_member_say_it_too(sign_in: SignIn, district: District) -> None:
    data = sign_in(district.cast.alice).get("/me/data.json").get_json()["data"]

    records = [(one["measure"], one["proof"], one["is_settled"]) for one in data["service_records"]]
    assert records == [("metered", "card", True), ("declared", "paper", False)]
    assert [one["minutes"] for one in data["member_totals"]] == [180]
