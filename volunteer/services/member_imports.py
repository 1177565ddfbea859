"""Importing members from a list that an office sends."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from volunteer.db import db
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
from volunteer.domain.members import MemberStatus
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import (
    NONCE_BYTES,
    IdKeys,
    hash_national_id,
    read_national_id,
    seal_national_id,
)
from volunteer.domain.person_rows import FileContent, content_from
from volunteer.domain.refusals import N_, Sentence
from volunteer.models.columns import table_of
from volunteer.models.members import Member
from volunteer.models.teams import Unit
from volunteer.queries.imports import find_references
from volunteer.queries.member_imports import (
    list_dissolved_names,
    list_files,
    list_id_owners,
    list_known_units,
    list_members_by_id,
    list_members_by_name,
    list_members_by_number,
    list_newest_moves,
    list_scanned_since,
    list_unit_ids,
)
from volunteer.queries.members import find_free_numbers, lock_members
from volunteer.queries.teams import get_team_by_id, list_teams
from volunteer.writes.memberships import Moving, move_members, put_back
from volunteer.writes.people import FILE_TABLES, Filing, put_files_back, remove_files, write_files

_MEMBERS = table_of(Member)


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
        new_units = _add_units(units.list_new(row.values[Field.UNIT] for row in good))
        units = list_known_units() if new_units else units
        added = [row for row in good if row.state is RowState.ADDED]
        self._add(added, targets, units, reach, now)
        updated = [row for row in good if row.state is RowState.UPDATED]
        self._update(updated, targets, units, now)
        self._file([*added, *updated], targets, now)
        return new_units

    def undo(self, rows: Sequence[StagedRow], written_at: datetime, now: datetime) -> None:
        """Remove members that were added and put back what was changed; who has served since is kept."""
        ids = [row.target_id for row in rows if row.target_id is not None]
        there, served = list_members_by_id(ids), list_scanned_since(ids, written_at)
        references, moves = find_references("members", ids), list_newest_moves(ids)
        files, units = list_files(ids, self.contact_key), list_known_units()
        dissolved = list_dissolved_names({row.before["team_id"] for row in rows if row.before})
        gone, back, filings = list[int](), list[StagedRow](), list[Filing]()
        for row in rows:
            member = there.get(row.target_id or 0)
            if member is None:
                row.state = RowState.UNDONE
                continue
            content = files.get(member.id, FileContent())
            held = references.get(member.id, set())
            seen = _Seen(member, member.id in served, held, content, moves, dissolved)
            why = seen.why_kept(row)
            row.state, row.reasons = (RowState.KEPT, [why]) if why else (RowState.UNDONE, [])
            if why is None and row.before is None:
                gone.append(member.id)
            elif why is None:
                back.append(row)
                if row.was:
                    filings.append(Filing(member.id, content, content_from(row.was["before"])))
        for row in back:
            put_back(row, units, now, self.by_id)
        put_files_back(filings, self.contact_key, now)
        remove_files(gone)
        db.session.execute(delete(_MEMBERS).where(_MEMBERS.c.id.in_(gone)))

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

    def _add(
        self,
        rows: Sequence[StagedRow],
        targets: Mapping[int, Target],
        units: KnownUnits,
        reach: Reach,
        now: datetime,
    ) -> None:
        named = [row for row in rows if row.values[Field.VOLUNTEER_NO]]
        self._insert(named, targets, units, now)
        by_team: dict[int, list[StagedRow]] = {}
        for row in rows:
            if not row.values[Field.VOLUNTEER_NO]:
                by_team.setdefault(targets[row.row].team_id, []).append(row)
        for team_id, nameless in sorted(by_team.items()):
            free = _free_numbers(team_id, len(nameless), reach)
            for row, number in zip(nameless, free, strict=True):
                row.values[Field.VOLUNTEER_NO] = number
            self._insert(nameless, targets, units, now)
        added = {
            one.volunteer_no: one.id
            for one in list_members_by_number([row.values[Field.VOLUNTEER_NO] for row in rows])
        }
        for row in rows:
            row.target_id = added[row.values[Field.VOLUNTEER_NO]]

    def _insert(
        self, rows: Sequence[StagedRow], targets: Mapping[int, Target], units: KnownUnits, now: datetime
    ) -> None:
        values = [
            {
                "volunteer_no": row.values[Field.VOLUNTEER_NO],
                "name": row.values[Field.NAME],
                "search_keys": search_text(row.values[Field.NAME]),
                "team_id": targets[row.row].team_id,
                "unit_id": _unit_id(row, units),
                "status": MemberStatus.ACTIVE,
                "status_at": now,
                "created_at": now,
                **self._id_columns(row),
            }
            for row in rows
        ]
        if values:
            db.session.execute(insert(_MEMBERS), values)

    def _update(
        self, rows: Sequence[StagedRow], targets: Mapping[int, Target], units: KnownUnits, now: datetime
    ) -> None:
        """Move members to the team and unit of the list, and add ID numbers that were missing."""
        moving: list[Moving] = []
        numbers: list[dict[str, object]] = []
        for row in rows:
            member = targets[row.row].member
            assert member  # noqa: S101 - an updated row has one
            unit_id = _unit_id(row, units) if row.values[Field.UNIT] else member.unit_id
            row.before = {
                "team_id": member.team_id,
                "unit_id": member.unit_id,
                "had_id": member.national_id_hash is not None,
                "new_team_id": targets[row.row].team_id,
                "new_unit_id": unit_id,
            }
            if (member.team_id, member.unit_id) != (targets[row.row].team_id, unit_id):
                moving.append(Moving(row, member.id, targets[row.row].team_id, unit_id))
            if row.id_hash and member.national_id_hash is None:
                numbers.append({"id": member.id, **self._id_columns(row)})
        move_members(moving, now, now.astimezone(self.zone).date(), self.by_id)
        _change_members(numbers)

    def _file(self, rows: Sequence[StagedRow], targets: Mapping[int, Target], now: datetime) -> None:
        """Write what the rows say of people's files, and keep what stood there."""
        filings = []
        for row in rows:
            target = targets[row.row]
            there = target.member.content if target.member else FileContent()
            row.was = {"before": asdict(there), "after": asdict(target.content)}
            if target.content != there:
                filings.append(Filing(row.target_id or 0, there, target.content))
        write_files(filings, self.contact_key, now)

    def _id_columns(self, row: StagedRow) -> dict[str, object]:
        number = row.values[Field.NATIONAL_ID]
        if not number:
            return {"national_id_sealed": None, "national_id_hash": None}
        sealed = seal_national_id(number, self.keys, secrets.token_bytes(NONCE_BYTES))
        return {"national_id_sealed": sealed, "national_id_hash": row.id_hash}


