"""The access log: scoped, filtered, and open to everybody about themselves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient

from tests.conftest import Cast
from tests.web.test_admin_members import counted_statements
from volunteer.domain.access_log import AccessKind
from volunteer.models.members import Admin
from volunteer.services.access_log import note_access
from volunteer.services.members import add_member

SignIn = Callable[[object], FlaskClient]
LOG = "/admin/access-log"


def test_a_look_stands_in_the_log_with_who_when_and_about_whom(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    client.get("/admin/members/A001/file")

    page = client.get(LOG).text

    assert "共 1 条" in page
    for words in ("查看个人资料", "鲍勃（bob）", "张三", "/admin/members/A001"):
        assert words in page


def test_entries_are_found_by_member_admin_and_day(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    add_member("A002", "李四", "FD01", now)
    client = sign_in(cast.bob)
    client.get("/admin/members/A001/file")
    client.get("/admin/members/A002/file")
    # The log names both too: the first look at it is a line of its own, about two.
    client.get(LOG)
    today = datetime.now(UTC).astimezone(client.application.config["TIMEZONE"]).date()
    queries = {"": 3, "member=a001": 2, "member=A003": 0, "admin=bob": 3, "admin=charlie": 0,
               f"day={today}": 3, f"day={today - timedelta(days=1)}": 0}  # fmt: skip

    found = {query: f"共 {count} 条" in client.get(f"{LOG}?{query}").text for query, count in queries.items()}

    assert all(found.values()), found
    for day in ("yesterday", "0001-01-01", "9999-12-31"):
        assert client.get(f"{LOG}?day={day}").status_code == 400


def test_charlie_sees_no_entry_about_alice(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    sign_in(cast.bob).get("/admin/members/A001/file")

    client = sign_in(cast.charlie)

    assert "共 0 条" in client.get(LOG).text
    assert "共 0 条" in client.get(f"{LOG}?member=A001").text
    assert "共 0 条" in client.get(f"{LOG}?admin=bob").text


def test_what_the_brigade_does_with_a_teams_members_is_seen_by_that_team(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, now: datetime
) -> None:
    other = add_member("C001", "王五", "FD02", now)
    note_access(brigade_admin, AccessKind.EXPORTED, [cast.alice.id, other.id], "姓名、编号", now)

    page = sign_in(cast.bob).get(LOG).text

    assert "导出名单" in page
    assert "2 人" in page
    assert "姓名、编号" in page
    assert "王五" not in page


def test_a_member_sees_who_looked(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    other = add_member("A002", "李四", "FD01", now)
    sign_in(cast.bob).get("/admin/members/A001/file")
    note_access(cast.bob, AccessKind.EXPORTED, [cast.alice.id, other.id], "", now)
    note_access(cast.bob, AccessKind.VIEWED_NATIONAL_ID, [other.id], "", now)

    page = sign_in(cast.alice).get("/me/data").text

    for words in ("查看个人资料", "鲍勃", "导出名单", "连同其他人共 2 人"):
        assert words in page
    assert "查看完整证件号码" not in page


def test_the_log_needs_no_more_statements_when_it_grows(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    client = sign_in(cast.bob)
    note_access(cast.bob, AccessKind.VIEWED_FILE, [cast.alice.id], "", now)
    client.get(LOG)
    with counted_statements() as few:
        client.get(LOG)
    for number in range(30):
        member = add_member(f"B{number:03}", "李四", "FD01", now)
        note_access(cast.bob, AccessKind.VIEWED_FILE, [member.id], "", now)
    client.get(LOG)

    with counted_statements() as many:
        page = client.get(LOG).text

    # Thirty more, and one line for each look at somebody new in the log itself.
    assert "共 33 条" in page
    assert len(many) == len(few) <= 12
