"""The honour board: only with consent, by name, without hours; what a withdrawn consent does at once."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from tests.conftest import Cast
from tests.web.stars import LONG_AGO, as_person, brigade_judge, old_hand, rule_of
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.consents import Purpose
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.stars import StarNomination
from volunteer.services.consents import decide_consent

SignIn = Callable[[object], FlaskClient]
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def honour(cast: Cast) -> Callable[..., StarNomination]:
    """Give somebody a star that is published."""
    judge = brigade_judge(cast, "dora", "A090")
    as_person(cast.bob, "A091")

    def publish(member: Member, stars: int = 1, **more: object) -> StarNomination:
        made = StarNomination(
            member_id=member.id,
            rule_id=rule_of(stars).id,
            minutes=99 * 60,
            nominated_by_id=cast.bob.id,
            nominated_person_id=cast.bob.member_id,
            nominated_at=NOW,
            reason="很好",
            state="approved",
            judged_by_id=judge.id,
            judged_person_id=judge.member_id,
            judged_at=NOW,
            **{"published_at": NOW, "published_by_id": judge.id} | more,
        )
        db.session.add(made)
        db.session.commit()
        return made

    return publish


def agree(member: Member, *purposes: Purpose, is_given: bool = True) -> None:
    for purpose in purposes:
        decide_consent(member.id, purpose, NOW, date(2026, 9, 15), is_given=is_given)


def test_only_who_consents_stands_on_the_board_and_the_name_as_agreed(
    client: FlaskClient, cast: Cast, honour: Callable[..., StarNomination]
) -> None:
    silent, masked, named = (
        old_hand(number, name, 200) for number, name in (("A010", "李四"), ("A011", "王五"), ("A012", "赵六"))
    )
    for member in (silent, masked, named):
        honour(member)
    agree(masked, Purpose.HONOUR_BOARD)
    agree(named, Purpose.HONOUR_BOARD, Purpose.NAME)
    agree(silent, Purpose.NAME)

    page = client.get("/honours").text

    assert [one in page for one in ("李", "王五", "王*", "赵六")] == [False, False, True, True]
    assert [one in page for one in ("A012", "99", "200", "小时")] == [False] * 4
    assert "荣誉榜：星级志愿者" in client.get("/").text


def test_a_withdrawn_consent_and_a_revoked_star_leave_the_board_at_once(
    client: FlaskClient, cast: Cast, honour: Callable[..., StarNomination]
) -> None:
    one, other = old_hand("A010", "李四", 200), old_hand("A011", "王五", 200)
    for member in (one, other):
        agree(member, Purpose.HONOUR_BOARD, Purpose.NAME)
    honour(one)
    revoked = honour(other)
    before = client.get("/honours").text

    agree(one, Purpose.HONOUR_BOARD, is_given=False)
    between = client.get("/honours").text
    revoked.revoked_at, revoked.revoked_by_id, revoked.revoke_reason = NOW, cast.bob.id, "有误"
    db.session.commit()

    assert [name in before for name in ("李四", "王五")] == [True, True]
    assert [name in between for name in ("李四", "王五")] == [False, True]
    assert "荣誉榜上还没有人" in client.get("/honours").text


def test_the_board_is_by_star_then_by_pinyin_and_names_each_once(
    client: FlaskClient, cast: Cast, honour: Callable[..., StarNomination]
) -> None:
    for number, name, stars in (("A010", "张四", 1), ("A011", "艾五", 1), ("A012", "马六", 2)):
        member = old_hand(number, name, 200)
        agree(member, Purpose.HONOUR_BOARD, Purpose.NAME)
        honour(member)
        if stars == 2:
            honour(member, 2)

    two, one = client.get("/honours").text, client.get("/honours?stars=1").text

    assert ("马六" in two, "张四" in two) == (True, False)
    assert ("马六" in one, one.index("艾五") < one.index("张四")) == (False, True)


def test_what_is_judged_but_not_published_is_not_on_the_board(
    client: FlaskClient, cast: Cast, honour: Callable[..., StarNomination]
) -> None:
    member = old_hand("A010", "李四", 200)
    agree(member, Purpose.HONOUR_BOARD, Purpose.NAME)
    honour(member, published_at=None, published_by_id=None)

    assert "李四" not in client.get("/honours").text


def test_a_merged_row_gives_its_star_to_the_kept_one_whose_consent_rules(
    client: FlaskClient, cast: Cast, honour: Callable[..., StarNomination]
) -> None:
    kept, duplicate = old_hand("A010", "李四", 100), old_hand("A011", "李肆", 100)
    honour(duplicate)
    agree(duplicate, Purpose.HONOUR_BOARD, Purpose.NAME)
    db.session.add(Merge(duplicate_id=duplicate.id, kept_id=kept.id, merged_at=LONG_AGO))
    db.session.commit()
    before = client.get("/honours").text

    agree(kept, Purpose.HONOUR_BOARD, Purpose.NAME)

    assert ("李四" in before, "李肆" in before) == (False, False)
    assert "李四" in client.get("/honours").text


def test_a_long_board_costs_as_few_statements_as_a_short_one_and_pages(
    client: FlaskClient, cast: Cast, honour: Callable[..., StarNomination]
) -> None:
    counts = []
    for first, last in ((100, 102), (102, 203)):
        for number in range(first, last):
            member = old_hand(f"A{number}", "周七", 100)
            agree(member, Purpose.HONOUR_BOARD)
            honour(member)
        client.get("/honours")
        db.session.rollback()
        with counted_statements() as seen:
            page = client.get("/honours").text
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 10
    assert "第 1 页，共 2 页" in page
    assert client.get("/honours?page=2").text.count("周*") == 3
