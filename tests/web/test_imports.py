"""Imports by the pages: upload, columns, preview, result, undo; nobody sees another team's lists."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.conftest import Cast
from tests.services.test_imports import csv, xlsx
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.access_log import AccessKind
from volunteer.domain.imports import ImportState
from volunteer.domain.roles import Role
from volunteer.models.access_log import AccessEntry
from volunteer.models.admins import Appointment
from volunteer.models.imports import Import
from volunteer.models.members import Admin, Member
from volunteer.models.teams import Team
from volunteer.queries.members import find_member, get_member
from volunteer.reading.workbooks import read_rows

SignIn = Callable[[Admin | Member], FlaskClient]


@pytest.fixture
def browser(cast: Cast, sign_in: SignIn) -> FlaskClient:
    """bob's browser."""
    return sign_in(cast.bob)


def upload(browser: FlaskClient, data: bytes, kind: str = "members", name: str = "名单.csv") -> str:
    """The address that the upload leads to."""
    form = {"kind": kind, "file": (io.BytesIO(data), name)}
    response = browser.post("/admin/imports", data=form, content_type="multipart/form-data")
    assert response.status_code == 302, response.text
    return str(response.location)


MULTIPART = "multipart/form-data; boundary=edge"


def multipart(data: bytes, name: str) -> bytes:
    """A form as a browser sends it; the test client would leave a file open where it is large."""
    head = "--edge\r\nContent-Disposition: form-data; name="
    kind = f'{head}"kind"\r\n\r\nmembers\r\n{head}"file"; filename="{name}"\r\n\r\n'
    return kind.encode() + data + b"\r\n--edge--\r\n"


def match(browser: FlaskClient, address: str, **fields: str) -> str:
    """The address of the preview after the columns were accepted as guessed, or as given."""
    page = browser.get(address)
    chosen = dict(chosen_options(page.text)) | fields
    response = browser.post(address, data=chosen)
    assert response.status_code == 302, response.text
    return str(response.location)


