"""The kiosk page is for everybody: every width, both languages, the keyboard and the screen reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext

from .camera import Camera
from .conftest import Kiosk, rest
from .station_server import StationServer

WIDTHS = [(1280, 800), (1024, 768), (390, 844), (320, 640)]
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
GAP_MS = 350
LONGEST_STATION = "深圳市福田区莲花街道福中社区新时代文明实践志愿服务站(市民中心北广场U站)"


def assert_accessible(kiosk: Kiosk) -> None:
    """axe finds nothing to complain about."""
    report = Axe().run(kiosk.page)
    assert report.violations_count == 0, report.generate_report()


def assert_nothing_sticks_out(kiosk: Kiosk) -> None:
    """At no width does the page scroll sideways."""
    for width, height in WIDTHS:
        kiosk.page.set_viewport_size({"width": width, "height": height})
        assert kiosk.page.evaluate(SIDEWAYS) <= 0, f"{width} px"


def test_the_enrolment_screen_is_for_everybody(unenrolled: Kiosk) -> None:
    assert_nothing_sticks_out(unenrolled)
    assert_accessible(unenrolled)


def test_the_ready_screen_is_for_everybody(kiosk: Kiosk) -> None:
    # This browser lets the page make sounds; only without that is a touch asked for.
    assert kiosk.page.get_by_role("button", name="开始值守").is_hidden()
    kiosk.page.locator("#station-name").evaluate("(e, name) => (e.textContent = name)", LONGEST_STATION)

    assert_nothing_sticks_out(kiosk)
    assert_accessible(kiosk)


def test_each_result_is_for_everybody(kiosk: Kiosk, context: BrowserContext, camera: Camera) -> None:
    kiosk.type(kiosk.server.next_card())
    kiosk.wait_result("in", "签到成功")
    assert_accessible(kiosk)
    kiosk.type("04A2B3C4D5E680")
    kiosk.wait_result("error", "未能计时")
    assert_accessible(kiosk)
    context.set_offline(True)
    kiosk.type(kiosk.server.next_card())
    kiosk.wait_result("stored", "已收到，稍后计时")
    assert_accessible(kiosk)
    assert_nothing_sticks_out(kiosk)


@pytest.fixture
def risky_activity(server: StationServer) -> Iterator[None]:
    """Something runs at the station now whose risk no insurance covers."""
    set_activities(
        server,
        "INSERT INTO activities (name, category, station_id, starts_at, ends_at, risk_level, risk_note)"
        " SELECT '水上救援', 'warmth', id, datetime('now', '-1 hour'), datetime('now', '+1 hour'), 'high', ''"
        " FROM stations",
    )
    yield
    set_activities(server, "UPDATE activities SET state = 'cancelled'")


def set_activities(server: StationServer, statement: str) -> None:
    """Change the server's activities, as the pages of an admin would."""
    connection = sqlite3.connect(server.database, isolation_level=None, timeout=20)
    connection.execute(statement)
    connection.close()


@pytest.mark.usefixtures("risky_activity")
def test_a_risk_without_insurance_is_seen_and_read_at_check_in(kiosk: Kiosk) -> None:
    kiosk.type(kiosk.server.next_card())
    kiosk.wait_result("warned", "签到成功")

    words = kiosk.page.locator(".result-words").inner_text()

    assert words == "张*，签到成功。本活动有风险，没有登记保险，请找负责人"
    assert_accessible(kiosk)
    assert_nothing_sticks_out(kiosk)


def test_the_terminal_information_opens_and_closes_by_keyboard(kiosk: Kiosk) -> None:
    kiosk.type("04A2B3C4D5E680")
    kiosk.wait_result("error", "未能计时")
    refusal = kiosk.page.locator(".result-words").inner_text()
    rest(kiosk, GAP_MS)
    kiosk.page.get_by_role("button", name="终端信息").focus()
    kiosk.page.keyboard.press("Enter")
    kiosk.page.get_by_role("dialog").get_by_role("listitem").filter(has_text=refusal).wait_for()
    assert_accessible(kiosk)

    kiosk.page.keyboard.press("Escape")

    assert kiosk.page.get_by_role("dialog").is_hidden()


