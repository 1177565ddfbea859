"""An auditor reads the lists and histories that others write, and finds nothing there to press."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import PASSWORD, Cast
from volunteer.db import db
from volunteer.domain.roles import Role
from volunteer.models.members import Admin
from volunteer.models.notices import PrivacyNotice
from volunteer.services.members import add_admin

SignIn = Callable[[object], FlaskClient]
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
