"""Erasure reaches merged rows; and what the database itself refuses when two act at once."""

from datetime import datetime

import pytest
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db, transaction
from volunteer.domain.contacts import ContactKind
from volunteer.domain.erasures import ErasurePart
from volunteer.domain.refusals import Collision
from volunteer.models.access_log import AccessEntry
from volunteer.models.erasures import ErasureRequest
from volunteer.models.notices import PrivacyNotice
from volunteer.models.people import MemberContact
from volunteer.services.erasures import ask_erasure, decide_erasure, take_back_erasure
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members
from volunteer.services.people import add_contact


def test_of_two_requests_at_once_one_is_told(cast: Cast, now: datetime) -> None:
    ask_erasure(cast.alice.id, [ErasurePart.SKILLS], "", now)

    with pytest.raises(Collision), transaction():
        db.session.add(ErasureRequest(member_id=cast.alice.id, parts=["skills"], asked_at=now))

    take_back_erasure(cast.alice.id, now)
    ask_erasure(cast.alice.id, [ErasurePart.SKILLS], "", now)


def test_of_two_who_publish_at_once_one_is_told(cast: Cast, now: datetime) -> None:
    def publish() -> None:
        with transaction():
            db.session.add(
                PrivacyNotice(version=2, sections={}, published_at=now, published_by_id=cast.bob.id)
            )

    publish()

    with pytest.raises(Collision):
        publish()


@pytest.mark.parametrize("who", [(), ("admin_id", "member_id")])
def test_an_entry_of_the_log_has_exactly_one_actor(cast: Cast, now: datetime, who: tuple[str, ...]) -> None:
    ids = {"admin_id": cast.bob.id, "member_id": cast.alice.id}

    entry = AccessEntry(at=now, kind="viewed_file", count=1, detail="", **{name: ids[name] for name in who})

    with pytest.raises(Collision), transaction():
        db.session.add(entry)


def test_what_a_duplicate_held_is_erased_with_it(cast: Cast, now: datetime) -> None:
    duplicate = add_member("A002", "张三", "FD01", now)
    add_contact(duplicate.id, ContactKind.PHONE, "13800001234", "", bytes(32), now)
    merge_members(
        "A001", "A002", "同一个人", Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())
    )
    ask_erasure(cast.alice.id, [ErasurePart.CONTACTS], "", now)
    request_id = db.session.execute(select(ErasureRequest.id)).scalar_one()

    decide_erasure(request_id, cast.bob.id, "", now, is_granted=True, scope=[cast.detachment.id])

    assert db.session.execute(select(MemberContact)).first() is None
