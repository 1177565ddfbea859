"""Units that employ members: listed with counts, entered, renamed, dissolved into a successor."""

from datetime import timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.team_refusals import TeamDissolved
from volunteer.domain.teams import PartyKind, form_values
from volunteer.domain.unit_refusals import UnitsOfBrigade
from volunteer.domain.versions import version_of
from volunteer.models.teams import Unit
from volunteer.queries.units import (
    count_employed,
    count_unit_members,
    get_unit,
    get_unit_in,
    list_gone_units,
    list_unit_lines,
    list_unit_predecessors,
    list_unit_spans,
    list_units,
)
from volunteer.services import units as services
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.admin.team_changes import NOBODY, typed_party
from volunteer.web.admin.teams import asked_day, on_day
from volunteer.web.dates import today
from volunteer.web.forms import Page, id_in, show_form, typed
from volunteer.web.versions import typed_version, version_to_show


@admin.get("/units")
@needs(Capability.READ_TEAMS)
def units() -> Page:
    """The units of this admin's members, today or on a past day; the brigade sees all."""
    on, problem = asked_day()
    lines = list_unit_lines(g.scope, on_day(on), with_empty=g.is_brigade)
    without = count_unit_members(g.scope, on_day(on)).get(None, 0)
    return show_form(
        "admin/units/list.html",
        problem,
        lines=lines,
        without=without,
        total=without + sum(line.members for line in lines),
        gone=list_gone_units(g.scope, is_brigade=g.is_brigade),
        on=on,
        today=today(),
    )


@admin.route("/units/new", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def new_unit() -> Page | AnyResponse:
    """Enter a unit; units belong to the whole brigade, so its admins do it."""
    _require_brigade()
    problem = None
    if request.method == "POST":
        try:
            unit = services.found_unit(typed("name"), typed_party())
            flash(_("%(name)s已登记。", name=unit.name))
            return redirect(url_for("admin.unit", unit_id=unit.id))
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/units/edit.html", problem, unit=None, kinds=list(PartyKind), typed=request.form)


@admin.get("/units/<int:unit_id>")
@needs(Capability.READ_TEAMS)
def unit(unit_id: int) -> str:
    """One unit: its members in this admin's teams, and what it was."""
    found = get_unit_in(g.scope, unit_id, is_brigade=g.is_brigade)
    return render_template(
        "admin/units/page.html",
        unit=found,
        members=count_unit_members(g.scope, on_day(today())).get(found.id, 0),
        successor=get_unit(found.successor_id) if found.successor_id else None,
        spans=list_unit_spans(found.id),
        predecessors=list_unit_predecessors(found.id),
        one_day=timedelta(days=1),
    )


@admin.route("/units/<int:unit_id>/name", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def rename_unit(unit_id: int) -> Page | AnyResponse:
    """Another name or party organisation."""
    found, problem = _get_changeable(unit_id), None
    if request.method == "POST":
        try:
            services.rename_unit(found.id, typed("name"), typed_party(), today(), typed_version())
            flash(_("已保存。以前的统计仍显示原来的名称。"))
            return redirect(url_for("admin.unit", unit_id=unit_id))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/units/edit.html",
        problem,
        unit=found,
        version=version_to_show(problem, version_of(form_values(found))),
        kinds=list(PartyKind),
        typed=request.form,
    )


@admin.route("/units/<int:unit_id>/end", methods=["GET", "POST"])
@needs(Capability.EDIT_TEAMS)
def dissolve_unit(unit_id: int) -> Page | AnyResponse:
    """Merge a unit into its successor, or dissolve one that never had anybody; asks first, with counts."""
    found = _get_changeable(unit_id)
    to = request.args.get("to", "")
    if not to:
        others = [one for one in list_units() if one.id != found.id]
        return show_form("admin/units/choose.html", None, unit=found, units=others, nobody=NOBODY)
    heir = _require_living(get_unit(id_in(to))) if to != NOBODY else None
    if heir:
        consequence = _(
            "%(unit)s从今天起撤销，%(count)s 名志愿者转入%(heir)s。今天以前的人数仍算在原来的单位。",
            unit=found.name,
            count=count_employed(found.id),
            heir=heir.name,
        )
    else:
        consequence = _("%(unit)s从今天起撤销，没有承接单位。", unit=found.name)
    question = Question(_("撤销单位"), consequence, _("撤销单位"), url_for("admin.unit", unit_id=unit_id))
    return confirm(
        question,
        lambda: services.dissolve_unit(found.id, heir.id if heir else None, today()),
        _("%(unit)s已撤销。", unit=found.name),
    )


def _get_changeable(unit_id: int) -> Unit:
    found = get_unit_in(g.scope, unit_id, is_brigade=g.is_brigade)
    _require_brigade()
    return _require_living(found)


def _require_living(found: Unit) -> Unit:
    if found.dissolved_on:
        raise TeamDissolved(name=found.name)
    return found


def _require_brigade() -> None:
    if not g.is_brigade:
        raise UnitsOfBrigade()
