"""Totals: hours of teams, units and members by day, month and year; each figure opens its records."""

from collections.abc import Iterator, Sequence

from flask import g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.ledger import Measure
from volunteer.domain.refusals import MemberUnknown
from volunteer.domain.roles import Capability
from volunteer.domain.totals import By, Per, Period, Sum, add_up, siblings_of
from volunteer.drawing.workbooks import Value, draw_table
from volunteer.queries.members import get_member
from volunteer.queries.merges import list_group_ids
from volunteer.queries.teams import list_teams
from volunteer.queries.total_records import Narrowed, list_total_records
from volunteer.queries.totals import EVERYBODY, Chosen, find_earliest_day, sum_totals
from volunteer.queries.unsettled import list_standings
from volunteer.services.access_log import note_access
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.admin.import_files import send_away
from volunteer.web.admin.total_lines import (
    count_all_people,
    label_of,
    list_lines,
    rank,
    read_asked,
    read_one,
    title_of,
)
from volunteer.web.charts import draw_bars
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import asked_number
from volunteer.web.languages import show_hours

PAGE_SIZE = 50


@admin.get("/totals")
@needs(Capability.READ_RECORDS)
def totals() -> str:
    """A day, a month or a year: hours by team, unit or member, beside the times around it."""
    asked, page = read_asked(), asked_number("page", 1)
    sums = sum_totals(asked.chosen, asked.by)
    people, keys = count_all_people(asked, sums), rank(sums)
    around = siblings_of(asked.period, find_earliest_day(g.scope) or today(), today())
    span = Period(around[0].first_on, around[-1].last_on)
    parts = sum_totals(Chosen(asked.chosen.team_ids, span, asked.unit_id), asked.period.per)
    times = [(one, label_of(one), parts.get(one.first_on, Sum())) for one in around]
    return render_template(
        "admin/totals/page.html",
        asked=asked,
        total=add_up(sums.values()),
        people=people[EVERYBODY],
        lines=list_lines(asked, sums, people, keys[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        count=len(keys),
        page=page,
        pages=-(-len(keys) // PAGE_SIZE),
        chart=draw_bars(times),
        times=times,
        title_of=title_of,
        teams=list_teams(list(g.scope), with_dissolved=True),
        bys=list(By),
        pers=list(Per),
        today=today(),
    )


@admin.get("/totals/records")
@needs(Capability.READ_RECORDS)
def total_records() -> str:
    """The records behind a figure."""
    asked, page = read_asked(), asked_number("page", 1)
    number, measure, settled = (request.args.get(name, "") for name in ("member", "measure", "settled"))
    member = get_member(number) if number else None
    narrowed = Narrowed(
        tuple(list_group_ids(member.id)) if member else None,
        read_one(Measure, measure) if measure else None,
        {"yes": True, "no": False}.get(settled),
    )
    found = list_total_records(asked.chosen, narrowed, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    if member and not found.count and member.team_id not in g.scope:
        # Whether there is somebody with that number is not for everybody to know.
        raise MemberUnknown(volunteer_no=number)
    return render_template(
        "admin/totals/records.html",
        asked=asked,
        found=found,
        standings=list_standings(row.ServiceRecord for row in found.rows),
        narrowed=narrowed,
        member=member,
        page=page,
        pages=-(-found.count // PAGE_SIZE),
        arguments=asked.arguments(member=number or None, measure=measure or None, settled=settled or None),
        title=title_of(asked.period),
        linked=set(g.scope),
        now=now(),
    )


@admin.post("/totals")
@needs(Capability.EXPORT_MEMBERS)
def export_totals() -> AnyResponse:
    """All lines as a workbook; first it is written down who took it."""
    asked = read_asked()
    sums = sum_totals(asked.chosen, asked.by)
    people, keys = count_all_people(asked, sums), rank(sums)
    detail = f"totals: {asked.by}, {asked.period.first_on} – {asked.period.last_on}"
    note_access(g.admin, AccessKind.EXPORTED, keys if asked.by is By.MEMBER else [], detail, now())
    headings = [
        _("时间"), _("编号"), _("名称"), _("系统计时（小时）"), _("人工补录（小时）"), _("合计（小时）"),
        _("已结算（小时）"), _("未结算（小时）"), _("人数"), _("人次"),
    ]  # fmt: skip
    rows: Iterator[Sequence[Value]] = (
        [
            title_of(asked.period),
            line.code,
            line.name,
            *_in_hours(line.sum),
            line.people,
            line.sum.records,
        ]
        for line in list_lines(asked, sums, people, keys)
    )
    name = f"totals-{asked.by}-{asked.period.first_on}-{asked.period.last_on}.xlsx"
    return send_away(draw_table(_("时长统计"), headings, rows), name)


def _in_hours(one: Sum) -> list[float]:
    minutes = (one.metered, one.declared, one.minutes, one.settled, one.waiting)
    return [float(show_hours(each)) for each in minutes]
