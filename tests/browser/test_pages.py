"""The pages for people in a real browser: axe, narrow screens, the keyboard alone, and parts that refresh."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from .station_server import ROOT, STATION, StationServer

MEMBER, PASSWORD = "440300000001", "correct horse"
LOCALES = {"zh": "zh-CN", "en": "en-US"}

# An admin, a member with a password and two records (one still open), and a member without any.
PREPARE = """
import json, sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from app import app
from volunteer.domain.records import RecordState
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.stations import Direction, TerminalKind
from volunteer.queries.members import get_member
from volunteer.services import cards, duty_days, members, scans, terminals
station, number, password = sys.argv[1:]
with app.app_context():
    here, now = app.extensions["installation"], datetime.now(UTC)
    members.add_admin("dora", "朵拉", None, password, now)
    for one in (number, "EMPTY-1"):
        if one == "EMPTY-1":
            members.add_member(one, "李四", None, now)
        members.activate_member(one, members.give_activation_code(one), password)
    code = terminals.prepare_terminal(station, now, name="东门平板")
    terminal, _ = terminals.enrol_terminal(code, TerminalKind.KIOSK, "1.0.0", now)
    sender = scans.Sender(terminal.id, terminal.station_id, Direction.BOTH)
    _, token = cards.issue_card(number, here.keys, now - timedelta(days=30))
    card = cards.bind_nfc(number, "04A2B3C4D5E680", here.keys, now - timedelta(days=30))
    for ago in (timedelta(hours=50), timedelta(hours=48), timedelta(minutes=5)):
        reading = Reading(uuid4(), "04A2B3C4D5E680", Medium.NFC, now - ago, None)
        scans.take_scans(sender, [reading], here, now - ago)
    duty_days.propose_duty_days(now, here.zone)
    print(json.dumps({"card": card.id, "terminal": terminal.id}))
