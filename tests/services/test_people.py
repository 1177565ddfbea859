"""Finding members by the end of their telephone number, within the scope only."""

from datetime import date, datetime

import pytest

from tests.conftest import Cast
from volunteer.domain.contacts import ContactKind, derive_contact_key
from volunteer.domain.national_ids import derive_id_keys, read_national_id
from volunteer.domain.people import Particulars
from volunteer.queries.people import get_person_file, list_members_with_ending
from volunteer.services.members import add_member
from volunteer.services.people import (
    NationalIdTaken,
    add_contact,
    change_particulars,
    change_residence,
)

KEY, ID_KEYS = derive_contact_key("a secret"), derive_id_keys("a secret")
NUMBER = "11010519491231002X"


def test_members_are_found_by_the_last_four_digits_within_the_scope(cast: Cast, now: datetime) -> None:
    other = add_member("C001", "王五", "FD02", now)
    for member_id, phone in ((cast.alice.id, "13800001234"), (other.id, "13900001234")):
        add_contact(member_id, ContactKind.PHONE, phone, "", KEY, now)
    add_contact(other.id, ContactKind.EMERGENCY, "13700005678", "配偶", KEY, now)

    found = list_members_with_ending([cast.detachment.id], "1234")

    assert [member.volunteer_no for member in found] == ["A001"]
    assert len(list_members_with_ending([cast.detachment.id, cast.other.id], "1234")) == 2
    assert list_members_with_ending([cast.other.id], "5678") == []


def test_an_id_number_is_sealed_for_one_member_and_found_without_opening_it(
    cast: Cast, now: datetime
) -> None:
    other = add_member("C001", "王五", "FD02", now)
    change_particulars(cast.alice.id, Particulars(), NUMBER, ID_KEYS, now, now.date())

    with pytest.raises(NationalIdTaken):
        change_particulars(other.id, Particulars(), NUMBER.lower(), ID_KEYS, now, now.date())
    change_particulars(cast.alice.id, Particulars(), NUMBER, ID_KEYS, now, now.date())

    assert read_national_id(cast.alice.national_id_sealed, ID_KEYS) == NUMBER


def test_moving_house_changes_nothing_else(cast: Cast, now: datetime) -> None:
    change_particulars(cast.alice.id, Particulars(residence="坂田"), NUMBER, ID_KEYS, now, now.date())

    change_residence(cast.alice.id, "龙城街道", now, now.date())

    person = get_person_file(cast.alice.id).person
    assert person is not None
    assert (person.sex, person.born_on, person.residence) == (
        "female",
        date(1949, 12, 31),
        "龙城街道",
    )
