"""Lists for Excel, WPS and LibreOffice: members, records, teams. Every one is written to the access log."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from flask import Response, current_app, g, request
from flask_babel import gettext as _

from volunteer.domain.access_log import AccessKind
from volunteer.domain.contacts import ContactKind, derive_contact_key, mask_contact, open_contact
from volunteer.domain.exports import ExportKind, FileKind, NoColumn, read_days
from volunteer.domain.national_ids import mask_national_id, open_national_id
from volunteer.domain.refusals import N_, Refusal, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.drawing.workbooks import Value, draw_csv, draw_table
from volunteer.queries.exports import (
    find_phones,
    iterate_members,
    iterate_records,
    iterate_teams,
    list_member_ids,
    list_recorded_ids,
)
from volunteer.queries.teams import get_team_in, list_subtree_ids, list_teams
from volunteer.services.access_log import note_access
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.admin.import_files import send_away
from volunteer.web.admin.import_kinds import id_keys
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed
from volunteer.web.languages import show_hours
from volunteer.web.words import FILTERS

_SPOOL = 1 << 20


@dataclass(frozen=True)
class Asked:
    """Which teams, which days, which of a member's columns."""

    scope: list[int]
    first_on: date
    last_on: date
    columns: Sequence[str]


MEMBER_COLUMNS: Mapping[str, tuple[str, Callable[[Any], Value]]] = {
    "volunteer_no": (N_("志愿者编号"), lambda row: row.volunteer_no),
    "name": (N_("姓名"), lambda row: row.name),
    "team_code": (N_("队伍编码"), lambda row: row.team_code),
    "team": (N_("所属队伍"), lambda row: row.team_name),
    "unit": (N_("单位"), lambda row: row.unit_name),
    "status": (N_("状态"), lambda row: FILTERS["member_status"](row.status)),
    "entered_on": (N_("登记日期"), lambda row: _local(row.created_at).date()),
    "national_id": (N_("公民身份号码（隐去中间）"), lambda row: _masked_id(row.national_id_sealed)),
    "phone": (N_("电话（隐去中间）"), lambda row: ""),
}
RECORD_COLUMNS = (
    N_("日期"), N_("志愿者编号"), N_("姓名"), N_("所属队伍"), N_("服务站"), N_("活动"),
    N_("签到"), N_("签退"), N_("服务时长（小时）"), N_("状态"), N_("计时方式"), N_("证明方式"),
    N_("是否已结算"),
)  # fmt: skip
TEAM_COLUMNS = (
    N_("队伍编码"), N_("队伍名称"), N_("级别"), N_("上级队伍编码"), N_("党支部"), N_("在册人数"),
    N_("撤销日期"),
)  # fmt: skip


@admin.get("/exports")
@needs(Capability.EXPORT_MEMBERS)
def exports() -> Page:
    """Choose what to export."""
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
    headings, about, rows = _content(kind, asked)
    note_access(g.admin, AccessKind.EXPORTED, about, _detail(kind, asked), now())
    name = f"{kind}-{today().isoformat()}.{file_kind}"
    if file_kind is FileKind.XLSX:
        return send_away(draw_table(_("导出"), headings, rows), name)
    return send_away(_spooled(draw_csv(headings, rows)), name, "text/csv; charset=utf-8")


def _show_exports(problem: Refusal | None = None) -> Page:
    return show_form(
        "admin/exports/page.html",
        problem,
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


def _content(kind: ExportKind, asked: Asked) -> tuple[list[str], list[int], Iterator[Sequence[Value]]]:
    """Headings, whom the list is about, and its rows."""
    if kind is ExportKind.MEMBERS:
        headings = [_(MEMBER_COLUMNS[name][0]) for name in asked.columns]
        return headings, list_member_ids(asked.scope), _member_rows(asked)
    if kind is ExportKind.RECORDS:
        about = list_recorded_ids(asked.scope, asked.first_on, asked.last_on)
        return [_(msgid) for msgid in RECORD_COLUMNS], about, _record_rows(asked)
    return [_(msgid) for msgid in TEAM_COLUMNS], [], _team_rows(asked)


def _detail(kind: ExportKind, asked: Asked) -> str:
    if kind is ExportKind.MEMBERS:
        return f"{kind}: {', '.join(asked.columns)}"
    return f"{kind}: {asked.first_on} – {asked.last_on}" if kind is ExportKind.RECORDS else str(kind)


def _member_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    key = derive_contact_key(current_app.config["SECRET_KEY"])
    for some in _pieces(iterate_members(asked.scope)):
        phones = find_phones([row.id for row in some]) if "phone" in asked.columns else {}
        for row in some:
            yield [
                _masked_phone(phones.get(row.id), key) if name == "phone" else MEMBER_COLUMNS[name][1](row)
                for name in asked.columns
            ]


def _record_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    state, measure, proof = (FILTERS[name] for name in ("record_state", "measure", "proof"))
    for row in iterate_records(asked.scope, asked.first_on, asked.last_on):
        yield [
            row.served_on,
            row.volunteer_no,
            row.name,
            row.team_name,
            row.station_name,
            row.activity_name,
            _local(row.checked_in_at),
            _local(row.checked_out_at) if row.checked_out_at else None,
            float(show_hours(row.minutes)),
            state(row.state),
            measure(row.measure),
            proof(row.proof),
            _settled(row),
        ]


def _settled(row: Any) -> str:
    if row.is_held:
        return str(_("待审核"))
    return str(_("已结算") if row.is_settled else _("未结算"))


def _team_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    level = FILTERS["team_level"]
    for row in iterate_teams(asked.scope):
        parts = (row.code, row.name, level(row.level), row.parent_code, row.party_branch, row.members)
        yield [*parts, row.dissolved_on]


def _pieces(rows: Iterator[Any], size: int = 500) -> Iterator[list[Any]]:
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == size:
            yield some
            some = []
    yield some


def _local(instant: datetime) -> datetime:
    """As the clock on the wall showed it, to the minute; tables know no zones."""
    shown = instant.astimezone(current_app.config["TIMEZONE"])
    return shown.replace(second=0, microsecond=0, tzinfo=None)


def _masked_id(sealed: bytes | None) -> str:
    number = open_national_id(sealed, id_keys()) if sealed else None
    return mask_national_id(number) if number else ""


def _masked_phone(sealed: bytes | None, key: bytes) -> str:
    phone = open_contact(sealed, key) if sealed else None
    return mask_contact(ContactKind.PHONE, phone) if phone else ""


def _spooled(pieces: Iterator[bytes]) -> IO[bytes]:
    """The pieces in a file that may lie on the disk: the database is free before the sending begins."""
    out = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - whoever sends it closes it
    for piece in pieces:
        out.write(piece)
    out.seek(0)
    return out
