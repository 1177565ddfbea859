"""Take the pictures of the README, and with ``--all`` every page at two sizes: ``python -m tools.screenshots``.

Uses a demo district in a folder of its own, the real server, and Chromium with a camera made of a file.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.camera import Camera
from tests.browser.conftest import ARGUMENTS, find_chromium
from tests.browser.station_server import StationServer, until

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
PASSWORD = "a password for pictures"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
MEMBER = "LL001640"
ADMIN_PAGES = {
    "home": "/admin", "members": "/admin/members", "search": "/admin/members?q=zs", "member": f"/admin/members/{MEMBER}",
    "on-duty": "/admin/on-duty", "stations": "/admin/stations", "duty-days": "/admin/duty-days", "prints": "/admin/prints",
    "jobs": "/admin/jobs", "records": "/admin/records",
}  # fmt: skip
MEMBER_PAGES = {"home": "/me", "records": "/me/records", "card": "/me/card"}
PUBLIC_PAGES = {"home": "/", "sign-in-admin": "/admin/sign-in", "sign-in-member": "/me/sign-in", "licences": "/licences",
                "activate": "/me/activate", "absent": "/nowhere"}  # fmt: skip


def main() -> None:
    """Prepare the district, start the server, take the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server = StationServer(Path(folder))
        server.environment["VOLUNTEER_DEMO"] = "1"
        server.command(["init-db", "load-demo", f"add-admin pictures --name 王主任 --password '{PASSWORD}'"])
        camera = Camera(Path(folder) / "camera.y4m")
        browser = driver.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS + camera.flags)
        server.start()
        try:
            if "--all" in sys.argv:
                take_all(browser, server, camera, Path(sys.argv[sys.argv.index("--all") + 1]))
            else:
                take_readme(browser, server, camera)
        finally:
            server.kill()
            browser.close()


def take_readme(browser: Browser, server: StationServer, camera: Camera) -> None:
    """The three pictures of the README."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    take_kiosk(browser, server, camera, DESKTOP, IMAGES / "kiosk-desktop.png")
    admin = sign_in_admin(browser, server, DESKTOP, "zh-CN")
    take(admin.pages[0], server.url + "/admin", IMAGES / "admin-desktop.png")
    member = sign_in_member(browser, server, PHONE, "zh-CN")
    take(member.pages[0], server.url + "/me", IMAGES / "member-phone.png")


def take_all(browser: Browser, server: StationServer, camera: Camera, folder: Path) -> None:
    """Every page, at desktop and phone size, in both languages."""
    folder.mkdir(parents=True, exist_ok=True)
    for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        take_kiosk(browser, server, camera, viewport, folder / f"kiosk-{size}.png")
        for locale in ("zh-CN", "en-GB"):
            mark = f"{size}-{locale[:2]}"
            admin = sign_in_admin(browser, server, viewport, locale)
            for name, path in ADMIN_PAGES.items():
                take(admin.pages[0], server.url + path, folder / f"admin-{name}-{mark}.png", full=True)
            member = sign_in_member(browser, server, viewport, locale)
            for name, path in MEMBER_PAGES.items():
                take(member.pages[0], server.url + path, folder / f"member-{name}-{mark}.png", full=True)
            visitor = browser.new_context(locale=locale, viewport=viewport)
            page = visitor.new_page()
            for name, path in PUBLIC_PAGES.items():
                take(page, server.url + path, folder / f"public-{name}-{mark}.png", full=True)


def take(page: Page, url: str, path: Path, *, full: bool = False) -> None:
    """One picture of one page."""
    page.goto(url)
    page.screenshot(path=path, full_page=full)


def take_kiosk(
    browser: Browser, server: StationServer, camera: Camera, viewport: dict[str, int], path: Path
) -> None:
    """The kiosk as a card is held to it."""
    camera.show()
    token = server.command([f"issue-card {MEMBER}"])[0]
    code = server.command(["enrolment-code U01"])[0]
    context = browser.new_context(locale="zh-CN", viewport=viewport)
    page = context.new_page()
    page.goto(f"{server.url}/kiosk")
    page.get_by_label("登记码").fill(code)
    page.get_by_role("button", name="登记", exact=True).click()
    page.locator("body[data-camera=running][data-decoder=ready]").wait_for()
    page.screenshot(path=path.with_stem(path.stem + "-ready"))
    camera.show(token)
    page.locator("body[data-result]").wait_for()
    until(lambda: page.locator(".result-title").first.is_visible(), "the result is shown")
    # Transitions are at their end in pictures.
    page.screenshot(path=path, animations="disabled")
    context.close()


def sign_in_admin(
    browser: Browser, server: StationServer, viewport: dict[str, int], locale: str
) -> BrowserContext:
    """A browser of the brigade's admin."""
    context = browser.new_context(locale=locale, viewport=viewport)
    page = context.new_page()
    page.goto(f"{server.url}/admin/sign-in")
    page.locator("input[name=username]").fill("pictures")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url("**/admin")
    return context


def sign_in_member(
    browser: Browser, server: StationServer, viewport: dict[str, int], locale: str
) -> BrowserContext:
    """A browser of one member, who opens the account on the way."""
    code = server.command([f"activation-code {MEMBER}"])[0]
    context = browser.new_context(locale=locale, viewport=viewport)
    page = context.new_page()
    page.goto(f"{server.url}/me/activate")
    page.locator("input[name=volunteer_no]").fill(MEMBER)
    page.locator("input[name=code]").fill(code)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url("**/me")
    return context


if __name__ == "__main__":
    main()
