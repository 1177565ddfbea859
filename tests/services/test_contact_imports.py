"""Contacts of every kind come with a list, sealed, and leave with it again."""

from datetime import datetime

import pytest
from sqlalchemy import select

from tests.conftest import Cast
from tests.services.test_import_effects import changes, effects
from tests.services.test_imports import CONTACT_KEY, KEYS, csv, rows_of, stage, states, undo, write
from volunteer.db import db, transaction
from volunteer.domain.contacts import ContactKind
from volunteer.models.people import MemberContact
from volunteer.queries.member_imports import list_files
from volunteer.queries.members import find_member
from volunteer.services.imports import accept_repairs
from volunteer.services.people import add_contact
from volunteer.writes.imports import save_rows

HEADINGS = ("编号", "姓名", "手机", "微信号", "电子邮箱", "紧急联系人", "紧急联系人电话")
ROW = ("A001", "张三", "13800138000", "zhang_san", "zhang@qq.com", "李四", "13700137000")


@pytest.fixture
def scope(cast: Cast) -> list[int]:
    """The whole brigade."""
    return [cast.brigade.id, cast.detachment.id, cast.other.id]


def test_every_kind_is_kept_sealed_and_the_same_list_again_changes_nothing(
    cast: Cast, scope: list[int]
) -> None:
    found = stage(csv(ROW, headings=HEADINGS), cast.bob, scope)
    write(found, scope)

    kept = list_files([cast.alice.id], CONTACT_KEY)[cast.alice.id]
    stored = db.session.execute(select(MemberContact)).scalars().all()
    assert (kept.phones, kept.wechats, kept.emails, kept.emergencies, kept.others) == (
        ("13800138000",),
        ("zhang_san",),
        ("zhang@qq.com",),
        ("李四 13700137000",),
        0,
    )
    sealed = b"".join(one.value_sealed for one in stored)
    assert not any(text.encode() in sealed for text in ROW[2:])
    assert {one.kind: (one.ending, one.note) for one in stored} == {
        ContactKind.PHONE: ("8000", ""),
        ContactKind.WECHAT: (None, ""),
        ContactKind.EMAIL: (None, ""),
        ContactKind.EMERGENCY: (None, "李四"),
    }
    again = stage(csv(ROW, headings=HEADINGS), cast.bob, scope)
    assert effects(again) == {"unchanged": 1}


def test_what_stood_there_before_stands_there_again_after_the_undoing(
    cast: Cast, scope: list[int], now: datetime
) -> None:
    for kind, text, note in (
        (ContactKind.EMERGENCY, "13700137000", "配偶、白天"),
        (ContactKind.EMAIL, "old@qq.com", "单位"),
    ):
        add_contact(cast.alice.id, kind, text, note, CONTACT_KEY, now)
    found = stage(csv(ROW, headings=HEADINGS), cast.bob, scope)
    told = changes(rows_of(found)[2])
    accept_repairs(found, KEYS)
    write(found, scope)
    written = {one.note for one in db.session.execute(select(MemberContact)).scalars()}

    undo(found)

    db.session.expire_all()
    left = {(one.kind, one.note) for one in db.session.execute(select(MemberContact)).scalars()}
    assert ("emergency", "配偶、白天 13700137000", "李四 13700137000") in told
    assert written == {"李四", "单位", ""}
    assert states(found) == {2: "undone"}
    assert left == {(ContactKind.EMERGENCY, "配偶、白天"), (ContactKind.EMAIL, "单位")}


def test_a_contact_that_cannot_be_opened_any_more_is_neither_counted_twice_nor_taken_away(
    cast: Cast, scope: list[int], now: datetime
) -> None:
    add_contact(cast.alice.id, ContactKind.PHONE, "13900139000", "", bytes(32), now)
    found = stage(csv(ROW, headings=HEADINGS), cast.bob, scope)
    write(found, scope)

    undo(found)

    assert states(found) == {2: "undone"}
    assert len(db.session.execute(select(MemberContact)).scalars().all()) == 1


def written_before_contacts_had_kinds(import_id: int) -> None:
    """Keep what was there before and after as it was kept then: all but telephones only counted."""
    row = rows_of(import_id)[2]
    assert row.was
    for content in row.was.values():
        content["others"] += sum(len(content.pop(name)) for name in ("wechats", "emails", "emergencies"))
    with transaction():
        save_rows(import_id, [row], KEYS)


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_list_written_before_contacts_had_kinds_is_taken_back_and_leaves_them(
    cast: Cast, scope: list[int], now: datetime, is_changed: bool
) -> None:
    add_contact(cast.alice.id, ContactKind.EMAIL, "old@qq.com", "", CONTACT_KEY, now)
    found = stage(csv(("A001", "张三", "13800138000"), headings=HEADINGS[:3]), cast.bob, scope)
    write(found, scope)
    written_before_contacts_had_kinds(found)
    if is_changed:
        add_contact(cast.alice.id, ContactKind.WECHAT, "zhang_san", "", CONTACT_KEY, now)

    undo(found)

    kept = list_files([cast.alice.id], CONTACT_KEY)[cast.alice.id]
    assert states(found) == {2: "kept" if is_changed else "undone"}
    assert kept.phones == (("13800138000",) if is_changed else ())
    assert kept.emails == ("old@qq.com",)


def test_who_came_with_a_list_written_before_contacts_had_kinds_goes_with_it(
    cast: Cast, scope: list[int]
) -> None:
    found = stage(csv(("N01", "李四", "13800138000"), headings=HEADINGS[:3]), cast.bob, scope)
    write(found, scope)
    written_before_contacts_had_kinds(found)

    undo(found)

    assert states(found) == {2: "undone"}
    assert find_member("N01") is None


def test_a_note_that_is_no_name_stays_as_it_is_when_an_exported_list_comes_back(
    cast: Cast, scope: list[int], now: datetime
) -> None:
    add_contact(cast.alice.id, ContactKind.EMERGENCY, "13700137000", "爱人2号；白天", CONTACT_KEY, now)
    exported = ("A001", "张三", "爱人2号；白天", "137****7000")

    found = stage(csv(exported, headings=("编号", "姓名", *HEADINGS[5:])), cast.bob, scope)
    write(found, scope)

    assert (states(found), changes(rows_of(found)[2])) == ({2: "unchanged"}, [])
    assert {one.note for one in db.session.execute(select(MemberContact)).scalars()} == {"爱人2号；白天"}
