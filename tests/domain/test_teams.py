"""The tree of teams: levels, codes, and sums that add up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.refusals import TextTooLong, TitleMissing
from volunteer.domain.team_refusals import LevelDoesNotFit, TeamCodeMalformed
from volunteer.domain.teams import (
    NO_PARTY,
    Party,
    PartyKind,
    TeamLevel,
    clean_party,
    clean_team_code,
    clean_title,
    is_over,
    levels_below,
    require_levels,
)
from volunteer.domain.trees import Branch, Place, grow, ids_below, was_there

BRIGADE, SQUADRON, DETACHMENT = TeamLevel
D = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("parent", "child"), [(BRIGADE, SQUADRON), (BRIGADE, DETACHMENT), (SQUADRON, DETACHMENT)]
)
def test_a_team_hangs_under_any_higher_level(parent: TeamLevel, child: TeamLevel) -> None:
    require_levels(parent, [child])

    assert child in levels_below(parent)


@pytest.mark.parametrize(
    ("parent", "child"), [(SQUADRON, SQUADRON), (DETACHMENT, SQUADRON), (BRIGADE, BRIGADE)]
)
def test_a_team_never_hangs_under_its_own_or_a_lower_level(parent: TeamLevel, child: TeamLevel) -> None:
    with pytest.raises(LevelDoesNotFit):
        require_levels(parent, [child])


def test_codes_are_tidied_and_wrong_ones_refused() -> None:
    assert clean_team_code(" ｆｄ 31-a ") == "FD31-A"
    for wrong in ("", "-1", "队", "A" * 33, "FD/1"):
        with pytest.raises(TeamCodeMalformed):
            clean_team_code(wrong)


def test_names_are_tidied_and_must_be_there() -> None:
    assert clean_title("  区财政局  分队 ") == "区财政局 分队"
    with pytest.raises(TitleMissing):
        clean_title("  ")
    with pytest.raises(TextTooLong):
        clean_title("长" * 121)


def test_a_party_organisation_without_a_kind_is_a_branch_and_without_a_name_none() -> None:
    assert clean_party(Party(" 第一支部 ")) == Party("第一支部", PartyKind.PARTY_BRANCH)
    assert clean_party(Party("  ", PartyKind.GENERAL_BRANCH)) == NO_PARTY


def test_what_held_for_no_day_is_no_history() -> None:
    assert [is_over(since, D) for since in (None, date(2026, 2, 28), D, date(2026, 3, 2))] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("founded", "dissolved", "expected"),
    [
        (None, None, True),
        (D, None, True),
        (date(2026, 3, 2), None, False),
        (None, date(2026, 3, 2), True),
        (None, D, False),
        (D, D, False),
    ],
)
def test_a_team_is_there_from_its_first_day_to_the_one_before_its_end(
    founded: date | None, dissolved: date | None, expected: bool
) -> None:
    assert was_there(founded, dissolved, D, D) is expected


def test_in_a_month_a_team_counts_that_was_there_on_one_of_its_days() -> None:
    assert was_there(None, date(2026, 3, 2), D, date(2026, 3, 31))
    assert not was_there(date(2026, 3, 9), date(2026, 3, 9), D, date(2026, 3, 31))


@st.composite
def forests(draw: st.DrawFn) -> tuple[list[Place], dict[int, int]]:
    """Teams each hanging under a strictly higher one, some of them not there, with sums of their own."""
    places = [Place(1, "T1", "大队", BRIGADE, None, True)]
    for number in range(2, draw(st.integers(2, 12))):
        parent = draw(st.sampled_from([one for one in places if levels_below(one.level)]))
        level = draw(st.sampled_from(levels_below(parent.level)))
        places.append(Place(number, f"T{number}", "队", level, parent.id, draw(st.booleans())))
    own = {place.id: draw(st.integers(0, 5)) for place in places}
    return draw(st.permutations(places)), own


def all_in(branch: Branch) -> list[Branch]:
    """The branch and everything below it."""
    return [branch, *(one for below in branch.below for one in all_in(below))]


@given(forests())
def test_every_total_is_the_own_sum_and_the_totals_below(forest: tuple[list[Place], dict[int, int]]) -> None:
    places, own = forest
    tree = grow(places, own, 1, 0)
    found = all_in(tree)

    assert all(one.total == one.own + sum(below.total for below in one.below) for one in found)
    assert tree.total == sum(own.values())
    assert {one.team.id for one in found} >= {place.id for place in places if place.is_there or own[place.id]}
    assert tree.size == len(found)
    assert ids_below(places, [1]) == {place.id for place in places}
