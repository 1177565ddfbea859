"""The head of an admin's pages on a telephone: three tidy lines, and room for a thumb."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from .station_server import StationServer

PASSWORD = "correct horse"
SMALLEST = 44


@pytest.fixture(scope="module")
def server(running_server: StationServer) -> StationServer:
    """The server with an admin whose name and team are not short."""
    running_server.start()
    running_server.command([f"add-admin head-reader --password '{PASSWORD}'"])
    return running_server


@pytest.fixture
def signed_in(server: StationServer, browser: Browser) -> Iterator[Callable[[int, str], Page]]:
    """The admin's first page at this width and in this language."""
    contexts: list[BrowserContext] = []

    def open_page(width: int, locale: str) -> Page:
        context = browser.new_context(
            base_url=server.url, locale=locale, viewport={"width": width, "height": 800}
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/admin/sign-in")
        page.locator("#username").fill("head-reader")
        page.locator("#password").fill(PASSWORD)
        page.locator("main form").first.locator("button").click()
        page.wait_for_url("**/admin")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("width", [320, 360, 390, 420])
def test_what_can_be_done_stands_on_one_line_below_the_brand(
    signed_in: Callable[[int, str], Page], width: int, locale: str
) -> None:
    page = signed_in(width, locale)
    boxes = [tool.bounding_box() for tool in page.locator(".head-tools .tool").all()]
    brand, who = (page.locator(part).bounding_box() for part in (".brand", ".who"))

    assert len(boxes) == 3
    assert len({round(box["y"]) for box in boxes if box}) == 1
    assert all(box and box["height"] >= SMALLEST and box["width"] >= SMALLEST for box in boxes)
    assert brand
    assert who
    assert boxes[0]
    assert brand["y"] + brand["height"] <= who["y"] + 1
    assert who["y"] + who["height"] <= boxes[0]["y"] + 1
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
