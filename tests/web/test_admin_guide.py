"""The guide for admins: every button and field that it names in 【】 is called so on a page."""

import re
from collections.abc import Iterator

from flask.testing import FlaskClient

from tests.conftest import ROOT, Cast

GUIDE = ROOT / "docs" / "admin-guide.zh-CN.md"
# What a page may say after the name of a box to tick.
_GOES_ON = "(?:[：，（].*)?"


def words_of_pages() -> Iterator[str]:
    """Every text between quotation marks in the templates and in the code of the web layer."""
    for folder, ending in (("templates", "html"), ("volunteer/web", "py")):
        for path in (ROOT / folder).rglob(f"*.{ending}"):
            yield from re.findall(r'"([^"\n]*)"', path.read_text(encoding="utf-8"))


def is_said(word: str, said: set[str]) -> bool:
    """Whether a page says ``word``; its …… stands for a number."""
    if word in said:
        return True
    pattern = r"\s*%\(\w+\)s\s*".join(re.escape(part) for part in word.split("……")) + _GOES_ON
    return any(re.fullmatch(pattern, one) for one in said)


def test_every_word_that_the_guide_takes_from_a_page_stands_on_one() -> None:
    said = set(words_of_pages())

    words = set(re.findall(r"【([^】]+)】", GUIDE.read_text(encoding="utf-8")))

    assert len(words) > 150
    assert sorted(word for word in words if not is_said(word, said)) == []


def test_a_word_that_no_page_says_is_found() -> None:
    said = {"退回", "导入 %(count)s 行", "我已当面核对：是本人"}

    assert is_said("导入……行", said)
    assert is_said("我已当面核对", said)
    assert not is_said("不通过", said)


def test_the_page_of_joining_a_team_to_another_is_called_like_its_button(
    sign_in: object, cast: Cast, brigade_admin: object
) -> None:
    browser: FlaskClient = sign_in(brigade_admin)  # type: ignore[operator]

    assert "<h1>并入其他队伍" in browser.get("/admin/teams/FD01/merge").text
