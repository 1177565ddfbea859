"""Files around imports: templates to fill in, the rows that were not taken, and start passwords."""

import io
from collections.abc import Iterator
from typing import IO

from flask import Response, abort, g, request
from flask_babel import gettext as _

from volunteer.domain.access_log import AccessKind
from volunteer.domain.admin_rows import AdminField
from volunteer.domain.cells import cell_text
from volunteer.domain.imports import NOT_TAKEN, ImportKind, RowState
from volunteer.domain.refusals import NotFound
from volunteer.domain.roles import Capability
from volunteer.drawing.workbooks import Value, draw_table, draw_template
from volunteer.queries.imports import get_import, iterate_rows
from volunteer.queries.teams import list_teams
from volunteer.services.access_log import note_access
from volunteer.services.imports import take_secrets
from volunteer.web.admin import admin
from volunteer.web.admin.guards import allows, needs
from volunteer.web.admin.import_kinds import ALSO_NEEDS, id_keys, rules_of
from volunteer.web.admin.import_templates import SHEETS, template_of
from volunteer.web.clock import now
from volunteer.web.downloads import attachment
from volunteer.web.languages import translate

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 1 << 16


@admin.get("/imports/templates/<any(members, teams, admins, training, commendations):kind>.xlsx")
@needs(Capability.IMPORT_MEMBERS)
def import_template(kind: str) -> Response:
    """An empty list with text columns, drop-downs of what there is, and notes."""
    which = ImportKind(kind)
    if not allows(ALSO_NEEDS[which]):
        abort(403)
    vocabulary = rules_of(which, g.admin.id).vocabulary
    data = draw_template(template_of(which, vocabulary, list_teams(g.scope)))
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
                reasons.append(_("修正或改动没有被接受。"))
            yield [*(cell_text(row.cells.get(name)) for name in names), row.row, " ".join(reasons)]

    return send_away(draw_table(_("未导入的行"), headings, rows()), "rejected.xlsx")


@admin.post("/imports/<int:import_id>/passwords.xlsx")
@needs(Capability.IMPORT_MEMBERS)
def import_passwords(import_id: int) -> Response:
    """The start passwords of new admins, this once: for who wrote the list and answers for it."""
    one = get_import(g.scope, import_id)
    if not allows(ALSO_NEEDS[ImportKind(one.kind)]):
        abort(403)
    if not one.was_written_by(g.admin.id):
        raise NotFound()
    # Before they are taken: a log that fails must not lose them.
    note_access(g.admin, AccessKind.EXPORTED, [], f"import_passwords {import_id}", now())
    rows = take_secrets(import_id, g.admin.id, id_keys())
    if not rows:
        raise NotFound()
    headings = [_("用户名"), _("姓名"), _("所属队伍"), _("初始密码"), _("登录地址")]
    names = (AdminField.USERNAME, AdminField.NAME, AdminField.TEAM)
    address = f"{request.url_root}admin/sign-in"
    values = ([*(row.values[name] for name in names), row.secret, address] for row in rows)
    return send_away(draw_table(_("初始密码"), headings, values), "passwords.xlsx")


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