def chosen_options(page: str) -> Iterator[tuple[str, str]]:
    import re

    for name, body in re.findall(r'<select[^>]* name="(column-\d+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found = re.search(r'value="(\w+)" selected', body)
        yield name, found[1] if found else ""
    yield "first_row", re.findall(r'name="first_row"[^>]* value="(\d+)"', page)[0]
    yield "sheet", re.findall(r'name="sheet" value="([^"]*)"', page)[0]


def test_a_dirty_list_goes_all_the_way_and_back(browser: FlaskClient, cast: Cast) -> None:
    data = xlsx(
        ["名单"],
        ["编号", "姓 名", "备注"],
        [1001.0, "李四", ""],
        ["１００２", "王 五", ""],
        [1003, "", "无名"],
    )
    preview = match(browser, upload(browser, data, name="名单.xlsx"))
    page = browser.get(preview)
    assert "请填写姓名" in page.text
    assert "“王 五” 改为 “王五”" in browser.get(f"{preview}?show=proposed").text

    assert browser.post(f"{preview}/accept").status_code == 302
    assert browser.post(f"{preview}/write").status_code == 302
    result = browser.get(preview).text
    assert "已导入" in result
    assert "其中按建议修正" in result
    assert get_member("1002").name == "王五"

    rejected = read_rows(browser.get(f"{preview}/rejected.xlsx").data, "a.xlsx").sheets[0].rows
    assert (rejected[1][0], rejected[1][-1]) == ("1003", "请填写姓名。")
    assert "会删除" in browser.get(f"{preview}/undo").text
    browser.post(f"{preview}/undo")
    assert "已撤销" in browser.get(preview).text
    assert find_member("1001") is None


def test_whom_the_list_added_goes_with_it_though_somebody_looked(browser: FlaskClient, cast: Cast) -> None:
    preview = match(
        browser, upload(browser, xlsx(["编号", "姓名"], ["1001", "李四"], ["1002", "王五"]), name="名单.xlsx")
    )
    browser.post(f"{preview}/write")
    assert "李四" in browser.get("/admin/members/1001").text
    entries = db.session.query(AccessEntry).count()

    browser.post(f"{preview}/undo")

    assert (find_member("1001"), find_member("1002")) == (None, None)
    assert db.session.query(AccessEntry).count() >= entries


def test_a_column_guessed_wrongly_is_set_right(browser: FlaskClient) -> None:
    address = upload(browser, csv(("李四", "1001"), headings=("谁", "哪个")))
    refused = browser.post(address, data={"first_row": "1"})
    assert refused.status_code == 422
    assert "请为“姓名”选一列" in refused.text

    preview = match(browser, address, **{"column-0": "name", "column-1": "volunteer_no"})

    assert "李四" in browser.get(preview).text


def test_a_row_is_edited_or_left_out_where_it_is_shown(browser: FlaskClient) -> None:
    preview = match(browser, upload(browser, csv(("1001", ""), ("1002", ""), headings=("编号", "姓名"))))
    form = {"cell-volunteer_no": "1001", "cell-name": "李四"}

    assert browser.post(f"{preview}/rows/2", data=form).status_code == 302
    assert browser.post(f"{preview}/rows/3", data={"cell-volunteer_no": "1002"}).status_code == 200
    browser.post(f"{preview}/rows/3/leave-out", data={"is_out": "1"})

    page = browser.get(preview)
    assert "导入 1 行" in page.text
    assert "您选择了不导入这一行" in browser.get(f"{preview}?show=skipped").text


def test_an_id_number_that_was_a_number_does_not_become_right_by_saving(browser: FlaskClient) -> None:
    data = xlsx(["编号", "姓名", "身份证号"], ["1001", "李四", 110101199003070000.0])
    preview = match(browser, upload(browser, data, name="a.xlsx"))
    page = browser.get(f"{preview}/rows/2")

    form = {"cell-volunteer_no": "1001", "cell-name": "李四", "cell-national_id": "1.1010119900307e+17"}
    again = browser.post(f"{preview}/rows/2", data=form)

    assert "末几位已经丢失" in page.text
    assert "末几位已经丢失" in again.text


def test_an_organisation_comes_from_three_lists_by_the_pages_alone(
    cast: Cast, sign_in: SignIn, brigade_admin: Admin
) -> None:
    browser = sign_in(brigade_admin)
    teams = csv(
        ("ZD01", "第一中队", "", "", "区法院"), headings=("队伍编码", "名称", "级别", "上级编码", "单位")
    )
    preview = match(browser, upload(browser, teams, "teams"))
    browser.post(f"{preview}/accept")
    browser.post(f"{preview}/write")
    squadron = db.session.execute(select(Team).where(Team.code == "ZD01")).scalar_one()
    assert (squadron.level, squadron.parent_id) == ("squadron", cast.brigade.id)

    preview = match(
        browser,
        upload(browser, csv(("erin", "艾琳", "ZD01"), headings=("用户名", "姓名", "队伍编码")), "admins"),
    )
    browser.post(f"{preview}/write")
    passwords = browser.post(f"{preview}/passwords.xlsx")
    row = read_rows(passwords.data, "a.xlsx").sheets[0].rows[1]
    assert browser.post(f"{preview}/passwords.xlsx").status_code == 404
    signed_in = browser.application.test_client().post(
        "/admin/sign-in", data={"username": "erin", "password": str(row[3])}
    )
    assert signed_in.status_code == 302

    preview = match(browser, upload(browser, csv(("1001", "李四", "区法院", "第一中队", ""))))
    browser.post(f"{preview}/write")
    assert get_member("1001").team_id == squadron.id


def test_another_teams_admin_finds_nothing(browser: FlaskClient, cast: Cast, sign_in: SignIn) -> None:
    preview = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", ""))))
    charlie = sign_in(cast.charlie)

    for path in ("", "/columns", "/rows/2", "/undo", "/rejected.xlsx"):
        assert charlie.get(f"{preview}{path}").status_code == 404, path
    for path in ("/accept", "/write", "/resume", "/rows/2", "/rows/2/leave-out", "/undo", "/passwords.xlsx"):
        assert charlie.post(f"{preview}{path}").status_code == 404, path
    assert "名单.csv" not in charlie.get("/admin/imports").text
    assert find_member("1001") is None


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "a.csv", "请先选择"),
        (b"x" * (10 * 1024 * 1024 + 1), "a.csv", "文件超过 10 MB"),
        (b"x" * (11 * 1024 * 1024), "a.csv", "文件超过 10 MB"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xlsx", ".xls"),
        (b"<html>", "a.xlsx", "网页"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(
    browser: FlaskClient, data: bytes, name: str, sentence: str
) -> None:
    response = browser.post("/admin/imports", data=multipart(data, name), content_type=MULTIPART)

    assert response.status_code == 422
    assert sentence in response.text


@pytest.mark.parametrize("kind", ["members", "teams", "admins"])
def test_a_template_comes_back_as_an_empty_list(
    cast: Cast, sign_in: SignIn, brigade_admin: Admin, kind: str
) -> None:
    browser = sign_in(brigade_admin)
    template = browser.get(f"/admin/imports/templates/{kind}.xlsx").data

    address = upload(browser, template, kind, "模板.xlsx")
    preview = match(browser, address)

    assert "模板里的示例行" in browser.get(preview).text
    assert "填写说明 Notes" in browser.get(address).text


def test_a_long_list_is_imported_by_a_process_of_its_own(
    app: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"M{serial:04}", "李四") for serial in range(450)]
    preview = match(browser, upload(browser, csv(*rows, headings=("编号", "姓名"))))
    wait_for(preview, ImportState.READY)
    browser.post(f"{preview}/write")
    page = browser.get(preview)
    assert "正在导入" in page.text or "已导入" in page.text

    wait_for(preview, ImportState.DONE)

    assert "450" in browser.get(preview).text
    assert find_member("M0449") is not None


def wait_for(preview: str, state: ImportState) -> None:
    """Until the process has come that far; a minute is more than it ever needs."""
    until = datetime.now(UTC) + timedelta(minutes=1)
    while True:
        db.session.rollback()
        found = db.session.get_one(Import, int(preview.rsplit("/", 1)[1]), populate_existing=True)
        if found.state == state:
            return
        assert datetime.now(UTC) < until, found.state


def test_work_whose_process_died_is_told_and_goes_on(browser: FlaskClient, cast: Cast) -> None:
    preview = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", ""))))
    one = db.session.execute(select(Import)).scalar_one()
    one.state, one.worked_at = ImportState.WRITING, datetime(2026, 1, 1, tzinfo=UTC)
    db.session.commit()
    assert "处理中断了" in browser.get(preview).text

    browser.post(f"{preview}/resume")

    wait_for(preview, ImportState.DONE)
    assert find_member("1001") is not None


def test_the_access_log_knows_of_an_import(browser: FlaskClient, cast: Cast) -> None:
    preview = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", ""))))

    browser.post(f"{preview}/write")

    entry = db.session.execute(select(AccessEntry).where(AccessEntry.kind == "imported")).scalar_one()
    assert (entry.admin_id, entry.detail) == (cast.bob.id, "members: 1")


def test_the_lists_cost_the_same_however_long_they_are(browser: FlaskClient, cast: Cast) -> None:
    def cost(preview: str) -> int:
        browser.get(preview)
        with counted_statements() as seen:
            assert browser.get(preview).status_code == 200
        return len(seen)

    short = match(browser, upload(browser, csv(("1001", "李四", "", "FD01", ""))))
    long = match(
        browser, upload(browser, csv(*((f"{one}", "李四", "", "FD01", "") for one in range(2000, 2100))))
    )

    assert cost(short) == cost(long)
    assert cost("/admin/imports") < 15


ADMINS = csv(("erin", "艾琳", "FD02"), headings=("用户名", "姓名", "队伍编码"))


@pytest.fixture
def dean(brigade_admin: Admin, cast: Cast, now: datetime) -> Admin:
    """Another admin of the whole brigade."""
    admin = Admin(username="dean", name="迪安", team_id=cast.brigade.id, password_hash="x", created_at=now)
    db.session.add(admin)
    db.session.commit()
    return admin


def test_who_writes_an_import_answers_for_it_and_not_who_sent_it(
    sign_in: SignIn, brigade_admin: Admin, dean: Admin
) -> None:
    preview = match(sign_in(brigade_admin), upload(sign_in(brigade_admin), ADMINS, "admins"))

    sign_in(dean).post(f"{preview}/write")

    erin = db.session.execute(select(Admin).where(Admin.username == "erin")).scalar_one()
    post = db.session.execute(select(Appointment).where(Appointment.admin_id == erin.id)).scalar_one()
    assert post.appointed_by_id == dean.id


def test_only_who_wrote_a_list_of_admins_takes_their_start_passwords_once_and_it_is_logged(
    sign_in: SignIn, brigade_admin: Admin, dean: Admin
) -> None:
    preview = match(sign_in(brigade_admin), upload(sign_in(brigade_admin), ADMINS, "admins"))
    sign_in(dean).post(f"{preview}/write")

    pages = [sign_in(one).get(preview).text for one in (brigade_admin, dean)]
    answers = [sign_in(one).post(f"{preview}/passwords.xlsx") for one in (brigade_admin, dean, dean)]

    assert ["下载初始密码" in page for page in pages] == [False, True]
    assert [one.status_code for one in answers] == [404, 200, 404]
    detail = f"import_passwords {preview.rsplit('/', 1)[1]}"
    lines = db.session.query(AccessEntry).filter_by(kind=AccessKind.EXPORTED, detail=detail)
    assert {one.admin_id for one in lines} == {dean.id}
    assert "领取新管理员的初始密码" in sign_in(brigade_admin).get("/admin/access-log").text


def test_a_log_that_fails_loses_no_start_password(sign_in: SignIn, brigade_admin: Admin) -> None:
    browser = sign_in(brigade_admin)
    preview = match(browser, upload(browser, ADMINS, "admins"))
    browser.post(f"{preview}/write")

    def fail(*_: object) -> None:
        raise OSError("no room on the disk")

    event.listen(AccessEntry, "before_insert", fail)
    try:
        with pytest.raises(OSError, match="no room"):
            browser.post(f"{preview}/passwords.xlsx")
    finally:
        event.remove(AccessEntry, "before_insert", fail)

    assert browser.post(f"{preview}/passwords.xlsx").status_code == 200


def test_an_import_of_the_brigade_is_not_written_by_a_narrower_admin_nor_after_the_rights_ended(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, dean: Admin
) -> None:
    preview = match(sign_in(brigade_admin), upload(sign_in(brigade_admin), ADMINS, "admins"))
    late = sign_in(dean)
    post = db.session.execute(select(Appointment).where(Appointment.admin_id == dean.id)).scalar_one()
    post.until_on = date(2020, 1, 1)
    post.from_on = date(2019, 1, 1)
    db.session.commit()

    answers = [browser.post(f"{preview}/write") for browser in (sign_in(cast.bob), late)]

    assert answers[0].status_code == 404
    assert "/admin/imports" not in (answers[1].location or "")
    db.session.expire_all()
    assert db.session.execute(select(Admin).where(Admin.username == "erin")).first() is None
    assert db.session.execute(select(Import.state)).scalar_one() == ImportState.READY


def test_a_deputy_of_the_brigade_cannot_write_what_only_its_admin_may_appoint(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    preview = match(sign_in(brigade_admin), upload(sign_in(brigade_admin), ADMINS, "admins"))
    deputy = Appointment(
        admin_id=cast.bob.id, role=Role.TEAM_ADMIN, team_id=cast.brigade.id, is_deputy=True, appointed_at=now
    )
    db.session.add(deputy)
    db.session.commit()

    answer = sign_in(cast.bob).post(f"{preview}/write")

    assert answer.status_code == 422
    assert "预览是按更大的管理范围核对的" in answer.text
    assert db.session.execute(select(Admin).where(Admin.username == "erin")).first() is None


def test_the_preview_names_what_would_be_new(sign_in: SignIn, brigade_admin: Admin) -> None:
    browser = sign_in(brigade_admin)
    teams = csv(
        ("FD09", "第九分队", "分队", "DD", "区甲局、区乙局"),
        headings=("队伍编码", "名称", "级别", "上级编码", "单位"),
    )
    preview = match(browser, upload(browser, teams, "teams"))

    before = browser.get(preview).text
    browser.post(f"{preview}/write")

    assert "将新建的队伍（1 个）：第九分队（FD09）" in before
    assert (
        "将新增的单位（2 个）：区乙局、区甲局" in before or "将新增的单位（2 个）：区甲局、区乙局" in before
    )
    assert "将新" not in browser.get(preview).text


@pytest.mark.parametrize("row", ["x", "0", "-1", str(2**63), "9" * 40])
def test_a_row_that_no_list_has_is_not_found(browser: FlaskClient, row: str) -> None:
    preview = match(browser, upload(browser, csv(("1001", "李 四", "", "FD01", ""))))

    assert browser.post(f"{preview}/accept", data={"row": row}).status_code == 404
