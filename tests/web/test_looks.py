"""Every page about one member and every file with names stands in the access log: drawn from the routes."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule

from tests.conftest import Cast
from tests.drawing.rasters import texts
from tests.web.sides import Side, make_side, row
from tests.web.test_activities import publish
from tests.web.test_imports import match, upload
from tests.web.test_roles import address, appoint
from volunteer.db import db
from volunteer.domain.access_log import AccessKind
from volunteer.domain.national_ids import derive_id_keys, seal_national_id
from volunteer.domain.roles import Role
from volunteer.models.access_log import AccessEntry
from volunteer.models.activities import Participation
from volunteer.models.members import Member
from volunteer.queries.access_log import list_accesses_about
from volunteer.services.access_log import note_look
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members
from volunteer.web.access_words import say_access

SignIn = Callable[[object], FlaskClient]
# What a line looks like that was not put into words.
IN_CODE = re.compile(r"[a-z]_[a-z]|^[a-z]+( [0-9]+)?$")
# What these arguments name is nobody's own: a team, a place, a rule, an account, a list of many.
NOBODYS = {
    "code": "a team or a station",
    "unit_id": "a unit",
    "terminal_id": "a terminal",
    "admin_id": "an admin's account",
    "appointment_id": "an admin's appointment",
    "passkey_id": "an admin's own account",
    "activity_id": "an activity, with a list",
    "month": "a duty day",
    "day": "a day of the ledger",
    "rule_id": "a rule, with a list",
    "policy_id": "a policy",
    "category_id": "a category",
    "batch_id": "a batch, with a list",
    "certificate_batch_id": "a batch, with a list",
    "sheet_id": "a paper sheet, with a list",
    "sample_id": "a sample, with a list",
    "run_id": "a print run: logged with its members when it is begun, and only its maker opens it",
    "kind": "which file, not of whom",
}
# Every other file is logged, also where its address names nobody.
NO_NAMES = {
    "admin.import_template": "an empty list",
    "admin.print_pdf": "a print run, as above",
}
# Only leads to another page.
LEADS_ON = {"admin.reveal", "admin.reveal_applicant"}
# In the state in which the sides are made there is nothing to show: each has a test of its own.
ABSENT = {
    "admin.sample_entry",
    "admin.correction_evidence",
    "admin.evidence",
    "admin.import_page",
    "admin.import_row",
    "admin.drop_national_id",
    "admin.unmerge",
}


def about_somebody(app: Flask, method: str = "GET") -> Iterator[Rule]:
    """The pages, files and forms of admins whose address names a member or a thing of one."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin.") and method in (rule.methods or ()):
            is_file = bool(re.search(r"\.(\w+|<[^>]*>)$", rule.rule)) and rule.endpoint not in NO_NAMES
            if is_file or set(rule.arguments) - set(NOBODYS):
                yield rule


def count_lines() -> int:
    db.session.rollback()
    return db.session.execute(select(func.count(AccessEntry.id))).scalar_one()


def newest() -> AccessEntry:
    return db.session.execute(select(AccessEntry).order_by(AccessEntry.id.desc())).scalars().first()  # type: ignore[return-value]


def in_words(app: Flask, entry: AccessEntry) -> str:
    """The line's detail as the page shows it."""
    with app.test_request_context():
        return say_access(entry.detail)


def ready_side(app: Flask, cast: Cast) -> Side:
    """Things of somebody, with an admin of the brigade who has looked at none of them."""
    return make_side(app, cast.brigade, "71")


