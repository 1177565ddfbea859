"""A card held to a station becomes hours: from the printed PDF to the member's page, in a real browser."""

import re
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, expect

from .camera import GREY, HEIGHT, WIDTH, Camera
from .conftest import Kiosk, rest
from .station_server import StationServer

PASSWORD = "correct horse battery"
# A member name with a character outside the Basic Multilingual Plane.
NAME, NUMBER = "欧阳𬭎", "E2E0001"


def hold_up(camera: Camera, picture: Image.Image) -> None:
    """Show a picture to the camera as it is."""
    frame = Image.new("L", (WIDTH, HEIGHT), GREY)
    frame.paste(picture, ((WIDTH - picture.width) // 2, (HEIGHT - picture.height) // 2))
    with camera.path.open("r+b") as file:
        file.write(camera.header + frame.tobytes() + b"\x80" * (WIDTH * HEIGHT // 2))


def print_card(server: StationServer, folder: Path) -> Image.Image:
    """The card as it leaves the printer: its PDF at 300 dpi."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is missing: sudo apt-get install poppler-utils")
    pdf = folder / "card.pdf"
    server.command([f"issue-card {NUMBER} --pdf {pdf}"])
    subprocess.run(["pdftoppm", "-r", "300", "-gray", "-singlefile", pdf, folder / "card"], check=True)
    return Image.open(folder / "card.pgm").convert("L")


def let_time_pass(server: StationServer, minutes: int) -> None:
    """Move what has happened so far into the past."""
    with sqlite3.connect(server.database, timeout=20) as connection:
        shift = f"-{minutes} minutes"
        # Only whoever owns the file may set aside what makes scans unchangeable.
        trigger = "SELECT sql FROM sqlite_master WHERE name = 'scans_no_update'"
        (guard,) = connection.execute(trigger).fetchone()
        connection.execute("DROP TRIGGER scans_no_update")
        for table, columns in {
            "scans": ("at", "claimed_at", "received_at"),
            "service_records": ("checked_in_at", "limit_at"),
        }.items():
            for column in columns:
                moved = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '{shift}') || '000'"
                connection.execute(f"UPDATE {table} SET {column} = {moved}")
        connection.execute(guard)
    connection.close()


def test_a_printed_card_becomes_hours(
    kiosk: Kiosk, camera: Camera, server: StationServer, browser: Browser, tmp_path: Path
) -> None:
    server.command(
        [f"add-member {NUMBER} {NAME}", f"add-admin e2e-admin --name 管理员 --password '{PASSWORD}'"]
    )
    card = print_card(server, tmp_path)
    admin = sign_in_admin(browser, server)
    expect(admin.pages[0].get_by_role("link", name=NAME)).to_have_count(0)

    hold_up(camera, card)
    kiosk.wait_result("in", "签到成功")
    assert "欧阳*" in kiosk.page.locator("body").inner_text()
    camera.show()
    see(admin, server, "/admin/on-duty")
    expect(admin.pages[0].get_by_role("link", name=NAME)).to_be_visible()

    let_time_pass(server, minutes=90)
    rest(kiosk, 3500)
    hold_up(camera, card)
    kiosk.wait_result("out", "签退成功")
    camera.show()
    see(admin, server, "/admin/on-duty")
    expect(admin.pages[0].get_by_role("link", name=NAME)).to_have_count(0)

    activate_and_expect_hours(browser, server, "1.5")
    admin.close()


def sign_in_admin(browser: Browser, server: StationServer) -> BrowserContext:
    """The brigade's admin, on the page of who is on duty."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{server.url}/admin/on-duty")
    page.get_by_label("用户名").fill("e2e-admin")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile("/admin"))
    page.goto(f"{server.url}/admin/on-duty")
    return context


def see(context: BrowserContext, server: StationServer, path: str) -> None:
    """Open a page afresh."""
    context.pages[0].goto(server.url + path)


def activate_and_expect_hours(browser: Browser, server: StationServer, hours: str) -> None:
    """The member opens the account with the letter's code and sees the hours just given."""
    code = server.command([f"activation-code {NUMBER}"])[0]
    context = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.url}/me/activate")
    page.locator("input[name=volunteer_no]").fill(NUMBER)
    page.locator("input[name=code]").fill(code)
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button").last.click()
    page.goto(f"{server.url}/me")
    expect(page.locator(".figure-main .figure-number")).to_have_text(hours)
    page.locator(".figure-main").click()
    expect(page.locator(".records")).to_contain_text("市民中心U站")
    context.close()
