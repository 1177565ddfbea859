"""Members that a list wrote, taken back inside the transaction; whoever has served since is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from volunteer.db import db
from volunteer.domain.file_contents import FileContent, content_from
from volunteer.domain.imports import RowState, StagedRow
from volunteer.domain.refusals import N_, Sentence
from volunteer.models.access_log import AccessedMember
from volunteer.models.columns import table_of
from volunteer.models.members import Member
from volunteer.queries.imports import find_references
from volunteer.queries.member_imports import (
    list_dissolved_names,
    list_files,
    list_known_units,
    list_members_by_id,
    list_newest_moves,
    list_scanned_since,
)
from volunteer.writes.memberships import put_back
from volunteer.writes.people import FILE_TABLES, Filing, put_files_back, remove_files

_MEMBERS, _LOOKS = table_of(Member), table_of(AccessedMember)


def undo_members(
    rows: Sequence[StagedRow], written_at: datetime, contact_key: bytes, by_id: int | None, now: datetime
) -> None:
    """Remove members that were added and put back what was changed; say of each that stays why."""
    ids = [row.target_id for row in rows if row.target_id is not None]
    there, served = list_members_by_id(ids), list_scanned_since(ids, written_at)
    references, moves = find_references("members", ids), list_newest_moves(ids)
    files, units = list_files(ids, contact_key), list_known_units()
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
                filings.append(Filing(member.id, content, content_from(row.was["before"], content)))
    for row in back:
        put_back(row, units, now, by_id)
    put_files_back(filings, contact_key, now)
    remove_files(gone)
    # Who looks at the list just written notices the mistake in it: the log keeps its line and how many it
    # was about, and no longer points to somebody who was never there.
    db.session.execute(delete(_LOOKS).where(_LOOKS.c.member_id.in_(gone)))
    db.session.execute(delete(_MEMBERS).where(_MEMBERS.c.id.in_(gone)))


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
        before, content = row.before, self.content
        is_same_file = not row.was or content == content_from(row.was["after"], content)
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
        others = self.references - {_LOOKS.name} - (FILE_TABLES if row.was and is_same_file else frozenset())
        if others or self.member.password_hash is not None:
            return Sentence(N_("导入之后已有其他资料（如账号、报名），予以保留。"))
        return None