@dataclass(frozen=True)
class _Seen:
    """A member that an import wrote, as it stands when the import is taken back."""

    member: Any
    has_scans: bool
    references: set[str]
    content: FileContent
    moves: Mapping[int, int]
    dissolved: Mapping[int, str]

    def why_kept(self, row: StagedRow) -> Sentence | None:
        """Why the member stays as the import left it, or None where it can be taken back."""
        before, is_same_file = row.before, not row.was or self.content == content_from(row.was["after"])
        if self.has_scans or (before is None and self.references & {"scans", "service_records"}):
            return Sentence(N_("导入之后已有刷卡或服务记录，予以保留。"))
        if before is not None:
            place = self.member.team_id, self.member.unit_id
            has_moved = before.get("event_id") not in (None, self.moves.get(self.member.id))
            if has_moved or place != (before["new_team_id"], before["new_unit_id"]):
                return Sentence(N_("导入之后队伍或单位又有变动，予以保留。"))
            if name := self.dissolved.get(before["team_id"]):
                return Sentence(N_("原来的队伍“%(name)s”已撤销，不能再有人加入，予以保留。"), {"name": name})
            return None if is_same_file else Sentence(N_("导入之后个人资料又有变动，予以保留。"))
        if "cards" in self.references:
            return Sentence(N_("导入之后已发卡，予以保留。"))
        others = self.references - (FILE_TABLES if row.was and is_same_file else frozenset())
        if others or self.member.password_hash is not None:
            return Sentence(N_("导入之后已有其他资料（如查阅日志、账号），予以保留。"))
        return None


def _choices(reach: Reach) -> list[TeamChoice]:
    return [TeamChoice(team.id, team.code, team.name) for team in list_teams(list(reach.scope))]


def _free_numbers(team_id: int, count: int, reach: Reach) -> list[str]:
    """Numbers that nobody has and no row of the list names: who is entered later keeps the own one."""
    team, free, seen = get_team_by_id(team_id), list[str](), list[str]()
    while len(free) < count:
        some = find_free_numbers(team, max(count, MemberLists.at_once), seen)
        named = reach.list_named(some)
        free += [number for number in some if number not in named]
        seen += some
    return free[:count]


def _unit_id(row: StagedRow, units: KnownUnits) -> int | None:
    unit = units.find(row.values[Field.UNIT]) if row.values[Field.UNIT] else None
    return unit.id if unit else None


def _add_units(names: Sequence[str]) -> list[int]:
    if names:
        db.session.execute(insert(Unit), [{"name": name} for name in names])
    return list(list_unit_ids(names).values())


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
