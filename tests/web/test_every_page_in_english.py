"""Every page of the admins opens in English too, drawn from the routes themselves."""

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import ROOT, Cast
from tests.web.sides import make_side
from tests.web.test_roles import address, ask, routes
from volunteer.models.members import Admin

SignIn = Callable[[object], FlaskClient]


def test_every_page_of_the_admins_opens_in_english(
    app: Flask, sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    side, browser = make_side(app, cast.brigade, "71"), sign_in(brigade_admin)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    addresses = {address(app, rule, side) for rule, method, _ in routes(app) if method == "GET"}

    answers = {path: ask(browser, path) for path in sorted(addresses)}

    assert [path for path, status in answers.items() if status >= 500] == []
    assert sum(status == 200 for status in answers.values()) >= 100
    assert '<html lang="en' in browser.get("/admin/teams").text


def test_brackets_between_two_values_are_translated_too() -> None:
    left = []

    for path in sorted((ROOT / "templates").rglob("*.html")):
        said = re.sub(r"\{#.*?#\}|\b_\(\s*\".*?\"", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        left += [(path.name, one) for one in re.findall(r".*（.*", said)]
    for path in sorted((ROOT / "volunteer" / "web").rglob("*.py")):
        found = re.findall(r'\bf"[^"]*（[^"]*"', path.read_text(encoding="utf-8"))
        # Headings of workbooks are in both languages for everybody.
        left += [(path.name, one) for one in found if path.name != "import_templates.py"]

    assert left == []
