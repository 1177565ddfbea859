"""By a merge hours of two rows become one person's: another admin, above the team, has to look at it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.review_decisions import ReviewDesk
from volunteer.domain.reviews import ReviewKind, ReviewState
from volunteer.models.members import Admin
from volunteer.models.reviews import ReviewItem
from volunteer.queries.teams import list_subtree_ids
from volunteer.services.detectors import find_reviews
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members, undo_merge
from volunteer.services.reviews import decide_reviews

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
HOUR = timedelta(hours=1)


@pytest.fixture
def merge(app: Flask, cast: Cast, hold: Hold, now: datetime) -> Callable[[Admin], ReviewItem]:
    """alice served two hours; somebody lets her be A002, and the job looks. Gives what lies on the desk."""
    add_member("A002", "李四", "FD01", now)
    hold(now - 3 * HOUR)
    hold(now - HOUR)

    def merge_by(admin: Admin) -> ReviewItem:
        merge_members("A002", "A001", "同一个人", judge(admin, now))
        find_reviews(now + HOUR, app.config["TIMEZONE"])
        (item,) = open_items()
        return item

    return merge_by


def judge(admin: Admin, now: datetime) -> Judge:
    return Judge(admin.id, frozenset(list_subtree_ids(admin.team_id)), now, now.date())


def open_items() -> list[ReviewItem]:
    """What is open about merges."""
    statement = select(ReviewItem).where(
        ReviewItem.state == ReviewState.OPEN, ReviewItem.key.like("identity_clash:merge:%")
    )
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def test_a_merge_with_hours_lies_on_the_desk_of_the_team_above_with_both_sums(
    sign_in: SignIn, cast: Cast, merge: Callable[[Admin], ReviewItem], brigade_admin: Admin
) -> None:
    item = merge(cast.bob)

    assert (item.kind, item.level, item.team_id) == (ReviewKind.IDENTITY_CLASH, "parent", cast.detachment.id)
    page = sign_in(brigade_admin).get(f"/admin/reviews/{item.id}").text
    assert "把 A001 的档案（2.0 小时）并入了这位志愿者（0.0 小时）" in page
    assert "A002" in page


def test_the_team_that_merged_cannot_say_itself_that_it_was_one_person(
    sign_in: SignIn, cast: Cast, merge: Callable[[Admin], ReviewItem], brigade_admin: Admin
) -> None:
    item = merge(cast.bob)
    form = {"item": item.id, "decision": "accepted"}

    refused = sign_in(cast.bob).post("/admin/reviews/decide", data=form)
    foreign = sign_in(cast.charlie).post("/admin/reviews/decide", data=form)
    accepted = sign_in(brigade_admin).post("/admin/reviews/decide", data=form)

    assert [one.status_code for one in (refused, foreign, accepted)] == [422, 404, 302]
    assert db.session.get_one(ReviewItem, item.id, populate_existing=True).state == ReviewState.ACCEPTED


def test_at_the_top_too_another_admin_decides_than_the_one_who_merged(
    app: Flask, sign_in: SignIn, cast: Cast, merge: Callable[[Admin], ReviewItem], brigade_admin: Admin
) -> None:
    item = merge(brigade_admin)

    client = sign_in(brigade_admin)
    answer = client.post("/admin/reviews/decide", data={"item": item.id, "decision": "accepted"})

    assert answer.status_code == 422
    for page in (answer.text, client.get(f"/admin/reviews/{item.id}").text):
        assert "其中有您自己办的合并，请由另一位管理员核对。" in page


def test_a_merge_taken_back_leaves_the_desk(
    app: Flask, cast: Cast, merge: Callable[[Admin], ReviewItem], now: datetime
) -> None:
    item = merge(cast.bob)

    undo_merge("A001", judge(cast.bob, now + HOUR))
    find_reviews(now + 2 * HOUR, app.config["TIMEZONE"])

    assert db.session.get_one(ReviewItem, item.id, populate_existing=True).state == ReviewState.GONE


def test_what_was_decided_about_a_merge_stays_decided_and_two_empty_rows_are_nobodys_gain(
    app: Flask, cast: Cast, merge: Callable[[Admin], ReviewItem], brigade_admin: Admin, now: datetime
) -> None:
    item, zone = merge(cast.bob), app.config["TIMEZONE"]
    desk = ReviewDesk(brigade_admin.id, frozenset(list_subtree_ids(cast.brigade.id)), now, zone)
    decide_reviews([item.id], ReviewState.ACCEPTED, desk)
    for number in ("B001", "B002"):
        add_member(number, "王五", "FD01", now)
    merge_members("B001", "B002", "同一个人", judge(cast.bob, now))

    find_reviews(now + HOUR + timedelta(minutes=1), zone)

    assert open_items() == []
    assert db.session.get_one(ReviewItem, item.id, populate_existing=True).state == ReviewState.ACCEPTED
