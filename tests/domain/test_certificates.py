"""Certificates: serials that find typing errors, codes nobody guesses, periods, and what is frozen."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.certificates import (
    Letterhead,
    PeriodWrong,
    Served,
    SignatoryMissing,
    clean_letterhead,
    clean_serial,
    clean_verification_code,
    freeze,
    is_untouched,
    join_alike,
    make_serial,
    make_verification_code,
    require_period,
    require_signatories,
)
from volunteer.domain.ledger import hash_of
from volunteer.domain.refusals import TextTooLong

TODAY = date(2026, 11, 22)
serials = st.integers(2000, 2999).map(make_serial)


def line(**values: object) -> Served:
    usual = {"name": "文明劝导", "category": "civil_travel", "place": "U站", "organiser": "大队",
             "person_in_charge": "", "first_on": date(2026, 1, 5), "last_on": date(2026, 1, 5), "times": 1,
             "metered_minutes": 60, "declared_minutes": 0}  # fmt: skip
    return Served(**usual | values)


@given(serials)
def test_a_serial_is_read_back_however_it_is_typed(serial: str) -> None:
    full_width = serial.translate({ord(str(digit)): ord("０") + digit for digit in range(10)})

    for typed in (serial, serial.replace("-", ""), f"  编号 {serial.replace('-', ' ')} ", full_width):
        assert clean_serial(typed) == serial


@given(serials, st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_found(serial: str, place: int, more: int) -> None:
    digits = list(serial.replace("-", ""))
    digits[place] = str((int(digits[place]) + more) % 10)

    assert clean_serial("".join(digits)) is None


@pytest.mark.parametrize("text", ["", "2026", "2026-1", "x" * 500, "1" * 400, "2026-12345-6789O-1"])
def test_what_is_no_serial_is_none(text: str) -> None:
    assert clean_serial(text) is None


def test_a_code_has_eighty_bits_and_forgives_how_it_is_typed() -> None:
    code = make_verification_code()

    assert len(code.replace("-", "")) * 5 == 80
    assert clean_verification_code(code.lower().replace("-", " ")) == code
    assert clean_verification_code("OIL0-oil1") == "0110-0111"
    assert len({make_verification_code() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("first_on", "last_on"),
    [
        (None, TODAY),
        (TODAY, None),
        (date(2026, 2, 1), date(2026, 1, 31)),
        (date(2026, 1, 1), date(2026, 11, 23)),
        (date(1999, 12, 31), TODAY),
    ],
)
def test_a_period_that_is_open_backwards_or_not_over_is_refused(
    first_on: date | None, last_on: date | None
) -> None:
    with pytest.raises(PeriodWrong):
        require_period(first_on, last_on, TODAY)


def test_a_paper_says_who_answers_for_it() -> None:
    full = Letterhead("大队", "大队", "王芳", "陈建国")

    assert require_signatories(clean_letterhead(full)) == full
    for missing in ("issuer", "handler", "responsible_person"):
        with pytest.raises(SignatoryMissing):
            require_signatories(clean_letterhead(Letterhead(**vars(full) | {missing: "  "})))
    with pytest.raises(TextTooLong):
        clean_letterhead(Letterhead("队" * 121, "大队"))


def test_lines_that_say_the_same_become_one_with_the_days_between() -> None:
    lines = [
        line(first_on=date(2026, 3, 5), last_on=date(2026, 3, 9), times=2, declared_minutes=30),
        line(),
        line(place="别处", first_on=date(2026, 2, 1), last_on=date(2026, 2, 1)),
    ]

    first, second = join_alike(lines)

    assert (first.first_on, first.last_on, first.times) == (date(2026, 1, 5), date(2026, 3, 9), 3)
    assert (first.metered_minutes, first.declared_minutes) == (120, 30)
    assert second.place == "别处"


def test_frozen_content_is_plain_and_a_change_of_it_is_seen() -> None:
    content = freeze({"name": "张三", "issued_on": TODAY, "document": None}, [line()])
    digest = hash_of(content)

    assert content["issued_on"] == "2026-11-22"
    assert content["activities"][0]["first_on"] == "2026-01-05"
    assert is_untouched(content, digest)
    content["activities"][0]["metered_minutes"] += 60
    assert not is_untouched(content, digest)
