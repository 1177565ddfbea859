"""Pages on paper: what they say stays, what can only be pressed does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .station_server import StationServer

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def server(running_server: StationServer) -> StationServer:
    """The server with an admin, and a member who has opened the account."""
    running_server.start()
    running_server.command([f"add-admin paper-reader --password '{PASSWORD}'"])
    return running_server


@pytest.fixture
def page(server: StationServer, browser: Browser) -> Iterator[Page]:
    """The admin, signed in, about to print."""
    context = browser.new_context(base_url=server.url, locale="zh-CN")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/admin/sign-in")
    page.locator("#username").fill("paper-reader")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form").first.locator("button").click()
    page.wait_for_url("**/admin")
    page.emulate_media(media="print")
    yield page
    context.close()


@pytest.mark.parametrize("path", ["/admin/members", "/admin/teams", "/admin/records", "/admin/imports"])
def test_a_page_on_paper_has_its_heading_and_nothing_to_press(page: Page, path: str) -> None:
    page.goto(path)

    expect(page.locator("h1").first).to_be_visible()
    for part in ("header nav", ".head-tools", "button", "input", "select", ".btn", "footer"):
        assert [one for one in page.locator(part).all() if one.is_visible()] == []


def test_what_is_listed_stays_black_on_white_and_links_are_plain_words(page: Page) -> None:
    page.goto("/admin/members")
    link = page.locator("main li a").first

    expect(link).to_be_visible()
    style = link.evaluate("one => [getComputedStyle(one).textDecorationLine, getComputedStyle(one).color]")
    assert style == ["none", "rgb(0, 0, 0)"]
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    whole = page.locator("main li").first.evaluate("one => getComputedStyle(one).breakInside")
    assert whole == "avoid"
