"""Default deny: every route belongs to an audience, and each audience lets in only its own."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.conftest import Cast
from volunteer.models.members import Admin, Member
from volunteer.web.guards import AUDIENCES

VALUES = {"volunteer_no": "A001", "card_id": 1, "station_code": "LC", "code": "LC", "terminal_id": 1}
UUID = "00000000-0000-4000-8000-000000000000"
SIGN_IN = {
    "admin.sign_in",
    "admin.passkey_sign_in",
    "member.sign_in",
    "member.activate",
    "member.passkey_sign_in",
}


def routes(app: Flask, *audiences: str) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address of every route of these audiences."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in audiences:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule.endpoint, method, address(app, rule)


def address(app: Flask, rule: Rule) -> str:
    kinds = {"IntegerConverter": 1, "UUIDConverter": UUID}
    values = {
        name: min(rule._converters[name].items)
        if type(rule._converters[name]).__name__ == "AnyConverter"
        else kinds.get(type(rule._converters[name]).__name__, VALUES.get(name, "x"))
        for name in rule.arguments
    }
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def test_every_route_belongs_to_an_audience(app: Flask) -> None:
    owners = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()}
    assert owners <= AUDIENCES | {"static"}


def test_without_a_sign_in_pages_lead_to_the_sign_in(app: Flask, client: FlaskClient, cast: Cast) -> None:
    for endpoint, method, path in routes(app, "admin", "member"):
        if endpoint in SIGN_IN:
            continue
        response = client.open(path, method=method)
        assert response.status_code == 302, (method, path)
        assert "/sign-in" in response.headers["Location"], (method, path)


def test_without_a_key_the_api_answers_401(app: Flask, client: FlaskClient, cast: Cast) -> None:
    for endpoint, method, path in routes(app, "station"):
        if endpoint not in {"station.enrol", "station.openapi"}:
            assert client.open(path, method=method, json={}).status_code == 401, (method, path)


@pytest.mark.parametrize(("who", "closed"), [("alice", "admin"), ("bob", "member")])
def test_a_sign_in_opens_only_its_own_audience(
    app: Flask,
    cast: Cast,
    sign_in: Callable[[Admin | Member], FlaskClient],
    who: str,
    closed: str,
) -> None:
    browser = sign_in(getattr(cast, who))
    for endpoint, method, path in routes(app, closed):
        if endpoint not in SIGN_IN:
            assert browser.open(path, method=method).status_code == 302, (method, path)


def test_every_answer_carries_the_hardening_headers(client: FlaskClient, cast: Cast) -> None:
    for path in ("/", "/healthz", "/api/v1/station", "/nowhere", "/admin/", "/kiosk"):
        headers = client.get(path).headers
        assert "script-src 'self' 'wasm-unsafe-eval'" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_language_link_leads_to_no_other_host(client: FlaskClient, cast: Cast) -> None:
    headers = {"Referer": "http://localhost//evil.example/x"}
    assert client.get("/language/en", headers=headers).headers["Location"] == "/"


def test_numbers_that_no_id_has_are_refused(
    cast: Cast, sign_in: Callable[[Admin | Member], FlaskClient]
) -> None:
    huge = "9" * 20
    browser = sign_in(cast.bob)
    for path in (f"/admin/cards/{huge}/lost", f"/admin/terminals/{huge}/revoke"):
        assert browser.get(path).status_code == 404
    assert browser.get(f"/admin/members?team={huge}").status_code == 200
    assert browser.get(f"/admin/members/A001/records?activity={huge}").status_code == 400


def test_what_no_column_could_hold_is_refused_in_words(
    cast: Cast, sign_in: Callable[[Admin | Member], FlaskClient]
) -> None:
    form = {"volunteer_no": "A777", "name": "长" * 200, "team": "FD01"}
    response = sign_in(cast.bob).post("/admin/members/new", data=form)
    assert response.status_code == 422
    assert "120" in response.text


def test_an_absent_page_says_so_in_words(client: FlaskClient, cast: Cast) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "没有找到" in response.text


def test_forms_without_their_token_are_refused(app: Flask, client: FlaskClient, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.post("/me/sign-in", data={"volunteer_no": "A001", "password": "x"}).status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_health_says_when_the_database_is_gone(tmp_path: object) -> None:
    from volunteer.factory import create_app

    gone = create_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/no/such/folder/x.db")
    assert gone.test_client().get("/healthz").status_code == 503


@pytest.mark.parametrize("address", ["//[", "//[x", "http://[::1"])
def test_an_address_that_is_none_leads_nowhere_else(client: FlaskClient, cast: Cast, address: str) -> None:
    assert client.get("/admin/sign-in", query_string={"next": address}).status_code == 200


def test_days_that_no_calendar_has_are_refused_in_words(
    cast: Cast, sign_in: Callable[[Admin | Member], FlaskClient]
) -> None:
    browser = sign_in(cast.bob)
    form = {"on": "0001-01-01", "reason": "x"}

    assert browser.get("/admin/cards?from=0001-01-01").status_code < 500
    assert browser.post("/admin/members/A001/rested", data=form).status_code == 422