def test_a_result_is_announced_at_once_and_hides_nothing_that_must_be_seen(kiosk: Kiosk) -> None:
    kiosk.type(kiosk.server.next_card())

    status = kiosk.page.get_by_role("status")
    status.get_by_text("签到成功").wait_for()

    assert status.get_attribute("aria-live") == "assertive"
    for words in ("市民中心U站", "在线", "全部已上传"):
        assert kiosk.page.get_by_text(words, exact=True).is_visible()
    assert kiosk.page.locator("#clock").inner_text().count(":") == 2


def test_the_page_speaks_english(unenrolled: Kiosk) -> None:
    unenrolled.open("/kiosk?lang=en")

    unenrolled.page.get_by_role("heading", name="Enrol this terminal").wait_for()

    assert unenrolled.page.locator("html").get_attribute("lang") == "en"
    assert_nothing_sticks_out(unenrolled)


def test_no_sentence_is_left_untranslated_in_english(unenrolled: Kiosk) -> None:
    unenrolled.open("/kiosk?lang=en")
    unenrolled.page.get_by_role("heading", name="Enrol this terminal").wait_for()

    shown = unenrolled.page.evaluate("() => document.documentElement.outerHTML")

    assert [c for c in shown if "\u4e00" <= c <= "\u9fff"] == []


def test_a_wrong_code_is_refused_in_words(unenrolled: Kiosk) -> None:
    unenrolled.page.get_by_label("登记码").fill("AAAA-AAAA")

    unenrolled.page.get_by_role("button", name="登记", exact=True).click()

    unenrolled.page.get_by_role("alert").filter(has_text="登记码").wait_for()
    assert unenrolled.state("view") == "enrol"


def test_the_code_in_the_address_is_filled_in_and_removed_from_it(unenrolled: Kiosk) -> None:
    unenrolled.page.goto("about:blank")
    unenrolled.open(f"/kiosk#code={unenrolled.server.next_code()}")

    unenrolled.page.get_by_role("button", name="登记", exact=True).click()

    unenrolled.wait("[data-view=station]")
    assert "code" not in unenrolled.page.url


@pytest.fixture
def insecure(browser: Browser, camera: Camera, server: StationServer) -> Iterator[Kiosk]:
    """The page over plain http under a name that is not localhost."""
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(8000)
    kiosk = Kiosk(context.new_page(), server)
    # No resolver is needed for a name that every request is fetched for by the test itself.
    context.route(
        "http://station.test/**",
        lambda route: route.fulfill(
            response=route.fetch(url=route.request.url.replace("http://station.test", server.url))
        ),
    )
    kiosk.page.goto("http://station.test/kiosk")
    yield kiosk
    context.close()


def test_without_https_the_page_says_so_and_the_scanner_works(insecure: Kiosk) -> None:
    insecure.enrol()
    insecure.page.get_by_text("当前网址不是 https").wait_for()
    assert insecure.page.evaluate("() => [isSecureContext, 'randomUUID' in crypto]") == [False, False]

    insecure.type(insecure.server.next_card())

    insecure.wait_result("in", "签到成功")


def test_all_characters_have_a_glyph(kiosk: Kiosk) -> None:
    drawn = """() => ["签", "到"].map(character => {
        const canvas = Object.assign(document.createElement("canvas"), {width: 40, height: 40});
        const context = canvas.getContext("2d");
        context.font = "32px " + getComputedStyle(document.body).fontFamily;
        context.fillText(character, 2, 34);
        return canvas.toDataURL();
    })"""

    first, second = kiosk.page.evaluate(drawn)

    assert first != second
