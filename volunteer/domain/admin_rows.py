"""Lists of admins: rows of cells in, admins or reasons out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from volunteer.domain.admin_refusals import AdminUsernameMalformed, UsernameTaken
from volunteer.domain.admins import USERNAME
from volunteer.domain.cells import Cell, cell_text, is_number, tidy_name, tidy_plain
from volunteer.domain.characters import why_no_name
from volunteer.domain.headings import Vocabulary
from volunteer.domain.imports import Reach, Repair, StagedRow
from volunteer.domain.member_imports import only_near_team
from volunteer.domain.refusals import N_, Sentence

_LONGEST = 120


class AdminField(StrEnum):
    """What a column can say about an admin."""

    USERNAME = "username"
    NAME = "name"
    TEAM = "team"


ADMINS = Vocabulary(
    {
        AdminField.USERNAME: ("用户名", "登录名", "账号", "帐号", "账户", "登录账号", "username", "login"),
        AdminField.NAME: ("姓名", "管理员姓名", "管理员", "联系人", "name", "fullname"),
        AdminField.TEAM: (
            "队伍编码", "队伍代码", "队伍编号", "所属队伍编码", "管理队伍编码", "teamcode",
            "所属队伍", "管理队伍", "队伍", "队伍名称", "所在队伍", "team",
        ),
    },
    {
        AdminField.USERNAME: N_("用户名"),
        AdminField.NAME: N_("姓名"),
        AdminField.TEAM: N_("所属队伍"),
    },
    (AdminField.USERNAME, AdminField.NAME),
)  # fmt: skip


@dataclass(frozen=True)
class KnownAdmin:
    """An admin there is already."""

    id: int
    name: str
    team_id: int


def judge_admin(row: StagedRow, has_team_column: bool) -> None:
    """Fill values, repairs and reasons of an admin from the row's own cells."""
    for which, clean in _CLEANERS.items():
        cell = row.cells.get(which, "")
        seen, text = cell if isinstance(cell, str) else cell_text(cell), clean(cell)
        row.values[which] = text
        if seen != text or is_number(cell):
            row.propose(Repair(which, seen, text))
    if not USERNAME.fullmatch(row.values[AdminField.USERNAME]):
        row.reject(AdminUsernameMalformed().sentence)
    if not row.values[AdminField.NAME] or len(row.values[AdminField.NAME]) > _LONGEST:
        row.reject(Sentence(N_("请填写姓名。")))
    elif why := why_no_name(row.values[AdminField.NAME]):
        row.reject(why)
    if has_team_column and not row.values[AdminField.TEAM]:
        row.reject(Sentence(N_("没有填写所属队伍。")))
    row.key = row.values[AdminField.USERNAME]


def settle_admin(
    row: StagedRow, known: KnownAdmin | None, resolve: Callable[[str], int | Sentence], reach: Reach
) -> int | None:
    """The team the admin gets; rejects the row where there is none or the user name is another's."""
    team = resolve(row.values[AdminField.TEAM])
    if isinstance(team, Sentence) and (near := only_near_team([team])):
        row.propose(Repair(AdminField.TEAM, row.values[AdminField.TEAM], near))
        row.values[AdminField.TEAM] = near
        team = resolve(near)
    if isinstance(team, Sentence):
        row.reject(team)
        return None
    if known and (known.team_id not in reach.scope or tidy_name(known.name) != row.values[AdminField.NAME]):
        row.reject(UsernameTaken(username=row.key).sentence)
    elif known and known.team_id != team:
        row.reject(Sentence(N_("这位管理员已有账号，任命请在“管理员”页面修改。")))
    elif team not in reach.scope:
        row.reject(Sentence(N_("没有填写所属队伍。")))
    row.target_id = known.id if known else None
    return team


def _username(cell: Cell) -> str:
    return tidy_plain(cell_text(cell))


def _name(cell: Cell) -> str:
    return tidy_name(cell_text(cell))


_CLEANERS: Mapping[AdminField, Callable[[Cell], str]] = {
    AdminField.USERNAME: _username,
    AdminField.NAME: _name,
    AdminField.TEAM: _name,
}
