"""An auditor reads the lists and histories that others write, and finds nothing there to press."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, Cast
from tests.web.sides import make_side
from tests.web.test_imports import match, upload
from tests.web.test_looks import newest
from tests.web.test_registrations import ask, only
from volunteer.db import db
from volunteer.domain.roles import Role
from volunteer.models.members import Admin
from volunteer.models.notices import PrivacyNotice
from volunteer.services.members import add_admin

SignIn = Callable[[object], FlaskClient]
# What is kept there was never a file.
INVENTED = "/admin/training/evidence/<int:evidence_id>"
READ = ("/admin/registrations", "/admin/imports", "/admin/exports", "/admin/privacy")


@pytest.fixture
def auditor(cast: Cast, now: datetime) -> Admin:
    return add_admin("rita", "丽塔", None, PASSWORD, now, Role.AUDITOR)


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


@pytest.mark.parametrize("path", READ)
def test_what_was_asked_for_imported_exported_and_published_is_read_and_not_changed(
    sign_in: SignIn, auditor: Admin, path: str
) -> None:
    browser = sign_in(auditor)

    page = browser.get(path)

    assert page.status_code == 200
    assert "<form" not in main_of(page.text)
    assert f'href="{path}"' in browser.get("/admin").text or path == "/admin/privacy"
    if path != "/admin/registrations":
        assert browser.post(path).status_code == 403


def test_an_auditor_sees_who_exported_what_and_exports_nothing(
    sign_in: SignIn, cast: Cast, auditor: Admin
) -> None:
    form: dict[str, Any] = {"kind": "teams", "file": "csv"}
    assert sign_in(cast.bob).post("/admin/exports", data=form).status_code == 200

    browser = sign_in(auditor)
    page = main_of(browser.get("/admin/exports").text)

    assert "鲍勃（bob）" in page
    assert "不能导出名单" in page
    assert browser.post("/admin/exports", data=form).status_code == 403
    assert "鲍勃" not in main_of(sign_in(cast.charlie).get("/admin/exports").text)


def test_an_auditor_reads_the_versions_of_the_privacy_notice(
    sign_in: SignIn, cast: Cast, auditor: Admin, now: datetime
) -> None:
    db.session.add(PrivacyNotice(version=7, sections={}, published_at=now, published_by_id=cast.bob.id))
    db.session.commit()

    browser = sign_in(auditor)

    assert 'href="/admin/privacy"' in browser.get("/admin/access-log").text
    assert "第 7 版" in browser.get("/admin/privacy").text


@pytest.mark.parametrize(
    ("role", "may"), [(Role.SYSTEM_ADMIN, {"/admin/privacy"}), (Role.TEAM_ADMIN, set(READ))]
)
def test_other_roles_read_there_what_they_work_with(
    sign_in: SignIn, cast: Cast, now: datetime, role: Role, may: set[str]
) -> None:
    browser = sign_in(add_admin("sam", "小山", None, PASSWORD, now, role))

    assert {path for path in READ if browser.get(path).status_code == 200} == may


def links_of(page: str) -> list[str]:
    """Where the links in the main part of an admin's page lead."""
    return [unescape(href) for href in re.findall(r'<a\b[^>]*href="(/admin[^"#]*)', main_of(page))]


def test_every_link_that_an_auditor_is_shown_opens(
    app: Flask, sign_in: SignIn, cast: Cast, auditor: Admin
) -> None:
    make_side(app, cast.brigade, "71")
    browser = sign_in(auditor)
    menu = re.findall(r'href="(/admin[^"]*)"', browser.get("/admin").text)
    waiting, seen, closed = [(path, "the menu") for path in menu], set(menu), []
    kinds: Counter[str] = Counter()

    while waiting:
        path, source = waiting.pop(0)
        kinds[rule_of(app, path)] += 1
        with browser.get(path) as answer:
            if answer.status_code not in (200, 302) and rule_of(app, path) != INVENTED:
                closed.append((answer.status_code, path, source))
            more = links_of(answer.text) if answer.mimetype == "text/html" and "<main" in answer.text else []
        # Of long lists the first pages are enough.
        fresh = [one for one in dict.fromkeys(more) if one not in seen and kinds[rule_of(app, one)] < 5]
        seen |= set(fresh)
        waiting += [(one, path) for one in fresh]

    assert closed == []
    assert {"/admin/registrations/<int:registration_id>", "/admin/imports/<int:import_id>"} <= set(kinds)


def rule_of(app: Flask, path: str) -> str:
    """The rule that an address belongs to."""
    rule, _values = app.url_map.bind("localhost").match(path.partition("?")[0], return_rule=True)
    return str(rule.rule)


def test_an_auditor_reads_a_request_to_join_masked_and_logged_and_decides_nothing(
    client: FlaskClient, sign_in: SignIn, cast: Cast, auditor: Admin
) -> None:
    ask(client)
    browser, path = sign_in(auditor), f"/admin/registrations/{only().id}"

    page = main_of(browser.get(path).text)

    assert "李四" in page
    assert "13812345678" not in page.replace(" ", "")
    assert "<form" not in page
    assert newest().detail == f"registration {only().id}"
    for address in (path, f"{path}/reveal"):
        assert browser.post(address, data={"decision": "reject", "reply": "不"}).status_code == 403
    assert only().state == "waiting"


def test_an_auditor_reads_what_an_import_did_row_by_row_and_goes_on_with_none(
    sign_in: SignIn, cast: Cast, auditor: Admin
) -> None:
    columns = upload(sign_in(cast.bob), "姓名,编号,电话\n李四,B001,13812345678\n,B002,\n".encode())
    number = re.search(r"\d+", columns)[0]  # type: ignore[index]
    path = f"/admin/imports/{number}"
    early, logged = main_of(sign_in(auditor).get(path).text), newest()
    match(sign_in(cast.bob), columns)
    browser = sign_in(auditor)

    page = main_of(browser.get(path).text)
    good = main_of(browser.get(f"{path}?show=ready").text)

    assert "正在核对各列" in early
    assert "第 3 行" in page
    assert "李四" in good
    assert "13812345678" not in good
    for text in (early, page, good):
        assert "<form" not in text
        assert "/discard" not in text
    assert logged.detail == f"import_page {number}"
    for closed in ("columns", "rows/2", "discard", "rejected.xlsx"):
        assert browser.get(f"{path}/{closed}").status_code == 403
    assert sign_in(cast.charlie).get(path).status_code == 404
