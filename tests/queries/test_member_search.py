"""Searching members: by name, every reading, number, the end of a telephone, team and status."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.contacts import ContactKind
from volunteer.domain.member_changes import EventKind
from volunteer.domain.members import MemberStatus, Standing
from volunteer.models.member_changes import MemberEvent
from volunteer.models.people import MemberContact
from volunteer.queries.members import get_member, search_members
from volunteer.services.member_changes import Actor, change_status, undo_change
from volunteer.services.members import add_member


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    seen: list[str] = []
    note = lambda *parts: seen.append(str(parts[2]))  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def found(cast: Cast, text: str, *scope: int, **more: object) -> list[str]:
    teams = list(scope) or [cast.detachment.id]
    count, rows = search_members(teams, text, **more)  # type: ignore[arg-type]
    assert count >= len(rows)
    return [row.Member.volunteer_no for row in rows]


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("单雄信", ["shan", "shanx", "danxiongxin", "chanxiongxin", "sxx", "dxx", "cxx", "单雄"]),
        ("仇英", ["qiuying", "chouying", "qy", "cy"]),
        ("曾国藩", ["zengguofan", "cengguofan", "zgf", "cgf"]),
        ("翟志刚", ["zhaizhigang", "dizhigang", "zzg", "dzg"]),
        # Given names with many readings of their own crowd out no surname's reading.
        ("曾行重", ["zengxingzhong", "cengxingzhong"]),
        ("单行重", ["shanxing", "danxing", "chanxing"]),
    ],
)
def test_a_surname_is_found_by_every_reading(
    cast: Cast, now: datetime, name: str, readings: list[str]
) -> None:
    add_member("B001", name, "FD01", now)

    for typed in readings:
        assert "B001" in found(cast, typed), typed


@pytest.mark.parametrize("text", ["5678", "13812345678", "138-1234-5678", "345678"])
def test_a_telephone_is_found_by_its_end(cast: Cast, now: datetime, text: str) -> None:
    contact = MemberContact(
        member_id=cast.alice.id, kind=ContactKind.PHONE, value_sealed=b"x", ending="5678", created_at=now
    )
    db.session.add(contact)
    db.session.commit()

    assert found(cast, text) == ["A001"]
    assert found(cast, "678") == []
    assert found(cast, text, cast.other.id) == []


@pytest.mark.parametrize("text", ["ｌｌ０００３４５", "ＬＬ000345", "ll 000345", "ｚｓ", "０００３４５"])
def test_what_was_typed_full_width_or_spaced_finds_as_well(cast: Cast, now: datetime, text: str) -> None:
    add_member("LL000345", "周杉", "FD01", now)

    assert "LL000345" in found(cast, text)


@pytest.mark.parametrize("name", ["㐂文武", "欧阳娜娜", "单雄信", "阿卜杜拉·买买提"])
def test_pinyin_finds_with_spaces_as_without(cast: Cast, now: datetime, name: str) -> None:
    add_member("B001", name, "FD01", now)
    spaced = {"㐂文武": "xi wen wu", "欧阳娜娜": "ou yang na na", "单雄信": "Shan Xiong xin"}
    typed = spaced.get(name, "a bu du la mai mai ti")

    assert found(cast, typed) == found(cast, typed.replace(" ", "")) == ["B001"]


@pytest.mark.parametrize("text", ["张三", "张 三", "张　三"])
def test_a_chinese_name_is_found_stretched_or_not(cast: Cast, text: str) -> None:
    assert found(cast, text) == ["A001"]


@pytest.mark.parametrize("text", ["第一分队", "一分", "FD01", "fd01", "ＦＤ０１"])
def test_a_team_s_name_or_code_finds_its_members_within_the_scope(
    cast: Cast, now: datetime, text: str
) -> None:
    add_member("C001", "王五", "FD02", now)
    both = (cast.detachment.id, cast.other.id)

    assert found(cast, text, *both) == ["A001"]
    assert found(cast, text, cast.other.id) == []


def test_a_team_above_finds_the_members_of_the_teams_below(cast: Cast, now: datetime) -> None:
    add_member("C001", "王五", "FD02", now)
    all_teams = (cast.brigade.id, cast.detachment.id, cast.other.id)

    assert found(cast, cast.brigade.name, *all_teams) == ["A001", "C001"]
    assert found(cast, cast.brigade.name, *all_teams[1:]) == []
    assert found(cast, "FD", *all_teams) == []


def test_part_of_a_number_finds_it(cast: Cast, now: datetime) -> None:
    add_member("LL000345", "李四", "FD01", now)

    assert (found(cast, "0034"), found(cast, "ll0003")) == (["LL000345"], ["LL000345"])


@pytest.mark.parametrize("text", ["%", "_", "\\", "' or 1=1", "张%"])
def test_signs_of_the_database_are_plain_characters(cast: Cast, text: str) -> None:
    assert found(cast, text) == []


def test_a_status_is_chosen(cast: Cast, now: datetime) -> None:
    add_member("B001", "李四", "FD01", now)
    get_member("B001").status = MemberStatus.LEFT
    db.session.commit()

    assert found(cast, "", statuses=[MemberStatus.ACTIVE]) == ["A001"]
    assert found(cast, "ls", statuses=[MemberStatus.ACTIVE]) == []
    assert found(cast, "ls", statuses=[MemberStatus.LEFT]) == ["B001"]
    assert found(cast, "") == ["A001", "B001"]


def test_who_retired_is_told_from_who_left_and_from_who_came_back(cast: Cast, now: datetime) -> None:
    actor = Actor(cast.bob.id, frozenset([cast.detachment.id]), now, UTC)
    for number, kind in (("B001", EventKind.RETIRED), ("B002", EventKind.LEFT), ("B003", EventKind.RETIRED)):
        add_member(number, "李四", "FD01", now)
        change_status(number, kind, now.date(), "到龄", actor)
    change_status("B003", EventKind.RETURNED, now.date(), "返聘", actor)

    _, rows = search_members([cast.detachment.id], "")

    standings = {row.Member.volunteer_no: row.standing for row in rows}
    assert standings == {"A001": "active", "B001": "retired", "B002": "left", "B003": "active"}
    assert found(cast, "ls", statuses=[Standing.RETIRED]) == ["B001"]
    assert found(cast, "ls", statuses=[Standing.LEFT]) == ["B002"]
    assert found(cast, "", statuses=[Standing.LEFT, Standing.RETIRED]) == ["B001", "B002"]
    assert found(cast, "", statuses=[Standing.ACTIVE, Standing.RETIRED]) == ["A001", "B001", "B003"]


def test_a_retirement_taken_back_and_followed_by_leaving_is_none(cast: Cast, now: datetime) -> None:
    actor = Actor(cast.bob.id, frozenset([cast.detachment.id]), now, UTC)
    change_status("A001", EventKind.RETIRED, now.date(), "到龄", actor)
    undo_change(db.session.execute(select(MemberEvent.id)).scalar_one(), actor)
    change_status("A001", EventKind.LEFT, now.date(), "离职", actor)

    assert (found(cast, "", statuses=["retired"]), found(cast, "", statuses=["left"])) == ([], ["A001"])


def test_pages_have_a_true_count_even_past_the_end(cast: Cast, now: datetime) -> None:
    for number in range(5):
        add_member(f"B{number:03}", "李四", "FD01", now)
    scope = [cast.detachment.id]

    pages = [search_members(scope, "ls", offset=offset, limit=2) for offset in (0, 4, 40)]

    assert [(count, len(rows)) for count, rows in pages] == [(5, 2), (5, 1), (5, 0)]


@pytest.mark.parametrize("text", ["", "ls", "李四", "第一分队"])
def test_a_search_takes_three_statements_at_most(cast: Cast, now: datetime, text: str) -> None:
    for number in range(30):
        add_member(f"B{number:03}", "李四", "FD01", now)
    scope = [cast.detachment.id, cast.other.id]

    with counted_statements() as seen:
        search_members(scope, text)

    assert len([one for one in seen if not one.startswith("BEGIN")]) <= 3
