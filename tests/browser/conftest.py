"""The real server and a real Chromium for the tests of the pages.

Without Chromium these tests are skipped; with REQUIRE_BROWSER=1 in the environment they fail instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    sync_playwright,
)

from .camera import Camera
from .station_server import StationServer

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # Without this the quota that a test sets has no effect.
    "--disable-features=StaticStorageQuota",
]  # fmt: skip
NOTE_VIOLATIONS = """
    addEventListener("securitypolicyviolation", (event) =>
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
"""


def find_chromium() -> str:
    """The path of a Chromium; skips or fails the test when there is none."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        message = "no Chromium: put it on the PATH or name it in the environment variable CHROMIUM"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser under test."""
    return find_chromium()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver; one for the whole run."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    """The camera file of the whole run."""
    return Camera(tmp_path_factory.mktemp("camera") / "camera.y4m")


@pytest.fixture
def camera(film: Camera) -> Camera:
    """A camera that sees nothing yet."""
    film.show()
    return film


@pytest.fixture(scope="session")
def browser(chromium: str, playwright: Playwright, film: Camera) -> Iterator[Browser]:
    """One browser; every test gets a context of its own, with its own storage and service worker."""
    launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS + film.flags)
    yield launched
    launched.close()


@pytest.fixture(scope="session")
def running_server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StationServer]:
    """The real server with a station, members and cards; started once."""
    running = StationServer(tmp_path_factory.mktemp("server"))
    running.prepare()
    running.start()
    yield running
    running.kill()


@pytest.fixture
def server(running_server: StationServer) -> Iterator[StationServer]:
    """The server as a test finds it: running, and with ``rows()`` empty."""
    running_server.start()
    running_server.forget_rows()
    yield running_server
    running_server.start()


@dataclass
class Kiosk:
    """The kiosk page of one terminal, with what went wrong on it."""

    page: Page
    server: StationServer
    faults: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note script errors, CSP violations and requests that leave for another host."""
        self.page.add_init_script(NOTE_VIOLATIONS)
        self.page.on("console", self._note_error)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.context.on("request", self._note_foreign)

    def _note_error(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _note_foreign(self, request: Request) -> None:
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.faults.append(f"foreign request: {request.url}")

    def unexpected(self) -> list[str]:
        """The faults that no test announced (the browser itself reports each failed request)."""
        expected = ["Failed to load resource", "net::ERR_", *self.expected]
        return [fault for fault in self.faults if not any(words in fault for words in expected)]

    def open(self, path: str = "/kiosk") -> None:
        """Load the page."""
        self.page.goto(self.server.url + path)

    def enrol(self) -> None:
        """Put a one-time code into the page, as the person who sets the terminal up does."""
        self.page.get_by_label("登记码").fill(self.server.next_code())
        self.page.get_by_role("button", name="登记", exact=True).click()
        self.wait("[data-view=station][data-connection=online]")

    def wait_ready(self) -> None:
        """Wait until the camera runs and its QR reader is loaded."""
        self.wait("[data-view=station][data-camera=running][data-decoder=ready]")

    def wait(self, selector: str) -> None:
        """Wait until the page's body is in that state."""
        self.page.locator(f"body{selector}").wait_for()

    def wait_result(self, kind: str, title: str) -> None:
        """Wait for the result screen of that kind with that title."""
        self.wait(f"[data-result={kind}]")
        self.page.locator(".result-title", has_text=title).wait_for()

    def wait_pending(self, number: int) -> None:
        """Wait until that many scans are waiting for the server."""
        self.wait(f'[data-pending="{number}"]')

    def type(self, keys: str) -> None:
        """What a USB scanner does: type quickly, then Enter."""
        self.page.keyboard.type(keys)
        self.page.keyboard.press("Enter")

    def state(self, name: str) -> Any:
        """A data attribute of the body."""
        return self.page.evaluate("name => document.body.dataset[name]", name)


def rest(kiosk: Kiosk, milliseconds: int) -> None:
    """Let the page's own clock go on; a wait that is the behaviour under test, not a guess."""
    kiosk.page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", milliseconds)


@pytest.fixture
def context(browser: Browser, camera: Camera) -> Iterator[BrowserContext]:
    """A browser of a terminal in Chinese."""
    opened = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    opened.set_default_timeout(8000)
    yield opened
    opened.close()


@pytest.fixture
def unenrolled(context: BrowserContext, server: StationServer) -> Iterator[Kiosk]:
    """The kiosk page on a terminal that nobody has enrolled; no test may leave a fault behind."""
    kiosk = Kiosk(context.new_page(), server)
    kiosk.watch()
    kiosk.open()
    kiosk.wait("[data-view=enrol]")
    yield kiosk
    assert kiosk.unexpected() == []


@pytest.fixture
def kiosk(unenrolled: Kiosk) -> Kiosk:
    """An enrolled kiosk whose camera runs."""
    unenrolled.enrol()
    unenrolled.wait_ready()
    return unenrolled


@pytest.fixture
def profile_folder(tmp_path: Path) -> Path:
    """Where a browser that is killed and started again keeps its data."""
    return tmp_path / "profile"
