"""A name and an ID number are corrected: with a reason, in the history, and the member is told."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.identities import NationalIdTaken, OwnIdentity
from volunteer.domain.imports import ImportKind, ImportState, RowState
from volunteer.domain.member_changes import EventKind
from volunteer.domain.national_ids import (
    NationalIdRefused,
    derive_id_keys,
    hash_national_id,
    invent_impossible,
    read_national_id,
)
from volunteer.domain.people import Particulars
from volunteer.domain.refusals import ReasonMissing
from volunteer.models.imports import Import, ImportRow
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.messages import Message
from volunteer.queries.members import search_members
from volunteer.queries.people import get_person_file
from volunteer.services.identities import Correction, correct_file, remove_national_id
from volunteer.services.member_changes import Actor, undo_change
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members

KEYS = derive_id_keys("a secret")
NUMBER, OTHER = "11010519491231002X", "440307199001010096"
BLANK = Correction("张三", Particulars(), "", "", 0)


def correct(member: Member, now: datetime, cast: Cast, **changes: object) -> None:
    """Bob corrects the member's file; what is not named stays."""
    correction = replace(BLANK, admin_id=cast.bob.id, **{"name": member.name} | changes)  # type: ignore[arg-type]
    correct_file(member.id, correction, KEYS, now, now.date(), allows_invented=False)


def history() -> list[tuple[str, str]]:
    """The kind and the reason of every change that is kept, oldest first."""
    rows = db.session.execute(select(MemberEvent.kind, MemberEvent.reason).order_by(MemberEvent.id))
    return [(kind, reason) for kind, reason in rows]


def told(member: Member) -> list[object]:
    """What the member was told of."""
    return list(db.session.execute(select(Message.sentence).filter_by(member_id=member.id)).scalars())


def test_a_corrected_name_is_found_and_kept_with_the_old_one_and_told(cast: Cast, now: datetime) -> None:
    correct(cast.alice, now, cast, name=" 章  珊 ", reason="登记时写错")

    event = db.session.execute(select(MemberEvent)).scalar_one()
    assert (event.before, event.after, event.admin_id) == ({"name": "张三"}, {"name": "章 珊"}, cast.bob.id)
    assert search_members([cast.detachment.id], "zhangshan")[0] == 1
    assert search_members([cast.detachment.id], "zhangsan")[0] == 0
    [message] = told(cast.alice)
    assert isinstance(message, dict)
    assert message["params"] == {"old": "张三", "new": "章 珊", "reason": "登记时写错"}


def test_another_name_needs_a_reason_and_the_same_name_none(cast: Cast, now: datetime) -> None:
    correct(cast.alice, now, cast, name=" 张三 ")
    with pytest.raises(ReasonMissing):
        correct(cast.alice, now, cast, name="李四")

    assert cast.alice.name == "张三"
    assert (history(), told(cast.alice)) == ([], [])


def test_an_id_number_is_sealed_for_one_member_and_found_without_opening_it(
    cast: Cast, now: datetime
) -> None:
    other = add_member("C001", "王五", "FD02", now)
    correct(cast.alice, now, cast, national_id=NUMBER)

    with pytest.raises(NationalIdTaken):
        correct(other, now, cast, national_id=NUMBER.lower())
    correct(cast.alice, now, cast, national_id=NUMBER)

    assert read_national_id(cast.alice.national_id_sealed, KEYS) == NUMBER
    assert history() == []


def test_another_number_needs_a_reason_and_takes_along_what_the_wrong_one_told(
    cast: Cast, now: datetime
) -> None:
    correct(cast.alice, now, cast, national_id=NUMBER)
    as_shown = Particulars(*_told_by_number(cast.alice))
    with pytest.raises(ReasonMissing):
        correct(cast.alice, now, cast, national_id=OTHER, particulars=as_shown)

    correct(cast.alice, now, cast, national_id=OTHER, particulars=as_shown, reason="号码是别人的")

    assert read_national_id(cast.alice.national_id_sealed, KEYS) == OTHER
    assert _told_by_number(cast.alice) == ("male", date(1990, 1, 1))
    assert history() == [(EventKind.ID_REPLACED, "号码是别人的")]
    assert len(told(cast.alice)) == 1


