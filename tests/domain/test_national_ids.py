"""National ID numbers (GB 11643)."""

from datetime import date

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.national_ids import (
    IdDocument,
    NationalIdRefused,
    birthday_of,
    check_character,
    check_national_id,
    derive_id_keys,
    document_of,
    hash_national_id,
    invent_impossible,
    is_female,
    mask_national_id,
    may_be_born_on,
    open_national_id,
    read_national_id,
    seal_national_id,
)

TODAY = date(2026, 11, 15)


def number_for(region: str, born_on: str, sequence: str = "002") -> str:
    body = region + born_on + sequence
    return body + check_character(body)


def test_the_example_printed_in_the_standard_is_accepted() -> None:
    assert check_national_id("11010519491231002X", TODAY) == "11010519491231002X"


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "931156", "000000", "440307", "422103"])
def test_residence_permits_and_any_region_are_accepted(region: str) -> None:
    number = number_for(region, "19900228")

    assert check_national_id(number, TODAY) == number


@pytest.mark.parametrize(
    "written",
    [
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105 19491231 002x",
        "'11010519491231002X",
        "\u200b11010519491231002x\u3000",
    ],
)
def test_what_a_keyboard_leaves_behind_is_tidied(written: str) -> None:
    assert check_national_id(written, TODAY) == "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("110105491231002", "15 位的旧身份证号"),
        ("1101051949123100", "16 位"),
        ("", "0 位"),
        ("11010519491231002Y", "17 位数字"),
        ("1101051949X231002X", "17 位数字"),
        ("110105194912310021", "校验位"),
        (number_for("110105", "19490229"), "出生日期"),
        (number_for("110105", "20261116"), "出生日期"),
        (number_for("110105", "18991231"), "出生日期"),
        ("²" * 18, "17 位数字"),
        ("CAN110081130118", "第 8 到 13 位"),
        ("CAN110027010118A", "16 位"),
    ],
)
def test_a_wrong_number_is_refused_with_what_is_wrong(written: str, says: str) -> None:
    with pytest.raises(NationalIdRefused) as refused:
        check_national_id(written, TODAY)

    assert says in str(refused.value)


@given(st.integers(0, 5_000_000), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_passes(serial: int, place: int, shift: int) -> None:
    number = invent_impossible(serial)
    old = "10X98765432".index(number[17]) if place == 17 else int(number[place])
    new = "0123456789"[(old + shift) % 10]
    wrong = number[:place] + new + number[place + 1 :]
    if wrong == number:
        return

    with pytest.raises(NationalIdRefused):
        check_national_id(wrong, TODAY)


@given(st.sets(st.integers(0, 20_000_000), min_size=2, max_size=50))
def test_invented_numbers_differ_are_well_formed_and_belong_to_no_region(serials: set[int]) -> None:
    numbers = {invent_impossible(serial) for serial in serials}

    assert len(numbers) == len(serials)
    assert all(check_national_id(number, TODAY) == number for number in numbers)
    assert all(number.startswith("00") for number in numbers)


@given(st.text(max_size=30))
def test_a_masked_number_shows_at_most_seven_characters(text: str) -> None:
    masked = mask_national_id(text)

    assert len(masked) == len(text)
    assert sum(shown != "*" for shown in masked) <= 7


def test_a_masked_number_keeps_the_first_three_and_last_four() -> None:
    assert mask_national_id("11010519491231002X") == "110***********002X"


def test_a_sealed_number_opens_again_and_hides_itself() -> None:
    keys = derive_id_keys("a secret")

    sealed = seal_national_id("11010519491231002X", keys, bytes(12))

    assert open_national_id(sealed, keys) == "11010519491231002X"
    assert b"19491231" not in sealed
    assert hash_national_id("11010519491231002X", keys) != hash_national_id("110105194912310021", keys)


def test_a_sealed_number_that_was_altered_does_not_open() -> None:
    keys = derive_id_keys("a secret")
    sealed = bytearray(seal_national_id("11010519491231002X", keys, bytes(12)))
    sealed[-1] ^= 1

    with pytest.raises(InvalidTag):
        open_national_id(bytes(sealed), keys)
    with pytest.raises(InvalidTag):
        open_national_id(seal_national_id("x", keys, bytes(12)), derive_id_keys("another secret"))


@pytest.mark.parametrize(
    ("number", "document"),
    [
        (number_for("110105", "19491231"), IdDocument.RESIDENT_ID),
        (number_for("440307", "19491231"), IdDocument.RESIDENT_ID),
        (number_for("810000", "19900228"), IdDocument.HMT_PERMIT),
        (number_for("820000", "19900228"), IdDocument.HMT_PERMIT),
        (number_for("830000", "19900228"), IdDocument.HMT_PERMIT),
        (number_for("931156", "19900228"), IdDocument.FOREIGNER_PERMIT),
        ("CAN110081010118", IdDocument.FOREIGNER_PERMIT),
    ],
)
def test_the_number_tells_the_document(number: str, document: IdDocument) -> None:
    assert check_national_id(number, TODAY) == number
    assert document_of(number) is document


def test_birth_date_and_sex_stand_in_the_number() -> None:
    assert birthday_of("11010519491231002X") == date(1949, 12, 31)
    assert is_female("11010519491231002X") is True
    assert is_female(number_for("810000", "19900228", "003")) is False


def test_an_old_permit_tells_no_century_and_no_sex() -> None:
    number = check_national_id("can 1100 810101 18", TODAY)

    assert (birthday_of(number), is_female(number)) == (None, None)
    assert may_be_born_on(number, date(1981, 1, 1))
    assert not may_be_born_on(number, date(1981, 1, 2))
    assert mask_national_id(number) == "CAN********0118"


def test_an_old_permit_of_somebody_not_yet_born_in_this_century_is_of_the_last() -> None:
    assert check_national_id("CAN110027010118", TODAY) == "CAN110027010118"


def test_reading_a_kept_number_gives_nothing_where_it_cannot_be_opened() -> None:
    keys = derive_id_keys("a secret")
    sealed = seal_national_id("11010519491231002X", keys, bytes(12))

    assert read_national_id(sealed, keys) == "11010519491231002X"
    assert read_national_id(sealed, derive_id_keys("another secret")) is None
    assert read_national_id(None, keys) is None
