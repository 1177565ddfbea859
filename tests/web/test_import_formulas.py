"""Formulas that no program has computed: in the way only where the list would be read from them."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.services.test_imports import CONTACT_KEY, KEYS
from tests.web.test_imports import SignIn, chosen_options, match, upload
from volunteer.db import db
from volunteer.models.members import Member
from volunteer.reading.sheets import Unreadable
from volunteer.services.member_imports import MemberLists
from volunteer.services.member_lists import import_members


@pytest.fixture
def browser(cast: Cast, sign_in: SignIn) -> FlaskClient:
    """bob's browser."""
    return sign_in(cast.bob)


def file_with(formula_in: str) -> bytes:
    """A list and a second sheet, with a formula that was never computed in one place."""
    places = {"number": ("名单", 1, 0), "remark": ("名单", 1, 2), "sums": ("统计", 3, 0)}
    wanted, row, column = places[formula_in]
    out, computed = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(computed, {"in_memory": True}) as book:
        for name, rows in (("名单", [["编号", "姓名", "备注"], ["N01", "李四", "好"]]), ("统计", [["合计"]])):
            sheet = book.add_worksheet(name)
            for place, cells in enumerate(rows):
                sheet.write_row(place, 0, cells)
            if name == wanted:
                sheet.write_formula(row, column, "=1+1", None, 4711)
    with zipfile.ZipFile(computed) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            new.writestr(item.filename, old.read(item).replace(b"<v>4711</v>", b""))
    return out.getvalue()


@pytest.mark.parametrize("formula_in", ["remark", "sums"])
def test_a_formula_in_another_sheet_or_in_an_unwanted_column_stands_in_nobody_s_way(
    browser: FlaskClient, formula_in: str
) -> None:
    preview = match(browser, upload(browser, file_with(formula_in), name="名单.xlsx"))

    assert "李四" in browser.get(preview).text


def test_a_formula_in_a_wanted_column_is_told_with_its_sheet_and_row(browser: FlaskClient) -> None:
    address = upload(browser, file_with("number"), name="名单.xlsx")
    form = dict(chosen_options(browser.get(address).text))

    response = browser.post(address, data=form)

    assert response.status_code == 422
    assert "工作表“名单”里有公式还没有算出结果，例如第 2 行" in response.text
    assert browser.post(address, data=form | {"column-0": ""}).status_code == 302


def test_a_command_reads_past_formulas_that_it_does_not_need(cast: Cast) -> None:
    rules, now = MemberLists(KEYS, UTC, CONTACT_KEY), datetime(2026, 11, 15, tzinfo=UTC)

    with pytest.raises(Unreadable, match="工作表“名单”"):
        import_members(file_with("number"), "a.xlsx", cast.detachment, now, rules=rules)
    assert import_members(file_with("sums"), "a.xlsx", cast.detachment, now, rules=rules).is_written
    assert db.session.execute(select(Member.name).where(Member.volunteer_no == "N01")).scalar_one() == "李四"
