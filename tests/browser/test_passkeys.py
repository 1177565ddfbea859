"""A passkey in a real browser: made on the account page, then enough to sign in with."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .station_server import StationServer

NAME, PASSWORD = "passkey-admin", "correct horse battery"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def context(browser: Browser, server: StationServer) -> Iterator[BrowserContext]:
    """A browser of an admin with a desk of her own."""
    opened = browser.new_context(locale="zh-CN", base_url=server.url, viewport={"width": 320, "height": 800})
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


def with_authenticator(page: Page, *, agrees: bool = True) -> Page:
    """Give the page a fingerprint reader that knows the finger, or never does."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = AUTHENTICATOR | {"isUserVerified": agrees}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def assert_usable(page: Page) -> None:
    """No violation that axe finds, and nothing wider than the telephone."""
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps(found, ensure_ascii=False)[:2000]
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def sign_in_with_password(page: Page) -> None:
    page.goto("/admin/sign-in")
    page.get_by_label("用户名").fill(NAME)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def test_a_passkey_made_in_the_browser_signs_in(context: BrowserContext, server: StationServer) -> None:
    server.command([f"add-admin {NAME} --name 管理员 --password '{PASSWORD}'"])
    page = with_authenticator(context.new_page())
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in_with_password(page)
    page.goto("/admin/account")
    assert_usable(page)
    page.get_by_role("link", name="添加通行密钥").click()
    assert_usable(page)
    page.get_by_label("当前密码").fill(PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.get_by_label("给它起个名字").fill("办公室电脑")
    assert_usable(page)
    page.get_by_role("button", name="添加").click()
    expect(page.locator(".codes li")).to_have_count(10)
    assert_usable(page)
    page.get_by_role("link", name="我已经抄好").click()
    expect(page.get_by_text("办公室电脑")).to_be_visible()

    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_role("link", name="用通行密钥登录").click()
    assert_usable(page)
    page.locator("main").get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/admin")

    # Beside the password it is the second step.
    page.get_by_role("button", name="退出", exact=True).click()
    sign_in_with_password(page)
    expect(page.get_by_role("heading", name="登录的第二步")).to_be_visible()
    assert_usable(page)
    page.get_by_role("button", name="改用通行密钥").click()
    page.wait_for_url("**/admin")
    assert faults == []


def test_where_nothing_fits_the_page_says_what_to_do(context: BrowserContext) -> None:
    page = with_authenticator(context.new_page(), agrees=False)
    page.goto("/me/sign-in/passkey")
    page.locator("main").get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_role("alert")).to_contain_text("请再试一次")
    page.get_by_role("link", name="改用密码登录").click()
    expect(page.get_by_label("志愿者编号")).to_be_visible()


def test_without_scripts_the_page_points_to_the_password(browser: Browser, server: StationServer) -> None:
    opened = browser.new_context(locale="zh-CN", base_url=server.url, java_script_enabled=False)
    page = opened.new_page()
    page.goto("/admin/sign-in/passkey")
    expect(page.get_by_text("不能用通行密钥")).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    opened.close()
