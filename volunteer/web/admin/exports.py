"""Lists for Excel, WPS and LibreOffice; every one is written to the access log."""

import tempfile
from collections.abc import Iterator
from typing import IO

from flask import Response, g, request
from flask_babel import gettext as _

from volunteer.domain.access_log import AccessKind
from volunteer.domain.exports import DATED, ExportKind, FileKind, NoColumn, read_days
from volunteer.domain.refusals import Refusal, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.drawing.workbooks import draw_csv, draw_table
from volunteer.queries.access_log import AccessFilter, list_accesses
from volunteer.queries.teams import get_team_in, list_subtree_ids, list_teams
from volunteer.services.access_log import note_access
from volunteer.web.admin import admin
from volunteer.web.admin.export_rows import MEMBER_COLUMNS, Asked, list_content
from volunteer.web.admin.guards import needs
from volunteer.web.admin.import_files import send_away
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed

_SPOOL = 1 << 20
_LATEST = 20


@admin.get("/exports")
@needs(Capability.READ_EXPORTS)
def exports() -> Page:
    """Choose what to export; below, what was taken along before."""
    return _show_exports()


@admin.post("/exports")
@needs(Capability.EXPORT_MEMBERS)
def make_export() -> Page | Response:
    """The list as a file; first it is written down who took it."""
    kind, file_kind = chosen("kind", ExportKind), chosen("file", FileKind)
    try:
        asked = _asked()
        if kind is ExportKind.MEMBERS and not asked.columns:
            raise NoColumn()
    except TeamUnknown:
        raise
    except Refusal as refusal:
        return _show_exports(refusal)
    headings, about, rows = list_content(kind, asked)
    note_access(g.admin, AccessKind.EXPORTED, about, _detail(kind, asked), now())
    name = f"{kind}-{today().isoformat()}.{file_kind}"
    if file_kind is FileKind.XLSX:
        return send_away(draw_table(_("导出"), headings, rows), name)
    return send_away(_spooled(draw_csv(headings, rows)), name, "text/csv; charset=utf-8")


def _show_exports(problem: Refusal | None = None) -> Page:
    return show_form(
        "admin/exports/page.html",
        problem,
        made=list_accesses(g.scope, AccessFilter(kind=AccessKind.EXPORTED), limit=_LATEST)[1],
        teams=list_teams(g.scope),
        columns=[(name, _(msgid)) for name, (msgid, _value) in MEMBER_COLUMNS.items()],
        chosen_columns=request.form.getlist("columns") or list(MEMBER_COLUMNS)[:6],
        typed=request.form,
        first_on=request.form.get("first_on", today().replace(day=1).isoformat()),
        last_on=request.form.get("last_on", today().isoformat()),
    )


def _asked() -> Asked:
    scope = list(g.scope)
    if code := typed("team"):
        scope = [one for one in list_subtree_ids(get_team_in(g.scope, code).id) if one in set(g.scope)]
    default = (today().replace(day=1), today())
    first_on, last_on = read_days(typed("first_on"), typed("last_on"), default)
    columns = [name for name in MEMBER_COLUMNS if name in request.form.getlist("columns")]
    return Asked(scope, first_on, last_on, columns)


def _detail(kind: ExportKind, asked: Asked) -> str:
    if kind is ExportKind.MEMBERS:
        return f"{kind}: {', '.join(asked.columns)}"
    return f"{kind}: {asked.first_on} – {asked.last_on}" if kind in DATED else str(kind)


def _spooled(pieces: Iterator[bytes]) -> IO[bytes]:
    """The pieces in a file that may lie on the disk: the database is free before the sending begins."""
    out = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - whoever sends it closes it
    for piece in pieces:
        out.write(piece)
    out.seek(0)
    return out
