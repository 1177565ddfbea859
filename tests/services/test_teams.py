"""Teams change, and every past day still says what it said then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.member_changes import EventKind
from volunteer.domain.refusals import Refusal, TeamUnknown, TitleTaken
from volunteer.domain.team_refusals import (
    BrigadeFixed,
    LevelDoesNotFit,
    SuccessorBelow,
    SuccessorMissing,
    TeamCodeTaken,
    TeamDissolved,
    TeamHasAdmins,
    TeamNotEmpty,
)
from volunteer.domain.teams import NO_PARTY, Party, PartyKind, TeamLevel
from volunteer.domain.trees import Branch, day_of
from volunteer.models.members import Admin, Member
from volunteer.models.stations import Station
from volunteer.models.teams import MemberTeam, Team, TeamSpan
from volunteer.queries.memberships import past_memberships
from volunteer.queries.teams import get_team, list_subtree_ids, list_teams
from volunteer.queries.trees import count_trees
from volunteer.services.member_changes import Actor, change_status
from volunteer.services.members import add_member
from volunteer.services.teams import (
    TeamPlan,
    dissolve_team,
    found_team,
    move_team,
    rename_team,
)

BRIGADE, SQUADRON, DETACHMENT = TeamLevel
ZONE = ZoneInfo("Asia/Shanghai")
ON = date(2026, 10, 1)
BEFORE = ON - timedelta(days=1)
NOW = datetime(2026, 10, 1, 2, tzinfo=UTC)


def tree_on(root_id: int, on: date) -> dict[str, tuple[str, int, int]]:
    """Code of each team to its name, own members and total on a day."""
    return {one.team.code: (one.team.name, one.own, one.total) for one in all_in(root_id, on)}


def all_in(root_id: int, on: date) -> list[Branch]:
    waiting, found = count_trees([root_id], day_of(on, ZONE)), []
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].below
    return found


@pytest.fixture
def squadron(cast: Cast) -> Team:
    """A squadron without people, founded long before."""
    return found_team(TeamPlan("zd01", "第一中队", SQUADRON), cast.brigade.id, date(2026, 9, 1))


@pytest.fixture
def freed(cast: Cast) -> Cast:
    """The cast, after bob and charlie have been appointed elsewhere."""
    for admin in (cast.bob, cast.charlie):
        db.session.get_one(Admin, admin.id).is_active = False
    db.session.commit()
    return cast


def test_a_detachment_may_skip_the_squadrons(cast: Cast) -> None:
    team = found_team(TeamPlan("fd31", " 新分队 ", DETACHMENT), cast.brigade.id, ON)

    assert (team.code, team.name, team.founded_on) == ("FD31", "新分队", ON)
    assert "FD31" in tree_on(cast.brigade.id, ON)
    assert "FD31" not in tree_on(cast.brigade.id, BEFORE)


@pytest.mark.parametrize(
    ("plan", "refusal"),
    [
        (TeamPlan("FD01", "新", DETACHMENT), TeamCodeTaken),
        (TeamPlan("FD31", "第一分队", DETACHMENT), TitleTaken),
        (TeamPlan("DD2", "又一大队", BRIGADE), LevelDoesNotFit),
    ],
)
def test_a_team_that_cannot_be_is_refused(cast: Cast, plan: TeamPlan, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        found_team(plan, cast.brigade.id, ON)


def test_a_renamed_team_keeps_its_old_name_for_the_days_before(cast: Cast) -> None:
    rename_team(cast.detachment.id, "财政局分队", Party("第一支部", PartyKind.GENERAL_BRANCH), ON)

    assert tree_on(cast.brigade.id, BEFORE)["FD01"] == ("第一分队", 1, 1)
    assert tree_on(cast.brigade.id, ON)["FD01"] == ("财政局分队", 1, 1)
    assert get_team("FD01").party_kind == PartyKind.GENERAL_BRANCH


def test_two_names_on_one_day_leave_one_past(cast: Cast) -> None:
    rename_team(cast.detachment.id, "笔误", NO_PARTY, ON)
    rename_team(cast.detachment.id, "财政局分队", NO_PARTY, ON)

    names = list(db.session.execute(select(TeamSpan.name)).scalars())
    assert names == ["第一分队"]


def test_a_moved_team_counts_where_it_hung_on_each_day(cast: Cast, squadron: Team) -> None:
    move_team(cast.detachment.id, squadron.id, ON)

    assert tree_on(cast.brigade.id, BEFORE)["ZD01"] == ("第一中队", 0, 0)
    assert tree_on(cast.brigade.id, ON)["ZD01"] == ("第一中队", 0, 1)
    assert {tree_on(cast.brigade.id, on)["DD"][2] for on in (BEFORE, ON)} == {1}


def test_merging_moves_everything_and_keeps_the_past(freed: Cast, squadron: Team, now: datetime) -> None:
    move_team(freed.detachment.id, squadron.id, ON)
    add_member("A002", "李四", "ZD01", now)
    other = found_team(TeamPlan("ZD02", "第二中队", SQUADRON), freed.brigade.id, ON)

    dissolve_team(squadron.id, other.id, ON + timedelta(days=9), NOW)

    before, after = (tree_on(freed.brigade.id, ON + timedelta(days=days)) for days in (8, 9))
    assert (before["ZD01"], before["ZD02"]) == (("第一中队", 1, 2), ("第二中队", 0, 0))
    assert "ZD01" not in after
    assert (after["ZD02"], after["DD"]) == (("第二中队", 1, 2), ("大队", 0, 2))


def test_a_dissolved_team_names_its_successor_and_hands_its_stations_on(freed: Cast) -> None:
    team = dissolve_team(freed.detachment.id, freed.other.id, ON, NOW)

    assert (team.dissolved_on, team.successor_id) == (ON, freed.other.id)
    assert db.session.execute(select(Station.team_id)).scalar_one() == freed.other.id
    assert db.session.execute(select(Member.team_id)).scalar_one() == freed.other.id
    past = db.session.execute(select(MemberTeam)).scalar_one()
    assert (past.team_id, past.from_on, past.until_on) == (freed.detachment.id, None, ON)


def test_a_dissolved_team_is_offered_no_more_but_stays_in_the_scope(freed: Cast) -> None:
    dissolve_team(freed.detachment.id, freed.other.id, ON, NOW)

    scope = list_subtree_ids(freed.brigade.id)
    assert freed.detachment.id in scope
    assert "FD01" not in {team.code for team in list_teams(scope)}
    assert "FD01" in {team.code for team in list_teams(scope, with_dissolved=True)}
    with pytest.raises(TeamUnknown):
        get_team("FD01")


def test_nobody_is_left_behind_without_a_successor(freed: Cast, squadron: Team) -> None:
    with pytest.raises(TeamNotEmpty):
        dissolve_team(freed.detachment.id, None, ON, NOW)
    move_team(freed.other.id, squadron.id, ON)
    with pytest.raises(TeamNotEmpty):
        dissolve_team(squadron.id, None, ON, NOW)


def test_a_team_that_once_had_people_names_a_successor(freed: Cast, now: datetime) -> None:
    transfer(db.session.get_one(Member, freed.alice.id), freed.other.id, ON)

    with pytest.raises(SuccessorMissing):
        dissolve_team(freed.detachment.id, None, ON, NOW)
    assert dissolve_team(freed.detachment.id, freed.brigade.id, ON, NOW).dissolved_on == ON


def test_an_empty_team_goes_without_a_successor(squadron: Team) -> None:
    assert dissolve_team(squadron.id, None, ON, NOW).successor_id is None


def test_a_team_with_admins_stays_until_they_are_appointed_elsewhere(cast: Cast) -> None:
    with pytest.raises(TeamHasAdmins):
        dissolve_team(cast.detachment.id, cast.other.id, ON, NOW)

    assert get_team("FD01").dissolved_on is None


def test_what_is_impossible_in_a_tree_is_refused(freed: Cast, squadron: Team) -> None:
    move_team(freed.detachment.id, squadron.id, ON)
    cases: list[tuple[Callable[[], object], type[Refusal]]] = [
        (lambda: move_team(freed.brigade.id, squadron.id, ON), BrigadeFixed),
        (lambda: dissolve_team(freed.brigade.id, squadron.id, ON, NOW), BrigadeFixed),
        (lambda: move_team(squadron.id, freed.detachment.id, ON), LevelDoesNotFit),
        (lambda: dissolve_team(squadron.id, squadron.id, ON, NOW), SuccessorBelow),
        (lambda: dissolve_team(squadron.id, freed.detachment.id, ON, NOW), SuccessorBelow),
        (lambda: dissolve_team(squadron.id, freed.other.id, ON, NOW), LevelDoesNotFit),
    ]
    for act, refusal in cases:
        with pytest.raises(refusal):
            act()


def test_a_dissolved_team_changes_no_more(squadron: Team, cast: Cast) -> None:
    dissolve_team(squadron.id, None, ON, NOW)

    for act in (
        lambda: rename_team(squadron.id, "新", NO_PARTY, ON),
        lambda: move_team(squadron.id, cast.brigade.id, ON),
        lambda: move_team(cast.detachment.id, squadron.id, ON),
        lambda: found_team(TeamPlan("FD9", "新", DETACHMENT), squadron.id, ON),
    ):
        with pytest.raises(TeamDissolved):
            act()


def test_who_left_and_came_back_counts_on_the_days_in_between_for_nobody(cast: Cast, now: datetime) -> None:
    actor = Actor(cast.bob.id, frozenset([cast.detachment.id]), now + timedelta(days=60), ZONE)
    days = [date(2026, 10, 1), date(2026, 10, 10), date(2026, 10, 19), date(2026, 10, 20)]

    change_status("A001", EventKind.LEFT, days[1], "调离本区", actor)
    gone = [tree_on(cast.brigade.id, on)["DD"][2] for on in days]
    change_status("A001", EventKind.RETURNED, days[3], "调回本区", actor)
    back = [tree_on(cast.brigade.id, on)["DD"][2] for on in days]

    assert (gone, back) == ([1, 0, 0, 0], [1, 0, 0, 1])


def transfer(member: Member, team_id: int, on: date) -> None:
    """Move one member as a transfer does."""
    db.session.add_all(past_memberships([member], on))
    member.team_id = team_id
    db.session.commit()


KINDS = ["found", "enter", "enter", "move", "move", "merge", "end", "rename", "transfer", "transfer"]
_serial = count(1)


@dataclass
class Story:
    """A brigade of its own, to which steps happen; and what its tables said at the end of each day."""

    root: Team
    on: date = date(2026, 1, 1)
    teams: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    said: dict[date, set[tuple[int, str, int | None, int]]] = field(default_factory=dict)
    entered: dict[date, int] = field(default_factory=dict)

    def step(self, what: str, one: int, other: int) -> None:
        """Let one thing happen, or be refused."""
        number, ids = next(_serial), [self.root.id, *self.teams]
        team_id, other_id = ids[one % len(ids)], ids[other % len(ids)]
        try:
            if what == "found":
                plan = TeamPlan(f"T{number}", f"队{number}", [SQUADRON, DETACHMENT][other % 2])
                self.teams.append(found_team(plan, team_id, self.on).id)
            elif what == "enter":
                code = db.session.get_one(Team, team_id).code
                at = datetime(self.on.year, self.on.month, self.on.day, 4, tzinfo=UTC)
                self.members.append(add_member(f"M{number:06}", "王五", code, at).id)
            elif what == "move":
                move_team(team_id, other_id, self.on)
            elif what == "merge":
                dissolve_team(team_id, other_id, self.on, NOW)
            elif what == "end":
                dissolve_team(team_id, None, self.on, NOW)
            elif what == "rename":
                rename_team(team_id, f"名{number}", NO_PARTY, self.on)
            elif self.members and db.session.get_one(Team, team_id).dissolved_on is None:
                member = db.session.get_one(Member, self.members[other % len(self.members)])
                transfer(member, team_id, self.on)
        except Refusal:
            pass

    def note(self) -> None:
        """What the tables say at the end of this day: the teams that are there, and who is in each."""
        ids = [self.root.id, *self.teams]
        people = [
            db.session.execute(select(Member.team_id).where(Member.id == member_id)).scalar_one()
            for member_id in self.members
        ]
        shape = select(Team.id, Team.name, Team.parent_id).where(Team.id.in_(ids))
        there = db.session.execute(shape.where(Team.dissolved_on.is_(None)))
        self.said[self.on] = {(*row, people.count(row.id)) for row in there}
        self.entered[self.on] = len(self.members)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_every_past_day_says_what_it_said_then_and_adds_up_at_every_level(app: Flask, seed: int) -> None:
    """Each story is fifty steps, several on one day, after a start with a few teams and people."""
    random = Random(seed)
    root = Team(code=f"R{next(_serial)}", name=f"大队{next(_serial)}", level=BRIGADE)
    db.session.add(root)
    db.session.commit()
    story = Story(root)

    for what in ["found"] * 8 + ["enter"] * 6 + random.choices(KINDS, k=36):
        story.step(what, random.randrange(1000), random.randrange(1000))
        if random.random() < 0.5:
            story.note()
            story.on += timedelta(days=random.choice([1, 1, 2]))
    story.note()

    assert len(story.said) > 10
    for on, said in story.said.items():
        branches = all_in(root.id, on)
        assert {(one.team.id, one.team.name, one.team.parent_id, one.own) for one in branches} == said
        assert all(one.total == one.own + sum(below.total for below in one.below) for one in branches)
        assert branches[0].total == sum(own for *_, own in said) == story.entered[on]
