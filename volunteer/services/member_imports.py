"""Importing members from a list that an office sends: its rows judged, and compared with what there is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from volunteer.domain.file_contents import FileContent
from volunteer.domain.headings import MEMBERS, Field
from volunteer.domain.import_reports import mask_cell
from volunteer.domain.imports import CHANGED_SINCE, Reach, Repair, RowState, StagedRow
from volunteer.domain.known_units import KnownUnits
from volunteer.domain.member_imports import (
    Known,
    KnownMember,
    Target,
    TeamChoice,
    only_near_team,
    settle_member,
    team_finder,
)
from volunteer.domain.member_rows import clash, judge_member
from volunteer.domain.national_ids import IdKeys, hash_national_id, read_national_id
from volunteer.domain.refusals import N_, Sentence
from volunteer.queries.member_imports import (
    list_files,
    list_id_owners,
    list_known_units,
    list_members_by_name,
    list_members_by_number,
)
from volunteer.queries.members import lock_members
from volunteer.queries.teams import list_teams
from volunteer.writes.member_imports import MemberWriting
from volunteer.writes.member_undoing import undo_members


@dataclass(frozen=True)
class MemberLists:
    """Lists of members: judged row by row and in pieces; ``by_id`` is the admin who answers for it.

    Only a demo ``allows_invented`` ID numbers.
    """

    keys: IdKeys
    zone: tzinfo
    contact_key: bytes
    by_id: int | None = None
    allows_invented: bool = False
    vocabulary = MEMBERS
    at_once = 500
    needs_all = False
    tells_all = False

    def judge(self, row: StagedRow, columns: frozenset[str], today: date) -> None:
        """Fill values, repairs and reasons from the row's own cells."""
        judged = judge_member(
            row.cells, lambda which: which in columns, today, allows_invented=self.allows_invented
        )
        row.values = {str(which): value for which, value in judged.values.items()}
        for one in judged.tidied:
            was, now = mask_cell(one[0], one[1]), mask_cell(one[0], one[2])
            # Nobody need say yes to a telephone or an ID number without its spaces.
            if was != now:
                row.propose(Repair(one[0], was, now))
        if judged.reasons:
            row.reject(*judged.reasons)
        number = row.values.get(Field.NATIONAL_ID)
        row.id_hash = hash_national_id(number, self.keys) if number else None
        row.key = row.values.get(Field.VOLUNTEER_NO, "")
        # Numbers that are given by themselves are given last: none that another row of the list names.
        row.rank = 0 if row.key else 1
        if row.is_good and not row.key:
            row.key = self._key_of_whom(row)

    def _key_of_whom(self, row: StagedRow) -> str:
        """What is the same for two rows about one person without a number; nobody can read it."""
        whom = (Field.NAME, Field.TEAM, Field.PHONE, Field.NATIONAL_ID)
        return "?" + hash_national_id("\n".join(row.values[which] for which in whom), self.keys)

    def repetition(self, row: StagedRow, other: StagedRow) -> Sentence:
        """Why the row cannot stand next to the other one."""
        if row.key == other.key:
            return clash(row, other)
        return Sentence(N_("公民身份号码与第 %(row)s 行相同，但志愿者编号不同。"), {"row": other.row})

    def settle(self, rows: Sequence[StagedRow], reach: Reach) -> None:
        """Compare rows with what there is; propose the unit and the team that were surely meant."""
        units = list_known_units()
        for row in rows:
            said = row.values.get(Field.UNIT, "")
            if (meant_unit := units.mend(said)) != said:
                row.propose(Repair(Field.UNIT, said, meant_unit))
                row.values[Field.UNIT] = meant_unit
        find_team = team_finder(_choices(reach), reach.team_id)
        for row in rows:
            team = find_team(said := row.values[Field.TEAM])
            if isinstance(team, Sentence) and (near := only_near_team([team])):
                row.propose(Repair(Field.TEAM, said, near))
                row.values[Field.TEAM] = near
        self._compare(rows, reach, units)

    def list_new(self, rows: Iterable[StagedRow]) -> dict[str, list[str]]:
        """The units that these rows would make."""
        return {"units": list_known_units().list_new(row.values.get(Field.UNIT, "") for row in rows)}

    def prepare(self, rows: Sequence[StagedRow]) -> None:
        """Nothing is slow here."""

    def write(self, rows: Sequence[StagedRow], reach: Reach, now: datetime) -> list[int]:
        """Add and change members; note what each was before. Gives the ids of new units."""
        there = list_members_by_number([row.values[Field.VOLUNTEER_NO] for row in rows])
        lock_members([one.id for one in there])
        units = list_known_units()
        targets = self._compare(rows, reach, units)
        seen: set[int] = set()
        for row in rows:
            if not row.is_agreed or row.target_id in seen:
                row.reject(CHANGED_SINCE)
            if row.target_id is not None:
                seen.add(row.target_id)
            row.state = row.effect if row.is_good else RowState.REJECTED
        good = [row for row in rows if row.state is not RowState.REJECTED]
        writing = MemberWriting(targets, reach, self.keys, self.contact_key, self.zone, self.by_id, now)
        return writing.write(good, units)

    def undo(self, rows: Sequence[StagedRow], written_at: datetime, now: datetime) -> None:
        """Remove members that were added and put back what was changed; who has served since is kept."""
        undo_members(rows, written_at, self.contact_key, self.by_id, now)

    def _compare(self, rows: Sequence[StagedRow], reach: Reach, units: KnownUnits) -> dict[int, Target]:
        """Settle rows with what there is now; where the good ones lead, by their number."""
        known = self._known(rows, reach, units)
        found = ((row.row, settle_member(row, known)) for row in rows if row.is_good)
        return {number: target for number, target in found if target}

    def _known(self, rows: Sequence[StagedRow], reach: Reach, units: KnownUnits) -> Known:
        owners = list_id_owners([row.id_hash for row in rows if row.id_hash])
        numbers = {row.values[Field.VOLUNTEER_NO] for row in rows} - {""}
        nameless = {row.values[Field.NAME] for row in rows if not row.values[Field.VOLUNTEER_NO]}
        by_number = list_members_by_number(numbers | set(owners.values()))
        by_name = list_members_by_name(reach.scope, nameless) if nameless else []
        files = list_files({one.id for one in (*by_number, *by_name)}, self.contact_key)
        members = {one.volunteer_no: self._member(one, files) for one in by_number}
        namesakes: dict[str, list[KnownMember]] = {}
        for one in by_name:
            namesakes.setdefault(one.name, []).append(self._member(one, files))
        choices = _choices(reach)
        find_team = team_finder(choices, reach.team_id)
        return Known(members, owners, namesakes, {one.id: one for one in choices}, find_team, units)

    def _member(self, row: Any, files: Mapping[int, FileContent]) -> KnownMember:
        return KnownMember(
            row.id,
            row.volunteer_no,
            row.name,
            row.team_id,
            row.unit_id,
            row.unit_name or "",
            row.status,
            row.is_merged,
            row.is_moving,
            row.national_id_hash,
            read_national_id(row.national_id_sealed, self.keys),
            files.get(row.id, FileContent()),
        )


def _choices(reach: Reach) -> list[TeamChoice]:
    return [TeamChoice(team.id, team.code, team.name) for team in list_teams(list(reach.scope))]
