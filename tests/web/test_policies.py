"""Versions of the policy: proposed by one, approved by another, with a look at what would change."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from tests.conftest import Cast
from tests.web.stars import brigade_judge
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.policies import policy_on
from volunteer.models.columns import table_of
from volunteer.models.ledger import SettledDay, StoredPolicy
from volunteer.models.members import Admin
from volunteer.queries.policies import list_policies

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
NEXT_MONTH = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=30)
WISH = {
    "from_on": NEXT_MONTH.isoformat(), "grace_minutes": "30", "cap_minutes": "720", "rounding_minutes": "30",
    "at_once_minutes": "480", "parent_minutes": "720", "most_pairs": "3", "office_hours": "flag",
    "reason": "按半小时计", "what": "propose",
}  # fmt: skip


@pytest.fixture
def dora(cast: Cast) -> Admin:
    """An admin of the brigade who is a known person."""
    return brigade_judge(cast, "dora", "A090")


@pytest.fixture
def erin(cast: Cast) -> Admin:
    """Another one."""
    return brigade_judge(cast, "erin", "A092")


def propose(browser: FlaskClient, **change: str) -> str:
    """The address of the proposed version."""
    answer = browser.post("/admin/policies/new", data=WISH | change)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def stored() -> list[StoredPolicy]:
    db.session.rollback()
    return list(db.session.query(StoredPolicy).order_by(StoredPolicy.id).populate_existing())


def settle(day: date) -> None:
    db.session.add(SettledDay(day_on=day, policy_id=1, closed_at=datetime.now(UTC), reason=""))
    db.session.commit()


def test_a_version_holds_from_its_day_once_a_second_person_agrees(
    sign_in: SignIn, cast: Cast, dora: Admin, erin: Admin
) -> None:
    path = propose(sign_in(dora))
    waiting = policy_on(list_policies(), NEXT_MONTH).rounding_minutes
    shown = sign_in(erin).get(path).text

    sign_in(erin).post(path, data={"what": "approve"})

    assert ("按半小时计" in shown, "（原为 1 分钟）" in shown) == (True, True)
    after = [
        policy_on(list_policies(), day).rounding_minutes for day in (NEXT_MONTH - timedelta(1), NEXT_MONTH)
    ]
    assert (waiting, after) == (1, [1, 30])
    page, listed = sign_in(erin).get(path).text, sign_in(cast.bob).get("/admin/policies").text
    assert ("Dora" in page, "Erin" in page, "批准。" in page) == (True, True, True)
    assert ("随软件提供的规则" in listed, "按半小时计" in listed, "现在有效" in listed) == (True, True, True)
    again = sign_in(erin).post(path, data={"what": "reject", "reply": "不行"})
    assert (again.status_code, "这一版已经处理过了" in again.text) == (422, True)


def test_who_proposed_a_version_does_not_approve_it_under_any_account(
    sign_in: SignIn, cast: Cast, dora: Admin, erin: Admin
) -> None:
    path = propose(sign_in(dora))
    own_page = sign_in(dora).get(path).text
    own = sign_in(dora).post(path, data={"what": "approve"})
    dora.member_id, erin.member_id = None, dora.member_id
    db.session.commit()
    unknown_proposer = sign_in(erin).post(path, data={"what": "approve"})

    assert 'value="approve"' not in own_page
    assert (own.status_code, "必须是两个不同的人" in own.text) == (422, True)
    assert (unknown_proposer.status_code, "还没有关联" in unknown_proposer.text) == (422, True)
    assert [one.state for one in stored()] == ["approved", "proposed"]


def test_an_admin_who_is_nobody_known_proposes_nothing(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    answer = sign_in(brigade_admin).post("/admin/policies/new", data=WISH)

    assert (answer.status_code, "还没有关联" in answer.text) == (422, True)
    assert len(stored()) == 1


def test_a_version_never_reaches_into_settled_days_neither_proposed_nor_approved(
    sign_in: SignIn, cast: Cast, dora: Admin, erin: Admin
) -> None:
    path = propose(sign_in(dora))
    settle(NEXT_MONTH)

    late = sign_in(erin).post(path, data={"what": "approve"})
    refused = sign_in(dora).post("/admin/policies/new", data=WISH)

    for answer in (late, refused):
        assert (answer.status_code, f"{NEXT_MONTH} 及以前的日子已经结算" in answer.text) == (422, True)
    assert [one.state for one in stored()] == ["approved", "proposed"]
    propose(sign_in(dora), from_on=(NEXT_MONTH + timedelta(days=1)).isoformat())


def test_a_version_is_rejected_with_a_reason_or_withdrawn_by_who_proposed_it(
    sign_in: SignIn, cast: Cast, dora: Admin, erin: Admin
) -> None:
    path, second = propose(sign_in(dora)), propose(sign_in(dora))
    silent = sign_in(erin).post(path, data={"what": "reject", "reply": " "})
    not_hers = sign_in(erin).post(second, data={"what": "withdraw"})

    sign_in(erin).post(path, data={"what": "reject", "reply": "再议"})
    sign_in(dora).post(second, data={"what": "withdraw"})

    assert (silent.status_code, "请填写原因" in silent.text) == (422, True)
    assert (not_hers.status_code, "只有提出人可以撤回" in not_hers.text) == (422, True)
    assert [one.state for one in stored()] == ["approved", "rejected", "withdrawn"]
    assert len(list_policies()) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": ""}, "请填写原因"),
        ({"rounding_minutes": "1"}, "与那时有效的规则完全一样"),
        ({"rounding_minutes": "0"}, "取整 1 到 60"),
        ({"cap_minutes": "很多"}, "请填整数"),
        ({"at_once_minutes": "800"}, "不能多于上级队伍可以批准的时长"),
        ({"from_on": "1999-12-31"}, "日期"),
        ({"from_on": "明天"}, "日期"),
    ],
)
def test_a_version_that_makes_no_sense_is_refused_and_keeps_what_was_typed(
    sign_in: SignIn, cast: Cast, dora: Admin, change: dict[str, str], sentence: str
) -> None:
    answer = sign_in(dora).post("/admin/policies/new", data=WISH | change)

    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    assert 'name="most_pairs" type="text" value="3"' in " ".join(answer.text.split())
    assert len(stored()) == 1


def test_a_preview_counts_what_would_change_and_changes_nothing(
    sign_in: SignIn, cast: Cast, dora: Admin, hold: Hold
) -> None:
    noon = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0) - timedelta(days=5)
    for start, minutes in ((noon, 95), (noon + timedelta(hours=3), 60)):
        hold(start)
        hold(start + timedelta(minutes=minutes))

    page = sign_in(dora).post("/admin/policies/new", data=WISH | {"what": "preview"}).text

    assert "2 条记录里有 1 条会不同，涉及 1 人" in page
    assert "由 95 分钟变为 90 分钟" in page
    assert "合计由 2.5 小时变为 2.5 小时" in page
    assert len(stored()) == 1
    path = propose(sign_in(dora))
    assert "由 95 分钟变为 90 分钟" in sign_in(dora).get(path).text
    assert "0 条记录的时长都不会改变" in sign_in(cast.charlie).get(path).text


def test_a_preview_says_which_days_would_need_a_persons_look(
    sign_in: SignIn, cast: Cast, dora: Admin, hold: Hold
) -> None:
    morning = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) - timedelta(days=5)
    hold(morning)
    hold(morning + timedelta(hours=3))
    wish = WISH | {"what": "preview", "rounding_minutes": "1", "at_once_minutes": "120"}

    page = sign_in(dora).post("/admin/policies/new", data=wish).text

    assert "由 0 人次变为 1 人次" in page
    assert "1 条记录的时长都不会改变" in page


def test_a_team_admin_reads_the_rules_and_changes_none(sign_in: SignIn, cast: Cast, dora: Admin) -> None:
    path, bob = propose(sign_in(dora)), sign_in(cast.bob)

    listed, page = bob.get("/admin/policies"), bob.get(path)
    assert (listed.status_code, page.status_code) == (200, 200)
    assert ("/admin/policies/new" in listed.text, 'value="approve"' in page.text) == (False, False)
    assert bob.get("/admin/policies/new").status_code == 404
    answer = bob.post(path, data={"what": "approve"})
    assert (answer.status_code, "由大队管理员提出和批准" in answer.text) == (422, True)
    assert bob.get("/admin/policies/99").status_code == 404


def test_the_list_costs_the_same_with_many_versions(sign_in: SignIn, cast: Cast, dora: Admin) -> None:
    browser, counts = sign_in(dora), []
    for many in (1, 5):
        for _ in range(many):
            propose(browser)
        db.session.rollback()
        with counted_statements() as seen:
            browser.get("/admin/policies")
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 15


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("two_people", lambda me: {"decided_by_id": me, "decided_at": datetime.now(UTC)}),
        ("approved", lambda me: {"state": "approved"}),
        ("ladder", lambda me: {"at_once_minutes": 900}),
        ("lengths", lambda me: {"rounding_minutes": 0}),
    ],
)
def test_the_database_refuses_a_version_that_one_person_made(
    cast: Cast, dora: Admin, name: str, change: Callable[[int], dict[str, Any]]
) -> None:
    row = {
        "from_on": NEXT_MONTH, "grace_minutes": 30, "cap_minutes": 720, "at_once_minutes": 480,
        "parent_minutes": 720, "rounding_minutes": 1, "most_pairs": 3, "office_hours": "flag", "reason": "好",
        "state": "proposed", "proposed_by_id": dora.id, "proposed_at": datetime.now(UTC),
    }  # fmt: skip
    policies = table_of(StoredPolicy)
    db.session.execute(insert(policies).values(**row))

    with pytest.raises(IntegrityError, match=f"ck_policies_{name}"):
        db.session.execute(
            update(policies).where(policies.c.proposed_by_id == dora.id).values(**change(dora.id))
        )
    db.session.rollback()
