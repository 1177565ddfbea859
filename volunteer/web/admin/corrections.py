"""Corrections: listed by urgency, entered, taken up, and looked at side by side with the original."""

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.corrections import CorrectionKind, working_days_left
from volunteer.domain.proposals import ProposalState
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.wishes import Desk
from volunteer.models.stations import Station
from volunteer.queries.acquaintances import list_acquaintances, list_acquaintances_of
from volunteer.queries.correction_notices import list_objections
from volunteer.queries.corrections import (
    WAITING,
    Chosen,
    find_notice_days,
    find_original,
    get_correction_row,
    list_corrections,
    list_record_changes,
    list_related,
)
from volunteer.queries.duty_days import find_calendar
from volunteer.queries.evidence import get_proof_in
from volunteer.queries.stations import list_stations
from volunteer.queries.wishes import get_record_row, list_all_stations, list_past_activities
from volunteer.services.access_log import note_access
from volunteer.services.corrections import enter_correction, take_up
from volunteer.web.admin import admin
from volunteer.web.admin.evidence import attach, uploaded_evidence
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.evidence import send_evidence
from volunteer.web.forms import Page, asked_number, id_in, show_form, typed
from volunteer.web.wishes import list_kinds, read_kind, read_wish, show_values

PAGE_SIZE = 50
# Activities that a form offers; older ones are found by time and station all the same.
OFFERED_DAYS = 120


def desk() -> Desk:
    """This admin, here and now."""
    return Desk(
        g.admin.id, frozenset(g.scope), frozenset(g.station_ids), now(), current_app.config["TIMEZONE"]
    )


def stations_to_name() -> list[Station]:
    """A team's members serve anywhere; a station's leader speaks for the own stations only."""
    if g.scope:
        return list_all_stations()
    return list_stations([], g.station_ids, is_brigade=False)


@admin.get("/corrections")
@needs(Capability.READ_CORRECTIONS)
def corrections() -> str:
    """What waits, the most urgent first; or what was decided, the newest first."""
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    is_late, page = bool(request.args.get("late")), asked_number("page", 1)
    chosen = Chosen(
        states=[state] if state in set(ProposalState) else WAITING,
        kind=kind if kind in set(CorrectionKind) else None,
        late_on=today() if is_late else None,
    )
    count, rows = list_corrections(
        g.scope, g.station_ids, chosen, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    calendar = find_calendar()
    return render_template(
        "admin/corrections/list.html",
        rows=rows,
        count=count,
        left={row.Correction.id: working_days_left(today(), row.Correction.due_on, calendar) for row in rows},
        state=state,
        kind=kind,
        is_late=is_late,
        states=list(ProposalState),
        kinds=list(CorrectionKind),
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


@admin.route("/corrections/new", methods=["GET", "POST"])
@needs(Capability.PROPOSE_HOURS)
def new_correction() -> Page | AnyResponse:
    """Enter a correction of a record (``?record=``), or a record that no station measured."""
    wanted = request.args.get("record", "")
    row = get_record_row(g.scope, g.station_ids, id_in(wanted)) if wanted else None
    record, stations, problem = (row.ServiceRecord if row else None), stations_to_name(), None
    if request.method == "POST":
        try:
            file = uploaded_evidence()
            wish = read_wish(read_kind(record), record, stations)
            made = enter_correction(typed("volunteer_no"), record.id if record else None, wish, desk())
            attach(file, [made])
            flash(_("已提交，等待另一位管理员审核。"))
            return redirect(url_for("admin.correction", correction_id=made.id))
        except Refusal as refusal:
            problem = refusal
    values = request.form or {
        "volunteer_no": request.args.get("member", ""),
        **show_values(record, today()),
    }
    return show_form(
        "admin/corrections/form.html",
        problem,
        row=row,
        kinds=list_kinds(record),
        stations=stations,
        activities=list_past_activities(now(), OFFERED_DAYS),
        typed=values,
    )


@admin.get("/corrections/<int:correction_id>")
@needs(Capability.READ_CORRECTIONS)
def correction(correction_id: int) -> Page:
    """One wish: the original beside it, the evidence, who stands behind it, and what came before."""
    return show_correction(correction_id)


def show_correction(correction_id: int, problem: Refusal | str | None = None) -> Page:
    """The page of one wish, with what was refused above it."""
    row = get_correction_row(g.scope, g.station_ids, correction_id)
    record = find_original(row.Correction)
    return show_form(
        "admin/corrections/page.html",
        problem,
        row=row,
        one=row.Correction,
        record=record,
        changes=list_record_changes(record.id) if record is not None else [],
        related=list_related(row.Correction),
        acquaintances=list_acquaintances_of(row.Correction),
        objections=list_objections(correction_id),
        notice_days=find_notice_days(),
        left=working_days_left(today(), row.Correction.due_on, find_calendar()),
        may_decide=row.team_id in g.scope,
        stations={station.id: station.name for station in list_all_stations()},
        today=today(),
        typed=request.form,
    )


@admin.route("/corrections/<int:correction_id>/take-up", methods=["GET", "POST"])
@needs(Capability.PROPOSE_HOURS)
def take_up_correction(correction_id: int) -> Page | AnyResponse:
    """Enter what a member asked for, as it is or with other times."""
    row = get_correction_row(g.scope, g.station_ids, correction_id)
    one, stations, problem = row.Correction, stations_to_name(), None
    record, kind = find_original(one), CorrectionKind(one.kind)
    if request.method == "POST":
        try:
            take_up(correction_id, read_wish(kind, record, stations), desk())
            flash(_("已受理并提交，等待另一位管理员审核。"))
            return redirect(url_for("admin.correction", correction_id=correction_id))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/corrections/take_up.html",
        problem,
        row=row,
        one=one,
        stations=stations,
        activities=list_past_activities(now(), OFFERED_DAYS),
        typed=request.form or show_values(one, today()),
    )


@admin.get("/corrections/<int:correction_id>/evidence")
@needs(Capability.READ_CORRECTIONS)
def correction_evidence(correction_id: int) -> Response:
    """The evidence of a wish as a download; logged before it leaves."""
    one = get_correction_row(g.scope, g.station_ids, correction_id).Correction
    kept = get_proof_in(g.scope, one.evidence_id or 0, g.admin.id)
    response = send_evidence(kept)
    note_access(g.admin, AccessKind.VIEWED_FILE, [one.member_id], f"evidence {kept.id}", now())
    return response


@admin.get("/corrections/chains")
@needs(Capability.READ_CORRECTIONS)
def correction_chains() -> str:
    """Who approved whose entries for whom how often."""
    return render_template(
        "admin/corrections/chains.html", acquaintances=list_acquaintances(g.scope, g.station_ids)
    )
