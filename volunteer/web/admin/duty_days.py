"""The monthly duty day: proposed by the rule, decided here by the brigade's admins."""

from datetime import date, tzinfo

from flask import current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.duty_days import DutyDayPolicy, ProposalStatus
from volunteer.domain.months import month_of, read_month, shift_month
from volunteer.domain.refusals import DateMalformed, NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.duty_days import DutyDayView, find_duty_day_rule, find_next_duty_day, list_duty_days
from volunteer.services.duty_days import cancel_duty_day, confirm_duty_day, set_duty_day_policy
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import show_long_day, show_month, today
from volunteer.web.forms import Page, chosen, show_form, typed

MONTHS_BACK, MONTHS_AHEAD = 1, 6
MOST_SHIFT_DAYS = 31


@admin.get("/duty-days")
@needs(Capability.READ_DUTY_DAYS)
def duty_days() -> Page:
    """The months around this one with what is proposed or decided, and why."""
    return _show_months()


def _show_months(problem: Refusal | str | None = None) -> Page:
    this_month = month_of(today())
    months = list_duty_days(shift_month(this_month, -MONTHS_BACK), shift_month(this_month, MONTHS_AHEAD))
    return show_form(
        "admin/duty_days/list.html",
        problem,
        months=months,
        rule=find_duty_day_rule(),
        policies=list(DutyDayPolicy),
        most_shift=MOST_SHIFT_DAYS,
        next_on=find_next_duty_day(today()),
        today=today(),
    )


@admin.route("/duty-days/<month>/confirm", methods=["GET", "POST"])
@needs(Capability.DECIDE_DUTY_DAYS)
def confirm_day(month: str) -> Page | AnyResponse:
    """Confirm the proposed day, or an alternative that was offered (``on``)."""
    _require_brigade()
    view, asked = _find_month(month), request.args.get("on")
    on = _read_date(asked) if asked else None
    day = on or view.proposed_on
    if day is None:
        raise NotFound()
    question = Question(
        _("确认服务日"),
        _("%(month)s的机关工作人员志愿服务日定为%(day)s。确认后会告知志愿者和服务站。",
          month=show_month(view.base_on), day=show_long_day(day)),
        _("确认"),
        url_for("admin.duty_days"),
        is_grave=False,
    )  # fmt: skip
    admin_id = g.admin.id
    return confirm(
        question, lambda: confirm_duty_day(month, admin_id, on, now(), _zone()), _("服务日已确认。")
    )


@admin.route("/duty-days/<month>/move", methods=["GET", "POST"])
@needs(Capability.DECIDE_DUTY_DAYS)
def move_day(month: str) -> Page | AnyResponse:
    """Choose the day freely, within the limits of the rule."""
    _require_brigade()
    view, admin_id, problem = _find_month(month), g.admin.id, None
    if request.method == "POST":
        try:
            confirm_duty_day(month, admin_id, _read_date(typed("on")), now(), _zone())
            flash(_("服务日已改期。"))
            return redirect(url_for("admin.duty_days"))
        except Refusal as refusal:
            problem = refusal
    on = typed("on") or str(view.duty_on or view.proposed_on or view.base_on)
    return show_form("admin/duty_days/move.html", problem, view=view, on=on)


@admin.route("/duty-days/<month>/cancel", methods=["GET", "POST"])
@needs(Capability.DECIDE_DUTY_DAYS)
def cancel_day(month: str) -> Page | AnyResponse:
    """Let the month have no duty day."""
    _require_brigade()
    view, admin_id = _find_month(month), g.admin.id
    question = Question(
        _("取消服务日"),
        _("%(month)s将没有机关工作人员志愿服务日。平时的服务照常计时。", month=show_month(view.base_on)),
        _("取消服务日"),
        url_for("admin.duty_days"),
    )
    return confirm(question, lambda: cancel_duty_day(month, admin_id, now(), _zone()), _("服务日已取消。"))


@admin.post("/duty-days/policy")
@needs(Capability.DECIDE_DUTY_DAYS)
def set_policy() -> Page | AnyResponse:
    """Choose how the 15th moves; months that are not decided follow at once."""
    _require_brigade()
    policy, days = chosen("policy", DutyDayPolicy), typed("max_shift_days")
    if not days.isascii() or not days.isdecimal() or int(days) > MOST_SHIFT_DAYS:
        return _show_months(_("最多移动的天数应为 0 到 %(most)s。", most=MOST_SHIFT_DAYS))
    set_duty_day_policy(policy, int(days), now(), _zone())
    flash(_("设置已保存，未确认的月份已重新推算。"))
    return redirect(url_for("admin.duty_days"))


@admin.get("/duty-days/policy")
@needs(Capability.READ_DUTY_DAYS)
def show_policy() -> AnyResponse:
    """Where the language was changed on a refused form, one comes back here."""
    return redirect(url_for("admin.duty_days"))


def list_undecided_months() -> list[DutyDayView]:
    """This month and the next where they wait for a decision; for the brigade's admins only."""
    if not g.is_brigade:
        return []
    this_month = month_of(today())
    views = list_duty_days(this_month, shift_month(this_month, 1))
    return [view for view in views if not view.is_decided and view.status != ProposalStatus.NONE]


def _require_brigade() -> None:
    if not g.is_brigade:
        raise NotFound()


def _find_month(month: str) -> DutyDayView:
    try:
        month = read_month(month)
    except DateMalformed:
        raise NotFound() from None
    return list_duty_days(month, month)[0]


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise DateMalformed() from None


def _zone() -> tzinfo:
    zone: tzinfo = current_app.config["TIMEZONE"]
    return zone
