"""The audit: every act in a sentence with what was and what is; the chain checked; taken along as a file."""

import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from flask import Response, abort, current_app, g, request
from flask_babel import gettext as _

from volunteer.domain.access_log import AccessKind
from volunteer.domain.audit import find_break, line_of
from volunteer.domain.audit_statistics import is_at
from volunteer.domain.days import EARLIEST
from volunteer.domain.exports import read_days
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.drawing.workbooks import Value, draw_table
from volunteer.queries.audit import (
    EventFilter,
    Reach,
    count_wrong_entries,
    iterate_chain,
    iterate_events,
    list_acts,
    list_events,
    list_names,
    list_times,
)
from volunteer.services.access_log import note_access
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.admin.import_files import send_away
from volunteer.web.audit_words import say_act, say_actor, say_changes, wanted_names
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, show_form

PAGE_SIZE = 50
ASKED = ("admin", "act", "member", "from", "to", "hour", "weekend")
_SPOOL = 1 << 20


def reach() -> Reach:
    """Which events this admin may see."""
    return Reach(tuple(g.scope), g.is_brigade)


def asked_period(default: tuple[date, date]) -> tuple[datetime, datetime]:
    """The days of the address as instants; refuses what are none."""
    return instants_of(*read_days(request.args.get("from", ""), request.args.get("to", ""), default))


def instants_of(first_on: date, last_on: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    zone = current_app.config["TIMEZONE"]
    first_on, last_on = max(first_on, EARLIEST), min(last_on, date(9998, 12, 30))
    since = datetime.combine(first_on, time(), zone)
    return since, datetime.combine(last_on + timedelta(days=1), time(), zone)


@admin.get("/audit")
@needs(Capability.READ_AUDIT)
def audit() -> Page:
    """What was done by whom, to whom and why; newest first, with what was and what is."""
    return _show()


@admin.get("/audit/check")
@needs(Capability.READ_AUDIT)
def check_audit() -> Page:
    """Go through the whole chain from the first event on."""
    count, broken_at = 0, None

    def counted() -> Iterator[Any]:
        nonlocal count
        for event in iterate_chain():
            count += 1
            yield event

    broken_at = find_break(counted())
    return _show(checked=(count, broken_at))


@admin.get("/audit/export")
@needs(Capability.READ_AUDIT)
def export_audit() -> Page | Response:
    """The chosen events as a workbook, or the whole chain as lines that anybody can verify."""
    kind = request.args.get("kind", "")
    if kind not in ("xlsx", "ndjson") or (kind == "ndjson" and not g.is_brigade):
        abort(400)
    try:
        events = EventFilter() if kind == "ndjson" else _filter()
    except Refusal as refusal:
        return _show(refusal)
    note_access(g.admin, AccessKind.EXPORTED, [], f"audit.{kind}", now())
    name = f"audit-{today().isoformat()}.{kind}"
    if kind == "ndjson":
        return send_away(_lines(), name, "application/x-ndjson")
    headings = [
        _("编号"), _("时间"), _("谁"), _("做了什么"), _("志愿者"), _("队伍"), _("原因"), _("内容"), _("校验"),
    ]  # fmt: skip
    return send_away(draw_table(_("审计"), headings, _rows(events)), name)


def _show(problem: Refusal | None = None, checked: tuple[int, int | None] | None = None) -> Page:
    page = asked_number("page", 1)
    try:
        events = _filter()
    except Refusal as refusal:
        problem, events = refusal, EventFilter()
    count, rows = list_events(reach(), events, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    names = list_names(reach(), wanted_names(row.AuditEvent for row in rows))
    return show_form(
        "admin/audit/list.html",
        problem,
        rows=[(row, say_changes(row.AuditEvent, names)) for row in rows],
        count=count,
        acts=sorted(((act, say_act(act)) for act in list_acts(reach())), key=lambda one: one[1]),
        asked={name: value for name in ASKED if (value := request.args.get(name, "").strip())},
        wrong=count_wrong_entries(g.scope),
        checked=checked,
        say_act=say_act,
        say_actor=say_actor,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


def _filter() -> EventFilter:
    """What the address asks for."""
    values = {name: request.args.get(name, "").strip() for name in ASKED}
    since, before = asked_period((EARLIEST, today() + timedelta(days=1)))
    events = EventFilter(
        username=values["admin"] or None,
        act=values["act"] or None,
        volunteer_no=values["member"].upper() or None,
        since=since if values["from"] else None,
        before=before if values["to"] else None,
    )
    hour = int(values["hour"]) if values["hour"].isdecimal() and len(values["hour"]) < 3 else None
    if hour is None and not values["weekend"]:
        return events
    # No database does hours of a zone with the same words: who acted when is few rows.
    zone, is_weekend = current_app.config["TIMEZONE"], bool(values["weekend"])
    found = (
        one.number for one in list_times(reach(), events) if is_at(one.at, zone, hour, is_weekend=is_weekend)
    )
    return EventFilter(**{**vars(events), "numbers": tuple(found)})


def _rows(events: EventFilter) -> Iterator[list[Value]]:
    zone = current_app.config["TIMEZONE"]
    for row in iterate_events(reach(), events):
        event = row.AuditEvent
        yield [
            event.number,
            event.at.astimezone(zone).replace(tzinfo=None, microsecond=0),
            say_actor(event.actor, row.admin_name, row.username),
            say_act(event.act),
            row.volunteer_no,
            row.team_name,
            event.reason,
            json.dumps(event.changes, ensure_ascii=False, sort_keys=True),
            event.hash,
        ]


def _lines() -> IO[bytes]:
    """The chain in a file that may lie on the disk: the database is free before the sending begins."""
    out = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - whoever sends it closes it
    for event in iterate_chain():
        out.write(json.dumps(line_of(event), separators=(",", ":")).encode() + b"\n")
    out.seek(0)
    return out
