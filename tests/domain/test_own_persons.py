"""Who may confirm which volunteer an admin is: a second person who had no hand in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from volunteer.domain.own_persons import (
    Account,
    AccountFromYou,
    Claim,
    Confirmer,
    ConfirmerUnknown,
    Hand,
    MemberFromYou,
    OwnLink,
    PersonTaken,
    PostsElsewhere,
    list_hands,
    obstacle_of,
)
from volunteer.domain.refusals import Refusal

NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(days=1), NOW + timedelta(days=1)
PUPPET, ERIN, DORA, OTHER = 1, 2, 3, 4
CLAIM = Claim(PUPPET, 101, frozenset({7}), frozenset({ERIN}), frozenset({OTHER}))
SECOND = Confirmer(DORA, 103, frozenset({7, 8}), is_brigade=False)


@pytest.mark.parametrize(
    ("by", "claim", "refusal"),
    [
        (SECOND, CLAIM, None),
        (replace(SECOND, admin_id=PUPPET), CLAIM, OwnLink),
        (replace(SECOND, person=None), CLAIM, ConfirmerUnknown),
        (replace(SECOND, person=101), CLAIM, PersonTaken),
        (replace(SECOND, team_ids=frozenset({8})), CLAIM, PostsElsewhere),
        (SECOND, replace(CLAIM, team_ids=frozenset({7, 9})), PostsElsewhere),
        (SECOND, replace(CLAIM, team_ids=frozenset({7, None})), PostsElsewhere),
        (replace(SECOND, is_brigade=True), replace(CLAIM, team_ids=frozenset({7, None})), None),
        (replace(SECOND, admin_id=ERIN), CLAIM, AccountFromYou),
        (replace(SECOND, admin_id=OTHER), CLAIM, MemberFromYou),
    ],
)
def test_only_a_known_second_person_who_had_no_hand_in_it_may_confirm(
    by: Confirmer, claim: Claim, refusal: type[Refusal] | None
) -> None:
    found = obstacle_of(by, claim)

    assert type(found) is (refusal or type(None))


def test_an_account_that_was_nobodys_acts_for_whoever_it_came_from() -> None:
    accounts = {
        PUPPET: Account(False, None, (Hand(ERIN, NOW),)),
        ERIN: Account(True, None, (Hand(DORA, BEFORE),)),
    }

    assert list_hands([Hand(PUPPET, AFTER)], accounts) == {PUPPET, ERIN}


@pytest.mark.parametrize(
    ("account", "hands"),
    [
        (Account(True, None, (Hand(DORA, BEFORE),)), {ERIN}),
        (Account(True, BEFORE, (Hand(DORA, BEFORE),)), {ERIN}),
        (Account(True, AFTER, (Hand(DORA, BEFORE),)), {ERIN, DORA}),
        (Account(False, None, (Hand(DORA, BEFORE),)), {ERIN, DORA}),
        (Account(False, None, (Hand(DORA, BEFORE), Hand(OTHER, NOW))), {ERIN, DORA, OTHER}),
    ],
)
def test_an_account_stands_for_its_person_alone_only_if_that_was_known_when_it_acted(
    account: Account, hands: set[int]
) -> None:
    known = Account(True, None, ())

    assert list_hands([Hand(ERIN, NOW)], {ERIN: account, DORA: known, OTHER: known}) == hands


def test_accounts_that_gave_each_other_passwords_are_gone_through_once() -> None:
    accounts = {
        PUPPET: Account(False, None, (Hand(ERIN, NOW),)),
        ERIN: Account(False, None, (Hand(PUPPET, NOW),)),
    }

    assert list_hands([Hand(ERIN, NOW)], accounts) == {PUPPET, ERIN}
