"""The real-size organisation, built from three dirty workbooks by the pages alone, in a real browser."""

import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect

from volunteer.domain.national_ids import invent_impossible
from volunteer.reading.workbooks import read_rows

from .station_server import ROOT, StationServer

PASSWORD, NEW_PASSWORD = "correct horse battery", "an own password of erin"
PEOPLE, RUINED = 2565, 100
REPEATED = (7, 1999)
DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
TEAMS = [(f"ZD{n:02}", f"第{n}中队", "中队") for n in range(1, 25)] + [
    (f"FD{n:02}", f"第{n}直属分队", "分队") for n in range(1, 31)
]
PATIENCE_MS = 60_000


@pytest.fixture
def empty(chromium: str, tmp_path: Path) -> Iterator[StationServer]:
    """A server whose database holds nothing but the brigade."""
    server = StationServer(tmp_path)
    yield server
    server.kill()


def workbook(*rows: Iterable[object], merged: str = "") -> bytes:
    """One sheet; numbers are kept as the floats that spreadsheets make of them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet("名单"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.add_write_handler(date, lambda sheet, *cell: sheet.write_datetime(*cell[:3], day))
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        if merged:
            sheet.merge_range(merged, rows[0][0])  # type: ignore[index]
    return out.getvalue()


def list_of_teams() -> bytes:
    """24 squadrons and 30 detachments right under the brigade, each with a unit; two without their level."""
    rows = [
        [f" {code.lower()}" if n % 9 == 0 else code, name, "" if n in (3, 40) else level, "DD", f"区第{n} 局"]
        for n, (code, name, level) in enumerate(TEAMS)
    ]
    return workbook(["队伍和单位一览"], ["队伍编码", "队伍名称", "级别", "上级编码", "单位"], *rows)


def person(n: int) -> list[object]:
    """One row of the members' list with the dirt of offices, a different kind for each neighbour."""
    number, (code, name, _level) = 10000 + n, TEAMS[n % len(TEAMS)]
    given = "安宁和平文静思远"
    written = [float(number), str(number).translate(DIGITS), f" {number} ", str(number)][n % 4]
    called = f"{'赵钱孙李周吴郑王'[n % 8]}{' ' if n % 5 == 0 else ''}{given[n // 8 % 8]}{given[n // 64 % 8]}"
    national_id: object = 4.40301199001e17 if n == RUINED else invent_impossible(n)
    joined = 40000.0 + n if n % 2 else date(2019, 1 + n % 12, 1)
    return [written, called, f"区第{n % len(TEAMS)}局", [code, name][n % 2], national_id, joined]


def list_of_members() -> bytes:
    """Everybody, under a title and two rows of headings; two people twice, headings again, and a total."""
    top = [
        ["全区机关志愿者名单", *[""] * 5],
        ["志愿者", "", "工作单位", "所属", "证件", "加入"],
        ["编号", "姓名", "", "队伍", "身份证号", "日期"],
    ]
    rows = [person(n) for n in range(PEOPLE)]
    rows[1500:1500] = [["志愿者编号", "姓 名", "工作单位", "所属队伍", "身份证号", "加入日期"]]
    return workbook(*top, *rows, *map(person, REPEATED), ["合计", PEOPLE], merged="A1:F1")


def list_of_admins() -> bytes:
    """One admin for each team, the user names partly in full width."""
    rows = [
        [(f"admin{n:02}").translate(DIGITS if n % 6 == 0 else {}), f"郑 理{'一二三四五六'[n % 6]}", team[n % 2]]
        for n, team in enumerate(TEAMS)
    ]
    return workbook(["各队管理员"], ["用户名", "姓名", "所属队伍"], *rows)


def set_up(page: Page, server: StationServer) -> None:
    """Make the first admin with the code that init-db shows, and sign in."""
    command = [sys.executable, "-m", "flask", "--app", "app", "init-db"]
    run = subprocess.run(command, cwd=ROOT, env=server.environment, check=True, stdout=subprocess.PIPE, text=True)
    code = re.search(r"安装码（.*） (\S+)", run.stdout)
    assert code, run.stdout
    server.start()
    page.goto(f"{server.url}/setup")
    for label, text in {"安装码": code[1], "姓名": "王大队", "用户名": "wang", "密码": PASSWORD}.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="建立管理员").click()
    sign_in(page, server, "wang", PASSWORD)
    expect(page.locator(".who")).to_contain_text("王大队")


