"""Exports: the own teams only, numbers masked, formulas harmless, every one in the access log."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.cells import Cell
from volunteer.domain.national_ids import derive_id_keys, invent_impossible
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.members import Admin, Member
from volunteer.reading.workbooks import read_rows
from volunteer.services.member_imports import import_members
from volunteer.services.members import add_member

SignIn = Callable[[Admin | Member], FlaskClient]
COLUMNS = ["volunteer_no", "name", "team", "national_id"]


def rows_of(data: bytes) -> list[Sequence[Cell]]:
    return list(read_rows(data, "a.xlsx").sheets[0].rows)


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


@pytest.fixture
def browser(cast: Cast, sign_in: SignIn, now: datetime) -> FlaskClient:
    """bob's browser; charlie's team has somebody too, and somebody is called like a formula."""
    add_member("B001", "外人", "FD02", now)
    add_member("A002", "=1+1", "FD01", now)
    line = f"编号,姓名,身份证号\nA003,李四,{invent_impossible(1)}".encode()
    keys = derive_id_keys("a secret for tests only")
    import_members(line, "a.csv", cast.detachment, now, keys=keys, zone=UTC)
    return sign_in(cast.bob)


def test_members_become_a_workbook_with_masked_numbers(browser: FlaskClient) -> None:
    response = browser.post("/admin/exports", data={"kind": "members", "file": "xlsx", "columns": COLUMNS})

    rows = rows_of(response.data)
    assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    assert [row[0] for row in rows] == ["志愿者编号", "A001", "A002", "A003"]
    assert rows[2][1] == "=1+1"
    number = invent_impossible(1)
    assert rows[3][3] == f"{number[:3]}{'*' * 11}{number[-4:]}"


def test_a_name_like_a_formula_stays_a_name(browser: FlaskClient) -> None:
    xlsx = browser.post("/admin/exports", data={"kind": "members", "file": "xlsx", "columns": COLUMNS}).data
    text = browser.post("/admin/exports", data={"kind": "members", "file": "csv", "columns": COLUMNS}).data

    assert rows_of(xlsx)[2][1] == "=1+1"
    assert "<f>" not in part(xlsx, "xl/worksheets/sheet1.xml")
    assert 'quotePrefix="1"' in part(xlsx, "xl/styles.xml")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[2][1] == "'=1+1"
    assert text.startswith(b"\xef\xbb\xbf")


def test_records_of_a_period_and_teams_are_exported(
    browser: FlaskClient, hold: Callable[[datetime], None], now: datetime
) -> None:
    hold(now)
    days = {"first_on": "2026-09-15", "last_on": "2026-09-15"}

    records = rows_of(browser.post("/admin/exports", data={"kind": "records", "file": "xlsx", **days}).data)
    none = browser.post("/admin/exports", data={"kind": "records", "file": "xlsx", "first_on": "2026-09-16"})
    teams = rows_of(browser.post("/admin/exports", data={"kind": "teams", "file": "xlsx"}).data)

    assert [row[1] for row in records[1:]] == ["A001"]
    assert records[1][0] == date(2026, 9, 15)
    assert records[1][6] == datetime(2026, 9, 15, 10)  # noqa: DTZ001
    assert len(rows_of(none.data)) == 1
    assert [(row[0], row[5]) for row in teams[1:]] == [("FD01", 3)]


def test_every_export_is_written_down_with_whom_it_was_about(browser: FlaskClient, cast: Cast) -> None:
    browser.post("/admin/exports", data={"kind": "members", "file": "csv", "columns": ["name"]})

    entry = db.session.execute(select(AccessEntry).where(AccessEntry.kind == "exported")).scalar_one()
    about = db.session.execute(select(AccessedMember.member_id)).scalars().all()
    assert (entry.admin_id, entry.count, entry.detail) == (cast.bob.id, 3, "members: name")
    assert cast.alice.id in about


def test_a_foreign_team_is_as_unknown_as_none_and_bad_dates_are_told(browser: FlaskClient) -> None:
    form = {"kind": "members", "file": "csv", "columns": ["name"]}

    assert browser.post("/admin/exports", data={**form, "team": "FD02"}).status_code == 404
    assert browser.post("/admin/exports", data={**form, "team": "NO"}).status_code == 404
    assert "格式填写日期" in browser.post("/admin/exports", data={**form, "first_on": "gestern"}).text
    backwards = {**form, "first_on": "2026-09-16", "last_on": "2026-09-15"}
    assert "不能晚于" in browser.post("/admin/exports", data=backwards).text
    assert "至少选一列" in browser.post("/admin/exports", data={"kind": "members", "file": "csv"}).text
