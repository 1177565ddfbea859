"""Stars: who is eligible, nominated by one, judged by another, published, revoked."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Cast
from tests.web.stars import LONG_AGO, as_person, brigade_judge, credit, nominations, old_hand, rule_of
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.ledger import Measure
from volunteer.domain.proposals import ProposalState
from volunteer.domain.star_rules import RuleFields
from volunteer.domain.stars import JudgingLevel
from volunteer.models.member_changes import Merge
from volunteer.models.members import Admin, Member
from volunteer.services.settlements import close_day, settle_days
from volunteer.services.stars import RuleSet, add_rules

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
REASON = {"reason": "长期坚持服务"}


@pytest.fixture
def veteran(cast: Cast) -> Member:
    """A member of FD01 with hours for two stars."""
    return old_hand("A010", "李四", 310)


@pytest.fixture
def judge(cast: Cast) -> Admin:
    """An admin of the brigade who is a known person."""
    return brigade_judge(cast, "dora", "A090")


def nominate(sign_in: SignIn, cast: Cast, *numbers: str, stars: int = 1, scheme: str = "龙岗区") -> None:
    """bob, who is a known person, nominates them."""
    if cast.bob.member_id is None:
        as_person(cast.bob, "A091")
    form = REASON | {"number": list(numbers)}
    answer = sign_in(cast.bob).post(f"/admin/stars/{rule_of(stars, scheme).id}", data=form)
    assert answer.status_code == 302, answer.text


def act(browser: FlaskClient, what: str, **more: str) -> str:
    """Do this with every nomination there is; the page that follows."""
    ids = [str(one.id) for one in nominations()]
    form = {"what": what, "nomination": ids, **more}
    return browser.post("/admin/nominations", data=form, follow_redirects=True).text


def test_who_has_hours_and_tenure_is_listed_by_number_without_hours(
    sign_in: SignIn, cast: Cast, veteran: Member
) -> None:
    old_hand("A002", "王五", 900)
    old_hand("A003", "赵六", 99)
    old_hand("A004", "新人", 400, since=datetime.now(UTC) - timedelta(days=30))
    old_hand("B001", "别队", 400, team="FD02")

    bob = sign_in(cast.bob)
    rules, listed = bob.get("/admin/stars").text, bob.get(f"/admin/stars/{rule_of(1).id}").text

    assert "符合标准：2 人" in rules
    assert listed.index("A002") < listed.index("A010")
    assert not [one for one in ("A003", "A004", "B001", "900", "310") if one in listed]
    assert "时长已达到" in listed


def test_only_metered_hours_count_where_the_rule_says_so(sign_in: SignIn, cast: Cast) -> None:
    paper = old_hand("A010", "纸上", 2000, measure=Measure.DECLARED)
    path = f"/admin/stars/{rule_of(5, '深圳市').id}"
    before = sign_in(cast.bob).get(path).text

    credit(paper, 1500)

    assert "A010" not in before
    assert "A010" in sign_in(cast.bob).get(path).text
    assert "A010" in sign_in(cast.bob).get(f"/admin/stars/{rule_of(4).id}").text


def test_hours_and_registration_of_merged_rows_are_one_persons(sign_in: SignIn, cast: Cast) -> None:
    kept = old_hand("A010", "李四", 60, since=datetime.now(UTC) - timedelta(days=10))
    duplicate = old_hand("B010", "李四", 60, team="FD02")
    duplicate.status = "left"
    db.session.add(Merge(duplicate_id=duplicate.id, kept_id=kept.id, merged_at=LONG_AGO))
    db.session.commit()

    page = sign_in(cast.bob).get(f"/admin/stars/{rule_of(1).id}").text

    assert ("A010" in page, "B010" in page) == (True, False)


def test_a_list_of_many_costs_as_few_statements_as_one_of_few(
    sign_in: SignIn, cast: Cast, veteran: Member
) -> None:
    bob, paths = sign_in(cast.bob), ["/admin/stars", f"/admin/stars/{rule_of(1).id}", "/admin/nominations"]
    for path in paths:
        bob.get(path)
    db.session.rollback()
    with counted_statements() as few:
        for path in paths:
            bob.get(path)
    for number in range(20, 40):
        old_hand(f"A0{number}", "多人", 400)
    # The first look at somebody is written down.
    for path in paths:
        bob.get(path)
    db.session.rollback()
    with counted_statements() as many:
        for path in paths:
            bob.get(path)

    assert len(many) == len(few) <= 40


def test_a_list_finds_by_pinyin_and_pages(sign_in: SignIn, cast: Cast, veteran: Member) -> None:
    for number in range(100, 155):
        old_hand(f"A{number}", "周七", 100)
    bob, path = sign_in(cast.bob), f"/admin/stars/{rule_of(1).id}"

    found, last = bob.get(f"{path}?q=lisi").text, bob.get(f"{path}?page=2").text

    assert ("共 1 人符合标准" in found, "A010" in found, "A100" in found) == (True, True, False)
    assert ("A154" in last, "A010" in last, "第 2 页，共 2 页" in last) == (True, False, True)


def test_the_figures_open_the_entries_behind_them(
    app: Flask, sign_in: SignIn, cast: Cast, hold: Hold, now: datetime
) -> None:
    hold(now)
    hold(now + timedelta(hours=2))
    later, zone = now + timedelta(days=2), app.config["TIMEZONE"]
    close_day(now.date(), cast.bob.id, "终端已停用", later, zone)
    assert settle_days(later, zone) == 1

    page = sign_in(cast.bob).get(f"/admin/stars/{rule_of(1).id}/members/A001").text

    assert ("共 1 条，已结算" in page, "120 分钟 · 龙城广场U站" in page) == (True, True)
    assert "还没有达到标准" in page


def test_a_star_is_nominated_judged_published_and_revoked_by_people(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    nominate(sign_in, cast, "A010")
    judged = act(sign_in(judge), "approve")
    before = sign_in(veteran).get("/me/stars").text
    act(sign_in(judge), "publish")
    own = sign_in(veteran).get("/me/stars").text

    path = f"/admin/nominations/{nominations()[0].id}"
    empty = sign_in(judge).post(f"{path}/revoke", data={"reason": " "})
    sign_in(judge).post(f"{path}/revoke", data={"reason": "时长有误"})

    assert "已认定 1 人" in judged
    assert ("还没有星级" in before, "已提名，等待认定和公布" in before) == (True, True)
    assert "龙岗区" in own.split("下一个星级")[0]
    assert empty.status_code == 422
    after, kept = sign_in(veteran).get("/me/stars").text, sign_in(judge).get(path).text
    assert "理由：时长有误" in after
    assert all(name in kept for name in ("鲍勃", "Dora", "时长有误", "予以认定", "公布"))
    one = nominations()[0]
    assert (one.state, one.minutes, one.revoke_reason) == ("approved", 310 * 60, "时长有误")


def test_nominee_nominator_and_judge_are_three_people(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    own = sign_in(as_person(cast.bob, "A091"))
    credit(db.session.get(Member, cast.bob.member_id), 400)
    for_himself = own.post(f"/admin/stars/{rule_of(1).id}", data=REASON | {"number": "A091"})
    form = REASON | {"number": "A010"}
    sign_in(judge).post(f"/admin/stars/{rule_of(1).id}", data=form)
    by_nominator = act(sign_in(judge), "approve")
    other = brigade_judge(cast, "erin", "A092")
    other.member_id = veteran.id
    db.session.commit()
    by_nominee = act(sign_in(other), "approve")

    for answer in (for_himself.text, by_nominator, by_nominee):
        assert "必须是三个不同的人" in answer
    assert [one.state for one in nominations()] == ["proposed"]


def test_an_admin_whose_row_was_merged_into_the_nominees_is_the_nominee(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    nominate(sign_in, cast, "A010")
    db.session.add(Merge(duplicate_id=judge.member_id, kept_id=veteran.id, merged_at=LONG_AGO))
    db.session.commit()

    assert "必须是三个不同的人" in act(sign_in(judge), "approve")


def test_an_admin_who_is_nobody_known_neither_nominates_nor_judges(
    sign_in: SignIn, cast: Cast, veteran: Member, brigade_admin: Admin
) -> None:
    path, form = f"/admin/stars/{rule_of(1).id}", REASON | {"number": "A010"}

    refused = sign_in(cast.bob).post(path, data=form)
    nominate(sign_in, cast, "A010")

    assert (refused.status_code, "还没有关联本人的志愿者编号" in refused.text) == (422, True)
    assert "还没有关联本人的志愿者编号" in act(sign_in(brigade_admin), "approve")


def test_a_team_admin_cannot_judge_and_another_team_sees_nothing(
    sign_in: SignIn, cast: Cast, veteran: Member
) -> None:
    nominate(sign_in, cast, "A010")
    path = f"/admin/nominations/{nominations()[0].id}"
    by_team = act(sign_in(cast.bob), "approve")

    charlie = sign_in(as_person(cast.charlie, "B091", "FD02"))

    assert "星级由大队管理员认定" in by_team
    assert "A010" not in charlie.get("/admin/nominations").text
    for address in (path, f"{path}/withdraw", f"/admin/stars/{rule_of(1).id}/members/A010"):
        assert charlie.get(address).status_code == 404
    form = REASON | {"number": "A010"}
    assert charlie.post(f"/admin/stars/{rule_of(2).id}", data=form).status_code == 404
    assert charlie.post(f"{path}/withdraw").status_code == 404


def test_a_bulk_judgement_leaves_out_what_the_rules_refuse_and_can_be_undone(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    other = old_hand("A011", "王五", 150)
    nominate(sign_in, cast, "A010", "A011")
    credit(other, -100, Measure.DECLARED)

    page = act(sign_in(judge), "approve")
    undone = act(sign_in(judge), "take_back")

    assert ("已认定 1 人" in page, "王五：王五目前不符合这条标准" in page) == (True, True)
    assert "已撤回对 1 人的认定" in undone
    states = [(one.state, one.judged_by_id, one.judged_at) for one in nominations()]
    assert states == [("proposed", None, None)] * 2


def test_the_same_star_is_not_given_twice_by_two_years_rules(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    rule = RuleFields(1, 100, 6, JudgingLevel.ORGANISATION, is_metered_only=False)
    (newer,) = add_rules(RuleSet("龙岗区", 2027, "新文件", [rule]), judge.id)
    nominate(sign_in, cast, "A010")
    sign_in(cast.bob).post(f"/admin/stars/{newer.id}", data=REASON | {"number": "A010"})

    page = act(sign_in(judge), "approve")

    assert ("已认定 1 人" in page, "李四目前不符合这条标准" in page) == (True, True)
    assert [one.state for one in nominations()] == ["approved", "proposed"]


def test_what_is_published_is_not_taken_back(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    nominate(sign_in, cast, "A010")
    browser = sign_in(judge)
    act(browser, "approve")
    act(browser, "publish")

    assert "这个星级已经公布，不能再撤回认定" in act(browser, "take_back")
    assert nominations()[0].state == ProposalState.APPROVED


def test_who_holds_a_star_is_listed_for_the_next_only_and_again_once_it_is_revoked(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    nominate(sign_in, cast, "A010", stars=2)
    for what in ("approve", "publish"):
        act(sign_in(judge), what)
    bob = sign_in(cast.bob)
    held = [bob.get(f"/admin/stars/{rule_of(stars).id}").text for stars in (1, 2)]

    form = {"reason": "时长有误"}
    sign_in(judge).post(f"/admin/nominations/{nominations()[0].id}/revoke", data=form)
    nominate(sign_in, cast, "A010", stars=2)

    assert ["A010" in page for page in held] == [False, False]
    assert [one.state for one in nominations()] == ["approved", "proposed"]


def test_a_decision_of_the_district_needs_its_document(sign_in: SignIn, cast: Cast, judge: Admin) -> None:
    member = old_hand("A010", "李四", 1100)
    nominate(sign_in, cast, "A010", stars=4)

    without = act(sign_in(judge), "approve")
    act(sign_in(judge), "approve", document="龙文明办〔2026〕3号")
    act(sign_in(judge), "publish")

    assert "请填写认定文件的名称或文号" in without
    assert "龙文明办〔2026〕3号" in sign_in(member).get("/me/stars").text


def test_a_nomination_is_turned_down_with_a_reply_and_one_can_be_withdrawn(
    sign_in: SignIn, cast: Cast, veteran: Member, judge: Admin
) -> None:
    nominate(sign_in, cast, "A010")
    path = f"/admin/nominations/{nominations()[0].id}"
    silent = sign_in(judge).post(path, data={"what": "reject", "reply": ""})
    sign_in(judge).post(path, data={"what": "reject", "reply": "材料不全"})
    nominate(sign_in, cast, "A010")
    second = f"/admin/nominations/{nominations()[1].id}"

    asked = sign_in(cast.bob).get(f"{second}/withdraw").text
    sign_in(cast.bob).post(f"{second}/withdraw")

    assert (silent.status_code, "告诉提名人为什么不予认定" in silent.text) == (422, True)
    assert "材料不全" in sign_in(cast.bob).get(path).text
    assert "撤回这份提名？" in asked
    assert [one.state for one in nominations()] == ["rejected", "withdrawn"]
    assert "已经处理过" in act(sign_in(judge), "approve")


@pytest.mark.parametrize(
    ("number", "reason", "sentence"),
    [
        ("A010", " ", "请填写原因"),
        ("A010", "很好" * 200, "最多 300"),
        ("", "很好", "请先勾选至少一人"),
        ("A012", "很好", "目前不符合这条标准"),
    ],
)
def test_a_nomination_that_lacks_something_says_so(
    sign_in: SignIn, cast: Cast, veteran: Member, number: str, reason: str, sentence: str
) -> None:
    old_hand("A012", "时长少", 10)
    bob = sign_in(as_person(cast.bob, "A091"))

    form = {"reason": reason} | ({"number": number} if number else {})
    answer = bob.post(f"/admin/stars/{rule_of(1).id}", data=form)

    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    assert nominations() == []


def test_nobody_is_nominated_twice_by_the_same_rule(sign_in: SignIn, cast: Cast, veteran: Member) -> None:
    nominate(sign_in, cast, "A010")
    path = f"/admin/stars/{rule_of(1).id}"

    listed = sign_in(cast.bob).get(path).text
    again = sign_in(cast.bob).post(path, data=REASON | {"number": "A010"})

    assert 'value="A010"' not in listed
    assert "已提名，等待认定" in listed
    assert (again.status_code, "已经按这条标准提名" in again.text) == (422, True)


def test_the_member_reads_in_words_what_the_next_star_asks_for(sign_in: SignIn, cast: Cast) -> None:
    soon = old_hand("A010", "李四", 40, since=datetime.now(UTC) - timedelta(days=70))

    page = sign_in(soon).get("/me/stars").text

    assert "60 小时，4 个月" in " ".join(page.split()).replace(" ，", "，").replace("， ", "，")
    assert "#consents" in page
