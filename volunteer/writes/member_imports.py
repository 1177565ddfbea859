"""Rows of a list written as members, inside the transaction: added, moved, and their files filled."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import bindparam, insert, update

from volunteer.db import db
from volunteer.domain.file_contents import FileContent
from volunteer.domain.headings import Field
from volunteer.domain.imports import Reach, RowState, StagedRow
from volunteer.domain.known_units import KnownUnits
from volunteer.domain.member_imports import Target
from volunteer.domain.members import MemberStatus
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys, seal_national_id
from volunteer.models.columns import table_of
from volunteer.models.members import Member
from volunteer.models.teams import Unit
from volunteer.queries.member_imports import list_known_units, list_members_by_number, list_unit_ids
from volunteer.queries.members import find_free_numbers
from volunteer.queries.teams import get_team_by_id
from volunteer.writes.memberships import Moving, move_members
from volunteer.writes.people import Filing, write_files

_MEMBERS = table_of(Member)
_NUMBERS_AT_ONCE = 500


@dataclass(frozen=True)
class MemberWriting:
    """Where good rows lead, by their number in the file, and what writing them takes.

    ``by_id`` is the admin who answers for it; the days of changes are those of ``zone``.
    """

    targets: Mapping[int, Target]
    reach: Reach
    keys: IdKeys
    contact_key: bytes
    zone: tzinfo
    by_id: int | None
    now: datetime

    def write(self, rows: Sequence[StagedRow], units: KnownUnits) -> list[int]:
        """Add and change members; note what each was before. Gives the ids of new units."""
        new_units = _add_units(units.list_new(row.values[Field.UNIT] for row in rows))
        units = list_known_units() if new_units else units
        added = [row for row in rows if row.state is RowState.ADDED]
        self._add(added, units)
        updated = [row for row in rows if row.state is RowState.UPDATED]
        self._update(updated, units)
        self._file([*added, *updated])
        return new_units

    def _add(self, rows: Sequence[StagedRow], units: KnownUnits) -> None:
        named = [row for row in rows if row.values[Field.VOLUNTEER_NO]]
        self._insert(named, units)
        by_team: dict[int, list[StagedRow]] = {}
        for row in rows:
            if not row.values[Field.VOLUNTEER_NO]:
                by_team.setdefault(self.targets[row.row].team_id, []).append(row)
        for team_id, nameless in sorted(by_team.items()):
            free = _free_numbers(team_id, len(nameless), self.reach)
            for row, number in zip(nameless, free, strict=True):
                row.values[Field.VOLUNTEER_NO] = number
            self._insert(nameless, units)
        added = {
            one.volunteer_no: one.id
            for one in list_members_by_number([row.values[Field.VOLUNTEER_NO] for row in rows])
        }
        for row in rows:
            row.target_id = added[row.values[Field.VOLUNTEER_NO]]

    def _insert(self, rows: Sequence[StagedRow], units: KnownUnits) -> None:
        values = [
            {
                "volunteer_no": row.values[Field.VOLUNTEER_NO],
                "name": row.values[Field.NAME],
                "search_keys": search_text(row.values[Field.NAME]),
                "team_id": self.targets[row.row].team_id,
                "unit_id": _unit_id(row, units),
                "status": MemberStatus.ACTIVE,
                "status_at": self.now,
                "created_at": self.now,
                **self._id_columns(row),
            }
            for row in rows
        ]
        if values:
            db.session.execute(insert(_MEMBERS), values)

    def _update(self, rows: Sequence[StagedRow], units: KnownUnits) -> None:
        """Move members to the team and unit of the list, and add ID numbers that were missing."""
        moving: list[Moving] = []
        numbers: list[dict[str, object]] = []
        for row in rows:
            member = self.targets[row.row].member
            assert member  # noqa: S101 - an updated row has one
            unit_id = _unit_id(row, units) if row.values[Field.UNIT] else member.unit_id
            row.before = {
                "team_id": member.team_id,
                "unit_id": member.unit_id,
                "had_id": member.national_id_hash is not None,
                "new_team_id": self.targets[row.row].team_id,
                "new_unit_id": unit_id,
            }
            if (member.team_id, member.unit_id) != (self.targets[row.row].team_id, unit_id):
                moving.append(Moving(row, member.id, self.targets[row.row].team_id, unit_id))
            if row.id_hash and member.national_id_hash is None:
                numbers.append({"id": member.id, **self._id_columns(row)})
        move_members(moving, self.now, self.now.astimezone(self.zone).date(), self.by_id)
        _change_members(numbers)

    def _file(self, rows: Sequence[StagedRow]) -> None:
        """Write what the rows say of people's files, and keep what stood there."""
        filings = []
        for row in rows:
            target = self.targets[row.row]
            there = target.member.content if target.member else FileContent()
            row.was = {"before": asdict(there), "after": asdict(target.content)}
            if target.content != there:
                filings.append(Filing(row.target_id or 0, there, target.content))
        write_files(filings, self.contact_key, self.now)

    def _id_columns(self, row: StagedRow) -> dict[str, object]:
        number = row.values[Field.NATIONAL_ID]
        if not number:
            return {"national_id_sealed": None, "national_id_hash": None}
        sealed = seal_national_id(number, self.keys, secrets.token_bytes(NONCE_BYTES))
        return {"national_id_sealed": sealed, "national_id_hash": row.id_hash}


def _free_numbers(team_id: int, count: int, reach: Reach) -> list[str]:
    """Numbers that nobody has and no row of the list names: who is entered later keeps the own one."""
    team, free, seen = get_team_by_id(team_id), list[str](), list[str]()
    while len(free) < count:
        some = find_free_numbers(team, max(count, _NUMBERS_AT_ONCE), seen)
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
