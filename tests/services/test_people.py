"""Finding members by the end of their telephone number within the scope only, and moving house."""

from datetime import date, datetime

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.contacts import ContactKind, derive_contact_key
from volunteer.domain.people import Wishes
from volunteer.models.people import Person
from volunteer.queries.members import search_members
from volunteer.queries.people import get_person_file
from volunteer.services.members import add_member
from volunteer.services.people import add_contact, change_own_file

KEY = derive_contact_key("a secret")


def test_members_are_found_by_the_last_four_digits_within_the_scope(cast: Cast, now: datetime) -> None:
    other = add_member("C001", "王五", "FD02", now)
    for member_id, phone in ((cast.alice.id, "13800001234"), (other.id, "13900001234")):
        add_contact(member_id, ContactKind.PHONE, phone, "", KEY, now)
    add_contact(other.id, ContactKind.EMERGENCY, "13700005678", "配偶", KEY, now)

    _, found = search_members([cast.detachment.id], "1234")

    assert [row.Member.volunteer_no for row in found] == ["A001"]
    assert search_members([cast.detachment.id, cast.other.id], "1234")[0] == 2
    assert search_members([cast.other.id], "5678") == (0, [])


def test_moving_house_changes_nothing_else(cast: Cast, now: datetime) -> None:
    born_on = date(1949, 12, 31)
    db.session.add(Person(member_id=cast.alice.id, sex="female", born_on=born_on, updated_at=now))
    db.session.commit()

    change_own_file(cast.alice.id, "龙城街道", Wishes(), now)

    person = get_person_file(cast.alice.id).person
    assert person is not None
    assert (person.sex, person.born_on, person.residence) == (
        "female",
        born_on,
        "龙城街道",
    )
