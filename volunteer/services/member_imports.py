"""Importing members from a list that an office sends."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from volunteer.db import db, transaction
from volunteer.domain.cells import Cell
from volunteer.domain.headings import MEMBERS, Field, HeadingMissing, HeadingsMissing, find_headings
from volunteer.domain.import_reports import ImportReport, MemberRow, correct
from volunteer.domain.imports import Reach, Repair, RowState, StagedRow
from volunteer.domain.member_imports import (
    Known,
    KnownMember,
    KnownUnits,
    Settled,
    TeamChoice,
    only_near_team,
    settle_members,
)
from volunteer.domain.member_rows import Draft, clash, judge_member, member_row, read_members
from volunteer.domain.members import MemberStatus
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys, hash_national_id, seal_national_id
from volunteer.domain.refusals import N_, Refusal, Sentence
from volunteer.models.columns import table_of
from volunteer.models.members import Member
from volunteer.models.teams import MemberTeam, Team, Unit
from volunteer.queries.imports import find_references
from volunteer.queries.member_imports import (
    list_id_owners,
    list_known_units,
    list_members_again,
    list_members_by_id,
    list_members_by_number,
    list_scanned_since,
    list_unit_ids,
)
from volunteer.queries.memberships import past_memberships
from volunteer.queries.teams import list_subtree_ids, list_teams
from volunteer.reading.sheets import Sheet
from volunteer.reading.workbooks import read_rows

_MEMBERS = table_of(Member)


@dataclass(frozen=True)
class MemberLists:
    """Lists of members for the imports of the pages: the same rules, row by row and in pieces."""

    keys: IdKeys
    zone: tzinfo
    vocabulary = MEMBERS
    at_once = 500
    needs_all = False

    def judge(self, row: StagedRow, columns: frozenset[str], today: date) -> None:
        """Fill values, repairs and reasons from the row's own cells."""
        judged = judge_member(row.cells, lambda which: which in columns, today)
        row.values = {str(which): value for which, value in judged.values.items()}
        for one in (correct(row.row, *each) for each in judged.tidied):
            row.propose(Repair(one.field, one.was, one.now))
        if judged.reasons:
            row.reject(*judged.reasons)
        row.key = row.values.get(Field.VOLUNTEER_NO, "")
        number = row.values.get(Field.NATIONAL_ID)
        row.id_hash = hash_national_id(number, self.keys) if number else None

    def repetition(self, row: StagedRow, other: StagedRow) -> Sentence:
        """Why the row cannot stand next to the other one."""
        if row.key == other.key:
            return clash(member_row(row.row, row.values), member_row(other.row, other.values))
        return Sentence(N_("公民身份号码与第 %(row)s 行相同，但志愿者编号不同。"), {"row": other.row})

    def settle(self, rows: Sequence[StagedRow], reach: Reach) -> None:
        """Compare rows with what there is; propose the unit and the team that were surely meant."""
        units = list_known_units()
        for row in rows:
            said = row.values.get(Field.UNIT, "")
            if (meant_unit := units.mend(said)) != said:
                row.propose(Repair(Field.UNIT, said, meant_unit))
                row.values[Field.UNIT] = meant_unit
        self._settle_teams(rows, reach, units)

    def _settle_teams(self, rows: Sequence[StagedRow], reach: Reach, units: KnownUnits) -> None:
        by_number = {row.row: row for row in rows}
        meant = []
        for rejection in self._compare(rows, reach, units)[0].report.rejected:
            row = by_number[rejection.row]
            if near := only_near_team(rejection.reasons):
                row.propose(Repair(Field.TEAM, row.values[Field.TEAM], near))
                row.values[Field.TEAM] = near
                meant.append(row)
            else:
                row.reject(*rejection.reasons)
        if meant:
            self._settle_teams(meant, reach, units)

    def list_new(self, rows: Iterable[StagedRow]) -> dict[str, list[str]]:
        """The units that these rows would make."""
        return {"units": list_known_units().list_new(row.values.get(Field.UNIT, "") for row in rows)}

    def prepare(self, rows: Sequence[StagedRow]) -> None:
        """Nothing is slow here."""

    def write(self, rows: Sequence[StagedRow], reach: Reach, now: datetime) -> list[int]:
        """Add and change members; note what each was before. Gives the ids of new units."""
        known_units, today = list_known_units(), now.astimezone(self.zone).date()
        settled, existing = self._compare(rows, reach, known_units)
        new_units = _add_units(settled.report.new_units)
        units = known_units.ids | new_units
        _add(settled, units, self.keys, now)
        _update(settled, existing, units, self.keys, today)
        added = list_members_by_number([one.volunteer_no for one in settled.report.added])
        by_number = {row.row: row for row in rows}
        for one in settled.report.added:
            by_number[one.row].state = RowState.ADDED
            by_number[one.row].target_id = added[one.volunteer_no].id
        for one in settled.report.updated:
            was, row = existing[one.volunteer_no], by_number[one.row]
            row.state, row.target_id = RowState.UPDATED, was.id
            row.before = {
                "team_id": was.team_id,
                "unit_id": was.unit_id,
                "had_id": was.national_id_hash is not None,
                "new_team_id": settled.team_ids[one.row],
                "new_unit_id": units[one.unit] if one.unit else was.unit_id,
                "on": today.isoformat(),
            }
        for one in settled.report.unchanged:
            by_number[one.row].state = RowState.UNCHANGED
        for rejection in settled.report.rejected:
            by_number[rejection.row].state = RowState.REJECTED
            by_number[rejection.row].reasons = list(rejection.reasons)
        return list(new_units.values())

    def undo(self, rows: Sequence[StagedRow], written_at: datetime) -> None:
        """Remove members that were added and put back what was changed; who has served since is kept."""
        ids = [row.target_id for row in rows if row.target_id is not None]
        now_there, served = list_members_by_id(ids), list_scanned_since(ids, written_at)
        references, units = find_references("members", ids), list_known_units()
        gone: list[int] = []
        for row in rows:
            member = now_there.get(row.target_id or 0)
            if member is None:
                row.state = RowState.UNDONE
                continue
            why = _why_kept(row, member, row.target_id in served, references.get(member.id, set()))
            row.state, row.reasons = (RowState.KEPT, [why]) if why else (RowState.UNDONE, [])
            if why is None and row.before is None:
                gone.append(member.id)
            elif why is None:
                _put_back(row, units)
        db.session.execute(delete(_MEMBERS).where(_MEMBERS.c.id.in_(gone)))

    def _compare(
        self, rows: Sequence[StagedRow], reach: Reach, units: KnownUnits
    ) -> tuple[Settled, Mapping[str, Any]]:
        draft = Draft(tuple(member_row(row.row, row.values) for row in rows))
        existing = list_members_by_number([row.volunteer_no for row in draft.rows])
        owners = list_id_owners([row.id_hash for row in rows if row.id_hash])
        known = _known(existing, owners, reach.team_id, list(reach.scope), units)
        hash_id = cache(lambda number: hash_national_id(number, self.keys))
        return settle_members(draft, known, hash_id), existing


