"""Every page there is, drawn from the routes themselves: axe, and 320 px, in both languages."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from .station_server import ROOT, StationServer

PASSWORD = "correct horse"
LOCALES = {"zh": "zh-CN", "en": "en-US"}

# One of everything, an admin and a member to look at it, and the address of every page.
PREPARE = """
import json, sys
from app import app
from tests.web.sides import make_side, NOW
from tests.web.test_roles import FREE, address
from volunteer.queries.teams import get_brigade
from volunteer.services import members
with app.app_context():
    brigade = get_brigade()
    side = make_side(app, brigade, "71")
    members.add_admin("dora", "朵拉", None, sys.argv[1], NOW)
    number = side.values["volunteer_no"]
    members.activate_member(number, members.give_activation_code(number), sys.argv[1])
    found = {"admin": [], "member": [], "public": []}
    for rule in app.url_map.iter_rules():
        audience = rule.endpoint.partition(".")[0]
        is_plain = not set(rule.arguments) - set(side.values) - {"code", *FREE}
        chosen = any(type(one).__name__ == "AnyConverter" for one in rule._converters.values())
        if audience in found and "GET" in rule.methods and (is_plain or chosen):
            found[audience].append(address(app, rule, side))
    print(json.dumps({"member": number, "addresses": found}))
"""


@pytest.fixture(scope="module")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StationServer]:
    """A server of its own: one of everything would stand in the way of other tests."""
    running = StationServer(tmp_path_factory.mktemp("every_page"))
    running.command(["init-db"])
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def known(server: StationServer) -> dict[str, object]:
    """The server with one of everything; the addresses of its pages."""
    told = subprocess.run(
        [sys.executable, "-c", PREPARE, PASSWORD],
        cwd=ROOT, env=server.environment, check=True, stdout=subprocess.PIPE,
    ).stdout  # fmt: skip
    found: dict[str, object] = json.loads(told)
    return found


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, server: StationServer) -> Iterator[Page]:
    """A narrow browser in the language asked for."""
    context = browser.new_context(
        base_url=server.url,
        locale=LOCALES[request.getfixturevalue("locale")],
        viewport={"width": 320, "height": 800},
    )
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("audience", ["admin", "member", "public"])
def test_every_page_passes_axe_and_fits_a_narrow_screen(
    page: Page, known: dict[str, object], audience: str, locale: str
) -> None:
    addresses = known["addresses"]
    assert isinstance(addresses, dict)
    if audience != "public":
        sign_in(page, audience, str(known["member"]))
    findings, seen = [], 0

    for address in addresses[audience]:
        answer = page.request.get(address)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            assert answer.status < 500, address
            continue
        # Only this asks in the browser's language.
        shown = page.goto(address)
        assert shown is not None
        assert shown.status == 200, (address, shown.status)
        seen += 1
        findings += [(address, one["id"]) for one in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            findings.append((address, "scrolls sideways"))

    assert findings == []
    assert seen >= {"admin": 80, "member": 12, "public": 6}[audience]


def sign_in(page: Page, audience: str, number: str) -> None:
    page.goto("/admin/sign-in" if audience == "admin" else "/me/sign-in")
    page.locator("#username" if audience == "admin" else "#volunteer_no").fill(
        "dora" if audience == "admin" else number
    )
    page.locator("#password").fill(PASSWORD)
    page.locator("main form").first.locator("button").click()
    page.locator("h1").wait_for()
    page.wait_for_url(lambda url: "sign-in" not in url)
