"""The privacy notice: for everybody, in two languages, with every version that ever held."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from flask_babel import refresh
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.notices import Section
from volunteer.models.members import Admin
from volunteer.models.notices import PrivacyNotice

SignIn = Callable[[object], FlaskClient]
TEXTS = {
    f"{language}-{section}": f"{language} {section} 2" for language in ("zh", "en") for section in Section
}
FORM = TEXTS | {"confirmed": "yes"}


def test_everybody_reads_the_notice_and_every_page_leads_to_it(client: FlaskClient, cast: Cast) -> None:
    assert 'href="/privacy"' in client.get("/").text

    page = client.get("/privacy").text

    for words in ("第 1 版", "为什么记录", "记录哪些内容", "至少保存 10 年", "GB/T 40143", "您的权利"):
        assert words in page


def test_it_speaks_english_too(client: FlaskClient, cast: Cast) -> None:
    page = client.get("/privacy?lang=en").text

    assert "at least 10 years" in page
    assert "这一版没有英文" not in page


def test_the_brigade_publishes_a_version_and_the_old_one_stays(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    published = client.post("/admin/privacy", data=FORM)
    client.post("/admin/privacy/contact", data={"contact": "机关工委办公室 0755-12345678"})

    assert published.location == "/admin/privacy"
    assert "第 2 版隐私告知已发布" in client.get("/admin/privacy").text
    new, old = client.get("/privacy").text, client.get("/privacy/1").text
    assert "zh purpose 2" in new
    assert "机关工委办公室 0755-12345678" in new
    assert "这是旧版本，现行版本是第 2 版" in old
    assert "至少保存 10 年" in old
    assert client.get("/privacy/3").status_code == 404


def test_a_version_without_english_says_so(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)
    client.post(
        "/admin/privacy", data={name: text for name, text in FORM.items() if not name.startswith("en")}
    )

    refresh()

    assert 'lang="zh-CN"><p>zh purpose 2' in client.get("/privacy?lang=en").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"zh-rights": " "}, "每一节的中文内容"), ({"zh-rights": "长" * 4001}, "最多 4000 个字")],
)
def test_an_incomplete_notice_is_refused_with_what_was_typed(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, changes: dict[str, str], words: str
) -> None:
    response = sign_in(brigade_admin).post("/admin/privacy", data=FORM | changes)

    assert response.status_code == 422
    assert words in response.text
    assert "zh purpose 2" in response.text
    assert db.session.execute(select(PrivacyNotice)).first() is None


def test_publishing_the_same_again_is_refused(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    client = sign_in(brigade_admin)
    client.post("/admin/privacy", data=FORM)

    response = client.post("/admin/privacy", data=FORM)

    assert response.status_code == 422
    assert "内容与现行版本相同" in response.text


def test_only_the_brigade_publishes(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    assert client.get("/admin/privacy").status_code == 404
    assert client.post("/admin/privacy", data=FORM).status_code == 404
    assert client.post("/admin/privacy/contact", data={"contact": "x"}).status_code == 404


def test_publishing_asks_first_and_shows_what_is_new(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)
    client.post("/admin/privacy", data=FORM)

    asked = client.post("/admin/privacy", data=TEXTS | {"zh-rights": "新的权利\n第二行"})

    assert asked.status_code == 200
    for words in ("发布第 3 版隐私告知？", "不能再修改", "新的权利", "<p>第二行</p>"):
        assert words in asked.text
    assert "<p>zh purpose 2</p>" not in asked.text
    assert "第 2 版" in client.get("/privacy").text


def test_a_new_version_is_told_to_every_member_until_it_is_opened(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    before = sign_in(cast.alice).get("/me").text
    sign_in(brigade_admin).post("/admin/privacy", data=FORM)

    member = sign_in(cast.alice)
    told = member.get("/me").text
    opened = member.get("/me/privacy")

    assert "隐私告知有新的版本" not in before
    assert "隐私告知有新的版本（第 2 版）" in told
    assert opened.location == "/privacy"
    assert "隐私告知有新的版本" not in member.get("/me").text
    sign_in(brigade_admin).post("/admin/privacy", data=FORM | {"zh-rights": "再改"})
    assert "隐私告知有新的版本（第 3 版）" in sign_in(cast.alice).get("/me").text