def _why_kept(row: StagedRow, member: Any, has_scans: bool, references: set[str]) -> Sentence | None:
    """Why a member stays as the import left it, or None where it can be taken back."""
    if has_scans or (row.before is None and references & {"scans", "service_records"}):
        return Sentence(N_("导入之后已有刷卡或服务记录，予以保留。"))
    if row.before is not None:
        is_same = (member.team_id, member.unit_id) == (row.before["new_team_id"], row.before["new_unit_id"])
        return None if is_same else Sentence(N_("导入之后队伍或单位又有变动，予以保留。"))
    if "cards" in references:
        return Sentence(N_("导入之后已发卡，予以保留。"))
    if references or member.password_hash is not None:
        return Sentence(N_("导入之后已有其他资料（如查阅日志、账号），予以保留。"))
    return None


def _put_back(row: StagedRow, units: KnownUnits) -> None:
    before = row.before or {}
    unit_id = units.find_living_id(before["unit_id"])
    values: dict[str, object] = {"team_id": before["team_id"], "unit_id": unit_id}
    if (before["team_id"], before["unit_id"]) != (before["new_team_id"], before["new_unit_id"]):
        db.session.execute(
            delete(MemberTeam).where(
                MemberTeam.member_id == row.target_id,
                MemberTeam.until_on == date.fromisoformat(before["on"]),
                MemberTeam.team_id == before["team_id"],
            )
        )
    if not before["had_id"] and row.id_hash:
        values |= {"national_id_sealed": None, "national_id_hash": None}
    db.session.execute(update(_MEMBERS).where(_MEMBERS.c.id == row.target_id).values(values))


class SeveralLists(Refusal):
    """More than one sheet holds a list; taking only one would lose people silently."""

    code = "several_lists"
    msgid = N_("文件里有几个工作表都是名单（%(sheets)s），请分别存成文件逐个导入，或合并成一个工作表。")