"""


@dataclass
class Pages:
    """The server with its people, and the ids that stand in addresses."""

    server: StationServer
    browser: Browser
    ids: dict[str, int]

    def open(self, locale: str = "zh", width: int = 1280) -> BrowserContext:
        """A browser of somebody who has not signed in."""
        context = self.browser.new_context(
            base_url=self.server.url, locale=LOCALES[locale], viewport={"width": width, "height": 800}
        )
        context.set_default_timeout(10_000)
        return context

    def sign_in(self, page: Page, who: str) -> None:
        """Sign in as the admin, or as the member with this number."""
        if who == "admin":
            page.goto("/admin/sign-in")
            page.locator("#username").fill("dora")
        else:
            page.goto("/me/sign-in")
            page.locator("#volunteer_no").fill(who)
        page.locator("#password").fill(PASSWORD)
        page.locator("main button").click()
        page.locator("h1").wait_for()


@pytest.fixture(scope="module")
def pages(running_server: StationServer, browser: Browser) -> Pages:
    """The server with an admin, a member with hours and one without."""
    running_server.start()
    told = subprocess.run(
        [sys.executable, "-c", PREPARE, STATION, MEMBER, PASSWORD],
        cwd=ROOT, env=running_server.environment, check=True, capture_output=True,
    ).stdout  # fmt: skip
    return Pages(running_server, browser, json.loads(told))


@pytest.fixture
def opened(pages: Pages) -> Iterator[Callable[..., Page]]:
    """Open a page of a fresh browser; all are closed in the end."""
    contexts: list[BrowserContext] = []

    def open_page(locale: str = "zh", width: int = 1280) -> Page:
        contexts.append(pages.open(locale, width))
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


PUBLIC = ["/", "/licences", "/nowhere", "/me/sign-in", "/me/activate", "/admin/sign-in"]
MEMBERS = ["/me", "/me/records", "/me/records?year=1999", "/me/card"]
ADMINS = [
    "/admin", "/admin/on-duty", "/admin/members", "/admin/members?q=nobody", f"/admin/members/{MEMBER}",
    f"/admin/members/{MEMBER}/records", f"/admin/members/{MEMBER}/letter", f"/admin/members/{MEMBER}/nfc",
    "/admin/members/new", "/admin/records", "/admin/prints", "/admin/stations", "/admin/stations/new",
    f"/admin/stations/{STATION}", f"/admin/stations/{STATION}/terminals/new", "/admin/duty-days",
    "/admin/duty-days/2026-12/move", "/admin/duty-days/2026-12/cancel", "/admin/jobs",
    "/admin/cards/{card}/lost", "/admin/terminals/{terminal}/revoke",
]  # fmt: skip
AUDIENCES = {"": PUBLIC, MEMBER: MEMBERS, "EMPTY-1": MEMBERS, "admin": ADMINS}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("who", AUDIENCES)
def test_every_page_passes_axe_and_fits_a_narrow_screen(
    pages: Pages, opened: Callable[..., Page], who: str, locale: str
) -> None:
    page = opened(locale, width=320)
    if who:
        pages.sign_in(page, who)
    findings = []

    for address in AUDIENCES[who]:
        page.goto(address.format(**pages.ids))
        findings += [(address, one["id"]) for one in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            findings.append((address, "scrolls sideways"))

    assert findings == []


def test_nothing_foreign_is_loaded_and_the_policy_is_kept(pages: Pages, opened: Callable[..., Page]) -> None:
    page, faults = opened(), []
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda one: one.url.startswith(pages.server.url) or faults.append(one.url))
    pages.sign_in(page, "admin")

    for address in ADMINS:
        page.goto(address.format(**pages.ids))

    assert faults == []


def test_an_admin_signs_in_with_the_keyboard_alone(pages: Pages, opened: Callable[..., Page]) -> None:
    page = opened()
    page.goto("/admin/members")
    reach(page, "username")

    page.keyboard.type("dora")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/members")
    assert page.locator("h1").inner_text() == "志愿者"


def test_a_member_signs_in_with_the_keyboard_alone(pages: Pages, opened: Callable[..., Page]) -> None:
    page = opened(width=390)
    page.goto("/me")
    reach(page, "volunteer_no")

    page.keyboard.type(MEMBER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/me")
    assert "张三" in page.locator("h1").inner_text()


def reach(page: Page, name: str) -> None:
    """Press Tab until the field with this id has the focus."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_a_figure_leads_to_its_records(pages: Pages, opened: Callable[..., Page]) -> None:
    page = opened(width=390)
    pages.sign_in(page, MEMBER)

    hours = page.locator(".figure-main .figure-number").inner_text()
    page.locator(".figure-main").click()

    assert hours == "2.0"
    assert "2.0" in page.locator(".lead").inner_text()
    assert page.locator(".record").count() == 2


def test_the_list_of_who_is_on_duty_refreshes_itself(pages: Pages, opened: Callable[..., Page]) -> None:
    page = opened()
    pages.sign_in(page, "admin")
    page.clock.install()
    page.goto("/admin/on-duty")
    page.locator(".row-card", has_text=MEMBER).wait_for()
    page.evaluate("document.querySelector('#on-duty h1').textContent = 'old'")

    page.clock.fast_forward(16_000)

    page.locator("#on-duty h1", has_text="现在在岗").wait_for()


def test_a_print_run_shows_its_end_without_a_click(pages: Pages, opened: Callable[..., Page]) -> None:
    page = opened()
    pages.sign_in(page, "admin")
    page.goto("/admin/prints")

    page.get_by_role("button", name="下一步：核对人数").click()
    page.get_by_role("button", name="开始生成").click()

    page.get_by_role("link", name="打开 PDF").wait_for(timeout=30_000)
    assert "已完成" in page.locator("main").inner_text()
    # The server under test shares the instance folder of this checkout.
    shutil.rmtree(ROOT / "instance" / "prints" / page.url.rpartition("/")[2])


def test_the_code_page_notices_the_terminal(pages: Pages, opened: Callable[..., Page]) -> None:
    page = opened()
    pages.sign_in(page, "admin")
    page.goto(f"/admin/stations/{STATION}/terminals/new")
    page.get_by_role("button", name="生成登记码").click()
    code = page.locator(".enrolment-code").inner_text()

    answer = page.request.post("/api/v1/terminals/enrol", data={"code": code, "kind": "kiosk"})

    assert answer.status == 201
    page.get_by_text("终端可以使用了").wait_for()
