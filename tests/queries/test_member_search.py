"""Searching members: by name, every reading, number, the end of a telephone, team and status."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import event

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.contacts import ContactKind
from volunteer.domain.members import MemberStatus
from volunteer.models.people import MemberContact
from volunteer.queries.members import get_member, search_members
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


def test_pages_have_a_true_count_even_past_the_end(cast: Cast, now: datetime) -> None:
    for number in range(5):
        add_member(f"B{number:03}", "李四", "FD01", now)
    scope = [cast.detachment.id]

    pages = [search_members(scope, "ls", offset=offset, limit=2) for offset in (0, 4, 40)]

    assert [(count, len(rows)) for count, rows in pages] == [(5, 2), (5, 1), (5, 0)]


@pytest.mark.parametrize("text", ["", "ls", "李四"])
def test_a_search_takes_three_statements_at_most(cast: Cast, now: datetime, text: str) -> None:
    for number in range(30):
        add_member(f"B{number:03}", "李四", "FD01", now)
    scope = [cast.detachment.id, cast.other.id]

    with counted_statements() as seen:
        search_members(scope, text)

    assert len([one for one in seen if not one.startswith("BEGIN")]) <= 3
