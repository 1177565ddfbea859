"""What devices are called, which addresses count as one, and how long a code is good."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from cryptography.exceptions import InvalidTag

from volunteer.domain.attempts import ALLOWANCES, AttemptKind, fold_address
from volunteer.domain.second_factors import (
    derive_factor_keys,
    find_step,
    make_secret,
    open_secret,
    seal_secret,
)
from volunteer.domain.sign_ins import is_over, name_device

NOW = datetime(2026, 9, 15, 2, 0, 10, tzinfo=UTC)
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome · Windows"),
        (CHROME + " Edg/142.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile MicroMessenger/8.0", "微信 · Android"),
        ("curl/8.0", ""),
    ],
)
def test_a_device_is_called_what_a_person_would_call_it(user_agent: str, name: str) -> None:
    assert name_device(user_agent) == name


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
    ],
)
def test_all_addresses_of_one_network_count_as_one(address: str, counted: str) -> None:
    assert fold_address(address) == counted


def test_every_kind_of_attempt_has_an_allowance() -> None:
    assert set(ALLOWANCES) == set(AttemptKind)


@pytest.mark.parametrize(
    ("seconds", "is_good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_code_is_good_for_half_a_minute_to_either_side(seconds: int, is_good: bool) -> None:
    secret = make_secret()
    code = pyotp.TOTP(secret).at(NOW + timedelta(seconds=seconds))
    assert (find_step(secret, code, 0, NOW) is not None) == is_good


def test_a_sealed_secret_is_of_no_use_to_another_account() -> None:
    keys = derive_factor_keys("secret")
    sealed = seal_secret("ABCD", "admin:1", keys, b"n" * 12)
    assert open_secret(sealed, "admin:1", keys) == "ABCD"
    with pytest.raises(InvalidTag):
        open_secret(sealed, "admin:2", keys)


@pytest.mark.parametrize(
    ("begun", "seen", "is_ended", "over"),
    [(1, 1, False, False), (13, 12, False, True), (24 * 7, 1, False, True), (1, 1, True, True)],
)
def test_a_session_ends_idle_after_a_week_or_by_hand(
    begun: int, seen: int, is_ended: bool, over: bool
) -> None:
    hours = timedelta(hours=1)
    assert is_over(NOW - begun * hours, NOW - seen * hours, NOW if is_ended else None, NOW) == over
