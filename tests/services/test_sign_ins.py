"""Attempts are counted for all processes together, codes open once, and what is old is swept away."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import PASSWORD, Cast
from volunteer.config import with_driver
from volunteer.db import db
from volunteer.domain.attempts import ALLOWANCES, AttemptKind, Origin, crowd_key
from volunteer.domain.refusals import NotFound
from volunteer.domain.second_factors import derive_factor_keys, open_secret
from volunteer.domain.sign_in_refusals import PasswordWrong, SecondStepFailed, TooManyAttempts
from volunteer.domain.sign_ins import mark_password
from volunteer.factory import create_app
from volunteer.models.attempts import Attempt
from volunteer.models.members import Admin
from volunteer.models.sign_ins import RecoveryCode, SecondFactor, SignIn
from volunteer.queries.sign_ins import account_of, list_sign_ins
from volunteer.services.attempts import forgive_sign_in, note_attempt, note_second_step, note_sign_in
from volunteer.services.second_factors import begin_totp, confirm_totp, remove_totp, use_code
from volunteer.services.sign_ins import begin_sign_in, change_password, end_sign_in, sweep

KEYS = derive_factor_keys("a secret for tests only")
MALLORY, BOBS_OFFICE = Origin("203.0.113.9"), Origin("198.51.100.1")
BOBS_PC = Origin("203.0.113.9", device="bob's own")


def tries(origin: Origin, times: int, now: datetime, name: str = "admin:bob") -> int:
    """How many of so many attempts get as far as the password."""
    passed = 0
    for _ in range(times):
        try:
            note_sign_in(name, origin, now)
        except TooManyAttempts:
            continue
        passed += 1
    return passed


def code_of(person: Admin, at: datetime) -> str:
    """What the person's telephone shows."""
    factor = db.session.execute(select(SecondFactor)).scalar_one()
    return pyotp.TOTP(open_secret(factor.secret_sealed, account_of(person), KEYS)).at(at)


@pytest.fixture
def codes(cast: Cast, now: datetime) -> list[str]:
    """bob's recovery codes, given when he switched TOTP on a minute ago."""
    begin_totp(cast.bob, KEYS, now - timedelta(minutes=1))
    at = now - timedelta(minutes=1)
    return confirm_totp(cast.bob, code_of(cast.bob, at), KEYS, at)


def test_a_thousand_failures_of_a_stranger_shut_nobody_else_out(app: Flask, now: datetime) -> None:
    assert tries(MALLORY, 1000, now) == ALLOWANCES[AttemptKind.SIGN_IN_FROM].most

    assert tries(BOBS_PC, 1, now) == 1
    assert tries(BOBS_OFFICE, 1, now) == 1


def test_failures_from_everywhere_slow_strangers_down_but_shut_nobody_out(app: Flask, now: datetime) -> None:
    for number in range(30):
        tries(Origin(f"203.0.113.{number}"), 10, now)

    assert tries(Origin("192.0.2.200"), 10, now) == ALLOWANCES[AttemptKind.SIGN_IN_SLOWED].most
    assert tries(BOBS_OFFICE, 1, now) == 1
    assert tries(BOBS_PC, 10, now) == 10


def test_a_flood_of_names_from_one_address_shuts_nobody_there_out(app: Flask, now: datetime) -> None:
    for number in range(300):
        tries(MALLORY, 1, now, f"member:A{number}")

    assert tries(Origin(MALLORY.address), 10, now) == ALLOWANCES[AttemptKind.SIGN_IN_CROWDED].most
    assert tries(BOBS_PC, 10, now) == 10


def test_who_gets_in_during_a_flood_uses_nothing_up(app: Flask, now: datetime) -> None:
    for number in range(110):
        tries(MALLORY, 1, now, f"member:A{number}")

    for _ in range(10):
        note_sign_in("admin:bob", MALLORY, now)
        forgive_sign_in("admin:bob", MALLORY)


def test_guessing_at_many_names_from_one_address_stays_bounded(app: Flask, now: datetime) -> None:
    few = {crowd_key(f"member:A{number}", MALLORY.address) for number in range(16)}
    names = (f"member:A{number}" for number in range(80_000))
    flood = [name for name in names if crowd_key(name, MALLORY.address) in few]

    passed = sum(tries(MALLORY, 1, now, name) for name in flood[:450])

    allowed = ALLOWANCES[AttemptKind.SIGN_IN_CROWDED].most * len(few)
    assert passed == ALLOWANCES[AttemptKind.SIGN_IN_ADDRESS].most + allowed
    assert sum(tries(MALLORY, 1, now, name) for name in flood[450:]) == 0


def test_many_guesses_at_a_few_accounts_end_sooner_in_a_flood(app: Flask, now: datetime) -> None:
    for number in range(100):
        tries(MALLORY, 1, now, f"member:A{number}")

    passed = [tries(MALLORY, 40, now, f"member:V{number}") for number in range(10)]

    assert passed == [ALLOWANCES[AttemptKind.SIGN_IN_CROWDED].most] * 10


def test_a_window_ends_and_says_when(app: Flask, now: datetime) -> None:
    tries(MALLORY, 10, now)
    with pytest.raises(TooManyAttempts) as refused:
        note_sign_in("admin:bob", MALLORY, now + timedelta(minutes=5))
    assert refused.value.seconds == 600

    assert tries(MALLORY, 1, now + timedelta(minutes=15)) == 1


