"""The review desk: seen within the scope, decided by who may, undone, muted."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.conftest import PASSWORD_HASH, Cast, installation
from tests.services.test_detectors import SATURDAY, Find, Hold, duplicate_of, holder, serve
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.proposals import PersonUnknown
from volunteer.domain.review_decisions import (
    HoursNotMuted,
    NothingTicked,
    ReviewDecided,
    ReviewDesk,
    ReviewNotYours,
    ReviewOfOneself,
    ReviewUnknown,
)
from volunteer.domain.reviews import ReviewKind, ReviewState
from volunteer.domain.roles import Role
from volunteer.domain.scans import Unreadable
from volunteer.domain.teams import TeamLevel
from volunteer.models.admins import Appointment
from volunteer.models.audit import AuditEvent
from volunteer.models.ledger import LedgerEntry
from volunteer.models.member_changes import Merge
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewedRecord, ReviewItem
from volunteer.models.teams import Team
from volunteer.services.cards import issue_card
from volunteer.services.detectors import find_reviews
from volunteer.services.members import add_member
from volunteer.services.reviews import decide_reviews, mute_review, undo_reviews
from volunteer.services.scans import close_forgotten, take_scans
from volunteer.services.settlements import close_day, settle_days

SignIn = Callable[[object], FlaskClient]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NEXT = SATURDAY + 30 * HOUR
ACCEPTED, REJECTED = ReviewState.ACCEPTED, ReviewState.REJECTED


@pytest.fixture
def hold(app: Flask, cast: Cast) -> Hold:
    """Hold a card to a terminal."""
    return holder(app, cast)


@pytest.fixture
def find(app: Flask) -> Find:
    """Run the job."""
    return lambda at: find_reviews(at, app.config["TIMEZONE"])


@pytest.fixture
def dora(brigade_admin: Admin) -> Admin:
    """The brigade's admin, who is known as a person."""
    return known(brigade_admin, "B900")


@pytest.fixture
def squadron(cast: Cast, now: datetime) -> Team:
    """A squadron between the brigade and alice's detachment."""
    team = Team(code="ZD1", name="第一中队", level=TeamLevel.SQUADRON, parent_id=cast.brigade.id)
    db.session.add(team)
    db.session.flush()
    cast.detachment.parent_id = team.id
    db.session.commit()
    return team


@pytest.fixture
def erin(cast: Cast, squadron: Team, now: datetime) -> Admin:
    """The squadron's admin, who is known as a person."""
    return known(make_admin("erin", squadron, now), "B901")


def make_admin(name: str, team: Team, now: datetime, **more: Any) -> Admin:
    admin = Admin(
        username=name, name=name, team_id=team.id, password_hash=PASSWORD_HASH, created_at=now, **more
    )
    db.session.add(admin)
    db.session.commit()
    return admin


def known(admin: Admin, number: str) -> Admin:
    """Say which volunteer the admin is."""
    admin.member_id = add_member(number, "管理", "FD02", SATURDAY).id
    db.session.commit()
    return admin


def make_item(cast: Cast, number: int = 1, kind: str = "office_hours", **values: Any) -> ReviewItem:
    default = {
        "team_id": cast.detachment.id, "member_id": cast.alice.id, "level": "none", "state": "open",
        "params": {"day": "2026-09-12", "people": 1, "minutes": 60}, "rows": {"records": []},
    }  # fmt: skip
    item = ReviewItem(
        kind=kind, key=f"{kind}:{number}", day_on=date(2026, 9, 12), found_at=SATURDAY, **default | values
    )
    db.session.add(item)
    db.session.commit()
    return item


def desk_of(app: Flask, admin: Admin, *teams: Team) -> ReviewDesk:
    scope = frozenset(team.id for team in teams) or frozenset(db.session.execute(select(Team.id)).scalars())
    return ReviewDesk(admin.id, scope, NEXT, app.config["TIMEZONE"])


def state_of(item: ReviewItem) -> str:
    return db.session.execute(select(ReviewItem.state).where(ReviewItem.id == item.id)).scalar_one()


def long_day(hold: Hold, find: Find, *hours: float) -> ReviewItem:
    serve(hold, SATURDAY - 6 * HOUR, *hours)
    find(NEXT)
    return db.session.execute(select(ReviewItem)).scalar_one()


def credited() -> int:
    return sum(db.session.execute(select(LedgerEntry.minutes)).scalars())


# --- Seen


