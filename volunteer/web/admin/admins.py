"""Admins: appointed, deputised, handed over."""

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.admins import list_endable_roles, list_givable_roles
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability, Role
from volunteer.models.teams import Team
from volunteer.queries.admins import (
    get_admin_in,
    get_appointment_in,
    list_admins,
    list_appointments,
    list_appointments_of,
    list_inactive_admins,
    list_teams_without_admin,
)
from volunteer.queries.own_persons import find_confirmed_by, find_own_person
from volunteer.services.admins import (
    NewAccount,
    add_appointed_admin,
    appoint,
    close_account,
    end_appointment,
    hand_over,
    new_account,
    renew_start_password,
    reopen_account,
)
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import allows, needs
from volunteer.web.admin.posts import read_day, read_post, read_successor, show_post_form
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed


@admin.get("/admins")
@needs(Capability.READ_ADMINS)
def admins() -> str:
    """The teams of this admin with who is appointed there; those that have nobody come first."""
    rows = list_appointments(g.scope, today(), is_brigade=g.is_brigade)
    return render_template(
        "admin/admins/list.html",
        by_team=_by_team(rows),
        count=len({row.Admin.id for row in rows}),
        missing=list_teams_without_admin(g.scope, today()),
        givable=_givable(),
        inactive=list_inactive_admins(g.scope),
        today=today(),
    )


def _givable() -> tuple[Role, ...]:
    """The roles that this admin may give; none where appointing is not this admin's at all."""
    return list_givable_roles(g.roles, is_brigade=g.is_brigade) if allows("appoint_admins") else ()


def _by_team(rows: Sequence[Row[Any]]) -> list[tuple[Team | None, list[Row[Any]]]]:
    """The rows by their team; those of stations that no team looks after under None."""
    found: dict[int, tuple[Team | None, list[Row[Any]]]] = {}
    for row in rows:
        found.setdefault(row.Team.id if row.Team else 0, (row.Team, []))[1].append(row)
    return list(found.values())


@admin.route("/admins/new", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def new_admin() -> Page | AnyResponse:
    """Open an account for somebody and appoint them; the start password is shown this once."""
    problem = None
    if request.method == "POST":
        try:
            account = new_account(typed("username"), typed("name"))
            add_appointed_admin(g.admin.id, account, read_post(), now(), today())
            return _show_start_password(account)
        except Refusal as refusal:
            problem = refusal
    return show_post_form("admin/admins/new.html", problem)


@admin.get("/admins/<int:admin_id>")
@needs(Capability.READ_ADMINS)
def admin_account(admin_id: int) -> str:
    """One admin: the account, and every appointment within the asker's teams, ended ones included."""
    found = get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade)
    return render_template(
        "admin/admins/page.html",
        person=found,
        rows=list_appointments_of(found.id, g.scope, is_brigade=g.is_brigade),
        givable=_givable(),
        endable=list_endable_roles(is_brigade=g.is_brigade),
        today=today(),
        own=find_own_person(found),
        confirmed_by=find_confirmed_by(found),
    )


@admin.route("/admins/<int:admin_id>/appoint", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def appoint_admin(admin_id: int) -> Page | AnyResponse:
    """Appoint somebody who has an account."""
    found = get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade)
    problem = None
    if request.method == "POST":
        try:
            appoint(g.admin.id, found.id, read_post(), now(), today())
            flash(_("已任命。"))
            return redirect(url_for("admin.admin_account", admin_id=admin_id))
        except Refusal as refusal:
            problem = refusal
    return show_post_form("admin/admins/appoint.html", problem, person=found)


@admin.route("/appointments/<int:appointment_id>/end", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def end_post(appointment_id: int) -> Page | AnyResponse:
    """Let an appointment end on a day; today, at once."""
    row = get_appointment_in(g.scope, appointment_id, is_brigade=g.is_brigade)
    back = url_for("admin.admin_account", admin_id=row.Admin.id)
    problem = None
    if request.method == "POST":
        try:
            end_appointment(g.admin.id, appointment_id, read_day("on", today()), now(), today())
            flash(_("任命的结束日期已记下。"))
            return redirect(back)
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/admins/end.html", problem, row=row, on=typed("on") or str(today()), back=back)


@admin.route("/appointments/<int:appointment_id>/hand-over", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def hand_over_post(appointment_id: int) -> Page | AnyResponse:
    """Let somebody else hold the same post from a day on, in one step."""
    row = get_appointment_in(g.scope, appointment_id, is_brigade=g.is_brigade)
    problem = None
    if request.method == "POST":
        try:
            successor = read_successor()
            hand_over(g.admin.id, appointment_id, successor, read_day("on", today()), now(), today())
            if isinstance(successor, NewAccount):
                return _show_start_password(successor)
            flash(_("已交接。"))
            return redirect(url_for("admin.admin_account", admin_id=successor))
        except Refusal as refusal:
            problem = refusal
    others = list_admins(g.scope, is_brigade=g.is_brigade)
    return show_form(
        "admin/admins/hand_over.html",
        problem,
        row=row,
        others=[one for one in others if one.id not in (row.Admin.id, g.admin.id)],
        typed=request.form,
        on=typed("on") or str(today()),
    )


@admin.route("/admins/<int:admin_id>/close", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def close_admin(admin_id: int) -> Page | AnyResponse:
    """Close an account; asked first."""
    person = get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade)
    question = Question(
        _("停用账号"),
        _("%(name)s将立即不能登录，现有的任命今天结束。以后可以恢复账号，再重新任命。", name=person.name),
        _("停用账号"),
        url_for("admin.admin_account", admin_id=admin_id),
    )
    return confirm(question, lambda: close_account(g.admin.id, admin_id, now(), today()), _("账号已停用。"))


@admin.post("/admins/<int:admin_id>/reopen")
@needs(Capability.APPOINT_ADMINS)
def reopen_admin(admin_id: int) -> AnyResponse:
    """Open a closed account again."""
    get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade)
    reopen_account(g.admin.id, admin_id, today())
    flash(_("账号已恢复。请重新任命，否则不能使用。"))
    return redirect(url_for("admin.admin_account", admin_id=admin_id))


@admin.route("/admins/<int:admin_id>/password", methods=["GET", "POST"])
@needs(Capability.APPOINT_ADMINS)
def renew_password(admin_id: int) -> Page | AnyResponse:
    """A new start password for an admin who forgot the own one; asked first, for the old one ends."""
    person = get_admin_in(g.scope, admin_id, is_brigade=g.is_brigade)
    back = url_for("admin.admin_account", admin_id=admin_id)
    consequence = _(
        "%(name)s原来的密码立即失效，已登录的设备会退出，动态码、通行密钥和恢复码也会移除。与志愿者编号的关联也会解除，由本人登录后重新提出，再由别的管理员确认。",
        name=person.name,
    )
    question = Question(_("重设密码"), consequence, _("生成初始密码"), back)
    if request.method == "GET":
        return show_form("admin/confirm.html", None, question=question)
    username, name = person.username, person.name
    try:
        password = renew_start_password(g.admin.id, admin_id, now(), today())
    except Refusal as refusal:
        return show_form("admin/confirm.html", refusal, question=question)
    return _show_start_password(NewAccount(username, name, password))


def _show_start_password(account: NewAccount) -> Page:
    return render_template("admin/admins/start_password.html", account=account), 200
