"""The pages of the organisation on one sheet each: two languages, a desktop and a telephone beside each other."""

import io
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import FloatRect, Page

from tools.guide_pictures import LIST, wait_for_state

# What each sheet shows, after the list of the guide was sent in; the import is at its rows.
PAGES = {
    "tree": "/admin/teams",
    "members": "/admin/members",
    "file": "/admin/members/LL001640/file",
    "cards": "/admin/cards/batches",
    "activities": "/admin/activities",
    "training": "/admin/training",
}
TALLEST = {"desktop": 1500, "phone": 2600}
SCALE, GAP = 0.5, 12
PAPER = "#d9dee5"


def take_sheets(views: Mapping[tuple[str, str], Page], url: str, folder: Path) -> None:
    """A sheet for each page. ``views``: a signed-in page for each language and size, in the order shown."""
    start = next(iter(views.values()))
    columns, rows = send_list(start, url)
    for name, address in {**PAGES, "import-columns": columns, "import-rows": rows}.items():
        pictures = [_picture(page, url + address, size) for (_language, size), page in views.items()]
        _montage(pictures).save(folder / f"pages-{name}.png", optimize=True)


def send_list(page: Page, url: str) -> tuple[str, str]:
    """Upload a list twice, so that one stays at its columns and one at its rows; their addresses."""
    addresses = []
    for is_further in (False, True):
        page.goto(f"{url}/admin/imports")
        page.locator("input[name=kind][value=members]").check()
        page.locator("input[type=file]").set_input_files(
            {"name": "名单.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
        )
        page.locator("main form:has(input[type=file]) button").click()
        page.wait_for_url("**/columns")
        if is_further:
            page.locator("main form button.btn-primary").last.click()
            wait_for_state(page, "待导入")
        addresses.append(page.url.removeprefix(url))
    return addresses[0], addresses[1]


def _picture(page: Page, address: str, size: str) -> Image.Image:
    page.goto(address)
    width = (page.viewport_size or {"width": 0})["width"]
    height = min(TALLEST[size], int(page.evaluate("document.documentElement.scrollHeight")))
    clip = FloatRect(x=0, y=0, width=width, height=height)
    taken = Image.open(io.BytesIO(page.screenshot(full_page=True, clip=clip, animations="disabled")))
    return taken.convert("RGB").resize(
        (int(taken.width * SCALE), int(taken.height * SCALE)), Image.Resampling.LANCZOS
    )


def _montage(pictures: list[Image.Image]) -> Image.Image:
    width = sum(one.width + GAP for one in pictures) + GAP
    sheet = Image.new("RGB", (width, max(one.height for one in pictures) + 2 * GAP), PAPER)
    left = GAP
    for one in pictures:
        sheet.paste(one, (left, GAP))
        left += one.width + GAP
    return sheet.quantize(128)
