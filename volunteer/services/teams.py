"""Teams: founded, renamed, moved, merged, dissolved; what was stays known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update

from volunteer.db import db, transaction
from volunteer.domain.member_changes import TransferState
from volunteer.domain.refusals import TitleTaken
from volunteer.domain.team_refusals import (
    BrigadeFixed,
    SuccessorBelow,
    SuccessorMissing,
    TeamCodeTaken,
    TeamDissolved,
    TeamHasAdmins,
    TeamNotEmpty,
)
from volunteer.domain.teams import (
    NO_PARTY,
    Party,
    TeamAtWork,
    TeamLevel,
    clean_party,
    clean_team_code,
    clean_title,
    form_values,
    is_over,
    require_levels,
)
from volunteer.domain.versions import require_version
from volunteer.models.members import Member
from volunteer.models.stations import Station
from volunteer.models.teams import Team, TeamSpan
from volunteer.queries.handovers import has_work_in_progress, list_transfers_between, waiting_places
from volunteer.queries.memberships import past_memberships
from volunteer.queries.teams import (
    count_admins_of,
    find_last_team_change,
    get_team_by_id,
    has_had_members,
    is_team_code_taken,
    is_team_name_taken,
    list_children,
    list_members_of,
    list_subtree_ids,
    lock_tree,
)


@dataclass(frozen=True)
class TeamPlan:
    """A team to be founded."""

    code: str
    name: str
    level: TeamLevel
    party: Party = NO_PARTY


def found_team(plan: TeamPlan, parent_id: int, on: date) -> Team:
    """Found a team under any team of a higher level."""
    code, name, party = clean_team_code(plan.code), clean_title(plan.name), clean_party(plan.party)
    with transaction():
        lock_tree()
        parent = _get_living(parent_id)
        require_levels(TeamLevel(parent.level), [plan.level])
        if is_team_code_taken(code):
            raise TeamCodeTaken(code=code)
        _require_free(name)
        team = Team(
            code=code,
            name=name,
            level=plan.level,
            parent_id=parent.id,
            founded_on=on,
            party_branch=party.name,
            party_kind=party.kind,
        )
        db.session.add(team)
    return team


def rename_team(team_id: int, name: str, party: Party, on: date, version: str | None = None) -> Team:
    """Give a team another name or party organisation; the old name holds for the days before."""
    name, party = clean_title(name), clean_party(party)
    with transaction():
        lock_tree()
        team = _get_living(team_id)
        require_version(version, form_values(team))
        if name != team.name:
            _require_free(name, team.id)
            _keep_past([team], on)
        team.name, team.party_branch, team.party_kind = name, party.name, party.kind
    return team


def move_team(team_id: int, parent_id: int, on: date) -> Team:
    """Hang a team, with everything below it, under another one of a higher level."""
    with transaction():
        lock_tree()
        team, parent = _get_movable(team_id), _get_living(parent_id)
        require_levels(TeamLevel(parent.level), [TeamLevel(team.level)])
        if team.parent_id != parent.id:
            _keep_past([team], on)
            team.parent_id = parent.id
    return team


def dissolve_team(team_id: int, successor_id: int | None, on: date, now: datetime) -> Team:
    """Dissolve a team. What it had and what waits at it goes to the successor; its past stays its own.

    Without a successor only a team may go that has nobody, never had anybody, and has no
    team below it; its stations and what waits go to the team above. Refuses while admins look
    after it, or work for the whole team is going on.
    """
    with transaction():
        lock_tree()
        team = _get_movable(team_id)
        if admins := count_admins_of(team.id, on):
            raise TeamHasAdmins(count=admins)
        if has_work_in_progress(team.id):
            raise TeamAtWork()
        children, members = list_children(team.id), list_members_of(team.id)
        if successor_id is None:
            _require_empty(team, members, children)
        else:
            _hand_over(team, _get_successor(team, successor_id), members, children, on)
        heir_id = successor_id or team.parent_id
        db.session.execute(update(Station).where(Station.team_id == team.id).values(team_id=heir_id))
        _hand_over_waiting(team.id, heir_id, now)
        team.dissolved_on, team.successor_id = on, successor_id
    return team


def _require_empty(team: Team, members: list[Member], children: list[Team]) -> None:
    if members or children:
        raise TeamNotEmpty(members=len(members), children=len(children))
    if has_had_members(team.id):
        raise SuccessorMissing()


def _get_successor(team: Team, successor_id: int) -> Team:
    if successor_id in list_subtree_ids(team.id):
        raise SuccessorBelow()
    return _get_living(successor_id)


def _hand_over(team: Team, heir: Team, members: list[Member], children: list[Team], on: date) -> None:
    require_levels(TeamLevel(heir.level), [TeamLevel(child.level) for child in children])
    _keep_past(children, on)
    for child in children:
        child.parent_id = heir.id
    db.session.add_all(past_memberships(members, on))
    db.session.execute(update(Member).where(Member.team_id == team.id).values(team_id=heir.id))


def _hand_over_waiting(team_id: int, heir_id: int | None, now: datetime) -> None:
    # Of two teams that become one nobody is moved to the other any more.
    for transfer in list_transfers_between(team_id, heir_id):
        transfer.state, transfer.decided_at = TransferState.WITHDRAWN, now
    db.session.flush()
    for places in waiting_places(now).values():
        for column, waits in places:
            statement = update(column.class_).where(column == team_id, waits).values({column: heir_id})
            db.session.execute(statement)


def _get_living(team_id: int) -> Team:
    team = get_team_by_id(team_id)
    if team.dissolved_on:
        raise TeamDissolved(name=team.name)
    return team


def _get_movable(team_id: int) -> Team:
    team = _get_living(team_id)
    if team.level == TeamLevel.BRIGADE:
        raise BrigadeFixed()
    return team


def _require_free(name: str, but_id: int | None = None) -> None:
    if is_team_name_taken(name, but_id):
        raise TitleTaken(name=name)


def _keep_past(teams: Iterable[Team], on: date) -> None:
    for team in teams:
        since = find_last_team_change(team.id) or team.founded_on
        if is_over(since, on):
            past = TeamSpan(
                team_id=team.id, name=team.name, parent_id=team.parent_id, from_on=since, until_on=on
            )
            db.session.add(past)
