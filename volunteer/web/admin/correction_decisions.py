"""Corrections decided, withdrawn, put on notice; and the settings for them."""

from flask import abort, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.correction_refusals import NumberWrong
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.corrections import find_notice_days, find_oldest_years
from volunteer.services.correction_decisions import approve_correction, reject_correction
from volunteer.services.correction_notices import choose_settings, put_on_notice
from volunteer.services.corrections import withdraw_entry
from volunteer.web.admin import admin
from volunteer.web.admin.corrections import desk, show_correction
from volunteer.web.admin.guards import needs
from volunteer.web.forms import Page, show_form, typed

MOST_YEARS, MOST_DAYS = 10, 60


@admin.post("/corrections/<int:correction_id>/approve")
@needs(Capability.APPROVE_HOURS)
def approve_hours(correction_id: int) -> Page | AnyResponse:
    """Let the wish become the record; refused unless three different people stand behind it."""
    try:
        approve_correction(correction_id, typed("reply"), desk())
    except Refusal as refusal:
        return show_correction(correction_id, refusal)
    flash(_("已通过，记录已更新，志愿者会收到消息。"))
    return redirect(url_for("admin.correction", correction_id=correction_id))


@admin.post("/corrections/<int:correction_id>/reject")
@needs(Capability.APPROVE_HOURS)
def reject_hours(correction_id: int) -> Page | AnyResponse:
    """Turn the wish down with a reply; the record stays as it is."""
    try:
        reject_correction(correction_id, typed("reply"), desk())
    except Refusal as refusal:
        return show_correction(correction_id, refusal)
    flash(_("已退回，志愿者会看到您的回复。"))
    return redirect(url_for("admin.correction", correction_id=correction_id))


@admin.post("/corrections/<int:correction_id>/withdraw")
@needs(Capability.PROPOSE_HOURS)
def withdraw_correction(correction_id: int) -> Page | AnyResponse:
    """Take back what this admin entered, while nobody has decided."""
    try:
        withdraw_entry(correction_id, desk())
    except Refusal as refusal:
        return show_correction(correction_id, refusal)
    flash(_("已撤回。"))
    return redirect(url_for("admin.correction", correction_id=correction_id))


@admin.post("/corrections/<int:correction_id>/notice")
@needs(Capability.PROPOSE_HOURS)
def notice_correction(correction_id: int) -> Page | AnyResponse:
    """Show the wish inside the unit before it is decided."""
    try:
        put_on_notice(correction_id, desk())
    except Refusal as refusal:
        return show_correction(correction_id, refusal)
    flash(_("已开始公示，公示结束前不能通过。"))
    return redirect(url_for("admin.correction", correction_id=correction_id))


@admin.route("/corrections/settings", methods=["GET", "POST"])
@needs(Capability.EDIT_POLICIES)
def correction_settings() -> Page | AnyResponse:
    """How far back a wish may reach, and whether wishes go on notice; the brigade's to say."""
    if not g.is_brigade:
        abort(404)
    problem = None
    if request.method == "POST":
        try:
            choose_settings(_number("oldest_years", 1, MOST_YEARS), _number("notice_days", 0, MOST_DAYS))
            flash(_("设置已保存。"))
            return redirect(url_for("admin.corrections"))
        except Refusal as refusal:
            problem = refusal
    values = request.form or {"oldest_years": find_oldest_years(), "notice_days": find_notice_days()}
    return show_form(
        "admin/corrections/settings.html", problem, typed=values, years=MOST_YEARS, days=MOST_DAYS
    )


def _number(name: str, least: int, most: int) -> int:
    text = typed(name)
    if not (text.isascii() and text.isdecimal() and least <= int(text[:6]) <= most):
        raise NumberWrong(least=least, most=most)
    return int(text)
