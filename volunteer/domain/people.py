"""People: what a member's own file holds (Order 67 of the Ministry of Civil Affairs, article 5).

Nothing but the name is required; what is left empty is not stored. Birth date and sex
are told by the ID number where there is one, and must not contradict it.
"""

import re
from calendar import isleap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from volunteer.domain.cells import tidy_text
from volunteer.domain.members import require_length
from volunteer.domain.national_ids import birthday_of, is_female, may_be_born_on
from volunteer.domain.refusals import N_, Refusal

LONGEST_RESIDENCE = 120
LONGEST_WORD, MOST_WORDS = 40, 20
# Nobody has lived longer than a few months past it.
OLDEST_YEARS = 120
_BETWEEN_WORDS = re.compile(r"[,，、;；/\n\r]+")


class Sex(StrEnum):
    """As on the ID card."""

    MALE = "male"
    FEMALE = "female"


class DayPart(StrEnum):
    """A part of a day in which somebody can serve; U stations run three shifts."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


# As ISO 8601 counts them: Monday is 1.
WEEKDAYS = range(1, 8)
FreeTime = tuple[int, DayPart]
"""A weekday and a part of it."""


@dataclass(frozen=True)
class Wishes:
    """What the member can do, wants to do, and when."""

    skills: Sequence[str] = ()
    service_kinds: Sequence[str] = ()
    free_times: Iterable[FreeTime] = ()


class BornOnImpossible(Refusal):
    code = "born_on_impossible"
    msgid = N_("出生日期应早于今天，也不会在 120 年以前，请检查年份。")


class BornOnContradicted(Refusal):
    code = "born_on_contradicted"
    msgid = N_("出生日期与证件号码不一致，请核对两者。")


class SexContradicted(Refusal):
    code = "sex_contradicted"
    msgid = N_("性别与证件号码不一致，请核对两者。")


class TooManyWords(Refusal):
    code = "too_many_words"
    msgid = N_("最多填写 %(maximum)s 项。")


@dataclass(frozen=True)
class Particulars:
    """What a file says about the person; all of it may be missing."""

    sex: Sex | None = None
    born_on: date | None = None
    residence: str = ""


def settle_particulars(given: Particulars, national_id: str | None, today: date) -> Particulars:
    """What is stored: what was given, completed from the ID number; refuses what contradicts it."""
    if given.born_on and not _earliest_birth(today) <= given.born_on < today:
        raise BornOnImpossible()
    residence = clean_residence(given.residence)
    if national_id is None:
        return Particulars(given.sex, given.born_on, residence)
    require_agreement(given, national_id)
    told = sex_told_by(national_id)
    return Particulars(told or given.sex, birthday_of(national_id) or given.born_on, residence)


def require_agreement(given: Particulars, national_id: str) -> None:
    """Refuse a birth date or sex that contradicts the ID number."""
    if given.born_on and not may_be_born_on(national_id, given.born_on):
        raise BornOnContradicted()
    told = sex_told_by(national_id)
    if given.sex and told and given.sex != told:
        raise SexContradicted()


def _earliest_birth(today: date) -> date:
    # The day after the 29th of February in years without one.
    is_leap_day = (today.month, today.day) == (2, 29)
    year = today.year - OLDEST_YEARS
    return date(year, 3, 1) if is_leap_day and not isleap(year) else today.replace(year=year)


def clean_residence(text: str) -> str:
    """Where somebody lives, tidied; refuses what is too long."""
    return require_length(tidy_text(text), LONGEST_RESIDENCE)


def sex_told_by(national_id: str) -> Sex | None:
    """The sex that the number tells; None where its kind tells none."""
    female = is_female(national_id)
    if female is None:
        return None
    return Sex.FEMALE if female else Sex.MALE


def split_words(text: str) -> list[str]:
    """The words of a field such as "急救、英语，摄影", each once, in order; refuses too many or too long."""
    words = dict.fromkeys(word for part in _BETWEEN_WORDS.split(text) if (word := tidy_text(part)))
    if len(words) > MOST_WORDS:
        raise TooManyWords(maximum=MOST_WORDS)
    return [require_length(word, LONGEST_WORD) for word in words]