def test_who_gets_in_uses_nothing_up(app: Flask, now: datetime) -> None:
    for _ in range(30):
        note_sign_in("admin:bob", BOBS_OFFICE, now)
        forgive_sign_in("admin:bob", BOBS_OFFICE)
    assert set(db.session.execute(select(Attempt.number)).scalars()) == {0}


def try_in_own_process(url: str, times: int) -> int:
    """What a process of the web server does with attempts from one address."""
    app = create_app(SQLALCHEMY_DATABASE_URI=with_driver(url), TESTING=True)
    with app.app_context():
        return tries(MALLORY, times, datetime(2026, 9, 15, 2, 0, tzinfo=UTC))


def test_the_limit_is_one_for_all_processes_together(app: Flask, database_url: str) -> None:
    db.session.remove()
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        passed = pool.map(try_in_own_process, [database_url] * 3, [8] * 3, timeout=60)
    assert sum(passed) == ALLOWANCES[AttemptKind.SIGN_IN_FROM].most


def test_guessing_six_digits_from_many_places_ends_but_recovery_codes_go_on(
    app: Flask, cast: Cast, codes: list[str], now: datetime
) -> None:
    passed = 0
    for number in range(20):
        for _ in range(5):
            try:
                note_second_step("admin:bob", Origin(f"203.0.113.{number}"), is_totp=True, now=now)
                passed += 1
            except TooManyAttempts:
                pass
    assert passed == ALLOWANCES[AttemptKind.SECOND_STEP_ACCOUNT].most

    note_second_step("admin:bob", BOBS_PC, is_totp=True, now=now)
    note_second_step("admin:bob", BOBS_OFFICE, is_totp=False, now=now)
    use_code(cast.bob, codes[0], KEYS, now)


def test_a_code_opens_once(cast: Cast, codes: list[str], now: datetime) -> None:
    six = code_of(cast.bob, now)
    use_code(cast.bob, six, KEYS, now)
    for used in (six, code_of(cast.bob, now - timedelta(seconds=30)), "000000", "", "１２３４５６"):
        with pytest.raises(SecondStepFailed):
            use_code(cast.bob, used, KEYS, now)


def test_a_recovery_code_opens_once_and_only_for_its_owner(
    cast: Cast, codes: list[str], now: datetime
) -> None:
    assert len(set(codes)) == 10
    with pytest.raises(SecondStepFailed):
        use_code(cast.charlie, codes[0], KEYS, now)
    use_code(cast.bob, codes[0].lower().replace("-", " "), KEYS, now)
    with pytest.raises(SecondStepFailed):
        use_code(cast.bob, codes[0], KEYS, now)


def test_secrets_and_codes_cannot_be_read_from_the_tables(
    cast: Cast, codes: list[str], now: datetime
) -> None:
    factor = db.session.execute(select(SecondFactor)).scalar_one()
    secret = open_secret(factor.secret_sealed, account_of(cast.bob), KEYS)
    assert secret.encode() not in factor.secret_sealed
    kept = set(db.session.execute(select(RecoveryCode.code_hash)).scalars())
    assert not kept & set(codes)
    token = begin_sign_in(cast.bob, "Chrome", now)
    assert token not in db.session.execute(select(SignIn.token_hash)).scalar_one()


def test_recovery_codes_go_with_the_last_factor(cast: Cast, codes: list[str]) -> None:
    remove_totp(cast.bob)
    assert db.session.execute(select(func.count(RecoveryCode.id))).scalar_one() == 0


def test_a_new_password_ends_the_other_sessions(cast: Cast, now: datetime) -> None:
    begin_sign_in(cast.bob, "one", now)
    begin_sign_in(cast.bob, "two", now)
    kept = list_sign_ins(cast.bob, mark_password(cast.bob.password_hash), now)[0].id
    with pytest.raises(PasswordWrong):
        change_password(cast.bob, "wrong horse", "battery staple", kept, now)

    change_password(cast.bob, PASSWORD, "battery staple", kept, now)
    left = list_sign_ins(cast.bob, mark_password(cast.bob.password_hash), now)
    assert [one.id for one in left] == [kept]


def test_nobody_ends_the_session_of_another(cast: Cast, now: datetime) -> None:
    begin_sign_in(cast.bob, "bob's", now)
    (kept,) = list_sign_ins(cast.bob, mark_password(cast.bob.password_hash), now)
    for other in (cast.charlie, cast.alice):
        with pytest.raises(NotFound):
            end_sign_in(other, kept.id, now)


def test_what_is_old_is_swept_away(cast: Cast, now: datetime) -> None:
    begin_sign_in(cast.bob, "old", now - timedelta(days=60))
    begin_sign_in(cast.bob, "new", now)
    begin_totp(cast.charlie, KEYS, now - timedelta(days=1))
    note_attempt(AttemptKind.SET_UP_ADDRESS, "192.0.2.1", now - timedelta(days=1))
    note_attempt(AttemptKind.SET_UP_ADDRESS, "192.0.2.2", now)

    assert sweep(now) == 3
    assert db.session.execute(select(SignIn.device)).scalar_one() == "new"
    assert sweep(now) == 0