def test_every_page_about_a_member_and_every_file_with_names_leaves_a_line_that_a_clerk_can_read(
    app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    side = ready_side(app, cast)
    browser = sign_in(appoint(side, cast, Role.TEAM_ADMIN, "brigade"))
    silent, seen = [], []
    for rule in about_somebody(app):
        before = count_lines()
        status = browser.get(address(app, rule, side), buffered=True).status_code
        if rule.endpoint in LEADS_ON | ABSENT:
            assert status != 200, f"{rule.endpoint}: it shows something now, so it must be logged"
        elif status not in (200, 422) or count_lines() == before:
            silent.append((rule.endpoint, rule.rule, status))
        else:
            seen.append((rule.endpoint, in_words(app, newest())))

    assert not silent, "\n".join(map(str, silent))
    unread = [one for one in seen if IN_CODE.search(one[1])]
    assert not unread, unread
    assert len(seen) > 40


def test_a_page_opened_again_within_the_hour_is_one_line_and_after_it_another(
    cast: Cast, now: datetime
) -> None:
    for minutes in (0, 1, 59, 61):
        note_look(cast.bob, [cast.alice.id], "member", now + timedelta(minutes=minutes))

    assert [row.AccessEntry.at for row in list_accesses_about([cast.alice.id])] == [
        now + timedelta(minutes=61),
        now,
    ]


def test_another_page_another_admin_and_another_member_are_lines_of_their_own(
    cast: Cast, now: datetime
) -> None:
    other = add_member("A002", "李四", "FD01", now)
    for who, member_id, page in (
        (cast.bob, cast.alice.id, "member"),
        (cast.bob, cast.alice.id, "member_records"),
        (cast.charlie, cast.alice.id, "member"),
        (cast.bob, other.id, "member"),
    ):
        note_look(who, [member_id], page, now)

    assert count_lines() == 4


def test_the_member_sees_who_opened_which_page(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.get("/admin/members/A001")
    client.get("/admin/members/A001/records")

    log, own = client.get("/admin/access-log").text, sign_in(cast.alice).get("/me/data").text

    for words in ("志愿者页面", "服务记录"):
        assert words in log
        assert words in own


def test_both_sides_of_a_comparison_are_logged(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    other = add_member("A002", "张三", "FD01", now)

    sign_in(cast.bob).get("/admin/members/A001/merge?other=a002")

    assert newest().count == 2
    assert len(list_accesses_about([other.id])) == 1


def test_a_page_narrowed_to_a_member_or_to_a_record_is_logged(
    sign_in: SignIn, cast: Cast, hold: Callable[[datetime], None], now: datetime
) -> None:
    hold(now)
    client = sign_in(cast.bob)
    for page in ("/admin/totals/records?by=member&member=A001", "/admin/corrections/new?record=1"):
        before = count_lines()
        assert client.get(page).status_code == 200
        assert count_lines() == before + 1, page
        assert newest().count == 1


def test_what_charlie_may_not_see_leaves_no_line(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.charlie)

    statuses = {client.get(f"/admin/members/A001{page}").status_code for page in ("", "/records", "/changes")}

    assert statuses == {404}
    assert count_lines() == 0


def test_a_roster_taken_twice_is_two_lines_with_who_stands_on_it(
    app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    side = ready_side(app, cast)
    browser = sign_in(appoint(side, cast, Role.TEAM_ADMIN, "detachment"))
    roster = f"/admin/activities/{side.values['activity_id']}/roster.pdf"

    for _ in range(2):
        assert browser.get(roster, buffered=True).status_code == 200

    assert count_lines() == 2
    entry = newest()
    assert (entry.kind, entry.count) == (AccessKind.EXPORTED, 1)
    assert in_words(app, entry) == f"活动 {side.values['activity_id']} 的名单"


def test_a_roster_of_a_team_above_shows_and_logs_only_the_own_members(
    app: Flask, sign_in: SignIn, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    other = add_member("C001", "李四", "FD02", now)
    values: dict[str, object] = {"activity_id": publish(cast, team_id=cast.brigade.id, places=5).id}
    for member_id in (cast.alice.id, other.id):
        row(Participation, {}, member_id=member_id, state="signed_up", **values)

    response = sign_in(cast.bob).get(f"/admin/activities/{values['activity_id']}/roster.pdf")

    (sheet,) = texts(response.data, tmp_path)
    assert "张三" in sheet
    assert "李四" not in sheet
    assert newest().count == 1
    assert list_accesses_about([other.id]) == []


def test_every_refused_form_about_a_member_leaves_a_line_that_a_clerk_can_read(
    app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    side = ready_side(app, cast)
    browser = sign_in(appoint(side, cast, Role.TEAM_ADMIN, "brigade"))
    seen, silent = {}, []
    for rule in about_somebody(app, "POST"):
        before = count_lines()
        form = {"decision": "given", "purpose": "name", "kind": "phone"}
        status = browser.post(address(app, rule, side), data=form, buffered=True).status_code
        if status in (409, 422) and count_lines() == before:
            silent.append((rule.endpoint, rule.rule, status))
        elif status in (409, 422):
            seen[rule.endpoint] = in_words(app, newest())

    assert not silent, "\n".join(map(str, silent))
    unread = {one: words for one, words in seen.items() if IN_CODE.search(words)}
    assert not unread, unread
    views = ("edit_person", "new_contact", "drop_national_id", "record_consent", "member_data", "transfer")
    assert {f"admin.{one}" for one in (*views, "change_member_status")} <= set(seen)


def test_the_rows_of_an_import_are_logged_for_its_list(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    preview = match(client, upload(client, "编号,姓名\n1001,李四\n".encode()))

    client.get(preview)
    list_line = newest().detail
    client.get(f"{preview}/rows/2")

    number = preview.rpartition("/")[2]
    assert (list_line, newest().detail) == (f"import_page {number}", f"import_row {number}")


def test_asking_to_undo_a_merge_or_to_drop_a_number_is_a_look_too(
    app: Flask, sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("A002", "张三", "FD01", now)
    keys = derive_id_keys(app.config["SECRET_KEY"])
    member = db.session.get_one(Member, cast.alice.id)
    member.national_id_sealed = seal_national_id("11010519491231002X", keys, bytes(12))
    member.national_id_hash = "0" * 64
    db.session.commit()
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    merge_members("A001", "A002", "同一个人", judge)
    client = sign_in(cast.bob)
    for page in ("A002/unmerge", "A001/file/national-id/remove"):
        before = count_lines()
        assert client.get(f"/admin/members/{page}").status_code == 200, page
        assert count_lines() == before + 1, page
