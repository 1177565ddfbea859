"""Rules for stars: copied from the last year's, corrected until used, retired."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.web.stars import as_person, old_hand, rule_of
from volunteer.db import db
from volunteer.models.members import Admin
from volunteer.models.stars import StarRule
from volunteer.queries.stars import find_rule

SignIn = Callable[[object], FlaskClient]
NEW = {
    "scheme": "龙岗区", "year": "2027", "source": "龙文明办〔2027〕1号",
    "hours_1": "120", "months_1": "6", "judged_by_1": "organisation",
    "hours_4": "1200", "months_4": "12", "judged_by_4": "district", "metered_4": "1",
}  # fmt: skip


def test_the_shipped_rules_are_those_of_longgang_and_shenzhen(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    rules = db.session.execute(select(StarRule).order_by(StarRule.stars)).scalars().all()

    assert [
        (one.scheme, one.stars, one.minutes // 60, one.tenure_months, one.judged_by) for one in rules
    ] == [
        ("龙岗区", 1, 100, 6, "organisation"),
        ("龙岗区", 2, 300, 6, "organisation"),
        ("龙岗区", 3, 600, 12, "organisation"),
        ("龙岗区", 4, 1000, 12, "district"),
        ("深圳市", 5, 1500, 24, "city"),
    ]
    assert [one.stars for one in rules if one.is_metered_only] == [5]
    assert "满 1000 小时，注册满 12 个月 · 区认定" in sign_in(brigade_admin).get("/admin/stars").text


def test_a_new_years_rules_start_from_the_last_years(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    form = sign_in(brigade_admin).get("/admin/stars/rules/new?scheme=龙岗区").text

    done = sign_in(brigade_admin).post("/admin/stars/rules/new", data=NEW)

    assert ('name="hours_4" value="1000"' in form, 'name="months_4" value="12"' in form) == (True, True)
    assert done.location == "/admin/stars"
    fourth = find_rule("龙岗区", 2027, 4)
    assert fourth
    assert (fourth.minutes, fourth.judged_by, fourth.is_metered_only) == (72_000, "district", True)
    assert (fourth.entered_by_id, find_rule("龙岗区", 2027, 2)) == (brigade_admin.id, None)
    assert rule_of(4).retired_on is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"year": "2023"}, "2023 年的 1 星标准已经有了"),
        ({"year": "明年"}, "年份（2000 到 2100）"),
        ({"source": ""}, "请填写名称、依据"),
        ({"hours_4": "100"}, "星级越高，要求的时长应越多"),
        ({"hours_1": "-5"}, "整小时"),
        ({"hours_1": "99999"}, "整小时"),
        ({"hours_1": "", "hours_4": ""}, "至少填写一个星级的时长"),
    ],
)
def test_rules_that_lack_something_say_so_and_keep_what_was_typed(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, change: dict[str, str], sentence: str
) -> None:
    answer = sign_in(brigade_admin).post("/admin/stars/rules/new", data=NEW | change)

    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    assert 'value="1200"' in answer.text or "hours_4" in change
    assert find_rule("龙岗区", 2027, 1) is None


def test_a_rule_is_corrected_until_somebody_is_nominated_by_it(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    rule, brigade = rule_of(1), sign_in(brigade_admin)
    path = f"/admin/stars/{rule.id}/change"
    form = {"hours_1": "90", "months_1": "5", "judged_by_1": "organisation", "source": "更正"}
    brigade.post(path, data=form)
    corrected = rule_of(1).minutes
    old_hand("A010", "李四", 200)
    number = {"number": "A010", "reason": "很好"}
    sign_in(as_person(cast.bob, "A091")).post(f"/admin/stars/{rule.id}", data=number)

    refused = sign_in(brigade_admin).post(path, data=form | {"hours_1": "1"})

    assert corrected == 90 * 60
    assert (refused.status_code, "标准不能再改" in refused.text) == (422, True)
    assert rule_of(1).minutes == 90 * 60
    assert path not in sign_in(brigade_admin).get("/admin/stars").text


def test_by_a_retired_rule_nobody_is_nominated_any_more(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    old_hand("A010", "李四", 200)
    path = f"/admin/stars/{rule_of(1).id}"
    asked = sign_in(brigade_admin).get(f"{path}/retire").text
    sign_in(brigade_admin).post(f"{path}/retire")

    bob = sign_in(as_person(cast.bob, "A091"))
    refused = bob.post(path, data={"number": "A010", "reason": "很好"})

    assert "停用这条标准？" in asked
    assert (refused.status_code, "这条标准已停用" in refused.text) == (422, True)
    assert "停用</span>" in bob.get("/admin/stars").text
    assert "已停用" in sign_in(brigade_admin).post(f"{path}/retire").text


def test_only_the_brigades_admins_make_rules(sign_in: SignIn, cast: Cast) -> None:
    bob, path = sign_in(cast.bob), f"/admin/stars/{rule_of(1).id}"

    for address in ("/admin/stars/rules/new", f"{path}/change", f"{path}/retire"):
        assert (bob.get(address).status_code, bob.post(address, data=NEW).status_code) == (404, 404)
    assert "/admin/stars/rules/new" not in bob.get("/admin/stars").text
    assert find_rule("龙岗区", 2027, 1) is None
