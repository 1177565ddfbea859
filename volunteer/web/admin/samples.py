"""Random samples of the ledger: drawn, looked into entry by entry, finished as a protocol."""

from typing import Any

from flask import Response, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.audit import SampleResult
from volunteer.domain.days import EARLIEST, read_day
from volunteer.domain.exports import read_days
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.samples import LONGEST_CONCLUSION, LONGEST_NOTE, MOST, SampleUnknown, read_size
from volunteer.drawing.workbooks import draw_table
from volunteer.queries.samples import (
    find_next_unchecked,
    get_sample_in,
    list_changes_behind,
    list_drawn,
    list_samples,
    list_scans_behind,
)
from volunteer.queries.teams import list_teams
from volunteer.services.samples import Auditor, draw_sample, finish_sample, note_result
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.admin.import_files import XLSX
from volunteer.web.audit_words import MEASURES, MEDIUMS, PROOFS, RESULTS, STATES
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.downloads import attachment
from volunteer.web.forms import Page, asked_number, chosen, show_form, typed
from volunteer.web.languages import show_hours

PAGE_SIZE = 50


def _auditor() -> Auditor:
    return Auditor(g.admin.id, frozenset(g.scope), now())


@admin.get("/samples")
@needs(Capability.READ_AUDIT)
def samples() -> Page:
    """The samples drawn so far, with how far each is and what was found."""
    page, is_wrong = asked_number("page", 1), bool(request.args.get("wrong"))
    count, rows = list_samples(g.scope, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE, is_wrong=is_wrong)
    return show_form(
        "admin/samples/list.html",
        rows=rows,
        count=count,
        is_wrong=is_wrong,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


@admin.route("/samples/new", methods=["GET", "POST"])
@needs(Capability.DRAW_SAMPLES)
def new_sample() -> Page | AnyResponse:
    """Choose teams, days and how many; the draw itself is left to chance."""
    problem = None
    if request.method == "POST":
        try:
            first_on = read_day(typed("first_on"), EARLIEST)
            last_on = read_day(typed("last_on"), EARLIEST)
            read_days(typed("first_on"), typed("last_on"), (first_on, last_on))
            size = read_size(typed("size"))
            sample = draw_sample(typed("team"), first_on, last_on, size, _auditor())
        except Refusal as refusal:
            problem = refusal
        else:
            flash(_("已随机抽出，请逐条核对。"))
            return redirect(url_for("admin.sample", sample_id=sample.id))
    return show_form(
        "admin/samples/new.html",
        problem,
        teams=[
            (team.code, _("%(name)s（%(more)s）", name=team.name, more=team.code))
            for team in list_teams(g.scope)
        ],
        typed=request.form,
        first_on=request.form.get("first_on", today().replace(day=1).isoformat()),
        last_on=request.form.get("last_on", today().isoformat()),
        most=MOST,
    )


@admin.get("/samples/<int:sample_id>")
@needs(Capability.READ_AUDIT)
def sample(sample_id: int) -> Page:
    """One sample: its entries, how the draw can be repeated, and its conclusion."""
    return _show_sample(sample_id)


@admin.post("/samples/<int:sample_id>/finish")
@needs(Capability.DRAW_SAMPLES)
def end_sample(sample_id: int) -> Page | AnyResponse:
    """End the protocol with a conclusion."""
    try:
        finish_sample(sample_id, typed("conclusion"), _auditor())
    except Refusal as refusal:
        return _show_sample(sample_id, refusal)
    flash(_("抽查已完成，结果不再改动。"))
    return redirect(url_for("admin.sample", sample_id=sample_id))


@admin.get("/samples/<int:sample_id>/entries/<int:number>")
@needs(Capability.READ_AUDIT)
def sample_entry(sample_id: int, number: int) -> Page:
    """Everything behind one drawn entry."""
    return _show_entry(sample_id, number)


@admin.post("/samples/<int:sample_id>/entries/<int:number>")
@needs(Capability.DRAW_SAMPLES)
def note_sample(sample_id: int, number: int) -> Page | AnyResponse:
    """Write down what was found, and go on to the next entry that nobody has looked into."""
    get_sample_in(g.scope, sample_id)
    try:
        note_result(sample_id, number, chosen("result", SampleResult), typed("note"), _auditor())
    except Refusal as refusal:
        return _show_entry(sample_id, number, refusal)
    flash(_("已记下。"))
    following = find_next_unchecked(sample_id, number)
    if following is None:
        return redirect(url_for("admin.sample", sample_id=sample_id))
    return redirect(url_for("admin.sample_entry", sample_id=sample_id, number=following))


@admin.get("/samples/<int:sample_id>/sheet.xlsx")
@needs(Capability.READ_AUDIT)
def sample_sheet(sample_id: int) -> Response:
    """The protocol as a workbook."""
    found = get_sample_in(g.scope, sample_id)
    zone = current_app.config["TIMEZONE"]
    headings = [
        _("台账号"), _("志愿者编号"), _("姓名"), _("队伍"), _("服务日期"), _("签到"), _("签退"), _("小时"),
        _("计时方式"), _("凭据"), _("服务站"), _("录入人"), _("批准人"), _("结果"), _("说明"), _("核对人"),
        _("核对时间"),
    ]  # fmt: skip
    rows = [
        [
            row.LedgerEntry.number,
            row.volunteer_no,
            row.member_name,
            row.team_name,
            row.LedgerEntry.served_on,
            row.LedgerEntry.checked_in_at.astimezone(zone).replace(tzinfo=None),
            row.LedgerEntry.checked_out_at.astimezone(zone).replace(tzinfo=None),
            float(show_hours(row.LedgerEntry.minutes)),
            _(MEASURES[row.LedgerEntry.measure]),
            _(PROOFS[row.LedgerEntry.proof]),
            row.station_name,
            row.enterer_name,
            row.approver_name,
            _(RESULTS[row.AuditSampleEntry.result]) if row.AuditSampleEntry.result else "",
            row.AuditSampleEntry.note,
            row.checker_name,
            row.AuditSampleEntry.checked_at.astimezone(zone).replace(tzinfo=None)
            if row.AuditSampleEntry.checked_at
            else None,
        ]
        for row in list_drawn(sample_id)
    ]
    about: list[tuple[str, Any]] = [
        (_("抽取时间"), found.AuditSample.drawn_at.astimezone(zone).replace(tzinfo=None)),
        (_("抽取人"), found.admin_name),
        (_("可抽条数"), found.AuditSample.population),
        (_("随机种子"), found.AuditSample.seed),
        (_("最后台账号"), found.AuditSample.last_entry),
        (_("结论"), found.AuditSample.conclusion),
    ]
    rows += [[], *([label, value] for label, value in about)]
    with draw_table(_("抽查记录"), headings, rows) as file:
        response = Response(file.read(), mimetype=XLSX)
    response.headers["Content-Disposition"] = attachment(f"sample-{sample_id}.xlsx")
    response.headers["Cache-Control"] = "no-store"
    return response


def _show_sample(sample_id: int, problem: Refusal | None = None) -> Page:
    found = get_sample_in(g.scope, sample_id)
    return show_form(
        "admin/samples/page.html",
        problem,
        found=found,
        sample=found.AuditSample,
        rows=list_drawn(sample_id),
        results=RESULTS,
        measures=MEASURES,
        longest=LONGEST_CONCLUSION,
        typed=request.form,
    )


def _show_entry(sample_id: int, number: int, problem: Refusal | None = None) -> Page:
    found = get_sample_in(g.scope, sample_id)
    rows = list_drawn(sample_id, number)
    if not rows:
        raise SampleUnknown()
    (row,) = rows
    return show_form(
        "admin/samples/entry.html",
        problem,
        found=found,
        sample=found.AuditSample,
        row=row,
        scans=list_scans_behind(row.ServiceRecord),
        changes=list_changes_behind(row.ServiceRecord.id),
        results=RESULTS,
        proofs=PROOFS,
        measures=MEASURES,
        states=STATES,
        mediums=MEDIUMS,
        has_page="admin.correction" in current_app.view_functions,
        longest=LONGEST_NOTE,
        typed=request.form,
    )
