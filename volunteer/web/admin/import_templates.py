"""Templates of the lists that can be imported: headings in two languages, an example, drop-downs, notes."""

from collections.abc import Sequence

from flask import g
from flask_babel import gettext as _

from volunteer.domain.admin_rows import AdminField
from volunteer.domain.commendation_rows import CommendationField
from volunteer.domain.entry_rows import MEMBER, NUMBER
from volunteer.domain.headings import Field, Vocabulary
from volunteer.domain.imports import ImportKind
from volunteer.domain.person_rows import KINDS, SEXES
from volunteer.domain.team_rows import TeamField, names_of_levels
from volunteer.domain.training_rows import TrainingField
from volunteer.drawing.workbooks import Column, Template
from volunteer.models.teams import Team
from volunteer.queries.commendations import list_commendation_words
from volunteer.queries.imports import list_unit_names
from volunteer.queries.training_records import list_training_words

# What an example says; such a row is passed over when the list comes back.
EXAMPLES: dict[ImportKind, dict[str, str]] = {
    ImportKind.MEMBERS: {
        Field.VOLUNTEER_NO: "示例-0001",
        Field.NAME: "张三",
        Field.UNIT: "区法院",
        Field.BORN_ON: "1990-05-01",
        Field.PHONE: "13800138000",
        Field.WECHAT: "zhangsan_88",
        Field.EMAIL: "zhangsan@example.com",
        Field.EMERGENCY: "李四",
        Field.EMERGENCY_PHONE: "13900139000",
        Field.SKILLS: "急救、英语",
        Field.FREE_TIMES: "周六上午、周日下午",
    },
    ImportKind.TEAMS: {
        TeamField.CODE: "示例-ZD01",
        TeamField.NAME: "第一服务中队",
        TeamField.LEVEL: "中队",
        TeamField.UNITS: "区法院、区检察院",
        TeamField.PARTY_BRANCH: "第一党支部",
    },
    ImportKind.ADMINS: {AdminField.USERNAME: "示例-zhangsan", AdminField.NAME: "张三"},
    ImportKind.TRAINING: {
        NUMBER: "示例-0001",
        MEMBER: "张三",
        TrainingField.TRAINING: "交通安全培训",
        TrainingField.CONTENT: "指挥手势和站位",
        TrainingField.HOURS: "1.5",
        TrainingField.ORGANISER: "交警大队",
        TrainingField.HELD_ON: "2026-03-05",
    },
    ImportKind.COMMENDATIONS: {
        NUMBER: "示例-0001",
        MEMBER: "张三",
        CommendationField.HONOUR: "优秀志愿者",
        CommendationField.GRANTED_ON: "2026-03-05",
        CommendationField.GRANTING_UNIT: "区直机关工委",
    },
}
# The other half of bilingual headings; brackets are passed over when the list comes back.
ENGLISH: dict[str, str] = {
    Field.VOLUNTEER_NO: "Volunteer No.",
    Field.NAME: "Name",
    Field.UNIT: "Unit",
    Field.TEAM: "Team code",
    Field.NATIONAL_ID: "National ID",
    Field.SEX: "Sex",
    Field.BORN_ON: "Date of birth",
    Field.PHONE: "Telephone",
    Field.WECHAT: "WeChat",
    Field.EMAIL: "Email",
    Field.EMERGENCY: "Emergency contact",
    Field.EMERGENCY_PHONE: "Emergency telephone",
    Field.RESIDENCE: "Residence",
    Field.SKILLS: "Skills",
    Field.SERVICE_KINDS: "Service wishes",
    Field.FREE_TIMES: "Free times",
    TeamField.CODE: "Team code",
    TeamField.LEVEL: "Level",
    TeamField.PARENT: "Parent code",
    TeamField.UNITS: "Units",
    TeamField.PARTY_BRANCH: "Party branch",
    AdminField.USERNAME: "User name",
    MEMBER: "Name",
    TrainingField.TRAINING: "Training name",
    TrainingField.CONTENT: "Main content",
    TrainingField.HOURS: "Learning hours",
    TrainingField.ORGANISER: "Organising unit",
    TrainingField.HELD_ON: "Date",
    CommendationField.HONOUR: "Name of the commendation",
    CommendationField.GRANTED_ON: "Date granted",
    CommendationField.GRANTING_UNIT: "Granting unit",
}
SHEETS = {
    ImportKind.MEMBERS: "志愿者",
    ImportKind.TEAMS: "队伍",
    ImportKind.ADMINS: "管理员",
    ImportKind.TRAINING: "培训记录",
    ImportKind.COMMENDATIONS: "表彰奖励",
}
ENTRIES = (ImportKind.TRAINING, ImportKind.COMMENDATIONS)
_USUAL_HOURS = ("0.5", "1", "1.5", "2", "3", "4", "6", "8")


