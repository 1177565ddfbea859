"""Pages for everybody."""

import json

import pytest
from flask.testing import FlaskClient

from tests.conftest import ROOT
from volunteer.web.public.licences import list_server_parts


def test_the_front_page_has_three_doors(client: FlaskClient) -> None:
    page = client.get("/").text

    assert all(f'href="{address}"' in page for address in ("/me", "/admin", "/kiosk"))


@pytest.mark.parametrize(("language", "tag", "word"), [("zh", "zh-CN", "English"), ("en", "en", "中文")])
def test_the_language_is_chosen_and_kept(client: FlaskClient, language: str, tag: str, word: str) -> None:
    client.get(f"/language/{language}")

    page = client.get("/me/sign-in").text

    assert f'<html lang="{tag}">' in page
    assert f">{word}</a>" in page


def test_what_is_not_there_is_told_in_words(client: FlaskClient) -> None:
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert "没有找到这个页面" in response.text


@pytest.mark.parametrize("address", ["/", "/licences", "/me/sign-in", "/me/activate", "/admin/sign-in"])
def test_pages_load_nothing_inline_and_nothing_foreign(client: FlaskClient, address: str) -> None:
    page = client.get(address).text

    assert " style=" not in page
    assert "<style" not in page
    assert "<script>" not in page
    assert "//" not in page.replace("http://www.w3.org/2000/svg", "")


def test_every_vendored_part_is_named_with_its_licence_text(client: FlaskClient) -> None:
    lock = json.loads((ROOT / "vendor.lock.json").read_text())["packages"]
    page = client.get("/licences").text

    for folder, entry in lock.items():
        for name in (name for name in entry["files"] if name.startswith("LICENSE")):
            assert f"/licences/{folder}/{name}" in page
            with client.get(f"/licences/{folder}/{name}") as text:
                assert text.mimetype == "text/plain"


def test_every_python_package_has_a_licence() -> None:
    parts = {part.name.lower(): part for part in list_server_parts()}

    assert {"flask", "sqlalchemy", "werkzeug", "pillow"} <= set(parts)
    assert [name for name, part in parts.items() if not part.licence and not part.texts] == []


def test_the_licence_text_of_a_package_can_be_read(client: FlaskClient) -> None:
    part = next(part for part in list_server_parts() if part.name.lower() == "flask")

    response = client.get(f"/licences/packages/{part.name}/{part.texts[0]}")

    assert "Redistribution and use" in response.text
    assert client.get(f"/licences/packages/{part.name}/METADATA").status_code == 404


@pytest.mark.parametrize("name", ["bootstrap.min.css", "../vendor.toml", "LICENSE.txt"])
def test_only_licence_texts_are_served_as_such(client: FlaskClient, name: str) -> None:
    assert client.get(f"/licences/bootstrap-5.3.9/{name}").status_code == 404
