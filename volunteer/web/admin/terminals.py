"""Terminals: admitted with a one-time code, revoked at once."""

from flask import g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.stations import Direction, ReaderProfile
from volunteer.domain.terminals import hash_secret
from volunteer.drawing.qr import qr_svg
from volunteer.queries.stations import get_station_in
from volunteer.queries.terminals import find_waiting_terminal, get_terminal_in
from volunteer.services.terminals import prepare_terminal, renew_code, revoke_terminal
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.forms import Page, chosen, show_form, typed


@admin.route("/stations/<code>/terminals/new", methods=["GET", "POST"])
@needs(Capability.EDIT_STATIONS)
def new_terminal(code: str) -> Page | AnyResponse:
    """Create a terminal and show its one-time code."""
    station = get_station_in(g.scope, code, g.station_ids, is_brigade=g.is_brigade)
    problem = None
    if request.method == "POST":
        direction, profile = chosen("direction", Direction), chosen("reader_profile", ReaderProfile)
        try:
            one_time_code = prepare_terminal(
                station.code, now(), name=typed("name"), direction=direction, reader_profile=profile
            )
            return _show_code(station.code, one_time_code)
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/stations/new_terminal.html",
        problem,
        station=station,
        directions=list(Direction),
        profiles=list(ReaderProfile),
        typed=request.form,
    )


@admin.post("/terminals/<int:terminal_id>/code")
@needs(Capability.EDIT_STATIONS)
def new_code(terminal_id: int) -> AnyResponse:
    """A fresh one-time code for a terminal that waits or lost its key."""
    terminal, station = get_terminal_in(g.scope, terminal_id, g.station_ids, is_brigade=g.is_brigade)
    return _show_code(station.code, renew_code(terminal, now()))


def _show_code(station_code: str, one_time_code: str) -> AnyResponse:
    # Kept in the admin's own cookie, so that reloading the page neither loses the code nor makes another.
    session["enrolment"] = {"station": station_code, "code": one_time_code}
    return redirect(url_for("admin.enrolment"))


@admin.get("/terminals/code")
@needs(Capability.EDIT_STATIONS)
def enrolment() -> str | AnyResponse:
    """The code, large and as a QR code, until it is used or too old."""
    kept = session.get("enrolment")
    if not kept:
        return redirect(url_for("admin.stations"))
    station = get_station_in(g.scope, kept["station"], g.station_ids, is_brigade=g.is_brigade)
    terminal = find_waiting_terminal(hash_secret(kept["code"]))
    ends_at = terminal.enrolment_ends_at if terminal else None
    address = f"{url_for('public.kiosk', _external=True)}#code={kept['code']}"
    return render_template(
        "admin/stations/code.html",
        station=station,
        code=kept["code"],
        ends_at=ends_at,
        state="used" if ends_at is None else "waiting" if ends_at > now() else "too_late",
        terminal=terminal,
        address=address,
        symbol=qr_svg(address, _("登记二维码")),
    )


@admin.route("/terminals/<int:terminal_id>/revoke", methods=["GET", "POST"])
@needs(Capability.EDIT_STATIONS)
def revoke_key(terminal_id: int) -> Page | AnyResponse:
    """End a terminal's key."""
    terminal, station = get_terminal_in(g.scope, terminal_id, g.station_ids, is_brigade=g.is_brigade)
    question = Question(
        _("停用终端"),
        _(
            "终端“%(name)s”将立即不能再上传刷卡记录。已上传的记录不受影响；还留在终端里的记录，重新登记后会自动上传。",
            name=terminal.name,
        ),
        _("停用终端"),
        url_for("admin.station", code=station.code),
    )
    return confirm(question, lambda: revoke_terminal(terminal, now()), _("终端已停用。"))
