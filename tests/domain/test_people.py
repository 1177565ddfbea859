"""What a file says about a person, and what the ID number tells of it."""

from datetime import date, timedelta

import pytest

from volunteer.domain.people import (
    BornOnContradicted,
    BornOnImpossible,
    Particulars,
    Sex,
    SexContradicted,
    TooManyWords,
    settle_particulars,
    split_words,
)
from volunteer.domain.refusals import TextTooLong

TODAY = date(2026, 11, 15)
NUMBER = "11010519491231002X"
OLD_PERMIT = "CAN110081010118"


def test_the_number_tells_birth_date_and_sex() -> None:
    settled = settle_particulars(Particulars(residence=" 龙城街道 "), NUMBER, TODAY)

    assert settled == Particulars(Sex.FEMALE, date(1949, 12, 31), "龙城街道")


def test_without_a_number_what_was_given_stands() -> None:
    given = Particulars(Sex.MALE, date(1970, 1, 1), "")

    assert settle_particulars(given, None, TODAY) == given


@pytest.mark.parametrize(
    ("today", "born_on"),
    [
        (TODAY, TODAY - timedelta(days=1)),
        (TODAY, TODAY.replace(year=1906)),
        (date(2020, 2, 29), date(1900, 3, 1)),
    ],
)
def test_whoever_was_born_by_yesterday_and_within_120_years_may_stand(today: date, born_on: date) -> None:
    assert settle_particulars(Particulars(born_on=born_on), None, today).born_on == born_on


def test_an_old_permit_allows_both_centuries_and_tells_no_sex() -> None:
    for year in (1981, 1881 + 100):
        given = Particulars(Sex.MALE, date(year, 1, 1))
        assert settle_particulars(given, OLD_PERMIT, TODAY) == given
    assert settle_particulars(Particulars(), OLD_PERMIT, TODAY) == Particulars()


@pytest.mark.parametrize(
    ("given", "number", "refusal"),
    [
        (Particulars(born_on=date(1949, 12, 30)), NUMBER, BornOnContradicted),
        (Particulars(sex=Sex.MALE), NUMBER, SexContradicted),
        (Particulars(born_on=date(1981, 1, 2)), OLD_PERMIT, BornOnContradicted),
        (Particulars(born_on=date(2026, 11, 16)), None, BornOnImpossible),
        (Particulars(born_on=TODAY), None, BornOnImpossible),
        (Particulars(born_on=TODAY.replace(year=1906) - timedelta(days=1)), None, BornOnImpossible),
        (Particulars(born_on=date(1899, 12, 31)), None, BornOnImpossible),
        (Particulars(residence="长" * 121), None, TextTooLong),
    ],
)
def test_a_contradiction_is_refused(given: Particulars, number: str | None, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        settle_particulars(given, number, TODAY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("急救、英语，摄影", ["急救", "英语", "摄影"]),
        (" first aid ; English\n摄影,,急救、急救", ["first aid", "English", "摄影", "急救"]),
    ],
)
def test_words_are_split_at_what_people_type_between_them(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def test_too_many_or_too_long_words_are_refused() -> None:
    with pytest.raises(TooManyWords):
        split_words("、".join(map(str, range(21))))
    with pytest.raises(TextTooLong):
        split_words("长" * 41)