def sign_in(page: Page, server: StationServer, username: str, password: str) -> None:
    page.goto(f"{server.url}/admin/sign-in")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "sign-in" not in url)


def bring(page: Page, server: StationServer, kind: str, data: bytes) -> dict[str, int]:
    """Upload, take the columns as guessed, accept every repair, write; how many rows came to what."""
    page.goto(f"{server.url}/admin/imports")
    page.locator(f"#kind-{kind}").check()
    page.get_by_label("表格文件").set_input_files(
        {"name": f"{kind}.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.get_by_role("button", name="上传并核对各列").click()
    page.get_by_role("button", name="下一步：检查每一行").click()
    expect(page.locator(".panel-head .state")).to_have_text("待导入", timeout=PATIENCE_MS)
    page.get_by_role("button", name="接受全部").click()
    expect(page.get_by_role("button", name="接受全部")).to_have_count(0)
    page.get_by_role("button", name=re.compile(r"^导入 \d+ 行$")).click()
    expect(page.locator(".panel-head .state")).to_have_text("已导入", timeout=PATIENCE_MS)
    facts = (text.split() for text in page.locator(".facts > div").all_inner_texts())
    return {name: int(count) for name, count, _rows in facts}


def start_passwords(page: Page) -> dict[str, str]:
    """The start password of each user name, from the workbook of the page."""
    with page.expect_download() as download:
        page.get_by_role("button", name="下载初始密码").click()
    rows = read_rows(Path(download.value.path()).read_bytes(), "passwords.xlsx").sheets[0].rows
    return {str(row[0]): str(row[3]) for row in rows[1:]}


def test_the_real_size_organisation_is_built_from_three_dirty_workbooks_by_the_pages_alone(
    empty: StationServer, browser: Browser
) -> None:
    page = browser.new_context(locale="zh-CN").new_page()
    page.set_default_timeout(PATIENCE_MS)
    set_up(page, empty)
    own = Counter(TEAMS[n % len(TEAMS)][0] for n in range(PEOPLE) if n != RUINED)

    teams = bring(page, empty, "teams", list_of_teams())
    assert teams["已新增"] == 54
    members = bring(page, empty, "members", list_of_members())
    assert (members["已新增"], members["有问题"], members["跳过"]) == (PEOPLE - 1, 1, 4)
    expect(page.locator("#rows ~ .rows")).to_contain_text("末几位已经丢失")
    admins = bring(page, empty, "admins", list_of_admins())
    assert admins["已新增"] == 54
    passwords = start_passwords(page)
    assert len(set(passwords.values())) == 54

    page.goto(f"{empty.url}/admin/teams")
    tree = {}
    for line in page.locator(".tree-line").all_text_contents():
        found = re.search(r"([A-Z]{2}\d*) · .*?(\d+) 人", line, re.DOTALL)
        assert found, line
        tree[found[1]] = int(found[2])
    assert tree == {"DD": PEOPLE - 1, **own}
    page.context.close()
    expect_own_people_only(browser, empty, passwords["admin30"])


def expect_own_people_only(browser: Browser, server: StationServer, start_password: str) -> None:
    """A new admin must choose a password of their own first, and then finds the own team and nobody else."""
    page = browser.new_context(locale="zh-CN").new_page()
    sign_in(page, server, "admin30", start_password)
    page.goto(f"{server.url}/admin/members")
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    page.get_by_label("当前密码").fill(start_password)
    page.get_by_label("新密码", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("再输入一次新密码").fill(NEW_PASSWORD)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()

    page.goto(f"{server.url}/admin/members")
    seen = page.locator(".rows .row-title .soft").all_inner_texts()
    assert sorted(seen) == [str(10000 + n) for n in range(30, PEOPLE, len(TEAMS))]
    foreign = page.goto(f"{server.url}/admin/members/10031")
    assert foreign is not None and foreign.status == 404
    page.context.close()
