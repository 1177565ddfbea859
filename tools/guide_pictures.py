"""The pictures of the guide for team admins: a small list is imported, an activity planned, people sign up."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import FloatRect, Page

PATIENCE = 60
UNIT = "区教育局"
# A title above the headings, a number in full-width digits, spaces in a name, and a row without a name.
LIST = f"""志愿者名单,,
编号,姓名,单位
LL900001,何晓梅,{UNIT}
ＬＬ９００００２,张 伟,{UNIT}
LL900003,,{UNIT}
LL900004,欧阳志强,{UNIT}
LL900005,林小红,{UNIT}
"""
COLUMNS, TWO_SCREENS, SHORT = 900, 1500, 760


def take_guide(page: Page, phone: Page, url: str, folder: Path) -> None:
    """All of them, from the pages of one team's admin; ``phone`` is the same admin on a telephone."""
    take_import(page, url, folder)
    page.goto(f"{url}/admin/cards/batches")
    page.get_by_role("button", name="看看有多少人没有卡").click()
    keep(page, folder, "cards-for-team")
    page.goto(f"{url}/admin/prints")
    keep(page, folder, "prints", TWO_SCREENS)
    page.goto(f"{url}/admin/members/LL900001/changes")
    keep(page, folder, "changes", SHORT)
    page.goto(f"{url}/admin/exports")
    keep(page, folder, "exports", TWO_SCREENS)
    plan_activity(page, url)
    keep(page, folder, "activity", TWO_SCREENS)
    phone.goto(f"{url}/admin/members/LL900001")
    keep(phone, folder, "member-phone", TWO_SCREENS)


def take_import(page: Page, url: str, folder: Path) -> None:
    """A list goes in: its columns are looked at, then its rows, then it is written."""
    page.goto(f"{url}/admin/imports")
    page.get_by_label("志愿者名单").check()
    page.locator("input[type=file]").set_input_files(
        {"name": "名单.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.get_by_role("button", name="上传并核对各列").click()
    keep(page, folder, "import-columns", TWO_SCREENS)
    page.get_by_role("button", name="下一步：检查每一行").click()
    wait_for_state(page, "待导入")
    keep(page, folder, "import-rows", TWO_SCREENS)
    page.get_by_role("button", name="接受全部").click()
    page.get_by_role("button", name="导入 4 行").click()
    wait_for_state(page, "已导入")


def wait_for_state(page: Page, state: str) -> None:
    """Look again until the import is as far as that; its process works on its own."""
    for _ in range(PATIENCE):
        if page.locator(".panel-head .state", has_text=state).count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise TimeoutError(f"import is not {state}")


def take_hours(page: Page, url: str, folder: Path) -> None:
    """What the demo's detachment has to decide: corrections, a paper sheet, reviews, certificates, stars."""
    page.goto(f"{url}/admin/corrections")
    keep(page, folder, "corrections")
    page.get_by_role("link", name="更正 ·").first.click()
    keep(page, folder, "correction")
    page.goto(f"{url}/admin/paper-sheets")
    page.locator("main .rows a, main li a").first.click()
    keep(page, folder, "paper-sheet")
    page.goto(f"{url}/admin/reviews")
    keep(page, folder, "reviews")
    page.goto(f"{url}/admin/certificates")
    keep(page, folder, "certificates", SHORT)
    page.goto(f"{url}/admin/stars")
    keep(page, folder, "stars", SHORT)


def plan_activity(page: Page, url: str) -> None:
    """An activity next week, published, with three people signed up and one on leave."""
    page.goto(f"{url}/admin/activities/new")
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=7)
    for name, text in {
        "活动名称": "路口文明劝导", "日期": day.isoformat(), "开始时间": "08:30", "结束时间": "10:30",
        "地点": "龙岭大道与中心路口", "组织单位": UNIT, "负责人": "陈科长",
        "需要人数": "6", "保险单号": "BX-2026-0815",
    }.items():  # fmt: skip
        page.get_by_label(name).first.fill(text)
    page.locator("textarea[name=content]").fill("劝导行人走斑马线，给过路的人指路")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="发布", exact=True).click()
    page.get_by_role("button", name="发布", exact=True).click()
    for number in ("LL900001", "LL900002", "LL900004"):
        page.get_by_label("志愿者编号").fill(number)
        page.get_by_role("button", name="报名", exact=True).click()
    page.get_by_role("button", name="欧阳志强 请假").click()


def keep(page: Page, folder: Path, name: str, most: int = COLUMNS) -> None:
    """The page from its top, as long as it is, but at most so many pixels."""
    size = page.viewport_size or {"width": 1280, "height": most}
    height = min(most, int(page.evaluate("document.documentElement.scrollHeight")))
    clip = FloatRect(x=0, y=0, width=size["width"], height=height)
    page.screenshot(path=folder / f"guide-{name}.png", full_page=True, clip=clip)
