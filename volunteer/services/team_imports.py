"""Importing teams with their units: the tree of a whole organisation from one list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import delete, insert

from volunteer.db import db
from volunteer.domain.imports import CHANGED_SINCE, Reach, Repair, RowState, StagedRow
from volunteer.domain.known_units import KnownUnits
from volunteer.domain.refusals import N_, Sentence
from volunteer.domain.team_rows import (
    TEAMS,
    KnownTeam,
    TeamField,
    Tree,
    judge_team,
    party_kind_of,
    settle_team,
    split_units,
)
from volunteer.domain.teams import TeamLevel, is_over
from volunteer.models.teams import Team, TeamSpan, Unit
from volunteer.queries.imports import find_references, list_every_team
from volunteer.queries.member_imports import list_known_units, list_unit_ids
from volunteer.queries.teams import find_last_team_change, lock_tree


@dataclass(frozen=True)
class TeamLists:
    """Lists of teams for the imports of the pages: all rows at once, because they name each other."""

    zone: tzinfo
    vocabulary = TEAMS
    at_once = 1
    needs_all = True
    tells_all = False

    def judge(self, row: StagedRow, columns: frozenset[str], today: date) -> None:
        """Fill values, repairs and reasons from the row's own cells."""
        judge_team(row)

    def repetition(self, row: StagedRow, other: StagedRow) -> Sentence:
        """Why the row cannot stand next to the other one."""
        params: dict[str, str | int] = {"code": row.key, "row": other.row}
        return Sentence(N_("队伍编码 %(code)s 与第 %(row)s 行重复。"), params)

    def settle(self, rows: Sequence[StagedRow], reach: Reach) -> None:
        """Compare rows with the tree there is and with each other, parents before children."""
        tree, units = Tree(_known_teams(), rows, reach), list_known_units()
        for row in sorted(rows, key=lambda one: (one.rank, one.row)):
            settle_team(row, tree)
            _settle_units(row, units)
            if not row.is_good:
                tree.brought.pop(row.key, None)

    def list_new(self, rows: Iterable[StagedRow]) -> dict[str, list[str]]:
        """The teams and units that these rows would make."""
        rows = list(rows)
        teams = [f"{row.values[TeamField.NAME]}（{row.key}）" for row in rows if row.target_id is None]
        names = (name for row in rows for name in split_units(row.values[TeamField.UNITS]))
        return {"teams": teams, "units": list_known_units().list_new(names)}

    def prepare(self, rows: Sequence[StagedRow]) -> None:
        """Nothing is slow here."""

    def write(self, rows: Sequence[StagedRow], reach: Reach, now: datetime) -> list[int]:
        """Found and change teams, parents first, and enter new units; gives the ids of these."""
        lock_tree()
        # What has come into the way since the rows were looked at.
        for row in rows:
            row.is_accepted = True
        self.settle(rows, reach)
        for row in rows:
            if row.is_good and not row.is_agreed:
                row.reject(CHANGED_SINCE)
        ids, today = {team.code: team.id for team in _known_teams()}, now.astimezone(self.zone).date()
        for row in sorted(rows, key=lambda one: (one.rank, one.row)):
            parent = row.values[TeamField.PARENT]
            if row.is_good and (not parent or parent in ids):
                team = _write_team(row, ids.get(parent), today)
                ids[row.key] = team.id
            else:
                row.state = RowState.REJECTED
        written = [row for row in rows if row.state is not RowState.REJECTED]
        return _add_units({name for row in written for name in split_units(row.values[TeamField.UNITS])})

    def undo(self, rows: Sequence[StagedRow], written_at: datetime, now: datetime) -> None:
        """Remove teams that were founded, children first, and put back what was changed."""
        lock_tree()
        teams, waiting = {team.id: team for team in list_every_team()}, {row.target_id for row in rows}
        for row in rows:
            waiting.discard(row.target_id)
            team = teams.get(row.target_id or 0)
            if team is None:
                row.state = RowState.UNDONE
                continue
            # What may yet go back itself stands in nobody's way.
            others = [one for one in teams.values() if one is not team and one.id not in waiting]
            why = _why_kept(row, team) or _why_not_back(row, team, others)
            row.state, row.reasons = (RowState.KEPT, [why]) if why else (RowState.UNDONE, [])
            if why is None and (row.before or {}).get("was"):
                _put_back(row, team)
            elif why is None:
                db.session.delete(teams.pop(team.id))
            db.session.flush()


