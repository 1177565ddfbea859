"""Whoever stands in an answer to an admin with number and name stands in the access log: by every route."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape

from flask import Flask, Response, g
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.conftest import Cast
from tests.web.sides import Side, make_side, row
from tests.web.test_looks import IN_CODE, count_lines, in_words, newest
from tests.web.test_roles import address, appoint, routes
from volunteer.db import db
from volunteer.domain.messages import ASKED
from volunteer.domain.roles import Role
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.members import Member
from volunteer.models.messages import Message
from volunteer.models.reviews import ReviewItem
from volunteer.queries.access_log import list_accesses_about
from volunteer.services.members import add_member
from volunteer.web.admin.looks import log_look

SignIn = Callable[[object], FlaskClient]
Hold = Callable[[datetime], None]
# What forms are sent with: nothing, and what some need to ask once more before anything is done.
FORMS = ({}, {"decision": "withdrawn", "purpose": "recording", "kind": "phone", "reason": "本人要求",
              "decided_on": "2026-09-01", "note": "纸质件"})  # fmt: skip


def fill(side: Side, cast: Cast, person_id: int, hold: Hold) -> None:
    """alice is on duty, and stands in the reviews and in the inbox."""
    hold(datetime.now(UTC))
    links = {"teams": cast.detachment.id, "members": cast.alice.id, "admins": person_id}
    row(
        ReviewItem,
        links,
        member_id=cast.alice.id,
        kind="quarantined",
        key="quarantined:alice",
        level="none",
        state="open",
        params={"scans": 1},
        rows={},
        decided_by_id=None,
    )
    params = {"name": "张三", "number": "A001", "day_on": "2026-09-01"}
    sentence = {"msgid": ASKED, "params": params}
    row(Message, links, member_id=None, admin_id=person_id, sentence=sentence, path="/admin", read_at=None)


def asked(app: Flask, side: Side, browser: FlaskClient) -> Iterator[tuple[str, str, TestResponse, int]]:
    """Every answer to every route, pages before forms, with the newest line from before."""
    ordered = sorted(routes(app), key=lambda one: (one[1] != "GET", one[0].endpoint == "admin.sign_out"))
    for rule, method, _ in ordered:
        for form in FORMS[: 1 if method == "GET" else 2]:
            before = last_line()
            path = address(app, rule, side)
            answer = browser.open(path, method=method, data=form or None, buffered=True)
            yield rule.endpoint.removeprefix("admin."), method, answer, before


def last_line() -> int:
    db.session.rollback()
    return db.session.execute(select(func.coalesce(func.max(AccessEntry.id), 0))).scalar_one()


def said_in(answer: TestResponse) -> str:
    if answer.mimetype == "application/json":
        return json.dumps(answer.get_json(), ensure_ascii=False)
    return unescape(answer.text) if answer.mimetype.startswith("text/") else ""


def is_logged(page: str, member_id: int, before: int) -> bool:
    """A line about the member by this very answer, or by an earlier one to the same page within the hour."""
    about = select(AccessEntry.id, AccessEntry.detail).join(
        AccessedMember, AccessedMember.entry_id == AccessEntry.id
    )
    lines = db.session.execute(about.where(AccessedMember.member_id == member_id))
    return any(entry_id > before or detail.split(" ")[0] == page for entry_id, detail in lines)


def test_whoever_stands_in_an_answer_to_any_route_stands_in_the_log_in_words(
    app: Flask, sign_in: SignIn, cast: Cast, hold: Hold
) -> None:
    side = make_side(app, cast.brigade, "71")
    person = appoint(side, cast, Role.TEAM_ADMIN, "brigade")
    fill(side, cast, person.id, hold)
    members = [(one.id, one.volunteer_no, one.name) for one in db.session.query(Member)]
    silent, shown, seen = [], [], {}
    for page, method, answer, before in asked(app, side, sign_in(person)):
        said = said_in(answer)
        for member_id, number, name in members:
            if number in said and name in said:
                shown.append((page, method))
                if not is_logged(page, member_id, before):
                    silent.append((page, method, answer.status_code, number))
        if last_line() > before:
            seen[page] = in_words(app, newest())

    assert not silent, "\n".join(map(str, silent))
    assert {"members", "reviews", "messages", "on_duty", "records"} <= {page for page, _ in shown}
    assert len({page for page, method in shown if method == "POST"}) > 20
    unread = {page: words for page, words in seen.items() if IN_CODE.search(words)}
    assert not unread, unread


def test_a_form_that_asks_once_more_shows_the_member_and_is_logged(sign_in: SignIn, cast: Cast) -> None:
    form = {"purpose": "recording", "decision": "withdrawn", "decided_on": "2026-09-01", "note": "纸质件"}

    answer = sign_in(cast.bob).post("/admin/members/A001/consents", data=form)

    assert answer.status_code == 200
    assert [
        (one.AccessEntry.detail, one.AccessEntry.count) for one in list_accesses_about([cast.alice.id])
    ] == [("record_consent", 1)]


def test_a_list_is_one_line_with_how_many_people_it_showed_and_the_search_with_stars(
    app: Flask, sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("A002", "张三丰", "FD01", now)
    add_member("A003", "李四", "FD01", now)
    client = sign_in(cast.bob)
    said = []
    for asked_for in ("", "?q=张三", f"?team={cast.detachment.id}", "?q=13800138000"):
        client.get(f"/admin/members{asked_for}")
        said.append((in_words(app, newest()), newest().count))

    assert said == [
        ("志愿者名单", 3),
        ("志愿者名单，查找“张*”", 2),
        ("志愿者名单（队伍 FD01）", 3),
        ("志愿者名单（队伍 FD01）", 3),
    ]
    assert "3 人" in client.get("/admin/access-log").text
    assert len(list_accesses_about([cast.alice.id])) == 3


def test_a_list_that_refreshes_itself_adds_a_line_only_of_who_is_new_in_it(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    client = sign_in(cast.bob)
    client.get("/admin/members")
    client.get("/admin/members")
    other = add_member("A002", "李四", "FD01", now)

    client.get("/admin/members")

    assert (count_lines(), newest().count) == (2, 1)
    assert len(list_accesses_about([other.id])) == 1


def test_a_list_without_anybody_leaves_no_line(sign_in: SignIn, cast: Cast) -> None:
    assert "A001" not in sign_in(cast.charlie).get("/admin/members").text

    assert count_lines() == 0


def test_a_number_of_digits_only_is_a_member_only_with_the_name_near_it(
    app: Flask, cast: Cast, now: datetime
) -> None:
    member = add_member("2026", "王芳", "FD01", now)
    row = '<td class="x">2026</td>\n<td><a href="/admin/members/2026">王芳</a></td>'
    far = f"<p>王芳菲</p><p>{'字' * 300}</p><p>2026 年</p>"
    for said in (far, row):
        with app.test_request_context("/admin/members"):
            g.admin, g.scope = cast.bob, [cast.detachment.id]
            log_look(Response(f"<p>A001 张三</p>{said}", mimetype="text/html"))

    assert [one.AccessEntry.count for one in list_accesses_about([cast.alice.id])] == [1]
    assert [one.AccessEntry.count for one in list_accesses_about([member.id])] == [1]


def test_people_in_an_answer_in_json_are_read_too(app: Flask, cast: Cast) -> None:
    said = json.dumps({"of": [{"number": "A001", "name": "张三"}, {"number": "A009", "name": "李四"}]})
    with app.test_request_context("/admin/members"):
        g.admin, g.scope = cast.bob, [cast.detachment.id]
        log_look(Response(said, mimetype="application/json"))

    assert newest().count == 1
    assert len(list_accesses_about([cast.alice.id])) == 1
