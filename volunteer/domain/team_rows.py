"""Lists of teams: rows of cells in, teams or reasons out, by themselves and next to the tree there is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from volunteer.domain.cells import Cell, cell_text, tidy_code, tidy_name, tidy_text
from volunteer.domain.characters import why_no_name
from volunteer.domain.headings import Vocabulary
from volunteer.domain.import_reports import holds_id_number
from volunteer.domain.imports import Reach, Repair, StagedRow
from volunteer.domain.refusals import N_, Sentence
from volunteer.domain.teams import ORDER, TEAM_CODE, PartyKind, TeamLevel, may_hold

_SEPARATORS = re.compile(r"[、,，;；\n]+")
_LONGEST = 120
_POINT_ZERO = re.compile(r"([0-9]+)\.0+")


class TeamField(StrEnum):
    """What a column can say about a team."""

    CODE = "code"
    NAME = "name"
    LEVEL = "level"
    PARENT = "parent"
    UNITS = "units"
    PARTY_BRANCH = "party_branch"


TEAMS = Vocabulary(
    {
        TeamField.CODE: ("队伍编码", "队伍代码", "队伍编号", "编码", "编号", "代码", "teamcode", "code"),
        TeamField.NAME: ("队伍名称", "队伍", "名称", "队名", "中队名称", "分队名称", "teamname", "name"),
        TeamField.LEVEL: ("级别", "队伍级别", "层级", "类型", "队伍类型", "level"),
        TeamField.PARENT: (
            "上级队伍编码", "上级编码", "上级队伍", "上级", "所属队伍", "所属大队", "所属中队",
            "parentcode", "parent",
        ),
        TeamField.UNITS: (
            "单位", "单位名称", "对应单位", "所属单位", "组成单位", "units", "unit",
        ),
        TeamField.PARTY_BRANCH: ("党支部", "党组织", "所属党支部", "党支部名称", "partybranch"),
    },
    {
        TeamField.CODE: N_("队伍编码"),
        TeamField.NAME: N_("队伍名称"),
        TeamField.LEVEL: N_("级别"),
        TeamField.PARENT: N_("上级队伍编码"),
        TeamField.UNITS: N_("单位"),
        TeamField.PARTY_BRANCH: N_("党支部"),
    },
    (TeamField.CODE, TeamField.NAME),
)  # fmt: skip

_LEVELS = {
    "大队": TeamLevel.BRIGADE,
    "brigade": TeamLevel.BRIGADE,
    "中队": TeamLevel.SQUADRON,
    "squadron": TeamLevel.SQUADRON,
    "分队": TeamLevel.DETACHMENT,
    "detachment": TeamLevel.DETACHMENT,
}
_NAMES = {TeamLevel.BRIGADE: "大队", TeamLevel.SQUADRON: "中队", TeamLevel.DETACHMENT: "分队"}


@dataclass(frozen=True)
class KnownTeam:
    """A team there is already."""

    id: int
    code: str
    name: str
    level: TeamLevel
    parent_id: int | None
    is_dissolved: bool = False
    party_branch: str = ""


def judge_team(row: StagedRow) -> None:
    """Fill values, repairs and reasons of a team from its own cells."""
    for which, clean in _CLEANERS.items():
        cell = row.cells.get(which, "")
        text = clean(cell)
        seen = cell if isinstance(cell, str) else cell_text(cell)
        row.values[which] = text
        if seen != text and which is not TeamField.LEVEL:
            row.propose(Repair(which, seen, text))
        if holds_id_number(text):
            row.reject(Sentence(N_("这一栏里像是身份证号码，请检查各列是否对齐。")))
        if len(text) > _LONGEST and which is not TeamField.UNITS:
            params: dict[str, str | int] = {"longest": _LONGEST}
            row.reject(Sentence(N_("内容超过 %(longest)s 个字，请检查各列是否对齐。"), params))
    if not TEAM_CODE.fullmatch(row.values[TeamField.CODE]):
        row.reject(Sentence(N_("队伍编码应为 1 到 32 位字母、数字或连字符。")))
    if not row.values[TeamField.NAME]:
        row.reject(Sentence(N_("没有填写队伍名称。")))
    for name in (row.values[TeamField.NAME], row.values[TeamField.UNITS]):
        if why := why_no_name(name, is_title=True):
            row.reject(why)
    _judge_level(row)
    row.key = row.values[TeamField.CODE]


def _judge_level(row: StagedRow) -> None:
    """The level as it is kept; an empty one is proposed from how the name ends."""
    said, name = row.values[TeamField.LEVEL], row.values[TeamField.NAME]
    level = next((level for word, level in _LEVELS.items() if said.endswith(word)), None)
    if level is None and not said:
        level = next((level for word, level in _LEVELS.items() if name.endswith(word)), None)
        if level:
            row.propose(Repair(TeamField.LEVEL, "", _NAMES[level]))
    if level is None:
        row.reject(Sentence(N_("级别应写“大队”“中队”或“分队”。")))
        return
    row.values[TeamField.LEVEL], row.rank = level, ORDER.index(level)


def _code(cell: Cell) -> str:
    code = tidy_code(cell_text(cell))
    pointed = _POINT_ZERO.fullmatch(code)
    return pointed[1] if pointed else code


def _name(cell: Cell) -> str:
    return tidy_name(cell_text(cell))


def _units(cell: Cell) -> str:
    names = (
        tidy_name(part) for part in _SEPARATORS.split(str(cell) if isinstance(cell, str) else cell_text(cell))
    )
    return "、".join(dict.fromkeys(name for name in names if name))


def _level(cell: Cell) -> str:
    return tidy_text(cell_text(cell)).replace(" ", "").lower()


_CLEANERS: dict[TeamField, Callable[[Cell], str]] = {
    TeamField.CODE: _code,
    TeamField.NAME: _name,
    TeamField.LEVEL: _level,
    TeamField.PARENT: _name,
    TeamField.UNITS: _units,
    TeamField.PARTY_BRANCH: _name,
}


def split_units(text: str) -> list[str]:
    """The unit names of one row."""
    return [name for name in text.split("、") if name]


class Tree:
    """The teams there are and those that the list brings, found by code or name."""

    def __init__(self, known: Sequence[KnownTeam], rows: Sequence[StagedRow], reach: Reach) -> None:
        self.known, self.reach = {team.code: team for team in known}, reach
        self.by_id = {team.id: team for team in known}
        self.brought = {row.key: row for row in rows if row.is_good}
        self.names = {tidy_name(team.name): team.id for team in known if not team.is_dissolved}
        self.codes_by_name: dict[str, set[str]] = {}
        for name, code in [
            *((tidy_name(team.name), team.code) for team in known if self._is_open(team)),
            *((row.values[TeamField.NAME], key) for key, row in self.brought.items()),
        ]:
            self.codes_by_name.setdefault(name, set()).add(code)

    def _is_open(self, team: KnownTeam) -> bool:
        return team.id in self.reach.scope and not team.is_dissolved

    def is_name_taken(self, row: StagedRow, team: KnownTeam | None) -> bool:
        """Whether another team that stays has, or would get, the name of this row.

        Who has the name already keeps it, whatever other rows say.
        """
        name = row.values[TeamField.NAME]
        owner = self.names.get(name)
        if owner is not None and team is not None and owner == team.id:
            return False
        if owner is not None:
            brought = self.brought.get(self.by_id[owner].code)
            return brought is None or brought.values[TeamField.NAME] == name
        return any(one.values[TeamField.NAME] == name for key, one in self.brought.items() if key != row.key)

    def meant_by(self, row: StagedRow) -> KnownTeam | None:
        """The team that the row is about; a brigade that is alone yet gets the code of the first list."""
        root = self.by_id[self.reach.team_id]
        is_brigade = row.values[TeamField.LEVEL] == TeamLevel.BRIGADE
        is_bare = root.level == TeamLevel.BRIGADE and len(self.by_id) == 1
        if row.key not in self.known and is_brigade and is_bare:
            return root
        return self.known.get(row.key)

    def parent_code(self, text: str) -> str | None:
        """The code of the team called so, in the list or within the scope; None where there is none."""
        code = tidy_code(text)
        team = self.known.get(code)
        if code in self.brought or (team and self._is_open(team)):
            return code
        found = self.codes_by_name.get(text, set())
        return next(iter(found)) if len(found) == 1 else None

    def level_of(self, code: str) -> TeamLevel:
        """The level of a team in the list, else of the one there is."""
        brought = self.brought.get(code)
        return TeamLevel(brought.values[TeamField.LEVEL]) if brought else self.known[code].level


def settle_team(row: StagedRow, tree: Tree) -> None:
    """Compare a judged team with the tree: add, update or leave it, or say why it cannot be."""
    row.forget_plan()
    team = tree.meant_by(row)
    level = TeamLevel(row.values[TeamField.LEVEL])
    if team and team.id not in tree.reach.scope:
        row.reject(Sentence(N_("队伍编码 %(code)s 已被使用。"), {"code": row.key}))
        return
    if team and team.is_dissolved:
        row.reject(Sentence(N_("队伍编码 %(code)s 属于已撤销的队伍。"), {"code": row.key}))
        return
    if tree.is_name_taken(row, team):
        row.reject(Sentence(N_("已有名为“%(name)s”的队伍。"), {"name": row.values[TeamField.NAME]}))
        return
    if team and team.level != level:
        row.reject(Sentence(N_("级别与已登记的不同，请在“队伍”页面修改。")))
        return
    row.target_id = team.id if team else None
    if team and team.id == tree.reach.team_id:
        # One's own team hangs where it hangs.
        row.values[TeamField.PARENT] = ""
    elif level is TeamLevel.BRIGADE:
        row.reject(Sentence(N_("只能有一个大队：不能再新建，已有队伍的大队也不能改编码。")))
        return
    else:
        _settle_parent(row, tree, level)
    if team and row.is_good:
        _note_changes(row, team, tree)


def _note_changes(row: StagedRow, team: KnownTeam, tree: Tree) -> None:
    """Say what would become another of a team that exists."""
    parent, branch = row.values[TeamField.PARENT], row.values[TeamField.PARTY_BRANCH]
    above = tree.by_id.get(team.parent_id or 0)
    for name, was, now in (
        (TeamField.CODE, team.code, row.key),
        (TeamField.NAME, team.name, row.values[TeamField.NAME]),
        (TeamField.PARENT, above.code if above else "", parent or (above.code if above else "")),
        (TeamField.PARTY_BRANCH, team.party_branch, branch or team.party_branch),
    ):
        if was != now:
            row.change(name, was, now, is_asked=bool(was))


def _settle_parent(row: StagedRow, tree: Tree, level: TeamLevel) -> None:
    said = row.values[TeamField.PARENT]
    own = tree.by_id[tree.reach.team_id]
    own_code = next((key for key, one in tree.brought.items() if tree.meant_by(one) == own), own.code)
    parent = tree.parent_code(said) if said else own_code
    if parent is None and tidy_code(said) == own.code:
        parent = own_code
    if parent is None:
        row.reject(Sentence(N_("没有上级队伍“%(team)s”，或不在您的管理范围内。"), {"team": said}))
    elif not may_hold(tree.level_of(parent), level):
        row.reject(Sentence(N_("上级队伍的级别必须更高。")))
    elif said != parent:
        row.propose(Repair(TeamField.PARENT, said, parent))
        row.values[TeamField.PARENT] = parent


def party_kind_of(name: str) -> PartyKind | None:
    """The kind of party organisation, as its name ends; a branch where it does not say."""
    if not name:
        return None
    if name.endswith("党委"):
        return PartyKind.PARTY_COMMITTEE
    return PartyKind.GENERAL_BRANCH if name.endswith("总支") else PartyKind.PARTY_BRANCH


def names_of_levels() -> Mapping[TeamLevel, str]:
    """How the levels are written in a list."""
    return _NAMES