def _known_teams() -> list[KnownTeam]:
    return [
        KnownTeam(
            team.id,
            team.code,
            team.name,
            TeamLevel(team.level),
            team.parent_id,
            team.dissolved_on is not None,
            team.party_branch,
        )
        for team in list_every_team()
    ]


def _settle_units(row: StagedRow, units: KnownUnits) -> None:
    """Spell units as they are known, and propose what came after a dissolved one."""
    said = row.values[TeamField.UNITS]
    meant = "、".join(dict.fromkeys(units.mend(name) for name in split_units(said)))
    if meant != said:
        row.propose(Repair(TeamField.UNITS, said, meant))
        row.values[TeamField.UNITS] = meant
    for name in split_units(meant):
        if why := units.why_gone(name):
            row.reject(why)


def _write_team(row: StagedRow, parent_id: int | None, today: date) -> Team:
    """The team as the row says it, new or changed; how it was is kept in the row."""
    branch = row.values[TeamField.PARTY_BRANCH]
    team = db.session.get_one(Team, row.target_id) if row.target_id else None
    if team is None:
        team = Team(
            code=row.key,
            name=row.values[TeamField.NAME],
            level=row.values[TeamField.LEVEL],
            parent_id=parent_id,
            founded_on=today,
            party_branch=branch,
            party_kind=party_kind_of(branch),
        )
        db.session.add(team)
        db.session.flush()
        row.state, row.target_id = RowState.ADDED, team.id
    else:
        was = _state_of(team)
        parent_id = parent_id if row.values[TeamField.PARENT] else team.parent_id
        has_past = (team.name, team.parent_id) != (row.values[TeamField.NAME], parent_id) and _keep_past(
            team, today
        )
        team.code, team.name, team.parent_id = row.key, row.values[TeamField.NAME], parent_id
        if branch:
            team.party_branch, team.party_kind = branch, party_kind_of(branch)
        row.before = {"was": was, "span_on": today.isoformat() if has_past else None}
        row.state = RowState.UNCHANGED if _state_of(team) == was else RowState.UPDATED
    row.before = {**(row.before or {}), "is": _state_of(team)}
    db.session.flush()
    return team


def _keep_past(team: Team, on: date) -> bool:
    since = find_last_team_change(team.id) or team.founded_on
    if not is_over(since, on):
        return False
    db.session.add(
        TeamSpan(team_id=team.id, name=team.name, parent_id=team.parent_id, from_on=since, until_on=on)
    )
    return True


def _state_of(team: Team) -> dict[str, object]:
    return {
        "code": team.code,
        "name": team.name,
        "parent_id": team.parent_id,
        "party_branch": team.party_branch,
        "party_kind": team.party_kind,
    }


def _put_back(row: StagedRow, team: Team) -> None:
    before = row.before or {}
    for name, value in before["was"].items():
        setattr(team, name, value)
    if before["span_on"]:
        on = date.fromisoformat(before["span_on"])
        db.session.execute(delete(TeamSpan).where(TeamSpan.team_id == team.id, TeamSpan.until_on == on))


def _why_kept(row: StagedRow, team: Team) -> Sentence | None:
    if _state_of(team) != (row.before or {})["is"] or team.dissolved_on:
        return Sentence(N_("导入之后这个队伍又有变动，予以保留。"))
    if not (row.before or {}).get("was") and find_references("teams", [team.id]):
        return Sentence(N_("队伍里已有志愿者、管理员、下级队伍或其他资料，予以保留。"))
    return None


def _why_not_back(row: StagedRow, team: Team, others: Sequence[Team]) -> Sentence | None:
    """Why a team that was changed cannot be again what it was, or None where it can."""
    was = (row.before or {}).get("was")
    if not was:
        return None
    above = db.session.get(Team, was["parent_id"]) if was["parent_id"] else None
    if above and above.dissolved_on:
        return Sentence(N_("原来的上级队伍已撤销，予以保留。"))
    if any(one.code == was["code"] or (one.name == was["name"] and not one.dissolved_on) for one in others):
        return Sentence(N_("原来的编码或名称已被别的队伍使用，予以保留。"))
    return None


def _add_units(names: set[str]) -> list[int]:
    new = list_known_units().list_new(sorted(names))
    if new:
        db.session.execute(insert(Unit), [{"name": name} for name in new])
    return list(list_unit_ids(new).values())
