"""Take the pictures of the README and the guide, and with ``--all FOLDER`` every page at two sizes.

Start with ``python -m tools.screenshots``. Uses a demo district in a folder of its own, the real server, and
Chromium with a camera made of a file.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from tests.browser.camera import Camera
from tests.browser.conftest import ARGUMENTS, find_chromium
from tests.browser.station_server import StationServer, until
from tools.contact_sheets import take_sheets
from tools.guide_pictures import keep, take_guide, take_hours

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
PASSWORD = "seven quiet lanterns"
TEAM_ADMIN = "chenkezhang"
# Of the detachment that the demo's story is about.
STORY_ADMIN = "liuganshi"
DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
MEMBER = "LL001640"
ADMIN_PAGES = {
    "home": "/admin", "members": "/admin/members", "search": "/admin/members?q=zs", "member": f"/admin/members/{MEMBER}",
    "on-duty": "/admin/on-duty", "stations": "/admin/stations", "duty-days": "/admin/duty-days", "prints": "/admin/prints",
    "jobs": "/admin/jobs", "records": "/admin/records", "new-member": "/admin/members/new",
    "file": f"/admin/members/{MEMBER}/file", "changes": f"/admin/members/{MEMBER}/changes",
    "transfer": f"/admin/members/{MEMBER}/transfer", "consents": f"/admin/members/{MEMBER}/consents",
    "member-training": f"/admin/members/{MEMBER}/training", "member-cards": f"/admin/members/{MEMBER}/cards",
    "letter": f"/admin/members/{MEMBER}/letter", "nfc": f"/admin/members/{MEMBER}/nfc",
    "transfers": "/admin/transfers", "duplicates": "/admin/duplicates",
    "teams": "/admin/teams", "team": "/admin/teams/ZD01", "team-hours": "/admin/teams/hours",
    "units": "/admin/units", "admins": "/admin/admins", "new-admin": "/admin/admins/new",
    "activities": "/admin/activities", "new-activity": "/admin/activities/new",
    "training": "/admin/training", "new-training": "/admin/training/new",
    "commendations": "/admin/training/commendations",
    "registrations": "/admin/registrations", "imports": "/admin/imports", "exports": "/admin/exports",
    "cards": "/admin/cards", "card-batches": "/admin/cards/batches", "enrol-cards": "/admin/cards/enrol",
    "access-log": "/admin/access-log", "erasures": "/admin/erasures", "privacy": "/admin/privacy",
    "account": "/admin/account", "password": "/admin/account/password",
}  # fmt: skip
MEMBER_PAGES = {
    "home": "/me", "records": "/me/records", "card": "/me/card", "activities": "/me/activities",
    "training": "/me/training", "file": "/me/file", "data": "/me/data", "account": "/me/account",
}  # fmt: skip
PUBLIC_PAGES = {"home": "/", "sign-in-admin": "/admin/sign-in", "sign-in-member": "/me/sign-in", "licences": "/licences",
                "activate": "/me/activate", "absent": "/nowhere", "register": "/register",
                "privacy": "/privacy", "passkey-admin": "/admin/sign-in/passkey"}  # fmt: skip


def main() -> None:
    """Prepare the district, start the server, take the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server = StationServer(Path(folder))
        server.environment["VOLUNTEER_DEMO"] = "1"
        server.command([
            "init-db", "load-demo", f"add-admin pictures --name 王主任 --password '{PASSWORD}'",
            f"add-admin {TEAM_ADMIN} --name 陈科长 --team ZD01 --password '{PASSWORD}'",
            f"add-admin {STORY_ADMIN} --name 刘干事 --team FD01 --password '{PASSWORD}'",
        ])  # fmt: skip
        camera = Camera(Path(folder) / "camera.y4m")
        browser = driver.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS + camera.flags)
        server.start()
        try:
            if "--all" in sys.argv:
                take_all(browser, server, camera, Path(sys.argv[sys.argv.index("--all") + 1]))
            else:
                take_readme(browser, server, camera)
                take_for_pages(browser, server)
                take_for_guide(browser, server)
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


def take_for_guide(browser: Browser, server: StationServer) -> None:
    """The pictures of the guide: one team's own pages, and the tree as the brigade sees it."""
    visitor = browser.new_context(locale="zh-CN", viewport=DESKTOP).new_page()
    visitor.goto(f"{server.url}/admin/sign-in")
    keep(visitor, IMAGES, "sign-in")
    brigade = sign_in_admin(browser, server, DESKTOP, "zh-CN").pages[0]
    brigade.goto(f"{server.url}/admin/teams")
    keep(brigade, IMAGES, "teams")
    team = sign_in_admin(browser, server, DESKTOP, "zh-CN", TEAM_ADMIN).pages[0]
    phone = sign_in_admin(browser, server, PHONE, "zh-CN", TEAM_ADMIN).pages[0]
    take_guide(team, phone, server.url, IMAGES)
    story = sign_in_admin(browser, server, DESKTOP, "zh-CN", STORY_ADMIN).pages[0]
    take_hours(story, server.url, IMAGES)


def take_for_pages(browser: Browser, server: StationServer) -> None:
    """The sheets of the organisation's pages."""
    views = {
        (locale, size): sign_in_admin(browser, server, viewport, locale).pages[0]
        for locale in ("zh-CN", "en-GB")
        for size, viewport in (("desktop", DESKTOP), ("phone", PHONE))
    }
    take_sheets(views, server.url, IMAGES)


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
    browser: Browser, server: StationServer, camera: Camera, viewport: ViewportSize, path: Path
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
    browser: Browser, server: StationServer, viewport: ViewportSize, locale: str, username: str = "pictures"
) -> BrowserContext:
    """A browser of an admin; the brigade's where none is named."""
    context = browser.new_context(locale=locale, viewport=viewport)
    page = context.new_page()
    page.goto(f"{server.url}/admin/sign-in")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button").last.click()
    page.wait_for_url("**/admin")
    return context


def sign_in_member(
    browser: Browser, server: StationServer, viewport: ViewportSize, locale: str
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
