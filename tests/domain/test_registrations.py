"""The codes of applicants as people type them."""

import pytest

from volunteer.domain.registrations import clean_registration_code


@pytest.mark.parametrize("typed", ["ab12-cd34-ef56-gh78", "AB12CD34EF56GH78", " ab12 cd34 ef56 gh78 "])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert clean_registration_code(typed) == "AB12-CD34-EF56-GH78"
