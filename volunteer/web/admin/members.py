"""Members: found by name, number or pinyin; one member's page."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.consents import Purpose
from volunteer.domain.members import MemberStatus, Standing
from volunteer.domain.refusals import Refusal, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.domain.unit_refusals import UnitUnknown
from volunteer.queries.consents import find_consent
from volunteer.queries.hours import summarise_hours
from volunteer.queries.members import get_member_row, list_cards, search_members
from volunteer.queries.records import list_chosen_records
from volunteer.queries.teams import get_team, list_subtree_ids, list_teams
from volunteer.queries.units import list_units
from volunteer.queries.unsettled import list_standings
from volunteer.services.members import add_member
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.choices import read_choice, read_chosen
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, show_form, typed

PAGE_SIZE = 50
LATEST = 10
ALL = "all"
STATUSES = [*Standing, ALL]


@admin.get("/members")
@needs(Capability.READ_MEMBERS)
def members() -> str:
    """A page of the members that fit the search, with their count."""
    text = request.args.get("q", "").strip()
    page, team_id = asked_number("page", 1), request.args.get("team", type=int)
    within, status = g.scope, request.args.get("status", MemberStatus.ACTIVE)
    if status not in STATUSES:
        abort(400)
    if team_id:
        below = set(list_subtree_ids(team_id)) if team_id in g.scope else set()
        within = [one for one in g.scope if one in below]
    count, rows = search_members(
        within,
        text,
        statuses=[] if status == ALL else [status],
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return render_template(
        "admin/members/list.html",
        rows=rows,
        count=count,
        text=text,
        team_id=team_id,
        status=status,
        statuses=STATUSES,
        teams=list_teams(g.scope),
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


@admin.route("/members/new", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def new_member() -> Page | AnyResponse:
    """Enter one member into a team of this admin."""
    problem = None
    if request.method == "POST":
        code = typed("team")
        try:
            if get_team(code).id not in g.scope:
                raise TeamUnknown(code=code)
            member = add_member(typed("volunteer_no"), typed("name"), code, now(), _read_unit_id())
            flash(_("已登记，编号 %(number)s。下一步请发卡。", number=member.volunteer_no))
            return redirect(url_for("admin.member", volunteer_no=member.volunteer_no))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/members/new.html",
        problem,
        teams=list_teams(g.scope),
        units=list_units(),
        typed=request.form,
    )


def _read_unit_id() -> int | None:
    """The unit chosen, None for nobody's employee; refuses one that was not offered."""
    if not typed("unit"):
        return None
    unit_id = request.form.get("unit", None, int)
    if unit_id not in {unit.id for unit in list_units()}:
        raise UnitUnknown()
    return unit_id


@admin.get("/members/<volunteer_no>")
@needs(Capability.READ_MEMBERS)
def member(volunteer_no: str) -> str:
    """One member: hours, cards, latest records."""
    row = get_member_row(g.scope, volunteer_no)
    records = list_chosen_records(row.Member.id, None, None, limit=LATEST + 1)
    return render_template(
        "admin/members/page.html",
        row=row,
        member=row.Member,
        recording=find_consent(row.Member.id, Purpose.RECORDING),
        cards=list_cards(row.Member.id),
        overview=summarise_hours(row.Member.id, today().year),
        year=today().year,
        records=records[:LATEST],
        standings=list_standings(each.ServiceRecord for each in records),
        has_more=len(records) > LATEST,
        now=now(),
    )


@admin.get("/members/<volunteer_no>/records")
@needs(Capability.READ_RECORDS)
def member_records(volunteer_no: str) -> str:
    """The records of one member behind a figure, newest first."""
    row, choice = get_member_row(g.scope, volunteer_no), read_choice()
    return render_template(
        "admin/members/records.html",
        member=row.Member,
        choice=choice,
        chosen=read_chosen(row.Member.id, choice),
        now=now(),
    )
