"""Importing members from a list that an office sends."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, insert, update

from volunteer.db import db, transaction
from volunteer.domain.cells import Cell, tidy_name
from volunteer.domain.headings import HeadingMissing, HeadingsMissing, find_headings
from volunteer.domain.import_reports import ImportReport, MemberRow
from volunteer.domain.member_imports import Known, KnownMember, Settled, TeamChoice, settle_members
from volunteer.domain.member_rows import read_members
from volunteer.domain.members import MemberStatus
from volunteer.domain.names import search_text
from volunteer.domain.national_ids import NONCE_BYTES, IdKeys, hash_national_id, seal_national_id
from volunteer.domain.refusals import N_, Refusal
from volunteer.models.columns import table_of
from volunteer.models.members import Member
from volunteer.models.teams import Team, Unit
from volunteer.queries.member_imports import list_id_owners, list_members_by_number, list_unit_ids
from volunteer.queries.teams import list_subtree_ids, list_teams
from volunteer.reading.sheets import Sheet
from volunteer.reading.workbooks import read_rows

_MEMBERS = table_of(Member)


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
    keep_going: bool = False,
) -> ImportReport:
    """Enter the members of a list into ``scope_team`` and the teams below it; what came of each row.

    All or nothing: one rejected row and nothing is written, unless ``keep_going`` takes
    the good ones. Safe to repeat: who is there already is updated or left unchanged.
    Units that are new are created; teams are not. Refuses a file that is no list.
    """
    draft = read_members(_list_in(read_rows(data, filename).sheets), now.date())
    hash_id = cache(lambda number: hash_national_id(number, keys))
    with transaction():
        existing = list_members_by_number([row.volunteer_no for row in draft.rows])
        hashes = [hash_id(row.national_id) for row in draft.rows if row.national_id]
        units = list_unit_ids([row.unit for row in draft.rows if row.unit])
        settled = settle_members(
            draft, _known(existing, list_id_owners(hashes), scope_team, frozenset(units)), hash_id
        )
        if settled.report.rejected and not keep_going:
            return settled.report
        units |= _add_units(settled.report.new_units)
        _add(settled, units, keys, now)
        _update(settled, existing, units, keys)
    return replace(settled.report, is_written=True)


def _list_in(sheets: Sequence[Sheet]) -> list[list[Cell]]:
    """The rows of the one visible sheet that has the headings; refuses where none or several have."""
    visible = [sheet for sheet in sheets if not sheet.is_hidden] or list(sheets)
    found: list[tuple[str, list[list[Cell]]]] = []
    refusals: list[Refusal] = []
    for sheet in visible:
        rows = sheet.filled_rows()
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
    existing: Mapping[str, Any], id_owners: Mapping[str, str], scope_team: Team, units: frozenset[str]
) -> Known:
    teams = list_teams(list_subtree_ids(scope_team.id))
    return Known(
        members={
            number: KnownMember(row.name, row.team_id, tidy_name(row.unit_name or ""), row.national_id_hash)
            for number, row in existing.items()
        },
        id_owners=id_owners,
        teams=[TeamChoice(team.id, team.code, team.name) for team in teams],
        default_team_id=scope_team.id,
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


def _update(settled: Settled, existing: Mapping[str, Any], units: Mapping[str, int], keys: IdKeys) -> None:
    """Move members to the team and unit of the list, and add ID numbers that were missing."""
    moves: list[dict[str, object]] = []
    numbers: list[dict[str, object]] = []
    for row in settled.report.updated:
        member = existing[row.volunteer_no]
        unit_id = units[row.unit] if row.unit else member.unit_id
        moves.append({"id": member.id, "team_id": settled.team_ids[row.row], "unit_id": unit_id})
        if row.national_id and member.national_id_hash is None:
            numbers.append({"id": member.id, **_id_columns(row, keys)})
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
