"""What the preview of an import says and hides: effects, masked numbers, teams that were meant, giving up."""

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy import func, select

from tests.conftest import Cast
from tests.services.test_imports import csv, xlsx
from tests.web.test_imports import SignIn, chosen_options, match, upload
from volunteer.db import db
from volunteer.domain.imports import ImportState
from volunteer.domain.national_ids import invent_impossible
from volunteer.models.imports import Import, ImportRow
from volunteer.models.members import Admin, Member
from volunteer.models.teams import Team
from volunteer.queries.imports import count_rows
from volunteer.queries.members import find_member, get_member
from volunteer.reading.workbooks import read_rows
from volunteer.services.members import add_member

NUMBER = invent_impossible(1234)


@pytest.fixture
def brigade(sign_in: SignIn, brigade_admin: Admin) -> FlaskClient:
    """The browser of an admin of the whole brigade."""
    return sign_in(brigade_admin)


@pytest.fixture
def browser(cast: Cast, sign_in: SignIn) -> FlaskClient:
    """bob's browser."""
    return sign_in(cast.bob)


def test_the_preview_says_who_is_new_who_would_move_and_who_stays(brigade: FlaskClient, cast: Cast) -> None:
    rows = (("A001", "张三", "", "FD02", ""), ("1002", "新人", "", "FD02", ""))
    preview = match(brigade, upload(brigade, csv(*rows)))

    asked, ready = brigade.get(f"{preview}?show=proposed").text, brigade.get(f"{preview}?show=ready").text

    assert "所属队伍：“第一分队（FD01）” → “第二分队（FD02）”" in asked
    assert "接受全部 1 行修正和改动" in asked
    assert ready.count("将新增") == 2
    brigade.post(f"{preview}/accept")
    brigade.post(f"{preview}/write")
    assert get_member("A001").team_id == cast.other.id
    assert "按导入的名单调整" in brigade.get("/admin/members/A001/changes").text


def test_the_reason_of_a_move_by_list_is_read_in_ones_own_language(brigade: FlaskClient) -> None:
    preview = match(brigade, upload(brigade, csv(("A001", "张三", "", "FD02", ""))))
    brigade.post(f"{preview}/accept")
    brigade.post(f"{preview}/write")

    refresh()  # the test's own context remembers the language of the request before
    page = brigade.get("/admin/members/A001/changes?lang=en").text

    assert "Reason: as the imported list says" in page
    assert "按导入的名单调整" not in page


@pytest.mark.parametrize(("is_demo", "counted"), [(False, {"problem": 1}), (True, {"ready": 1})])
def test_only_a_demo_takes_id_numbers_that_nobody_can_have(
    app: Flask,
    browser: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    is_demo: bool,
    counted: dict[str, int],
) -> None:
    monkeypatch.setitem(app.config, "DEMO", is_demo)
    preview = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", NUMBER))))

    import_id = int(preview.split("/")[3])
    assert count_rows(import_id) == counted
    assert ("演示用的虚构号码" in browser.get(preview).text) is not is_demo


def test_after_writing_nothing_is_said_to_be_coming(browser: FlaskClient) -> None:
    preview = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", ""))))

    browser.post(f"{preview}/write")

    assert "将新增" not in browser.get(preview).text


WRITTEN = (
    f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}",
    NUMBER.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}),
    f"'{NUMBER}",
    f"身份证{NUMBER}",
    f"{NUMBER[:17]} {NUMBER[17]}",
)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("place", ["公民身份号码", "编号", "单位"])
def test_an_id_number_is_masked_however_and_wherever_it_is_written(
    browser: FlaskClient, written: str, place: str
) -> None:
    headings = ["姓名", "编号", "单位", "公民身份号码"]
    cells = {"姓名": "李四", "编号": "1001", "单位": "", "公民身份号码": "", place: written}
    address = upload(browser, xlsx(headings, [cells[name] for name in headings]), name="a.xlsx")
    pages = [browser.get(address).text]
    preview = match(browser, address)

    pages += [browser.get(f"{preview}?show={name}").text for name in ("problem", "proposed", "ready")]

    for page in pages:
        plain = page.replace(" ", "").translate({0xFF10 + digit: str(digit) for digit in range(10)})
        assert NUMBER[4:14] not in plain


def test_a_telephone_is_masked_in_the_preview_and_kept_sealed(browser: FlaskClient) -> None:
    data = csv(("1001", "李四", "138 0013 8000"), headings=("编号", "姓名", "联系电话"))
    preview = match(browser, upload(browser, data))

    assert "138****8000" in browser.get(preview).text
    assert "00138000" not in browser.get(preview).text.replace(" ", "")
    browser.post(f"{preview}/accept")
    browser.post(f"{preview}/write")
    assert "138****8000" in browser.get("/admin/members/1001/file").text


