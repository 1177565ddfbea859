"""Volunteer numbers: how they are written, what is none, and which comes next."""

import pytest

from volunteer.domain.members import VolunteerNoIsIdNumber, clean_volunteer_no, pattern_of

ID_NUMBERS = ["440307199001010096", "11010519491231002X"]


@pytest.mark.parametrize("text", [*ID_NUMBERS, " 11010519491231002x ", "４４０３０７199001010096"])
def test_an_id_number_is_no_volunteer_number(text: str) -> None:
    with pytest.raises(VolunteerNoIsIdNumber):
        clean_volunteer_no(text)


@pytest.mark.parametrize("number", ["440307199001010097", "44030719900101009", "LL0000000000000001"])
def test_what_only_looks_a_little_like_one_is_taken(number: str) -> None:
    assert clean_volunteer_no(number) == number


def test_numbers_are_not_continued_from_id_numbers_that_were_once_taken() -> None:
    assert pattern_of([*ID_NUMBERS, ID_NUMBERS[0], "A001"], "FD01").number(2) == "A002"


@pytest.mark.parametrize(
    ("numbers", "highest", "following"),
    [
        (["LL000001", "LL000007"], 7, "LL000008"),
        (["A001", "A002", "X-1234567"], 2, "A003"),
        (["A999"], 999, "A1000"),
        ([], 0, "FD01-0001"),
        (["NODIGITS"], 0, "FD01-0001"),
    ],
)
def test_the_next_number_follows_the_pattern_of_the_team(
    numbers: list[str], highest: int, following: str
) -> None:
    assert pattern_of(numbers, "FD01").number(highest + 1) == following


@pytest.mark.parametrize("number", ["LL00001", "LL0000012", "MM000001", "LL00000X"])
def test_a_number_of_another_pattern_has_no_serial(number: str) -> None:
    assert pattern_of(["LL000001"], "FD01").serial_of(number) is None
