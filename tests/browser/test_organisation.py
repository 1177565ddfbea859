"""The real-size organisation, built from three dirty workbooks by the pages alone, in a real browser."""

import io
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import BrowserContext, Page, expect

from volunteer.domain.national_ids import check_character
from volunteer.reading.workbooks import read_rows

from .conftest import Kiosk
from .station_server import ROOT, StationServer

PASSWORD, OWN_PASSWORD = "correct horse battery", "a password of my own"
PEOPLE, RUINED, REPEATED = 2565, 100, (7, 1999)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
SQUADRONS = [(f"ZD{n:02}", f"第{n}中队", "中队") for n in range(1, 25)]
TEAMS = SQUADRONS + [(f"FD{n:02}", f"第{n}直属分队", "分队") for n in range(1, 31)]
PATIENCE_MS = 60_000


@pytest.fixture
def empty(chromium: str, tmp_path: Path) -> Iterator[StationServer]:
    """A server of its own; nothing has been prepared."""
    server = StationServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def page(context: BrowserContext, empty: StationServer) -> Iterator[Page]:
    """The one browser of the story; no script error and no foreign request may happen in it."""
    context.set_default_timeout(PATIENCE_MS)
    watched = Kiosk(context.new_page(), empty)
    watched.watch()
    yield watched.page
    assert watched.unexpected() == []