def test_what_waits_is_counted_by_kind_and_told_in_a_sentence(
    sign_in: SignIn,
    cast: Cast,
    hold: Hold,
    find: Find,
) -> None:
    long_day(hold, find, 4, 5)
    make_item(cast)
    bob = sign_in(cast.bob)

    page, only = bob.get("/admin/reviews").text, bob.get("/admin/reviews?kind=long_day").text

    assert "这一天的记录合计 9.0 小时，超过 8 小时，审核后才计入。" in page
    assert "内有 1 人服务，共 1.0 小时，当天不是服务日" in page
    assert "共 2 件" in page
    assert "共 1 件" in only
    assert "当天不是服务日" not in only
    assert "有 2 件事等您过目" in bob.get("/admin").text
    assert 'href="/admin/reviews"' in bob.get("/admin").text


def test_a_foreign_admin_sees_and_touches_nothing(sign_in: SignIn, cast: Cast) -> None:
    item = make_item(cast)
    charlie = sign_in(cast.charlie)

    assert "当天不是服务日" not in charlie.get("/admin/reviews").text
    assert charlie.get(f"/admin/reviews/{item.id}").status_code == 404
    assert charlie.post(f"/admin/reviews/{item.id}/mute", data={"reason": "x"}).status_code == 404
    decision = {"item": item.id, "decision": "accepted"}
    assert charlie.post("/admin/reviews/decide", data=decision).status_code == 404
    assert charlie.post("/admin/reviews/decide", data=decision | {"single": "1"}).status_code == 404
    assert charlie.post("/admin/reviews/undo", data={"item": item.id}).status_code == 404
    assert state_of(item) == "open"


