"""Which passwords nobody may choose."""

import secrets

import pytest

from volunteer.domain.admins import make_start_password
from volunteer.domain.passwords import PasswordGuessable, is_guessable, require_password
from volunteer.domain.sign_in_refusals import PasswordTooShort

BOBS = ("bob", "鲍勃", "B001")


@pytest.mark.parametrize(
    "password",
    [
        "12345678", "87654321", "90123456", "88888888", "12341234", "abcdefgh", "qwertyui", "qwer1234",
        "aa123456", "a1234567", "1qaz2wsx", "woaini1314", "Password1!", "P@ssw0rd2026", "admin@longgang",
        "longgang2026", "shenzhen123", "volunteer clock", "Ｖolunteer１２３", "志愿钟2026!!",
        "19900101", "13800138000", "bob12345", "BOB-bob-BOB", "鲍勃19900101", "B0011234",
    ],
)  # fmt: skip
def test_what_everybody_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordGuessable):
        require_password(password, *BOBS)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "a password of my own",
        "kuai-shan-72-he",
        "Tq7#mN2x",
        "83920175",
        "云南茶杯电梯山路",
        "bob likes tea",
    ],
)
def test_what_nobody_would_guess_is_taken(password: str) -> None:
    assert require_password(password, *BOBS) == password


def test_what_is_short_is_told_to_be_short() -> None:
    with pytest.raises(PasswordTooShort):
        require_password("Tq7#mN2")


def test_a_name_is_only_known_of_its_owner() -> None:
    assert is_guessable("zhaomin2026", ["zhaomin"])
    assert not is_guessable("zhaomin2026", ["bob"])


def test_what_the_system_makes_itself_is_never_refused() -> None:
    made = [make_start_password() for _ in range(2000)] + [secrets.token_urlsafe(9) for _ in range(2000)]
    assert not [one for one in made if is_guessable(one, BOBS)]
