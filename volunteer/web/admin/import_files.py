"""Files around imports: templates to fill in, the rows that were not taken, and start passwords."""

import io
from collections.abc import Iterator
from typing import IO

from flask import Response, abort, g, request
from flask_babel import gettext as _

from volunteer.domain.access_log import AccessKind
from volunteer.domain.admin_rows import AdminField
from volunteer.domain.cells import cell_text
from volunteer.domain.headings import Field
from volunteer.domain.imports import NOT_TAKEN, ImportKind, ListKind, RowState
from volunteer.domain.refusals import NotFound
from volunteer.domain.roles import Capability
from volunteer.domain.team_rows import TeamField, names_of_levels
from volunteer.drawing.workbooks import Column, Template, Value, draw_table, draw_template
from volunteer.models.teams import Team
from volunteer.queries.imports import get_import, iterate_rows, list_unit_names
from volunteer.queries.teams import list_teams
from volunteer.services.access_log import note_access
from volunteer.services.imports import take_secrets
from volunteer.web.admin import admin
from volunteer.web.admin.guards import allows, needs
from volunteer.web.admin.import_kinds import ALSO_NEEDS, id_keys, rules_of
from volunteer.web.clock import now
from volunteer.web.downloads import attachment
from volunteer.web.languages import translate

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 1 << 16
# What an example says; such a row is passed over when the list comes back.
EXAMPLES: dict[ImportKind, dict[str, str]] = {
    ImportKind.MEMBERS: {Field.VOLUNTEER_NO: "示例-0001", Field.NAME: "张三", Field.UNIT: "区法院"},
    ImportKind.TEAMS: {
        TeamField.CODE: "示例-ZD01",
        TeamField.NAME: "第一服务中队",
        TeamField.LEVEL: "中队",
        TeamField.UNITS: "区法院、区检察院",
        TeamField.PARTY_BRANCH: "第一党支部",
    },
    ImportKind.ADMINS: {AdminField.USERNAME: "示例-zhangsan", AdminField.NAME: "张三"},
}
# The other half of bilingual headings; brackets are passed over when the list comes back.
ENGLISH: dict[str, str] = {
    Field.VOLUNTEER_NO: "Volunteer No.",
    Field.NAME: "Name",
    Field.UNIT: "Unit",
    Field.TEAM: "Team code",
    Field.NATIONAL_ID: "National ID",
    TeamField.CODE: "Team code",
    TeamField.LEVEL: "Level",
    TeamField.PARENT: "Parent code",
    TeamField.UNITS: "Units",
    TeamField.PARTY_BRANCH: "Party branch",
    AdminField.USERNAME: "User name",
}
SHEETS = {ImportKind.MEMBERS: "志愿者", ImportKind.TEAMS: "队伍", ImportKind.ADMINS: "管理员"}


@admin.get("/imports/templates/<any(members, teams, admins):kind>.xlsx")
@needs(Capability.IMPORT_MEMBERS)
def import_template(kind: str) -> Response:
    """An empty list with text columns, drop-downs of what there is, and notes."""
    which = ImportKind(kind)
    if not allows(ALSO_NEEDS[which]):
        abort(403)
    data = draw_template(_template(which, rules_of(which, g.admin.id), list_teams(g.scope)))
    return send_away(io.BytesIO(data), f"{SHEETS[which]}.xlsx")


@admin.get("/imports/<int:import_id>/rejected.xlsx")
@needs(Capability.IMPORT_MEMBERS)
def import_rejected(import_id: int) -> Response:
    """The rows that were not taken, as the list had them, with every reason."""
    one = get_import(g.scope, import_id)
    if not allows(ALSO_NEEDS[ImportKind(one.kind)]):
        abort(403)
    rules = rules_of(ImportKind(one.kind), one.admin_id)
    names = list(rules.vocabulary.labels)
    headings = [*(rules.vocabulary.labels[name] for name in names), _("行号"), _("未导入的原因")]
    note_access(g.admin, AccessKind.EXPORTED, [], f"rejected rows of import {import_id}", now())

    def rows() -> Iterator[list[Value]]:
        for row in iterate_rows(import_id, id_keys(), (*NOT_TAKEN, RowState.KEPT)):
            reasons = [translate(one) for one in row.reasons]
            if row.state is RowState.PROPOSED:
                reasons.append(_("修正建议没有被接受。"))
            yield [*(cell_text(row.cells.get(name)) for name in names), row.row, " ".join(reasons)]

    return send_away(draw_table(_("未导入的行"), headings, rows()), "rejected.xlsx")


@admin.post("/imports/<int:import_id>/passwords.xlsx")
@needs(Capability.IMPORT_MEMBERS)
def import_passwords(import_id: int) -> Response:
    """The start passwords of new admins, this once."""
    one = get_import(g.scope, import_id)
    if not allows(ALSO_NEEDS[ImportKind(one.kind)]):
        abort(403)
    rows = take_secrets(import_id, id_keys())
    if not rows:
        raise NotFound()
    headings = [_("用户名"), _("姓名"), _("所属队伍"), _("初始密码"), _("登录地址")]
    names = (AdminField.USERNAME, AdminField.NAME, AdminField.TEAM)
    address = f"{request.url_root}admin/sign-in"
    values = ([*(row.values[name] for name in names), row.secret, address] for row in rows)
    return send_away(draw_table(_("初始密码"), headings, values), "passwords.xlsx")


def _template(kind: ImportKind, rules: ListKind, teams: list[Team]) -> Template:
    vocabulary = rules.vocabulary
    codes = [team.code for team in teams]
    choices = {
        Field.TEAM: codes,
        Field.UNIT: list_unit_names() if kind is ImportKind.MEMBERS else [],
        TeamField.LEVEL: [] if kind is not ImportKind.TEAMS else [*names_of_levels().values()][1:],
        TeamField.PARENT: codes,
    }
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
        _("队伍可以填编码，也可以填名称。下面是您管理范围内的队伍："),
        *(f"{team.code}  {team.name}" for team in teams),
    ]
    if kind is ImportKind.TEAMS:
        notes.insert(2, _("单位可以填多个，用顿号分开。上级队伍可以在同一张表里。"))
    return Template(SHEETS[kind], columns, "填写说明 Notes", notes)


def send_away(file: IO[bytes], name: str, mimetype: str = XLSX) -> Response:
    """A file to be saved, in pieces; it is closed when it has been sent or nobody takes it any more."""

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_PIECE):
                yield piece

    response = Response(pieces(), mimetype=mimetype)
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["Cache-Control"] = "no-store"
    return response
