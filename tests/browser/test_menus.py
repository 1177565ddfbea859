"""The main menu in a real browser: groups that open by keyboard, by touch and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from .station_server import StationServer

PASSWORD = "correct horse"
SMALLEST = 44


@pytest.fixture(scope="module")
def server(running_server: StationServer) -> StationServer:
    """The server with an admin who sees every entry."""
    running_server.start()
    running_server.command([f"add-admin menu-reader --password '{PASSWORD}'"])
    return running_server


@pytest.fixture
def signed_in(server: StationServer, browser: Browser) -> Iterator[Callable[..., Page]]:
    """The admin's first page in a fresh browser of this kind."""
    contexts: list[BrowserContext] = []

    def open_page(width: int = 390, *, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=server.url,
            locale="zh-CN",
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/admin/sign-in")
        page.locator("#username").fill("menu-reader")
        page.locator("#password").fill(PASSWORD)
        page.locator("main form").first.locator("button").click()
        page.wait_for_url("**/admin")
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_a_group_is_opened_and_left_with_the_keyboard_alone(signed_in: Callable[..., Page]) -> None:
    page = signed_in()
    group = page.locator(".menu-group summary", has_text="服务")
    entry = page.locator(".menu-group a", has_text="记录")
    group.focus()

    page.keyboard.press("Enter")
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(group).to_be_focused()
    page.keyboard.press("Space")
    while not entry.evaluate("one => one === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/admin/records")
    assert group.get_attribute("aria-current") == "true"
    assert entry.get_attribute("aria-current") == "page"


def test_the_menu_needs_no_scripts_and_has_one_group_open_at_a_time(signed_in: Callable[..., Page]) -> None:
    page = signed_in(scripts=False)

    page.locator(".menu-group summary", has_text="组织").click()
    page.locator(".menu-group summary", has_text="系统").click()

    expect(page.locator(".menu-group[open]")).to_have_count(1)
    page.locator(".menu-group a", has_text="导出").click()
    page.wait_for_url("**/admin/exports")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_entry_is_large_enough_whole_and_accessible(signed_in: Callable[..., Page], width: int) -> None:
    page = signed_in(width)
    rows = page.locator(".site-nav > a, .site-nav summary").evaluate_all(
        "all => all.map(one => one.offsetTop)"
    )
    wrong = []

    for group in page.locator(".menu-group summary").all():
        group.click()
        for entry in [group, *page.locator(".menu-group[open] a").all()]:
            box = entry.bounding_box()
            assert box
            if box["height"] < SMALLEST or box["width"] < SMALLEST or box["x"] + box["width"] > width:
                wrong.append((entry.inner_text(), box))
        wrong += [one["id"] for one in Axe().run(page).response["violations"]]

    assert wrong == []
    assert len(set(rows)) == (2 if width == 320 else 1)
