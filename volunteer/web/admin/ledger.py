"""The ledger: which days are settled, a member's entries, and what auditors take home."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import (
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.days import read_day
from volunteer.domain.jobs import start_of
from volunteer.domain.ledger import SealKey
from volunteer.domain.months import month_of, read_month, shift_month, span_of
from volunteer.domain.refusals import DateMalformed, NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.settlements import is_waiting_for
from volunteer.queries.ledger import count_lines, list_seals, read_lines
from volunteer.queries.members import get_member_in
from volunteer.queries.settlements import (
    find_settled_day,
    list_awaited,
    list_settled_days,
    list_terminals_in_use,
    sum_days,
)
from volunteer.services.access_log import note_access
from volunteer.services.settlements import close_day
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.downloads import attachment
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.ledger import read_ledger

ONE_DAY = timedelta(days=1)
SEALS_SHOWN = 12


@dataclass(frozen=True)
class Day:
    """One day of the month: its records in the admin's scope, and whether it is settled."""

    on: date
    sums: Any
    closing: Any
    awaited: list[str]


@admin.get("/ledger")
@needs(Capability.READ_LEDGER)
def ledger() -> str:
    """The days of a month: settled, or what they wait for."""
    month = _asked_month()
    first_on, last_on = span_of(month)
    sums = sum_days(first_on, last_on, g.scope)
    closings = list_settled_days(first_on, last_on)
    terminals = list_terminals_in_use()
    days = [
        Day(on, sums.get(on), closings.get(on), [] if on in closings else _awaited(on, terminals))
        for on in sorted({*sums, *closings}, reverse=True)
        if on <= today()
    ]
    return render_template(
        "admin/ledger/days.html",
        days=days,
        month_on=first_on,
        earlier=shift_month(month, -1),
        later=shift_month(month, 1) if month < month_of(today()) else None,
        today=today(),
    )


def _asked_month() -> str:
    try:
        return read_month(request.args.get("month") or month_of(today()))
    except DateMalformed:
        raise NotFound() from None


def _bounds(day: date) -> tuple[datetime, datetime]:
    zone = current_app.config["TIMEZONE"]
    return start_of(day, zone), start_of(day + ONE_DAY, zone)


def _awaited(day: date, terminals: list[Any]) -> list[str]:
    starts_at, ends_at = _bounds(day)
    names = [row.Station.name for row in terminals if is_waiting_for(row.Terminal, starts_at, ends_at)]
    return list(dict.fromkeys(names))


@admin.route("/ledger/days/<day>/close", methods=["GET", "POST"])
@needs(Capability.CLOSE_DAYS)
def close_settled_day(day: str) -> Page | AnyResponse:
    """Settle a day without waiting any longer for the stations that have not reported."""
    if not g.is_brigade:
        raise NotFound()
    try:
        on = read_day(day)
    except DateMalformed:
        raise NotFound() from None
    problem: Refusal | None = None
    if request.method == "POST":
        try:
            close_day(on, g.admin.id, typed("reason"), now(), current_app.config["TIMEZONE"])
            flash(_("已经关闭这一天，时长在一分钟内记入台账。"))
            return redirect(url_for("admin.ledger", month=month_of(on)))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/ledger/close.html",
        problem,
        day=on,
        awaited=list_awaited(*_bounds(on)),
        is_closed=find_settled_day(on) is not None,
        back=url_for("admin.ledger", month=month_of(on)),
    )


@admin.get("/ledger/seals")
@needs(Capability.READ_LEDGER)
def seals() -> str:
    """The seals, the public key, and how to check all of it without trusting this server."""
    key: SealKey = current_app.extensions["seal_key"]
    return render_template(
        "admin/ledger/seals.html",
        seals=list_seals(SEALS_SHOWN),
        public_key=key.public_key,
        lines=count_lines() if g.is_brigade else None,
    )


@admin.get("/ledger/export.ndjson")
@needs(Capability.READ_LEDGER)
def export_ledger() -> AnyResponse:
    """The whole ledger with audit and seals, a line each; for who may see everybody."""
    if not g.is_brigade:
        raise NotFound()
    note_access(g.admin, AccessKind.EXPORTED, [], "ledger", now())
    response = Response(stream_with_context(_written()), mimetype="application/x-ndjson")
    response.headers["Content-Disposition"] = attachment(f"ledger-{today()}.ndjson")
    return response


def _written() -> Iterator[str]:
    for line in read_lines():
        yield json.dumps(line, separators=(",", ":")) + "\n"


@admin.get("/members/<volunteer_no>/ledger")
@needs(Capability.READ_LEDGER)
def member_ledger(volunteer_no: str) -> str:
    """A member's entries of a year, newest first: what each credited minute rests on."""
    member = get_member_in(g.scope, volunteer_no)
    return render_template("admin/ledger/member.html", member=member, **read_ledger(member.id))