def template_of(kind: ImportKind, vocabulary: Vocabulary, teams: list[Team]) -> Template:
    """The empty list of this kind, with what there is within the scope to choose from."""
    codes = [team.code for team in teams]
    choices = _choices(kind, teams)
    examples = EXAMPLES[kind] | {Field.TEAM: codes[0], TeamField.PARENT: codes[0]}
    columns = [
        Column(
            f"{label}（{ENGLISH[name]}）",
            examples.get(name, ""),
            choices.get(name, ()),
            is_needed=name in vocabulary.needed,
        )
        for name, label in vocabulary.labels.items()
    ]
    notes = [
        _("红色表头的列必须填写。示例行可以留着，导入时会跳过。"),
        _("所有列都已设为文本，编号和身份证号不会被改成科学计数。请不要改变单元格格式。"),
    ]
    if kind in ENTRIES:
        return Template(SHEETS[kind], columns, "填写说明 Notes", [*notes, *_entry_notes(kind)])
    notes += [
        _("队伍可以填编码，也可以填名称。下面是您管理范围内的队伍："),
        *(f"{team.code}  {team.name}" for team in teams),
    ]
    if kind is ImportKind.MEMBERS:
        notes.insert(2, _("编号不填就自动编号。空着的格子不会清掉已有的资料。"))
        notes.insert(3, _("电话、微信号、电子邮箱、技能、服务意愿和可服务时间可以填多个，用顿号分开。"))
    if kind is ImportKind.TEAMS:
        notes.insert(2, _("单位可以填多个，用顿号分开。上级队伍可以在同一张表里。"))
    return Template(SHEETS[kind], columns, "填写说明 Notes", notes)


def _choices(kind: ImportKind, teams: list[Team]) -> dict[str, Sequence[str]]:
    """What may be chosen in the columns of a template, by field: what there is within the scope."""
    codes, names = [team.code for team in teams], [team.name for team in teams]
    if kind is ImportKind.TRAINING:
        trainings, organisers = list_training_words(g.scope)
        return {
            TrainingField.TRAINING: trainings,
            TrainingField.HOURS: _USUAL_HOURS,
            TrainingField.ORGANISER: list(dict.fromkeys([*organisers, *names])),
        }
    if kind is ImportKind.COMMENDATIONS:
        honours, granting = list_commendation_words(g.scope)
        return {
            CommendationField.HONOUR: honours,
            CommendationField.GRANTING_UNIT: list(dict.fromkeys([*granting, *names])),
        }
    return {
        Field.TEAM: codes,
        Field.UNIT: list_unit_names() if kind is ImportKind.MEMBERS else [],
        Field.SEX: list(SEXES),
        Field.SERVICE_KINDS: list(KINDS),
        TeamField.LEVEL: [] if kind is not ImportKind.TEAMS else [*names_of_levels().values()][1:],
        TeamField.PARENT: codes,
    }


def _entry_notes(kind: ImportKind) -> list[str]:
    notes = [
        _("每行一位志愿者的一条。同一次培训或表彰有几个人，就写几行。"),
        _("姓名可以不填；填了，会和编号登记的姓名核对。"),
        _("日期写成 2026-03-05 这样。"),
    ]
    return [*notes, _("学时写小时数，最多一位小数，例如 1.5。")] if kind is ImportKind.TRAINING else notes