def test_a_removed_number_is_free_for_its_owner_and_leaves_no_trace_but_that_it_went(
    cast: Cast, now: datetime
) -> None:
    owner = add_member("C001", "王五", "FD02", now)
    correct(cast.alice, now, cast, national_id=NUMBER, particulars=Particulars(residence="坂田"))

    remove_national_id(cast.alice.id, "号码是王五的", cast.bob.id, KEYS, now, now.date())
    correct(owner, now, cast, national_id=NUMBER)

    assert (cast.alice.national_id_sealed, cast.alice.national_id_hash) == (None, None)
    assert _told_by_number(cast.alice) == (None, None)
    file = get_person_file(cast.alice.id).person
    assert file is not None
    assert file.residence == "坂田"
    event = db.session.execute(select(MemberEvent)).scalar_one()
    assert (event.kind, event.before, event.after) == (EventKind.ID_REMOVED, {}, {})
    assert len(told(cast.alice)) == 1


@pytest.mark.parametrize("change", [{"name": "李四"}, {"national_id": OTHER}])
def test_no_admin_corrects_the_own_name_or_number(
    cast: Cast, now: datetime, change: dict[str, object]
) -> None:
    correct(cast.alice, now, cast, national_id=NUMBER)
    cast.bob.member_id = cast.alice.id
    db.session.commit()

    with pytest.raises(OwnIdentity):
        correct(cast.alice, now, cast, reason="写错", **change)
    with pytest.raises(OwnIdentity):
        remove_national_id(cast.alice.id, "写错", cast.bob.id, KEYS, now, now.date())

    assert (cast.alice.name, read_national_id(cast.alice.national_id_sealed, KEYS)) == ("张三", NUMBER)
    assert history() == []


def test_the_rows_merged_into_an_admins_own_are_the_own_person_too(cast: Cast, now: datetime) -> None:
    twin = add_member("B001", "张三", "FD01", now)
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    merge_members("A001", "B001", "同一人", judge)
    cast.bob.member_id = twin.id
    db.session.commit()

    with pytest.raises(OwnIdentity):
        correct(cast.alice, now, cast, name="李四", reason="写错")


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_wrong_number_goes_from_the_list_that_brought_it_too_but_not_from_its_owners_row(
    cast: Cast, now: datetime, is_replaced: bool
) -> None:
    add_member("B001", "张三", "FD01", now)
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    merge_members("A001", "B001", "同一人", judge)
    correct(cast.alice, now, cast, national_id=NUMBER)
    brought(cast, now, {"A001": NUMBER, "B001": NUMBER, "C001": NUMBER, "D001": OTHER})

    if is_replaced:
        correct(cast.alice, now, cast, national_id=OTHER, reason="号码是别人的")
    else:
        remove_national_id(cast.alice.id, "号码是别人的", cast.bob.id, KEYS, now, now.date())

    left = db.session.execute(select(ImportRow.key).order_by(ImportRow.row)).scalars().all()
    assert left == ["C001", "D001"]
    assert db.session.execute(select(Import.sealed_samples)).scalar_one() is None


def brought(cast: Cast, now: datetime, numbers: dict[str, str]) -> None:
    """A list of members, written already, that brought these numbers."""
    one = Import(
        kind=ImportKind.MEMBERS,
        state=ImportState.DONE,
        filename="名单.csv",
        admin_id=cast.bob.id,
        team_id=cast.detachment.id,
        scope=[cast.detachment.id],
        sealed_samples=b"x",
        created_at=now,
    )
    db.session.add(one)
    db.session.flush()
    for row, (key, number) in enumerate(numbers.items(), start=2):
        digest = hash_national_id(number, KEYS)
        kept = ImportRow(
            import_id=one.id, row=row, state=RowState.UPDATED, key=key, id_hash=digest, sealed=b"x"
        )
        db.session.add(kept)
    db.session.commit()


def test_a_number_that_nobody_can_have_is_for_the_demo_only(cast: Cast, now: datetime) -> None:
    invented = replace(BLANK, national_id=invent_impossible(7), admin_id=cast.bob.id)

    with pytest.raises(NationalIdRefused, match="00"):
        correct_file(cast.alice.id, invented, KEYS, now, now.date(), allows_invented=False)
    correct_file(cast.alice.id, invented, KEYS, now, now.date(), allows_invented=True)

    assert read_national_id(cast.alice.national_id_sealed, KEYS) == invent_impossible(7)


def _told_by_number(member: Member) -> tuple[object, object]:
    person = get_person_file(member.id).person
    assert person is not None
    return person.sex, person.born_on


def test_no_admin_takes_the_correction_of_the_own_name_back(cast: Cast, now: datetime) -> None:
    correct(cast.alice, now, cast, name="李四", reason="写错")
    cast.bob.member_id = cast.alice.id
    db.session.commit()
    event_id = db.session.execute(select(MemberEvent.id)).scalar_one()

    with pytest.raises(OwnIdentity):
        undo_change(event_id, Actor(cast.bob.id, frozenset({cast.detachment.id}), now, UTC))

    assert cast.alice.name == "李四"