def test_an_auditor_reads_and_decides_nothing(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    item = make_item(cast)
    post = Appointment(role=Role.AUDITOR, team_id=cast.detachment.id, appointed_at=now, is_deputy=False)
    auditor = sign_in(make_admin("anna", cast.detachment, now, appointments=[post]))

    assert "当天不是服务日" in auditor.get("/admin/reviews").text
    assert "/admin/reviews/decide" not in auditor.get("/admin/reviews").text
    page = auditor.get(f"/admin/reviews/{item.id}")
    assert (page.status_code, 'name="decision"' in page.text) == (200, False)
    decision = {"item": item.id, "decision": "accepted"}
    assert auditor.post("/admin/reviews/decide", data=decision).status_code in (403, 404)
    assert state_of(item) == "open"


def test_an_empty_desk_says_what_to_do_next(sign_in: SignIn, cast: Cast) -> None:
    page = sign_in(cast.bob).get("/admin/reviews").text

    assert "没有等您过目的事" in page
    assert 'href="/admin/records"' in page


def test_a_list_of_two_hundred_reads_no_more_often(sign_in: SignIn, cast: Cast) -> None:
    for number in range(200):
        make_item(cast, number, kind=list(ReviewKind)[number % 2 + 1])
    bob = sign_in(cast.bob)

    with counted_statements() as seen:
        page = bob.get("/admin/reviews")

    assert "共 200 件" in page.text
    assert page.text.count('type="checkbox"') == 50
    assert len(seen) <= 16


@pytest.mark.parametrize("kind", ReviewKind)
def test_every_kind_has_a_sentence_and_a_page(
    sign_in: SignIn, cast: Cast, dora: Admin, kind: ReviewKind
) -> None:
    params = {
        "day": "2026-09-12", "minutes": 605, "most": 480, "pairs": 4, "scans": 3, "late_minutes": 7,
        "people": 2, "before": 60, "after": 90,
    }  # fmt: skip
    item = make_item(cast, kind=kind, params=params)

    pages = [sign_in(dora).get(path) for path in ("/admin/reviews", f"/admin/reviews/{item.id}")]

    assert [page.status_code for page in pages] == [200, 200]
    assert "%(" not in pages[0].text + pages[1].text


# --- The rows behind an item


def test_the_page_of_an_item_shows_records_scans_and_a_picture(
    sign_in: SignIn,
    cast: Cast,
    hold: Hold,
    find: Find,
    dora: Admin,
) -> None:
    item = long_day(hold, find, 4, 5)

    page = sign_in(dora).get(f"/admin/reviews/{item.id}").text

    assert page.count('class="chart-bar"') == 2
    assert page.count('class="timeline-mark"') == 4
    assert "style=" not in page
    assert "龙城广场U站" in page
    assert f"/admin/corrections/new?record={min(held_by(item))}" in page
    assert "系统发现" in page


def held_by(item: ReviewItem) -> set[int]:
    found = select(ReviewedRecord.record_id).where(ReviewedRecord.item_id == item.id)
    return set(db.session.execute(found).scalars())


def test_time_in_two_places_is_shaded(
    app: Flask,
    sign_in: SignIn,
    cast: Cast,
    hold: Hold,
    find: Find,
    dora: Admin,
    now: datetime,
) -> None:
    _, token = duplicate_of(app, cast, now)
    serve(hold, SATURDAY, 2)
    serve(hold, SATURDAY + HOUR, 2, token=token)
    find(NEXT)
    item = db.session.execute(select(ReviewItem).where(ReviewItem.kind == "two_places")).scalar_one()

    page = sign_in(dora).get(f"/admin/reviews/{item.id}").text

    assert page.count('class="timeline-shared"') == 1
    assert "有 60 分钟重叠" in page


def test_members_of_other_teams_stay_masked_and_tokens_hidden(
    app: Flask,
    sign_in: SignIn,
    cast: Cast,
    hold: Hold,
    find: Find,
    now: datetime,
) -> None:
    stranger = add_member("X001", "欧阳小明", "FD02", now)
    _, token = issue_card("X001", installation(app).keys, now)
    hold(SATURDAY, token, age=None)
    content = {"token": "SECRET-TOKEN", "medium": "smoke"}
    take_scans(cast.sender, [Unreadable(None, "no id", content)], installation(app), SATURDAY)
    find(SATURDAY)
    items = db.session.execute(select(ReviewItem).order_by(ReviewItem.kind)).scalars().all()
    bob = sign_in(cast.bob)

    pages = {item.kind: bob.get(f"/admin/reviews/{item.id}").text for item in items}

    assert set(pages) == {"quarantined", "suspect_clock"}
    assert stranger.name not in pages["suspect_clock"]
    assert "欧阳**" in pages["suspect_clock"]
    assert "smoke" in pages["quarantined"]
    assert "SECRET-TOKEN" not in pages["quarantined"]


# --- Decided


def test_what_is_ticked_is_accepted_together_and_can_be_undone(sign_in: SignIn, cast: Cast) -> None:
    items = [make_item(cast, number) for number in range(3)]
    bob = sign_in(cast.bob)
    form = {"item": [items[0].id, items[1].id], "decision": "accepted"}

    done = bob.post("/admin/reviews/decide", data=form, follow_redirects=True).text

    assert [state_of(item) for item in items] == ["accepted", "accepted", "open"]
    assert "已采纳 2 件事项" in done
    assert "按错了可以撤销" in done
    undone = bob.post("/admin/reviews/undo", data={"item": form["item"]}, follow_redirects=True).text
    assert "已撤销，2 件事项重新等待审核" in undone
    assert [state_of(item) for item in items] == ["open", "open", "open"]
    history = bob.get(f"/admin/reviews/{items[0].id}").text
    assert history.index("：待审核") < history.index("：已采纳") < history.index("系统发现")
    acts = db.session.execute(select(AuditEvent.act).order_by(AuditEvent.number)).scalars().all()
    assert acts == ["admin.decide_reviews", "admin.undo_reviews"]


def test_all_of_a_page_can_be_ticked_without_a_script(sign_in: SignIn, cast: Cast) -> None:
    for number in range(3):
        make_item(cast, number)
    make_item(cast, 9, kind="long_day", level="brigade", params={"minutes": 800, "most": 480})

    page = sign_in(cast.bob).get("/admin/reviews?all=1").text

    assert page.count(" checked>") == 3
    assert "由大队管理员审核" in page


def test_pressing_twice_decides_once_and_nothing_ticked_says_so(sign_in: SignIn, cast: Cast) -> None:
    item = make_item(cast)
    bob = sign_in(cast.bob)
    form = {"item": item.id, "decision": "rejected"}

    first, second = (bob.post("/admin/reviews/decide", data=form) for _ in range(2))
    changed = bob.post("/admin/reviews/decide", data=form | {"decision": "accepted"})
    none = bob.post("/admin/reviews/decide", data={"decision": "accepted"})
    unheard = bob.post("/admin/reviews/decide", data=form | {"decision": "muted"})

    assert (first.status_code, second.status_code, state_of(item)) == (302, 302, "rejected")
    assert (changed.status_code, "已经处理过" in changed.text) == (422, True)
    assert (none.status_code, "请先勾选" in none.text) == (422, True)
    assert unheard.status_code == 400


def test_a_page_leads_back_only_to_the_desk(sign_in: SignIn, cast: Cast) -> None:
    form = {"item": make_item(cast).id, "decision": "accepted"}
    bob = sign_in(cast.bob)

    there = bob.post("/admin/reviews/decide", data=form | {"back": "/admin/reviews?kind=left"})
    away = bob.post("/admin/reviews/decide", data=form | {"back": "https://evil.example/"})

    assert (there.location, away.location) == ("/admin/reviews?kind=left", "/admin/reviews")
    make_item(cast, 2)
    again = bob.post("/admin/reviews/decide", data={"decision": "accepted", "back": "/admin/reviews?page=1"})
    assert 'name="back" value="/admin/reviews?page=1"' in again.text


def test_who_may_judge_a_long_day_is_above_the_member(
    app: Flask,
    cast: Cast,
    hold: Hold,
    find: Find,
    erin: Admin,
    dora: Admin,
) -> None:
    item = long_day(hold, find, 4, 5)
    known(cast.bob, "B902")

    with pytest.raises(ReviewNotYours):
        decide_reviews([item.id], ACCEPTED, desk_of(app, cast.bob))
    assert decide_reviews([item.id], ACCEPTED, desk_of(app, erin)) == 1

    assert undo_reviews([item.id], desk_of(app, dora)) == 1


def test_beyond_twelve_hours_only_the_brigade_judges(
    app: Flask,
    cast: Cast,
    hold: Hold,
    find: Find,
    erin: Admin,
    dora: Admin,
) -> None:
    item = long_day(hold, find, 6, 7)

    with pytest.raises(ReviewNotYours):
        decide_reviews([item.id], ACCEPTED, desk_of(app, erin))

    assert decide_reviews([item.id], REJECTED, desk_of(app, dora)) == 1


def test_reading_the_brigade_as_its_auditor_gives_no_voice_there(
    app: Flask, cast: Cast, now: datetime
) -> None:
    db.session.add(
        Appointment(
            admin_id=cast.bob.id,
            role=Role.AUDITOR,
            team_id=cast.brigade.id,
            appointed_at=now,
            is_deputy=False,
        )
    )
    known(cast.bob, "B902")
    item = make_item(cast, kind="long_day", level="parent")

    with pytest.raises(ReviewNotYours):
        decide_reviews([item.id], ACCEPTED, desk_of(app, cast.bob))


def test_nobody_decides_about_the_own_hours(
    app: Flask, sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    double, _ = duplicate_of(app, cast, now)
    brigade_admin.member_id = double.id
    db.session.commit()
    item = make_item(cast, kind="long_day", level="brigade", params={"minutes": 800, "most": 480})

    with pytest.raises(ReviewOfOneself):
        decide_reviews([item.id], ACCEPTED, desk_of(app, brigade_admin))

    page = sign_in(brigade_admin).get(f"/admin/reviews/{item.id}").text
    assert "关于您本人" in page
    assert 'name="decision"' not in page


def test_nobody_decides_about_a_team_that_oneself_served_with(
    app: Flask, sign_in: SignIn, cast: Cast, hold: Hold, find: Find
) -> None:
    serve(hold, SATURDAY, 1)
    item = make_item(cast, member_id=None)
    record_id = db.session.execute(select(ServiceRecord.id)).scalar_one()
    db.session.add(ReviewedRecord(item_id=item.id, record_id=record_id))
    cast.bob.member_id = cast.alice.id
    db.session.commit()

    with pytest.raises(ReviewOfOneself):
        decide_reviews([item.id], ACCEPTED, desk_of(app, cast.bob))

    assert "关于您本人" in sign_in(cast.bob).get("/admin/reviews").text


def test_the_database_itself_lets_nobody_decide_about_oneself(cast: Cast) -> None:
    item = make_item(cast)

    item.state, item.decided_by_id, item.decided_person_id = "accepted", cast.bob.id, cast.alice.id

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_hours_are_released_only_by_somebody_who_is_known(
    app: Flask, sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    held = make_item(cast, 1, kind="two_places", level="parent", params={"minutes": 5})
    seen = make_item(cast, 2)

    with pytest.raises(PersonUnknown):
        decide_reviews([held.id], ACCEPTED, desk_of(app, brigade_admin))

    assert decide_reviews([seen.id], ACCEPTED, desk_of(app, brigade_admin)) == 1
    assert "还没有关联本人" in sign_in(brigade_admin).get(f"/admin/reviews/{held.id}").text


def test_one_item_out_of_sight_leaves_all_undecided(app: Flask, cast: Cast) -> None:
    mine = make_item(cast)
    theirs = make_item(cast, 2, team_id=cast.other.id)
    desk = desk_of(app, cast.bob, cast.detachment)

    with pytest.raises(ReviewUnknown):
        decide_reviews([mine.id, theirs.id], ACCEPTED, desk)
    with pytest.raises(NothingTicked):
        decide_reviews([], ACCEPTED, desk)

    assert state_of(mine) == "open"


def test_what_is_gone_cannot_be_decided(app: Flask, cast: Cast) -> None:
    item = make_item(cast, state="gone")

    for act in (
        lambda: decide_reviews([item.id], ACCEPTED, desk_of(app, cast.bob)),
        lambda: undo_reviews([item.id], desk_of(app, cast.bob)),
        lambda: mute_review(item.id, "不再提醒", desk_of(app, cast.bob)),
    ):
        with pytest.raises(ReviewDecided):
            act()


# --- What it does to hours


def test_a_long_day_counts_nothing_until_it_is_accepted_and_again_once_that_is_undone(
    app: Flask,
    cast: Cast,
    hold: Hold,
    find: Find,
    dora: Admin,
    now: datetime,
) -> None:
    zone = app.config["TIMEZONE"]
    item = long_day(hold, find, 4, 5)
    close_day(date(2026, 9, 12), cast.bob.id, "试点", now, zone)
    settle_days(now, zone)
    assert credited() == 0

    decide_reviews([item.id], ACCEPTED, desk_of(app, dora))
    assert set(db.session.execute(select(ServiceRecord.is_settled)).scalars()) == {False}
    settle_days(now, zone)
    assert credited() == 540
    assert (find(now), settle_days(now, zone), credited()) == (0, 0, 540)

    undo_reviews([item.id], desk_of(app, dora))
    settle_days(now, zone)
    assert credited() == 0


def test_a_rejected_day_counts_once_its_cause_is_gone(
    app: Flask,
    cast: Cast,
    hold: Hold,
    find: Find,
    dora: Admin,
    now: datetime,
) -> None:
    zone = app.config["TIMEZONE"]
    _, token = duplicate_of(app, cast, now)
    serve(hold, SATURDAY, 2)
    serve(hold, SATURDAY + HOUR, 2, token=token)
    find(NEXT)
    item = db.session.execute(select(ReviewItem).where(ReviewItem.kind == "two_places")).scalar_one()
    decide_reviews([item.id], REJECTED, desk_of(app, dora))
    close_day(date(2026, 9, 12), cast.bob.id, "试点", now, zone)
    settle_days(now, zone)
    assert credited() == 0

    db.session.execute(select(Merge)).scalar_one().undone_at = now
    db.session.commit()
    find(now + MINUTE)
    settle_days(now + MINUTE, zone)

    assert (state_of(item), credited()) == ("gone", 240)


# --- Muted


def test_muting_needs_a_reason_and_is_found_on_demand(sign_in: SignIn, cast: Cast) -> None:
    item = make_item(cast)
    bob, path = sign_in(cast.bob), f"/admin/reviews/{make_item(cast, 2).id}"
    without = bob.post(f"/admin/reviews/{item.id}/mute", data={"reason": "  "})

    bob.post(f"/admin/reviews/{item.id}/mute", data={"reason": "轮班制，不坐班"})

    assert (without.status_code, "请写明为什么" in without.text) == (422, True)
    assert state_of(item) == "muted"
    assert "轮班制" not in bob.get("/admin/reviews").text
    muted = bob.get("/admin/reviews?state=muted").text
    assert "轮班制，不坐班" in muted
    assert "恢复为待审核" in muted
    assert "有 1 件事等您过目" in bob.get("/admin").text
    assert bob.get(path).status_code == 200
    assert db.session.execute(select(AuditEvent.reason)).scalars().all() == ["轮班制，不坐班"]


def test_what_holds_hours_back_is_not_muted(app: Flask, sign_in: SignIn, cast: Cast, dora: Admin) -> None:
    item = make_item(cast, kind="two_places", level="parent", params={"minutes": 5})

    with pytest.raises(HoursNotMuted):
        mute_review(item.id, "烦", desk_of(app, dora))

    assert "静音）" not in sign_in(dora).get(f"/admin/reviews/{item.id}").text


def test_a_forgotten_check_out_is_decided_by_the_own_team(
    sign_in: SignIn,
    cast: Cast,
    hold: Hold,
    find: Find,
) -> None:
    hold(SATURDAY)
    close_forgotten(NEXT)
    find(NEXT)
    item = db.session.execute(select(ReviewItem)).scalar_one()
    bob = sign_in(cast.bob)
    assert "签到后一直没有签退" in bob.get(f"/admin/reviews/{item.id}").text

    form = {"item": item.id, "decision": "rejected", "single": "1"}
    answer = bob.post("/admin/reviews/decide", data=form, follow_redirects=True).text

    assert "已定为不采纳。记录有错的，请在下面去更正" in answer
    assert f"/admin/corrections/new?record={min(held_by(item))}" in answer
    assert "撤销，恢复为待审核" in answer
    assert state_of(item) == "rejected"
