"""Consents of many members at once: the last decision holds."""

from datetime import datetime, timedelta

from tests.conftest import Cast
from volunteer.domain.consents import Purpose
from volunteer.queries.consents import has_consent
from volunteer.services.consents import decide_consent
from volunteer.services.members import add_member


def test_only_those_whose_last_word_is_yes_consent(cast: Cast, now: datetime) -> None:
    ids = [add_member(f"B{number:03}", "李四", "FD01", now).id for number in range(4)]
    never, yes, taken_back, again = ids
    for member_id, answers in ((yes, [True]), (taken_back, [True, False]), (again, [True, False, True])):
        for number, is_given in enumerate(answers):
            at = now + timedelta(days=number)
            decide_consent(member_id, Purpose.HONOUR_BOARD, at, at.date(), is_given=is_given)

    assert has_consent(ids, Purpose.HONOUR_BOARD) == {yes, again}
    assert has_consent([never, yes], Purpose.HONOUR_BOARD) == {yes}
    assert has_consent(ids, Purpose.PHOTO) == set()
    assert has_consent([], Purpose.HONOUR_BOARD) == set()


def test_a_no_before_any_yes_is_kept_once(cast: Cast, now: datetime) -> None:
    for _ in range(2):
        decide_consent(cast.alice.id, Purpose.NAME, now, now.date(), is_given=False)

    assert has_consent([cast.alice.id], Purpose.NAME) == set()
