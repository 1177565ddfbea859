"""Volunteer numbers that are given out next, and the codes of applicants as people type them."""

import pytest

from volunteer.domain.registrations import clean_registration_code, pattern_of


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


@pytest.mark.parametrize("typed", ["ab12-cd34-ef56-gh78", "AB12CD34EF56GH78", " ab12 cd34 ef56 gh78 "])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert clean_registration_code(typed) == "AB12-CD34-EF56-GH78"