def import_members(
    data: bytes,
    filename: str,
    scope_team: Team,
    now: datetime,
    *,
    keys: IdKeys,
    zone: tzinfo,
    keep_going: bool = False,
) -> ImportReport:
    """Enter the members of a list into ``scope_team`` and the teams below it; what came of each row.

    All or nothing: one rejected row and nothing is written, unless ``keep_going`` takes
    the good ones. Safe to repeat: who is there already is updated or left unchanged.
    Units that are new are created; teams are not. Refuses a file that is no list.
    """
    today = now.astimezone(zone).date()
    draft = read_members(_list_in(read_rows(data, filename).sheets), today)
    hash_id = cache(lambda number: hash_national_id(number, keys))
    with transaction():
        existing = list_members_by_number([row.volunteer_no for row in draft.rows])
        hashes = [hash_id(row.national_id) for row in draft.rows if row.national_id]
        known_units = list_known_units()
        settled = settle_members(
            draft,
            _known(
                existing,
                list_id_owners(hashes),
                scope_team.id,
                list_subtree_ids(scope_team.id),
                known_units,
            ),
            hash_id,
        )
        if settled.report.rejected and not keep_going:
            return settled.report
        units = known_units.ids | _add_units(settled.report.new_units)
        _add(settled, units, keys, now)
        _update(settled, existing, units, keys, today)
    return replace(settled.report, is_written=True)


def _list_in(sheets: Sequence[Sheet]) -> list[list[Cell]]:
    """The rows of the one visible sheet that has the headings; refuses where none or several have."""
    visible = [sheet for sheet in sheets if not sheet.is_hidden] or list(sheets)
    found: list[tuple[str, list[list[Cell]]]] = []
    refusals: list[Refusal] = []
    for sheet in visible:
        rows = list(sheet.filled_rows())
        try:
            find_headings(rows)
            found.append((sheet.name, rows))
        except (HeadingsMissing, HeadingMissing) as refusal:
            refusals.append(refusal)
    if not found:
        # A sheet that lacks one heading tells more than one that has none.
        raise min(refusals, key=lambda refusal: isinstance(refusal, HeadingsMissing))
    if len(found) > 1:
        raise SeveralLists(sheets="、".join(name for name, _ in found))
    return found[0][1]


def _known(
    existing: Mapping[str, Any],
    id_owners: Mapping[str, str],
    team_id: int,
    scope: list[int],
    units: KnownUnits,
) -> Known:
    teams = list_teams(scope)
    return Known(
        members={
            number: KnownMember(row.name, row.team_id, row.unit_name or "", row.national_id_hash)
            for number, row in existing.items()
        },
        id_owners=id_owners,
        teams=[TeamChoice(team.id, team.code, team.name) for team in teams],
        default_team_id=team_id,
        units=units,
    )


def _add_units(names: Sequence[str]) -> dict[str, int]:
    if not names:
        return {}
    db.session.execute(insert(Unit), [{"name": name} for name in names])
    return list_unit_ids(names)


def _add(settled: Settled, units: Mapping[str, int], keys: IdKeys, now: datetime) -> None:
    rows = [
        {
            "volunteer_no": row.volunteer_no,
            "name": row.name,
            "search_keys": search_text(row.name),
            "team_id": settled.team_ids[row.row],
            "unit_id": units.get(row.unit),
            "status": MemberStatus.ACTIVE,
            "status_at": now,
            "created_at": now,
            **_id_columns(row, keys),
        }
        for row in settled.report.added
    ]
    if rows:
        db.session.execute(insert(_MEMBERS), rows)


def _update(
    settled: Settled, existing: Mapping[str, Any], units: Mapping[str, int], keys: IdKeys, on: date
) -> None:
    """Move members to the team and unit of the list, and add ID numbers that were missing.

    Where they were before stays known.
    """
    moves: list[dict[str, object]] = []
    numbers: list[dict[str, object]] = []
    for row in settled.report.updated:
        member = existing[row.volunteer_no]
        unit_id = units[row.unit] if row.unit else member.unit_id
        if (member.team_id, member.unit_id) != (settled.team_ids[row.row], unit_id):
            moves.append({"id": member.id, "team_id": settled.team_ids[row.row], "unit_id": unit_id})
        if row.national_id and member.national_id_hash is None:
            numbers.append({"id": member.id, **_id_columns(row, keys)})
    movers = list_members_again([int(str(move["id"])) for move in moves])
    db.session.add_all(past_memberships(movers, on))
    db.session.flush()
    _change_members(moves)
    _change_members(numbers)


def _change_members(rows: Sequence[Mapping[str, object]]) -> None:
    """One statement for all rows; each names the member's ``id`` and the same new columns."""
    if not rows:
        return
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
    statement = update(_MEMBERS).where(_MEMBERS.c.id == bindparam("new_id")).values(values)
    changes = [
        {f"new_{name}": value for name, value in row.items()}
        for row in sorted(rows, key=lambda row: int(str(row["id"])))
    ]
    db.session.connection().execute(statement, changes)


def _id_columns(row: MemberRow, keys: IdKeys) -> dict[str, object]:
    if not row.national_id:
        return {"national_id_sealed": None, "national_id_hash": None}
    return {
        "national_id_sealed": seal_national_id(row.national_id, keys, secrets.token_bytes(NONCE_BYTES)),
        "national_id_hash": hash_national_id(row.national_id, keys),
    }