def workbook(*rows: Sequence[object]) -> bytes:
    """One sheet under a merged title; numbers are kept as the floats that spreadsheets make of them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("名单")
        sheet.merge_range("A1:E1", "全区机关志愿服务一览表")
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, row)
    return out.getvalue()


def list_of_teams() -> bytes:
    """24 squadrons and 30 detachments right under the brigade, each with a unit; two without their level."""
    rows = [
        [f" {code.lower()}" if n % 9 == 0 else code, name, "" if n in (3, 40) else level, "DD", f"区 第{n}局"]
        for n, (code, name, level) in enumerate(TEAMS)
    ]
    return workbook(["队伍编码", "队伍名称", "级别", "上级编码", "单位"], *rows)


def list_of_members() -> bytes:
    """Everybody under two rows of headings, which come again further down; two people twice, and a total."""
    top = [
        ["志愿者", "", "工作单位", "所属", "证件", "加入"],
        ["编号", "姓名", "", "队伍", "身份证号", "日期"],
    ]
    rows = [person(n) for n in range(PEOPLE)]
    rows.insert(1500, ["志愿者编号", "姓 名", "工作单位", "所属队伍", "身份证号", "加入日期"])
    return workbook(*top, *rows, *map(person, REPEATED), ["合计", PEOPLE])


def person(n: int) -> list[object]:
    """One row with the dirt of offices, a different kind for each neighbour."""
    number, given = str(10000 + n), "安宁和平文静思远"
    written = [float(number), number.translate(FULL_WIDTH), f" {number} ", number][n % 4]
    name = f"{'赵钱孙李周吴郑王'[n % 8]}{' ' if n % 5 == 0 else ''}{given[n // 8 % 8]}{given[n // 64 % 8]}"
    national_id = 4.40301199001e17 if n == RUINED else national_id_of(n)
    joined = 40000.0 + n if n % 2 else date(2019, 1 + n % 12, 1)
    return [written, name, f"区第{n % len(TEAMS)}局", TEAMS[n % len(TEAMS)][n % 2], national_id, joined]


def national_id_of(n: int) -> str:
    """A well-formed number of a province that there is not: nobody has it, but no rule knows that."""
    body = f"190000{date(1960 + n % 40, 1 + n % 12, 1 + n % 28):%Y%m%d}{n % 1000:03}"
    return body + check_character(body)


def list_of_admins() -> bytes:
    """One admin for each team, some user names in full width, teams by code or by name."""
    rows = [
        [
            f"admin{n:02}".translate(FULL_WIDTH if n % 6 == 0 else {}),
            f"郑 {'安宁和平文静'[n % 6]}",
            team[n % 2],
        ]
        for n, team in enumerate(TEAMS)
    ]
    return workbook(["用户名", "姓名", "所属队伍"], *rows)


def set_up(page: Page, server: StationServer) -> None:
    """Make the first admin with the code that init-db shows, and sign in."""
    told = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "init-db"],
        cwd=ROOT, env=server.environment, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    server.start()
    page.goto(f"{server.url}/setup")
    fill(page, {"安装码": told.split("只能用一次） ")[1].split()[0], "姓名": "王大队"})
    fill(page, {"用户名": "wang", "密码": PASSWORD})
    page.get_by_role("button", name="建立管理员").click()
    sign_in(page, server, "wang", PASSWORD)


def fill(page: Page, texts: dict[str, str]) -> None:
    """Type into the fields with these labels."""
    for label, text in texts.items():
        page.get_by_label(label, exact=True).fill(text)


def sign_in(page: Page, server: StationServer, username: str, password: str) -> None:
    """Fill in the form, and wait until the admin is in."""
    page.goto(f"{server.url}/admin/sign-in")
    fill(page, {"用户名": username, "密码": password})
    page.get_by_role("button", name="登录", exact=True).click()
    page.locator(".who").wait_for()


def bring(page: Page, server: StationServer, kind: str, data: bytes) -> dict[str, int]:
    """Upload, take the columns as guessed, accept every repair, write; how many rows came to what."""
    file = {"name": f"{kind}.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    page.goto(f"{server.url}/admin/imports")
    page.locator(f"#kind-{kind}").check()
    page.get_by_label("表格文件").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="上传并核对各列").click()
    page.get_by_role("button", name="下一步：检查每一行").click()
    await_work(page, "待导入", has_progress=kind == "members")
    page.get_by_role("button", name="接受全部").click()
    expect(page.get_by_role("button", name="接受全部")).to_have_count(0)
    page.get_by_role("button", name=re.compile(r"^导入 \d+ 行$")).click()
    await_work(page, "已导入", has_progress=kind == "admins")
    facts = (text.split() for text in page.locator(".facts > div").all_inner_texts())
    return {name: int(count) for name, count, _rows in facts}


def await_work(page: Page, state: str, *, has_progress: bool) -> None:
    """Long work shows how far it is; the page itself goes on when the process has come to the end."""
    if has_progress:
        expect(page.locator("#import-progress")).to_be_visible()
    expect(page.locator(".panel-head .state")).to_have_text(state, timeout=PATIENCE_MS)


def start_passwords(page: Page) -> dict[str, str]:
    """The start password of each user name, from the workbook of the page."""
    with page.expect_download() as download:
        page.get_by_role("button", name="下载初始密码").click()
    rows = read_rows(Path(download.value.path()).read_bytes(), "passwords.xlsx").sheets[0].rows
    return {str(row[0]): str(row[3]) for row in rows[1:]}


def test_the_real_size_organisation_is_built_from_three_dirty_workbooks_by_the_pages_alone(
    empty: StationServer, page: Page
) -> None:
    set_up(page, empty)

    assert bring(page, empty, "teams", list_of_teams())["已新增"] == 54
    members = bring(page, empty, "members", list_of_members())
    assert (members["已新增"], members["有问题"], members["跳过"]) == (PEOPLE - 1, 1, 4)
    expect(page.locator(".rows .reason")).to_contain_text("末几位已经丢失")
    assert bring(page, empty, "admins", list_of_admins())["已新增"] == 54
    passwords = start_passwords(page)
    assert len(set(passwords.values())) == 54

    page.goto(f"{empty.url}/admin/teams")
    lines = "\n".join(page.locator(".tree-line").all_text_contents())
    counts = {code: int(count) for code, count in re.findall(r"([A-Z]{2}\d*) · [^人]*?(\d+) 人", lines)}
    own = Counter(TEAMS[n % len(TEAMS)][0] for n in range(PEOPLE) if n != RUINED)
    assert counts == {"DD": PEOPLE - 1, **own}
    page.goto(f"{empty.url}/admin/units")
    expect(page.locator(".row-card")).to_have_count(54)

    page.get_by_role("button", name="退出").click()
    sign_in(page, empty, "admin30", passwords["admin30"])
    expect_own_people_only(page, empty, passwords["admin30"], place=30)


def expect_own_people_only(page: Page, server: StationServer, start_password: str, place: int) -> None:
    """A new admin must choose a password first, and then finds the own team's people and nobody else."""
    page.goto(f"{server.url}/admin/members")
    expect(page.get_by_role("heading", level=1)).to_have_text("修改密码")
    fill(page, {"当前密码": start_password, "新密码": OWN_PASSWORD, "再输入一次新密码": OWN_PASSWORD})
    page.get_by_role("button", name="修改密码").click()
    page.get_by_text("密码已修改").wait_for()

    page.goto(f"{server.url}/admin/members")
    seen = page.locator(".rows .row-title .soft").all_inner_texts()
    assert sorted(seen) == [f"{10000 + n}" for n in range(place, PEOPLE, len(TEAMS))]
    foreign = page.goto(f"{server.url}/admin/members/{10000 + place + 1}")
    assert foreign
    assert foreign.status == 404