def test_who_has_no_number_is_numbered_by_itself_and_the_number_is_shown(browser: FlaskClient) -> None:
    preview = match(browser, upload(browser, csv(("李四", "FD01"), headings=("姓名", "队伍编码"))))
    before = browser.get(preview).text

    browser.post(f"{preview}/write")

    assert "自动编号" in before
    assert "A002" in browser.get(preview).text
    assert get_member("A002").name == "李四"


def test_one_press_puts_in_the_team_that_was_meant(brigade: FlaskClient, cast: Cast) -> None:
    preview = match(brigade, upload(brigade, csv(("1001", "李四", "区法院", "三分队", ""))))
    page = brigade.get(preview).text
    assert "就是“第一分队”" in page
    assert "就是“第二分队”" in page

    brigade.post(f"{preview}/rows/2", data={"cell-team": "第二分队"})
    brigade.post(f"{preview}/write")

    assert get_member("1001").team_id == cast.other.id
    assert get_member("1001").unit_id is not None


def test_an_upload_is_given_up_after_asking(browser: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    preview = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", NUMBER))))
    asked = browser.get(f"{preview}/discard").text

    browser.post(f"{preview}/discard")

    assert "上传的文件和逐行内容会马上删除" in asked
    assert "什么都没有写入，只留下这条记录" in browser.get(preview).text
    assert "已放弃" in browser.get("/admin/imports").text
    assert db.session.execute(select(func.count(ImportRow.id))).scalar_one() == 0
    assert db.session.execute(select(Import.state)).scalar_one() == ImportState.DISCARDED
    assert browser.post(f"{preview}/write").status_code == 422
    assert find_member("1001") is None
    assert "refresh" not in browser.post(f"{preview}/discard").headers


def test_another_teams_admin_gives_up_nothing(browser: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    preview = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", ""))))
    charlie = sign_in(cast.charlie)

    assert charlie.get(f"{preview}/discard").status_code == 404
    assert charlie.post(f"{preview}/discard").status_code == 404
    assert db.session.execute(select(Import.state)).scalar_one() == ImportState.READY


def test_two_people_side_by_side_are_told_before_the_second_is_lost(browser: FlaskClient) -> None:
    data = csv(("1001", "李四", "1002", "王五"), headings=("编号", "姓名", "编号", "姓名"))
    address = upload(browser, data)
    page = browser.get(address).text
    sent = dict(chosen_options(page))

    again = browser.post(address, data=sent)
    told = browser.post(address, data={**sent, "told": ["volunteer_no", "name"]})

    assert "“姓名”选了不止一列" in page
    assert (again.status_code, told.status_code) == (200, 302)
    assert "“志愿者编号”选了不止一列" in again.text


def test_the_brigade_is_not_renamed_by_accepting_everything(brigade: FlaskClient, cast: Cast) -> None:
    data = csv(("TA10", "第二大队", "大队", ""), headings=("队伍编码", "名称", "级别", "上级编码"))
    preview = match(brigade, upload(brigade, data, "teams"))

    brigade.post(f"{preview}/accept")
    brigade.post(f"{preview}/write")

    assert "只能有一个大队" in brigade.get(preview).text
    team = db.session.get_one(Team, cast.brigade.id, populate_existing=True)
    assert (team.code, team.name) == ("DD", "大队")


def test_the_template_has_the_whole_file_with_choices(brigade: FlaskClient) -> None:
    template = brigade.get("/admin/imports/templates/members.xlsx").data

    headings = [str(cell) for cell in read_rows(template, "a.xlsx").sheets[0].rows[0]]

    words = (
        "性别", "出生日期", "手机或电话", "微信号", "电子邮箱", "紧急联系人（", "紧急联系人电话", "居住区域",
        "技能", "服务意愿", "可服务时间",
    )  # fmt: skip
    assert all(any(heading.startswith(word) for heading in headings) for word in words)
    offered = {str(cell) for row in read_rows(template, "a.xlsx").sheets[2].rows for cell in row}
    assert {"女", "进社区"} <= offered


def test_who_left_is_not_brought_back_by_a_list(browser: FlaskClient, cast: Cast, now: datetime) -> None:
    add_member("A009", "孙九", "FD01", now)
    db.session.get_one(Member, get_member("A009").id).status = "left"
    db.session.commit()

    preview = match(browser, upload(browser, csv(("A009", "孙九", "区法院", "FD01", ""))))

    assert (
        "孙九（A009）已离队，请先在这位志愿者的“调动与状态”里恢复在册，再导入。" in browser.get(preview).text
    )
