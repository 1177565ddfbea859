"""Contacts of every kind come with a list, sealed, and leave with it again."""

from datetime import datetime

import pytest
from sqlalchemy import select

from tests.conftest import Cast
from tests.services.test_import_effects import changes, effects
from tests.services.test_imports import CONTACT_KEY, KEYS, csv, rows_of, stage, states, undo, write
from volunteer.db import db
from volunteer.domain.contacts import ContactKind
from volunteer.models.people import MemberContact
from volunteer.queries.member_imports import list_files
from volunteer.services.imports import accept_repairs
from volunteer.services.people import add_contact

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
