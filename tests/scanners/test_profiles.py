"""Typed card numbers of every reader profile become the same identity."""

import pytest

from scanners.readers.profiles import PROFILES, TRUNCATING, find_token, normalise

TOKEN = "VC1-7M3QK2ZP9XA1B4CDEFGHJKMN"


@pytest.mark.parametrize(
    ("profile", "typed", "identity"),
    [
        ("hex", "deadbeef", "DEADBEEF"),
        ("hex", "04:A2:B3:C4:D5:E6:80", "04A2B3C4D5E680"),
        ("hex", "04 a2 b3 c4 d5 e6 80\r", "04A2B3C4D5E680"),
        ("hex_reversed", "EFBEADDE", "DEADBEEF"),
        ("decimal10", "3735928559", "DEADBEEF"),
        ("decimal10", "0000000001", "00000001"),
        ("decimal10_reversed", "4022250974", "DEADBEEF"),
        ("6h8d", "11386607", "ADBEEF"),
        ("2h4h", "173,48879", "ADBEEF"),
        ("2h4h", "001,00002", "010002"),
    ],
)
def test_a_number_becomes_upper_case_hex(profile: str, typed: str, identity: str) -> None:
    assert normalise(typed, profile) == identity


@pytest.mark.parametrize("profile", PROFILES)
def test_a_card_token_passes_untouched(profile: str) -> None:
    assert normalise(TOKEN, profile) == TOKEN
    assert normalise(f"https://hours.example/c/{TOKEN}\n", profile) == TOKEN
    assert normalise(TOKEN.lower(), profile) == TOKEN


@pytest.mark.parametrize(
    ("profile", "typed"),
    [
        ("decimal10", "99999999999"),
        ("decimal10", "4294967296"),
        ("6h8d", "16777216"),
        ("2h4h", "256,1"),
        ("2h4h", "1,65536"),
        ("hex", "XYZ"),
        ("hex", "ABC"),
    ],
)
def test_a_number_that_does_not_fit_is_left_for_the_server_to_refuse(profile: str, typed: str) -> None:
    assert normalise(typed, profile) == typed


def test_an_empty_line_is_nothing_and_a_long_one_is_cut() -> None:
    assert normalise("  \r\n", "hex") == ""
    assert len(normalise("X" * 5000, "hex")) == 256


@pytest.mark.parametrize(
    "text", ["", "VC1-", TOKEN + "0", TOKEN[:-1], TOKEN.replace("7", "U"), "VC2-" + TOKEN[4:]]
)
def test_what_only_looks_like_a_token_is_none(text: str) -> None:
    assert find_token(text) is None


def test_the_profiles_that_lose_bytes_are_known() -> None:
    assert {
        name for name in PROFILES if len(normalise("1" if name != "2h4h" else "1,1", name)) == 6
    } == TRUNCATING
